"""What is made anew by ``--only-missing-outputs``: all that would come out otherwise now, and nothing else."""

import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner

from pathlore.config import TrainingConfig
from pathlore.datasets import origins
from pathlore.datasets.catalogue import AtomicCatalog, place_of
from pathlore.datasets.checksums import FILE, KEEP, SavedChecksums
from pathlore.datasets.origins import Origins
from pathlore.errors import PathloreError
from pathlore.hooks import redo_outdated, refuse_mixed

SETTINGS = {"modeling": {"training": {"epochs": 4, "threads": 1}}, "cells": "somewhere.h5ad"}


class World:
    """A project of three nodes, raw -> cells -> model -> metrics, whose runs are counted."""

    def __init__(self, folder):
        self.data = folder / "data"
        self.data.mkdir()
        self.raw = folder / "raw.csv"
        self.raw.write_text("a\n1\n")
        self.settings = json.loads(json.dumps(SETTINGS))
        self.ran = []

    def node(self, name, inputs, outputs):
        def work(*read):
            self.ran.append(name)
            rows = [part if isinstance(part, pd.DataFrame) else pd.DataFrame({"a": [str(part)]}) for part in read]
            made = pd.concat(rows, ignore_index=True).astype(str)
            return made if isinstance(outputs, str) else tuple(made for _ in outputs)

        return Node(work, inputs, outputs, name=name)

    @property
    def pipeline(self):
        return Pipeline(
            [
                self.node("prepare", ["raw"], ["cells", "notes"]),
                self.node("fit", ["cells", "params:modeling.training"], "model"),
                self.node("score", ["model"], "metrics"),
                self.node("look", ["notes", "parameters"], "page"),
            ]
        )

    def catalog(self):
        entry = {"type": "pandas.CSVDataset", "save_args": {"index": False}}
        made = ("cells", "notes", "model", "metrics", "page")
        places = {name: self.data / f"{name}.csv" for name in made} | {"raw": self.raw}
        catalog = AtomicCatalog.from_config({name: {**entry, "filepath": str(at)} for name, at in places.items()})
        catalog["params:modeling.training"] = self.settings["modeling"]["training"]
        catalog["parameters"] = self.settings
        catalog.makers = dict.fromkeys(made, "x")
        catalog.checksums = SavedChecksums(self.data)
        nodes = {name: node for node in self.pipeline.nodes for name in node.outputs}
        catalog.origins = Origins(catalog, nodes)
        return catalog

    def run(self, *, missing=True):
        """Names of the nodes that were run."""
        self.ran.clear()
        catalog, pipeline = self.catalog(), self.pipeline
        if missing:
            redo_outdated(catalog, pipeline)
        SequentialRunner().run(pipeline, catalog, only_missing_outputs=missing)
        catalog.outdated = {}
        assert not catalog.origins.outdated(pipeline)
        return set(self.ran)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    made.run(missing=False)
    return made


def test_nothing_changed_nothing_is_run(world):
    assert world.run() == set()


def test_a_parameter_makes_anew_what_depends_on_it_and_says_why(world, caplog):
    caplog.set_level("INFO")
    world.settings["modeling"]["training"]["epochs"] = 5
    assert world.run() == {"fit", "score", "look"}
    assert "`model`, `page` are recomputed: `modeling.training.epochs` was 4, is 5" in caplog.text
    assert "`metrics` is recomputed: what it is made from is recomputed" in caplog.text
    assert world.run() == set()


@pytest.mark.parametrize("change", [{"threads": 8}, {}])
def test_what_does_not_matter_makes_nothing_anew(world, change):
    world.settings["modeling"]["training"] |= change
    world.settings["cells"] = "elsewhere.h5ad"
    assert world.run() == set()


def test_a_raw_file_is_known_by_its_content(world, caplog):
    caplog.set_level("INFO")
    text = world.raw.read_text()
    world.raw.unlink()
    world.raw.write_text(text)
    assert world.run() == set()
    world.raw.write_text("a\n2\n")
    assert world.run() == {"prepare", "fit", "score", "look"}
    assert "`cells`, `notes` are recomputed: it was made from another `raw`" in caplog.text


def test_a_raw_file_that_is_gone_tells_nothing(world):
    world.raw.unlink()
    assert world.run() == set()


