"""Small cells, small networks, and the parameters that go with them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from pathlore.config import CellsConfig, PopulationConfig, QualityConfig, SplitConfig

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_expression() -> Path:
    folder = SHARED / "expression"
    if not folder.is_dir():
        pytest.skip(f"the real cohorts are not here: {folder} is absent")
    return folder


@pytest.fixture
def cells_config():
    def make(**changes):
        base = CellsConfig(
            layer="X",
            gene_column=None,
            condition="group",
            classes={"control": ["healthy"], "case": ["mild", "severe"]},
            donor="patient",
            paired_donors=False,
            donor_names="global",
            similar_donors="refuse",
            cell_type="type",
            missing=["unknown"],
        )
        return CellsConfig(**{**base.model_dump(), **changes})

    return make


@pytest.fixture
def quality():
    def make(**changes):
        base = {"min_genes": 0, "max_mitochondrial_percent": 100.0, "scale": "auto", "target_sum": 100.0}
        return QualityConfig(**{**base, **changes})

    return make


@pytest.fixture
def split_config():
    def make(**changes):
        base = {"by": "auto", "train": 0.7, "validation": 0.1, "test": 0.2, "seed": 0}
        return SplitConfig(**{**base, **changes})

    return make


@pytest.fixture
def population_config():
    def make(**changes):
        base = {"mode": "per_cell_type", "include": [], "exclude": [], "min_cells_per_class": 2}
        return PopulationConfig(**{**base, **changes})

    return make


@pytest.fixture
def raw_cells() -> AnnData:
    """Sixty cells of six donors, twelve genes of which one is mitochondrial."""
    rng = np.random.default_rng(1)
    counts = rng.poisson(3, (60, 12))
    donor = np.repeat([f"P{i}" for i in range(6)], 10)
    group = np.where(np.arange(60) < 30, "healthy", np.where(np.arange(60) < 45, "mild", "severe"))
    obs = pd.DataFrame(
        {"group": group, "patient": donor, "type": np.tile(["T", "B"], 30)}, index=[f"c{i}" for i in range(60)]
    )
    genes = [*(f"G{i}" for i in range(11)), "MT-CO1"]
    return AnnData(sparse.csr_matrix(counts, dtype=np.float32), obs=obs, var=pd.DataFrame(index=genes))


@pytest.fixture
def labelled():
    """Rows as label_cells makes them: {donor: (label, number of cells)}, None for a cell without a donor."""

    def make(donors):
        rows = [
            {"condition": ["control", "case", "other"][label], "label": label, "donor": donor, "cell_type": None}
            for donor, label, n in donors
            for _ in range(n)
        ]
        return pd.DataFrame(rows, index=pd.Index([f"c{i}" for i in range(len(rows))], name="cell"))

    return make


@pytest.fixture(scope="session")
def layered_network() -> pd.DataFrame:
    """Ligands, receptors, two layers of signals, transcription factors and targets, ten of each."""
    rng = np.random.default_rng(2)
    layers = [[f"{name}{i}" for i in range(10)] for name in ("LIG", "REC", "SIGA", "SIGB", "TF", "TGT")]
    kinds = ["ligand_receptor", "signaling", "signaling", "signaling", "tf_target"]
    rows = [
        {"source": source, "target": str(target), "kind": kind, "sign": int(rng.integers(-1, 2))}
        for upper, lower, kind in zip(layers, layers[1:], kinds, strict=False)
        for source in upper
        for target in rng.choice(lower, 3, replace=False)
    ]
    return pd.DataFrame(rows)
