"""What people hand in by mistake: each time one line that says what was found and which parameter to change."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

import pathlore
from pathlore.config import EncoderConfig
from pathlore.errors import PathloreError, user_error
from pathlore.expression.fabricate import fabricate_cells
from pathlore.text.embedding import embed_sentences

NETWORK = Path(pathlore.__file__).parent / "knowledge" / "interactions.csv"
PARAMETERS = """
ingestion:
  cells:
    classes:
      control: [control]
      case: [case]
    cell_type: cell_type
  quality:
    min_genes: 0
text_embedding:
  encoder:
    kind: lsa
modeling:
  training:
    accelerator: cpu
    threads: 1
"""


@pytest.fixture(scope="module")
def bad_project(project):
    """A project with an environment that reads cells from a file."""
    folder = project / "conf" / "bad"
    folder.mkdir()
    (folder / "parameters.yml").write_text(PARAMETERS)
    (folder / "globals.yml").write_text("cohort: bad\n")
    return project


@pytest.fixture(scope="module")
def good_cells():
    return fabricate_cells(pd.read_csv(NETWORK), n_cells=80, seed=0)


@pytest.fixture
def cells(good_cells):
    return good_cells.copy()


def one_line(error):
    """The message that a user sees, which must be one line."""
    ours = user_error(error)
    assert isinstance(ours, PathloreError), repr(error)
    message = str(ours)
    assert message
    assert "\n" not in message
    assert len(message) < 1000
    return message


def nested(dotted):
    tree = {}
    for key, value in dotted.items():
        branch = tree
        *path, last = key.split(".")
        for part in path:
            branch = branch.setdefault(part, {})
        branch[last] = value
    return tree


@pytest.fixture
def message_of(bad_project, kedro_run, tmp_path):
    """Run ingestion on a file of cells and return the message of its error."""

    def run(cells=None, params=None, pipeline="ingestion", **part):
        given = dict(params or {})
        if cells is not None:
            cells.write_h5ad(tmp_path / "cells.h5ad")
            given["cells"] = str(tmp_path / "cells.h5ad")
        with pytest.raises(Exception) as caught:  # noqa: PT011  (Kedro wraps ours in its own)
            kedro_run(bad_project, "bad", nested(given), pipeline_names=[pipeline], **part)
        return one_line(caught.value)

    return run


def test_a_pipeline_before_the_one_it_reads_from(message_of):
    message = message_of(pipeline="interpretation")
    assert re.search(r"`(cells|signaling_network|gene_annotations|gene_names)` is not there yet", message)
    assert "`kedro run --env bad --pipeline ingestion` first" in message
    assert "--pipelines ingestion,graph_construction,text_embedding,modeling`" in message


@pytest.fixture(scope="module")
def ingested(bad_project, kedro_run, good_cells):
    """The project after the good cells: what does not depend on cells is on disk."""
    good_cells.write_h5ad(bad_project / "cells.h5ad")
    kedro_run(bad_project, "bad", {"cells": str(bad_project / "cells.h5ad")}, pipeline_names=["ingestion"])


@pytest.mark.usefixtures("ingested")
def test_the_good_cells_are_good(bad_project):
    assert (bad_project / "data/03_primary/bad/splits/pooled.parquet").exists()
    assert not (bad_project / "mlflow.db").exists()


# -------------------------------------------------------------------------------------------------- files


def test_a_missing_file(message_of, tmp_path):
    message = message_of(params={"cells": str(tmp_path / "absent.h5ad")})
    assert f"no file at {tmp_path / 'absent.h5ad'}" in message
    assert "the runtime parameter `cells`" in message


def test_the_file_of_base_is_missing(message_of):
    assert "data/01_raw/cells.h5ad" in message_of()


@pytest.mark.parametrize(
    ("name", "content"),
    [("cells.h5ad", b"cell,gene,count\n"), ("cells.h5ad", b""), ("cells.csv", b"a,b\n"), ("cells.rds", b"RDX3")],
)
def test_a_file_of_another_kind(message_of, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    message = message_of(params={"cells": str(tmp_path / name)})
    assert str(tmp_path / name) in message
    assert "the runtime parameter `cells`" in message


def text(folder, name, content):
    (folder / name).write_text(content)
    return str(folder / name)


@pytest.mark.parametrize(
    ("parameter", "content", "said"),
    [
        ("network", "gene_1,gene_2\nA,B\n", "gene_1, gene_2"),
        ("network", "source,target,kind\nA,B,friendship\n", "friendship"),
        ("network", "source,target,kind,sign\nA,B,signaling,up\n", "the sign"),
        ("network", "source,target,kind\n", "no association is left"),
        ("gene_text", "id,words\n1,two\n", "symbol"),
        ("gene_text", "symbol,length\nTP53,3\n", "length"),
    ],
)
def test_tables_that_are_not_understood(message_of, cells, tmp_path, parameter, content, said):
    message = message_of(cells, {parameter: text(tmp_path, "table.csv", content)})
    assert said in message
    assert parameter in message


@pytest.mark.parametrize("parameter", ["network", "gene_text"])
def test_missing_tables(message_of, cells, parameter):
    message = message_of(cells, {parameter: "absent.csv"})
    assert "absent.csv" in message
    assert f"parameter `{parameter}`" in message


def test_a_package_that_is_not_installed(message_of, bad_project):
    path = bad_project / "conf" / "bad" / "globals.yml"
    try:
        path.write_text("cohort: bad\ncells: package:no_such_package/cells.h5ad\n")
        message = message_of()
    finally:
        path.write_text("cohort: bad\n")
    assert "no_such_package is not installed" in message
    assert "globals.yml" in message


# -------------------------------------------------------------------------------------------------- cells


def no_cells(cells):
    return cells[:0].copy()


def no_genes(cells):
    return cells[:, :0].copy()


def with_values(value):
    def spoil(cells):
        counts = cells.X.toarray()
        counts[7, 11] = value
        cells.X = sparse.csr_matrix(counts)
        return cells

    return spoil


def all_zero(cells):
    return AnnData(sparse.csr_matrix(cells.shape, dtype=np.float32), obs=cells.obs, var=cells.var)


def twice_the_same_cell(cells):
    names = list(cells.obs_names)
    names[3] = names[2]
    cells.obs_names = names
    return cells


def strange_genes(cells):
    cells.var_names = [f"probe_{i}" for i in range(cells.n_vars)]
    return cells


def one_class(cells):
    return cells[cells.obs["condition"] == "control"].copy()


def no_conditions(cells):
    cells.obs["condition"] = None
    cells.obs["condition"] = cells.obs["condition"].astype("category")
    return cells


def mixed_donor(cells):
    cells.obs["donor"] = ["everyone", *cells.obs["donor"].astype(str)[1:-1], "everyone"]
    return cells


def unchanged(cells):
    return cells


@pytest.mark.parametrize(
    ("spoil", "params", "said", "parameter"),
    [
        (no_cells, {}, "0 cells x", "ingestion.cells.layer"),
        (no_genes, {}, "80 cells x 0 genes", "ingestion.cells.layer"),
        (with_values(np.nan), {}, "1 of", "ingestion.cells.layer"),
        (with_values(np.inf), {}, "NaN or infinite", "ingestion.cells.layer"),
        (with_values(-2.0), {}, "1 of", "ingestion.cells.layer"),
        (all_zero, {}, "no value above zero", "ingestion.cells.layer"),
        (twice_the_same_cell, {}, "1 cell names occur more than once", "the runtime parameter `cells`"),
        (strange_genes, {}, "none of", "ingestion.cells.gene_column"),
        (one_class, {}, "value(s) case not found", "ingestion.cells.classes"),
        (no_conditions, {}, "not found", "ingestion.cells.classes"),
        (mixed_donor, {}, "(everyone)", "ingestion.cells.paired_donors"),
        (unchanged, {"ingestion.cells.condition": "ill"}, "cell_type, condition, donor", "ingestion.cells.condition"),
        (unchanged, {"ingestion.cells.donor": "patient"}, "'patient' not found", "ingestion.cells.donor"),
        (unchanged, {"ingestion.cells.cell_type": "type"}, "'type' not found", "ingestion.cells.cell_type"),
        (unchanged, {"ingestion.cells.gene_column": "symbol"}, "'symbol' not found", "ingestion.cells.gene_column"),
        (unchanged, {"ingestion.cells.layer": "counts"}, "the file has X", "ingestion.cells.layer"),
        (unchanged, {"ingestion.cells.layer": "raw"}, "the file has X", "ingestion.cells.layer"),
        (unchanged, {"ingestion.cells.classes.case": ["ill"]}, "control (40), case (40)", "ingestion.cells.classes"),
        (unchanged, {"ingestion.quality.min_genes": 10**6}, "no cell of class", "ingestion.quality.min_genes"),
        (
            unchanged,
            {"ingestion.population.min_cells_per_class": 41},
            "no population has 41 cells",
            "ingestion.population.min_cells_per_class",
        ),
        (
            unchanged,
            {"ingestion.population.mode": "per_cell_type", "ingestion.population.include": ["T cell"]},
            "lymphocyte, myeloid",
            "ingestion.population.include",
        ),
        (
            unchanged,
            {"ingestion.population.mode": "per_cell_type", "ingestion.cells.cell_type": None},
            "no cell has a cell type",
            "ingestion.cells.cell_type",
        ),
        (
            unchanged,
            {"ingestion.split.by": "donor", "ingestion.cells.donor": None},
            "no donor is known",
            "ingestion.split.by",
        ),
        (unchanged, {"ingestion.network.min_evidence": 10**6}, "no association is left", "ingestion.network"),
        (unchanged, {"ingestion.network.resources": ["MyDB"]}, "MyDB", "ingestion.network"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("ingested")
def test_bad_cells(message_of, cells, spoil, params, said, parameter):
    of_network = "network" in parameter
    part = {"node_names": ["ingestion.read_network"]} if of_network else {"from_nodes": ["ingestion.map_genes"]}
    message = message_of(spoil(cells), params, **part)
    assert said in message
    assert parameter in message


def test_nobody_said_which_classes(bad_project, kedro_run, cells, tmp_path):
    """The first run on one's own data: it says what is missing."""
    cells.write_h5ad(tmp_path / "cells.h5ad")
    with pytest.raises(Exception) as caught:  # noqa: PT011
        kedro_run(bad_project, "local", {"cells": str(tmp_path / "cells.h5ad")}, pipeline_names=["ingestion"])
    message = one_line(caught.value)
    assert "a control and a case" in message
    assert "ingestion.cells.classes" in message


