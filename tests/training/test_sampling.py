from collections import Counter

import numpy as np
import pytest
from scipy import sparse

from pathlore.training.data import CellSet, Terms, WideCells
from pathlore.training.sampling import BalancedSample, evenly, sampled


@pytest.mark.parametrize(
    ("sizes", "total", "expected"),
    [
        ([5, 5, 5], 9, [3, 3, 3]),
        ([1, 9, 9], 9, [1, 4, 4]),
        ([9, 9, 1], 11, [5, 5, 1]),
        ([0, 3, 100], 50, [0, 3, 47]),
        ([4, 4], 100, [4, 4]),
    ],
)
def test_units_give_as_evenly_as_their_sizes_allow(sizes, total, expected):
    units = np.repeat(np.arange(len(sizes)), sizes)
    rows = evenly(np.arange(len(units)), units, total, np.random.default_rng(0))
    assert np.bincount(units[rows], minlength=len(sizes)).tolist() == expected


def donors_and_labels():
    """Class 0: donors of 600, 60 and 3 cells, and 37 of nobody; class 1: one donor of 200 and a paired one of 100."""
    donors = ["a"] * 600 + ["b"] * 60 + ["c"] * 3 + [None] * 37 + ["d"] * 200 + ["a"] * 100
    return donors, np.repeat([0, 1], [700, 300])


def test_classes_keep_their_fractions_and_donors_count_alike():
    donors, labels = donors_and_labels()
    rows = BalancedSample(labels, donors, 100).rows(0)
    assert len(np.unique(rows)) == len(rows) == 100
    assert (np.diff(rows) > 0).all()
    found = Counter((labels[i], donors[i]) for i in rows)
    assert {unit: found.pop(unit) for unit in [(0, "c"), (1, "d"), (1, "a")]} == {
        (0, "c"): 3,
        (1, "d"): 15,
        (1, "a"): 15,
    }
    assert sorted(found.values()) == [22, 22, 23]  # of a, b and nobody; chance says who gives one more


def test_the_same_numbers_draw_the_same_cells_and_all_cells_come_up():
    donors, labels = donors_and_labels()
    sample = BalancedSample(labels, donors, 100)
    np.testing.assert_array_equal(sample.rows(3, 7), BalancedSample(labels, donors, 100).rows(3, 7))
    assert not np.array_equal(sample.rows(3, 7), sample.rows(3, 8))
    assert not np.array_equal(sample.rows(3, 7), sample.rows(4, 7))
    times = np.bincount(np.concatenate([sample.rows(0, epoch) for epoch in range(200)]), minlength=1000)
    assert times.min() > 0
    assert times[:600].mean() == pytest.approx(200 * 67 / 3 / 600, rel=0.02)
    assert (times[660:663] == 200).all()


@pytest.mark.parametrize("most", [None, 1000, 2000])
def test_where_there_are_no_more_all_are_taken(most):
    donors, labels = donors_and_labels()
    np.testing.assert_array_equal(BalancedSample(labels, donors, most).rows(1, 2), np.arange(1000))


def test_a_class_of_few_cells_is_not_lost():
    labels = np.repeat([0, 1, 2], [5000, 4998, 2])
    rows = BalancedSample(labels, [None] * 10_000, 30).rows(0)
    assert np.bincount(labels[rows], minlength=3).tolist() == [15, 14, 1]


def test_a_sample_of_cells_has_all_that_belongs_to_them():
    donors, labels = donors_and_labels()
    x = sparse.csr_matrix(np.arange(1000, dtype=np.float32)[:, None] + 1)
    cells = CellSet(
        x, labels, [f"cell {i}" for i in range(1000)], donors,
        wide=WideCells(["A", "B"], sparse.csr_matrix(sparse.hstack([x, x]))),
        terms=Terms(["batch"], np.arange(1000.0)[:, None]), contrast="control",
    )  # fmt: skip
    assert sampled(cells, 1000) is cells
    part = sampled(cells, 50, seed=2)
    places = part.x.toarray().ravel().astype(int) - 1
    assert len(part) == 50 == len(part.cells)
    assert part.cells == [f"cell {i}" for i in places]
    assert part.donors == [donors[i] for i in places]
    np.testing.assert_array_equal(part.labels, labels[places])
    np.testing.assert_array_equal(part.wide.x.toarray()[:, 1], places + 1)
    np.testing.assert_array_equal(part.terms.numbers.ravel(), places)
