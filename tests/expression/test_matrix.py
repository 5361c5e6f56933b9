import numpy as np
import pytest
from anndata import AnnData, read_h5ad
from scipy import sparse

from pathlore.errors import PathloreError
from pathlore.expression import matrix as module
from pathlore.expression.matrix import block_size, read_rows, sample_rows, select_matrix


@pytest.fixture
def stored(raw_cells, tmp_path):
    """An object with X, raw and a layer, written and opened on disk."""
    raw_cells.raw = raw_cells.copy()
    subset = raw_cells[:, :5].copy()
    subset.layers["twice"] = subset.X * 2
    subset.write_h5ad(tmp_path / "cells.h5ad")
    backed = read_h5ad(tmp_path / "cells.h5ad", backed="r")
    yield subset, backed
    backed.file.close()


@pytest.mark.parametrize(("layer", "width"), [("X", 5), ("raw", 12), ("twice", 5)])
def test_memory_and_disk_agree(stored, layer, width):
    memory, disk = (select_matrix(adata, layer) for adata in stored)
    assert len(disk.var) == width
    block = read_rows(disk, 10, 30)
    assert block.shape == (20, width)
    assert block.dtype == np.float32
    assert (block != read_rows(memory, 10, 30)).nnz == 0


@pytest.mark.parametrize("form", [sparse.csc_matrix, np.asarray, sparse.csr_array])
def test_every_form_of_storage(raw_cells, tmp_path, form):
    expected = raw_cells.X.toarray()
    raw_cells.X = form(raw_cells.X.toarray())
    raw_cells.write_h5ad(tmp_path / "cells.h5ad")
    backed = read_h5ad(tmp_path / "cells.h5ad", backed="r")
    for adata in (raw_cells, backed):
        matrix = select_matrix(adata, "X")
        np.testing.assert_array_equal(read_rows(matrix, 5, 9).toarray(), expected[5:9])
    backed.file.close()


def test_absent_layer_lists_those_there(stored):
    with pytest.raises(PathloreError, match=r"'counts' not found, the file has X, raw, twice.*ingestion.cells.layer"):
        select_matrix(stored[0], "counts")


def test_no_matrix_and_no_cells(raw_cells):
    with pytest.raises(PathloreError, match="'X' not found"):
        select_matrix(AnnData(obs=raw_cells.obs), "X")
    with pytest.raises(PathloreError, match="0 cells x 12 genes"):
        select_matrix(raw_cells[:0], "X")


def test_sample_is_all_or_three_parts(raw_cells):
    matrix = select_matrix(raw_cells, "X")
    assert sample_rows(matrix).shape == (60, 12)
    sample = sample_rows(matrix, 9).toarray()
    rows = [0, 1, 2, 28, 29, 30, 57, 58, 59]
    np.testing.assert_array_equal(sample, raw_cells.X[rows].toarray())


def test_blocks_shrink_with_the_number_of_genes(raw_cells, monkeypatch):
    monkeypatch.setattr(module, "BLOCK_VALUES", 36)
    assert block_size(select_matrix(raw_cells, "X")) == 3
