"""Effects of genes over replicates, against loops and against what they were drawn from."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import digamma, polygamma
from scipy.stats import t

from pathlore.training.effects import effects, prior_variance


def drawn(rng: np.random.Generator, genes: int, freedom: int, prior: float, prior_freedom: float) -> np.ndarray:
    """Variances of genes whose true ones scatter around the prior, as limma assumes."""
    true = prior * prior_freedom / rng.chisquare(prior_freedom, genes)
    return true * rng.chisquare(freedom, genes) / freedom


@pytest.mark.parametrize(("freedom", "prior", "prior_freedom"), [(6, 0.09, 4.0), (4, 2.0, 12.0)])
def test_the_prior_is_found_again(freedom: int, prior: float, prior_freedom: float) -> None:
    found, found_freedom = prior_variance(
        drawn(np.random.default_rng(0), 20_000, freedom, prior, prior_freedom), freedom
    )
    assert found == pytest.approx(prior, rel=0.05)
    assert found_freedom == pytest.approx(prior_freedom, rel=0.1)


def test_the_prior_solves_the_equations_of_its_source() -> None:
    """Smyth 2004: the trigamma of half the prior's freedom is the variance of the logarithms that is left."""
    variance = np.exp(np.random.default_rng(1).normal(0.0, 1.5, 50))
    prior, prior_freedom = prior_variance(variance, 5)
    logs = np.log(variance)
    assert polygamma(1, prior_freedom / 2) == pytest.approx(logs.var(ddof=1) - polygamma(1, 2.5))
    half = prior_freedom / 2
    typical = logs.mean() - digamma(2.5) + math.log(2.5) + digamma(half) - math.log(half)
    assert math.log(prior) == pytest.approx(typical)


def test_genes_that_scatter_no_more_than_by_chance_have_one_variance() -> None:
    assert prior_variance(np.full(30, 0.5), 4)[1] == math.inf
    rng = np.random.default_rng(2)
    values = rng.normal(size=(8, 1))[:, [0] * 6] * np.linspace(1, 1.01, 6)
    kinds = np.repeat([0, 1], 4)
    change = effects(values, kinds, 1)
    difference = values[4:].mean(axis=0) - values[:4].mean(axis=0)
    assert_allclose(change / difference, np.full(6, change[0] / difference[0]), rtol=1e-12)


@pytest.mark.parametrize("classes", [2, 3])
def test_effects_agree_with_loops(classes: int) -> None:
    rng = np.random.default_rng(classes)
    sizes = [4, 3, 5][:classes]
    kinds = np.repeat(range(classes), sizes)
    values = rng.normal(size=(len(kinds), 7)) * np.array([0.1, 0.3, 1.0, 2.0, 0.5, 3.0, 0.0])
    freedom = len(kinds) - classes
    variances = []
    for g in range(7):
        own = [[float(v) for v, k in zip(values[:, g], kinds, strict=True) if k == c] for c in range(classes)]
        variances.append(max(sum((v - sum(of) / len(of)) ** 2 for of in own for v in of) / freedom, 1e-8))
    prior, prior_freedom = prior_variance(np.array(variances), freedom)
    for inside in range(classes):
        expected = []
        for g in range(7):
            means = [float(values[kinds == c, g].mean()) for c in range(classes)]
            others = [c for c in range(classes) if c != inside]
            difference = means[inside] - sum(means[c] for c in others) / len(others)
            moderated = (prior_freedom * prior + freedom * variances[g]) / (prior_freedom + freedom)
            share = 1 / sizes[inside] + sum(1 / sizes[c] for c in others) / len(others) ** 2
            expected.append(difference / math.sqrt(moderated * share))
        assert_allclose(effects(values, kinds, inside), expected, rtol=1e-9, atol=1e-12)


def test_unchanged_genes_have_effects_of_one_size() -> None:
    """Under the null the moderated t has the quantiles of a t distribution with both freedoms together."""
    rng = np.random.default_rng(3)
    sd = np.sqrt(0.25 * 6 / rng.chisquare(6, 20_000))
    change = effects(rng.normal(size=(8, 20_000)) * sd, np.repeat([0, 1], 4), 1)
    assert np.mean(np.abs(change) > t.ppf(0.975, 12)) == pytest.approx(0.05, abs=0.006)


def test_effects_where_nothing_varies_are_zero() -> None:
    assert effects(np.ones((4, 3)), np.array([0, 0, 1, 1]), 1).tolist() == [0, 0, 0]
    assert effects(np.ones((2, 3)), np.array([0, 1]), 1).tolist() == [0, 0, 0], "no replicates"
