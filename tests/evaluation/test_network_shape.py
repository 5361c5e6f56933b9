"""A ranking that is the shape of the network, and what is left of one when that is taken off."""

import numpy as np
import pandas as pd
import pytest
from evaluations import rankings_of

from pathlore.evaluation.network_shape import path_features, shape_bias, with_corrected
from pathlore.evaluation.nulls import corrected
from pathlore.evaluation.permutation import path_significance
from pathlore.evaluation.recovery import recoveries
from pathlore.evaluation.stability import stability
from pathlore.schemas import EvaluationRankings, EvaluationShape, PathSignificance

N = 24
PATHS = [f"R{i % 6}>S{i % (3 + i % 4)}>F{i}>G{i}" for i in range(N)]
PLANTED = PATHS[2:20:6]
NETWORK = pd.DataFrame(
    [pair for path in PATHS for pair in zip(path.split(">"), path.split(">")[1:], strict=False)],
    columns=["source", "target"],
)


def logistic(x):
    return 1 / (1 + np.exp(-x))


@pytest.fixture
def rankings():
    """Importance is degree and a little of the truth; with deterministic inputs it is degree alone."""
    rng = np.random.default_rng(0)
    shape = 3 * path_features(pd.Series(PATHS), NETWORK)["degree"].to_numpy()
    truth = 2.0 * np.isin(PATHS, PLANTED)

    def fits(lift, n):
        return {(i, i): dict(zip(PATHS, logistic(shape + lift + rng.normal(0, 0.2, N) - 12), strict=True))
                for i in range(n)}  # fmt: skip

    parts = [
        rankings_of(fits(truth, 3), planted=PLANTED),
        rankings_of(fits(0.0, 3), "deterministic", planted=PLANTED),
        rankings_of(fits(truth, 2), scenario="main", planted=PLANTED),
    ]
    return pd.concat(parts, ignore_index=True).astype({"planted": "boolean"})


def test_the_features_of_a_path_by_hand():
    paths = pd.Series(["A>B>C", "A>D", "E>F"])
    network = pd.DataFrame(
        {"source": ["A", "B", "A", "E", "A", "C", "B"], "target": ["B", "C", "D", "F", "X", "A", "A"]}
    )
    table = path_features(paths, network)
    assert table["degree"].tolist() == [(3 + 2 + 2) / 3, (3 + 1) / 2, 1.0]  # X is on no path; A-B counts once
    assert table["overlap"].tolist() == [1 / 3, 1 / 2, 0.0]
    assert table["length"].tolist() == [3, 2, 2]


def test_the_correction_is_that_of_the_formula(rankings):
    found = with_corrected(rankings)
    EvaluationRankings.validate(found)
    pd.testing.assert_frame_equal(found.iloc[: len(rankings)], rankings)
    added = found.iloc[len(rankings) :]
    assert set(added["score"]) == {"corrected"}
    assert set(added["variant"]) == {"pathlore"}
    assert added["scenario"].isna().all(), "a scenario has no fits to deterministic inputs"
    wide = {
        name: rows.pivot_table(index="path", columns="fold", values="value").loc[PATHS]
        for name, rows in rankings[rankings["scenario"].isna()].groupby("variant")
    }
    expected = corrected(wide["pathlore"][1].to_numpy(), wide["deterministic"].to_numpy().T)
    np.testing.assert_allclose(added[added["fold"] == 1].set_index("path").loc[PATHS, "value"], expected)


def test_what_is_planted_comes_out_where_the_shape_is_taken_off(rankings):
    found = recoveries(with_corrected(rankings)).query("scenario == 'cohort' and metric == 'auroc'")
    mean = found[found["variant"] == "pathlore"].groupby("score")["value"].mean()
    assert mean["corrected"] > 0.95 > 0.9 > mean["importance"]
    bias = shape_bias(with_corrected(rankings), NETWORK)
    EvaluationShape.validate(bias)
    degree = bias[bias["feature"] == "degree"].set_index("ranking")
    assert degree.loc["deterministic", "spearman"] > 0.9
    assert degree.loc["importance", "spearman"] > 0.7
    assert abs(degree.loc["corrected", "spearman"]) < 0.4
    assert degree["n"].tolist() == [3, 3, 3]
    length = bias.loc[bias["feature"] == "length", "spearman"]
    assert length.isna().all(), "all paths are of one length"


def test_the_score_reaches_significance_and_stability(rankings):
    table = with_corrected(rankings)
    significance = path_significance(table)
    PathSignificance.validate(significance)
    added = table[table["score"] == "corrected"].groupby("path")["value"].mean()
    np.testing.assert_allclose(significance["corrected"], added[significance["path"]])
    assert "corrected" in set(stability(table)["score"])


def test_a_path_that_the_null_fits_seldom_list_has_no_value(rankings):
    """Lists differ where genes pass the filter in one fold alone."""
    seldom = (rankings["variant"] == "deterministic") & (rankings["path"] == PATHS[0]) & (rankings["fold"] > 0)
    once = (rankings["variant"] == "deterministic") & (rankings["path"] == PATHS[1]) & (rankings["fold"] == 0)
    added = with_corrected(rankings[~seldom & ~once]).query("score == 'corrected'")
    missing = added.groupby("path")["value"].agg(lambda values: values.isna().all())
    assert list(missing.index[missing]) == [PATHS[0]]


def test_one_null_fit_corrects_nothing(rankings):
    few = rankings[(rankings["variant"] != "deterministic") | (rankings["fold"] == 0)]
    assert "corrected" not in set(with_corrected(few)["score"])
    table = path_significance(with_corrected(few))
    assert table["corrected"].isna().all()
    assert set(shape_bias(with_corrected(few), NETWORK)["ranking"]) == {"deterministic", "importance"}
