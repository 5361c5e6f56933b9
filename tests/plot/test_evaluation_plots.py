import warnings

import numpy as np
import pandas as pd
import pytest
from evaluations import predictions_of, rankings_of, runs_of

from pathlore.errors import PathloreError
from pathlore.evaluation.permutation import path_significance
from pathlore.evaluation.recovery import recoveries, recovery_summary
from pathlore.evaluation.stability import stability
from pathlore.evaluation.summary import summarise
from pathlore.plot.evaluation import depth_curves, recovery_dots, significance_bars, stability_dots, variant_dots

AXES = {"text_zero": "text", "layers_2": "depth", "layers_3": "depth", "permuted_labels": "nulls"}
KINDS = {"logistic_regression": "baseline", "majority": "baseline", "permuted_labels": "null"}
STRENGTHS = {"pathlore": 0.8, "text_zero": 0.5, "layers_2": 0.6, "layers_3": 0.4, "logistic_regression": 0.9,
             "majority": 0.0, "permuted_labels": 0.0}  # fmt: skip
PATHS = [f"R{i}>T{i}>G{i}" for i in range(30)]


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module")
def tables():
    cells = predictions_of(STRENGTHS)
    runs = runs_of(cells, AXES, KINDS)
    return summarise(runs, cells, resamples=50), runs


def ranking(variant, score="importance", scenario=None, n=4, lift=2.0, seed=0):
    rng = np.random.default_rng(seed)
    planted = np.arange(30) < 5
    values = {
        (0 if scenario else i, i): dict(zip(PATHS, rng.random(30) + lift * planted, strict=True)) for i in range(n)
    }
    return rankings_of(values, variant, score, scenario, planted=PATHS[:5] if scenario else ())


def marks(axes, size):
    return [line for line in axes.lines if line.get_marker() == "o" and line.get_markersize() == size]


def texts(figure):
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def test_each_method_has_its_mean_interval_and_repeats(tables):
    summary, runs = tables
    figure = variant_dots(summary, runs, "receiver")
    assert texts(figure)[:3] == ["Pathlore (5)", "Logistic regression (5)", "Majority (5)"]
    assert texts(figure)[-1] == "Permuted labels (5)"
    auroc = summary[summary["metric"] == "auroc"].set_index("variant")
    means = [line.get_xdata()[0] for line in marks(figure.axes[0], 6)]
    assert sorted(means) == pytest.approx(sorted(auroc["mean"]))
    single = np.concatenate([line.get_xdata() for line in marks(figure.axes[0], 3)])
    assert sorted(single) == pytest.approx(sorted(runs.loc[runs["metric"] == "auroc", "value"]))
    bars = [tuple(line.get_xdata()) for line in figure.axes[0].lines if line.get_linewidth() == 1.4]
    assert (auroc.loc["pathlore", "low"], auroc.loc["pathlore", "high"]) in bars


def test_a_further_seed_of_one_method_is_not_among_its_repeats(tables):
    summary, runs = tables
    further = runs[(runs["variant"] == "pathlore") & (runs["fold"] == 0)].assign(seed=9)
    figure = variant_dots(summary, pd.concat([runs, further], ignore_index=True), "receiver")
    single = np.concatenate([line.get_xdata() for line in marks(figure.axes[0], 3)])
    assert sorted(single) == pytest.approx(sorted(runs.loc[runs["metric"] == "auroc", "value"]))


def test_a_metric_without_intervals_is_drawn(tables):
    figure = variant_dots(*tables, "receiver", "mcc")
    figure.draw_without_rendering()
    assert not [line for line in figure.axes[0].lines if line.get_linewidth() == 1.4]


def test_nothing_to_draw_gives_a_note(tables):
    summary, runs = tables
    assert "B cells" in variant_dots(summary, runs, "B cells").texts[0].get_text()
    empty = rankings_of({(0, 0): {"A>B>C": 1.0}})
    assert recovery_dots(recovery_summary(empty), recoveries(empty)).texts[0].get_text().startswith("no ranking")
    assert stability_dots(stability(empty), "receiver").texts[0].get_text().endswith("no ranking was repeated")
    assert significance_bars(path_significance(empty), "B cells").texts[0].get_text().endswith("no path was ranked")
    assert "one number of layers" in depth_curves(summary, runs, {"pathlore": 1}).texts[0].get_text()


