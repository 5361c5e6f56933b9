"""A small cohort: three populations, donors of two classes, a ligand that rises in the senders of the cases."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from pathlore.config import CellCommunicationConfig

GENES = ["L1", "L2", "L3", "R1", "R2", "R3", "S1", "T1", "X1", "X2", *(f"L{i}" for i in range(4, 14))]
RISE = 3.0
"""Fold of L1 in the cases of the senders."""


@pytest.fixture(scope="session")
def config() -> Callable[..., CellCommunicationConfig]:
    def block(**changes: object) -> CellCommunicationConfig:
        values = {
            "top_paths": 50,
            "min_fraction": 0.05,
            "min_cells": 5,
            "permutations": 100,
            "max_interactions": 100,
            "seed": 0,
        }
        return CellCommunicationConfig.model_validate(values | changes)

    return block


@pytest.fixture(scope="session")
def cohort() -> Callable[..., AnnData]:
    """Log-normalised cells; L1 rises in the cases of A, R1 is found in B alone, the rest is noise."""

    def make(*, donors: int = 5, cells: int = 12, classes: int = 2, paired: bool = False, seed: int = 0) -> AnnData:
        rng = np.random.default_rng(seed)
        rows = [
            (kind, label, donor if paired else label * donors + donor)
            for kind in ("A", "B", "C")
            for label in range(classes)
            for donor in range(donors)
            for _ in range(cells)
        ]
        kind, label, donor = (np.array(column) for column in zip(*rows, strict=True))
        level = np.full((len(rows), len(GENES)), 4.0)
        level *= np.exp(0.15 * rng.normal(size=(donor.max() + 1, len(GENES))))[donor]
        level[(kind == "A") & (label == 1), 0] *= RISE
        level[kind != "B", 3] = 0.2
        counts = rng.poisson(level)
        names = ["control", "case", "other"]
        obs = pd.DataFrame(
            {
                "cell_type": kind,
                "condition": [names[c] for c in label],
                "donor": [f"donor_{d}" for d in donor],
            },
            index=[f"cell_{i}" for i in range(len(rows))],
        )
        return AnnData(sparse.csr_matrix(np.log1p(counts), dtype=np.float32), obs, pd.DataFrame(index=GENES))

    return make


@pytest.fixture(scope="session")
def importance() -> pd.DataFrame:
    """Four paths of a receiver, the best at R1."""
    paths = ["R1>S1>T1>X1", "R2>S1>T1>X1", "R1>S1>T1>X2", "R3>T1>X2"]
    table = pd.DataFrame({"path": paths, "importance": [0.8, 0.4, 0.2, 0.1], "rank": [1, 2, 3, 4]})
    ends = table["path"].str.split(">")
    return table.assign(
        route=table["path"].str.replace(">", " > "),
        receptor=ends.str[0],
        tf=ends.str[-2],
        target=ends.str[-1],
        direction=["case", "case", "control", "control"],
    )


@pytest.fixture(scope="session")
def pairs() -> pd.DataFrame:
    """Every ligand with every receptor, and a complex of each."""
    ligands = [gene for gene in GENES if gene.startswith("L")]
    rows = [(ligand, receptor) for ligand in [*ligands, "L2_L3"] for receptor in ("R1", "R2", "R2_R3", "R1_ABSENT")]
    table = pd.DataFrame(rows, columns=["ligand", "receptor"])
    return table.assign(sign=0, n_evidence=4, resources="TestDB", references="PMID:1")
