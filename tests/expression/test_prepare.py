import gc
import logging
import os
import signal
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData, read_h5ad
from scipy import sparse

from pathlore.datasets.anndata import AnnDataDataset
from pathlore.errors import PathloreError
from pathlore.expression import matrix, prepare
from pathlore.expression.prepare import gene_columns, per_total, prepare_cells
from pathlore.expression.splits import split_cells
from pathlore.expression.streaming import scratch_folder


def test_result_in_full(raw_cells, cells_config, quality, caplog):
    with caplog.at_level(logging.INFO):
        cells = prepare_cells(raw_cells, cells_config(), quality())
    counts = raw_cells.X.toarray()
    expected = np.log1p(counts / counts.sum(axis=1, keepdims=True) * 100)
    in_order = cells[raw_cells.obs_names, raw_cells.var_names]
    np.testing.assert_allclose(in_order.X.toarray(), expected, rtol=1e-5)
    assert isinstance(cells.X, sparse.csr_matrix)
    assert cells.X.dtype == np.float32
    assert list(cells.obs.columns) == ["condition", "label", "donor", "cell_type"]
    assert list(cells.obs["condition"].cat.categories) == ["control", "case"]
    assert list(cells.var_names) == sorted(raw_cells.var_names)
    assert list(cells.obs_names) == sorted(raw_cells.obs_names)
    assert cells.uns["pathlore"]["scale"] == "counts"
    assert "60 of 60 cells and 12 of 12 genes kept, values taken as counts" in caplog.text


def test_input_is_left_as_it_was(raw_cells, cells_config, quality):
    before = raw_cells.copy()
    prepare_cells(raw_cells, cells_config(), quality(min_genes=11))
    assert (raw_cells.X != before.X).nnz == 0
    pd.testing.assert_frame_equal(raw_cells.obs, before.obs)


def test_disk_and_small_blocks_change_nothing(raw_cells, cells_config, quality, tmp_path, monkeypatch):
    config, rules = cells_config(classes={"control": ["healthy"], "case": ["severe"]}), quality(min_genes=11)
    whole = prepare_cells(raw_cells, config, rules)
    raw_cells.write_h5ad(tmp_path / "cells.h5ad")
    monkeypatch.setattr(matrix, "BLOCK_VALUES", 12 * 7)
    backed = read_h5ad(tmp_path / "cells.h5ad", backed="r")
    blocks = prepare_cells(backed, config, rules)
    backed.file.close()
    np.testing.assert_array_equal(whole.X.toarray(), blocks.X.toarray())
    pd.testing.assert_frame_equal(whole.obs, blocks.obs)
    assert whole.uns["pathlore"]["dropped"] == blocks.uns["pathlore"]["dropped"]
    assert whole.uns["pathlore"]["dropped"]["cells_other_condition"] == 15
    assert 0 < whole.uns["pathlore"]["dropped"]["cells_min_genes"] < 45


@pytest.mark.parametrize("suffix", [".h5ad", ".zarr"])
@pytest.mark.parametrize("order", ["sorted", "turned"])
def test_through_files_they_are_the_same_to_the_bit(
    raw_cells, cells_config, quality, tmp_path, monkeypatch, suffix, order
):
    names = np.sort(raw_cells.obs_names) if order == "sorted" else np.random.default_rng(5).permutation(60)
    raw_cells.obs_names = [str(name) for name in names]
    config, rules = cells_config(classes={"control": ["healthy"], "case": ["severe"]}), quality(min_genes=11)
    dataset = AnnDataDataset(filepath=tmp_path / f"cells{suffix}", backed=True)
    dataset.save(raw_cells)
    scratch = tmp_path / "scratch"
    whole = prepare_cells(raw_cells, config, rules, scratch=str(scratch))
    assert not scratch.exists(), "few cells stay in memory"
    monkeypatch.setattr(matrix, "BLOCK_VALUES", 12 * 7)
    monkeypatch.setattr(prepare, "MEMORY_VALUES", 50)
    monkeypatch.setattr(prepare, "BUCKET_VALUES", 100)
    streamed = prepare_cells(dataset.load(), config, rules, scratch=str(scratch))
    assert not streamed.X.data.flags.writeable, "it is mapped from the file"
    for part in ("data", "indices", "indptr"):
        first, second = getattr(whole.X, part), getattr(streamed.X, part)
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first, second)
    pd.testing.assert_frame_equal(whole.obs, streamed.obs)
    assert whole.uns["pathlore"] == streamed.uns["pathlore"]
    for name, cells in (("whole", whole), ("streamed", streamed)):
        AnnDataDataset(filepath=tmp_path / f"{name}.h5ad").save(cells)
    assert (tmp_path / "whole.h5ad").read_bytes() == (tmp_path / "streamed.h5ad").read_bytes()
    del cells, streamed
    gc.collect()
    assert not scratch.exists(), "the files go with the cells"


