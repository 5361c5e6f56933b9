import numpy as np
import pandas as pd
import pytest
from anndata import AnnData, read_h5ad
from scipy import sparse

from pathlore.errors import PathloreError
from pathlore.expression import matrix as module
from pathlore.expression.formats.read_cells import read_store
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


def test_what_is_no_gene_is_left_out_of_genes_and_rows(raw_cells, caplog):
    caplog.set_level("INFO")
    expected = raw_cells.X.toarray()[:, [0, 2, 3, 4, 5, 6, 7, 8, 10, 11]]
    names = [f"GENE{i}A" for i in range(12)]
    names[1], names[9] = "ERCC-00002", "CD3"
    kinds = ["Gene Expression"] * 9 + ["Antibody Capture"] + ["Gene Expression"] * 2
    raw_cells.var = pd.DataFrame({"feature_types": kinds}, index=names)
    matrix = select_matrix(raw_cells, "X")
    assert matrix.others == ("ERCC-00002", "CD3")
    assert len(matrix.var) == 10
    np.testing.assert_array_equal(read_rows(matrix, 0, raw_cells.n_obs).toarray(), expected)
    assert "2 columns are no genes and left out: CD3, ERCC-00002" in caplog.text


def test_features_of_other_types_alone_are_refused(raw_cells):
    raw_cells.var["feature_types"] = "Peaks"
    with pytest.raises(PathloreError, match="matrix 'X' has features of the type Peaks alone"):
        select_matrix(raw_cells, "X")


def test_raw_is_told_what_var_knows(raw_cells):
    ids = [f"ENSG{i:011d}" for i in range(12)]
    raw_cells.var_names = ids
    raw_cells.raw = raw_cells.copy()
    cells = raw_cells[:, :5].copy()
    cells.var["feature_name"] = pd.Categorical(["STAT1", "MYC", "JUN", "FOS", "TP53"])
    var = select_matrix(cells, "raw").var
    assert list(var["feature_name"]) == ["STAT1", "MYC", "JUN", "FOS", "TP53", *ids[5:]]
    assert "feature_name" not in cells.raw.var


def test_without_x_the_only_other_matrix_is_taken(raw_cells, tmp_path, caplog):
    cells = AnnData(obs=raw_cells.obs, var=raw_cells.var, layers={"counts": raw_cells.X})
    cells.write_h5ad(tmp_path / "cells.h5ad")
    for opened in (cells, read_store(tmp_path / "cells.h5ad", backed=True)):
        assert select_matrix(opened, "X").data.shape == raw_cells.shape
        assert "'counts', the only one, is taken" in caplog.text
    cells.layers["more"] = cells.layers["counts"]
    with pytest.raises(PathloreError, match="'X' not found, the file has counts, more"):
        select_matrix(cells, "X")


@pytest.mark.parametrize("spoil", ["indptr", "indices"])
@pytest.mark.parametrize("form", [sparse.csr_matrix, sparse.csc_matrix])
def test_a_matrix_in_memory_is_checked_too(raw_cells, spoil, form):
    X = form(raw_cells.X)
    getattr(X, spoil)[3] = 2**30
    cells = AnnData(form(raw_cells.shape, dtype=np.float32), raw_cells.obs, raw_cells.var)
    cells._X = X
    with pytest.raises(PathloreError, match=r"do not rise from 0|indices from"):
        read_rows(select_matrix(cells, "X"), 0, cells.n_obs)


def test_real_files(shared_data):
    folder = shared_data / "field"
    cite = read_store(folder / "citeseq_one_matrix.h5ad")
    assert (len(cite.var), len(select_matrix(cite, "X").var)) == (1275, 1267)
    base = read_store(folder / "base.h5ad")
    rows = (read_rows(select_matrix(cells, "X"), 0, 320) for cells in (cite, base))
    assert (next(rows) != next(rows)).nnz == 0
    portal = read_store(folder / "cellxgene_raw_without_feature_name.h5ad")
    assert list(select_matrix(portal, "raw").var["feature_name"]) == list(base.var_names)
    empty = read_store(folder / "x_none_counts_layer.h5ad", backed=True)
    assert empty.X is None
    assert (read_rows(select_matrix(empty, "X"), 0, 320) != base.X).nnz == 0