def test_files_that_are_read_beside_a_raw_file_count_too(tmp_path):
    for name in ("s1_matrix.mtx.gz", "s1_barcodes.tsv.gz", "s1_features.tsv.gz", "notes.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / "data").mkdir()
    entry = {"type": "pathlore.datasets.raw_cells.RawCellsDataset", "filepath": str(tmp_path / "s1_matrix.mtx.gz")}
    catalog = AtomicCatalog.from_config({"cells_raw": entry})
    catalog.checksums = SavedChecksums(tmp_path / "data")

    def content():
        return Origins(catalog, {})._content("cells_raw")

    first = content()
    (tmp_path / "notes.txt").write_text("other")
    assert content() == first
    (tmp_path / "s1_barcodes.tsv.gz").write_text("other")
    assert content() != first


def test_another_version_of_the_program(world, monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.setattr(origins, "program", lambda: "another")
    assert world.run() == {"prepare", "fit", "score", "look"}
    assert "another version of pathlore made it" in caplog.text


@pytest.mark.parametrize("known", ["old", "none", "no file"])
def test_of_an_old_project_nothing_is_known(world, known, caplog):
    caplog.set_level("INFO")
    file = world.data / FILE
    lines = json.loads(file.read_text())
    if known == "no file":
        file.unlink()
    else:
        file.write_text(json.dumps({name: line["sha256"] for name, line in lines.items()} if known == "old" else {}))
    assert world.run() == {"prepare", "fit", "score", "look"}
    assert "nothing is known of how it was made" in caplog.text


def test_what_is_missing_comes_out_as_before_and_nothing_else_is_run(world):
    (world.data / "cells.csv").unlink()
    assert world.run() == {"prepare"}


def test_a_block_that_is_checked_and_one_that_is_not_are_the_same(tmp_path):
    """Kedro checks the parameters of the pipelines that were asked for, and leaves those of the others as written."""
    (tmp_path / "data").mkdir()
    tree = yaml.safe_load((Path(__file__).parents[2] / "conf/base/modeling/parameters.yml").read_text())
    whole = {"parameters": {"modeling": tree["modeling"]}, "params:modeling.training": tree["modeling"]["training"]}
    checked = TrainingConfig(**tree["modeling"]["training"])
    node = Node(lambda *_: "", ["params:modeling.training", "parameters"], "report", name="write")

    def origin(block):
        catalog = AtomicCatalog.from_config({})
        for name, value in {**whole, "params:modeling.training": block}.items():
            catalog[name] = value
        catalog["parameters"] = {"modeling": {**tree["modeling"], "training": block}}
        catalog.checksums = SavedChecksums(tmp_path / "data")
        return Origins(catalog, {"report": node}).now("report")

    assert origin(checked) == origin(tree["modeling"]["training"])
    assert "params:modeling.training.seed" in origin(checked)


def test_what_a_killed_run_of_other_parameters_left_is_not_mixed_in(world):
    """Splits of the new parameters, a model of the old: the fault that this is for."""
    world.raw.write_text("a\n3\n")
    catalog = world.catalog()
    SequentialRunner().run(world.pipeline.only_nodes("prepare"), catalog)  # and then it was killed
    assert world.run() == {"fit", "score", "look"}
    for name in ("cells", "model", "metrics"):
        assert pd.read_csv(world.data / f"{name}.csv")["a"].astype(str).tolist()[0] == "3"


def test_datasets_that_do_not_belong_together_are_refused(world, monkeypatch):
    monkeypatch.setattr("pathlore.pipeline_registry.register_pipelines", lambda: {"all": world.pipeline})
    refuse_mixed(world.catalog(), world.pipeline.only_nodes("score"))
    world.raw.write_text("a\n3\n")
    SequentialRunner().run(world.pipeline.only_nodes("prepare"), world.catalog())
    with pytest.raises(PathloreError, match=r"`model` .* another `cells`: `kedro run .*--only-missing-outputs`"):
        refuse_mixed(world.catalog(), world.pipeline.only_nodes("score"))


def test_datasets_of_other_parameters_are_warned_of(world, monkeypatch, caplog):
    monkeypatch.setattr("pathlore.pipeline_registry.register_pipelines", lambda: {"all": world.pipeline})
    world.settings["modeling"]["training"]["epochs"] = 5
    refuse_mixed(world.catalog(), world.pipeline.only_nodes("score"))
    (record,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert "`model` is not what this run would make (`model`: `modeling.training.epochs` was 4, is 5)" in record.message


def test_a_change_by_hand_is_kept_if_the_user_says_so(world):
    place = place_of(world.catalog()["model"])
    place.write_text("a\nmine\n")
    with pytest.raises(PathloreError, match='write "keep" in place of its line'):
        world.catalog().check("model")
    file = world.data / FILE
    file.write_text(json.dumps(json.loads(file.read_text()) | {"model.csv": KEEP}))
    assert world.run() == {"score"}
    assert pd.read_csv(world.data / "metrics.csv")["a"].tolist() == ["mine"]
    world.settings["modeling"]["training"]["epochs"] = 9
    assert world.run() == {"look"}
    assert place.read_text() == "a\nmine\n"


def test_no_text_of_a_parameter_is_kept_as_it_is(world):
    world.settings["modeling"]["training"]["address"] = "postgresql://me:secret@host/db"
    world.run()
    assert "secret" not in (world.data / FILE).read_text()


def test_a_report_of_fetched_files_counts_with_its_files(tmp_path):
    fetched = tmp_path / "fetched.txt"
    fetched.write_text("x")
    (tmp_path / "data").mkdir()
    sums = SavedChecksums(tmp_path / "data")
    table = pd.DataFrame({"file": [str(fetched)], "sha256": [hashlib.sha256(b"x").hexdigest()]})
    pipeline = Pipeline([Node(lambda _: table, "params:resources", "report", name="download")])
    entry = {"type": "pandas.CSVDataset", "filepath": str(tmp_path / "data/report.csv"), "save_args": {"index": False}}
    catalog = AtomicCatalog.from_config({"report": entry})
    catalog["params:resources"] = {}
    catalog.checksums, catalog.makers = sums, {"report": "resources"}
    catalog.origins = Origins(catalog, {"report": pipeline.nodes[0]})
    catalog.save("report", table)
    assert catalog.origins.outdated(pipeline) == {}
    fetched.write_text("y")
    assert catalog.origins.outdated(pipeline) == {"report": f"{fetched} is not as it was fetched"}
    fetched.unlink()
    assert catalog.origins.outdated(pipeline) == {"report": f"{fetched} is not there"}
