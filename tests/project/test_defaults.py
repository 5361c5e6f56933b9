"""The defaults in code and those that conf/base shows are the same, with the same meaning."""

from pathlib import Path

import pytest
import yaml

from pathlore.config import Parameters

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "conf" / "base").rglob("parameters.yml"))
ONLY_IN_YAML = {("evaluation", "variants"), ("cohort", "recipe")}
"""A list of experiments, and what an environment gives as a whole."""


def leaves(node, path=()):
    """Key path, value and line of every leaf; an empty mapping is one."""
    for key, value in node.value:
        here = (*path, key.value)
        if here in ONLY_IN_YAML:
            continue
        if isinstance(value, yaml.MappingNode) and value.value:
            yield from leaves(value, here)
        else:
            yield here, yaml.safe_load(yaml.serialize(value)), key.start_mark.line, value.end_mark


def field_of(path):
    """The default of a parameter, and what its model says of it."""
    model, default = Parameters, Parameters()
    for depth, name in enumerate(path):
        field = model.model_fields[name]
        inside = getattr(default, name) if default is not None else None
        model = type(inside) if hasattr(inside, "model_fields") else block_of(field.annotation)
        default = inside if inside is not None or depth == len(path) - 1 else model()
    return default, field.description


def block_of(annotation):
    """The model of an optional block."""
    return next((kind for kind in getattr(annotation, "__args__", ()) if hasattr(kind, "model_fields")), None)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_the_yaml_shows_the_defaults_of_the_code(file):
    text = file.read_text()
    lines = text.splitlines()
    for path, value, line, end in leaves(yaml.compose(text)):
        rest = lines[end.line][end.column :] if end.line == line else lines[line]
        default, description = field_of(path)
        name = ".".join(path)
        if path[:2] != ("evaluation", "quick"):  # its fields are described at `full`
            assert description == rest.partition("#")[2].strip().replace('"', "'"), name
        if "${" not in str(value):
            plain = default.model_dump() if hasattr(default, "model_dump") else default
            assert plain == value, name
