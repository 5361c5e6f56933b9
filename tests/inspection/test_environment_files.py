import string

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.config import OmegaConfigLoader

from pathlore.errors import PathloreError
from pathlore.inspection.environment import globals_text, name_of, parameters_text, write_environment
from pathlore.inspection.findings import Choice, Inspection

EMPTY = {
    **{"file": "/data/lung.h5ad", "n_cells": 1, "n_genes": 1, "matrices": [], "layer": None, "cells": None},
    **{"genes": [], "columns": [], "roles": {}, "associations": [], "donors": None, "cost": None, "findings": []},
}


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
TEXTS = st.text(alphabet=string.printable.replace("$", "") + "äλ€\u2028", max_size=30)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | TEXTS
    | st.lists(TEXTS, max_size=3)
    | st.dictionaries(TEXTS, st.lists(TEXTS, max_size=2), max_size=3)
)


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(KEYS, st.tuples(VALUES, TEXTS), max_size=6))
def test_any_value_and_reason_can_be_read_back(choices):
    choices = {key: Choice(value=value, reason=reason) for key, (value, reason) in choices.items()}
    text = parameters_text(inspected(choices))
    assert yaml.safe_load(text) == tree_of(choices) | {"text_embedding": {"encoder": {"kind": "lsa"}}}


def test_a_dollar_is_no_interpolation(tmp_path):
    for folder in ("base", "x"):
        (tmp_path / folder).mkdir()
    odd = ["${a}", "a\t${b}"]
    text = parameters_text(inspected({"a": Choice(value=odd, reason="r")}))
    (tmp_path / "x" / "parameters.yml").write_text(text)
    loader = OmegaConfigLoader(str(tmp_path), env="x", base_env="base", default_run_env="x")
    assert loader["parameters"]["a"] == odd


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