def test_a_panel_for_each_scenario_and_a_dot_for_each_simulation():
    rankings = pd.concat([
        ranking("pathlore", scenario="main"), ranking("prior", scenario="main", lift=0.3, seed=1),
        ranking("pathlore", "activity_auroc", scenario="main", lift=0.5, seed=2),
        ranking("pathlore", scenario="weak", n=3), ranking("prior", scenario="weak", n=2),
    ])  # fmt: skip
    single = recoveries(rankings)
    figure = recovery_dots(recovery_summary(rankings), single)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Main (n = 4)", "Weak (n = 2 to 3)"]
    assert texts(figure)[0] == "Pathlore"
    assert set(texts(figure)) == {"Pathlore", "Prior", "Pathlore, activity auroc"}
    drawn = np.concatenate([line.get_xdata() for axes in figure.axes for line in marks(axes, 3)])
    assert sorted(drawn) == pytest.approx(sorted(single.loc[single["metric"] == "auroc", "value"]))


def test_other_methods_are_shown_by_the_score_that_they_are_judged_by():
    rankings = pd.concat([
        ranking(name, score, scenario, seed=seed) for scenario in ("main", None)
        for seed, (name, score) in enumerate([("pathlore", "importance"), ("pathlore", "prior"),
            ("per_cell", "importance"), ("per_cell", "attention"), ("per_cell", "prior")])
    ])  # fmt: skip
    shown = {"Pathlore", "Pathlore, prior", "Per cell"}
    assert set(texts(recovery_dots(recovery_summary(rankings), recoveries(rankings)))) == shown
    assert set(texts(stability_dots(stability(rankings), "receiver"))) == shown


def test_a_cohort_that_was_simulated_once_is_named():
    rankings = rankings_of({(i, i): dict.fromkeys(PATHS, 1.0) for i in range(2)}, planted=PATHS[:5])
    figure = recovery_dots(recovery_summary(rankings), recoveries(rankings))
    assert figure.axes[0].get_title(loc="left") == "One cohort (n = 2)"
    assert "one repeat" in [text.get_text() for text in figure.legends[0].get_texts()]


def test_stability_over_donors():
    table = stability(pd.concat([ranking("pathlore"), ranking("per_cell", "attention", lift=0, seed=3)]))
    figure = stability_dots(table, "receiver")
    assert texts(figure) == ["Pathlore", "Per cell, attention"]
    squares = [line for line in figure.axes[0].lines if line.get_marker() == "s"]
    expected = table[table["measure"] == "spearman"]["mean"]
    assert sorted(np.concatenate([line.get_xdata() for line in squares])) == pytest.approx(sorted(expected))


def test_filled_paths_are_those_below_the_false_discovery_rate():
    table = path_significance(pd.concat([ranking("pathlore"), ranking("permuted_labels", n=9, lift=0.0, seed=4)]))
    figure = significance_bars(table, "receiver", n=12)
    filled = next(line for line in marks(figure.axes[0], 6) if line.get_markerfacecolor() != "white")
    assert len(filled.get_xdata()) == (table["q"] < 0.05).sum() == 5
    assert len(texts(figure)) == 12
    assert "R0 → T0 → G0" in texts(figure)
    significance_bars(path_significance(ranking("pathlore")), "receiver").draw_without_rendering()
    with pytest.raises(PathloreError, match="at least 1"):
        significance_bars(table, "receiver", n=0)


def test_spreads_stay_where_an_importance_can_be():
    rng = np.random.default_rng(0)
    parts = [
        rankings_of({(i, i): dict(zip(PATHS, (rng.random(30) < 0.5) * 1.0, strict=True)) for i in range(3)}, name)
        for name in ("pathlore", "permuted_labels")
    ]
    axes = significance_bars(path_significance(pd.concat(parts)), "receiver").axes[0]
    ends = np.concatenate([segment[:, 0] for lines in axes.collections for segment in lines.get_segments()])
    bars = [edge for patch in axes.patches for edge in (patch.get_x(), patch.get_x() + patch.get_width())]
    assert min(ends.min(), *bars) >= 0
    assert max(ends.max(), *bars) <= 1


def test_depth_against_layers(tables):
    figure = depth_curves(*tables, {"pathlore": 1, "layers_2": 2, "layers_3": 3})
    summary = tables[0].query("metric == 'auroc'").set_index("variant")["mean"]
    line = next(line for line in figure.axes[0].lines if line.get_marker() == "o")
    assert list(line.get_xdata()) == [1, 2, 3]
    assert list(line.get_ydata()) == pytest.approx([summary[name] for name in ("pathlore", "layers_2", "layers_3")])
    repeats = [line for line in figure.axes[0].lines if line.get_linewidth() == 0.9]
    assert len(repeats) == 5
