import json
from pathlib import Path

import pytest
import yaml
from anndata import AnnData
from blocks import base
from kedro.io import DatasetError
from kedro.io.core import AbstractDataset

import pathlore
from pathlore.config import SimulationConfig
from pathlore.datasets.simulated import SimulatedCellsDataset
from pathlore.errors import PathloreError
from pathlore.evaluation.cohort import scenario
from pathlore.expression.simulate import simulation_truth
from pathlore.graph.paths import find_paths

KNOWLEDGE = Path(pathlore.__file__).parent / "knowledge"
CONF = Path(__file__).parents[2] / "conf" / "simulated"


@pytest.fixture
def options(tmp_path):
    return {
        "network": str(KNOWLEDGE / "interactions.csv"),
        "gene_names": str(KNOWLEDGE / "genes.csv"),
        "network_options": base("ingestion", "network"),
        "path_options": base("graph_construction", "paths", max_paths=120),
        "simulation": {"cells_per_donor": 3, "n_planted": 5, "n_decoy_edges": 3},
        "truth_path": str(tmp_path / "deep" / "truth.json"),
    }


def entry(name):
    return yaml.safe_load((CONF / name).read_text())


def test_the_same_cells_on_each_load_and_their_truth_beside_them(options):
    dataset = SimulatedCellsDataset(**options)
    first, second = dataset.load(), dataset.load()
    assert first.n_obs == 2 * 12 * 3
    assert (first.X != second.X).nnz == 0
    truth = Path(options["truth_path"])
    assert json.loads(truth.read_text()) == simulation_truth(first)
    assert [file.name for file in truth.parent.iterdir()] == ["truth.json"]
    other = SimulatedCellsDataset(**options | {"simulation": options["simulation"] | {"seed": 1}}).load()
    assert json.loads(truth.read_text()) == simulation_truth(other) != simulation_truth(first)


def test_the_planted_paths_are_on_the_list(options):
    dataset = SimulatedCellsDataset(**options | {"truth_path": None})
    cells = dataset.load()
    network = dataset._read_network()
    inside, _ = find_paths(network, cells.var_names, dataset._path_config, "receiver")
    assert set(cells.uns["planted_paths"]) <= set(inside["path"])
    assert cells.uns["unexpressed_path"] in set(inside["path"])


def test_real_cells_as_background(options, tmp_path):
    small = {"cells_per_donor": 5, "decoy_genes_per_planted": 0.5}
    drawn = SimulatedCellsDataset(**options | {"simulation": small}).load()
    drawn[:, 3:].copy().write_h5ad(tmp_path / "controls.h5ad")
    few = small | {"n_planted": 4, "n_axes": 0, "n_decoy_edges": 2, "min_fraction": 0.3}
    dataset = SimulatedCellsDataset(**options | {"background": str(tmp_path / "controls.h5ad"), "simulation": few})
    cells = dataset.load()
    assert set(cells.var_names) < set(drawn.var_names[3:])
    assert len(simulation_truth(cells)["planted_paths"]) == 4


def test_nothing_is_written(options):
    dataset = SimulatedCellsDataset(**options)
    with pytest.raises(DatasetError) as caught:
        dataset.save(AnnData())
    assert isinstance(caught.value.__cause__, PathloreError)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"simulation": {"planted": 3}}, r"cells_raw\.simulation: planted: Extra inputs"),
        ({"path_options": {"modes": "all"}}, r"cells_raw\.path_options: modes: Extra inputs"),
        ({"network_options": {"kind": []}}, r"cells_raw\.network_options: kind: Extra inputs"),
    ],
)
def test_unknown_options_are_refused_by_name(options, change, said):
    with pytest.raises(PathloreError, match=said):
        SimulatedCellsDataset(**options | change)


def test_too_much_is_asked_for(options):
    with pytest.raises(DatasetError, match="lower `n_planted`"):
        SimulatedCellsDataset(**options | {"simulation": {"n_planted": 300}}).load()


def test_built_from_a_catalogue_entry(options):
    dataset = AbstractDataset.from_config(
        "cells_raw",
        {"type": "pathlore.datasets.simulated.SimulatedCellsDataset", **options, "metadata": {"layer": "raw"}},
    )
    assert dataset.exists()
    assert dataset.metadata == {"layer": "raw"}
    assert "truth.json" in str(dataset)


def test_the_environment_is_the_main_scenario_on_the_list_of_the_run():
    cells, parameters = entry("catalog.yml")["cells_raw"], entry("parameters.yml")
    assert SimulationConfig(**cells["simulation"]) == scenario("main", 0)
    assert set(cells["simulation"]) == set(SimulationConfig.model_fields)
    assert cells["network_options"] == base("ingestion", "network")
    of_the_run = parameters["graph_construction"]["paths"]
    assert cells["path_options"] == base("graph_construction", "paths", **of_the_run)
    assert parameters["ingestion"]["population"]["include"] == [cells["simulation"]["populations"][0]]


def test_every_parameter_of_the_simulation_has_a_comment():
    lines = (CONF / "catalog.yml").read_text().splitlines()
    for name in SimulationConfig.model_fields:
        line = next(line for line in lines if line.startswith(f"    {name}: "))
        assert len(line.partition("#")[2].strip()) > 5, name
