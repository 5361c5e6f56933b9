"""Tests of `pathlore.training.replicates`."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import sparse

from pathlore.training.data import CellSet
from pathlore.training.replicates import GROUPS, LEAST_CELLS, log_means


def cell_set(labels: list[int], donors: list[str | None]) -> CellSet:
    rng = np.random.default_rng(0)
    x = rng.random((len(labels), 3)) * (rng.random((len(labels), 3)) < 0.7)
    return CellSet(sparse.csr_matrix(x.astype(np.float32)), np.array(labels), [str(i) for i in range(len(x))], donors)


def test_donors_are_the_replicates() -> None:
    donors = [name for name in "abcdef" for _ in range(LEAST_CELLS)]
    cells = cell_set([0] * 3 * LEAST_CELLS + [1] * 3 * LEAST_CELLS, donors)
    found, classes = log_means(cells)
    assert classes.tolist() == [0, 0, 0, 1, 1, 1]
    x = cells.x.toarray().astype(float)
    means = [
        [sum(math.expm1(v) for v, d in zip(x[:, g], donors, strict=True) if d == name) / LEAST_CELLS for g in range(3)]
        for name in "abcdef"
    ]
    typical = float(np.median([m for row in means for m in row if m > 0]))
    assert_allclose(found, [[math.log(m + typical / 2) for m in row] for row in means], rtol=1e-6)


def test_a_donor_with_cells_of_both_classes_counts_once_in_each() -> None:
    donors = [name for name in "abc" for _ in range(2 * LEAST_CELLS)]
    _, classes = log_means(cell_set(([0] * LEAST_CELLS + [1] * LEAST_CELLS) * 3, donors))
    assert sorted(classes.tolist()) == [0, 0, 0, 1, 1, 1]


def test_a_donor_with_few_cells_does_not_count() -> None:
    labels = [0] * 4 * LEAST_CELLS + [1] * 3 * LEAST_CELLS + [1]
    donors = [name for name in "abcdefg" for _ in range(LEAST_CELLS)] + ["h"]
    found, classes = log_means(cell_set(labels, donors))
    assert len(found) == len(classes) == 7


@pytest.mark.parametrize("donors", [[None] * 80, ["a"] * 40 + ["b"] * 40])
def test_without_enough_donors_cells_are_dealt_to_groups(donors: list[str | None]) -> None:
    cells = cell_set([0] * 40 + [1] * 40, donors)
    found, classes = log_means(cells)
    assert classes.tolist() == [0] * GROUPS + [1] * GROUPS
    assert_allclose(found, log_means(cells)[0])  # the same groups each time


def test_few_cells_make_few_groups() -> None:
    assert log_means(cell_set([0] * 7 + [1] * 12, [None] * 19))[1].tolist() == [0, 0, 1, 1]