def test_no_gene_is_expressed_enough(message_of, cells):
    counts = cells.X.toarray()
    counts[np.random.default_rng(0).random(counts.shape) < 0.9] = 0
    cells.X = sparse.csr_matrix(counts)
    assert "ingestion.gene_filter.min_fraction" in message_of(cells, {"ingestion.gene_filter.min_fraction": 1.0})


# --------------------------------------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    ("params", "parts"),
    [
        ({"modeling.training.epoch": 3}, ["modeling.training.epoch", "not permitted"]),
        ({"modelling.training.epochs": 3}, ["modelling", "not permitted"]),
        ({"modeling.training.epochs": "many"}, ["modeling.training.epochs", "integer", "'many'"]),
        ({"ingestion.split.train": 0.9}, ["ingestion.split", "sum to 1"]),
        ({"ingestion.cells.condition": None}, ["ingestion.cells.condition", "string"]),
        ({"modeling.model.width": 30, "modeling.model.aggregation_heads": 4}, ["modeling.model", "cannot be divided"]),
    ],
)
def test_bad_parameters_stop_before_anything_runs(message_of, bad_project, cells, params, parts):
    before = {path: path.stat().st_mtime_ns for path in (bad_project / "data").rglob("*")}
    message = message_of(cells, params, pipeline="__default__")
    assert all(part in message for part in parts), message
    assert {path: path.stat().st_mtime_ns for path in (bad_project / "data").rglob("*")} == before


