"""The environments of the diseases, from a server to the summary, on series in miniature with planted paths."""

from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import anndata
import pandas as pd
import pytest
import yaml
from local_server import Answer, serving
from miniature_series import Miniature, covariates, flat_archive, nested_archive, recipe_in
from sklearn.metrics import roc_auc_score

from pathlore import schemas
from pathlore.errors import PathloreError, user_error
from pathlore.resources import transfer

CONF = Path(__file__).parents[2] / "conf"


def cirrhosis():
    small = Miniature(recipe_in("cirrhosis"), ("macrophage", "T cell"), "liver", 24)
    return small, {"GSE136103_RAW.tar": flat_archive(small, "genes", ["GSM4041170_blood1", "GSM4041174_mouse_healthy"])}


def alzheimers():
    small = Miniature(recipe_in("alzheimers"), ("microglia", "astrocyte"), "brain", 72)
    short = {"microglia": "mg", "astrocyte": "astro"}
    return small, {
        "GSE138852_counts.csv.gz": small.count_table(),
        "GSE138852_covariates.csv.gz": covariates(small, short),
    }


def pdac():
    small = Miniature(recipe_in("pdac"), ("ductal cell", "fibroblast"), "pancreas", 24)
    return small, {"GSE155698_RAW.tar": nested_archive(small)}


DISEASES = {"cirrhosis": cirrhosis, "alzheimers": alzheimers, "pdac": pdac}
POPULATIONS = {"cirrhosis": ["macrophage", "T cell"], "alzheimers": ["microglia"], "pdac": ["ductal cell"]}


def merged(one, two):
    """Two trees of parameters, the second over the first."""
    if not isinstance(one, dict) or not isinstance(two, dict):
        return two
    return one | {key: merged(one.get(key), value) for key, value in two.items()}


def point_to(server, project, environment, files, types):
    """Serve the files at the paths that GEO has them at, and make the environment as small as `test`."""
    place = project / "conf" / environment / "parameters.yml"
    parameters = yaml.safe_load(place.read_text())
    for file in parameters["cohort"]["recipe"]["files"]:
        path = urlsplit(file["url"]).path
        file["url"] = server.give(path, Answer(files[file["name"]], version='"1"'))
    small = yaml.safe_load((CONF / "test" / "parameters.yml").read_text())
    small = {block: small[block] for block in ("graph_construction", "text_embedding", "modeling", "interpretation")}
    few = {
        "engine": {"workers": 1},
        "cohort": {"min_genes": 1, "retries": 1, "annotation": {"cells_per_cluster": 20}},
        "ingestion": {
            "quality": {"min_genes": 0},
            "population": {"include": list(types), "min_cells_per_class": 10},
        },
        "interpretation": {"refits": {"folds": 0}, "cell_map": {"cells": 0}},
    }
    place.write_text(yaml.safe_dump(merged(parameters, merged(small, few))))
    (project / "conf" / environment / "mlflow.yml").write_text("enabled: false\n")


@pytest.fixture(scope="module", autouse=True)
def _straight():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "*")
        yield


@pytest.fixture(scope="module")
def server():
    with serving() as running:
        yield running


@pytest.fixture(scope="module", params=DISEASES)
def disease(request, tmp_path_factory, server, kedro_run, new_project):
    """A project in which the two commands of the documentation were run, its environment, and the invented cells."""
    project = new_project(tmp_path_factory.mktemp(request.param) / "project")
    small, files = DISEASES[request.param]()
    point_to(server, project, request.param, files, POPULATIONS[request.param])
    kedro_run(project, request.param, pipeline_names=["cohort"])
    kedro_run(project, request.param, to_outputs=["path_importance", "summary"])
    return project, request.param, small


def test_the_cells_are_those_of_the_series(disease):
    project, environment, small = disease
    cells = anndata.read_h5ad(project / "data/01_raw" / environment / "cells.h5ad")
    assert cells.n_obs == sum(counts.shape[0] for counts in small.counts.values())
    classes = yaml.safe_load((CONF / environment / "parameters.yml").read_text())["ingestion"]["cells"]["classes"]
    assert set(cells.obs["condition"]) == {value for values in classes.values() for value in values}
    truth = [kind for name in cells.obs["sample"].unique() for kind in small.types[name]]
    assert (cells.obs["cell_type"].astype(str) == truth).mean() > 0.95
    assert cells.obs["donor"].nunique() == len({sample.donor for sample in small.samples.values()})


def test_the_reports_of_the_cohort(disease):
    project, environment, small = disease
    reports = project / "data/08_reporting" / environment
    samples = schemas.CohortSamples.validate(pd.read_csv(reports / "cohort_samples.csv"))
    used = samples[samples["left_out"].isna()]
    assert set(used["sample"]) == set(small.recipe.expected)
    assert (used["cells_kept"] == used["cells_read"]).all()
    fetched = project / "data/01_raw" / environment / "cohort_files.csv"
    files = schemas.DownloadReport.validate(pd.read_csv(fetched))
    assert files["resource"].unique().tolist() == [small.recipe.series]
    assert set(samples["sha256"]) <= set(files["sha256"])
    recorded = transfer.recorded(project / "data/01_raw/cohorts")
    assert set(recorded.values()) == set(files["sha256"])
    clusters = schemas.CohortClusters.validate(pd.read_csv(reports / "cohort_clusters.csv"))
    assert clusters.empty == (environment == "alzheimers")  # Grubman tells the cell types


