"""The whole of it, once, on fabricated cells with planted paths; then what a user does next."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import anndata
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.metrics import roc_auc_score

import pathlore
from pathlore import schemas
from pathlore.datasets.fabricated import FabricatedCellsDataset
from pathlore.errors import PathloreError
from pathlore.expression.splits import digest
from pathlore.files import MARKER

OUTPUTS = [
    "02_intermediate/test/signaling_network.parquet",
    "02_intermediate/test/gene_annotations.parquet",
    "02_intermediate/test/gene_mapping.parquet",
    "02_intermediate/test/gene_names.parquet",
    "03_primary/test/cells.h5ad",
    "03_primary/test/populations/pooled.json",
    "03_primary/test/splits/pooled.parquet",
    "04_feature/test/gene_statistics/pooled.parquet",
    "04_feature/test/bridged_network.parquet",
    "04_feature/test/signaling_paths/pooled.parquet",
    "04_feature/test/ligand_receptor_steps.csv",
    "05_model_input/test/text_vectors/encoder.parquet",
    "05_model_input/test/gene_vectors.parquet",
    "05_model_input/test/gene_sentences.parquet",
    "05_model_input/test/path_sentences.parquet",
    "05_model_input/test/text_numeric_graphs/pooled/graph.json",
    "05_model_input/test/gene_embeddings/encoder.json",
    "05_model_input/test/path_embeddings/encoder.json",
    "06_models/test/models/pooled/weights.safetensors",
    "06_models/test/models/pooled/model.json",
    "06_models/test/training_history/pooled.parquet",
    "06_models/test/bundles/pooled/bundle.json",
    "06_models/test/bundles/pooled/checksums.json",
    "06_models/test/bundles/pooled/MODEL_CARD.md",
    "06_models/test/bundles/pooled/weights.safetensors",
    "06_models/test/bundles/pooled/text_embeddings.safetensors",
    "06_models/test/bundles/pooled/genes.csv",
    "06_models/test/bundles/pooled/paths.csv",
    "06_models/test/bundles/pooled/gene_names.csv",
    "06_models/test/bundles/pooled/orthologs.csv",
    "07_model_output/test/held_out_predictions/pooled.parquet",
    "08_reporting/test/coverage.csv",
    "08_reporting/test/design.csv",
    "08_reporting/test/path_report.csv",
    "08_reporting/test/encoders.csv",
    "08_reporting/test/metrics.csv",
    "08_reporting/test/metrics.png",
    "08_reporting/test/interactive_metrics.json",
    "08_reporting/test/interactive_importance.json",
    "08_reporting/test/path_importance/pooled.csv",
    "08_reporting/test/proposed_paths/pooled.csv",
    "08_reporting/test/diagnostics.csv",
    "08_reporting/test/core_networks/pooled.graphml",
    "08_reporting/test/core_networks_cytoscape/pooled.cyjs",
    "08_reporting/test/importance_plots/pooled.png",
    "08_reporting/test/core_network_plots/pooled.png",
    "08_reporting/test/training_plots/pooled.png",
    "08_reporting/test/summary.txt",
    "02_intermediate/test/ligand_receptor_pairs.parquet",
    "07_model_output/test/refit_rankings.parquet",
    "08_reporting/test/out_of_fold.csv",
    "08_reporting/test/ablation/pooled.csv",
    "08_reporting/test/ablation_plots/pooled.png",
    "08_reporting/test/attribution_agreement/pooled.json",
    "08_reporting/test/cell_communication.csv",
    "08_reporting/test/communication_plots/circle.png",
    "08_reporting/test/communication_plots/heatmap.png",
    "08_reporting/test/communication_plots/interactions.png",
    "08_reporting/test/communication_pairs.csv",
    "08_reporting/test/interactive_communication.json",
    "08_reporting/test/curve_plots/pooled.png",
    "08_reporting/test/donor_plots/pooled.png",
    "08_reporting/test/donor_tests/pooled.csv",
    "08_reporting/test/active_receptors/pooled.csv",
    "08_reporting/test/active_ligands/pooled.csv",
    "08_reporting/test/interactive_donors.json",
    "08_reporting/test/edge_importance/pooled.csv",
    "08_reporting/test/enrichment/pooled.csv",
    "08_reporting/test/enrichment_plots/pooled.png",
    "08_reporting/test/gene_importance/pooled.csv",
    "08_reporting/test/gene_list_overlap/pooled.csv",
    "08_reporting/test/path_activity_by_donor/pooled.csv",
    "08_reporting/test/path_coherence/pooled.csv",
    "08_reporting/test/report.html",
    "08_reporting/test/sentence_plots/pooled.png",
    "08_reporting/test/interactive_sentences.json",
]
OUTPUTS += [
    "08_reporting/test/cell_maps/pooled.csv",
    "08_reporting/test/cell_map_plots/pooled.png",
    "08_reporting/test/donor_strip_plots/pooled.png",
    "08_reporting/test/receptor_scores_by_donor/pooled.csv",
    "08_reporting/test/literature.json",
    "08_reporting/test/splits.csv",
]
OUTPUTS += [f"{name.removesuffix('.png')}.svg" for name in OUTPUTS if name.endswith(".png")]
SOURCE = Path(pathlore.__file__).parent
PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def whole(finished):
    """The folder of a project in which everything was run once, on cells whose batch is their class.

    The tests of this file change it: they are the last of those that read it.
    """
    return finished


@pytest.fixture(scope="module")
def data(whole):
    return whole / "data"


@pytest.fixture(scope="module")
def client(whole):
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=f"sqlite:///{whole / 'mlflow.db'}")


@pytest.fixture(scope="module")
def recorded(client):
    """The run of ``whole``, the first of its experiment."""
    (experiment,) = client.search_experiments(filter_string="name = 'pathlore/test'")
    return client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"])[0]


def runs(folder):
    """Rows of the database itself, so that nothing is taken for granted."""
    with sqlite3.connect(folder / "mlflow.db") as database:
        return database.execute("SELECT run_uuid, status FROM runs ORDER BY start_time").fetchall()


def state(folder):
    """Time and size of every file under data/, but for the record of checksums that each run keeps."""
    files = [path for path in (folder / "data").rglob("*") if path.is_file() and not path.name.startswith(".")]
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in files}


# ------------------------------------------------------------------------------------------------ outputs


def test_every_output_is_there_and_nothing_else(data):
    for name in OUTPUTS:
        assert (data / name).stat().st_size > 0, name
    extra = {path.relative_to(data).as_posix() for path in data.rglob("[!.]*") if path.is_file()} - set(OUTPUTS)
    beside = ("entities.parquet", "associations.parquet", "paths.parquet", "texts.parquet", "vectors.safetensors")
    finished_fits = "07_model_output/test/refits/"
    kept = {".checksums.json", ".checksums.json.lock", ".lock"}
    extra = {name for name in extra - kept if not name.endswith(MARKER)}
    assert {name for name in extra if not name.endswith(beside) and not name.startswith(finished_fits)} == set()
    assert not (data / "06_models" / "test" / "checkpoints").exists()


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("02_intermediate/test/signaling_network.parquet", schemas.Network),
        ("02_intermediate/test/gene_mapping.parquet", schemas.GeneMapping),
        ("02_intermediate/test/gene_names.parquet", schemas.GeneNamesTable),
        ("04_feature/test/bridged_network.parquet", schemas.Network),
        ("04_feature/test/ligand_receptor_steps.csv", schemas.LigandReceptorSteps),
        ("05_model_input/test/text_vectors/encoder.parquet", schemas.TextVectors),
        ("08_reporting/test/encoders.csv", schemas.EncoderReport),
        ("03_primary/test/splits/pooled.parquet", schemas.Splits),
        ("04_feature/test/gene_statistics/pooled.parquet", schemas.GeneStatistics),
        ("08_reporting/test/active_receptors/pooled.csv", schemas.ActiveReceptors),
        ("08_reporting/test/active_ligands/pooled.csv", schemas.ActiveLigands),
        ("04_feature/test/signaling_paths/pooled.parquet", schemas.SignalingPaths),
        ("06_models/test/training_history/pooled.parquet", schemas.History),
        ("07_model_output/test/held_out_predictions/pooled.parquet", schemas.Predictions),
        ("08_reporting/test/metrics.csv", schemas.Metrics),
        ("08_reporting/test/path_importance/pooled.csv", schemas.PathImportance),
    ],
)
def test_tables_on_disk_are_of_their_schemas(data, name, schema):
    path = data / name
    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    assert len(schema.validate(table))


def test_the_outputs_speak_of_the_same_things(data):
    splits = pd.read_parquet(data / "03_primary/test/splits/pooled.parquet")
    cells = anndata.read_h5ad(data / "03_primary/test/cells.h5ad")
    paths = pd.read_parquet(data / "04_feature/test/signaling_paths/pooled.parquet")
    predictions = pd.read_parquet(data / "07_model_output/test/held_out_predictions/pooled.parquet")
    importance = pd.read_csv(data / "08_reporting/test/path_importance/pooled.csv")
    card = json.loads((data / "06_models/test/models/pooled/model.json").read_text())
    assert set(splits["cell"]) == set(cells.obs_names)
    assert splits.groupby("donor")["split"].nunique().max() == 1
    held_out = splits[splits["split"] != "train"]
    for _, group in predictions.groupby("method"):
        assert set(group["cell"]) == set(held_out["cell"])
    assert set(importance["path"]) == set(paths["path"]) == set(card["paths"])
    network = nx.read_graphml(data / "08_reporting/test/core_networks/pooled.graphml")
    assert set(network) <= set(card["genes"])
    summary = (data / "08_reporting/test/summary.txt").read_text()
    assert importance["path"][0].replace(">", " > ") in summary


def test_the_result_is_shown_at_the_end(whole, kedro_run, capsys):
    kedro_run(whole, "test", pipeline_names=["interpretation"], to_nodes=["interpretation.summarise"])
    shown = capsys.readouterr().out
    assert (whole / "data/08_reporting/test/summary.txt").read_text().strip() in shown


def test_planted_paths_are_ranked_before_others(data):
    """Paths that share an edge with a planted path, by the score that was trained."""
    entry = yaml.safe_load((PROJECT / "conf" / "test" / "catalog.yml").read_text())["cells_raw"]
    cells = FabricatedCellsDataset(
        network=str(SOURCE / "knowledge" / "interactions.csv"), n_cells=16, seed=0, pathways=entry["pathways"]
    ).load()
    planted = cells.uns["planted_paths"]
    steps = {step for path in planted for step in pairwise(path.split(">"))}
    table = pd.read_csv(data / "08_reporting/test/path_importance/pooled.csv")
    genes = table["path"].str.split(">")
    on_planted = [bool(steps & set(pairwise(path))) for path in genes]
    assert 0 < sum(on_planted) < len(table)
    assert roc_auc_score(on_planted, table["importance"]) > 0.6


# ------------------------------------------------------------------------------------------------- MLflow


def test_the_run_is_finished_and_named(recorded):
    assert recorded.info.status == "FINISHED"
    assert re.fullmatch(r"test: case vs control, \d{4}-\d\d-\d\d \d\d:\d\d", recorded.info.run_name)
    assert recorded.info.end_time > recorded.info.start_time


def test_parameters_are_flattened(recorded):
    params = recorded.data.params
    assert params["modeling.model.width"] == "16"
    assert params["modeling.training.epochs"] == "4"
    assert params["ingestion.cells.classes.control"] == '["control"]'
    assert params["ingestion.cells.gene_column"] == "null"
    assert params["graph_construction.sentences.path"] == "{pathway}: {steps}."
    assert not [name for name in params if name.startswith(("evaluation", "resources", "inspection", "cohort"))]
    assert "text_embedding.encoder.model" not in params, "of a language model, which this run does not use"


def test_tags_say_what_ran_on_what(recorded, whole):
    tags = recorded.data.tags
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=whole, capture_output=True, text=True, check=True)
    assert tags["git.commit"] == commit.stdout.strip()
    assert tags["git.state"] == "clean"
    network = SOURCE / "knowledge" / "interactions.csv"
    assert tags["sha256.network_raw"] == hashlib.sha256(network.read_bytes()).hexdigest()
    assert len(tags["sha256.gene_text_raw"]) == 64
    assert tags["splits.sha256"] == digest(pd.read_csv(whole / "data/08_reporting/test/splits.csv"))
    assert "torch 2." in tags["versions"]
    assert tags["versions"].startswith(f"python {'.'.join(map(str, sys.version_info[:3]))}, ")
    assert tags["device"]
    assert (tags["kedro.env"], tags["kedro.pipelines"]) == ("test", "__default__")
    assert tags["kedro.run_id"]
    assert "error" not in tags


def test_each_epoch_is_a_step(recorded, client, data):
    history = pd.read_parquet(data / "06_models/test/training_history/pooled.parquet")
    history["log10_learning_rate"] = np.log10(history["learning_rate"])
    for name in ("train_loss", "validation_loss", "validation_auroc", "log10_learning_rate", "mean_importance"):
        points = client.get_metric_history(recorded.info.run_id, f"epoch/{name}")
        assert [point.step for point in points] == list(history["epoch"]) == [1, 2, 3, 4]
        np.testing.assert_allclose([point.value for point in points], history[name])


def test_few_metrics_are_recorded_those_of_the_table(recorded, data):
    metrics = pd.read_csv(data / "08_reporting/test/metrics.csv")
    metrics = metrics.set_index(["split", "level", "method", "metric"])["value"]
    final = {name: value for name, value in recorded.data.metrics.items() if "/" not in name}
    assert len(final) < 12
    for name, key in {
        "auroc": ("test", "cell", "pathlore", "auroc"),
        "mcc": ("test", "cell", "pathlore", "mcc"),
        "auroc_over_donors": ("test", "donor", "pathlore", "auroc"),
        "auroc_validation": ("validation", "cell", "pathlore", "auroc"),
        "auroc_logistic_regression": ("test", "cell", "logistic_regression", "auroc"),
    }.items():
        assert final[name] == pytest.approx(metrics[key]), name


def test_the_description_says_what_was_compared(recorded, data):
    text = recorded.data.tags["mlflow.note.content"]
    design = pd.read_csv(data / "08_reporting/test/design.csv")
    assert text.startswith(f"**{design['level'][0].capitalize()}:** {design['text'][0][:30]}")
    assert "**case vs control** in the cohort `test`." in text
    assert "**Verdict** (AUROC)" in text
    first = pd.read_csv(data / "08_reporting/test/path_importance/pooled.csv").iloc[0]
    assert f"| {first['route'].replace('>', '&gt;')} | {first['importance']:.3f} |" in text


def test_the_cells_of_each_split_are_named(recorded, data):
    splits = pd.read_parquet(data / "03_primary/test/splits/pooled.parquet")
    named = {one.tags[0].value: one.dataset for one in recorded.inputs.dataset_inputs}
    assert set(named) == {"training", "validation", "test"}
    assert json.loads(named["test"].profile)["num_rows"] == (splits["split"] == "test").sum()


def test_figures_of_summary_and_page_are_those_of_the_table_and_of_mlflow(recorded, data):
    metrics = pd.read_csv(data / "08_reporting/test/metrics.csv")
    page = (data / "08_reporting/test/report.html").read_text()
    shown = json.loads(re.search(r'id="data-run-metrics"[^>]*>(.*?)</script>', page, re.DOTALL)[1])["values"]
    value = metrics.sort_values("split", key=lambda split: split != "test", kind="stable")["value"]
    assert [f"{own:.3f}" for own in shown["value"] if own is not None] == [f"{own:.3f}" for own in value.dropna()]
    summary = (data / "08_reporting/test/summary.txt").read_text()
    header, line = (next(row.split() for row in summary.splitlines() if key in row) for key in ("auroc", "pathlore  "))
    own = metrics[(metrics["split"] == "test") & (metrics["level"] == "cell") & (metrics["method"] == "pathlore")]
    own = own.set_index("metric")["value"]
    assert dict(zip(header, line[1:], strict=True)) == {metric: f"{own[metric]:.3f}" for metric in header}
    final = {name: value for name, value in recorded.data.metrics.items() if name in header}
    assert {"auroc", "auprc", "balanced_accuracy", "mcc"} <= set(final)
    assert final == {name: pytest.approx(own[name]) for name in final}


def test_what_makes_the_result_doubtful_is_its_first_line_everywhere(recorded, data):
    said = "Condition and batch are confounded"
    assert (data / "08_reporting/test/summary.txt").read_text().startswith(said)
    page = (data / "08_reporting/test/report.html").read_text()
    assert page.index("verdict-title") < page.index(said) < page.index('class="headline"')
    assert recorded.data.tags["design"].startswith(said)
    assert recorded.data.tags["mlflow.note.content"].startswith(f"**Problem:** {said[0].lower()}{said[1:]}")


def test_each_artifact_is_recorded_once(recorded, client):
    def walk(path=""):
        for entry in client.list_artifacts(recorded.info.run_id, path):
            if entry.is_dir:
                yield from walk(entry.path)
            else:
                yield entry.path, entry.file_size

    files = dict(walk())
    expected = {
        "parameters.yml",
        "tables/path_importance_pooled.json",
        "data/coverage.csv",
        "data/design.csv",
        "data/encoders.csv",
        "data/gene_vectors.parquet",
        "data/ligand_receptor_steps.csv",
        "data/path_report.csv",
        "data/held_out_predictions/pooled.parquet",
        "data/splits/pooled.parquet",
        "models/models/pooled/model.json",
        "models/models/pooled/weights.safetensors",
        "report/core_network_plots/pooled.png",
        "report/core_networks/pooled.graphml",
        "report/core_networks_cytoscape/pooled.cyjs",
        "report/importance_plots/pooled.png",
        "report/metrics.csv",
        "report/out_of_fold.csv",
        "report/metrics.png",
        "report/diagnostics.csv",
        "report/path_importance/pooled.csv",
        "report/proposed_paths/pooled.csv",
        "report/summary.txt",
        "report/training_plots/pooled.png",
        "report/ablation/pooled.csv",
        "report/ablation_plots/pooled.png",
        "report/attribution_agreement/pooled.json",
        "report/cell_communication.csv",
        "report/communication_plots/circle.png",
        "report/communication_plots/heatmap.png",
        "report/communication_plots/interactions.png",
        "report/communication_pairs.csv",
        "report/curve_plots/pooled.png",
        "report/donor_plots/pooled.png",
        "report/donor_tests/pooled.csv",
        "report/active_receptors/pooled.csv",
        "report/active_ligands/pooled.csv",
        "report/edge_importance/pooled.csv",
        "report/enrichment/pooled.csv",
        "report/enrichment_plots/pooled.png",
        "report/gene_importance/pooled.csv",
        "report/gene_list_overlap/pooled.csv",
        "report/path_activity_by_donor/pooled.csv",
        "report/path_coherence/pooled.csv",
        "report/report.html",
        "report/sentence_plots/pooled.png",
        "data/refit_rankings.parquet",
        "report/cell_maps/pooled.csv",
        "report/cell_map_plots/pooled.png",
        "report/donor_strip_plots/pooled.png",
        "report/receptor_scores_by_donor/pooled.csv",
        "report/literature.json",
        "report/splits.csv",
    }
    vector = {f"{name.removesuffix('.png')}.svg" for name in expected if name.endswith(".png")}
    assert set(files) == expected | vector
    assert all(files.values())


def test_the_bundle_is_a_model_of_the_run(recorded, client):
    (output,) = recorded.outputs.model_outputs
    model = client.get_logged_model(output.model_id)
    assert model.name == "bundle_pooled"
    metrics = {metric.key: metric.value for metric in model.metrics}
    assert metrics["auroc"] == pytest.approx(recorded.data.metrics["auroc"])
    (tied,) = {(metric.dataset_name, metric.dataset_digest) for metric in model.metrics if metric.dataset_name}
    assert tied in {(one.dataset.name, one.dataset.digest) for one in recorded.inputs.dataset_inputs}
    (version,) = client.search_model_versions("name='made'")
    assert version.run_id == recorded.info.run_id


def test_artifacts_lie_in_the_project(whole, recorded):
    assert (whole / "mlruns").is_dir()
    assert str(whole) in recorded.info.artifact_uri or not recorded.info.artifact_uri.startswith("/")


# -------------------------------------------------------------------------------------------- once more


def test_with_nothing_missing_nothing_is_run(whole, kedro_run):
    before, recorded = state(whole), runs(whole)
    kedro_run(whole, "test", only_missing_outputs=True)
    assert state(whole) == before
    assert runs(whole) == recorded


def test_with_nothing_missing_a_damaged_input_is_named(whole, kedro_run):
    (graph,) = (whole / "data/05_model_input/test/text_numeric_graphs").rglob("paths.parquet")
    content = graph.read_bytes()
    graph.write_bytes(content[:-100])
    with pytest.raises(PathloreError, match=r"`text_numeric_graphs` in .* is not as it was saved"):
        kedro_run(whole, "test", pipeline_names=["modeling"], only_missing_outputs=True)
    graph.write_bytes(content)


def test_only_what_is_missing_is_made(whole, kedro_run):
    summary = whole / "data/08_reporting/test/summary.txt"
    text = summary.read_text()
    summary.unlink()
    before = state(whole)
    kedro_run(whole, "test", only_missing_outputs=True)
    assert summary.read_text() == text
    after = state(whole)
    assert {path for path in after if after[path] != before.get(path)} == {summary}


def test_modeling_alone_makes_the_same_model_from_files(whole, kedro_run, client):
    """Nobody asks to register it now, and no other version is."""
    (whole / "conf/test/mlflow.yml").unlink()
    metrics = whole / "data/08_reporting/test/metrics.csv"
    weights = whole / "data/06_models/test/models/pooled/weights.safetensors"
    first, count = (metrics.read_bytes(), weights.read_bytes()), len(runs(whole))
    metrics.unlink()
    inputs = {path: value for path, value in state(whole).items() if "06_" not in str(path) and "07_" not in str(path)}
    kedro_run(whole, "test", pipeline_names=["modeling"])
    assert (metrics.read_bytes(), weights.read_bytes()) == first
    assert {path: value for path, value in state(whole).items() if path in inputs} == inputs
    assert len(runs(whole)) == count + 1
    assert len(client.search_model_versions("name='made'")) == 1


def test_ingestion_alone_is_not_recorded(whole, kedro_run):
    before = runs(whole)
    kedro_run(whole, "test", pipeline_names=["ingestion"], to_nodes=["ingestion.annotate_genes"])
    assert runs(whole) == before


@pytest.mark.slow
def test_the_command_line_gives_the_same_figures(whole, tmp_path):
    """The whole run in another process and folder, with another order of sets: the same metrics to the last digit."""
    again = tmp_path / "again"
    shutil.copytree(whole, again, symlinks=True, ignore=shutil.ignore_patterns("data", "mlruns", "mlflow.db"))
    done = subprocess.run(
        [sys.executable, "-m", "kedro", "run", "--env", "test", "--params", "interpretation.cell_map.cells=0"],
        cwd=again,
        env={**os.environ, "PYTHONHASHSEED": "123", "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for name in ("08_reporting/test/metrics.csv", "08_reporting/test/path_importance/pooled.csv"):
        assert (again / "data" / name).read_bytes() == (whole / "data" / name).read_bytes(), name
    assert [name for name in OUTPUTS if not (again / "data" / name).is_file()] == []


# --------------------------------------------------------------------------------------------- failures


def test_a_run_that_fails_is_marked_and_its_inputs_stay_usable(whole, kedro_run, client, monkeypatch):
    def fail(*arguments):
        raise PathloreError("2 cells found, more expected: change `ingestion.split`")

    before = state(whole)
    monkeypatch.setattr("pathlore.training.metrics.metrics_table", fail)
    with pytest.raises(PathloreError, match="in memory alone") as caught:
        kedro_run(whole, "test", from_nodes=["modeling.score_predictions"])
    nodes = str(caught.value).partition("--from-nodes ")[2].split(",")
    with pytest.raises(PathloreError, match="2 cells found"):
        kedro_run(whole, "test", from_nodes=nodes)
    run_id, status = runs(whole)[-1]
    assert status == "FAILED"
    tags = client.get_run(run_id).data.tags
    assert tags["error"] == "2 cells found, more expected: change `ingestion.split`"
    assert state(whole) == before
    monkeypatch.undo()
    kedro_run(whole, "test", from_nodes=["modeling.score_predictions"], to_nodes=["modeling.score_predictions"])
    assert runs(whole)[-1][1] == "FINISHED"


def test_a_run_without_its_raw_file_leaves_no_empty_run(whole, kedro_run):
    before = runs(whole)
    with pytest.raises(Exception, match="no file at") as caught:
        kedro_run(whole, "demo", {"cells": "data/01_raw/absent.h5ad"})
    assert "the runtime parameter `cells`" in str(caught.value)
    assert runs(whole) == before


def test_no_run_is_left_open(whole):
    import mlflow

    assert mlflow.active_run() is None
    assert {status for _, status in runs(whole)} == {"FINISHED", "FAILED"}
