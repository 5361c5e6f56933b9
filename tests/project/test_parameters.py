"""Every parameter is explained, checked and used."""

import copy
from pathlib import Path

import pytest
import yaml
from kedro.validation.parameter_validator import ParameterValidator
from pydantic import BaseModel

from pathlore import config as blocks
from pathlore.config import CellsConfig, Parameters, TrackingConfig
from pathlore.errors import PathloreError
from pathlore.hooks import check
from pathlore.pipeline_registry import register_pipelines

ROOT = Path(__file__).parents[2]
EXPLAINED = [*sorted((ROOT / "conf" / "base").rglob("parameters.yml")), *sorted((ROOT / "conf" / "base").glob("*.yml"))]
FREE = ("ingestion", "cells", "classes")
"""A mapping whose keys are the user's: names of classes."""
VARIANTS = ("evaluation", "variants")
"""The other one: names of axes, of variants, and dotted parameters."""
OPTIONS = ("engine", "options")
"""Arguments of a class of another library."""
EXTRAS = (("evaluation", "scenario_extras"), ("evaluation", "confirmed"), OPTIONS)
"""And three more: names of scenarios, and of those arguments."""
TRUTH = (("evaluation", "truth", "studies"), ("evaluation", "truth", "semi_real"))
"""And names of experiments."""
RUNTIME = {
    *("raw", "cells", "network", "gene_text", "gene_names", "orthologs", "paths", "splits", "gene_sets", "gene_lists"),
    *("stream_cells", "pdf_figures", "bundle", "markers", "cell_types", "cell_annotations", "decimal", "encoding"),
    *("truth", "truth_cells"),
}
WHOLE = ("resources", "inspection", "cohort", "scoring")
"""The blocks that may be missing."""
RECIPE = ("cohort", "recipe")
"""Given as a whole by an environment: the files and samples of its series."""


def leaves(node, path=()):
    """Key path, line of the key and last line of the value of every leaf of a YAML file."""
    for key, value in node.value:
        here = (*path, key.value)
        if isinstance(value, yaml.MappingNode) and value.value:
            yield from leaves(value, here)
        else:
            yield here, key.start_mark.line, value.end_mark


@pytest.fixture(scope="module")
def base(load):
    """The parameters of base, with the two classes that an environment would name."""
    parameters = copy.deepcopy(load("base")["parameters"])
    parameters["ingestion"]["cells"]["classes"] = {"control": ["a"], "case": ["b"]}
    return parameters


def mappings(tree, path=()):
    yield path
    for key, value in tree.items():
        if isinstance(value, dict) and (*path, key) not in (FREE, OPTIONS):
            yield from mappings(value, (*path, key))


def inside(tree, path):
    for key in path:
        tree = tree[key]
    return tree


@pytest.mark.parametrize("path", EXPLAINED, ids=lambda path: path.relative_to(ROOT / "conf").as_posix())
def test_every_leaf_has_a_comment_on_its_line(path):
    text = path.read_text()
    lines = text.splitlines()
    found = list(leaves(yaml.compose(text)))
    assert found
    for key, line, end in found:
        rest = lines[end.line][end.column :] if end.line == line else lines[line]
        comment = rest.partition("#")[2].strip()
        assert len(comment) > 2, f"{path.name}: {'.'.join(key)} has no comment"


def test_every_file_of_parameters_belongs_to_its_pipeline():
    for path in (ROOT / "conf" / "base").rglob("parameters.yml"):
        assert list(yaml.safe_load(path.read_text())) == [path.parent.name]


def test_base_is_complete_but_for_the_classes(load):
    parameters = load("base")["parameters"]
    check(Parameters, parameters, "parameters")
    assert inside(parameters, FREE) == {}


def test_every_environment_is_valid(environment, config, monkeypatch):
    monkeypatch.setenv("PATHLORE_TRACKING_URI", "http://127.0.0.1:5000")  # conf/team asks for one
    check(TrackingConfig, config["mlflow"], "mlflow.yml")
    parameters = config["parameters"]
    if environment in ("base", "paper", "team"):  # the user's own data
        parameters = copy.deepcopy(parameters)
        parameters["ingestion"]["cells"]["classes"] = {"control": ["a"], "case": ["b"]}
    check(Parameters, parameters, "parameters")


