import logging
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_fits import model_config, training_config

from pathlore.config import BaselineConfig
from pathlore.keys import Method
from pathlore.schemas import Metrics, Predictions
from pathlore.training import baselines
from pathlore.training.baselines import logistic_regression, majority
from pathlore.training.metrics import auroc, metrics_table
from pathlore.training.predictions import predictions
from pathlore.training.sampling import sampled
from pathlore.training.trained_model import by_branch, predict

BASELINE = BaselineConfig(strengths=[0.1, 0.001, 1.0], max_iterations=500)


@pytest.fixture
def model(run, data):
    return run(data, training_config(epochs=2), model_config())[0]


def test_one_row_per_cell_and_method(model, data):
    table = Predictions.validate(predictions(model, data, BASELINE, 10, "pooled"))
    assert set(table["method"]) == set(Method.ALL) - {"wide"}  # these cells have no genes beyond the graph's
    assert len(table) == (len(Method.ALL) - 1) * (24 + 24)
    assert set(table["split"]) == {"validation", "test"}
    assert list(table.columns[-2:]) == ["probability_of_class 0", "probability_of_class 1"]
    for (split, _), group in table.groupby(["split", "method"]):
        assert list(group["cell"]) == data[split].cells
        assert list(group["donor"]) == data[split].donors
        np.testing.assert_array_equal(group["label"], data[split].labels)
        np.testing.assert_allclose(group.iloc[:, -2:].sum(axis=1), 1, rtol=1e-6)
        np.testing.assert_array_equal(group["predicted"], group.iloc[:, -2:].to_numpy().argmax(axis=1))


def test_the_models_rows_are_its_own(model, data):
    table = predictions(model, data, BASELINE, 10, "pooled")
    test, expected = table[table["split"] == "test"], by_branch(model, data["test"], 24)
    for method, probabilities in expected.items():
        mine = test.loc[test["method"] == method, "probability_of_class 1"]
        np.testing.assert_allclose(mine, probabilities[:, 1], atol=1e-5)
    alone = test.loc[test["method"] == "paths", "probability_of_class 1"]
    paths = predict(model.module(), data["test"].x, 24)[:, 1]
    np.testing.assert_array_equal(np.argsort(np.argsort(alone)), np.argsort(np.argsort(paths)))


def test_unknown_donors_stay_unknown(model, data):
    nameless = {split: replace(cells, donors=[None] * len(cells)) for split, cells in data.items()}
    table = Predictions.validate(predictions(model, nameless, BASELINE, 10, "pooled"))
    assert table["donor"].isna().all()
    assert set(metrics_table(table, model.class_names, "pooled", set())["level"]) == {"cell"}


def test_majority_is_the_frequency_of_the_training_labels(data, three_classes):
    np.testing.assert_array_equal(majority(data, 2), [0.5, 0.5])
    train = replace(three_classes["train"], labels=np.array([0] * 36 + [1] * 12))
    np.testing.assert_array_equal(majority({"train": train}, 3), [0.75, 0.25, 0.0])


def test_logistic_regression_learns_and_takes_the_best_strength_on_validation(data):
    linear, strength = logistic_regression(data, BASELINE)
    assert auroc(data["test"].labels, linear.predict_proba(data["test"].x)) > 0.8
    areas = {}
    for candidate in BASELINE.strengths:
        one, _ = logistic_regression(data, BaselineConfig(strengths=[candidate], max_iterations=500))
        areas[candidate] = auroc(data["validation"].labels, one.predict_proba(data["validation"].x))
    assert areas[strength] == max(areas.values())
    assert strength == min(candidate for candidate, area in areas.items() if area == max(areas.values()))


def test_logistic_regression_knows_more_than_two_classes(three_classes):
    linear, _ = logistic_regression(three_classes, BASELINE)
    assert linear.predict_proba(three_classes["test"].x).shape == (24, 3)


