"""A figure that stands in two places is one figure: a run's tables, its summary, its page and its drawings agree."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from pathlore.explain.diagnostics import diagnostics_table
from pathlore.explain.donor_tests import said
from pathlore.explain.summary import summary
from pathlore.plot.interactive import interactive_importance, interactive_metrics
from pathlore.plot.style import class_colours, in_the_dark, method_colours
from pathlore.report import report_page


class Data(HTMLParser):
    """The tables of a page, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tables, self.inside, self.text = {}, "", ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.inside = dict(attrs).get("id", "") if tag == "script" else ("style" if tag == "style" else "")

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside.startswith("data-"):
            self.tables[self.inside[5:]] = json.loads(data)["values"]
        elif not self.inside:
            self.text += data


@pytest.fixture(scope="module")
def places(contents):
    """The page, the summary and the tables of one run."""
    names = [one.name for one in contents.populations]
    importances = {one.name: one.path_importance for one in contents.populations}
    tests = {one.name: one.donor_tests for one in contents.populations}
    metrics = contents.metrics.assign(value=contents.metrics["value"] - 0.00049)  # .xxx51: rounding twice would show
    more = metrics[metrics["metric"] == "mcc"]
    metrics = pd.concat(
        [metrics, *(more.assign(metric=name) for name in ("accuracy", "f1_healthy"))], ignore_index=True
    )
    page = Data(report_page(contents.__class__(**vars(contents) | {"metrics": metrics})))
    text = summary(metrics, importances, diagnostics_table({}), 5, donor_tests=tests)
    return page, text, metrics, importances, tests, names


def test_figures_of_page_and_table_are_written_alike(places):
    page, text, metrics, *_ = places
    shown = page.tables["run-metrics"]["value"]
    ordered = metrics.sort_values("split", key=lambda split: split != "test", kind="stable")
    assert [f"{value:.3f}" for value in shown] == [f"{value:.3f}" for value in ordered["value"]]
    test = metrics[(metrics["split"] == "test") & (metrics["method"] == "pathlore")]
    for population, level in test[["population", "level"]].drop_duplicates().itertuples(index=False):
        own = test[(test["population"] == population) & (test["level"] == level)].set_index("metric")["value"]
        part = text[text.index(f"{population}: test set") :]
        part = part[part.index(f"{level}s\n") :]
        header, line = (next(row.split() for row in part.splitlines() if key in row) for key in ("auroc", "pathlore"))
        assert dict(zip(header, line[1:], strict=True)) == {name: f"{own[name]:.3f}" for name in header}


def test_paths_of_page_summary_and_figure_are_those_of_the_table(places, contents):
    page, text, _, importances, _, names = places
    figure, text = interactive_importance(importances, 5, contents.classes), " ".join(text.split())  # lines are wrapped
    for number, name in enumerate(names):
        table, shown = importances[name], page.tables[f"p{number}-path_importance"]
        for column in ("importance", "q", "p", "prior", "activity_auroc", "rank_mean"):
            assert [f"{value:.3f}" for value in shown[column]] == [f"{value:.3f}" for value in table[column]], column
        for row in table.head(5).itertuples():
            part = text[text.index(f" {row.rank}. {row.route}") :][:600]
            assert f"importance {row.importance:.3f}, more active in {row.direction};" in part
            assert f"alone: AUROC {row.activity_auroc:.3f}; rank by fold change {row.prior_rank}" in part
            assert f"over donors p {_short(row.p)}, q {_short(row.q)}; in the top 10 in {row.in_top_10} " in part
            assert row.gene_effects in part
    told = "".join(hover for trace in figure.data for hover in trace.hovertext or ())
    assert all(f"({value:.3f})" in told for table in importances.values() for value in table["importance"].head(5))


def _short(value):
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def test_tests_over_donors_say_what_the_ranking_says(places):
    page, text, _, importances, tests, names = places
    for number, name in enumerate(names):
        shown = page.tables[f"p{number}-donor_tests"]
        assert shown["q"] == page.tables[f"p{number}-path_importance"]["q"]
        sentence = said(tests[name])
        assert f"{(importances[name]['q'] < 0.05).sum()} of {len(importances[name])} paths with q < 0.05" in sentence
        assert sentence[1:] in page.text
        assert sentence in " ".join(text.split())


def test_the_page_speaks_of_one_kind_of_p(places):
    page, *_ = places
    assert "this page gives none" not in page.text
    assert "permuted labels" not in page.text


def test_classes_have_one_colour_on_page_and_in_figures(contents):
    page = report_page(contents)
    names = [f"class {number}" for number in range(7)]
    bright, dark = page.split("prefers-color-scheme: dark) { :root { --c0", 1)
    css = dict(re.findall(r"--(c\d): (#\w+);", bright))
    assert list(css.values()) == list(class_colours(names).values())
    own = dict(re.findall(r"--(c\d): (#\w+);", f"--c0{dark}"))
    assert own == {name: in_the_dark(colour) for name, colour in css.items()}, "what the filter makes of the plots"
    assert len(re.findall(r"--c\d: #", page)) == 14
    for size in (2, 3):
        order = ["sick", "able", "new"][:size]
        table = contents.populations[0].path_importance.head(6).assign(direction=np.resize(order, 6))
        drawn = interactive_importance({"T": table}, 6, order)
        colours = {trace.name: trace.marker.color for trace in drawn.data if trace.type == "bar"}
        assert colours == {f"more active in {name}": css[f"c{i}"] for i, name in enumerate(order)}
    methods = {trace.marker.color for trace in interactive_metrics(contents.metrics).data}
    assert methods == set(method_colours(["pathlore", "majority", "logistic_regression"]).values())
    assert not methods & set(css.values())
