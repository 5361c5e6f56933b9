import numpy as np
import pytest
from scipy.special import softmax

from pathlore.scoring.calibration import calibrated, calibration_error, fit_calibration, with_errors

ALONE = {"donors": 3, "donors_trained": False}


def world(n, sharpness=1.0, shift=0.0, classes=2, seed=0):
    """Labels drawn by the probabilities of some logits, and these logits as an overconfident model has them."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (n, classes))
    true = logits.copy()
    true[:, -1] += shift
    probabilities = softmax(true, axis=1)
    labels = np.array([rng.choice(classes, p=p) for p in probabilities])
    return sharpness * logits, labels


@pytest.mark.parametrize("classes", [2, 3])
def test_a_known_temperature_is_found(classes):
    logits, labels = world(4000, sharpness=3.0, classes=classes)
    found = fit_calibration(logits, labels, "temperature", **ALONE)
    assert found.temperature == pytest.approx(3.0, rel=0.12)
    assert found.bias == [0.0] * classes
    assert (found.n_cells, found.n_donors) == (4000, 3)
    fresh = world(4000, sharpness=3.0, classes=classes, seed=1)
    judged = with_errors(found, *fresh)
    assert judged.error_before > 0.08
    assert judged.error_after < 0.03


def test_temperature_leaves_the_called_class():
    logits, labels = world(500, sharpness=2.0, shift=1.5)
    found = fit_calibration(logits, labels, "temperature", **ALONE)
    np.testing.assert_array_equal(calibrated(logits, found).argmax(axis=1), logits.argmax(axis=1))


def test_a_known_shift_is_found_only_where_it_is_asked_for():
    logits, labels = world(6000, shift=1.0)
    plain = fit_calibration(logits, labels, "temperature", **ALONE)
    moved = fit_calibration(logits, labels, "temperature_and_bias", **ALONE)
    assert plain.bias == [0.0, 0.0]
    assert moved.bias[1] == pytest.approx(1.0, abs=0.15)
    fresh = world(4000, shift=1.0, seed=2)
    assert with_errors(moved, *fresh).error_after < with_errors(plain, *fresh).error_after


@pytest.mark.parametrize(
    ("labels", "kind", "said"),
    [
        ([], "temperature", "no validation cells"),
        ([1, 1, 1], "temperature", "of 1 of 2 classes"),
        ([0, 1, 0], "none", "scoring.bundle.calibration"),
    ],
)
def test_where_nothing_can_be_fitted_nothing_is_changed_and_it_says_why(labels, kind, said):
    logits = np.array([[0.0, 2.0], [1.0, 0.0], [0.0, 0.5]])[: len(labels)]
    found = fit_calibration(logits, np.array(labels, dtype=int), kind, **ALONE)
    assert (found.temperature, found.bias, found.n_cells, found.n_donors) == (1.0, [0.0, 0.0], 0, None)
    assert said in found.note
    assert found.note.startswith("none: ")
    np.testing.assert_allclose(calibrated(logits, found), softmax(logits, axis=1))


def test_validation_cells_without_a_fault_give_a_finite_temperature():
    logits = np.array([[3.0, -3.0], [-3.0, 3.0]] * 20)
    found = fit_calibration(logits, np.array([0, 1] * 20), "temperature", **ALONE)
    assert 0.04 < found.temperature < 1


def test_a_model_that_is_wrong_is_told():
    logits, labels = world(500)
    found = fit_calibration(logits, 1 - labels, "temperature", **ALONE)
    assert found.temperature > 19
    assert "reversed" in found.note


def test_shared_donors_are_told():
    found = fit_calibration(*world(100), "temperature", donors=None, donors_trained=True)
    assert "are in the training set too" in found.note


def test_the_error_is_the_gap_between_probability_and_fraction():
    probabilities = np.array([[0.1, 0.9]] * 10 + [[0.7, 0.3]] * 10)
    labels = np.array([1] * 5 + [0] * 5 + [0] * 7 + [1] * 3)
    assert calibration_error(probabilities, labels) == pytest.approx((10 * 0.4 + 10 * 0.0) / 20)
    three = np.array([[0.5, 0.3, 0.2]] * 10)
    assert calibration_error(three, np.array([0] * 5 + [1] * 3 + [2] * 2)) == pytest.approx(0)
    assert calibration_error(three, np.zeros(10, int)) == pytest.approx((0.5 + 0.3 + 0.2) / 3)


def test_without_test_cells_no_error():
    found = fit_calibration(*world(100), "temperature", **ALONE)
    assert with_errors(found, np.zeros((0, 2)), np.zeros(0, int)) == found