@pytest.mark.parametrize("model", ["nobody/no-such-model", "no such folder", "."])
def test_an_encoder_that_cannot_be_loaded(monkeypatch, tmp_path, model):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    config = EncoderConfig(
        kind="transformers", model=model, revision=None, pooling="mean", max_tokens=8, batch_tokens=64,
        precision="fp32", device="cpu", dimension=8, seed=0, cache=None,
    )  # fmt: skip
    sentences = pd.DataFrame({"key": ["A"], "text": ["a protein"], "has_text": [True]})
    with pytest.raises(PathloreError) as caught:
        embed_sentences(sentences, sentences, config)
    message = one_line(caught.value)
    assert "text_embedding.encoder.model" in message


# ----------------------------------------------------------------------------------------- at the terminal


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--params", "cells=absent.h5ad"], ["no file at", "absent.h5ad", "the runtime parameter `cells`"]),
        (["--params", "modeling.training.epochs=many"], ["modeling.training.epochs", "integer"]),
    ],
)
def test_the_terminal_shows_one_line_and_no_traceback(bad_project, arguments, parts):
    done = subprocess.run(
        [sys.executable, "-m", "kedro", "run", "--env", "bad", "--pipeline", "ingestion", *arguments],
        cwd=bad_project,
        env={**os.environ, "DO_NOT_TRACK": "1", "COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("pathlore: ")]
    assert len(lines) == 1, done.stderr
    assert done.stderr.rstrip().endswith(lines[0])
    assert all(part in lines[0] for part in parts)
    assert "Traceback" not in done.stdout + done.stderr
