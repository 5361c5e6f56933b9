import string
import tempfile
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pathlore.config import CellsConfig, InspectionConfig
from pathlore.errors import PathloreError
from pathlore.expression.labels import bare, label_texts, likeness
from pathlore.expression.observations import label_cells
from pathlore.inspection.classes import choose_classes
from pathlore.inspection.columns import missing_among
from pathlore.inspection.environment import globals_text, name_of, parameters_text, write_environment
from pathlore.inspection.findings import Choice, Inspection
from pathlore.settings import CONFIG_LOADER_ARGS, EnvironmentConfigLoader

EMPTY = {
    **{"file": "/data/lung.h5ad", "n_cells": 1, "n_genes": 1, "matrices": [], "layer": None, "cells": None},
    **{"genes": [], "columns": [], "roles": {}, "associations": [], "donors": None, "cost": None, "findings": []},
}

KINDS = ("cell_annotations", "network", "gene_text", "gene_names", "orthologs", "gene_sets", "gene_lists")
CONFIG = InspectionConfig(
    name="", overwrite=False, folder="conf", condition="", donor="", cell_type="",
    files={"cells": "/data/lung.h5ad", **dict.fromkeys(KINDS, "")},
)  # fmt: skip


def inspected(choices):
    return Inspection(**EMPTY, choices=choices)


@pytest.fixture
def inspection():
    return inspected(
        {
            "ingestion.cells.condition": Choice(value="group", reason="by its name"),
            "ingestion.quality.scale": Choice(value="counts", reason="read me"),
            "ingestion.cells.classes": Choice(value={"control": ["ctrl"], "case": ["a: b"]}, reason="control first"),
        }
    )


def tree_of(choices):
    tree = {}
    for key, choice in choices.items():
        *path, last = key.split(".")
        block = tree
        for part in path:
            block = block.setdefault(part, {})
        block[last] = choice.value
    return tree


def test_choices_become_a_tree_with_a_reason_above_each(inspection):
    text = parameters_text(inspection)
    tree = tree_of(inspection.choices) | {"text_embedding": {"encoder": {"kind": "lsa"}}}
    assert yaml.safe_load(text) == tree
    assert list(yaml.safe_load(text)["ingestion"]["cells"]["classes"]) == ["control", "case"]
    lines = text.splitlines()
    for key, reason in (("condition: group", "by its name"), ("scale: counts", "read me")):
        at = next(i for i, line in enumerate(lines) if line.strip() == key)
        assert lines[at - 1].strip() == f"# {reason}"


KEYS = st.sampled_from(["a.b.c", "a.b.d", "a.e", "f", "g.h", "a.i.j", "g.k"])
SECRETS = ["${oc.env:SECRET}", "\\${oc.env:SECRET}", "\\\\${oc.env:SECRET}", "${", "${}"]
PLACEHOLDERS = [*SECRETS, "???", "1e5", "0x1f", "1_0"]
LIKE_OTHERS = ["yes", "null", "~", "2024-01-01", "12:30", ".inf", "-", "=", "<<", "&a", "*a", "#"]
TEXTS = (
    st.text(alphabet=string.printable + "äλ€\u2028", max_size=30)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.lists(st.sampled_from(["$", "{", "}", "\\", "${", "oc.env:SECRET", ":", "a", " "]), max_size=8).map("".join)
    | st.sampled_from([*PLACEHOLDERS, *LIKE_OTHERS])
)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | TEXTS
    | st.lists(TEXTS, max_size=3)
    | st.dictionaries(TEXTS, st.lists(TEXTS, max_size=2), max_size=3)
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(KEYS, st.tuples(VALUES, TEXTS), max_size=6))
def test_any_value_and_reason_can_be_read_back(choices):
    choices = {key: Choice(value=value, reason=reason) for key, (value, reason) in choices.items()}
    tree = tree_of(choices) | {"text_embedding": {"encoder": {"kind": "lsa"}}}
    assert loaded(parameters_text(inspected(choices))) == tree