def test_the_run_goes_to_the_summary_and_finds_what_was_planted(disease):
    project, environment, small = disease
    reports = project / "data/08_reporting" / environment
    summary = (reports / "summary.txt").read_text()
    steps = {step for path in small.planted for step in pairwise(path.split(">"))}
    rankings = sorted((reports / "path_importance").glob("*.csv"))
    assert len(rankings) == len(POPULATIONS[environment])
    best = []
    for ranking in rankings:
        table = pd.read_csv(ranking)
        on_planted = [bool(steps & set(pairwise(path.split(">")))) for path in table["path"]]
        best.append(roc_auc_score(on_planted, table["importance"]))
        assert table["path"][0].replace(">", " > ") in summary
    assert max(best) > 0.6, best


def test_once_it_is_there_the_server_is_not_asked(disease, server, kedro_run):
    project, environment, _ = disease
    asked, before = len(server.requests), (project / "data/01_raw" / environment / "cells.h5ad").stat().st_mtime_ns
    kedro_run(project, environment, pipeline_names=["cohort"])
    assert len(server.requests) == asked
    files = pd.read_csv(project / "data/01_raw" / environment / "cohort_files.csv")
    assert not files["fetched"].any()
    assert (project / "data/01_raw" / environment / "cells.h5ad").stat().st_mtime_ns > before


def test_the_user_s_cell_types_and_markers(disease, kedro_run):
    """As the documentation has it; the last test of a disease, since it writes its cells anew."""
    project, environment, small = disease
    place = project / "data/01_raw" / environment / "cells.h5ad"
    before = anndata.read_h5ad(place)
    mine = pd.DataFrame({"cell": before.obs_names[:30], "cell_type": "my cell"})
    mine.to_csv(project / "data/01_raw/my_cell_types.csv", index=False)
    markers = pd.read_csv(CONF.parent / "src/pathlore/knowledge/markers.csv")
    markers["cell_type"] = markers["cell_type"].str.upper()
    markers.to_csv(project / "data/01_raw/my_markers.csv", index=False)
    params = {"cell_types": "data/01_raw/my_cell_types.csv", "markers": "data/01_raw/my_markers.csv"}
    kedro_run(project, environment, params, pipeline_names=["cohort"])
    after = anndata.read_h5ad(place)
    assert set(after.obs["cell_type"].iloc[:30]) == {"my cell"}
    assert after.obs["cell_type_source"].value_counts()["user"] == 30
    others = set(after.obs["cell_type"].iloc[30:])
    expected = {kind for kinds in small.types.values() for kind in kinds}
    assert expected & others if environment == "alzheimers" else {kind.upper() for kind in expected} <= others


# --------------------------------------------------------------------------------------------- failures


@pytest.fixture
def broken(tmp_path, server, kedro_run, new_project):
    """Run the cohort of cirrhosis with the files as they are changed; the error, and the project."""
    small, files = cirrhosis()

    def run(change):
        project = new_project(tmp_path / "project")
        point_to(server, project, "cirrhosis", change(small, files), ["macrophage"])
        with pytest.raises(Exception, match="GSE136103") as caught:
            kedro_run(project, "cirrhosis", pipeline_names=["cohort"])
        error = user_error(caught.value)
        assert isinstance(error, PathloreError)
        assert not (project / "data/01_raw/cirrhosis/cells.h5ad").exists()
        assert not list((project / "data").rglob("*.h5ad"))
        return str(error)

    return run


def test_a_missing_sample_is_named_and_nothing_is_written(broken):
    def without_one(small, files):
        kept = dict(small.counts)
        small.counts.pop("GSM4041169_cirrhotic5_cd45+")
        archive = flat_archive(small, "genes")
        small.counts.update(kept)
        return {"GSE136103_RAW.tar": archive}

    message = broken(without_one)
    assert "1 of 20 samples are missing in GSE136103_RAW.tar: GSM4041169_cirrhotic5_cd45+" in message
    assert "`cohort.recipe.expected`" in message


def test_an_archive_that_is_cut_off(broken):
    message = broken(lambda _, files: {name: content[:-20_000] for name, content in files.items()})
    assert "GSE136103_RAW.tar" in message


def test_a_run_before_its_cohort_says_so(tmp_path, kedro_run, new_project):
    project = new_project(tmp_path / "project")
    with pytest.raises(PathloreError, match=r"`kedro run --env pdac --pipeline cohort` first"):
        kedro_run(project, "pdac")


def test_an_environment_without_a_recipe(tmp_path, kedro_run, new_project):
    project = new_project(tmp_path / "project")
    with pytest.raises(Exception, match=r"`cohort\.recipe` is empty"):
        kedro_run(project, "test", pipeline_names=["cohort"])
