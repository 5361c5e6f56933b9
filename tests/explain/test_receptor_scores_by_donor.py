import numpy as np
import pandas as pd

from pathlore.explain.active_signals import _by_donor
from pathlore.schemas import ReceptorScoresByDonor
from pathlore.signals import load_profiles
from pathlore.training.replicates import DonorMeans

INTERFERON = ("STAT1", "STAT2", "IRF9", "MX1", "ISG15", "IFIT1", "IFIT3", "OAS1", "IRF7", "IFI44L", "CXCL10")
RECEPTORS = pd.DataFrame({"receptor": ["IFNAR1", "NOTCH1", "EGFR"], "rank": [1, 2, 9], "active_in": "case"})


def test_donors_with_an_interferon_response_score_high_for_its_receptor():
    profiles = load_profiles(texts=None, cache=None)
    y = np.random.default_rng(0).normal(3, 0.1, (8, len(profiles.genes)))
    responding = [profiles.genes.index(gene) for gene in INTERFERON if gene in profiles.genes]
    y[4:, responding] += 2  # the donors of the case
    donors = DonorMeans(y, np.repeat([0, 1], 4), [f"d{i}" for i in range(8)])
    table = _by_donor(donors, profiles.genes, RECEPTORS, ["control", "case"], profiles)
    assert set(table["receptor"]) == {"IFNAR1", "NOTCH1"}  # the first ranks alone
    scores = table.pivot_table(index="donor", columns="receptor", values="score")
    others, responders = np.split(np.array([f"d{i}" for i in range(8)]), 2)
    assert scores.loc[responders, "IFNAR1"].min() > scores.loc[others, "IFNAR1"].max() + 1
    assert (scores.loc[responders, "IFNAR1"] > scores.loc[responders, "NOTCH1"]).all()
    assert dict(zip(table["donor"], table["condition"], strict=True))["d7"] == "case"


def test_two_donors_give_no_scores():
    donors = DonorMeans(np.ones((2, 3)), np.array([0, 1]), ["a", "b"])
    table = _by_donor(donors, ["A", "B", "C"], RECEPTORS, ["control", "case"], None)
    assert table.equals(ReceptorScoresByDonor.empty())
