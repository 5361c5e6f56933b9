"""Slips of whoever types a command or edits a file: one line, with the nearest names."""

import math
import os
import subprocess
import sys

import pytest
import yaml

from pathlore.config import Parameters, TrainingConfig, check
from pathlore.errors import PathloreError
from pathlore.pipeline_registry import register_pipelines
from pathlore.session import check_environment, check_names
from pathlore.settings import CONFIG_LOADER_ARGS, EnvironmentConfigLoader


@pytest.fixture(scope="module")
def pipelines():
    return register_pipelines()


@pytest.mark.parametrize(
    ("names", "options", "said"),
    [
        (["modelling"], {}, r"`--pipeline modelling`: there is .*, did you mean modeling\?; expected of cohort"),
        (["__default__"], {"tags": ["modelling"]}, r"`--tags modelling`: .* did you mean modeling\?"),
        (["__default__"], {"from_nodes": ["ingestion.splitcells"]}, r"`--from-nodes ingestion.* did you"),
        (["modeling"], {"node_names": ["x"]}, r"`--nodes x`: there is no such name; expected of "),
        (["__default__"], {"to_nodes": ["x"]}, "`--to-nodes x`"),
        (["__default__"], {"to_outputs": ["path_importanc"]}, r"`--to-outputs .* did you mean path_importance"),
        (["__default__"], {"from_inputs": ["cell_raw"]}, r"`--from-inputs cell_raw`: .* did you mean cells_raw"),
        (["__default__"], {"namespaces": ["modelling"]}, r"`--namespaces modelling`: .* did you mean modeling\?"),
        (["ingestion"], {"tags": ["modeling"]}, "`--tags modeling`: there is no such name"),
    ],
)  # fmt: skip
def test_names_of_a_command(pipelines, names, options, said):
    with pytest.raises(PathloreError, match=said) as caught:
        check_names(pipelines, names, options)
    assert "\n" not in str(caught.value)


def test_names_that_do_not_meet(pipelines):
    options = {"tags": ["ingestion"], "to_outputs": ["metrics"], "namespaces": ["modeling"]}
    with pytest.raises(PathloreError, match="no node has all of --tags ingestion"):
        check_names(pipelines, ["__default__"], options)


def test_names_that_are_right(pipelines):
    check_names(pipelines, list(pipelines), {})
    for name, pipeline in pipelines.items():
        tags = sorted({tag for node in pipeline.nodes for tag in node.tags})
        check_names(
            pipelines, [name], {"tags": tags, "node_names": [], "to_outputs": sorted(pipeline.all_outputs())[:1]}
        )


def test_an_environment_that_is_not_there(root):
    with pytest.raises(
        PathloreError, match=r"`--env papr`: there is no folder .*did you mean paper\?; expected one of"
    ):
        check_environment("papr", root / "conf")
    for name in (None, "paper", "base", "local"):
        check_environment(name, root / "conf")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"modeling": {"training": {"epoch": 3}}}, r"modeling\.training\.epoch: Extra .*, did you mean epochs"),
        ({"celsl": "x.h5ad"}, r"celsl: Extra inputs are not permitted, did you mean cells"),
        ({"evaluation": {"quick": {"epoch": 1}}}, r"evaluation\.quick\.epoch: Extra inputs are not permitted"),
        ({"interpretation": {"refits": {"stor": "x"}}}, r"stor: Extra inputs are not permitted, did you mean store\?"),
    ],
)
def test_names_of_parameters(values, said):
    with pytest.raises(PathloreError, match=said):
        check(Parameters, values, "parameters")


def test_names_in_the_variants_of_the_evaluation(load):
    parameters = check(Parameters, load("test")["parameters"], "parameters")
    with pytest.raises(PathloreError, match=r"layrs: there is no such parameter, did you mean modeling\.model\.layers"):
        parameters.changed({"modeling.model.layrs": 2})


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_numbers_that_are_not_finite_are_refused(load, number):
    """YAML has ``.inf`` and ``.nan``; wherever they stand, the dotted name is given."""
    tree = load("test")["parameters"]
    tree["modeling"]["training"]["learning_rate"] = number
    with pytest.raises(PathloreError, match=r"modeling\.training\.learning_rate is -?(inf|nan), a finite number"):
        check(Parameters, tree, "parameters")
    tree = load("test")["parameters"]
    tree["evaluation"]["variants"] = {"text": {"mine": {"modeling.training.weight_decay": number}}}
    with pytest.raises(PathloreError, match=r"is -?(inf|nan), a finite number"):
        check(Parameters, tree, "parameters")
    with pytest.raises(PathloreError, match="a finite number"):
        check(TrainingConfig, {"epochs": number}, "x")


BROKEN = {
    "a bracket": "modeling: {training: [",
    "a tab": "modeling:\n\ttraining: 3",
    "a colon": "modeling: a: b",
    "an anchor": "modeling: *nowhere",
    "a reference": "modeling: ${globals:nowhere}",
    "a resolver": "modeling: ${nobody:1}",
    "a reference within": "a: ${b.c}",
    "a brace": "a: ${globals:cohort",
    "bytes": b"a: \xff\xfe",
}


@pytest.mark.parametrize("slip", BROKEN)
def test_yaml_that_cannot_be_read(tmp_path, slip):
    for folder in ("base", "x"):
        (tmp_path / folder).mkdir()
    (tmp_path / "base" / "globals.yml").write_text("cohort: x")
    content = BROKEN[slip]
    (tmp_path / "x" / "parameters.yml").write_bytes(content if isinstance(content, bytes) else content.encode())
    loader = EnvironmentConfigLoader(str(tmp_path), env="x", **CONFIG_LOADER_ARGS)
    with pytest.raises(PathloreError, match=r"the settings `parameters` in .* cannot be read") as caught:
        loader["parameters"]
    assert "\n" not in str(caught.value)


def test_every_environment_that_is_shipped_is_allowed(root, load, monkeypatch):
    """Each tree of parameters is checked whole, and so is each mlflow.yml."""
    from pathlore.config import TrackingConfig

    monkeypatch.setenv("PATHLORE_TRACKING_URI", "http://127.0.0.1:5000")
    names = sorted(path.name for path in (root / "conf").iterdir() if path.is_dir() and path.name != "base")
    assert "paper" in names
    for name in names:
        loaded = load(name)
        check(Parameters, loaded["parameters"], name)
        check(TrackingConfig, loaded["mlflow"], name)
        assert yaml.safe_dump(loaded["catalog"])


@pytest.mark.parametrize(
    ("options", "said"), [(["--env", "tset"], "did you mean test"), (["--pipeline", "modelling"], "modeling")]
)
def test_the_command_says_it_in_one_line(root, tmp_path, options, said):
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "kedro", "run", *options]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("pathlore: ")]
    assert len(lines) == 1
    assert said in lines[0]
