"""The evidence of paths before anything is learned, against slow loops and planted changes."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from pathlore.training import evidence
from pathlore.training.evidence import (
    WAYS,
    Explanation,
    TwoGroups,
    explain_changes,
    likelihoods,
    two_groups,
    weigh_ways,
)

GENES, PATHS, PLANTED = 500, 150, 15


def world(way: str | None, seed: int, effect: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Effects (G,), nodes (P, 6) and signs (P, 6) of random paths, of which the first 15 change in a way; None: none.

    The planted paths share no gene with each other; 25 other genes change by themselves.
    """
    rng = np.random.default_rng(seed)
    nodes, signs = np.full((PATHS, 6), -1), np.zeros((PATHS, 6))
    change = rng.normal(0, 0.1, GENES)
    own, free = rng.permutation(GENES), 0
    for p in range(PATHS):
        length = int(rng.integers(4, 7))
        planted = p < PLANTED and way is not None
        nodes[p, :length] = own[free : free + length] if planted else rng.choice(GENES, length, replace=False)
        steps = rng.choice([-1, 1], length)
        steps[0] = 1
        signs[p, :length] = np.cumprod(steps)
        if planted:
            free += length
            directions = {"one_direction": np.ones(length), "edge_signs": signs[p, :length]}
            direction = directions.get(way, rng.choice([-1, 1], length)) * rng.choice([-1, 1])
            change[nodes[p, :length]] += direction * effect * rng.uniform(0.7, 1.3, length)
    change[own[-25:]] += effect * rng.choice([-1, 1], 25)
    return change, nodes, signs


def density(value: float, sd: float) -> float:
    return math.exp(-((value / sd) ** 2) / 2) / (sd * math.sqrt(2 * math.pi))


def likelihood(change: np.ndarray, fitted: TwoGroups) -> float:
    null_sd, changed_sd, share = fitted
    return sum(math.log(share * density(d, null_sd) + (1 - share) * density(d, changed_sd)) for d in change)


# ------------------------------------------------------------------------------------------------------ effects


# ---------------------------------------------------------------------------------------------------- two groups


def test_two_groups_are_found() -> None:
    rng = np.random.default_rng(0)
    change = np.where(rng.random(6000) < 0.8, rng.normal(0, 0.1, 6000), rng.normal(0, 0.9, 6000))
    assert_allclose(two_groups(change), [0.1, 0.9, 0.8], rtol=0.1)


