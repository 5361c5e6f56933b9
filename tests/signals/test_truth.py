"""Experiments with a known ligand: how they are read, how scores are judged by them, and what a network is worth."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from toy_truth import toy_world

from pathlore.errors import PathloreError
from pathlore.signals.truth import Experiments, network_quality, read_experiments
from pathlore.signals.truth.judge import (
    difference_row,
    family_draws,
    one_ranking,
    per_ligand,
    per_signature,
    specific_scores,
    summary_row,
)

LIGANDS = pd.Series({"a": "IFNB1", "b": "IFNB1", "c": "TNF", "d": "NEW"})
FAMILIES = pd.Series({"a": "interferon", "b": "interferon", "c": "TNF", "d": "NEW"})


def test_each_signature_is_judged_by_its_own_auroc_and_each_ligand_once():
    rng = np.random.default_rng(0)
    scores, truth = rng.normal(size=(30, 4)), rng.random((30, 4)) < 0.2
    truth[:, 3] = False
    scores[0, 1] = np.nan
    judged = per_signature(scores, truth, LIGANDS, FAMILIES)
    assert judged["signature"].tolist() == ["a", "b", "c"], "d has no true receptor"
    for row, column in zip(judged.itertuples(), range(3), strict=True):
        filled = np.where(np.isnan(scores[:, column]), -99, scores[:, column])
        assert row.auroc == pytest.approx(roc_auc_score(truth[:, column], filled))
        order = np.argsort(-filled)
        assert row.best_rank == 1 + np.flatnonzero(truth[order, column])[0]
    ligands = per_ligand(judged)
    assert ligands.loc["IFNB1", "auroc"] == pytest.approx(judged["auroc"][:2].mean())
    row = summary_row("s", "d", "receptor", judged, 500, 0)
    assert row["auroc"] == pytest.approx(ligands["auroc"].mean())
    assert row["n"] == 2
    assert row["low"] <= row["auroc"] <= row["high"]
    assert difference_row(("s", "s"), "d", "receptor", (judged, judged), 500, 0)["high"] == 0


def test_families_are_drawn_as_a_whole():
    draws = family_draws(pd.Series(["x", "x", "y"]), 400, 0)
    assert (draws[:, 0] == draws[:, 1]).all()
    assert (draws[:, 0] + draws[:, 2] == 2).all()
    assert abs(draws[:, 0].mean() - 1) < 0.1
    single = per_signature(np.eye(3)[:, :1], np.eye(3, dtype=bool)[:, :1], LIGANDS[:1], FAMILIES[:1])
    assert np.isnan(summary_row("s", "d", "receptor", single, 500, 0)["low"]), "one family has no interval"


def test_the_family_tested_is_never_looked_at():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(12, 4))
    before = specific_scores(scores, FAMILIES), one_ranking(scores, FAMILIES)
    changed = scores.copy()
    changed[:, 1] = rng.normal(size=12)  # of the family of the first
    after = specific_scores(changed, FAMILIES), one_ranking(changed, FAMILIES)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one[:, 0], other[:, 0])
        assert not np.allclose(one[:, 2], other[:, 2])
    within = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    others = within[:, 2:]
    np.testing.assert_allclose(before[0][:, 0], (within[:, 0] - others.mean(axis=1)) / others.std(axis=1))


def test_three_forms_of_tables_are_read():
    wide = pd.DataFrame({"gene": ["STAT1", "MX1"], "IFN1": ["1.5", "2"], "mine": ["0.1", ""], "NO": ["1", "1"]})
    key = pd.DataFrame({"signature": ["mine"], "ligand": ["TNF"], "family": [""]})
    long = pd.DataFrame(
        [("r1", "receptor:NOTCH1", "HES1", "1"), ("r1", "receptor:NOTCH1", "MYC", "1"),
         ("r1", "receptor:NOTCH1", "MYC", "-1"), ("r2", "NEW1", "MYC", "-1")],
        columns=["signature", "ligand", "gene", "direction"],
    )  # fmt: skip
    found = {e.name: e for e in read_experiments({"cyto_x.csv": wide, "key.csv": key, "msigdb_y.parquet": long})}
    assert list(found["cyto"].effects) == ["IFN1", "mine"]
    assert found["cyto"].ligands["IFN1"] == "IFNA1,IFNA2,IFNB1"
    assert found["cyto"].families.to_dict() == {"IFN1": "interferon", "mine": "TNF"}
    assert not found["cyto"].complete
    assert found["msigdb"].effects.loc["HES1", "r1"] == 1
    assert "MYC" not in found["msigdb"].effects["r1"].dropna().index, "said to rise and to fall"
    assert found["msigdb"].families.to_dict() == {"r1": "NOTCH1", "r2": "NEW1"}
    network = pd.DataFrame({"source": ["IFNB1"], "target": ["IFNAR1"], "kind": ["ligand_receptor"]})
    truth = found["msigdb"].truth(network, ["IFNAR1", "NOTCH1"])
    assert truth.tolist() == [[False, False], [True, False]]
    with pytest.raises(PathloreError, match="signature and ligand"):
        read_experiments({"x.csv": wide[["gene", "NO"]]})


def test_the_meter_tells_a_network_from_its_rewiring():
    network, experiments = toy_world()
    quality = network_quality(network, [], [experiments])
    table = quality.table.set_index("scorer")
    assert table.loc["network", "auroc"] == 1.0
    assert table.loc["gain", "low"] > 0.1
    assert quality.sentence.startswith("this network finds the receptors of 6 ligand(s) with AUROC 1.00")
    strangers = Experiments("toy", experiments.effects, experiments.ligands + "X", experiments.families)
    assert "no ligand of the experiments" in network_quality(network, [], [strangers]).sentence
