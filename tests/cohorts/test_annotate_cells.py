"""Types of cells: by markers, by the series, by the user."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData, read_h5ad
from miniature_series import KNOWLEDGE, cohort_block
from scipy import sparse

from pathlore.cohorts.annotate import (
    UNKNOWN,
    annotate_cells,
    log_normalised,
    name_clusters,
    read_lineages,
    read_markers,
)
from pathlore.errors import PathloreError
from pathlore.schemas import CohortClusters

TYPES = ("T cell", "macrophage", "hepatocyte", "endothelial cell")
N = 80
"""Cells of each type, and cells that are of none."""


@pytest.fixture(scope="module")
def table():
    return pd.read_csv(KNOWLEDGE / "markers.csv", dtype=str)


@pytest.fixture(scope="module")
def cells(table):
    """Four cell types by their markers, and cells that have none; other genes are alike in all, two donors differ."""
    rng = np.random.default_rng(0)
    truth = np.repeat([*TYPES, "nothing"], N)
    of = table[table["tissue"] == "liver"].groupby("gene")["cell_type"].agg(set)
    markers = np.stack([rng.poisson(np.where([kind in kinds for kind in truth], 3.0, 0.05)) for kinds in of], axis=1)
    level = rng.gamma(1.0, 2.0, 300)
    donor = np.arange(len(truth)) % 2
    others = rng.poisson(level * np.where(donor[:, None] == 0, 1.0, rng.lognormal(0, 0.2, 300)))
    genes = [*of.index, *(f"GENE{i}" for i in range(300))]
    obs = pd.DataFrame({"truth": truth, "cell_type": "", "sample": donor.astype(str)})
    obs.index = [f"s:{i}" for i in range(len(obs))]
    X = sparse.csr_matrix(np.hstack([markers, others]).astype(np.float32))
    return AnnData(X, obs=obs, var=pd.DataFrame(index=genes))


@pytest.fixture
def config(tmp_path):
    def make(**changes):
        annotation = {"tissue": "liver", "cells_per_cluster": 40} | changes
        return cohort_block(None, tmp_path, annotation=annotation).annotation

    return make


@pytest.fixture(scope="module")
def raw(table):
    return {"markers.csv": table}


def test_clusters_are_named_by_their_markers(cells, raw, config):
    before = cells.X.copy()
    found, clusters = annotate_cells(cells, raw, {}, config())
    truth, types = found.obs["truth"].to_numpy(), found.obs["cell_type"].astype(str).to_numpy()
    for kind in TYPES:
        assert (types[truth == kind] == kind).mean() > 0.95
    assert (types[truth == "nothing"] == UNKNOWN).mean() > 0.9
    assert set(found.obs["cell_type_source"]) == {"markers"}
    assert (before != found.X).nnz == 0  # counts stay counts
    assert clusters["cells"].sum() == cells.n_obs
    named = clusters[clusters["cell_type"] != UNKNOWN]
    assert (named["confidence"] >= 0.15).all()
    assert set(named["cell_type"]) == set(TYPES)
    first = named.set_index("cell_type")["markers"].str.split(";").str[0].to_dict()
    assert first["T cell"] in {"CD3D", "CD3E", "CD3G", "TRAC", "CD2", "IL7R"}


def test_the_same_seed_gives_the_same(cells, raw, config):
    one, two = (annotate_cells(cells, raw, {}, config())[0].obs for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_a_threshold_that_nothing_reaches_leaves_all_unknown(cells, raw, config):
    found, _ = annotate_cells(cells, raw, {}, config(min_confidence=1))
    assert set(found.obs["cell_type"]) == {UNKNOWN}


def test_variable_genes_do_as_well(cells, raw, config):
    found, _ = annotate_cells(cells, raw, {}, config(variable_genes=120))
    types = found.obs["cell_type"].astype(str)
    assert (types == found.obs["truth"]).sum() > 0.9 * 4 * N


def test_what_the_series_says_stays(cells, raw, config):
    told = cells.copy()
    told.obs["cell_type"] = "as published"
    found, clusters = annotate_cells(told, raw, {}, config())
    assert set(found.obs["cell_type"]) == {"as published"}
    assert set(found.obs["cell_type_source"]) == {"series"}
    assert found.obs["cell_type_confidence"].isna().all()
    assert set(found.obs["cluster"]) == {-1}
    assert len(CohortClusters.validate(clusters)) == 0


def test_the_user_wins(cells, raw, config):
    told = cells.copy()
    told.obs.loc[told.obs_names[:50], "cell_type"] = "as published"
    mine = pd.DataFrame({"cell": told.obs_names[40:60], "cell_type": "mine"})
    found, _ = annotate_cells(told, raw, {"mine.csv": mine}, config())
    source = found.obs["cell_type_source"].astype(str).to_numpy()
    assert list(source[:40]) == ["series"] * 40
    assert list(source[40:60]) == ["user"] * 20
    assert set(source[60:]) == {"markers"}
    assert set(found.obs["cell_type"].iloc[40:60]) == {"mine"}


def test_without_a_tissue_nothing_is_guessed(cells, raw, config):
    found, clusters = annotate_cells(cells, raw, {}, config(tissue=None))
    assert set(found.obs["cell_type"]) == {UNKNOWN}
    assert set(found.obs["cell_type_source"]) == {"nobody"}
    assert clusters.empty


def test_few_cells_make_one_cluster(cells, raw, config):
    found, clusters = annotate_cells(cells[:1], raw, {}, config())
    assert clusters["cells"].tolist() == [1]
    assert found.obs["cluster"].tolist() == [0]


def test_the_score_is_what_is_written(cells):
    """By hand, for one cluster and one cell type."""
    part = log_normalised(cells.X.copy(), cells.var_names)
    groups = (cells.obs["truth"] == "T cell").to_numpy().astype(int)
    markers = {"T cell": ["CD3D", "CD3E"], "macrophage": ["C1QA", "CD68"]}
    table = name_clusters(part, groups, cells.obs["sample"].to_numpy(), markers, 0.1).set_index("cluster")
    counts = cells.X.toarray()
    x = np.log1p(counts / counts.sum(axis=1, keepdims=True) * 10_000)
    scores = {}
    for name, genes in markers.items():
        at = cells.var_names.get_indexer(genes)
        means = np.stack([x[groups == group][:, at].mean(axis=0) for group in (0, 1)])
        presence = means / np.stack([x[:, gene][x[:, gene] > 0].mean() for gene in at])
        scores[name] = np.mean(presence[1] / np.maximum(0.25, presence.max(axis=0)))
    assert table.loc[1, "score"] == pytest.approx(scores["T cell"], rel=1e-4)
    assert table.loc[1, "confidence"] == pytest.approx(scores["T cell"] - scores["macrophage"], rel=1e-4)
    assert table.loc[1, ["cell_type", "second", "cells", "samples"]].tolist() == ["T cell", "macrophage", N, 2]


def test_a_rare_cell_type_does_not_outshine_the_others():
    """Of a cluster of T cells with a tenth of mast cells in it, and mast cells nowhere else."""
    x = np.zeros((200, 4), dtype=np.float32)
    x[:100, :2] = 1.0  # T cells, a third of their counts missing
    x[:100:3, :2] = 0.0
    x[:10] = [0.0, 0.0, 3.0, 3.0]  # mast cells among them
    cells = AnnData(sparse.csr_matrix(x), var=pd.DataFrame(index=["CD3D", "CD3E", "TPSAB1", "CPA3"]))
    markers = {"T cell": ["CD3D", "CD3E"], "mast cell": ["TPSAB1", "CPA3"]}
    groups = np.repeat([0, 1], 100)
    table = name_clusters(cells, groups, np.repeat("s", 200), markers, 0.1).set_index("cluster")
    assert table.loc[0, ["cell_type", "second"]].tolist() == ["T cell", "mast cell"]
    assert table.loc[1, "cell_type"] == UNKNOWN


def test_cells_of_one_type_alone_are_known():
    x = np.tile(np.array([[2.0, 1.5, 0.0, 0.05]], dtype=np.float32), (60, 1))
    cells = AnnData(sparse.csr_matrix(x), var=pd.DataFrame(index=["CD3D", "CD3E", "TPSAB1", "CPA3"]))
    markers = {"T cell": ["CD3D", "CD3E"], "mast cell": ["TPSAB1", "CPA3"]}
    table = name_clusters(cells, np.zeros(60, dtype=int), np.repeat("s", 60), markers, 0.1)
    assert table["cell_type"].tolist() == ["T cell"]


def test_genes_by_another_name(cells, raw, config):
    other = cells.copy()
    other.var_names = [f"ENSG{i}" for i in range(other.n_vars)]
    with pytest.raises(PathloreError, match="genes have to be symbols"):
        annotate_cells(other, raw, {}, config())


def test_the_table_of_markers_is_sound(table):
    assert list(table.columns) == ["tissue", "cell_type", "lineage", "gene", "why"]
    assert not table.duplicated(["tissue", "cell_type", "gene"]).any()
    assert (table != "").all().all()
    assert table.notna().all().all()
    assert (table.groupby(["tissue", "cell_type"]).size() >= 3).all()
    assert table["gene"].str.fullmatch(r"[A-Z][A-Z0-9]+").all()
    assert set(table["tissue"]) == {"liver", "brain", "pancreas"}


@pytest.mark.shared
def test_real_blood_cells_are_named_as_published(shared_data, raw, config):
    """Kang et al. 2018: most cells are named, six in seven as the authors did, the others nearly all by a relative."""
    blood = read_h5ad(shared_data / "expression" / "kang2018_pbmc_ifnb.h5ad")
    published = blood.obs["cell_type"].astype(str).to_numpy()
    blood.obs["cell_type"], blood.obs["sample"] = "", blood.obs["condition"].astype(str)
    found, _ = annotate_cells(blood, raw, {}, config(cells_per_cluster=50))
    types = found.obs["cell_type"].astype(str).to_numpy()
    broad = {"CD4 T cells": "T cell", "CD8 T cells": "T cell", "B cells": "B cell", "NK cells": "NK cell"}
    broad |= {"CD14+ Monocytes": "monocyte", "FCGR3A+ Monocytes": "monocyte", "Dendritic cells": "dendritic cell"}
    named = types != UNKNOWN
    right = types == np.array([broad.get(kind, "none") for kind in published])
    kin = {
        "monocyte": "myeloid",
        "macrophage": "myeloid",
        "dendritic cell": "myeloid",
        "T cell": "T/NK",
        "NK cell": "T/NK",
    }
    of = np.vectorize(lambda kind: kin.get(kind, kind))
    near = of(types) == of(np.array([broad.get(kind, "none") for kind in published]))
    assert named.mean() > 0.95
    assert right[named].mean() > 0.85
    assert near[named].mean() > 0.96


@pytest.mark.shared
def test_markers_are_symbols(shared_data, table):
    symbols = pd.read_parquet(shared_data / "genes" / "gene_text.parquet", columns=["symbol"])["symbol"]
    assert set(table["gene"]) <= set(symbols)


def test_related_types_do_not_punish_each_other():
    """A cluster with all markers of macrophages and most of monocytes is a macrophage, and a relative is named."""
    genes = ["C1QA", "CD68", "FCN1", "VCAN", "CD3D", "CD3E"]
    x = np.zeros((120, 6), dtype=np.float32)
    x[:40, :4] = [2.0, 2.0, 1.9, 1.9]
    x[40:80, 2:4] = 2.0
    x[80:, 4:] = 2.0
    cells = AnnData(sparse.csr_matrix(x), var=pd.DataFrame(index=genes))
    markers = {"macrophage": genes[:2], "monocyte": genes[2:4], "T cell": genes[4:]}
    groups = np.repeat([0, 1, 2], 40)
    alone = name_clusters(cells, groups, np.repeat("s", 120), markers, 0.15)
    assert alone["cell_type"].tolist() == [UNKNOWN, "monocyte", "T cell"]
    kin = {"macrophage": "myeloid", "monocyte": "myeloid"}
    found = name_clusters(cells, groups, np.repeat("s", 120), markers, 0.15, kin)
    assert found["cell_type"].tolist() == ["macrophage", "monocyte", "T cell"]
    assert found["second"].tolist() == ["T cell", "T cell", "macrophage"]
    assert found["related"].tolist() == ["monocyte", "", ""]
    assert found["confidence"].tolist() == pytest.approx([1.0, 1.0, 1.0])


def test_tumour_cells_in_transition_have_a_type(table):
    """Cells with the keratins of ducts and the genes of mesenchymal cells, beside ducts and fibroblasts."""
    of = {kind: list(rows["gene"]) for kind, rows in table[table["tissue"] == "pancreas"].groupby("cell_type")}
    kinds = ["ductal cell", "fibroblast", "EMT tumour cell", "T cell"]
    genes = sorted({gene for kind in kinds for gene in of[kind]})
    truth = np.repeat(kinds, 50)
    own = {kind: set(of[kind]) for kind in kinds}
    own["fibroblast"] |= {"VIM"}
    own["T cell"] |= {"VIM"}
    rng = np.random.default_rng(0)
    x = rng.poisson([[2.0 if gene in own[kind] else 0.05 for gene in genes] for kind in truth]).astype(np.float32)
    cells = AnnData(sparse.csr_matrix(np.log1p(x)), var=pd.DataFrame(index=genes))
    markers = read_markers({"markers.csv": table}, "pancreas", cells.var_names, 2)
    lineages = read_lineages({"markers.csv": table}, "pancreas")
    found = name_clusters(cells, np.repeat(range(4), 50), np.repeat("s", 200), markers, 0.15, lineages)
    assert found["cell_type"].tolist() == kinds
    assert lineages["EMT tumour cell"] == lineages["ductal cell"] != lineages["fibroblast"]


def test_markers_and_types_in_other_letters_and_with_missing_words(table):
    shouting = table.rename(columns=str.upper)
    blank = pd.concat([shouting, shouting.head(1).assign(GENE="NA"), shouting.head(1).assign(GENE="2-Sep")])
    for tissue in ("liver", "pancreas"):
        genes = pd.Index(table["gene"].unique())
        assert read_markers({"m": blank}, tissue, genes, 2) == read_markers({"m": table}, tissue, genes, 2)
        assert read_lineages({"m": blank}, tissue) == read_lineages({"m": table}, tissue)
    with pytest.raises(PathloreError, match=r"LINAGE.*expected lineage.*`markers`"):
        read_markers({"m": table.rename(columns={"lineage": "LINAGE"})}, "liver", genes, 2)
