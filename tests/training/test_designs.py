"""Effects over donors with the terms of a design: those of a linear model for each gene."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scipy import sparse

from pathlore.explain.path_changes import GeneEffects, gene_effects, path_directions
from pathlore.training.data import CellSet, Terms
from pathlore.training.effects import LEAST_VARIANCE, effects, prior_variance
from pathlore.training.path_statistics import contrasts, exchanged
from pathlore.training.replicates import DonorMeans, donor_means, training_replicates

GENES = 40


def by_formula(y, classes, nuisance):
    """Moderated t of the class, by ordinary least squares with the terms in the model."""
    design = np.column_stack([np.ones(len(y)), classes, nuisance])
    freedom = len(y) - np.linalg.matrix_rank(design)
    inverse = np.linalg.pinv(design.T @ design)
    beta = inverse @ design.T @ y
    variance = np.maximum(((y - design @ beta) ** 2).sum(axis=0) / freedom, LEAST_VARIANCE)
    prior, prior_freedom = prior_variance(variance, freedom)
    share = 1 / (1 + freedom / prior_freedom)
    return beta[1] / np.sqrt((share * prior + (1 - share) * variance) * inverse[1, 1])


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    return rng.normal(size=(10, GENES)) * rng.gamma(2, 1, GENES), np.array([0, 1, 0, 1, 0, 1, 0, 1, 0, 1]), rng


def test_terms_are_those_of_a_linear_model(table):
    y, classes, rng = table
    batch, age = np.array([0, 0, 1, 1, 0, 0, 1, 1, 0, 1.0]), rng.normal(50, 10, 10)
    terms = np.column_stack([batch, age])
    np.testing.assert_allclose(effects(y, classes, 1, terms), by_formula(y, classes, terms), rtol=1e-8)


def test_paired_donors_are_blocks_with_terms_and_without(table):
    y, classes, rng = table
    donors = [f"p{i // 2}" for i in range(10)]
    pairs = np.array([[d == f"p{k}" for k in range(1, 5)] for d in donors], dtype=float)
    plain = DonorMeans(y, classes, donors)
    np.testing.assert_allclose(effects(y, classes, 1, plain.nuisance), by_formula(y, classes, pairs), rtol=1e-8)
    depth = rng.normal(size=(10, 1))
    with_terms = DonorMeans(y, classes, donors, Terms(["term depth"], depth))
    expected = by_formula(y, classes, np.column_stack([pairs, depth]))
    np.testing.assert_allclose(effects(y, classes, 1, with_terms.nuisance), expected, rtol=1e-8)


def test_a_batch_that_shifts_genes_no_longer_hides_the_condition(table):
    y, classes, _ = table
    batch = np.array([0, 0, 0, 1, 1, 1, 0, 1, 0, 1.0])
    y = 0.2 * y
    y[:, 0] += 1.0 * classes + 4.0 * batch
    donors = [f"d{i}" for i in range(10)]
    blind = DonorMeans(y, classes, donors)
    seeing = DonorMeans(y, classes, donors, Terms(["term batch[T.b]"], batch[:, None]))
    found = effects(y, classes, 1, seeing.nuisance)[0]
    assert found > 4
    assert abs(effects(y, classes, 1, blind.nuisance)[0]) < found - 1
    assert len(set(seeing.exchanged)) == 2  # classes are exchanged within a batch
    assert len(set(blind.exchanged)) == 1


def cells(order=None):
    """Ten cells of each of eight donors; batch shifts the first gene."""
    rng = np.random.default_rng(1)
    donor = np.repeat(np.arange(8), 10)
    batch = (donor // 2 % 2).astype(float)
    x = rng.gamma(2, 0.5, (80, 12))
    x[:, 0] += 2.0 * batch + 0.5 * (donor % 2)
    order = np.arange(80) if order is None else order
    return CellSet(
        sparse.csr_matrix(x[order], dtype=np.float32),
        (donor % 2)[order],
        [f"c{i}" for i in order],
        [f"d{donor[i]}" for i in order],
        terms=Terms(["term batch[T.1]"], batch[order, None]),
    )


def test_the_same_effects_feed_donors_and_training_replicates():
    own = cells()
    donors, replicates = donor_means([own]), training_replicates(own)
    assert sorted(donors.terms.numbers.ravel()) == sorted(replicates.terms.numbers.ravel())
    found = gene_effects({"train": own}, 2)
    assert found.over == "donors"
    np.testing.assert_allclose(
        found.t[0], effects(replicates.log_means, replicates.classes, 1, replicates.nuisance), rtol=1e-6
    )
    without = gene_effects({"train": replace(own, terms=None)}, 2)
    assert found.t[0, 0] > without.t[0, 0] + 1


def test_the_order_of_the_cells_does_not_matter():
    one = gene_effects({"train": cells()}, 2)
    other = gene_effects({"train": cells(np.random.default_rng(5).permutation(80))}, 2)
    np.testing.assert_allclose(one.t, other.t, rtol=1e-9)


@pytest.mark.parametrize("kind", ["others", "reference", "all_pairs", "trend"])
def test_three_arms_are_compared_as_asked_for(kind):
    """By the formula of a linear contrast; with two classes every kind is the case against the control."""
    rng = np.random.default_rng(2)
    y, classes, batch = rng.normal(size=(12, GENES)), np.arange(12) % 3, np.repeat([0.0, 1.0], 6)
    y[:, 0] += classes
    design = np.column_stack([classes == k for k in range(3)] + [batch]).astype(float)
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    variance = ((y - design @ beta) ** 2).sum(axis=0) / (12 - 4)
    prior, prior_freedom = prior_variance(variance, 8)
    share = 1 / (1 + 8 / prior_freedom)
    moderated = share * prior + (1 - share) * variance
    for contrast in contrasts(3, kind):
        weights = np.append(contrast.weights, 0.0)
        expected = weights @ beta / np.sqrt(moderated * (weights @ inverse @ weights))
        np.testing.assert_allclose(effects(y, classes, contrast.weights, batch[:, None]), expected, rtol=1e-8)
    assert [one.weights.tolist() for one in contrasts(2, kind)] == [[-1.0, 1.0]]


@pytest.mark.parametrize(("kind", "count"), [("others", 4), ("reference", 3), ("all_pairs", 6), ("trend", 1)])
def test_each_comparison_has_a_name_of_its_own(kind, count):
    names = [one.name("abcd") for one in contrasts(4, kind)]
    assert len(set(names)) == count
    assert names[-1] == {"others": "d vs others", "reference": "d vs a", "trend": "trend from a to d"}.get(
        kind, "d vs c"
    )


def test_a_pair_of_arms_exchanges_its_own_donors_alone():
    """A third arm of which nothing is known stays as it is; each donor with all three arms has two orders of a pair."""
    y, one = np.zeros((9, 2)), contrasts(3, "all_pairs")[0]
    drawn = exchanged(DonorMeans(y, np.repeat([0, 1, 2], 3), [f"d{i}" for i in range(9)]), one)
    assert (one.up, one.down, drawn.distinct, len(drawn.labels)) == (1, 0, 10, 10)  # 20 divisions, each with a mirror
    assert (drawn.labels[:, 6:] == 2).all()
    assert {frozenset(np.flatnonzero(row == 1)) for row in drawn.labels} <= set(
        map(frozenset, combinations(range(6), 3))
    )
    repeated = DonorMeans(y, np.arange(9) % 3, [f"d{i // 3}" for i in range(9)])
    own = exchanged(repeated, one)
    assert own.distinct == 4  # 2 * 2 * 2, each with a mirror
    assert (own.labels[:, 2::3] == 2).all()
    assert len(exchanged(repeated, None).labels) == 6**3


def test_an_ordered_dose_is_found_as_a_trend_and_named_by_its_ends(small_graph):
    t = np.zeros((1, len(small_graph.genes)))
    first = small_graph.path_nodes()[0]
    t[0, first[first >= 0]] = 3.0
    names = ["none", "low", "high"]
    found, _, comparisons = path_directions(GeneEffects(t, "donors", contrasts(3, "trend")), small_graph, names)
    assert (found[0], comparisons[0]) == ("high", "trend from none to high")
    falling, *_ = path_directions(GeneEffects(-t, "donors", contrasts(3, "trend")), small_graph, names)
    assert falling[0] == "none"
    each = np.concatenate([t * 0, t])
    against, *_ = path_directions(GeneEffects(each, "donors", contrasts(3, "reference")), small_graph, names)
    assert against[0] == "high"


def test_the_contrast_travels_with_the_cells():
    own = replace(cells(), labels=np.arange(80) // 10 % 3, contrast="trend", terms=None)
    found = gene_effects({"train": own}, 3)
    assert found.t.shape == (1, 12)
    assert found.compared[0].up == 2
