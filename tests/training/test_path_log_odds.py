"""The log odds of paths before anything is learned, against slow loops and planted changes."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from pathlore.training import path_log_odds
from pathlore.training.path_log_odds import (
    SIGN_MODELS,
    Explanation,
    TwoGroups,
    explain_changes,
    likelihoods,
    two_groups,
    weigh_sign_models,
)

GENES, PATHS, PLANTED = 500, 150, 15


def world(sign_model: str | None, seed: int, effect: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Effects (G,), nodes (P, 6) and signs (P, 6) of random paths, of which the first 15 change; sign model None: none.

    The planted paths share no gene with each other; 25 other genes change by themselves.
    """
    rng = np.random.default_rng(seed)
    nodes, signs = np.full((PATHS, 6), -1), np.zeros((PATHS, 6))
    change = rng.normal(0, 0.1, GENES)
    own, free = rng.permutation(GENES), 0
    for p in range(PATHS):
        length = int(rng.integers(4, 7))
        planted = p < PLANTED and sign_model is not None
        nodes[p, :length] = own[free : free + length] if planted else rng.choice(GENES, length, replace=False)
        steps = rng.choice([-1, 1], length)
        steps[0] = 1
        signs[p, :length] = np.cumprod(steps)
        if planted:
            free += length
            directions = {"coherent": np.ones(length), "edge_signs": signs[p, :length]}
            direction = directions.get(sign_model, rng.choice([-1, 1], length)) * rng.choice([-1, 1])
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
        monkeypatch.setattr(path_log_odds, "STEPS", steps)
        found.append(likelihood(change, two_groups(change)))
    assert (np.diff(found) > -1e-9).all()
    assert found[-1] > found[0] + 0.1
    for factors in ([1.1, 1, 1], [0.9, 1, 1], [1, 1.1, 1], [1, 0.9, 1], [1, 1, 1.05], [1, 1, 0.95]):  # a maximum
        monkeypatch.setattr(path_log_odds, "STEPS", 400)
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
    change: np.ndarray, nodes: np.ndarray, signs: np.ndarray, sign_model: str, rounds: int
) -> tuple[list[float], float]:
    """Log odds of each path and likelihood, gene by gene and path by path."""
    null_sd, changed_sd, share = two_groups(change)
    certainty = math.sqrt(1 / null_sd**2 - 1 / changed_sd**2)
    changed = [density(d, changed_sd) for d in change]
    any_gene = [share * density(d, null_sd) + (1 - share) * f for d, f in zip(change, changed, strict=True)]
    turned = {s: [math.erfc(-s * d * certainty / math.sqrt(2)) for d in change] for s in (1, -1)}  # 2 Phi(s d kappa)
    moved = {s: [f * t for f, t in zip(changed, turned[s], strict=True)] for s in (1, -1)} | {0: changed}
    genes = [[int(g) for g in row if g >= 0] for row in nodes]
    states = (
        [0] if sign_model == "unconstrained" else [1, -1]
    )  # of an active path; 0: its genes change in either direction

    def direction(state: int, p: int, place: int) -> int:
        return state * int(signs[p, place]) if sign_model == "edge_signs" else state

    through: dict[int, list[tuple[int, int, int]]] = {g: [] for g in range(len(change))}
    for p, own in enumerate(genes):
        for place, g in enumerate(own):
            for state in states:
                through[g].append((state, p, direction(state, p, place)))

    def likelihood_of(g: int, active: dict[tuple[int, int], float], without: tuple[int, int] | None = None) -> float:
        idle = {1: 1.0, -1: 1.0, 0: 1.0}
        for state, p, towards in through[g]:
            if (state, p) != without:
                idle[towards] *= 1 - min(active[state, p], path_log_odds.MOST)
        some = 1 - math.prod(idle.values())
        total = sum(1 - value for value in idle.values())
        if not total:
            return any_gene[g]
        return (1 - some) * any_gene[g] + some * sum((1 - idle[s]) * moved[s][g] for s in idle) / total

    prior = path_log_odds.ACTIVE / len(states)
    active = {(state, p): prior for state in states for p in range(len(genes))}
    for _ in range(rounds):
        odds = {
            (state, p): math.log(path_log_odds.ACTIVE / (1 - path_log_odds.ACTIVE) / len(states))
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
        gained -= rest * math.log(rest / (1 - path_log_odds.ACTIVE))
        gained -= sum(active[state, p] * math.log(active[state, p] / prior) for state in states)
    return [math.log(sum(math.exp(odds[state, p]) for state in states)) for p in range(len(genes))], gained


@pytest.mark.parametrize("rounds", [1, 4])
@pytest.mark.parametrize("sign_model", SIGN_MODELS)
def test_an_explanation_agrees_with_loops(sign_model: str, rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_log_odds, "ROUNDS", rounds)
    change, nodes, signs = world("edge_signs", seed=2)
    nodes[20, :4], signs[20, :4] = nodes[0, :4], -signs[0, :4]  # a path that wants the same genes, the other way
    nodes[20, 4:], signs[20, 4:] = -1, 0
    odds, likelihood = explained_by_loops(change, nodes, signs, sign_model, rounds)
    found = explain_changes(likelihoods(change), nodes, signs, sign_model)
    assert_allclose(found.odds, odds, rtol=1e-6, atol=1e-6)
    assert_allclose(found.likelihood, likelihood, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("sign_model", SIGN_MODELS)
def test_the_rounds_end_in_agreement(sign_model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, nodes, signs = world(sign_model, seed=6)
    before = explain_changes(likelihoods(change), nodes, signs, sign_model)
    monkeypatch.setattr(path_log_odds, "ROUNDS", 2 * path_log_odds.ROUNDS)
    after = explain_changes(likelihoods(change), nodes, signs, sign_model)
    assert_allclose(before.odds, after.odds, atol=1e-3)
    assert_allclose(before.likelihood, after.likelihood, atol=1e-3)


@pytest.mark.parametrize("sign_model", SIGN_MODELS)
def test_which_class_is_called_the_case_does_not_matter(sign_model: str) -> None:
    change, nodes, signs = world("coherent", seed=3)
    before, after = (
        explain_changes(likelihoods(change), nodes, signs, sign_model),
        explain_changes(likelihoods(-change), nodes, signs, sign_model),
    )
    assert_allclose(after.odds, before.odds, rtol=1e-9, atol=1e-9)
    assert_allclose(after.likelihood, before.likelihood, rtol=1e-9)


@pytest.mark.parametrize("sign_model", SIGN_MODELS)
def test_the_order_of_the_paths_does_not_matter(sign_model: str) -> None:
    change, nodes, signs = world("edge_signs", seed=3)
    order = np.random.default_rng(1).permutation(PATHS)
    before, after = (
        explain_changes(likelihoods(change), nodes, signs, sign_model),
        explain_changes(likelihoods(change), nodes[order], signs[order], sign_model),
    )
    assert_allclose(after.odds, before.odds[order], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("sign_model", SIGN_MODELS)
def test_signs_have_a_part_in_one_way_alone(sign_model: str) -> None:
    change, nodes, signs = world("coherent", seed=3)
    turned = signs * np.random.default_rng(0).choice([-1, 1], signs.shape)
    before, after = (
        explain_changes(likelihoods(change), nodes, signs, sign_model),
        explain_changes(likelihoods(change), nodes, turned, sign_model),
    )
    assert np.allclose(after.odds, before.odds) == (sign_model != "edge_signs")


@pytest.mark.parametrize("sign_model", SIGN_MODELS)
def test_one_unchanged_gene_speaks_against_the_whole_path(sign_model: str) -> None:
    change, nodes, signs = world("coherent", seed=4)
    own = np.setdiff1d(np.arange(GENES), nodes[2:])[:8]  # which no other path explains
    nodes[:2] = -1
    nodes[:2, :4], signs[:2] = own.reshape(2, 4), [1, 1, 1, 1, 0, 0]
    change[own] = 1.0
    change[nodes[1, 2]] = 0.0
    odds = explain_changes(likelihoods(change), nodes, signs, sign_model).odds
    assert odds[0] > odds[1] + 1
    louder = change.copy()
    louder[nodes[1, 0]] = 5.0  # one gene that changes very much does not make up for the other
    assert explain_changes(likelihoods(louder), nodes, signs, sign_model).odds[1] < odds[0]


@pytest.mark.parametrize("sign_model", SIGN_MODELS)
def test_a_sibling_of_a_changed_path_does_not_come_with_it(sign_model: str) -> None:
    """It shares all genes but one, which hardly changes; alone it would look changed."""
    change, nodes, signs = world(sign_model, seed=7, effect=2.0)
    sibling, length = PLANTED, int((nodes[0] >= 0).sum())
    nodes[sibling], signs[sibling] = nodes[0], signs[0]
    other = np.setdiff1d(np.arange(GENES), nodes)[0]
    nodes[sibling, length - 1] = other
    change[other] = 2.5 * two_groups(change).null_sd * np.sign(change[nodes[0, length - 1]])
    together = explain_changes(likelihoods(change), nodes, signs, sign_model).odds
    apart = np.arange(PATHS) != 0
    alone = explain_changes(likelihoods(change), nodes[apart], signs[apart], sign_model).odds[sibling - 1]
    assert together[0] > 2
    assert alone > 0
    assert together[sibling] < together[0] - 4
    assert together[sibling] < alone - 4
    assert together[sibling] < 0


# ------------------------------------------------------------------------------------------------------------ ways


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("effect", [1.0, 2.0])
@pytest.mark.parametrize("sign_model", SIGN_MODELS)
def test_how_changes_travel_is_seen_in_the_data(sign_model: str, effect: float, seed: int) -> None:
    change, nodes, signs = world(sign_model, seed, effect)
    explanations = [explain_changes(likelihoods(change), nodes, signs, each) for each in SIGN_MODELS]
    assert SIGN_MODELS[int(np.argmax([explanation.likelihood for explanation in explanations]))] == sign_model
    weights, found = weigh_sign_models(explanations)
    assert_allclose(weights.sum(), 1.0)
    assert weights[SIGN_MODELS.index(sign_model)] > 0.95
    planted = np.arange(PATHS) < PLANTED
    assert found[planted].min() > max(found[~planted].max(), 0)
    assert np.median(found[~planted]) < -3


@pytest.mark.parametrize("seed", range(3))
def test_without_planted_paths_no_path_has_evidence(seed: int) -> None:
    change, nodes, signs = world(None, seed)
    weights, found = weigh_sign_models(
        [explain_changes(likelihoods(change), nodes, signs, sign_model) for sign_model in SIGN_MODELS]
    )
    assert_allclose(weights.sum(), 1.0)
    assert np.median(found) < -3
    assert np.sum(found > 0) <= 2


def test_weights_and_evidence_agree_with_loops() -> None:
    odds = np.random.default_rng(0).normal(0, 4, (3, 20))
    odds[:, 0], odds[:, 1] = 300.0, -300.0
    likelihoods = [6.0, 4.5, 2.0]
    powers = [
        math.exp(x - price) for x, price in zip(likelihoods, [path_log_odds.PRICE, path_log_odds.PRICE, 0], strict=True)
    ]
    weights = [power / sum(powers) for power in powers]
    most = path_log_odds.LARGEST
    expected = [
        math.log(sum(w * math.exp(min(max(o, -most), most)) for w, o in zip(weights, column, strict=True)))
        for column in odds.T
    ]
    explanations = [Explanation(row, x) for row, x in zip(odds, likelihoods, strict=True)]
    found_weights, found = weigh_sign_models(explanations)
    assert_allclose(found_weights, weights, rtol=1e-9)
    assert_allclose(found, expected, rtol=1e-9)
    assert [found[0], found[1]] == pytest.approx([most, -most])
    assert np.abs(found).max() <= most


def test_a_way_that_is_far_better_decides_alone() -> None:
    """Also where the likelihoods are beyond what an exponential can hold."""
    odds = np.random.default_rng(0).normal(0, 2, (3, 20))
    weights, found = weigh_sign_models(
        [Explanation(row, x) for row, x in zip(odds, (-900.0, 5000.0, 300.0), strict=True)]
    )
    assert_allclose(weights, [0, 1, 0], atol=1e-12)
    assert_allclose(found, odds[1])
