"""The catalogue and the pipelines speak of the same datasets, and each lies where its layer says."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro_viz.services.layers import sort_layers

from pathlore import schemas

FOLDERS = ("01_raw", "02_intermediate", "03_primary", "04_feature", "05_model_input", "06_models", "07_model_output")
FOLDERS = {name: name for name in (*FOLDERS, "08_reporting")} | {"09_bundles": "06_models"}
"""Layers, and where their datasets lie; Kedro-Viz orders by name what depends on nothing. A bundle holds metrics."""

OF_A_RUN = {"cells_raw", "network_raw", "gene_text_raw", "gene_names_raw", "orthologs_raw", "paths_raw", "splits_raw"}
OF_A_RUN |= {"gene_sets_raw", "gene_lists_raw"}
IN_MEMORY = {f"page_{name}" for name in ("paths", "donors", "known_biology", "fit", "communication", "checks")}
IN_MEMORY |= {"bundle_origins"}
"""What a node puts together for the next alone."""
RAW = OF_A_RUN | {"truth_raw", "truth_cells_raw", "markers_raw", "cell_types_raw", "new_cells", "bundle"}


def is_parameter(name):
    return name == "parameters" or name.startswith("params:")


def datasets_of(pipelines):
    """Of all pipelines: the download of resources is no part of the whole."""
    return {name for pipeline in pipelines.values() for name in pipeline.datasets()}


def place(entry):
    return entry.get("filepath") or entry.get("path")


def layer(entry):
    return entry["metadata"]["kedro-viz"]["layer"]


def test_every_dataset_is_catalogued(catalogue, pipelines):
    used = {name for name in datasets_of(pipelines) if not is_parameter(name)}
    assert used - set(catalogue) == IN_MEMORY, "others would be kept in memory by accident"


def test_what_is_in_memory_is_made_and_read_within_one_pipeline(pipelines):
    for pipeline in pipelines.values():
        assert not IN_MEMORY & (pipeline.inputs() | pipeline.outputs())


def test_no_node_has_many_inputs(pipelines):
    counts = {node.name: len(node.inputs) for pipeline in pipelines.values() for node in pipeline.nodes}
    assert {name: count for name, count in counts.items() if count > 9} == {}


def test_every_entry_is_used(catalogue, pipelines):
    assert set(catalogue) - datasets_of(pipelines) == set()


def test_every_entry_can_be_built_and_none_is_in_memory(catalogue):
    catalog = DataCatalog.from_config(catalogue)
    for name in catalogue:
        assert not isinstance(catalog[name], MemoryDataset)


def test_every_entry_names_its_layer(catalogue):
    assert {name for name, entry in catalogue.items() if layer(entry) not in FOLDERS} == set()


def test_layers_are_folders(catalogue):
    for name, entry in catalogue.items():
        path = place(entry)
        if path and path.startswith("data/"):
            assert path.startswith(f"data/{FOLDERS[layer(entry)]}/"), name
        else:
            assert name in RAW, name


def test_kedro_viz_shows_the_layers_in_the_order_of_the_work(catalogue, pipelines):
    """By its own function; it shows none where one layer lies both before and behind another."""
    for name, pipeline in pipelines.items():
        layers = {one: layer(catalogue[one]) if one in catalogue else None for one in pipeline.datasets()}
        nodes = {one: SimpleNamespace(layer=own) for one, own in layers.items()}
        nodes |= {node.name: SimpleNamespace(layer=None) for node in pipeline.nodes}
        behind = {one: set() for one in nodes}
        for node in pipeline.nodes:
            behind[node.name] |= set(node.outputs)
            for source in node.inputs:
                behind[source].add(node.name)
        found = sort_layers(nodes, behind)
        assert found, name
        assert found == sorted(found), name


def test_kedro_viz_has_previews_of_what_is_looked_at_first(catalogue):
    for name in ("path_importance", "active_receptors", "importance_plots", "core_network_plots"):
        assert catalogue[name]["type"].startswith("pathlore.datasets.previewed."), name
    assert "preview_args" in catalogue["metrics"]["metadata"]["kedro-viz"]


def test_outputs_of_two_cohorts_do_not_meet(config, catalogue):
    cohort = config["globals"]["cohort"]
    for name, entry in catalogue.items():
        if name not in RAW:
            assert f"/{cohort}/" in place(entry), name


def test_no_two_entries_share_a_place(catalogue):
    places = [Path(place(entry)) for name, entry in catalogue.items() if name not in RAW]
    assert len(set(places)) == len(places)
    for one in places:
        assert not any(other in one.parents for other in places)


def test_the_checkpoints_lie_beside_and_not_inside_a_dataset(config, catalogue):
    checkpoints = Path(config["parameters"]["modeling"]["training"]["checkpoints"])
    assert f"/{config['globals']['cohort']}/" in checkpoints.as_posix()
    places = {Path(place(entry)) for name, entry in catalogue.items() if name not in RAW}
    assert checkpoints not in places
    assert not places & set(checkpoints.parents)


def test_validators_name_schemas_and_each_schema_guards_something(catalogue):
    named = set()
    for name, entry in catalogue.items():
        validator = entry.get("validator")
        if validator is None:
            continue
        schema = validator["options"]["schema"] if isinstance(validator, dict) else validator.rpartition(".")[2]
        assert issubclass(getattr(schemas, schema), schemas.Table), name
        assert isinstance(validator, dict) == ("dataset" in entry), name
        named.add(schema)
    known = {
        name
        for name, value in vars(schemas).items()
        if isinstance(value, type) and value.__module__.startswith("pathlore.schemas.")
    }
    guarded = {ancestor.__name__ for name in named for ancestor in getattr(schemas, name).__mro__}
    assert not known - guarded


def test_every_table_is_checked(catalogue):
    for name, entry in catalogue.items():
        kind = entry["dataset"]["type"] if ("dataset" in entry) else entry["type"]
        if kind.startswith("pandas."):
            assert "validator" in entry, name


def test_partitions_are_written_anew(catalogue):
    """A population that is there no longer must not stay on disk."""
    for name, entry in catalogue.items():
        if "dataset" in entry:
            assert entry["overwrite"] is True, name


def test_what_is_recorded_in_mlflow(catalogue):
    recorded = {name: entry["metadata"]["mlflow"] for name, entry in catalogue.items() if "mlflow" in entry["metadata"]}
    assert {key for value in recorded.values() for key in value} <= {"artifact", "checksum", "model"}
    for name in ("splits", "coverage_report", "models", "metrics", "path_importance", "summary"):
        assert recorded[name]["artifact"]
    assert {name for name, value in recorded.items() if "checksum" in value} <= RAW


def test_the_registry(pipelines):
    names = ["ingestion", "graph_construction", "text_embedding", "modeling", "interpretation"]
    assert list(pipelines) == [*names, "evaluation", "resources", "inspection", "cohort", "scoring", "__default__"]
    assert sum(len(pipelines[name].nodes) for name in names) == len(pipelines["__default__"].nodes)
    assert not pipelines["resources"].datasets() & pipelines["__default__"].datasets()
    for name in [*names, "evaluation", "resources", "inspection", "cohort", "scoring"]:
        for node in pipelines[name].nodes:
            own = node.namespace if name == "evaluation" else name  # the evaluation prepares the cells itself
            assert own in {name, "ingestion"}
            assert node.tags - {"report"} == {own}
            assert node.name == f"{own}.{node.func.__name__}"
            assert node.func.__doc__
            assert re.fullmatch(r"[a-z_]+\.[a-z_]+", node.name)


def test_the_report_is_made_again_from_saved_tables_alone(pipelines, catalogue):
    chosen = pipelines["__default__"].only_nodes_with_tags("report")
    assert chosen.outputs() == {"report"}
    assert {name for name in chosen.inputs() if name != "parameters" and name not in catalogue} == set()
    assert {node.namespace for node in chosen.nodes} == {"interpretation"}


@pytest.mark.parametrize(
    "name",
    [
        "ingestion",
        "graph_construction",
        "text_embedding",
        "modeling",
        "interpretation",
        "evaluation",
        "resources",
        "inspection",
        "cohort",
        "scoring",
        "__default__",
    ],
)
def test_each_pipeline_runs_alone_from_files(pipelines, load, name):
    catalogue = load("base")["catalog"]
    free = {dataset for dataset in pipelines[name].inputs() if not is_parameter(dataset)}
    assert all({"filepath", "path", "files"} & catalogue[dataset].keys() for dataset in free)
    made = {dataset for other in pipelines.values() for dataset in other.all_outputs()}
    assert free <= made | RAW
    if name == "__default__":
        assert free == OF_A_RUN


def test_a_pipeline_needs_only_what_comes_before_it(pipelines):
    made = set(RAW)
    for name, pipeline in pipelines.items():
        if name != "__default__":
            assert {dataset for dataset in pipeline.inputs() if not is_parameter(dataset)} <= made, name
            made |= pipeline.all_outputs()
