import time
import warnings

import numpy as np
import pandas as pd
import pytest
from evaluations import predictions_of, runs_of
from scipy import stats

from pathlore.errors import PathloreError
from pathlore.evaluation.summary import adjusted, difference_test, summarise
from pathlore.schemas import EvaluationSummary

AXES = {"text_zero": "text", "text_random": "text", "depth_2": "depth"}


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module")
def predictions():
    return predictions_of({"pathlore": 0.8, "text_zero": 0.78, "text_random": 0.3, "depth_2": 0.8})


@pytest.fixture(scope="module")
def runs(predictions):
    return runs_of(predictions, AXES)


@pytest.fixture(scope="module")
def summary(runs, predictions):
    return summarise(runs, predictions, resamples=300)


def row(summary, variant, metric="auroc", level="cell"):
    found = summary[(summary["variant"] == variant) & (summary["metric"] == metric) & (summary["level"] == level)]
    assert len(found) == 1
    return found.iloc[0]


def values(runs, variant, metric="auroc"):
    own = runs[(runs["variant"] == variant) & (runs["metric"] == metric)]
    return own.sort_values(["fold", "seed"])["value"].to_numpy()


def test_the_schema_holds(summary):
    EvaluationSummary.validate(summary)


def test_means_and_paired_differences(summary, runs):
    own, default = values(runs, "text_random"), values(runs, "pathlore")
    found = row(summary, "text_random")
    assert found["mean"] == pytest.approx(own.mean())
    assert found["sd"] == pytest.approx(own.std(ddof=1))
    assert (found["n"], found["pairs"], found["units"]) == (5, 5, 40)
    assert found["difference"] == pytest.approx((own - default).mean())
    assert found["p_t"] == pytest.approx(stats.ttest_rel(own, default).pvalue)
    assert found["p_wilcoxon"] == pytest.approx(stats.wilcoxon(own, default).pvalue)


def test_the_reference_is_compared_with_nobody(summary):
    found = row(summary, "pathlore")
    assert found["pairs"] == 0
    assert found[["difference", "difference_low", "p_t", "p_adjusted"]].isna().all()
    assert found["low"] < found["mean"] < found["high"]


def test_p_is_adjusted_within_the_axis(summary):
    pair = [row(summary, name)["p_t"] for name in ("text_zero", "text_random")]
    assert min(pair) * 2 == pytest.approx(min(row(summary, n)["p_adjusted"] for n in ("text_zero", "text_random")))
    assert row(summary, "depth_2")["p_adjusted"] == pytest.approx(row(summary, "depth_2")["p_t"])


def test_intervals_over_donors(summary):
    worse = row(summary, "text_random")
    assert worse["difference_low"] < worse["difference"] < worse["difference_high"] < 0
    assert worse["low"] < worse["mean"] < worse["high"]
    assert worse["interval"] == "300 draws of 10 donors"
    alike = row(summary, "text_zero")
    assert alike["difference_high"] - alike["difference_low"] < (alike["high"] - alike["low"]) / 2


def test_intervals_are_those_of_cells_drawn_one_by_one(predictions, summary):
    """Donors drawn by hand with another generator: the ends agree but for the lot."""
    rng = np.random.default_rng(5)
    cells = predictions[predictions["variant"] == "text_random"]
    by_donor = {name: (rows["label"].iloc[0], rows["fold"].iloc[0], rows["probability_of_case"].to_numpy())
                for name, rows in cells.groupby("donor")}  # fmt: skip
    classes = [[name for name, (label, _, _) in by_donor.items() if label == c] for c in (0, 1)]
    drawn = []
    for _ in range(400):
        above = below = 0.0
        controls, cases = (rng.choice(names, len(names)) for names in classes)
        for case in cases:
            for control in controls:
                _, fold, scores = by_donor[case]
                _, other_fold, others = by_donor[control]
                if fold == other_fold:
                    above += (scores[:, None] > others[None]).mean()
                    below += 1
        drawn.append(above / below if below else np.nan)
    found = row(summary, "text_random")
    assert np.nanquantile(drawn, [0.025, 0.975]) == pytest.approx([found["low"], found["high"]], abs=0.04)


def test_other_metrics_have_no_interval(summary):
    found = row(summary, "text_random", "mcc")
    assert np.isnan(found["low"])
    assert found["interval"] == "not made for this figure"


