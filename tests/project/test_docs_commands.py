"""Every command of README and the docs can be typed: its options, environments, pipelines and parameters exist."""

import ast
import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from pathlore.config import Parameters, check
from pathlore.pipeline_registry import register_pipelines
from pathlore.session import check_names

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)
USERS = {"NAME", "mine", "<env>", "<cohort>", "big"}
"""Environments that stand for a user's."""

PIPELINES = register_pipelines()


def blocks(page, *kinds):
    return [text for kind, text in BLOCK.findall(page.read_text()) if kind in kinds]


def commands(page):
    """Commands of the blocks for a terminal, without comments, variables and continued lines."""
    for text in blocks(page, "console", "bash", "sh"):
        for line in text.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
                words = words[1:]
            if words:
                yield [words[0].removeprefix(".venv/bin/"), *words[1:]]


ALL = [(page.name, command) for page in PAGES for command in commands(page)]


def of(program, second=None):
    found = [(n, c) for n, c in ALL if c[0] == program and (second is None or c[1:2] == [second])]
    return pytest.mark.parametrize(("page", "command"), found, ids=lambda x: " ".join(x) if isinstance(x, list) else x)


def parsed(command, arguments):
    """Options and arguments by the program's own parser; nothing is run."""
    try:
        return command.make_context("x", list(arguments), resilient_parsing=False).params
    except click.UsageError as error:
        pytest.fail(f"{' '.join(arguments)}: {error.format_message()}")


def check_run(values):
    """Names and parameters of a `kedro run`."""
    env = values.get("env")
    if env and env not in USERS:
        assert (ROOT / "conf" / env).is_dir(), env
    names = values.get("pipelines") or ([values["pipeline"]] if values.get("pipeline") else ["__default__"])
    lists = {name: values.get(name) for name in ("from_nodes", "to_nodes", "from_inputs", "to_outputs", "tags")}
    check_names(PIPELINES, names, {name: value for name, value in lists.items() if value})
    changes = dict(flat(values.get("params") or {}))
    own = ("scoring", "inspection", "resources")
    whole = {name: value for name, value in changes.items() if "." in name and not name.startswith(own)}
    Parameters().changed(whole)
    for name in set(changes) - set(whole):
        model = Parameters
        for part in name.split("."):
            assert part in model.model_fields, name
            kinds = [model.model_fields[part].annotation, *getattr(model.model_fields[part].annotation, "__args__", ())]
            model = next((kind for kind in kinds if hasattr(kind, "model_fields")), model)


def flat(tree, above=""):
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


@pytest.fixture(scope="module")
def kedro_run():
    from kedro.framework.cli.project import run

    return run


def test_there_are_commands():
    assert sum(command[0] == "kedro" for _, command in ALL) > 30
    assert sum(command[0] == "pathlore" for _, command in ALL) > 8


@of("kedro", "run")
def test_kedro_run(page, command, kedro_run):
    check_run(parsed(kedro_run, [word for word in command[2:] if word != "..."]))


@of("pathlore")
def test_pathlore(page, command, kedro_run):
    from pathlore.command import cli

    name, *rest = command[1:]
    if name.startswith("-"):
        return
    assert name in cli.commands, name
    values = parsed(cli.commands[name], rest)
    if name == "run":
        options = ["--env", values["env"], *(["--params", values["params"]] if values["params"] else [])]
        options += ["--pipelines", values["pipeline"]] if values["pipeline"] else []
        check_run(parsed(kedro_run, options))
    elif values.get("env"):
        check_run({"env": values["env"]})


@of("make")
def test_make(page, command):
    targets = set(re.findall(r"^([a-z]\w*):", (ROOT / "Makefile").read_text(), re.M))
    assert {word for word in command[1:] if "=" not in word and not word.startswith("-")} <= targets


@of("python")
def test_scripts_and_modules(page, command):
    words = command[1:]
    if words[:1] == ["-m"]:
        from importlib.util import find_spec

        assert find_spec(words[1]), words[1]
    elif words and words[0].endswith(".py"):
        assert (ROOT / words[0]).is_file(), words[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_and_yaml_can_be_read(page):
    for text in blocks(page, "python"):
        ast.parse(text)
    for text in blocks(page, "yaml"):
        tree = yaml.safe_load(text)
        if "parameters.yml" in text.partition("\n")[0] and isinstance(tree, dict):
            check(Parameters, {k: v for k, v in tree.items() if k in Parameters.model_fields}, page.name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_are_there(page):
    text = page.read_text()
    for name in re.findall(r"`((?:notebooks|benchmarks|tests|docs|src)/[\w/.-]+\.\w+)`", text):
        assert (ROOT / name).exists(), name
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
        made = target.startswith("api/")  # with the site
        assert made or (page.parent / target).exists(), target