def test_baselines_never_see_the_test_cells(data):
    rng = np.random.default_rng(0)
    other = replace(
        data["test"],
        x=sparse.csr_matrix(rng.random((24, 14), dtype=np.float32) * 99),
        labels=np.zeros(24, dtype=np.int64),
    )
    for changed in ({**data, "test": other}, {name: data[name] for name in ("train", "validation")}):
        first, strength = logistic_regression(data, BASELINE)
        second, again = logistic_regression(changed, BASELINE)
        assert strength == again
        np.testing.assert_array_equal(first[-1].coef_, second[-1].coef_)
        np.testing.assert_array_equal(first[0].mean_, second[0].mean_)
        np.testing.assert_array_equal(majority(data, 2), majority(changed, 2))


@pytest.mark.parametrize("most", [8000, 1], ids=["Newton", "L-BFGS"])
@pytest.mark.parametrize("strength", [0.001, 1.0])
def test_sparse_cells_that_are_not_centred_give_the_same_optimum(data, three_classes, monkeypatch, strength, most):
    monkeypatch.setattr("pathlore.training.baselines.MOST_COEFFICIENTS", most)
    for cells in (data, three_classes):
        linear, _ = logistic_regression(cells, BaselineConfig(strengths=[strength], max_iterations=20_000))
        exact = make_pipeline(
            StandardScaler(), LogisticRegression(C=strength, class_weight="balanced", tol=1e-10, max_iter=20_000)
        )
        x = {split: part.x.toarray().astype(np.float64) for split, part in cells.items()}
        exact.fit(x["train"], cells["train"].labels)
        found = linear.predict_proba(cells["test"].x)
        np.testing.assert_allclose(found, exact.predict_proba(x["test"]), atol=1e-4 if most > 1 else 1e-2)


def test_standardisation_is_fitted_on_training_cells_alone(data):
    linear, _ = logistic_regression(data, BASELINE)
    np.testing.assert_allclose(linear[0].mean_, np.asarray(data["train"].x.mean(axis=0))[0], rtol=1e-5)


@pytest.mark.parametrize(("bias", "name"), [(1e4, "class 1"), (-1e4, "class 0")])
def test_one_answer_for_all_cells_is_remarked_upon(model, data, caplog, bias, name):
    stubborn = replace(model, state={**model.state, "readout.bias": torch.tensor([bias])}, stack=None)
    with caplog.at_level(logging.WARNING, "pathlore"):
        predictions(stubborn, data, BASELINE, 10, "T cells")
    (record,) = [record for record in caplog.records if record.name == "pathlore.training.predictions"]
    assert f"T cells: the model calls every held-out cell '{name}'" in record.message
    assert "ingestion.quality.scale" in record.message
    caplog.clear()
    predictions(model, data, BASELINE, 10, "T cells")
    assert "calls every" not in caplog.text


def test_the_table_of_figures_shows_the_majority_baseline(model, data):
    table = metrics_table(predictions(model, data, BASELINE, 10, "pooled"), model.class_names, "pooled", set())
    Metrics.validate(table)
    assert set(table["method"]) == set(Method.ALL) - {"wide"}
    constant = table[table["method"] == "majority"].pivot_table(
        index=["level", "split"], columns="metric", values="value"
    )
    np.testing.assert_array_equal(constant["balanced_accuracy"], 0.5)
    np.testing.assert_array_equal(constant["auroc"], 0.5)
    assert pd.Series(constant["mcc"]).eq(0).all()


def test_predictions_do_not_depend_on_the_batch(model, data):
    whole = predict(model.module(), data["test"].x, 24)
    assert (whole.dtype, whole.shape) == (np.float32, (24, 2))
    np.testing.assert_allclose(predict(model.module(), data["test"].x, 1), whole, atol=1e-6)


def test_logistic_regression_of_many_cells_is_fitted_on_a_sample_even_over_donors(data, monkeypatch):
    monkeypatch.setattr(baselines, "MOST_CELLS", 40)
    train = data["train"]
    sample, fitted = sampled(train, 40), []
    fit = LogisticRegression.fit
    monkeypatch.setattr(LogisticRegression, "fit", lambda self, x, y: fitted.append((x, y)) or fit(self, x, y))
    logistic_regression(data, BASELINE)
    assert len(fitted) == 3
    for x, y in fitted:
        assert x.shape[0] == 40
        np.testing.assert_array_equal(y, sample.labels)
    assert Counter(sample.donors).most_common()[0][1] == 10
