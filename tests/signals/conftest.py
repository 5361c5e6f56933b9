"""A world in which two receptors of one complex, one of another and a lonely one stand in a network with texts."""

import numpy as np
import pandas as pd
import pytest

from pathlore.signals.profiles import GeneTexts, SignalProfiles, make_profiles
from pathlore.signals.vectors import centred_unit


@pytest.fixture(scope="session")
def profiles() -> SignalProfiles:
    """30 genes; R1 and R2 are a complex of L1, R2 binds L2 too, R3 binds L3, R4 (L4) reaches no factor."""
    rng = np.random.default_rng(1)
    rows = [("L1", "R1", "ligand_receptor", 1), ("L1", "R2", "ligand_receptor", 1), ("L2", "R2", "ligand_receptor", 1)]
    rows += [("L3", "R3", "ligand_receptor", 1), ("L4", "R4", "ligand_receptor", 1), ("R4", "K9", "signaling", 1)]
    rows += [("R1", "K1", "signaling", 1), ("R2", "K1", "signaling", 1), ("K1", "T1", "signaling", 1)]
    rows += [("R3", "K2", "signaling", -1), ("K2", "T2", "signaling", 1)]
    targets = [f"X{i:02d}" for i in range(16)]
    rows += [(f"T{1 + i // 8}", gene, "tf_target", -1 if i % 8 == 7 else 1) for i, gene in enumerate(targets)]
    network = pd.DataFrame(rows, columns=["source", "target", "kind", "sign"])
    genes = sorted({*network["source"], *network["target"], "OFF1", "OFF2"})
    first = GeneTexts(genes, centred_unit(rng.normal(size=(len(genes), 6))))
    second = GeneTexts(genes[::2], centred_unit(rng.normal(size=(len(genes[::2]), 6))))
    return make_profiles(network, [first, second])
