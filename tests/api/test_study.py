"""The Python interface on real cells that ship inside scanpy."""

import copy
import subprocess
import sys

import anndata
import numpy as np
import pandas as pd
import pytest
import scanpy as sc

import pathlore as pl
from pathlore.errors import PathloreError

SMALL = {
    "graph_construction.paths.bridge": 4,
    "graph_construction.paths.max_paths": 40,
    "ingestion.gene_filter.min_fraction": 0.1,
    "modeling.model.width": 8,
    "text_embedding.encoder.dimension": 16,
}
LABELS = ("CD14+ Monocyte", "Dendritic")


@pytest.fixture(scope="module")
def cells():
    found = sc.datasets.pbmc68k_reduced()
    return found[found.obs["bulk_labels"].isin(LABELS)].copy()


@pytest.fixture(scope="module")
def study(cells):
    made = pl.Study(cells, condition="bulk_labels", control=LABELS[0], parameters=SMALL)
    return made.prepare().fit(epochs=2, seed=0)


def test_importing_the_package_is_instant():
    code = "import sys, pathlore; print(sorted({'torch', 'scanpy', 'kedro', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_study_needs_neither_kedro_nor_mlflow():
    code = "import sys, pathlore; pathlore.Study; print(sorted({'kedro', 'mlflow'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_cells_are_not_changed(cells, study):
    fresh = sc.datasets.pbmc68k_reduced()
    fresh = fresh[fresh.obs["bulk_labels"].isin(LABELS)]
    np.testing.assert_array_equal(cells.raw.X.toarray(), fresh.raw.X.toarray())
    assert list(cells.obs.columns) == list(fresh.obs.columns)
    assert study.parameters.ingestion.cells.layer == "raw"  # X is scaled


def test_the_doctor_prints_itself(cells):
    report = pl.inspect(cells, condition="bulk_labels")
    assert report.verdict == "warning"
    assert "## Findings" in repr(report)
    assert set(report.findings["level"]) <= {"problem", "warning", "note", "ok"}


def test_metrics_stand_beside_the_baselines(study):
    table = study.metrics()
    branches = {"paths", "graph_genes", "wide", "without_paths"}
    assert set(table["method"]) == {"pathlore", *branches, "logistic_regression", "majority"}
    own = table.set_index("method")["auroc"]
    assert own["pathlore"] > own["majority"] == 0.5
    assert len(study.history) == 2


def test_many_cells_on_disk_are_prepared_through_files(cells, study, tmp_path, monkeypatch):
    path = tmp_path / "cells.h5ad"
    cells.write_h5ad(path)
    monkeypatch.setattr("pathlore.expression.prepare.MEMORY_VALUES", 1000)
    scratch = {"modeling.training.scratch": str(tmp_path / "scratch")}
    opened = anndata.read_h5ad(path, backed="r")
    own = pl.Study(opened, condition="bulk_labels", control=LABELS[0], parameters=SMALL | scratch).prepare()
    assert not own.cells.X.data.flags.writeable, "it is mapped from a file"
    np.testing.assert_array_equal(own.cells.X.toarray(), study.cells.X.toarray())
    pd.testing.assert_frame_equal(own.splits, study.splits)
    pd.testing.assert_frame_equal(own.coverage, study.coverage)


def test_no_cell_is_on_two_sides(study):
    assert study.splits["cell"].is_unique
    assert set(study.splits["split"]) == {"train", "validation", "test"}


def test_paths_are_ranked_and_drawn(study):
    paths = study.paths()
    assert 10 < len(paths) <= 40
    assert paths["importance"].is_monotonic_decreasing
    assert len(study.plot.paths(top=5).axes) > 0
    assert len(study.plot.network(top=5).axes) > 0
    assert study.genes()["importance"].iloc[0] > 0
    best = study.receptors().groupby("receptor")["score"].max()
    assert paths["affinity"].notna().all()
    np.testing.assert_allclose(paths["affinity"], best[paths["receptor"]])
    assert set(paths["affinity_in"]) <= set(LABELS)


def test_receptors_and_ligands_are_ranked_in_each_class(study):
    table = study.receptors()
    assert set(table["active_in"]) == set(LABELS)
    ranks = table.pivot_table(index="receptor", columns="active_in", values="rank")
    assert ranks.loc["FCGR3A", LABELS[0]] < ranks.loc["FCGR3A", LABELS[1]]  # an Fc receptor of monocytes
    assert table["p"].isna().all()  # no donor is known
    assert set(study.ligands()["active_in"]) == set(LABELS)


def test_the_report_is_one_page(study, tmp_path):
    page = study.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") or page.startswith("<!DOCTYPE html>")
    assert "Receptors that explain the changes" in page
    assert "CD14+ Monocyte" in page
    assert '"pmids":' in page  # references of steps
    assert 'id="network-p0"' in page  # the core network to point at


def test_annotation_and_the_saved_model_agree(study, cells, tmp_path):
    noted = study.annotate(cells, copy=True)
    assert "pathlore_score" not in cells.obs
    assert noted.obsm["path_activity"].shape == (len(cells), len(study.paths()))
    study.save(tmp_path / "bundle")
    table = pl.load(tmp_path / "bundle").score(cells)
    np.testing.assert_allclose(table[f"calibrated_probability_of_{LABELS[1]}"], noted.obs["pathlore_score"], atol=1e-6)
    assert noted.obs["pathlore_class"].astype(str).tolist() == table["predicted"].tolist()
    noted.write_h5ad(tmp_path / "noted.h5ad")  # what was written can be saved


def test_the_same_seed_gives_the_same_figures(study, cells):
    again = (
        pl.Study(cells, condition="bulk_labels", control=LABELS[0], parameters=SMALL).prepare().fit(epochs=2, seed=0)
    )
    pd.testing.assert_frame_equal(study.metrics(), again.metrics())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"condition": "bulk_label", "control": "a"}, "column 'bulk_label' not found in obs.*change `condition`"),
        ({"condition": "phase", "control": "G1", "case": "G3"}, r"G3.*not found|value\(s\) G3"),
        ({"condition": "bulk_labels", "control": LABELS[0], "parameters": {"modeling.modl": 1}}, "no such parameter"),
        ({"condition": "bulk_labels", "control": LABELS[0], "layer": "counts"}, "counts"),
    ],
)
def test_mistakes_are_named(cells, arguments, said):
    with pytest.raises(PathloreError, match=said):
        pl.Study(cells, **arguments).prepare()


def test_a_step_that_comes_too_early_is_named(cells, study):
    early = pl.Study(cells, condition="bulk_labels", control=LABELS[0])
    with pytest.raises(PathloreError, match=r"call `\.prepare\(\)` first"):
        early.fit()
    prepared = copy.copy(study)
    prepared.fits = {}
    with pytest.raises(PathloreError, match=r"call `\.fit\(\)` first"):
        prepared.paths()
