"""Built-in knowledge, the parameters of base, and cells that can be spoilt."""

from pathlib import Path

import pandas as pd
import pytest
from blocks import network_block, whole

import pathlore
from pathlore.config import InspectionConfig, Parameters
from pathlore.expression.fabricate import fabricate_cells
from pathlore.genes.names import GeneNames
from pathlore.graph.network import build_network
from pathlore.inspection.genes import GeneKnowledge
from pathlore.inspection.inspect import inspect
from pathlore.resources.annotations import read_annotations
from pathlore.resources.interactions import read_interactions
from pathlore.resources.names import read_gene_names

KNOWLEDGE = Path(pathlore.__file__).parent / "knowledge"
OTHERS = ("cell_annotations", "network", "gene_text", "gene_names", "orthologs", "gene_sets", "gene_lists")
FILES = {**dict.fromkeys(OTHERS, ""), "decimal": "auto", "encoding": "auto"}


@pytest.fixture(scope="session")
def knowledge():
    genes, interactions = (
        pd.read_csv(KNOWLEDGE / f"{name}.csv", dtype=str, keep_default_na=False) for name in ("genes", "interactions")
    )
    names = GeneNames(read_gene_names({"genes.csv": genes}).table)
    config = network_block()
    return GeneKnowledge(
        names=names,
        orthologs=pd.DataFrame(columns=["mouse", "human"]),
        network=build_network(read_interactions({"i.csv": interactions}, names, config), config),
        annotations=read_annotations({"genes.csv": genes}, names),
    )


@pytest.fixture(scope="session")
def inspection_config():
    def make(**changes):
        base = {"name": "", "overwrite": False, "folder": "conf", "condition": "", "donor": "", "cell_type": ""}
        files = {"cells": "/data/lung.h5ad", **FILES, **changes.pop("files", {})}
        return InspectionConfig(**base | changes, files=files)

    return make


@pytest.fixture(scope="session")
def parameters(inspection_config):
    def make(**columns):
        return Parameters(**whole({}), inspection=inspection_config(**columns))

    return make


@pytest.fixture(scope="session")
def look(knowledge, parameters):
    """Inspect cells: ``look(cells, condition=...)``."""
    return lambda cells, **columns: inspect(cells, knowledge, parameters(**columns), "/data/lung.h5ad")


@pytest.fixture(scope="session")
def _cells(knowledge):
    return fabricate_cells(knowledge.network, n_cells=240, seed=0)


@pytest.fixture
def cells(_cells):
    """240 cells of eight donors, four of each class, counts of some two thousand human genes."""
    return _cells.copy()
