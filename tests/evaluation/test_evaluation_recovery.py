import json
import warnings

import numpy as np
import pandas as pd
import pytest
from evaluations import rankings_of
from scipy import stats
from sklearn.metrics import average_precision_score, roc_auc_score

from pathlore.evaluation.recovery import recoveries, recovery, recovery_json, recovery_summary, top_share
from pathlore.schemas import Recovery

PATHS = [f"R{i}>T{i}>G{i}" for i in range(40)]
PLANTED = PATHS[:6]


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def simulated(strength, variant, score="importance", scenario="main", n=4, seed=0):
    values = {}
    for simulation in range(n):
        rng = np.random.default_rng([seed, simulation])
        lift = np.where([path in PLANTED for path in PATHS], strength, 0)
        values[(0, simulation)] = dict(zip(PATHS, rng.normal(0, 1, len(PATHS)) + lift, strict=True))
    return rankings_of(values, variant, score, scenario, planted=PLANTED)


@pytest.fixture(scope="module")
def rankings():
    parts = [
        simulated(2.0, "pathlore"), simulated(0.3, "pathlore", "activity_auroc", seed=1),
        simulated(0.2, "prior", seed=2),
        simulated(1.0, "paths_l1", seed=3), simulated(0.0, "pathlore", scenario="weak", seed=4),
        simulated(0.5, "pathlore", "prior", scenario="weak", seed=5),
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_recovery_by_the_library():
    rng = np.random.default_rng(0)
    scores, planted = rng.normal(size=50), rng.random(50) < 0.2
    found = recovery(scores, planted)
    assert found["auroc"] == pytest.approx(roc_auc_score(planted, scores))
    assert found["aupr"] == pytest.approx(average_precision_score(planted, scores))
    assert found["precision_at_10"] == pytest.approx(planted[np.argsort(-scores)[:10]].mean())


def test_paths_that_were_not_listed_are_last_or_dropped():
    scores = np.array([3.0, 2.0, 1.0, np.nan])
    planted = np.array([True, False, False, True])
    assert recovery(scores, planted)["auroc"] == 0.5  # one above both others, one below both
    assert recovery(scores, planted, missing="dropped")["auroc"] == 1


def test_precision_where_scores_are_equal_is_the_expected_one():
    scores, planted = np.zeros(40), np.arange(40) < 6
    assert recovery(scores, planted)["precision_at_10"] == pytest.approx(6 / 40)
    rng = np.random.default_rng(0)
    scores = np.repeat([2.0, 1.0, 0.0], [7, 8, 25])
    planted = rng.random(40) < 0.3
    by_lot = [planted[np.lexsort((rng.random(40), -scores))[:10]].mean() for _ in range(4000)]
    assert recovery(scores, planted)["precision_at_10"] == pytest.approx(np.mean(by_lot), abs=0.01)


def test_no_planted_path_has_no_recovery():
    assert np.isnan(list(recovery(np.arange(4.0), np.zeros(4, bool)).values())).all()


def test_fewer_paths_than_the_top():
    assert recovery(np.arange(4.0), np.array([True, False, False, True]))["precision_at_10"] == 0.5
    assert top_share(np.arange(4.0), 10).tolist() == [1, 1, 1, 1]


def test_summary_over_simulations(rankings):
    summary = recovery_summary(rankings)
    Recovery.validate(summary)
    single = recoveries(rankings)
    own, default = (
        single[(single["variant"] == name) & (single["scenario"] == "main") & (single["score"] == "importance")
               & (single["metric"] == "auroc")].sort_values("seed")["value"].to_numpy()
        for name in ("paths_l1", "pathlore")
    )  # fmt: skip
    row = summary[(summary["variant"] == "paths_l1") & (summary["metric"] == "auroc")].iloc[0]
    assert (row["mean"], row["sd"], row["n"]) == pytest.approx((own.mean(), own.std(ddof=1), 4))
    assert row["difference"] == pytest.approx((own - default).mean())
    assert row["p_t"] == pytest.approx(stats.ttest_rel(own, default).pvalue)
    assert row["low"] < row["mean"] < row["high"]


def test_wins_over_the_prior(rankings):
    summary = recovery_summary(rankings).set_index(["scenario", "variant", "score", "metric"])
    single = recoveries(rankings).set_index(["scenario", "variant", "score", "metric", "seed"])["value"]
    expected = sum(
        single["main", "pathlore", "importance", "auroc", seed] > single["main", "prior", "importance", "auroc", seed]
        for seed in range(4)
    )
    row = summary.loc[("main", "pathlore", "importance", "auroc")]
    assert (row["wins"], row["compared"]) == (expected, 4)
    weak = summary.loc[("weak", "pathlore", "importance", "auroc")]
    expected = sum(
        single["weak", "pathlore", "importance", "auroc", seed] > single["weak", "pathlore", "prior", "auroc", seed]
        for seed in range(4)
    )
    assert (weak["wins"], weak["compared"]) == (expected, 4)


def test_one_cohort_has_no_interval():
    summary = recovery_summary(simulated(1.0, "pathlore", scenario=None))
    Recovery.validate(summary)
    assert set(summary["scenario"]) == {"cohort"}
    assert summary[["low", "high", "p_t"]].isna().all(axis=None)


def test_one_simulation_has_no_spread():
    summary = recovery_summary(simulated(1.0, "pathlore", n=1))
    assert summary[["sd", "low", "p_t"]].isna().all(axis=None)


def test_without_truth_there_is_nothing():
    rankings = rankings_of({(0, 0): {"A>B>C": 1.0}})
    assert recovery_summary(rankings).empty
    assert recovery_json(recovery_summary(rankings))["auroc"] == {"mean": None, "sd": None, "n": 0}


def test_json_has_the_default_on_top(rankings):
    summary = recovery_summary(rankings)
    tree = json.loads(json.dumps(recovery_json(summary), allow_nan=False))
    assert tree["auroc"] == tree["scenarios"]["main"]["pathlore"]["auroc"]
    assert tree["auroc"]["mean"] > tree["scenarios"]["main"]["paths_l1"]["auroc"]["mean"]
    assert tree["auroc"]["n"] == 4
    assert set(tree["scenarios"]["main"]) == {"pathlore", "pathlore/activity_auroc", "prior", "paths_l1"}
    assert tree["wins_over_prior"]["main"] == "4 of 4"


def test_the_share_of_planted_paths_on_the_list(rankings):
    """Two of six are not on it in every other simulation."""
    lost = rankings["path"].isin(PLANTED[:2]) & rankings["seed"].isin([1, 3])
    table = recovery_summary(rankings.assign(value=rankings["value"].mask(lost)))
    Recovery.validate(table)
    assert table["listed"].tolist() == pytest.approx([(6 + 4) / 12] * len(table))
