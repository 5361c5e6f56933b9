from itertools import product

import numpy as np
import pandas as pd
import pytest

from pathlore.plot.metrics import metrics_dots

VALUES = {"pathlore": 0.9, "logistic_regression": 0.85, "majority": 0.5}


@pytest.fixture
def metrics():
    rows = [
        (population, level, split, method, metric, value - 0.1 * (metric == "mcc"), 4 if level == "donor" else 1200)
        for population, level, split, (method, value), metric in product(
            ["T cells", "B cells"], ["cell", "donor"], ["validation", "test"], VALUES.items(),
            ["auroc", "accuracy", "balanced_accuracy", "mcc"],
        )
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["population", "level", "split", "method", "metric", "value", "n"])


def dots(axes):
    return {line.get_label(): line.get_xdata() for line in axes.lines if line.get_label() in VALUES}


def test_a_panel_for_each_level_and_metric(metrics):
    figure = metrics_dots(metrics)
    assert len(figure.axes) == 6
    assert [axes.get_title(loc="left") for axes in figure.axes[:3]] == ["AUROC", "Balanced accuracy", "MCC"]


def test_dots_hold_the_values(metrics):
    assert {name: list(x) for name, x in dots(metrics_dots(metrics).axes[0]).items()} == {
        name: [value, value] for name, value in VALUES.items()
    }


def test_labels_say_n(metrics):
    figure = metrics_dots(metrics)
    labels = [[label.get_text() for label in axes.get_yticklabels()] for axes in (figure.axes[0], figure.axes[3])]
    assert labels == [
        ["B cells (n = 1,200 cells)", "T cells (n = 1,200 cells)"],
        ["B cells (n = 4 donors)", "T cells (n = 4 donors)"],
    ]


def test_undefined_values_have_no_dot(metrics):
    metrics.loc[metrics["method"] == "pathlore", "value"] = np.nan
    figure = metrics_dots(metrics)
    figure.draw_without_rendering()
    assert len(dots(figure.axes[0])["pathlore"]) == 0


def test_negative_values_are_inside(metrics):
    metrics.loc[metrics["metric"] == "mcc", "value"] = -0.4
    assert metrics_dots(metrics).axes[2].get_xlim()[0] < -0.4


def test_one_level_one_population_another_method(metrics):
    one = metrics[(metrics["level"] == "cell") & (metrics["population"] == "T cells")]
    more = pd.concat([one, one[one["method"] == "pathlore"].assign(method="text_only")])
    figure = metrics_dots(more, names=["accuracy"])
    assert len(figure.axes) == 1
    assert "text_only" in {line.get_label() for line in figure.axes[0].lines}
    assert figure.get_suptitle() == "Held-out cells (test split)"


def test_nothing_to_draw_gives_a_note(metrics):
    assert "train" in metrics_dots(metrics, split="train").texts[0].get_text()
