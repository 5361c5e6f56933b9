import json

import numpy as np
import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.plot.interactive import interactive_importance, interactive_metrics
from pathlore.plot.style import BLUE, ORANGE

CLASSES = ("healthy", "cirrhotic")


@pytest.fixture
def figure(importance):
    return interactive_importance({"T cells": importance, "B cells": importance.iloc[3:]}, 6, CLASSES)


def shown(figure, visible=None):
    flags = visible or [trace.visible for trace in figure.data]
    return [trace for trace, flag in zip(figure.data, flags, strict=True) if flag]


def bars(traces):
    return sorted((x for trace in traces if trace.type == "bar" for x in trace.x), reverse=True)


def test_the_first_population_is_shown(figure, importance):
    assert bars(shown(figure)) == pytest.approx(list(importance["importance"][:6]))
    assert figure.layout.title.text == f"T cells: the top 6 of {len(importance)} paths"
    assert list(figure.layout.yaxis.categoryarray) == [p.replace(">", " → ") for p in importance["path"][:6]]


def test_the_drop_down_leads_to_the_others(figure, importance):
    buttons = figure.layout.updatemenus[0].buttons
    assert [button.label for button in buttons] == ["T cells", "B cells"]
    change, layout = buttons[1].args
    assert bars(shown(figure, change["visible"])) == pytest.approx(list(importance["importance"][3:9]))
    assert layout["title.text"].startswith("B cells")
    assert layout["yaxis.categoryarray"][0] == importance["path"][3].replace(">", " → ")


def test_colours_are_the_classes(figure):
    colours = {trace.name: trace.marker.color for trace in figure.data if trace.type == "bar"}
    assert colours == {"more active in healthy": BLUE, "more active in cirrhotic": ORANGE}


def test_hover_text_holds_the_evidence(figure, importance):
    top = importance.iloc[0]
    text = next(
        hover for trace in shown(figure) if trace.type == "bar" for hover in trace.hovertext if "rank 1 by" in hover
    )
    assert f"{top['prior_rank']:.0f} by the prior" in text
    assert top["direction"] in text
    assert top["log_fold_change"].split("; ")[0] in text
    assert "OmniPath" in text
    assert "A &lt;path&gt; of" in text
    assert max(map(len, text.split("<br>"))) < 110


def test_one_population_has_no_menu_and_missing_values_are_said(importance):
    importance[["prior", "prior_rank", "activity_auroc"]] = np.nan
    figure = interactive_importance({"T cells": importance}, 1, CLASSES)
    assert not figure.layout.updatemenus
    assert "not known" in figure.data[0].hovertext[0]
    assert len(figure.data[-1].x) == 0


def test_a_population_without_paths(importance):
    figure = interactive_importance({"T cells": importance.head(0), "B cells": importance}, 3, CLASSES)
    assert bars(shown(figure)) == []


@pytest.mark.parametrize(("populations", "n"), [(True, 0), (False, 3)])
def test_nothing_asked_for_is_an_error(importance, populations, n):
    with pytest.raises(PathloreError, match="bar_paths"):
        interactive_importance({"T cells": importance} if populations else {}, n, CLASSES)


def test_figures_are_json_and_repeatable(figure, importance):
    json.loads(figure.to_json())
    again = interactive_importance({"T cells": importance, "B cells": importance.iloc[3:]}, 6, CLASSES)
    assert again.to_json() == figure.to_json()


@pytest.fixture
def metrics():
    rows = [
        ("T cells", level, "test", method, metric, value, n)
        for level, n in (("cell", 900), ("donor", 1))
        for method, value in (("majority", 0.5), ("pathlore", 0.9))
        for metric in ("accuracy", "auroc")
    ]
    return pd.DataFrame(rows, columns=["population", "level", "split", "method", "metric", "value", "n"])


def test_metrics_choose_level_and_metric(metrics):
    figure = interactive_metrics(metrics)
    assert [trace.name for trace in shown(figure)] == ["Pathlore", "Majority"]
    labels = [button.label for button in figure.layout.updatemenus[0].buttons]
    assert labels == ["AUROC, cells", "Accuracy, cells", "AUROC, donors", "Accuracy, donors"]
    last = shown(figure, figure.layout.updatemenus[0].buttons[-1].args[0]["visible"])
    assert [list(trace.x) for trace in last] == [[0.9], [0.5]]
    assert "n = 1 donor" in last[0].hovertext[0]


def test_metrics_without_rows_or_values(metrics):
    assert "no metric" in interactive_metrics(metrics, split="train").layout.title.text
    figure = interactive_metrics(metrics.assign(value=np.nan))
    assert all(len(trace.x) == 0 for trace in figure.data)
    json.loads(figure.to_json())