def test_what_limits_a_cohort_is_said_in_its_report_and_in_its_evaluation(environment, config):
    said = config["globals"]["caveat"]
    parameters = config["parameters"]
    assert parameters["interpretation"]["report"]["caveat"] == parameters["evaluation"]["caveat"] == said
    assert environment != "microglia" or "confounded" in said


def test_environments_override_only_what_exists(environment, base):
    """Omegaconf merges a misspelt key in silence; here nothing but known keys may stand in an environment."""
    for path in (ROOT / "conf" / environment).glob("parameters*.yml"):
        for key, *_ in leaves(yaml.compose(path.read_text())):
            known = key[:3] if key[:3] in (FREE, *TRUTH) else key[:2] if key[:2] in (VARIANTS, *EXTRAS, RECIPE) else key
            inside(base, known)


def test_every_key_of_a_model_stands_in_base(base):
    def compare(model, tree, path):
        for name, field in model.model_fields.items():
            if not path and name in RUNTIME:
                continue
            assert name in tree, f"{'.'.join((*path, name))} is not in conf/base"
            if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
                compare(field.annotation, tree[name], (*path, name))

    compare(Parameters, base, ())


def test_parameters_are_understood_in_whatever_order_pipelines_are_named(base):
    """Kedro puts a whole block in place of its parts, and then finds no place for a part that is asked for later."""
    pipelines = {name: one for name, one in register_pipelines().items() if not name.startswith("__")}
    for names in (list(pipelines), list(reversed(pipelines))):
        found = ParameterValidator({name: pipelines[name] for name in names}).validate_raw_params(base)
        assert isinstance(inside(found, ("ingestion", "cells")), CellsConfig)


def test_unknown_keys_are_refused_at_any_depth(base):
    places = list(mappings(base))
    assert len(places) >= 20
    for path in places:
        tree = copy.deepcopy(base)
        inside(tree, path)["mistyped"] = 1
        with pytest.raises(PathloreError) as caught:
            check(Parameters, tree, "parameters")
        message = str(caught.value)
        assert "\n" not in message
        assert ".".join((*path, "mistyped")) in message
        assert message.startswith("parameters: ")


def test_unknown_keys_of_the_tracking_are_refused():
    values = yaml.safe_load((ROOT / "conf" / "base" / "mlflow.yml").read_text())
    check(TrackingConfig, values, "mlflow.yml")
    with pytest.raises(PathloreError, match=r"mlflow\.yml: trackinguri: Extra inputs"):
        check(TrackingConfig, {**values, "trackinguri": "x"}, "mlflow.yml")


