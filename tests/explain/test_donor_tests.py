from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from blocks import network_of, path_block
from cases import case_of, fabricated_case, normalised
from scipy import stats

import pathlore
from pathlore.config import DonorTestConfig, SimulationConfig
from pathlore.evaluation.cohort import simulated_cohort
from pathlore.explain.donor_activity import donor_activity
from pathlore.explain.donor_tests import donor_tests, why_no_donors
from pathlore.explain.significance import adjusted
from pathlore.expression.simulation_truth import simulation_truth
from pathlore.schemas import DonorTests, PathActivityByDonor

NAMES = ["control", "case"]


def table(values, names=NAMES, paired=False, signed=None):
    """Activities (C, n, P) as the table; paired donors have one name in all classes."""
    rows = []
    for c, donors in enumerate(values):
        for d, paths in enumerate(donors):
            donor = f"d{d}" if paired else f"{names[c]}_{d}"
            for p, value in enumerate(paths):
                other = value if signed is None else signed[c][d][p]
                rows.append((f"A>B>{p}", donor, names[c], 20, value, other))
    return pd.DataFrame(rows, columns=list(PathActivityByDonor.to_schema().columns))


def exact_mann_whitney(control, case):
    """Two-sided p, all ways to call donors cases counted out."""
    both, n = np.concatenate([control, case]), len(case)
    u = [
        sum(both[i] > both[j] for i in chosen for j in range(len(both)) if j not in chosen)
        for chosen in combinations(range(len(both)), n)
    ]
    own = sum(a > b for a in case for b in control)
    tail = min(np.mean(np.array(u) <= own), np.mean(np.array(u) >= own))
    return min(1, 2 * tail)


def exact_signed_ranks(difference):
    ranks = stats.rankdata(np.abs(difference))
    sums = np.array([np.dot(signs, ranks) for signs in product([0, 1], repeat=len(ranks))])
    own = ranks[difference > 0].sum()
    return min(1, 2 * min(np.mean(sums <= own), np.mean(sums >= own)))


def test_mann_whitney_counted_out():
    rng = np.random.default_rng(0)
    values = [rng.normal(size=(4, 6)), rng.normal(0.8, 1, size=(5, 6))]
    found = donor_tests(table(values), NAMES, paired=False)
    DonorTests.validate(found)
    expected = [min(1, 2 * exact_mann_whitney(values[0][:, p], values[1][:, p])) for p in range(6)]
    np.testing.assert_allclose(found["p"], expected)
    np.testing.assert_allclose(found["effect"], values[1].mean(axis=0) - values[0].mean(axis=0))
    np.testing.assert_allclose(found["q"], adjusted(np.array(expected)))
    assert set(found["test"]) == {"Mann-Whitney U"}
    assert set(found["n_donors"]) == {"control 4, case 5"}
    assert set(found["note"]) == {""}


def test_wilcoxon_counted_out_over_complete_pairs():
    rng = np.random.default_rng(1)
    control, case = rng.normal(size=(8, 5)), rng.normal(0.5, 1, size=(7, 5))
    found = donor_tests(table([control, case], paired=True), NAMES, paired=True)
    differences = case - control[:7]  # the last donor has no cells of the case
    np.testing.assert_allclose(found["p"], [min(1, 2 * exact_signed_ranks(d)) for d in differences.T])
    np.testing.assert_allclose(found["effect"], differences.mean(axis=0))
    assert set(found["n_donors"]) == {"7 pairs"}
    assert set(found["test"]) == {"Wilcoxon signed-rank"}


@pytest.mark.parametrize(("paired", "test"), [(False, "Kruskal-Wallis"), (True, "Friedman")])
def test_more_than_two_classes(paired, test):
    rng = np.random.default_rng(2)
    values = rng.normal(size=(3, 6, 4))
    values[1, :, 0] -= 4
    names = ["healthy", "ill", "worse"]
    found = donor_tests(table(values, names, paired), names, paired=paired)
    function = stats.friedmanchisquare if paired else stats.kruskal
    expected = [min(1, 2 * function(*values[:, :, p]).pvalue) for p in range(4)]
    np.testing.assert_allclose(found["p"], expected)
    assert set(found["test"]) == {test}
    means = values.mean(axis=1)
    assert found["effect"][0] == pytest.approx(means[1, 0] - (means[0, 0] + means[2, 0]) / 2)


def test_the_better_way_is_told_and_counted_twice():
    rng = np.random.default_rng(3)
    plain = [rng.normal(size=(6, 2)), rng.normal(size=(6, 2))]
    signed = [part.copy() for part in plain]
    signed[1][:, 1] += 9  # only by the signs, and only the second path
    plain[1][:, 0] -= 9
    found = donor_tests(table(plain, signed=signed), NAMES, paired=False)
    assert list(found["way"]) == ["one_direction", "edge_signs"]
    np.testing.assert_allclose(found["p"], 2 * 2 / 924)
    assert found["effect"][0] < 0 < found["effect"][1]