@pytest.mark.parametrize("fault", ["a bad value", "killed"])
def test_a_preparation_that_ends_early_leaves_nothing(raw_cells, tmp_path, monkeypatch, cells_config, quality, fault):
    """Neither a file of cells nor files of its own, once the next run has begun."""
    scratch = tmp_path / "scratch"
    monkeypatch.setattr(prepare, "MEMORY_VALUES", 50)
    monkeypatch.setattr(matrix, "BLOCK_VALUES", 12 * 7)
    if fault == "killed":
        monkeypatch.setattr(prepare, "refuse_mixed", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        process = os.fork()
        if not process:
            prepare_cells(raw_cells, cells_config(), quality(), scratch=str(scratch))
        assert os.waitpid(process, 0)[1] == signal.SIGKILL
        assert list(scratch.rglob("*.data"))
        monkeypatch.undo()
        scratch_folder(str(scratch))
    else:
        raw_cells.X[50, 3] = np.nan
        monkeypatch.setattr(prepare, "sample_rows", lambda found: matrix.read_rows(found, 0, 10))
        with pytest.raises(PathloreError, match="NaN"):
            prepare_cells(raw_cells, cells_config(), quality(), scratch=str(scratch))
    gc.collect()
    assert not scratch.exists()


def test_metacells_are_made_from_files(raw_cells, cells_config, quality, tmp_path, monkeypatch):
    expected = prepare_cells(raw_cells, cells_config(), quality(metacells=5))
    monkeypatch.setattr(prepare, "MEMORY_VALUES", 50)
    found = prepare_cells(raw_cells, cells_config(), quality(metacells=5), scratch=str(tmp_path))
    np.testing.assert_array_equal(expected.X.toarray(), found.X.toarray())
    pd.testing.assert_frame_equal(expected.obs, found.obs)


def test_memory_does_not_grow_with_the_cells(cells_config, quality, tmp_path, monkeypatch):
    """Four times the cells: the most that is held at once beside their labels stays as it is."""
    monkeypatch.setattr(matrix, "BLOCK_VALUES", 100 * 1200)
    monkeypatch.setattr(prepare, "MEMORY_VALUES", 10_000)
    monkeypatch.setattr(prepare, "BUCKET_VALUES", 40_000)
    peaks = []
    for n in (2_000, 8_000):
        rng = np.random.default_rng(0)
        X = sparse.csr_matrix(rng.poisson(0.5, (n, 1200)).astype(np.float32))
        obs = pd.DataFrame({"severity": np.resize(["healthy", "severe"], n)}, index=rng.permutation(n).astype(str))
        AnnData(X, obs).write_h5ad(tmp_path / f"{n}.h5ad")
        cells = read_h5ad(tmp_path / f"{n}.h5ad", backed="r")
        config = cells_config(
            condition="severity", donor=None, cell_type=None, classes={"control": ["healthy"], "case": ["severe"]}
        )
        tracemalloc.start()
        prepared = prepare_cells(cells, config, quality(min_genes=0), scratch=str(tmp_path / "scratch"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert prepared.X.nnz * 8 > 3 * n * 1200
    per_cell = (peaks[1] - peaks[0]) / 6_000
    assert per_cell < 1000, "bytes: labels and verdicts; the values of a cell take 3,780"


@pytest.mark.parametrize("known", [True, False])
def test_survives_h5ad(raw_cells, cells_config, quality, tmp_path, known):
    config = cells_config() if known else cells_config(donor=None, cell_type=None)
    cells = prepare_cells(raw_cells, config, quality())
    cells.write_h5ad(tmp_path / "cells.h5ad")
    again = read_h5ad(tmp_path / "cells.h5ad")
    assert again.uns["pathlore"]["dropped"] == cells.uns["pathlore"]["dropped"]
    assert again.obs["donor"].isna().all() != known
    assert again.obs["condition"].tolist() == cells.obs["condition"].tolist()


def test_mitochondrial_share_is_judged_for_counts(raw_cells, cells_config, quality):
    X = raw_cells.X.toarray()
    X[:4, -1] = 1000
    raw_cells.X = sparse.csr_matrix(X)
    cells = prepare_cells(raw_cells, cells_config(), quality(max_mitochondrial_percent=50))
    assert cells.n_obs == 56
    assert cells.uns["pathlore"]["dropped"]["cells_max_mitochondrial_percent"] == 4
    raw_cells.X = sparse.csr_matrix(np.log1p(X))
    assert prepare_cells(raw_cells, cells_config(), quality(max_mitochondrial_percent=1)).n_obs == 60


@pytest.mark.parametrize("scale", ["counts", "log", "normalised"])
def test_columns_of_one_symbol_are_added_up(raw_cells, cells_config, quality, scale):
    counts = raw_cells.X.toarray().astype(np.float64)
    linear = counts / counts.sum(axis=1, keepdims=True) * 100
    raw_cells.X = sparse.csr_matrix({"counts": counts, "log": np.log1p(linear), "normalised": linear}[scale])
    raw_cells.var["symbol"] = ["A", "A", "", *raw_cells.var_names[3:]]
    cells = prepare_cells(raw_cells, cells_config(gene_column="symbol"), quality(scale=scale))
    assert list(cells.var_names[:2]) == ["A", "G10"]
    cells = cells[raw_cells.obs_names, ["A", *raw_cells.var_names[3:]]]
    expected = np.log1p(np.column_stack([linear[:, 0] + linear[:, 1], linear[:, 3:]]))
    np.testing.assert_allclose(cells.X.toarray(), expected, rtol=1e-5)
    assert cells.uns["pathlore"]["dropped"]["genes_without_symbol"] == 1
    assert cells.uns["pathlore"]["dropped"]["genes_merged_by_symbol"] == 1


@pytest.mark.parametrize("kind", [np.int8, np.uint16, np.int64, np.float32, np.float64])
def test_counts_of_any_type_are_divided_by_their_sum(kind):
    counts = np.random.default_rng(0).poisson(0.5, (20, 50))
    counts[3], counts[4, 5] = 0, 120  # a cell without counts; one beyond what small types can add up
    made = per_total(sparse.csr_matrix(counts.astype(kind)), 1e4)
    sums = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    np.testing.assert_allclose(made.toarray(), counts / sums * 1e4, rtol=1e-6)
    many = sparse.csr_matrix(np.full((1, 3000), 10_007, dtype=np.float32))  # their sum is no float32
    assert per_total(many, 3000.0).toarray() == pytest.approx(1.0, rel=1e-7)


def test_log_data_are_left_as_they_are(raw_cells, cells_config, quality):
    raw_cells.X = raw_cells.X.log1p()
    cells = prepare_cells(raw_cells, cells_config(), quality())
    assert cells.uns["pathlore"]["scale"] == "log"
    np.testing.assert_array_equal(cells[raw_cells.obs_names, raw_cells.var_names].X.toarray(), raw_cells.X.toarray())


def test_bad_value_beyond_the_sample_is_found(raw_cells, cells_config, quality, monkeypatch):
    raw_cells.X[20, 3] = np.nan
    monkeypatch.setattr("pathlore.expression.prepare.sample_rows", lambda found: matrix.read_rows(found, 0, 10))
    with pytest.raises(PathloreError, match="NaN"):
        prepare_cells(raw_cells, cells_config(), quality())


def test_empty_class_names_the_rule(raw_cells, cells_config, quality):
    with pytest.raises(PathloreError, match=r"'control' is left: 30 of 30 .*`ingestion.quality.min_genes`"):
        prepare_cells(raw_cells, cells_config(), quality(min_genes=13))
    X = raw_cells.X.toarray()
    X[30:, -1] = 1000
    cells = AnnData(sparse.csr_matrix(X), obs=raw_cells.obs, var=raw_cells.var)
    with pytest.raises(PathloreError, match=r"'case' is left.*`ingestion.quality.max_mitochondrial_percent`"):
        prepare_cells(cells, cells_config(), quality(max_mitochondrial_percent=50))


def test_each_cell_is_prepared_by_itself(raw_cells, cells_config, quality):
    """What other cells hold changes nothing: preparation cannot leak."""
    kept = raw_cells.obs_names[:30]
    first = prepare_cells(raw_cells, cells_config(), quality())[kept].X.toarray()
    raw_cells.X[30:] = raw_cells.X[30:] * 7
    second = prepare_cells(raw_cells, cells_config(), quality())[kept].X.toarray()
    np.testing.assert_array_equal(first, second)


def test_what_is_no_gene_is_no_part_of_the_library(raw_cells, cells_config, quality):
    """Antibodies with a thousand counts change nothing."""
    expected = prepare_cells(raw_cells, cells_config(), quality())
    tags = np.full((raw_cells.n_obs, 2), 1000, dtype=np.float32)
    X = sparse.hstack([raw_cells.X, tags], format="csr")
    names = [*raw_cells.var_names, "Hashtag1", raw_cells.var_names[0]]
    kinds = ["Gene Expression"] * (len(names) - 1) + ["Antibody Capture"]
    spoilt = AnnData(X, raw_cells.obs, pd.DataFrame({"feature_types": kinds}, index=names))
    found = prepare_cells(spoilt, cells_config(), quality())
    assert list(found.var_names) == list(expected.var_names)
    assert (found.X != expected.X).nnz == 0


def test_the_order_of_cells_and_genes_decides_nothing(raw_cells, cells_config, quality, split_config):
    rng = np.random.default_rng(2)
    turned = raw_cells[rng.permutation(raw_cells.n_obs)][:, rng.permutation(raw_cells.n_vars)].copy()
    first, second = (prepare_cells(cells, cells_config(), quality()) for cells in (raw_cells, turned))
    pd.testing.assert_frame_equal(first.obs, second.obs)
    assert list(first.var_names) == sorted(first.var_names) == list(second.var_names)
    assert list(first.obs_names) == sorted(first.obs_names)
    np.testing.assert_allclose(first.X.toarray(), second.X.toarray(), rtol=1e-6)
    for by in ("donor", "cell"):
        splits = [
            split_cells(cells.obs, split_config(by=by), paired_donors=False, population="all")
            for cells in (first, second)
        ]
        pd.testing.assert_frame_equal(*splits)


def test_classes_exchanged_have_the_same_splits(raw_cells, cells_config, quality, split_config):
    classes = {"case": ["mild", "severe"], "control": ["healthy"]}
    for config in (split_config(by="donor"), split_config(by="cell")):
        first, second = (
            split_cells(prepare_cells(raw_cells, own, quality()).obs, config, paired_donors=False, population="all")
            for own in (cells_config(), cells_config(classes=classes))
        )
        assert first.set_index("cell")["split"].to_dict() == second.set_index("cell")["split"].to_dict()


def test_index_or_column():
    var = pd.DataFrame({"symbol": ["A", None, "A", " B ", "nan", "mt-Co1"]}, index=[f"ENS{i}" for i in range(6)])
    genes = gene_columns(var, "symbol")
    assert list(genes.symbols) == ["A", "B", "mt-Co1"]
    assert (genes.n_nameless, genes.n_merged) == (2, 1)
    assert genes.collapse.toarray().sum(axis=0).tolist() == [2, 1, 1]
    assert genes.mitochondrial.tolist() == [False] * 5 + [True]
    assert list(gene_columns(var, None).symbols) == list(var.index)


def test_categories_are_read_as_text():
    var = pd.DataFrame({"symbol": pd.Categorical(["A", None])}, index=["1", "2"])
    assert gene_columns(var, "symbol").n_nameless == 1


def test_errors_name_the_parameter():
    var = pd.DataFrame({"feature_name": ["", None]}, index=["x", "y"])
    with pytest.raises(PathloreError, match=r"'symbol' not found in var, which has feature_name"):
        gene_columns(var, "symbol")
    with pytest.raises(PathloreError, match=r"none of 2 genes has a symbol.*`ingestion.cells.gene_column`"):
        gene_columns(var, "feature_name")
