import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from pathlore.schemas import Metrics
from pathlore.training.metrics import auroc, classification_metrics, metrics_table

LABELS = np.array([0, 0, 0, 1, 1])
CASE = np.array([0.1, 0.6, 0.4, 0.9, 0.3])
"""Predicted 0 1 0 1 0: two true negatives, a false positive, a true positive, a false negative."""


def both(case):
    return np.column_stack([1 - case, case])


def test_two_classes_by_hand():
    metrics = classification_metrics(LABELS, both(CASE), ["control", "case"])
    precision_at_hits = [1 / 1, 2 / 4]  # 0.9 is a case; behind it 0.6 and 0.4 are not; 0.3 is one
    assert metrics == pytest.approx(
        {
            "accuracy": 3 / 5,
            "balanced_accuracy": (2 / 3 + 1 / 2) / 2,
            "auroc": 4 / 6,  # of six pairs, 0.9 wins three and 0.3 one
            "auprc": np.mean(precision_at_hits),
            "mcc": (1 * 2 - 1 * 1) / np.sqrt(2 * 2 * 3 * 3),
            "f1_control": 2 * 2 / (2 * 2 + 1 + 1),
            "f1_case": 2 * 1 / (2 * 1 + 1 + 1),
        }
    )


def test_a_perfect_and_a_reversed_answer():
    for case, value in ((LABELS, 1.0), (1 - LABELS, 0.0)):
        metrics = classification_metrics(LABELS, both(case.astype(float)), ["a", "b"])
        assert [metrics[name] for name in ("accuracy", "balanced_accuracy", "auroc", "f1_a", "f1_b")] == [value] * 5
        assert metrics["mcc"] == 2 * value - 1


def test_a_constant_answer_is_worth_nothing_whatever_its_accuracy():
    labels = np.array([0] * 12 + [1] * 88)
    metrics = classification_metrics(labels, np.tile([0.12, 0.88], (100, 1)), ["healthy", "disease"])
    assert metrics["accuracy"] == 0.88
    assert metrics["f1_disease"] == pytest.approx(2 * 0.88 / 1.88)  # 0.94
    assert (metrics["balanced_accuracy"], metrics["auroc"], metrics["mcc"], metrics["f1_healthy"]) == (0.5, 0.5, 0, 0)
    assert metrics["auprc"] == pytest.approx(0.88)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=2, max_size=30))
def test_f1_never_exceeds_what_the_accuracy_allows(rows):
    """F1 <= 2a / (1 + a): the published pair 0.882 and 0.95 cannot come from one set of predictions."""
    labels, case = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        metrics = classification_metrics(labels, both(case), ["a", "b"])
    bound = 2 * metrics["accuracy"] / (1 + metrics["accuracy"])
    assert max(metrics["f1_a"], metrics["f1_b"]) <= bound + 1e-12
    assert 2 * 0.882 / 1.882 < 0.95


def test_three_classes_by_hand():
    labels = np.array([0, 0, 1, 1, 2, 2])
    probabilities = np.array(
        [[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8], [0.5, 0.1, 0.4]]
    )
    metrics = classification_metrics(labels, probabilities, ["a", "b", "c"])
    assert metrics["accuracy"] == pytest.approx(4 / 6)  # predicted 0 1 1 1 2 0
    areas = [7 / 8, 7 / 8, 1.0]  # of eight pairs each: 0.3 of a loses to 0.5; 0.5 of b loses to 0.6
    assert metrics["auroc"] == pytest.approx(np.mean(areas))
    assert auroc(labels, probabilities) == pytest.approx(np.mean(areas))
    assert metrics["f1_a"] == pytest.approx(1 / 2)
    assert metrics["f1_b"] == pytest.approx(4 / 5)
    assert metrics["f1_c"] == pytest.approx(2 / 3)
    assert metrics["balanced_accuracy"] == pytest.approx((1 / 2 + 1 + 1 / 2) / 3)


