import numpy as np
import pandas as pd
import pytest
from anndata import AnnData, read_h5ad
from blocks import base

from pathlore.config import CellsConfig, PopulationConfig, QualityConfig
from pathlore.expression.planting import planted_slots, planted_truth
from pathlore.expression.prepare import prepare_cells

PLANTED = ["R1>S1>F1>T1", "R2>F2>T2"]


def raw(**uns):
    rng = np.random.default_rng(0)
    obs = pd.DataFrame(
        {"condition": ["a", "b"] * 20, "donor": ["x", "y"] * 20, "kind": ["receiver"] * 20 + ["sender"] * 20},
        index=[f"c{i}" for i in range(40)],
    )
    x = rng.poisson(4.0, (40, 30)).astype(np.float32)
    return AnnData(x, obs=obs, var=pd.DataFrame(index=[f"G{i}" for i in range(30)]), uns=uns)


def prepared(cells):
    labels = {"classes": {"a": ["a"], "b": ["b"]}, "condition": "condition", "donor": "donor", "cell_type": "kind"}
    config = CellsConfig.model_validate(base("ingestion", "cells", **labels))
    return prepare_cells(cells, config, QualityConfig.model_validate(base("ingestion", "quality", min_genes=0)))


def population(**changes):
    return PopulationConfig.model_validate(base("ingestion", "population", min_cells_per_class=1, **changes))


@pytest.fixture
def simulated():
    return raw(planted_paths=np.array(PLANTED), simulation='{"populations": ["receiver", "sender"]}')


def test_the_truth_outlives_the_preparation_and_the_file(simulated, tmp_path):
    prepared(simulated).write_h5ad(tmp_path / "cells.h5ad")
    cells = read_h5ad(tmp_path / "cells.h5ad")
    assert planted_truth(cells, population(mode="per_cell_type")) == {"receiver": frozenset(PLANTED)}
    assert planted_truth(cells, population(mode="pooled")) == {"pooled": frozenset(PLANTED)}


def test_cells_that_all_carry_the_paths():
    truth = planted_truth(prepared(raw(planted_paths=PLANTED)), population(mode="per_cell_type"))
    assert truth == {"receiver": frozenset(PLANTED), "sender": frozenset(PLANTED)}


def test_real_cells_have_no_truth():
    assert planted_slots(raw()) == {}
    assert planted_truth(prepared(raw()), population(mode="pooled")) == {}
    assert planted_truth(raw(), population(mode="pooled")) == {}
