import warnings
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from evaluations import rankings_of
from scipy import stats

from pathlore.evaluation.stability import agreement, stability
from pathlore.schemas import EvaluationStability

PATHS = [f"p{i:02}" for i in range(30)]
REPEATS = [(0, 0), (0, 1), (0, 2), (1, 1), (2, 2)]


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module")
def values():
    rng = np.random.default_rng(0)
    truth = rng.gamma(2.0, size=len(PATHS))
    return {key: dict(zip(PATHS, truth + rng.normal(0, 0.3, len(PATHS)), strict=True)) for key in REPEATS}


def measure(table, over, name):
    found = table[(table["over"] == over) & (table["measure"] == name)]
    assert len(found) == 1
    return found.iloc[0]


def slow(values, pairs):
    rows = []
    for left, right in pairs:
        one, other = (np.array([values[key][path] for path in PATHS]) for key in (left, right))
        tops = [{PATHS[i] for i in np.argsort(-scores)[:10]} for scores in (one, other)]
        common = len(tops[0] & tops[1])
        rows.append((stats.spearmanr(one, other).statistic, common / len(tops[0] | tops[1]), common / 10))
    return np.array(rows)


def test_pairs_of_seeds_one_by_one(values):
    table = stability(rankings_of(values))
    EvaluationStability.validate(table)
    pairs = [(left, right) for left, right in combinations(REPEATS, 2) if left[0] == right[0]]
    expected = slow(values, pairs)
    for place, name in enumerate(["spearman", "jaccard_top_10", "overlap_top_10"]):
        row = measure(table, "seeds", name)
        assert row["mean"] == pytest.approx(expected[:, place].mean())
        assert row["sd"] == pytest.approx(expected[:, place].std(ddof=1))
        assert (row["pairs"], row["repeats"], row["paths"]) == (3, 3, 30)


def test_pairs_of_folds_are_averaged_over_their_seeds(values):
    table = stability(rankings_of(values))
    by_folds = {}
    for left, right in combinations(REPEATS, 2):
        if left[0] != right[0]:
            by_folds.setdefault((left[0], right[0]), []).append(slow(values, [(left, right)])[0])
    expected = np.array([np.mean(rows, axis=0) for rows in by_folds.values()])
    row = measure(table, "donors", "spearman")
    assert row["mean"] == pytest.approx(expected[:, 0].mean())
    assert (row["pairs"], row["repeats"]) == (3, 5)


def test_variation_of_each_path(values):
    table = stability(rankings_of(values))
    seeds = [[values[0, seed][path] for seed in range(3)] for path in PATHS]
    expected = np.mean([np.std(own, ddof=1) / np.mean(own) for own in seeds])
    assert measure(table, "seeds", "coefficient_of_variation")["mean"] == pytest.approx(expected)
    folds = [[np.mean(own), values[1, 1][path], values[2, 2][path]] for own, path in zip(seeds, PATHS, strict=True)]
    expected = np.mean([np.std(own, ddof=1) / np.mean(own) for own in folds])
    assert measure(table, "donors", "coefficient_of_variation")["mean"] == pytest.approx(expected)


def test_paths_that_one_lacks_are_dropped_and_counted(values):
    less = {key: dict(scores) for key, scores in values.items() if key in [(0, 0), (0, 1)]}
    for path in PATHS[:4]:
        del less[0, 0][path]
    del less[0, 1][PATHS[5]]
    table = stability(rankings_of(less))
    row = measure(table, "seeds", "spearman")
    assert (row["paths"], row["dropped"], row["pairs"]) == (25, 5, 1)
    assert np.isnan(row["sd"])
    common = [path for path in PATHS[4:] if path != PATHS[5]]
    expected = stats.spearmanr(*([less[key][path] for path in common] for key in less)).statistic
    assert row["mean"] == pytest.approx(expected)


def test_scores_that_are_all_alike_share_no_more_than_chance():
    spearman, jaccard, overlap = agreement(np.ones(40), np.ones(40), 10)
    assert np.isnan(spearman)
    assert overlap == pytest.approx(10 / 40)
    assert jaccard == pytest.approx(2.5 / 17.5)
    rng = np.random.default_rng(1)
    one, other = rng.integers(0, 4, 40).astype(float), rng.integers(0, 4, 40).astype(float)
    by_lot = []
    for _ in range(3000):
        tops = [set(np.lexsort((rng.random(40), -scores))[:10]) for scores in (one, other)]
        by_lot.append(len(tops[0] & tops[1]) / 10)
    assert agreement(one, other, 10)[2] == pytest.approx(np.mean(by_lot), abs=0.01)


def test_one_repeat_and_simulated_scenarios_have_no_stability(values):
    assert stability(rankings_of({(0, 0): values[0, 0]})).empty
    assert stability(rankings_of(values, scenario="main")).empty


def test_each_method_and_population_by_itself(values):
    null = rankings_of(values, "permuted_labels")
    both = pd.concat([rankings_of(values), null, rankings_of(values, "per_cell", "attention", population="sender")])
    table = stability(both)
    assert len(table) == 2 * 2 * 4
    assert set(zip(table["population"], table["variant"], strict=True)) == {
        ("receiver", "pathlore"), ("sender", "per_cell")}  # fmt: skip
