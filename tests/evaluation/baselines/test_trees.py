import numpy as np
import pytest

from pathlore.evaluation.baselines.trees import BINS, LEAVES, ROUNDS, binned, gradient_boosting
from pathlore.keys import Split


def test_bins_keep_the_order_of_values(case):
    bins = binned(case.data)
    for split, cells in case.data.items():
        x = cells.x.toarray()
        assert bins[split].shape == x.shape
        assert bins[split].max() < BINS
        for values, found in zip(x.T, bins[split].T, strict=True):
            assert (np.diff(found[np.argsort(values, kind="stable")]) >= 0).all()


def test_bins_come_from_the_training_cells(case, other_test_cells):
    np.testing.assert_array_equal(binned(case.data)[Split.VALIDATION], binned(other_test_cells.data)[Split.VALIDATION])
    inside = np.median(case.data[Split.TRAIN].x.toarray(), axis=0)
    assert (inside > 0).any(), "the test needs genes that vary"
    per_gene = [len(np.unique(column)) for column in binned(case.data)[Split.TRAIN].T]
    assert max(per_gene) > BINS // 2


def test_settings_are_chosen_within_their_bounds(case):
    notes = gradient_boosting(case, 0).notes
    assert notes["leaves"] in LEAVES
    assert 1 <= notes["rounds"] <= ROUNDS


def test_the_rounds_are_those_of_the_best_score(case, monkeypatch):
    """A fit that is stopped where the best round lies predicts the same."""
    fitted = gradient_boosting(case, 0)
    monkeypatch.setattr("pathlore.evaluation.baselines.trees.ROUNDS", int(fitted.notes["rounds"]))
    monkeypatch.setattr("pathlore.evaluation.baselines.trees.LEAVES", (int(fitted.notes["leaves"]),))
    again = gradient_boosting(case, 0)
    np.testing.assert_array_equal(fitted.probabilities[Split.TEST], again.probabilities[Split.TEST])
    assert fitted.notes["rounds"] == pytest.approx(again.notes["rounds"])
