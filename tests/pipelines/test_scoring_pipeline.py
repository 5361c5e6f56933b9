"""A bundle that a run made scores other cells: through the pipeline, Python and HTTP with the same numbers."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
import yaml
from served import call, served

import pathlore
from pathlore import command
from pathlore.datasets.fabricated import FabricatedCellsDataset
from pathlore.errors import PathloreError
from pathlore.schemas import CellScores, PathContributions
from pathlore.scoring import read_bundle, score
from pathlore.serving.request import request_table

SOURCE = Path(pathlore.__file__).parent
PROJECT = Path(__file__).parents[2]
BUNDLE = "data/06_models/test/bundles/pooled"
MELANOMA = "expression/sadefeldman2018_melanoma_icb_tcells_lognorm.h5ad"


@pytest.fixture(scope="module")
def trained(finished_copy):
    """A project whose run has made a bundle and recorded it as a model."""
    return finished_copy


@pytest.fixture(scope="module")
def new(trained):
    """Cells of another draw, as a file."""
    entry = yaml.safe_load((PROJECT / "conf" / "test" / "catalog.yml").read_text())["cells_raw"]
    network = str(SOURCE / "knowledge" / "interactions.csv")
    cells = FabricatedCellsDataset(network=network, n_cells=120, seed=7, pathways=entry["pathways"]).load()
    cells.obs["donor"] = [f"new {name}" for name in cells.obs["donor"]]
    cells.write_h5ad(trained / "new.h5ad")
    return trained / "new.h5ad"


def read_scores(project, env="test"):
    table = pd.read_csv(project / f"data/07_model_output/{env}/cell_scores.csv", keep_default_na=False)
    parts = pd.read_parquet(project / f"data/07_model_output/{env}/path_contributions.parquet")
    return CellScores.validate(table.replace({"condition": {"": None}})), PathContributions.validate(parts)


def test_the_pipeline_says_what_python_says(trained, new, kedro_run, capsys):
    kedro_run(trained, "test", {"bundle": BUNDLE, "cells": str(new)}, pipeline_names=["scoring"])
    table, parts = read_scores(trained)
    expected = score(read_bundle(trained / BUNDLE), anndata.read_h5ad(new))
    np.testing.assert_allclose(table["probability_of_case"], expected.probabilities[:, 1], atol=1e-9)
    np.testing.assert_allclose(parts.drop(columns="cell"), expected.contributions().drop(columns="cell"), atol=1e-7)
    assert list(table["cell"]) == list(parts["cell"]) == expected.cells
    assert set(table["condition"]) == {"control", "case"}
    report = (trained / "data/08_reporting/test/scoring_report.txt").read_text()
    assert report.strip() in capsys.readouterr().out
    assert "auroc" in report


def test_the_command_scores_by_environment_and_by_bundle(trained, new, monkeypatch, capsys):
    """`pathlore score`, called as it is from a folder of the project, writes what Python computes, by both ways."""
    monkeypatch.chdir(trained / "conf")  # the project is found above
    command.main(["score", "../new.h5ad", "--env", "test"])
    table, parts = read_scores(trained)
    expected = score(read_bundle(trained / BUNDLE), anndata.read_h5ad(new))
    np.testing.assert_allclose(table["probability_of_case"], expected.probabilities[:, 1], atol=1e-9)
    assert list(parts["cell"]) == list(table["cell"]) == expected.cells
    capsys.readouterr()
    command.main(["score", str(new), "--bundle", str(trained / BUNDLE), "--to", str(trained / "scores.csv")])
    written = pd.read_csv(trained / "scores.csv")
    np.testing.assert_allclose(written["probability_of_case"], table["probability_of_case"], atol=1e-9)
    assert list(written["predicted"]) == list(table["predicted"])
    counts = ", ".join(f"{n:,} {name}" for name, n in table["predicted"].value_counts().items())
    assert capsys.readouterr().out.splitlines()[-1] == f"120 cells: {counts}; scores in {trained / 'scores.csv'}"


def test_a_population_without_a_model_is_named(trained, new, monkeypatch, capsys):
    monkeypatch.chdir(trained)
    with pytest.raises(SystemExit) as stopped:
        command.main(["score", str(new), "--env", "test", "--population", "B"])
    assert stopped.value.code == 1
    assert str(trained / "data/06_models/test/bundles/B") in capsys.readouterr().err


def test_no_environment_is_needed(trained, new, kedro_run):
    """Where no environment names the classes, labels are read as they were in training."""
    kedro_run(
        trained,
        "local",
        {"bundle": str(trained / BUNDLE / "bundle.json"), "cells": "new.h5ad"},
        pipeline_names=["scoring"],
    )
    here, _ = read_scores(trained, "base")
    there, _ = read_scores(trained, "test")
    pd.testing.assert_frame_equal(here, there)


def test_probabilities_alone(trained, new, kedro_run):
    params = {"bundle": BUNDLE, "cells": str(new), "scoring": {"score": {"contributions": False}}}
    kedro_run(trained, "test", params, pipeline_names=["scoring"])
    parts = pd.read_parquet(trained / "data/07_model_output/test/path_contributions.parquet")
    assert parts.empty


def test_a_bundle_is_not_a_part_of_what_is_missing(trained, kedro_run):
    before = {path: path.stat().st_mtime_ns for path in (trained / BUNDLE).iterdir()}
    kedro_run(trained, "test", to_nodes=["modeling.bundle_models"], only_missing_outputs=True)
    assert {path: path.stat().st_mtime_ns for path in (trained / BUNDLE).iterdir()} == before


def test_what_is_missing_is_said(trained, new, kedro_run):
    with pytest.raises(Exception, match="runtime parameter `bundle`"):
        kedro_run(trained, "test", {"bundle": "data/nowhere", "cells": str(new)}, pipeline_names=["scoring"])
    with pytest.raises(Exception, match="runtime parameter `cells`"):
        kedro_run(trained, "test", {"bundle": BUNDLE, "cells": "absent.h5ad"}, pipeline_names=["scoring"])


def test_cells_of_other_genes_are_refused(trained, new, kedro_run):
    cells = anndata.read_h5ad(new)
    cells.var_names = [f"ABC{i}" for i in range(cells.n_vars)]
    cells.write_h5ad(trained / "other.h5ad")
    with pytest.raises(PathloreError, match=r"at least 60% wanted.*scoring\.score\.min_coverage"):
        kedro_run(trained, "test", {"bundle": BUNDLE, "cells": str(trained / "other.h5ad")}, pipeline_names=["scoring"])


@pytest.mark.shared
@pytest.mark.slow
def test_one_half_of_the_melanoma_donors_scores_the_other(shared_data, trained, kedro_run):
    """The same numbers through the pipeline, through Python and over HTTP."""
    whole = anndata.read_h5ad(shared_data / MELANOMA)
    whole = whole[whole.obs.groupby("donor", observed=True).cumcount() < 60].copy()
    donors = whole.obs[["donor", "condition"]].drop_duplicates().sort_values(["condition", "donor"])["donor"]
    first = whole.obs["donor"].isin(set(donors[::2])).to_numpy()
    halves = {name: trained / f"{name}.h5ad" for name in ("first", "second")}
    whole[first].copy().write_h5ad(halves["first"])
    whole[~first].copy().write_h5ad(halves["second"])
    (trained / "conf" / "melanoma" / "mlflow.yml").write_text("register_as: melanoma\nsystem_metrics: false\n")
    small = {"modeling": {"training": {"epochs": 1}}, "graph_construction": {"paths": {"max_paths": 40}}}
    files = {"raw": str(shared_data), "cells": str(halves["first"])}
    kedro_run(trained, "melanoma", {**files, **small}, to_nodes=["modeling.bundle_models"])
    folder = trained / "data/06_models/melanoma/bundles/pooled"
    kedro_run(trained, "melanoma", {"bundle": str(folder), "cells": str(halves["second"])}, pipeline_names=["scoring"])
    table, parts = read_scores(trained, "melanoma")

    bundle, other = read_bundle(folder), anndata.read_h5ad(halves["second"])
    in_python = score(bundle, other)
    np.testing.assert_allclose(table["probability_of_responder"], in_python.probabilities[:, 1], atol=1e-6)
    assert not set(other.obs["donor"]) & set(bundle.facts.splits["train"].donors)
    assert table["condition"].value_counts().to_dict() == (
        other.obs["condition"]
        .map({"Responder": "responder", "Non-responder": "non_responder"})
        .value_counts()
        .to_dict()
    )

    frame = request_table(bundle, other)
    assert set(bundle.model.genes) < set(frame), "genes of the wide branch, too"
    with served(trained, "models:/melanoma/1") as address:
        answer = call(address, frame, scale="log", contributions=True)
    np.testing.assert_allclose(answer["probability_of_responder"], table["probability_of_responder"], atol=1e-6)
    np.testing.assert_allclose(answer["calibrated_probability_of_responder"], in_python.calibrated[:, 1], atol=1e-6)
    np.testing.assert_allclose(answer[bundle.model.paths], parts[bundle.model.paths], atol=1e-6)