def test_a_missing_key_has_its_default(base):
    del base["modeling"]["training"]["epochs"]
    assert check(Parameters, base, "parameters").modeling.training.epochs == 15


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("modeling.training.epochs", "many", "integer"),
        ("modeling.training.epochs", 0, "greater than or equal to 1"),
        ("modeling.training.epochs", 2.5, "integer"),
        ("modeling.training.batch_size", 1, "greater than or equal to 2"),
        ("modeling.training.learning_rate", -1, "greater than 0"),
        ("modeling.training.learning_rate", None, "number"),
        ("modeling.training.accelerator", "gpu", "'auto', 'cpu', 'cuda' or 'mps'"),
        ("modeling.training.seed", -1, "greater than or equal to 0"),
        ("modeling.training.devices", 0, "greater than or equal to 1"),
        ("modeling.training.accumulate", 0, "greater than or equal to 1"),
        ("modeling.training.workers", -1, "greater than or equal to 0"),
        ("modeling.training.strategy", "dp", "'auto', 'ddp_fork', 'ddp_spawn' or 'ddp'"),
        ("stream_cells", "often", "boolean"),
        ("modeling.model.heads", 5, "width 32 cannot be divided into 5 heads"),
        ("modeling.model.aggregation_heads", 3, "width 32 cannot be divided into 3 aggregation_heads"),
        ("modeling.model.dropout", 1.0, "less than 1"),
        ("modeling.model.cross_attention", "both", "'on', 'expression' or 'text'"),
        ("modeling.model.importance", "cell", "'global', 'per_cell' or 'none'"),
        ("text_embedding.control.genes", "shuffled", "'real', 'zero', 'random' or 'permuted'"),
        ("ingestion.network.rewire", True, "'none' or 'degree_preserving'"),
        ("modeling.baseline.strengths", [0.1, 0], "greater than 0"),
        ("ingestion.split.train", 0.9, "sum to 1"),
        ("ingestion.split.by", "patient", "'auto', 'donor' or 'cell'"),
        ("ingestion.cells.classes", {"only": ["a"]}, "at least a control and a case"),
        ("ingestion.cells.classes", {"a": ["x"], "b": ["x"]}, "belong to more than one class"),
        ("ingestion.cells.classes", {"a": "x", "b": ["y"]}, "list"),
        ("ingestion.quality.max_mitochondrial_percent", 120, "less than or equal to 100"),
        ("ingestion.gene_filter.min_fraction", "5%", "number"),
        ("graph_construction.paths.min_nodes", 2, "greater than or equal to 3"),
        ("graph_construction.paths.min_nodes", 9, "leave no path"),
        ("graph_construction.graph", "paths", "dictionary"),
        ("text_embedding.encoder.kind", "word2vec", "'transformers', 'static', 'lsa', 'vectors', 'random' or 'zero'"),
        ("interpretation.report.core_paths", [], "integer"),
        ("resources.timeout", 0, "greater than 0"),
        ("inspection.name", "../up", "pattern"),
        ("cohort.timeout", 0, "greater than 0"),
        ("scoring.bundle.calibration", "isotonic", "'temperature', 'temperature_and_bias' or 'none'"),
        ("scoring.bundle.range_quantile", 1.0, "less than 1"),
        ("scoring.score.min_coverage", 2, "less than or equal to 1"),
        ("cohort.recipe", {"series": "../up"}, "pattern"),
        ("cohort.annotation.clusters", 1, "greater than or equal to 2"),
        ("resources.download", {"hgnc": 1}, "list"),
        ("resources.sources", {"../up": {"url": "https://a.b/c"}}, "pattern"),
        ("resources.sources", {"mine": {"url": "ftp://a.b/c"}}, "pattern"),
        ("resources.sources", {"mine": {"url": "https://a.b/c", "file": "../c"}}, "pattern"),
    ],
)
def test_wrong_values_are_refused_by_name(base, key, value, said):
    tree = copy.deepcopy(base)
    *path, last = key.split(".")
    inside(tree, path)[last] = value
    with pytest.raises(PathloreError) as caught:
        check(Parameters, tree, "parameters")
    message = str(caught.value)
    assert said in message
    assert key.rpartition(".")[0] in message  # a rule on a whole block names the block
    assert "\n" not in message


def test_every_block_reaches_a_node(base, pipelines):
    given = {
        name.removeprefix("params:")
        for pipeline in pipelines.values()
        for node in pipeline.nodes
        for name in node.inputs
        if name.startswith("params:")
    }
    blocks_of = {f"{pipeline}.{block}": pipeline for pipeline, parts in base.items() for block in parts}
    given.remove("modeling.training.scratch")  # alone: no setting of the training has a part in the cells
    assert given <= blocks_of.keys() | base.keys()
    assert {block for block, pipeline in blocks_of.items() if not {block, pipeline} & given} == set()


def test_every_field_is_read_somewhere():
    modules = (ROOT / "src" / "pathlore").rglob("*.py")
    source = "\n".join(path.read_text() for path in modules if path.parent.name != "config")
    by_rule = {"min_genes", "max_mitochondrial_percent"}  # quality's rules are asked for by name
    unread = [
        f"{model.__name__}.{name}"
        for model in vars(blocks).values()
        if isinstance(model, type) and issubclass(model, blocks.Block) and not model.__name__.endswith("Parameters")
        for name in model.model_fields
        if f".{name}" not in source and name not in by_rule
    ]
    assert unread == []


def test_blocks_cannot_be_changed(base):
    parameters = check(Parameters, base, "parameters")
    with pytest.raises(ValueError, match="frozen"):
        parameters.modeling.training.epochs = 3
