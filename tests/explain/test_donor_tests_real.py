"""Tests over the donors of a published cohort that lies beside the repository."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import read_h5ad
from blocks import base, network_of
from cases import case_of

import pathlore
from pathlore.config import CellsConfig, DonorTestConfig, QualityConfig
from pathlore.explain.donor_tests import donor_tests
from pathlore.expression.prepare import prepare_cells

pytestmark = pytest.mark.shared

CONFIG = DonorTestConfig(min_cells=10, sd_floor=0.05)
NAMES = ["non_responder", "responder"]


@pytest.fixture(scope="module")
def case(shared_data):
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
    return case_of(cells, network, [], paths=120, seed=0)


def test_every_path_is_tested(case):
    found = donor_tests(case.graph, case.data, NAMES, CONFIG)
    assert len(found) == len(case.graph.paths) > 20
    assert found["p"].between(0, 1).all()
    assert set(found["n_donors"]) == {"non_responder 9, responder 9"}
    assert set(found["relabellings"]) == {10_000}, "of 24,310"
    assert (found["note"] == "").all()


def test_exchanged_donors_give_no_more_than_chance(case):
    """Twelve exchanges of the donors' classes; 5 % of them may show anything."""
    owners = {d: int(c) for own in case.data.values() for d, c in zip(own.donors, own.labels, strict=True) if d}
    rng = np.random.default_rng(0)
    shares, any_path = [], []
    for _ in range(12):
        drawn = dict(zip(owners, rng.permutation(list(owners.values())), strict=True))
        data = {
            split: replace(own, labels=np.array([drawn.get(d, c) for d, c in zip(own.donors, own.labels, strict=True)]))
            for split, own in case.data.items()
        }
        found = donor_tests(case.graph, data, NAMES, CONFIG)
        shares.append((found["p"] < 0.05).mean())
        any_path.append((found["q"] < 0.05).any())
    assert np.mean(shares) < 0.15
    assert np.sum(any_path) <= 2
