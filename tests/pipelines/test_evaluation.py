"""A small evaluation, run for real: killed in the middle, gone on with, and recorded."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient

from pathlore.tracking.nested import TASK

RUN = [sys.executable, "-m", "kedro", "run", "--env", "test", "--pipelines", "evaluation"]
TABLES = ("evaluation_runs", "evaluation_predictions", "evaluation_rankings")
VARIANTS = {
    "pathlore": "model",
    "cross_expression": "ablation",
    "cross_text": "ablation",
    "majority": "baseline",
    "logistic_regression": "baseline",
    "activity": "ranking",
    "permuted_labels": "null",
    "deterministic": "null",
    "discovery": "discovery",
}
N_TASKS = 2 * 6 + 1 + 1 + 2 + 1  # repeats x methods, a seed, a permutation, deterministic inputs, new paths


def tables(project: Path) -> dict[str, pd.DataFrame]:
    folder = project / "data" / "07_model_output" / "test"
    return {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES}


def records(project: Path) -> dict[str, float]:
    """When each finished task was written."""
    found = (project / "data" / "07_model_output" / "test" / "evaluation_tasks").glob("[!.]*/record.json")
    return {file.parent.name: file.stat().st_mtime for file in found}


@pytest.fixture(scope="module")
def ingested(project, kedro_run, empty_database) -> Path:
    shutil.copy(empty_database, project)
    kedro_run(project, "test", pipeline_names=["ingestion"])
    return project


@pytest.fixture(scope="module")
def unbroken(ingested, kedro_run, tmp_path_factory) -> Path:
    """Another project, in which nothing went wrong."""
    folder = tmp_path_factory.mktemp("unbroken") / "project"
    shutil.copytree(ingested, folder)
    kedro_run(folder, "test", pipeline_names=["evaluation"])
    return folder


@pytest.fixture(scope="module")
def resumed(ingested, unbroken, kedro_run) -> tuple[Path, dict[str, float]]:
    """The project after a kill and a second start, and the tasks that were finished at the kill."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        RUN, cwd=ingested, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 120
    while len(records(ingested)) < 3:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = records(ingested)
    kedro_run(ingested, "test", pipeline_names=["evaluation"])
    return ingested, finished


def test_every_method_is_run_on_every_repeat(unbroken):
    runs = tables(unbroken)["evaluation_runs"]
    assert runs.groupby("variant")["kind"].first().to_dict() == VARIANTS
    cell = runs[(runs["level"] == "cell") & (runs["split"] == "test") & (runs["metric"] == "auroc")]
    repeats = cell.groupby("variant").apply(lambda rows: set(zip(rows["fold"], rows["seed"], strict=True)))
    assert repeats["pathlore"] == {(0, 0), (1, 1), (0, 2)}
    assert repeats["logistic_regression"] == {(0, 0), (1, 1)}
    assert "activity" not in repeats
    assert set(runs["split_by"]) == {"donor"}
    assert cell.loc[cell["variant"] == "logistic_regression", "value"].min() > 0.8
    assert cell.loc[cell["variant"] == "majority", "value"].eq(0.5).all()
    assert cell.loc[cell["variant"] == "deterministic", "value"].min() > 0.95
    assert len(records(unbroken)) == N_TASKS
    within = runs[(runs["level"] == "cell_within_type") & (runs["variant"] == "logistic_regression")]
    assert within["value"].between(0.7, 1.0).all()


def test_predictions_and_rankings(unbroken):
    found = tables(unbroken)
    predictions = found["evaluation_predictions"]
    probabilities = predictions[["probability_of_control", "probability_of_case"]]
    assert (probabilities.sum(axis=1) - 1).abs().max() < 1e-6
    assert not predictions.duplicated(["variant", "fold", "seed", "cell"]).any()
    by_fold = predictions[predictions["variant"] == "pathlore"].groupby("fold")["donor"].agg(set)
    assert not by_fold[0] & by_fold[1]
    rankings = found["evaluation_rankings"]
    assert set(rankings.loc[rankings["variant"] == "pathlore", "score"]) == {
        "importance",
        "activity_auroc",
        "mean_rank",
        "prior",
        "strength",
        "corrected",
    }
    assert not rankings.duplicated(["variant", "fold", "seed", "score", "path"]).any()


