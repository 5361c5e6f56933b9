import time

import numpy as np
import pytest
from anndata import read_h5ad
from scipy import sparse

from pathlore.config import GeneFilterConfig
from pathlore.errors import PathloreError
from pathlore.expression.fabricate import fabricate_cells
from pathlore.expression.planting import plant_paths
from pathlore.expression.prepare import prepare_cells
from pathlore.expression.splits import split_cells
from pathlore.expression.statistics import training_statistics


def test_planted_paths_are_typed_disjoint_and_follow_the_signs(layered_network):
    edges = {(row.source, row.target): (row.kind, row.sign) for row in layered_network.itertuples()}
    paths = plant_paths(layered_network, 4, np.random.default_rng(0))
    genes = [gene for path in paths for gene in path.genes]
    assert len(genes) == len(set(genes))
    for path in paths:
        steps = [edges[step] for step in zip(path.genes, path.genes[1:], strict=False)]
        assert [kind for kind, _ in steps] == ["signaling"] * (len(steps) - 1) + ["tf_target"]
        assert path.genes[0].startswith("REC")
        for before, after, (_, sign) in zip(path.signs, path.signs[1:], steps, strict=False):
            assert after == before * (sign or 1)


def test_what_is_made(layered_network, tmp_path):
    start = time.perf_counter()
    cells = fabricate_cells(layered_network, n_cells=400, n_planted=3, seed=5)
    assert time.perf_counter() - start < 1
    assert cells.shape == (400, 90)
    assert isinstance(cells.X, sparse.csr_matrix)
    np.testing.assert_array_equal(cells.X.data, np.rint(cells.X.data))
    assert cells.obs.groupby("condition", observed=True)["donor"].nunique().to_dict() == {"control": 4, "case": 4}
    assert cells.obs["donor"].value_counts().tolist() == [50] * 8
    assert len(cells.uns["planted_paths"]) == 3
    planted = {gene for path in cells.uns["planted_paths"] for gene in path.split(">")}
    assert cells.uns["decoys"]
    assert not planted & set(cells.uns["decoys"])
    cells.write_h5ad(tmp_path / "cells.h5ad")
    assert list(read_h5ad(tmp_path / "cells.h5ad").uns["planted_paths"]) == cells.uns["planted_paths"]


def test_same_seed_same_cells(layered_network):
    first, again, other = (fabricate_cells(layered_network, n_cells=40, seed=seed) for seed in (1, 1, 2))
    assert (first.X != again.X).nnz == 0
    assert (first.X != other.X).nnz > 0


def test_effect_is_where_it_was_put(layered_network, cells_config, quality, split_config):
    cells = fabricate_cells(layered_network, n_cells=400, n_planted=3, effect=1.5, seed=0)
    config = cells_config(
        condition="condition", classes={"control": ["control"], "case": ["case"]}, donor="donor", cell_type="cell_type"
    )
    prepared = prepare_cells(cells, config, quality(target_sum=1e4))
    splits = split_cells(prepared.obs, split_config(), paired_donors=False, population="pooled")
    assert splits.groupby("donor")["split"].nunique().max() == 1
    table = training_statistics(
        prepared, splits, GeneFilterConfig(min_fraction=0.05, silent_fraction=0.5), ["control", "case"]
    )
    change = table.set_index("gene")["log_fold_change"]
    planted = [gene for path in cells.uns["planted_paths"] for gene in path.split(">")]
    paths = plant_paths(layered_network, 3, np.random.default_rng(0))
    signs = {gene: sign for path in paths for gene, sign in zip(path.genes, path.signs, strict=True)}
    assert all(change[gene] * signs[gene] > 0.7 for gene in planted)
    assert change[cells.uns["decoys"]].abs().min() > 0.7
    rest = change.drop([*planted, *cells.uns["decoys"]])
    assert rest.abs().median() < 0.4


def test_network_may_lack_signs(layered_network):
    cells = fabricate_cells(layered_network.drop(columns="sign"), n_cells=40, seed=0)
    assert cells.n_obs == 40


def test_errors(layered_network):
    with pytest.raises(PathloreError, match=r"99 wanted: lower `n_planted`"):
        fabricate_cells(layered_network, n_planted=99)
    with pytest.raises(PathloreError, match="raise `n_cells`"):
        fabricate_cells(layered_network, n_cells=7)
