import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from pathlore.report import with_intervals
from pathlore.report.intervals import _aurocs
from pathlore.training.metrics import metrics_table


def predictions(donors, shift, seed=0, cells=60):
    """Cells of donors, one class each, ``donors`` of each class; None: donors are not known."""
    rng = np.random.default_rng(seed)
    rows = []
    for label in (0, 1):
        for donor in range(donors or 1):
            chance = 1 / (1 + np.exp(-rng.normal(shift * (label - 0.5), 1, cells)))
            name = f"d{label}{donor}" if donors else None
            rows += [
                (f"c{label}{donor}{place}", name, "test", method, label, int(p > 0.5), 1 - p, p)
                for place, p in enumerate(chance)
                for method in ("pathlore", "majority")
            ]
    columns = ["cell", "donor", "split", "method", "label", "predicted", "probability_of_a", "probability_of_b"]
    return pd.DataFrame(rows, columns=columns)


def judged(own):
    metrics = metrics_table(own, ["a", "b"], "T cells", [])
    table = with_intervals(metrics, {"T cells": own})
    pd.testing.assert_frame_equal(table.drop(columns=["low", "high"]), metrics.reset_index(drop=True))
    return table[table["metric"] == "auroc"].set_index(["level", "method"])


def test_over_donors_at_both_levels():
    table = judged(predictions(6, 2.0))
    for level in ("cell", "donor"):
        row = table.loc[level, "pathlore"]
        assert row["low"] <= row["value"] <= row["high"]
    assert table.loc[("cell", "pathlore"), "low"] > 0.5


def test_over_cells_where_donors_are_not_known():
    signal, nothing = judged(predictions(None, 1.0)), judged(predictions(None, 0.0))
    assert 0.5 < signal.loc[("cell", "pathlore"), "low"] < signal.loc[("cell", "pathlore"), "value"]
    assert nothing.loc[("cell", "pathlore"), "low"] < 0.5 < nothing.loc[("cell", "pathlore"), "high"]


def test_a_sample_of_many_cells_has_cells_of_each_class(monkeypatch):
    own = predictions(None, 1.0, cells=400)
    rare = own[(own["label"] == 0) | own["cell"].isin(["c10101", "c10257"])].sort_values("probability_of_b")
    monkeypatch.setattr("pathlore.report.intervals.MOST_CELLS", 40)
    assert judged(rare).loc["cell"].notna().all(axis=None)


def test_too_few_donors_have_none():
    assert judged(predictions(2, 2.0))[["low", "high"]].isna().all(axis=None)


def test_other_metrics_have_none():
    own = predictions(6, 2.0)
    table = with_intervals(metrics_table(own, ["a", "b"], "T cells", []), {"T cells": own})
    assert table.loc[table["metric"] != "auroc", "low"].isna().all()


def test_the_same_seed_gives_the_same_interval():
    own = predictions(6, 1.0)
    pd.testing.assert_frame_equal(judged(own), judged(own))
    assert judged(own).loc[("cell", "pathlore"), "low"] == pytest.approx(judged(own).loc[("cell", "pathlore"), "low"])


@pytest.mark.parametrize("classes", [2, 3])
def test_resampled_aurocs_are_those_of_scikit_learn(classes):
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.arange(90) % classes)
    scores = rng.integers(0, 12, 90) / 11  # many ties
    members = [np.flatnonzero(labels == c) for c in range(classes)]
    drawn = [[rng.choice(own, len(own)) for own in members] for _ in range(20)]
    cells = [np.concatenate(draw) for draw in drawn]
    expected = [roc_auc_score(labels[own] == 1, scores[own]) for own in cells]
    np.testing.assert_allclose(_aurocs(scores, drawn, 1), expected, rtol=1e-12)