def test_one_class_has_no_area():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        metrics = classification_metrics(np.array([1, 1]), both(np.array([0.9, 0.2])), ["a", "b"])
    assert np.isnan(metrics["auroc"])
    assert np.isnan(metrics["auprc"])
    assert metrics["accuracy"] == metrics["balanced_accuracy"] == 0.5


def predictions(donors):
    rows = [("c1", 0, 0.1), ("c2", 0, 0.8), ("c3", 1, 0.7), ("c4", 1, 0.3), ("c5", 1, 0.6)]
    table = pd.DataFrame(rows, columns=["cell", "label", "probability_of_case"])
    table["donor"] = donors
    table["probability_of_control"] = 1 - table["probability_of_case"]
    parts = [table.assign(split=split, method=m) for split in ("validation", "test") for m in ("one", "two")]
    return pd.concat(parts, ignore_index=True)


def test_cells_and_donors():
    table = metrics_table(predictions(["d1", "d1", "d2", "d2", "d3"]), ["control", "case"], "T cells", set())
    Metrics.validate(table)
    assert set(table["population"]) == {"T cells"}
    assert len(table) == 2 * 2 * 2 * 7
    assert not table.duplicated(["level", "split", "method", "metric"]).any()
    values = table[(table["split"] == "test") & (table["method"] == "two")].set_index(["level", "metric"])
    assert values.loc[("cell", "accuracy"), "value"] == pytest.approx(3 / 5)
    assert values.loc[("cell", "accuracy"), "n"] == 5
    # means per donor: d1 0.45 (control), d2 0.5 (case: a tie is called control), d3 0.6 (case)
    assert values.loc[("donor", "accuracy"), "value"] == pytest.approx(2 / 3)
    assert values.loc[("donor", "auroc"), "value"] == 1.0
    assert values.loc[("donor", "accuracy"), "n"] == 3


def test_a_paired_donor_counts_once_for_each_of_its_classes():
    table = metrics_table(predictions(["d1", "d2", "d1", "d2", "d2"]), ["control", "case"], "pooled", set())
    donors = table[(table["level"] == "donor") & (table["split"] == "test") & (table["method"] == "one")]
    assert set(donors["n"]) == {4}
    # d1: 0.1 control, 0.7 case; d2: 0.8 control, 0.45 case
    assert donors.set_index("metric").loc["accuracy", "value"] == pytest.approx(2 / 4)


@pytest.mark.parametrize("donors", [None, ["d1", "d1", "d2", None, None]])
def test_unknown_donors_are_left_out(donors):
    table = metrics_table(predictions(donors), ["control", "case"], "pooled", set())
    levels = table.groupby("level")["n"].first().to_dict()
    assert levels == ({"cell": 5} if donors is None else {"cell": 5, "donor": 2})


def test_donors_with_training_cells_have_no_donor_level() -> None:
    table = predictions(["d1", "d2", "d1", "d2", "d2"])
    assert set(metrics_table(table, ["control", "case"], "pooled", {"d3"})["level"]) == {"cell", "donor"}
    assert set(metrics_table(table, ["control", "case"], "pooled", {"d2"})["level"]) == {"cell"}


@pytest.mark.parametrize("classes", [2, 3])
def test_auroc_is_that_of_scikit_learn(classes):
    rng = np.random.default_rng(classes)
    labels, scores = rng.integers(0, classes, 200), 0.1 + rng.random((200, classes)).round(1)  # many ties
    probabilities = scores / scores.sum(axis=1, keepdims=True)
    right = (
        roc_auc_score(labels, probabilities[:, 1])
        if classes == 2
        else roc_auc_score(labels, probabilities, multi_class="ovr")
    )
    assert auroc(labels, probabilities) == pytest.approx(right, abs=1e-12)
    assert np.isnan(auroc(np.zeros(3, int), probabilities[:3]))
