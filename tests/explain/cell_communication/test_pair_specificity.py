import numpy as np
import pytest
from scipy import sparse

from pathlore.explain.cell_communication.partners import Partners
from pathlore.explain.cell_communication.specificity import specificity

GENES = ["A", "B", "C", "D", "E"]
LIGANDS, RECEPTORS = Partners(["A", "B_C"], GENES), Partners(["C", "D", "D_E"], GENES)


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(0)
    population = rng.integers(3, size=150)
    x = rng.random((150, 5)) * (rng.random((150, 5)) < 0.5)
    x[population == 0, 0] += 1.0  # A and D belong to populations 0 and 1
    x[population == 1, 3] += 1.0
    interactions = np.array([(s, r, a, b) for s in range(3) for r in range(3) for a in range(2) for b in range(3)]).T
    return x.astype(np.float32), population, interactions


def slow(x, population, interactions, permutations, seed):
    """One permutation, population and line at a time."""
    rng = np.random.default_rng(seed)

    def statistics(labels):
        means = np.array([x[labels == s].astype(float).mean(axis=0) for s in range(3)])
        return np.array(
            [
                (min(means[s][LIGANDS.members[a]]) + min(means[r][RECEPTORS.members[b]])) / 2
                for s, r, a, b in interactions.T
            ]
        )

    observed = statistics(population)
    null = np.array([statistics(rng.permutation(population.astype(np.uint16))) for _ in range(permutations)])
    return (1 + (null >= observed - 1e-9).sum(axis=0)) / (1 + permutations)


def test_p_is_that_of_a_slow_loop(world):
    x, population, interactions = world
    found = specificity(sparse.csr_matrix(x), population, LIGANDS, RECEPTORS, interactions, 40, 3)
    assert np.array_equal(found, slow(x, population, interactions, 40, 3))
    assert len(np.unique(found)) > 10


def test_a_pair_of_two_populations_is_found_there_alone(world):
    x, population, interactions = world
    found = specificity(sparse.csr_matrix(x), population, LIGANDS, RECEPTORS, interactions, 200, 0)
    own = (interactions == np.array([0, 1, 0, 1])[:, None]).all(axis=0)
    assert found[own] == 1 / 201
    elsewhere = (interactions == np.array([2, 2, 0, 1])[:, None]).all(axis=0)
    assert found[elsewhere] > 0.5