@pytest.mark.parametrize(
    ("sizes", "paired", "note"),
    [
        ((3, 9), False, "control 3, case 9, at least 4 of each class needed"),
        ((1, 1), False, "control 1, case 1, at least 4"),
        ((0, 5), False, "control 0, case 5"),
        ((5, 5), True, "5 pairs, at least 6 needed"),
    ],
)
def test_too_few_donors_keep_the_effect_and_say_so(sizes, paired, note):
    rng = np.random.default_rng(4)
    values = [rng.normal(size=(n, 3)) for n in sizes]
    found = donor_tests(table(values, paired=paired), NAMES, paired=paired)
    assert found[["p", "q", "statistic"]].isna().all(axis=None)
    assert found["note"].str.contains(note).all()
    if min(sizes):
        np.testing.assert_allclose(found["effect"], values[1].mean(axis=0) - values[0].mean(axis=0))
    else:
        assert found["effect"].isna().all()


@pytest.mark.parametrize(("n", "paired", "least"), [(4, False, 4 / 70), (6, True, 4 / 64)])
def test_where_no_small_p_is_possible_the_note_says_which(n, paired, least):
    values = [np.arange(n)[:, None] * 0.1, 50 + np.arange(n)[:, None] * 0.3]
    found = donor_tests(table(values, paired=paired), NAMES, paired=paired)
    assert found["p"][0] == pytest.approx(least)
    assert f"no p below {least:.3f} is possible" in found["note"][0]


def test_a_path_that_never_changes_has_p_of_one_and_ties_are_allowed():
    values = [np.zeros((5, 3)), np.zeros((5, 3))]
    values[1][:, 1] = 2  # tied within the classes
    values[1][:, 2] = np.arange(5)
    for paired in (False, True):
        padded = [np.vstack([part, part[:2]]) for part in values]
        found = donor_tests(table(padded, paired=paired), NAMES, paired=paired)
        assert found["p"][0] == 1
        assert found["p"][1] < 0.05
        assert found["p"].notna().all()


def test_without_donors_the_table_is_empty_and_the_reason_is_in_words(caplog):
    caplog.set_level("INFO")
    empty = PathActivityByDonor.empty()
    found = donor_tests(empty, NAMES, paired=False)
    assert found.empty
    assert "no donor is known" in why_no_donors(empty)
    assert why_no_donors(empty) in caplog.text
    assert why_no_donors(table(np.zeros((2, 1, 1)))) == ""


def test_permuted_donors_give_even_p():
    """Donors' classes drawn anew, donors and paths otherwise real: p is not smaller than an even one would be."""
    case = fabricated_case(cells=240, donors=6, effect=0.01)
    activity = donor_activity(case.graph, case.data, case.class_names, DonorTestConfig(min_cells=5, sd_floor=0.05))
    donors = sorted(activity["donor"].unique())
    rng = np.random.default_rng(0)
    smallest, shares = [], []
    for _ in range(25):
        drawn = dict(zip(rng.permutation(donors), ["control", "case"] * 6, strict=True))
        found = donor_tests(activity.assign(condition=activity["donor"].map(drawn)), NAMES, paired=False)
        smallest.append((found["q"] < 0.05).any())
        shares.append((found["p"] < 0.1).mean())
    assert np.mean(shares) < 0.15
    assert np.mean(smallest) < 0.3


@pytest.fixture(scope="module")
def network():
    """The built-in one."""
    return network_of(pd.read_csv(Path(pathlore.__file__).parent / "knowledge" / "interactions.csv"))


def test_planted_paths_of_a_simulated_cohort_differ_over_donors(network):
    config = SimulationConfig(cells_per_donor=25, effect=1.5, populations=["receiver"], n_axes=0, n_planted=6, seed=1)
    cells = simulated_cohort(network, path_block(max_paths=240), config)
    truth = simulation_truth(cells)["planted_paths"]
    cells.X = normalised(cells)
    case = case_of(cells, network, truth, paths=200, seed=0)
    activity = donor_activity(case.graph, case.data, case.class_names, DonorTestConfig(min_cells=5, sd_floor=0.05))
    found = donor_tests(activity, case.class_names, paired=False).set_index("path")
    inside = found.index.isin(truth)
    assert inside.sum() >= 4
    assert np.median(found.loc[inside, "p"]) <= 0.01
    others = found[~inside]
    apart = others[[not any(set(p.split(">")) & set(t.split(">")) for t in truth) for p in others.index]]
    assert len(apart) > 20
    assert np.median(apart["p"]) > 5 * np.median(found.loc[inside, "p"])
