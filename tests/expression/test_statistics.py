import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from pathlore.config import GeneFilterConfig
from pathlore.datasets.anndata import AnnDataDataset
from pathlore.errors import PathloreError
from pathlore.expression.prepare import prepare_cells
from pathlore.expression.splits import split_cells
from pathlore.expression.statistics import gene_statistics, population_statistics, training_statistics


@pytest.fixture
def X():
    rng = np.random.default_rng(3)
    return np.log1p(rng.poisson(1.0, (30, 8)) * rng.uniform(0.5, 2, (30, 1)))


@pytest.mark.parametrize("n_classes", [2, 3])
def test_against_a_dense_computation(X, n_classes):
    labels = np.arange(30) % n_classes
    names = ["control", "case", "third"][:n_classes]
    genes = [f"G{i}" for i in range(8)]
    table = gene_statistics(sparse.csr_matrix(X), genes, labels, names, min_fraction=0.5)
    np.testing.assert_allclose(table["mean"], X.mean(axis=0))
    np.testing.assert_allclose(table["sd"], X.std(axis=0))
    np.testing.assert_allclose(table["fraction_expressed"], (X > 0).mean(axis=0))
    contrasts = np.array(
        [
            np.log2(np.expm1(X[labels == k]).mean(axis=0) + 1) - np.log2(np.expm1(X[labels != k]).mean(axis=0) + 1)
            for k in range(n_classes)
        ]
    )
    chosen = np.ones(8, dtype=int) if n_classes == 2 else np.abs(contrasts).argmax(axis=0)
    np.testing.assert_allclose(table["log_fold_change"], contrasts[chosen, np.arange(8)])
    assert table["log_fold_change_class"].tolist() == [names[k] for k in chosen]
    fractions = np.array([(X[labels == k] > 0).mean(axis=0) for k in range(n_classes)])
    for k, name in enumerate(names):
        np.testing.assert_allclose(table[f"fraction_expressed_in_{name}"], fractions[k])
    assert table["passes"].tolist() == (fractions.max(axis=0) >= 0.5).tolist()


def test_blocks_of_rows_change_nothing(X, monkeypatch):
    arguments = (sparse.csr_matrix(X), list("abcdefgh"), np.arange(30) % 2, ["x", "y"])
    whole = gene_statistics(*arguments, min_fraction=0.1)
    monkeypatch.setattr("pathlore.expression.statistics.BLOCK_CELLS", 7)
    pd.testing.assert_frame_equal(whole, gene_statistics(*arguments, min_fraction=0.1))


def test_float32_and_stored_zeros(X):
    matrix = sparse.csr_matrix(X.astype(np.float32))
    matrix.data[:5] = 0
    table = gene_statistics(matrix, list("abcdefgh"), np.arange(30) % 2, ["x", "y"], min_fraction=0.1)
    np.testing.assert_allclose(table["fraction_expressed"], (matrix.toarray() > 0).mean(axis=0))
    np.testing.assert_allclose(table["sd"], matrix.toarray().std(axis=0), rtol=1e-4)


def test_constant_and_silent_genes_do_not_pass():
    X = sparse.csr_matrix(np.tile(np.float32([0.0, 1.7]), (50, 1)))
    table = gene_statistics(X, ["silent", "constant"], np.arange(50) % 2, ["x", "y"], min_fraction=0.0)
    assert not table["passes"].any()
    assert table["sd"].tolist() == [0.0, 0.0]


def test_one_class_is_enough_to_pass():
    values = np.zeros((20, 1))
    values[:5] = 1.0
    table = gene_statistics(sparse.csr_matrix(values), ["A"], np.repeat([0, 1], 10), ["x", "y"], min_fraction=0.4)
    assert table["passes"].all()
    assert table["fraction_expressed"].item() == 0.25


def test_class_without_cells(X):
    with pytest.raises(PathloreError, match="0 of class 1"):
        gene_statistics(sparse.csr_matrix(X), list("abcdefgh"), np.zeros(30, int), ["x", "y"], min_fraction=0.1)


@pytest.fixture
def prepared(raw_cells, cells_config, quality, split_config):
    cells = prepare_cells(raw_cells, cells_config(), quality())
    return cells, split_cells(cells.obs, split_config(), paired_donors=False, population="all")


def test_other_cells_change_nothing(prepared):
    """Whatever the validation and test cells hold, what is fitted stays as it is."""
    cells, splits = prepared
    config = GeneFilterConfig(min_fraction=0.05, silent_fraction=0.5)
    first = training_statistics(cells, splits, config, ["control", "case"])
    outside = cells.obs_names.get_indexer(splits.loc[splits["split"] != "train", "cell"])
    assert len(outside)
    X = cells.X.toarray()
    X[outside] = np.random.default_rng(0).uniform(0, 1e4, (len(outside), cells.n_vars))
    cells.X = sparse.csr_matrix(X)
    second = training_statistics(cells, splits, config, ["control", "case"])
    pd.testing.assert_frame_equal(first, second, check_exact=True)


@pytest.mark.parametrize("suffix", [".h5ad", ".zarr"])
def test_one_pass_over_the_file_serves_all_populations(prepared, tmp_path, monkeypatch, suffix):
    cells, splits = prepared
    config, names = GeneFilterConfig(min_fraction=0.05, silent_fraction=0.5), ["control", "case"]
    tables = {kind: splits[splits["cell_type"] == kind] for kind in ("T", "B")} | {"all": splits}
    expected = {name: training_statistics(cells, table, config, names) for name, table in tables.items()}
    dataset = AnnDataDataset(filepath=tmp_path / f"cells{suffix}", backed=True)
    dataset.save(cells)
    found = population_statistics(dataset.load(), tables, config, names)
    assert list(found) == ["T", "B", "all"]
    for name, table in found.items():
        pd.testing.assert_frame_equal(table, expected[name], check_exact=True)
    assert not found["T"]["mean"].equals(found["B"]["mean"])
    monkeypatch.setattr("pathlore.expression.statistics.BLOCK_CELLS", 7)
    again = population_statistics(dataset.load(), tables, config, names)
    pd.testing.assert_frame_equal(again["all"], expected["all"], rtol=1e-6)


def test_rows_are_found_by_name(prepared):
    cells, splits = prepared
    config = GeneFilterConfig(min_fraction=0.05, silent_fraction=0.5)
    first = training_statistics(cells, splits, config, ["control", "case"])
    turned = training_statistics(cells[::-1].copy(), splits, config, ["control", "case"])
    pd.testing.assert_frame_equal(first, turned)
    with pytest.raises(PathloreError, match="not among the prepared cells"):
        training_statistics(cells[:10].copy(), splits, config, ["control", "case"])


def test_no_gene_passes(prepared):
    cells, splits = prepared
    cells.X = sparse.csr_matrix(cells.shape, dtype=np.float32)
    with pytest.raises(PathloreError, match=r"none of 12 genes.*`ingestion.gene_filter.min_fraction`"):
        training_statistics(cells, splits, GeneFilterConfig(min_fraction=0.5, silent_fraction=0.5), ["control", "case"])
