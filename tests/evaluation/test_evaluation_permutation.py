import warnings

import numpy as np
import pandas as pd
import pytest
from evaluations import rankings_of
from scipy import stats

from pathlore.evaluation.permutation import path_significance
from pathlore.schemas import PathSignificance

PATHS = [f"p{i:02}" for i in range(25)]


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def fits(n, lift, seed):
    rng = np.random.default_rng(seed)
    return {(0, i): dict(zip(PATHS, rng.random(len(PATHS)) + lift, strict=True)) for i in range(n)}


@pytest.fixture(scope="module")
def observed():
    return fits(5, np.where(np.arange(25) < 3, 1.5, 0.0), seed=0)


def table_of(observed, permuted, **options):
    alone = {key: dict.fromkeys(PATHS, 0.6) for key in observed}
    parts = [rankings_of(observed), rankings_of(alone, score="activity_auroc")]
    parts += [rankings_of(permuted, "permuted_labels")] if permuted else []
    return path_significance(pd.concat(parts, ignore_index=True), **options)


def test_few_permutations_are_pooled(observed):
    permuted = fits(6, 0.0, seed=1)
    table = table_of(observed, permuted)
    PathSignificance.validate(table)
    everything = np.array([value for scores in permuted.values() for value in scores.values()])
    for row in table.itertuples():
        mean = np.mean([scores[row.path] for scores in observed.values()])
        assert row.importance == pytest.approx(mean)
        assert row.p == pytest.approx((1 + sum(value >= mean for value in everything)) / (1 + 150))
        assert (row.null, row.permutations, row.activity_auroc) == ("pooled", 6, pytest.approx(0.6))
    assert table["q"].to_numpy() == pytest.approx(stats.false_discovery_control(table["p"]))
    assert set(table["path"][:3]) == set(PATHS[:3])
    assert (table["q"][:3] < 0.06).all()
    assert (table["q"][3:] > 0.2).all()


def test_what_is_tested_is_the_strength(observed):
    """Importance is as high under permuted labels; its strength is not."""
    permuted = fits(6, np.where(np.arange(25) < 3, 1.5, 0.0), seed=1)
    tables = [rankings_of(observed), rankings_of(permuted, "permuted_labels")]
    alike = path_significance(pd.concat(tables, ignore_index=True)).set_index("path")
    strong = {key: {path: 10 * value for path, value in scores.items()} for key, scores in observed.items()}
    tables += [rankings_of(strong, score="strength"), rankings_of(permuted, "permuted_labels", score="strength")]
    table = path_significance(pd.concat(tables, ignore_index=True)).set_index("path")
    assert (alike.loc[PATHS[:3], "p"] > 0.02).all()
    assert table.loc[PATHS[:3], "p"].tolist() == pytest.approx([1 / 151] * 3)
    same = ["importance", "null_mean", "null_sd", "rank", "selection_frequency"]
    pd.testing.assert_frame_equal(table[same], alike.loc[table.index, same])


def test_many_permutations_give_each_path_its_own_null(observed):
    permuted = fits(40, 0.0, seed=1)
    table = table_of(observed, permuted, own_null=40)
    for row in table.itertuples():
        own = [scores[row.path] for scores in permuted.values()]
        assert row.p == pytest.approx((1 + sum(value >= row.importance for value in own)) / 41)
        assert row.null == "path"
        assert row.null_mean == pytest.approx(np.mean(own))


def test_ranks_and_frequency_of_selection(observed):
    table = table_of(observed, None).set_index("path")
    ranks = np.array([stats.rankdata([-scores[path] for path in PATHS]) for scores in observed.values()])
    assert table.loc[PATHS, "rank"].to_numpy() == pytest.approx(ranks.mean(axis=0))
    assert table.loc[PATHS, "rank_sd"].to_numpy() == pytest.approx(ranks.std(axis=0, ddof=1))
    assert table.loc[PATHS, "selection_frequency"].to_numpy() == pytest.approx((ranks <= 10).mean(axis=0))


def test_without_permutations_there_is_no_p(observed):
    table = table_of(observed, None)
    PathSignificance.validate(table)
    assert table[["p", "q", "null_mean"]].isna().all(axis=None)
    assert (table["permutations"] == 0).all()


def test_paths_that_some_repeats_lack(observed):
    less = {key: dict(scores) for key, scores in observed.items()}
    del less[0, 0]["p00"]
    permuted = fits(3, 0.0, seed=2)
    for scores in permuted.values():
        del scores["p01"]
    table = table_of(less, permuted).set_index("path")
    PathSignificance.validate(table.reset_index())
    assert tuple(table.loc["p00", ["repeats", "all_repeats"]]) == (4, 5)
    assert table.loc["p00", "selection_frequency"] == pytest.approx(4 / 5), "the repeat that does not list it counts"
    assert table.loc["p01", "permutations"] == 0
    assert np.isfinite(table.loc["p01", "p"])


def test_one_repeat_has_no_spread(observed):
    table = table_of({(0, 0): observed[0, 0]}, None)
    assert table[["importance_sd", "rank_sd"]].isna().all(axis=None)


def test_nothing_fitted_gives_an_empty_table():
    assert path_significance(rankings_of({(0, 0): {"A>B>C": 1.0}}, "prior")).empty


def runs_of(*areas, variant="permuted_labels"):
    rows = [("all", variant, None, "test", "cell", "auroc", area) for area in areas]
    rows += [
        ("all", "pathlore", None, "test", "cell", "auroc", 0.97),
        ("all", variant, "main", "test", "cell", "auroc", 1),
    ]
    return pd.DataFrame(rows, columns=["population", "variant", "scenario", "split", "level", "metric", "value"])


def test_permuted_labels_that_leave_the_signal_give_no_p(observed, caplog):
    rankings = [rankings_of(observed), rankings_of(fits(6, 0.0, seed=1), "permuted_labels")]
    rankings = pd.concat(rankings, ignore_index=True)
    population = rankings["population"].iloc[0]
    left, gone = (runs_of(*areas).assign(population=population) for areas in ((0.04, 0.99, 0.7), (0.45, 0.61, 0.38)))
    table = path_significance(rankings, left)
    PathSignificance.validate(table)
    assert table[["p", "q"]].isna().all(axis=None)
    (note,) = set(table["note"])
    assert "AUROC 0.04 to 0.99, 3 fits; 0.5 expected" in note
    assert note in caplog.text
    assert table["null_mean"].notna().all(), "the fits themselves are shown"
    pd.testing.assert_frame_equal(path_significance(rankings, gone), path_significance(rankings))
