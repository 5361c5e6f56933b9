"""All relabellings of the replicates: how many there are, and what is computed from them."""

import numpy as np
import pytest

from pathlore.training.effects import effects, prior_variance, relabelled_effects
from pathlore.training.relabelling import exchangeable, family_p, null_effects, pooled_p, relabellings


@pytest.mark.parametrize(
    ("classes", "distinct"),
    [
        ([0, 0, 1, 1, 1, 1], 15),  # 6! / (2! 4!)
        ([0, 0, 0, 1, 1, 1], 10),  # 20, of which each has its mirror
        ([0] * 6 + [1] * 6, 462),
        ([0, 0, 1, 1, 2, 2], 90),  # three classes have no mirror
    ],
)
def test_every_relabelling_once(classes: list[int], distinct: int) -> None:
    found = relabellings(np.array(classes))
    assert found.distinct == distinct
    assert found.least_p == pytest.approx(1 / distinct)
    assert found.labels[0].tolist() == classes
    rows = {tuple(row) for row in found.labels.tolist()}
    assert len(rows) == len(found.labels) == distinct
    size = len(classes) // 2
    if len(set(classes)) == 2 and sum(classes) == size:
        assert all(tuple(1 - c for c in row) not in rows for row in rows)


def test_pairs_are_exchanged_within_donors() -> None:
    donors = ["a", "a", "b", "b", "c", "c"]
    classes = np.array([0, 1, 0, 1, 1, 0])
    groups = exchangeable(classes, donors)
    assert groups.tolist() == [0, 0, 1, 1, 2, 2]
    found = relabellings(classes, groups)
    assert found.distinct == 4, "2^3 signs, of which half are mirrors"
    assert all(sorted(row[i : i + 2]) == [0, 1] for row in found.labels.tolist() for i in (0, 2, 4))


def test_batches_are_respected_and_pairs_stand_beside_single_donors() -> None:
    classes = np.array([0, 1, 0, 1, 0, 1])
    batches = exchangeable(classes, list("abcdef"), ["x", "x", "x", "x", "y", "y"])
    assert batches.tolist() == [0, 0, 0, 0, 1, 1]
    assert relabellings(classes, batches).distinct == 6 * 2 / 2
    mixed = exchangeable(classes, ["a", "a", "c", "d", "e", "f"])
    assert mixed.tolist() == [0, 0, 1, 1, 1, 1]
    assert exchangeable(classes, [None] * 6).tolist() == [0] * 6


def test_of_too_many_relabellings_some_are_drawn() -> None:
    classes = np.repeat([0, 1], 10)
    found = relabellings(classes, most=50)
    assert found.labels.shape == (50, 20)
    assert (found.labels[0] == classes).all()
    assert (found.labels.sum(axis=1) == 10).all()
    assert found.least_p == 1 / 50
    assert (found.labels == relabellings(classes, most=50).labels).all()


@pytest.mark.parametrize("classes", [[0, 1] * 5, [0, 1, 2] * 3 + [0]])
def test_relabelled_effects_are_the_effects_of_each_labelling(classes: list[int]) -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(len(classes), 9)) * rng.uniform(0.1, 2, 9)
    labels = relabellings(np.array(classes), most=40).labels
    for inside in set(classes):
        found = relabelled_effects(values, labels, inside)
        for row, own in zip(found, labels, strict=True):
            np.testing.assert_allclose(row, effects(values, own, inside), rtol=1e-9)
        np.testing.assert_allclose(np.concatenate(list(null_effects(values, labels, inside))), found)


def test_with_pairs_the_effect_is_that_of_the_differences() -> None:
    """The paired t test's variance, moderated: that of the differences is twice that of a replicate."""
    rng = np.random.default_rng(0)
    donor = np.repeat(np.arange(7), 2)
    classes = np.tile([0, 1], 7)
    values = rng.normal(size=(14, 30)) * rng.uniform(0.2, 2, 30) + 5 * rng.normal(size=7)[donor][:, None]
    difference = values[classes == 1] - values[classes == 0]
    variance = difference.var(axis=0, ddof=1) / 2
    prior, freedom = prior_variance(variance, 6)
    moderated = (freedom * prior + 6 * variance) / (freedom + 6)
    found = effects(values, classes, 1, donor)
    np.testing.assert_allclose(found, difference.mean(axis=0) / np.sqrt(moderated * 2 / 7), rtol=1e-9)
    assert np.median(np.abs(effects(values, classes, 1))) < np.median(np.abs(found)) / 2, "donors hide the change"


def test_classes_that_are_batches_have_no_effect() -> None:
    values = np.random.default_rng(1).normal(size=(8, 5))
    classes = np.repeat([0, 1], 4)
    assert (effects(values, classes, 1, classes) == 0).all()


def test_p_by_counting() -> None:
    statistics = np.array([[3.0, 1.0, 0.5], [1.0, 2.0, 0.5], [0.1, 0.5, 4.0], [0.2, 0.3, 1.0]])
    every = statistics.ravel()
    expected = [(every >= value).sum() / 12 for value in statistics[0]]
    assert expected == [2 / 12, 6 / 12, 9 / 12]
    assert pooled_p(statistics).tolist() == pytest.approx(expected)
    assert family_p(statistics).tolist() == [2 / 4, 4 / 4, 4 / 4]
    assert pooled_p(statistics + 1e-12 * np.arange(4)[:, None]).tolist() == pytest.approx(expected), "ties by rounding"
