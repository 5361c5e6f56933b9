import numpy as np
import pandas as pd
import pytest

from pathlore.signals.profiles import make_profiles
from pathlore.signals.vectors import centred_unit, network_vectors, with_ligands


def slow_vectors(pairs, n, k, power):
    """The formula of the docstring, entry by entry."""
    adjacency = np.zeros((n, n))
    for a, b in pairs:
        if a != b:
            adjacency[a, b] = adjacency[b, a] = 1
    degree = adjacency.sum(axis=1)
    normalised = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            if adjacency[i, j]:
                normalised[i, j] = 1 / np.sqrt(degree[i] * degree[j])
    values, vectors = np.linalg.eigh(normalised)
    order = np.argsort(-values)[:k]
    rows = []
    for i in range(n):
        row = [max(values[m], 0) ** power * vectors[i, m] for m in order]
        rows.append(np.array(row) / np.sqrt(max(degree[i], 1)))
    return rows, degree


@pytest.mark.parametrize("k", [3, 12])  # the sparse solver, and the dense one
def test_network_vectors_are_those_of_the_formula(k):
    rng = np.random.default_rng(0)
    n = 40
    pairs = [(i, i + 1) for i in range(n - 2)] + [tuple(pair) for pair in rng.integers(n - 1, size=(60, 2))]
    source, target = np.array(pairs).T
    rows, degree = slow_vectors(pairs, n, k, power=3)
    mean = np.mean([row for row, d in zip(rows, degree, strict=True) if d], axis=0)
    expected = [
        (row - mean) / np.linalg.norm(row - mean) if d else 0 * row for row, d in zip(rows, degree, strict=True)
    ]
    expected = np.array(expected)
    found = network_vectors(source, target, n, dimensions=k, power=3)
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=1e-5)  # eigenvectors are known up to signs
    assert not found[n - 1].any(), "the gene without a neighbour"


def test_direction_repeats_and_self_loops_of_associations_do_not_count():
    source, target = np.array([0, 1, 2, 3, 3]), np.array([1, 2, 3, 4, 0])
    one = network_vectors(source, target, 5)
    other = network_vectors(np.concatenate([target, source[:2], [2]]), np.concatenate([source, target[:2], [2]]), 5)
    np.testing.assert_allclose(one @ one.T, other @ other.T, atol=1e-5)


def test_two_parts_of_a_network_point_away_from_each_other():
    pairs = [(i, j) for part in (range(5), range(5, 10)) for i in part for j in part if i < j]
    source, target = np.array(pairs).T
    vectors = network_vectors(source, target, 10)
    alike = vectors @ vectors.T
    assert alike[:5, :5].min() > 0.99
    assert alike[:5, 5:].max() < -0.99


def test_a_vector_that_is_missing_stays_zero_and_moves_no_mean():
    vectors = centred_unit(np.array([[2.0, 0], [0, 2.0], [9.0, 9.0]]), np.array([True, True, False]))
    np.testing.assert_allclose(vectors, [[0.5**0.5, -(0.5**0.5)], [-(0.5**0.5), 0.5**0.5], [0, 0]], atol=1e-6)


def test_ligands_without_a_text_do_not_thin_those_that_have_one():
    receptors = np.array([[1.0, 0], [1.0, 0], [0, 0]])
    ligands = np.array([[0, 1.0], [0, 0.0]])
    bound = np.array([[True, True], [False, True], [True, False]])
    half = 0.5**0.5
    np.testing.assert_allclose(with_ligands(receptors, ligands, bound), [[half, half], [1, 0], [0, 1]], atol=1e-6)


def test_bonds_of_ligands_place_no_gene():
    """That a cell makes a ligand says to whom it speaks, not what it heard."""
    rows = [("L1", "R1", "ligand_receptor"), ("L2", "R2", "ligand_receptor"), ("R1", "K1", "signaling")]
    rows += [("R2", "K2", "signaling"), ("K1", "X1", "tf_target"), ("K2", "X2", "tf_target"), ("K1", "L2", "tf_target")]
    network = pd.DataFrame(rows, columns=["source", "target", "kind"]).assign(sign=1)
    exchanged = network.replace({"source": {"L1": "L2", "L2": "L1"}})
    one, other = (make_profiles(table, []) for table in (network, exchanged))
    np.testing.assert_allclose(one.vectors @ one.vectors.T, other.vectors @ other.vectors.T, atol=1e-5)
    place = {gene: i for i, gene in enumerate(one.genes)}
    assert not one.vectors[place["L1"]].any(), "nothing switches it on"
    near = one.vectors @ one.vectors[place["L2"]]
    assert near[place["R1"]] > near[place["R2"]], "what is switched on by R1 speaks for R1"
