"""Tests over the donors of a published cohort that lies beside the repository."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import read_h5ad
from blocks import base, network_of
from cases import case_of

import pathlore
from pathlore.config import CellsConfig, DonorTestConfig, QualityConfig
from pathlore.explain.donor_activity import donor_activity
from pathlore.explain.donor_tests import donor_tests
from pathlore.expression.prepare import prepare_cells

pytestmark = pytest.mark.shared

NAMES = ["non_responder", "responder"]


@pytest.fixture(scope="module")
def activity(shared_data):
    """Melanoma T cells on the built-in network."""
    file = shared_data / "expression" / "sadefeldman2018_melanoma_icb_tcells_lognorm.h5ad"
    columns = {"condition": "condition", "donor": "donor", "cell_type": "cell_type", "paired_donors": False}
    classes = {"non_responder": ["Non-responder"], "responder": ["Responder"]}
    config = CellsConfig.model_validate(base("ingestion", "cells", classes=classes, layer="X", **columns))
    quality = QualityConfig.model_validate(base("ingestion", "quality", min_genes=100))
    cells = prepare_cells(read_h5ad(file), config, quality)
    numbers = {donor: f"donor_{i}" for i, donor in enumerate(sorted(cells.obs["donor"].dropna().unique()))}
    cells.obs["donor"] = cells.obs["donor"].map(numbers)
    cells.obs["condition"] = pd.Categorical(cells.obs["condition"].astype(str), NAMES)
    network = network_of(pd.read_csv(Path(pathlore.__file__).parent / "knowledge" / "interactions.csv"))
    case = case_of(cells, network, [], paths=120, seed=0)
    return donor_activity(case.graph, case.data, NAMES, DonorTestConfig(min_cells=10, sd_floor=0.05))


def test_every_path_is_tested(activity):
    found = donor_tests(activity, NAMES, paired=False)
    assert len(found) == activity["path"].nunique() > 20
    assert found["p"].between(0, 1).all()
    assert set(found["n_donors"]) == {"non_responder 9, responder 9"}
    assert (found["note"] == "").all()


def test_permuted_donors_give_no_more_than_chance(activity):
    owners = activity[["donor", "condition"]].drop_duplicates()
    rng = np.random.default_rng(0)
    shares, any_path = [], []
    for _ in range(20):
        drawn = dict(zip(owners["donor"], rng.permutation(owners["condition"]), strict=True))
        found = donor_tests(activity.assign(condition=activity["donor"].map(drawn)), NAMES, paired=False)
        shares.append((found["p"] < 0.05).mean())
        any_path.append((found["q"] < 0.05).any())
    assert np.mean(shares) < 0.1
    assert np.mean(any_path) <= 0.2
