import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from pathlore.errors import PathloreError
from pathlore.schemas import Splits
from pathlore.training.data import cell_sets, class_names

GENES = ["G0", "G1", "G2", "G3", "G4"]


@pytest.fixture
def cells():
    """Value 10 * row + column, so that each number says where it came from."""
    values = 10 * np.arange(9)[:, None] + np.arange(5)
    return AnnData(
        sparse.csr_matrix(values, dtype=np.float64),
        obs=pd.DataFrame(index=[f"c{i}" for i in range(9)]),
        var=pd.DataFrame(index=GENES),
    )


@pytest.fixture
def splits():
    """Not in the order of the cells; c4 is left out."""
    rows = [
        ("c7", "case", 1, "d2", "train"),
        ("c2", "control", 0, None, "train"),
        ("c5", "case", 1, "d3", "validation"),
        ("c0", "control", 0, "d1", "test"),
        ("c8", "case", 1, "d2", "train"),
        ("c1", "control", 0, "d4", "validation"),
        ("c3", "case", 1, "d5", "test"),
        ("c6", "control", 0, "d6", "test"),
    ]
    table = pd.DataFrame(rows, columns=["cell", "condition", "label", "donor", "split"])
    table[["cell_type", "population"]] = None, "pooled"
    return Splits.validate(table)


def test_cells_and_genes_are_in_the_order_asked_for(cells, splits):
    data = cell_sets(cells, splits, ["G3", "G0", "G4"])
    assert list(data) == ["train", "validation", "test"]
    assert data["train"].cells == ["c7", "c2", "c8"]
    np.testing.assert_array_equal(data["train"].x.toarray(), [[73, 70, 74], [23, 20, 24], [83, 80, 84]])
    np.testing.assert_array_equal(data["train"].labels, [1, 0, 1])
    assert data["train"].donors == ["d2", None, "d2"]
    np.testing.assert_array_equal(data["validation"].x[:, 0].toarray()[:, 0], [53, 13])
    assert [len(part) for part in data.values()] == [3, 2, 3]


def test_kinds_of_numbers_and_memory(cells, splits):
    for part in cell_sets(cells, splits, GENES).values():
        assert (part.x.dtype, part.labels.dtype) == (np.float32, np.int64)
        assert isinstance(part.x, sparse.csr_matrix)
        assert part.x.has_canonical_format


def test_inputs_are_left_as_they_were(cells, splits):
    before, table = cells.copy(), splits.copy()
    data = cell_sets(cells, splits, GENES)
    data["train"].x.data[:] = -1
    data["train"].labels[:] = 9
    assert (cells.X != before.X).nnz == 0
    pd.testing.assert_frame_equal(splits, table)


def test_inputs_of_different_runs_are_refused(cells, splits):
    with pytest.raises(PathloreError, match=r"2 gene\(s\) of the graph are not in `cells` \(NEW1, NEW2\): run"):
        cell_sets(cells, splits, ["NEW2", "G1", "NEW1"])
    with pytest.raises(PathloreError, match=r"1 cell\(s\) of `splits` are not in `cells`"):
        cell_sets(cells[1:].copy(), splits, GENES)


def test_names_of_classes_by_label(splits):
    assert class_names(splits) == ["control", "case"]
    third = splits.replace({"condition": {"case": "aaa"}})
    assert class_names(third) == ["control", "aaa"]
