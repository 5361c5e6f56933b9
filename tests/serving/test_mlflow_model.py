"""A bundle as an MLflow model: logged, registered, loaded, served, and called over HTTP with the same numbers."""

import os
import shutil
import urllib.error
from pathlib import Path

import importlib_metadata
import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.utils import requirements_utils
from served import call, served

from pathlore.config import TrackingConfig
from pathlore.scoring import score, write_bundle
from pathlore.serving.log import example
from pathlore.serving.model import TOTAL
from pathlore.serving.request import request_table
from pathlore.tracking import open_run
from pathlore.tracking.contents import SplitInput
from pathlore.tracking.models import CHAMPION, log_bundles


@pytest.fixture(scope="module")
def store(tmp_path_factory, empty_database):
    """A folder with a database of runs, which MLflow works in while the tests of this file run."""
    folder = tmp_path_factory.mktemp("mlflow")
    shutil.copy(empty_database, folder)
    before, uri = Path.cwd(), mlflow.get_tracking_uri()
    os.chdir(folder)
    yield folder
    os.chdir(before)
    mlflow.set_tracking_uri(uri)


@pytest.fixture(scope="module")
def logged(store, bundle):
    """Address of the registered model."""
    write_bundle(bundle, store / "bundles" / "pooled")
    config = TrackingConfig(
        enabled=True,
        tracking_uri="sqlite:///mlflow.db",
        artifact_location=None,
        experiment="made",
        run_name=None,
        pipelines=[],
        register_as="made_model",
        champion=True,
        system_metrics=False,
        system_metrics_interval=5,
    )
    run = open_run(config, {}, {}, "made")
    run.log_inputs("made", "cells.h5ad", [SplitInput("pooled", "test", "0123", {"num_rows": 4})])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requirements_utils, "_MODULES_TO_PACKAGES", None)
        patch.setattr(importlib_metadata, "packages_distributions", lambda: pytest.fail("all packages are listed"))
        log_bundles(run, store / "bundles", "bundle")
        assert requirements_utils._MODULES_TO_PACKAGES is None  # other models list theirs
    run.close("FINISHED")
    return "models:/made_model/1"


def table_of(cells, genes):
    """As somebody would send them: the model's genes, and the counts over all genes."""
    frame = pd.DataFrame(cells[:, genes].X.toarray(), columns=genes, index=cells.obs_names)
    return frame.assign(**{TOTAL: np.asarray(cells.X.sum(axis=1)).ravel()})


def same(answer, scores):
    np.testing.assert_allclose(answer["probability_of_case"], scores.probabilities[:, 1], atol=1e-6)
    np.testing.assert_allclose(answer["calibrated_probability_of_case"], scores.calibrated[:, 1], atol=1e-6)
    assert list(answer["predicted"]) == scores.predicted
    np.testing.assert_array_equal(answer["out_of_range"].astype(bool), scores.out_of_range)


def test_loaded_from_the_registry_it_says_the_same(logged, bundle, cells):
    model = mlflow.pyfunc.load_model(logged)
    frame = table_of(cells, bundle.model.read_genes)
    expected = score(bundle, cells)
    same(model.predict(frame), expected)
    assert list(model.predict(frame).index) == list(cells.obs_names)
    shuffled = frame[[TOTAL, *reversed(bundle.model.read_genes)]]
    same(model.predict(shuffled), expected)
    total = frame[TOTAL].to_numpy()[:, None]
    log = np.log1p(10000 * frame[bundle.model.read_genes] / total)
    same(model.predict(log, params={"scale": "log"}), expected)


def test_cells_as_found_are_made_into_a_request(logged, bundle, cells):
    """Other names of genes, and genes that were not measured: understood before they are sent."""
    ids = dict(zip(bundle.gene_names["symbol"], bundle.gene_names["ensembl"], strict=True))
    named = cells[:, cells.var_names != bundle.model.read_genes[2]].copy()
    named.var_names = [ids[name] for name in named.var_names]
    frame = request_table(bundle, named)
    assert list(frame) == [gene for i, gene in enumerate(bundle.model.read_genes) if i != 2]
    same(mlflow.pyfunc.load_model(logged).predict(frame, params={"scale": "log"}), score(bundle, named))