def test_one_repeat_has_no_spread_and_no_p():
    cells = predictions_of({"pathlore": 0.5, "text_zero": 0.2}, folds=1)
    found = row(summarise(runs_of(cells, AXES), cells, resamples=50), "text_zero")
    assert found[["sd", "difference_sd", "p_t", "p_wilcoxon", "p_adjusted"]].isna().all()
    assert np.isfinite(found[["difference", "low", "difference_low"]].to_numpy(float)).all()


def test_few_donors_are_said():
    cells = predictions_of({"pathlore": 0.5, "text_zero": 0.2}, n_donors=2, paired=True)
    found = row(summarise(runs_of(cells, AXES), cells, resamples=50), "text_zero")
    assert found[["low", "difference_low"]].isna().all()
    assert found["interval"] == "2 donors in a class, 3 needed"


def test_repeats_that_the_reference_lacks_are_left_out(runs, predictions):
    some = runs[~((runs["variant"] == "pathlore") & (runs["fold"] == 2))]
    cells = predictions[~((predictions["variant"] == "pathlore") & (predictions["fold"] == 2))]
    found = row(summarise(some, cells, resamples=50), "text_random")
    kept = [0, 1, 3, 4]
    assert found["pairs"] == 4
    assert found["n"] == 5
    expected = (values(runs, "text_random") - values(runs, "pathlore"))[kept].mean()
    assert found["difference"] == pytest.approx(expected)


def test_further_seeds_of_one_method_are_left_out(runs, predictions, summary):
    more = runs[(runs["variant"] == "pathlore") & (runs["fold"] == 0)].assign(seed=9, value=0.01)
    cells = predictions[(predictions["variant"] == "pathlore") & (predictions["fold"] == 0)].assign(seed=9)
    null = runs[runs["variant"] == "text_random"].assign(variant="permuted_labels", kind="null", axis="nulls", seed=50)
    found = summarise(pd.concat([runs, more, null]), pd.concat([predictions, cells]), resamples=300)
    pd.testing.assert_series_equal(row(found, "pathlore"), row(summary, "pathlore"), check_names=False)
    assert row(found, "permuted_labels")[["n", "pairs"]].tolist() == [5, 0]


def test_simulated_scenarios_have_intervals_over_simulations(runs, predictions):
    simulated = runs.assign(scenario="main", seed=runs["fold"], fold=0)
    table = summarise(pd.concat([runs, simulated]), predictions, resamples=50)
    EvaluationSummary.validate(table)
    found = row(table[table["scenario"] == "main"], "text_random")
    differences = values(runs, "text_random") - values(runs, "pathlore")
    expected = stats.t.interval(0.95, 4, differences.mean(), stats.sem(differences))
    assert found[["difference_low", "difference_high"]].tolist() == pytest.approx(expected)
    assert found["interval"] == "Student's t over 5 simulations"


def test_a_figure_twice_is_an_error(runs, predictions):
    with pytest.raises(PathloreError, match=r"two values .*evaluation\.variants"):
        summarise(pd.concat([runs, runs.head(1)]), predictions)


def test_no_rows_give_an_empty_table(runs, predictions):
    assert summarise(runs.head(0), predictions.head(0)).empty


@pytest.mark.parametrize("adjustment", ["holm", "bh"])
def test_adjustment_by_the_definition(adjustment):
    p = pd.Series([0.03, 0.001, np.nan, 0.02, 0.5], index=list("abcde"))
    order = ["b", "d", "a", "e"]
    if adjustment == "holm":
        raw = [p[name] * (4 - i) for i, name in enumerate(order)]
        expected = [min(1, max(raw[: i + 1])) for i in range(4)]
    else:
        raw = [p[name] * 4 / (i + 1) for i, name in enumerate(order)]
        expected = [min(raw[i:]) for i in range(4)]
    found = adjusted(p, adjustment)
    assert found[order].tolist() == pytest.approx(expected)
    assert np.isnan(found["c"])


def test_equal_differences():
    assert difference_test(np.zeros(5))[3:] == (1.0, 1.0)
    assert np.isnan(difference_test(np.full(3, 0.1))[3])


def test_sixty_variants_in_seconds():
    names = {"pathlore": 0.5} | {f"v{i}": 0.5 for i in range(59)}
    cells = predictions_of(names, n_donors=20, n_cells=20)
    runs = runs_of(cells[cells["variant"] == "pathlore"])
    runs = pd.concat([runs.assign(variant=name) for name in names])
    start = time.perf_counter()
    summarise(runs, cells, resamples=1000)
    assert time.perf_counter() - start < 20