def test_each_step_of_em_raises_the_likelihood(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    change = np.where(rng.random(400) < 0.7, rng.normal(0, 0.2, 400), rng.normal(0, 1.0, 400))
    found = []
    for steps in (1, 2, 3, 5, 10, 40):
        monkeypatch.setattr(evidence, "STEPS", steps)
        found.append(likelihood(change, two_groups(change)))
    assert (np.diff(found) > -1e-9).all()
    assert found[-1] > found[0] + 0.1
    for factors in ([1.1, 1, 1], [0.9, 1, 1], [1, 1.1, 1], [1, 0.9, 1], [1, 1, 1.05], [1, 1, 0.95]):  # a maximum
        monkeypatch.setattr(evidence, "STEPS", 400)
        fitted = two_groups(change)
        moved = TwoGroups(*(value * factor for value, factor in zip(fitted, factors, strict=True)))
        assert likelihood(change, moved) < likelihood(change, fitted)


@pytest.mark.parametrize("change", [np.zeros(30), np.r_[np.zeros(29), 1.0], np.linspace(-1, 1, 30), np.array([0.3])])
def test_effects_without_two_groups_give_numbers(change: np.ndarray) -> None:
    fitted = two_groups(change)
    assert np.isfinite(fitted).all()
    assert 0 < fitted.null_sd < fitted.changed_sd
    assert 0 < fitted.null_share < 1


# ------------------------------------------------------------------------------------------------------ explanation


def explained_by_loops(
    change: np.ndarray, nodes: np.ndarray, signs: np.ndarray, way: str, rounds: int
) -> tuple[list[float], float]:
    """Log odds of each path and likelihood, gene by gene and path by path."""
    null_sd, changed_sd, share = two_groups(change)
    certainty = math.sqrt(1 / null_sd**2 - 1 / changed_sd**2)
    changed = [density(d, changed_sd) for d in change]
    any_gene = [share * density(d, null_sd) + (1 - share) * f for d, f in zip(change, changed, strict=True)]
    turned = {s: [math.erfc(-s * d * certainty / math.sqrt(2)) for d in change] for s in (1, -1)}  # 2 Phi(s d kappa)
    moved = {s: [f * t for f, t in zip(changed, turned[s], strict=True)] for s in (1, -1)} | {0: changed}
    genes = [[int(g) for g in row if g >= 0] for row in nodes]
    states = [0] if way == "each_its_own" else [1, -1]  # of an active path; 0: its genes change in either direction

    def direction(state: int, p: int, place: int) -> int:
        return state * int(signs[p, place]) if way == "edge_signs" else state

    through: dict[int, list[tuple[int, int, int]]] = {g: [] for g in range(len(change))}
    for p, own in enumerate(genes):
        for place, g in enumerate(own):
            for state in states:
                through[g].append((state, p, direction(state, p, place)))

    def likelihood_of(g: int, active: dict[tuple[int, int], float], without: tuple[int, int] | None = None) -> float:
        idle = {1: 1.0, -1: 1.0, 0: 1.0}
        for state, p, towards in through[g]:
            if (state, p) != without:
                idle[towards] *= 1 - min(active[state, p], evidence.MOST)
        some = 1 - math.prod(idle.values())
        total = sum(1 - value for value in idle.values())
        if not total:
            return any_gene[g]
        return (1 - some) * any_gene[g] + some * sum((1 - idle[s]) * moved[s][g] for s in idle) / total

    prior = evidence.ACTIVE / len(states)
    active = {(state, p): prior for state in states for p in range(len(genes))}
    for _ in range(rounds):
        odds = {
            (state, p): math.log(evidence.ACTIVE / (1 - evidence.ACTIVE) / len(states))
            + sum(
                math.log(moved[direction(state, p, place)][g] / likelihood_of(g, active, (state, p)))
                for place, g in enumerate(genes[p])
            )
            for state, p in active
        }
        found = {}
        for state, p in active:
            total = 1 + sum(math.exp(odds[s, p]) for s in states)
            found[state, p] = (active[state, p] + math.exp(odds[state, p]) / total) / 2
        active = found
    gained = sum(math.log(likelihood_of(g, active) / any_gene[g]) for g in range(len(change)))
    for p in range(len(genes)):
        rest = 1 - sum(active[state, p] for state in states)
        gained -= rest * math.log(rest / (1 - evidence.ACTIVE))
        gained -= sum(active[state, p] * math.log(active[state, p] / prior) for state in states)
    return [math.log(sum(math.exp(odds[state, p]) for state in states)) for p in range(len(genes))], gained


@pytest.mark.parametrize("rounds", [1, 4])
@pytest.mark.parametrize("way", WAYS)
def test_an_explanation_agrees_with_loops(way: str, rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "ROUNDS", rounds)
    change, nodes, signs = world("edge_signs", seed=2)
    nodes[20, :4], signs[20, :4] = nodes[0, :4], -signs[0, :4]  # a path that wants the same genes, the other way
    nodes[20, 4:], signs[20, 4:] = -1, 0
    odds, likelihood = explained_by_loops(change, nodes, signs, way, rounds)
    found = explain_changes(likelihoods(change), nodes, signs, way)
    assert_allclose(found.odds, odds, rtol=1e-6, atol=1e-6)
    assert_allclose(found.likelihood, likelihood, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_the_rounds_end_in_agreement(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, nodes, signs = world(way, seed=6)
    before = explain_changes(likelihoods(change), nodes, signs, way)
    monkeypatch.setattr(evidence, "ROUNDS", 2 * evidence.ROUNDS)
    after = explain_changes(likelihoods(change), nodes, signs, way)
    assert_allclose(before.odds, after.odds, atol=1e-3)
    assert_allclose(before.likelihood, after.likelihood, atol=1e-3)


@pytest.mark.parametrize("way", WAYS)
def test_which_class_is_called_the_case_does_not_matter(way: str) -> None:
    change, nodes, signs = world("one_direction", seed=3)
    before, after = (
        explain_changes(likelihoods(change), nodes, signs, way),
        explain_changes(likelihoods(-change), nodes, signs, way),
    )
    assert_allclose(after.odds, before.odds, rtol=1e-9, atol=1e-9)
    assert_allclose(after.likelihood, before.likelihood, rtol=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_the_order_of_the_paths_does_not_matter(way: str) -> None:
    change, nodes, signs = world("edge_signs", seed=3)
    order = np.random.default_rng(1).permutation(PATHS)
    before, after = (
        explain_changes(likelihoods(change), nodes, signs, way),
        explain_changes(likelihoods(change), nodes[order], signs[order], way),
    )
    assert_allclose(after.odds, before.odds[order], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_signs_have_a_part_in_one_way_alone(way: str) -> None:
    change, nodes, signs = world("one_direction", seed=3)
    turned = signs * np.random.default_rng(0).choice([-1, 1], signs.shape)
    before, after = (
        explain_changes(likelihoods(change), nodes, signs, way),
        explain_changes(likelihoods(change), nodes, turned, way),
    )
    assert np.allclose(after.odds, before.odds) == (way != "edge_signs")


@pytest.mark.parametrize("way", WAYS)
def test_one_unchanged_gene_speaks_against_the_whole_path(way: str) -> None:
    change, nodes, signs = world("one_direction", seed=4)
    own = np.setdiff1d(np.arange(GENES), nodes[2:])[:8]  # which no other path explains
    nodes[:2] = -1
    nodes[:2, :4], signs[:2] = own.reshape(2, 4), [1, 1, 1, 1, 0, 0]
    change[own] = 1.0
    change[nodes[1, 2]] = 0.0
    odds = explain_changes(likelihoods(change), nodes, signs, way).odds
    assert odds[0] > odds[1] + 1
    louder = change.copy()
    louder[nodes[1, 0]] = 5.0  # one gene that changes very much does not make up for the other
    assert explain_changes(likelihoods(louder), nodes, signs, way).odds[1] < odds[0]


@pytest.mark.parametrize("way", WAYS)
def test_a_sibling_of_a_changed_path_does_not_come_with_it(way: str) -> None:
    """It shares all genes but one, which hardly changes; alone it would look changed."""
    change, nodes, signs = world(way, seed=7, effect=2.0)
    sibling, length = PLANTED, int((nodes[0] >= 0).sum())
    nodes[sibling], signs[sibling] = nodes[0], signs[0]
    other = np.setdiff1d(np.arange(GENES), nodes)[0]
    nodes[sibling, length - 1] = other
    change[other] = 2.5 * two_groups(change).null_sd * np.sign(change[nodes[0, length - 1]])
    together = explain_changes(likelihoods(change), nodes, signs, way).odds
    apart = np.arange(PATHS) != 0
    alone = explain_changes(likelihoods(change), nodes[apart], signs[apart], way).odds[sibling - 1]
    assert together[0] > 2
    assert alone > 0
    assert together[sibling] < together[0] - 4
    assert together[sibling] < alone - 4
    assert together[sibling] < 0


# ------------------------------------------------------------------------------------------------------------ ways


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("effect", [1.0, 2.0])
@pytest.mark.parametrize("way", WAYS)
def test_how_changes_travel_is_seen_in_the_data(way: str, effect: float, seed: int) -> None:
    change, nodes, signs = world(way, seed, effect)
    explanations = [explain_changes(likelihoods(change), nodes, signs, each) for each in WAYS]
    assert WAYS[int(np.argmax([explanation.likelihood for explanation in explanations]))] == way
    weights, found = weigh_ways(explanations)
    assert_allclose(weights.sum(), 1.0)
    assert weights[WAYS.index(way)] > 0.95
    planted = np.arange(PATHS) < PLANTED
    assert found[planted].min() > max(found[~planted].max(), 0)
    assert np.median(found[~planted]) < -3


@pytest.mark.parametrize("seed", range(3))
def test_without_planted_paths_no_path_has_evidence(seed: int) -> None:
    change, nodes, signs = world(None, seed)
    weights, found = weigh_ways([explain_changes(likelihoods(change), nodes, signs, way) for way in WAYS])
    assert_allclose(weights.sum(), 1.0)
    assert np.median(found) < -3
    assert np.sum(found > 0) <= 2


def test_weights_and_evidence_agree_with_loops() -> None:
    odds = np.random.default_rng(0).normal(0, 4, (3, 20))
    odds[:, 0], odds[:, 1] = 300.0, -300.0
    likelihoods = [6.0, 4.5, 2.0]
    powers = [math.exp(x - price) for x, price in zip(likelihoods, [evidence.PRICE, evidence.PRICE, 0], strict=True)]
    weights = [power / sum(powers) for power in powers]
    most = evidence.LARGEST
    expected = [
        math.log(sum(w * math.exp(min(max(o, -most), most)) for w, o in zip(weights, column, strict=True)))
        for column in odds.T
    ]
    explanations = [Explanation(row, x) for row, x in zip(odds, likelihoods, strict=True)]
    found_weights, found = weigh_ways(explanations)
    assert_allclose(found_weights, weights, rtol=1e-9)
    assert_allclose(found, expected, rtol=1e-9)
    assert [found[0], found[1]] == pytest.approx([most, -most])
    assert np.abs(found).max() <= most


def test_a_way_that_is_far_better_decides_alone() -> None:
    """Also where the likelihoods are beyond what an exponential can hold."""
    odds = np.random.default_rng(0).normal(0, 2, (3, 20))
    weights, found = weigh_ways([Explanation(row, x) for row, x in zip(odds, (-900.0, 5000.0, 300.0), strict=True)])
    assert_allclose(weights, [0, 1, 0], atol=1e-12)
    assert_allclose(found, odds[1])