def test_parts_of_the_paths_come_where_they_are_asked_for(logged, bundle, cells):
    model = mlflow.pyfunc.load_model(logged)
    answer = model.predict(table_of(cells, bundle.model.read_genes), params={"contributions": True})
    parts = answer[["bias", "graph_genes", "wide", *bundle.model.paths]].sum(axis=1)
    odds = np.log(answer["probability_of_case"] / answer["probability_of_control"])
    np.testing.assert_allclose(parts, odds, atol=1e-5)


def test_genes_that_are_left_out_are_counted_and_too_few_are_refused(logged, bundle, cells):
    model = mlflow.pyfunc.load_model(logged)
    frame = table_of(cells, bundle.model.read_genes)
    gone = bundle.model.read_genes[3]
    answer = model.predict(frame.drop(columns=gone))
    expected = score(bundle, cells, min_coverage=0.0)
    assert answer["coverage"].iloc[0] < 1
    assert not np.allclose(answer["probability_of_case"], expected.probabilities[:, 1])
    with pytest.raises(Exception, match="at least 60% wanted"):
        model.predict(frame[[TOTAL, *bundle.model.read_genes[:2]]])


@pytest.mark.parametrize(
    ("change", "params", "said"),
    [
        (lambda frame: frame.drop(columns=TOTAL), {}, "also those that the model does not read"),
        (lambda frame: frame.assign(**{TOTAL: 1.0}), {}, "smaller than the sum of the genes"),
        (lambda frame: frame.assign(**{TOTAL: np.nan}), {}, "missing or smaller"),
        (lambda frame: frame, {"scale": "z"}, "scale 'z' was found"),
        (lambda frame: -frame, {"scale": "log"}, "negative"),
    ],
)
def test_what_cannot_be_scored_is_refused_with_a_reason(logged, bundle, cells, change, params, said):
    model = mlflow.pyfunc.load_model(logged)
    with pytest.raises(Exception, match=said):
        model.predict(change(table_of(cells, bundle.model.read_genes)), params=params)


def test_it_is_made_from_code_and_says_what_it_needs(logged, bundle):
    folder = Path(mlflow.artifacts.download_artifacts(logged))
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"code.py", "artifacts/pooled/bundle.json", "requirements.txt", "MLmodel"} <= names
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".pt"))]
    assert "torch==" in (folder / "requirements.txt").read_text()
    info = mlflow.models.get_model_info(logged)
    assert info.signature.inputs.input_names() == [*bundle.model.read_genes, TOTAL]
    assert {param.name for param in info.signature.params} == {"scale", "contributions"}


def test_it_is_registered_once_with_its_figures(logged, bundle, store):
    client = mlflow.MlflowClient()
    (version,) = client.search_model_versions("name='made_model'")
    model = client.get_logged_model(version.model_id or version.source.rsplit("/", 1)[-1])
    metrics = {metric.key: metric.value for metric in model.metrics}
    wanted = next(f for f in bundle.facts.metrics if (f.level, f.method, f.metric) == ("cell", "pathlore", "auroc"))
    assert metrics["auroc"] == pytest.approx(wanted.value)
    assert {(metric.dataset_name, metric.dataset_digest) for metric in model.metrics} == {("made pooled test", "0123")}
    assert client.get_model_version_by_alias("made_model", CHAMPION).version == version.version
    assert version.description == (store / "bundles/pooled/MODEL_CARD.md").read_text()
    assert model.tags["mlflow.note.content"] == version.description


def test_the_example_is_scored(logged, bundle):
    answer = mlflow.pyfunc.load_model(logged).predict(example(bundle))
    assert len(answer) == 2
    assert not answer["out_of_range"].any()


@pytest.fixture(scope="module")
def server(logged, store):
    """Address of ``mlflow models serve``."""
    with served(store, logged) as address:
        yield address


def test_served_it_says_the_same_over_http(server, bundle, cells):
    frame = table_of(cells, bundle.model.read_genes)
    same(call(server, frame), score(bundle, cells))
    parts = call(server, frame, contributions=True)
    expected = score(bundle, cells).contributions().set_index("cell")
    # float32: a part is a small difference of large ones, which other blocks of a matrix product round otherwise
    np.testing.assert_allclose(parts[bundle.model.paths], expected[bundle.model.paths], rtol=1e-3, atol=1e-3)


def test_served_it_refuses_with_a_reason(server, bundle, cells):
    frame = table_of(cells, bundle.model.read_genes).drop(columns=TOTAL)
    with pytest.raises(urllib.error.HTTPError) as caught:
        call(server, frame)
    assert caught.value.code == 400
    assert TOTAL in caught.value.read().decode()