def loaded(parameters, shared="", base="{}"):
    """What a run reads of an environment: its parameters, and ``seen`` from its globals."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET", "told")
        for name, file, text in (
            ("base", "parameters.yml", base), ("x", "parameters.yml", parameters), ("x", "globals.yml", shared),
        ):  # fmt: skip
            (Path(folder) / name).mkdir(exist_ok=True)
            (Path(folder) / name / file).write_text(text, encoding="utf8")
        return EnvironmentConfigLoader(folder, env="x", **CONFIG_LOADER_ARGS)["parameters"]


@pytest.mark.parametrize("label", PLACEHOLDERS)
def test_no_label_is_interpolated(label):
    choices = {"ingestion.cells.missing": Choice(value=[label], reason=label)}
    read = loaded(parameters_text(inspected(choices)), base="ingestion: {cells: {missing: [a], layer: X}}")
    assert read["ingestion"]["cells"] == {"missing": [label], "layer": "X"}


def label_pair(first, second):
    """Whether two texts are two labels, and neither of them says that nothing is known."""
    values = [bare(first), bare(second)]
    return len({likeness(value) for value in values}) == 2 and "" not in values and not missing_among(values)


@settings(max_examples=75, deadline=None)
@given(TEXTS, TEXTS)
def test_every_label_comes_back_as_it_was(first, second):
    """From a column through the settings that the doctor writes to the classes of a run."""
    assume(label_pair(first, second))
    obs = pd.DataFrame({"group": [first, second] * 30}, index=[f"c{i}" for i in range(60)])
    chosen, _ = choose_classes(label_texts(obs["group"]), "group", 30)
    assert chosen is not None
    texts = parameters_text(inspected({"ingestion.cells.classes": chosen}))
    classes = loaded(texts)["ingestion"]["cells"]["classes"]
    config = CellsConfig(condition="group", classes=classes, donor=None, cell_type=None, missing=[])
    table = label_cells(obs, config)
    assert table["condition"].value_counts().tolist() == [30, 30]
    named = {values[0]: name for name, values in classes.items()}
    assert table["condition"].iloc[0] == named[bare(first)]


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(SECRETS))
def test_no_file_or_caveat_is_interpolated(text):
    """Files and caveats pass through globals.yml, from where parameters take them."""
    said = f"caveat of {text}"
    shared = globals_text(inspected({"caveat": Choice(value=said, reason=text)}), CONFIG)
    assert loaded("z: 1", shared, base="seen: ${globals:caveat}")["seen"] == said


def test_files_of_the_package_are_not_named(inspection, inspection_config):
    import pathlore

    package = str(pathlore.__path__[0])
    files = {"orthologs": "/data/pairs.csv", "network": f"{package}/knowledge/interactions.csv"}
    text = globals_text(inspection, inspection_config(files=files))
    assert yaml.safe_load(text) == {"cells": "/data/lung.h5ad", "orthologs": "/data/pairs.csv"}
    assert "# gene_sets:" in text


def test_what_limits_the_cohort_stands_with_its_files(inspection_config):
    said = "Condition and 'batch' are confounded: no figure can tell one from the other."
    inspection = inspected({"caveat": Choice(value=said, reason="what a reader has to know")})
    text = globals_text(inspection, inspection_config())
    assert "# what a reader has to know\ncaveat: " in text
    assert yaml.safe_load(text)["caveat"] == said
    assert "caveat" not in parameters_text(inspection)


def test_an_environment_is_written_whole_and_never_over_another(inspection, inspection_config, tmp_path):
    config = inspection_config(folder=str(tmp_path))
    written = write_environment(inspection, config)
    assert written.name == "lung"
    assert sorted(path.name for path in (tmp_path / "lung").iterdir()) == ["globals.yml", "parameters.yml"]
    (tmp_path / "lung" / "globals.yml").write_text("cells: mine\n")
    assert write_environment(inspection, config).files == []
    assert (tmp_path / "lung" / "globals.yml").read_text() == "cells: mine\n"
    (tmp_path / "lung" / "catalog.yml").write_text("")
    written = write_environment(inspection, inspection_config(folder=str(tmp_path), overwrite=True))
    assert written.files == ["globals.yml", "parameters.yml"]
    assert "lung.h5ad" in (tmp_path / "lung" / "globals.yml").read_text()
    assert (tmp_path / "lung" / "catalog.yml").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["lung"]


def test_half_an_environment_is_none(inspection, inspection_config, tmp_path, monkeypatch):
    def fails(_):
        raise OSError("no space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", lambda self, text, **_: fails(text))
    with pytest.raises(OSError, match="no space"):
        write_environment(inspection, inspection_config(folder=str(tmp_path)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["base", "local"])
def test_folders_of_every_run_are_refused(inspection, inspection_config, tmp_path, name):
    with pytest.raises(PathloreError, match=r"`inspection\.name`"):
        write_environment(inspection, inspection_config(folder=str(tmp_path), name=name, overwrite=True))


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("base.h5ad", "base_cells"),
        ("a/GSE1 counts.csv.gz", "gse1_counts"),
        ("raw_feature_bc_matrix.h5", "raw_feature_bc_matrix"),
    ],
)
def test_names(file, name):
    assert name_of(file) == name
