"""One definition of "more active in": the arrows of the genes, and the direction of the path."""

import numpy as np
import pytest
from scipy import sparse

from pathlore.explain.path_changes import GeneEffects, gene_effects, path_directions
from pathlore.training.data import CellSet
from pathlore.training.path_statistics import smallest_signed

NAMES = ["healthy", "ill", "worse"]
PATH = "R1>S2>T1>X1"
"""Signs of its steps in the small world: -, +, +; so R1 + and the others - if the receptor rises."""


def directions(small_graph, effects, names=("healthy", "ill"), path=PATH):
    """Direction and arrows of one path for effects by gene; (K,) values for several classes."""
    t = np.zeros((1 if len(names) == 2 else len(names), len(small_graph.genes)))
    for gene, value in effects.items():
        t[:, small_graph.position[gene]] = value
    place = list(small_graph.paths["path"]).index(path)
    found, arrows, _ = path_directions(GeneEffects(t, "donors"), small_graph, names)
    return found[place], arrows[place]


@pytest.mark.parametrize(
    ("t", "expected"),
    [
        ([3, 2, 2, 1.5], "ill"),  # all rise
        ([-3, -2, -2, -1.5], "healthy"),  # all fall
        ([3, -2, -2, -1.5], "ill"),  # the receptor rises, what it inhibits falls
        ([-3, 2, 2, 1.5], "healthy"),
        ([3, 2, -2, 1.5], "mixed"),  # one gene disagrees, whatever the signs
        ([3, 2, 0.5, -0.9], "ill"),  # two rise, two do not move
        ([3, 0.5, 0.5, 0.9], "mixed"),  # fewer than half move
        ([0.2, 2, 2, 0], "mixed"),  # they rise; by the signs that is a receptor that falls
        ([0, 0, 0, 0], "mixed"),
    ],
)
def test_no_direction_without_agreement(small_graph, t, expected):
    genes = PATH.split(">")
    found, arrows = directions(small_graph, dict(zip(genes, t, strict=True)))
    assert found == expected
    marks = ["↑" if value >= 1 else "↓" if value <= -1 else "·" for value in t]
    assert arrows == "; ".join(f"{g} {m} {v:+.1f}" for g, m, v in zip(genes, marks, t, strict=True))


def test_of_several_classes_the_one_that_stands_out(small_graph):
    genes = PATH.split(">")
    found, arrows = directions(small_graph, {gene: [-1.5, -1.2, 2.5] for gene in genes}, NAMES)
    assert found == "worse"
    assert arrows.startswith("R1 ↑ +2.5; ")
    assert directions(small_graph, {gene: [-1.5, 0.1, 0.5] for gene in genes}, NAMES)[0] == "mixed", "none is highest"


def test_the_smallest_signed_effect_by_loops(small_graph):
    t = np.random.default_rng(0).normal(size=(3, len(small_graph.genes)))
    nodes, signs = small_graph.path_nodes(), small_graph.path_signs()
    up, down = smallest_signed(t, nodes, signs)
    for row in range(3):
        for p, genes in enumerate(small_graph.path_genes):
            signed = [signs[p, place] * t[row, small_graph.position[gene]] for place, gene in enumerate(genes)]
            assert up[row, p] == pytest.approx(min(signed), rel=1e-5)
            assert down[row, p] == pytest.approx(-max(signed), rel=1e-5)


def cells(n, genes, donors, labels, seed=0):
    x = np.random.default_rng(seed).gamma(2.0, 0.5, (n, genes)) + 3 * labels[:, None]
    return CellSet(sparse.csr_matrix(x, dtype=np.float32), labels, [str(i) for i in range(n)], donors)


def test_effects_are_over_donors_where_there_are_two_of_each_class():
    labels = np.repeat([0, 1], 20)
    known = [f"d{i // 10}" for i in range(40)]  # two donors of each class
    of_donors = gene_effects({"train": cells(40, 6, known, labels)}, 2)
    assert of_donors.over == "donors"
    assert (of_donors.t > 1).all()
    single = gene_effects({"train": cells(40, 6, ["a"] * 20 + ["b"] * 20, labels)}, 2)
    assert single.over == gene_effects({"train": cells(40, 6, [None] * 40, labels)}, 2).over == "cells"


def test_all_splits_count_where_donors_are_known():
    labels = np.repeat([0, 1], 20)
    train = cells(40, 6, [f"d{i // 10}" for i in range(40)], labels)
    test = cells(40, 6, [f"e{i // 10}" for i in range(40)], 1 - labels, seed=1)
    against = CellSet(test.x, labels, test.cells, test.donors)  # in the test donors all genes fall
    assert (gene_effects({"train": train}, 2).t > 3).all()
    both = gene_effects({"train": train, "test": against}, 2).t
    assert (np.abs(both) < 1).all()