@pytest.mark.slow
def test_a_kill_loses_only_the_tasks_in_flight(resumed, unbroken):
    project, finished = resumed
    assert 3 <= len(finished) < N_TASKS
    now = records(project)
    assert {key: now[key] for key in finished} == finished, "a finished task was done again"
    assert set(now) == set(records(unbroken))
    assert not list((project / "data/07_model_output/test/evaluation_tasks").glob(".*.*"))
    with sqlite3.connect(project / "mlflow.db") as store:
        nested = "select run_uuid from tags where key = 'mlflow.parentRunId'"
        parents = store.execute(f"select status from runs where run_uuid not in ({nested})").fetchall()
    assert parents == [("FINISHED",)], "the second start goes on with the run of the first"


@pytest.mark.slow
def test_the_tables_are_those_of_an_unbroken_run(resumed, unbroken):
    once, twice = tables(unbroken), tables(resumed[0])
    for name in TABLES:
        one, other = once[name], twice[name]
        if "metric" in one:
            one, other = (table[table["metric"] != "seconds"] for table in (one, other))
        pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True), check_exact=True)


def test_reports(unbroken):
    folder = unbroken / "data" / "08_reporting" / "test" / "evaluation"
    summary = pd.read_csv(folder / "evaluation_summary.csv", keep_default_na=False)
    assert set(summary["variant"]) == set(VARIANTS) - {"discovery"}
    assert len(pd.read_csv(folder / "failures.csv")) == 0
    assert {row.variant for row in pd.read_csv(folder / "evaluation_stability.csv").itertuples()} >= {"pathlore"}
    assert len(pd.read_csv(folder / "evaluation_significance.csv")) > 20
    recovery = json.loads((folder / "recovery.json").read_text())
    assert recovery["auroc"]["n"] == 0, "no scenario is simulated"
    assert recovery["scenarios"]["cohort"]["pathlore"]["auroc"]["n"] == 3, "the cells' own truth is known"
    new = pd.read_csv(folder / "evaluation_discovery.csv")
    assert new["origin"].value_counts()["proposed"] == (new["origin"] == "random").sum()
    assert pd.read_csv(folder / "evaluation_withheld.csv").empty
    shape = pd.read_csv(folder / "evaluation_shape.csv")
    assert set(shape["ranking"]) == {"deterministic", "importance", "corrected"}
    report = (folder / "evaluation_report.md").read_text()
    assert "random new paths would be kept" in report
    assert "of the importance corrected for that" in report
    assert "logistic" in (folder / "evaluation_report.md").read_text().lower()
    pages = ("method_plots/pooled.png", "significance_plots/pooled.png", "stability_plots/pooled.png")
    for figure in (*pages, "recovery.png"):
        assert (folder / figure).stat().st_size > 20_000, figure
    assert (folder / "depth.png").stat().st_size > 1000, "it is not run here, and the figure says so"


def test_one_run_for_the_evaluation_and_one_in_it_for_each_task(unbroken):
    client = MlflowClient(tracking_uri=f"sqlite:///{unbroken / 'mlflow.db'}")
    (experiment,) = [e for e in client.search_experiments() if e.name == "pathlore/test"]
    runs = client.search_runs([experiment.experiment_id], max_results=1000)
    parents = [run for run in runs if TASK not in run.data.tags]
    assert len(parents) == 1
    assert parents[0].info.status == "FINISHED"
    children = [run for run in runs if TASK in run.data.tags]
    assert len({run.data.tags[TASK] for run in children}) == len(children) == N_TASKS
    assert {run.data.tags["mlflow.parentRunId"] for run in children} == {parents[0].info.run_id}
    (text,) = [run for run in children if run.data.tags["variant"] == "cross_text" and run.data.tags["fold"] == "1"]
    assert text.data.params == {"modeling.model.cross_attention": "text"}
    assert text.data.tags["kind"] == "ablation"
    assert 0 <= text.data.metrics["test/cell/auroc"] <= 1
    summary = pd.read_csv(unbroken / "data/08_reporting/test/evaluation/evaluation_summary.csv", keep_default_na=False)
    row = summary.query("variant == 'cross_text' and level == 'donor' and metric == 'auroc'").iloc[0]
    assert parents[0].data.metrics["auroc_over_donors/cross_text"] == pytest.approx(row["mean"])
    artifacts = {file.path for file in client.list_artifacts(parents[0].info.run_id, "report")}
    assert {"report/evaluation_summary.csv", "report/method_plots"} <= artifacts
