"""Probabilities that mean what they say: of the cells called 0.8, about eight in ten are of that class."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from pathlore.scoring.facts import Calibration

BINS = 15
"""Of the expected calibration error."""

LOG_TEMPERATURE = (-3.0, 3.0)
"""Bounds of log T: beyond them a model says nothing, or validation cells are told apart without a fault."""

LARGEST_BIAS = 5.0


def fit_calibration(
    logits: np.ndarray, labels: np.ndarray, kind: str, *, donors: int | None, donors_trained: bool
) -> Calibration:
    r"""Fit T, and perhaps a bias per class, by the log loss of validation cells.

    .. math:: \min_{T, b} -\frac{1}{n} \sum_i \log \mathrm{softmax}(\ell_i / T + b)_{y_i}, \qquad b_0 = 0

    With the temperature alone the called class stays what it was. The bias also moves the probabilities to the share of
    each class among the validation cells, which a new cohort need not have.

    Parameters
    ----------
    logits, labels
        (n, C) and (n,) of the validation cells.
    kind
        ``temperature``, ``temperature_and_bias`` or ``none``.
    donors
        How many donors the validation cells are of; None: not known.
    donors_trained
        Whether a validation donor, or an unknown one, has training cells too.

    Returns
    -------
    Without errors, see `with_errors`. T = 1 and b = 0 with a note that says why, where there is nothing to fit on.

    Source: Guo et al. 2017 (arXiv 1706.04599).
    """
    classes = logits.shape[1]
    reason = _why_not(labels, classes, kind)
    temperature, bias = (1.0, np.zeros(classes)) if reason else _fit(logits, labels, kind)
    whose = "their donors, or unknown ones, are in the training set too, so that it may not hold for new donors"
    note = f"fitted on validation cells; {whose if donors_trained else 'none of their donors trained the model'}"
    if not reason and np.log(temperature) > LOG_TEMPERATURE[1] - 0.01:
        note += "; at its upper bound: predictions on these cells are uninformative or reversed"
    return Calibration(
        temperature=temperature,
        bias=[float(b) for b in bias],
        note=f"none: {reason}" if reason else note,
        n_cells=0 if reason else len(labels),
        n_donors=None if reason else donors,
        error_before=None,
        error_after=None,
    )


def with_errors(calibration: Calibration, logits: np.ndarray, labels: np.ndarray) -> Calibration:
    """Add the expected calibration error on test cells, before and after; logits (n, C), labels (n,)."""
    if not len(labels):
        return calibration
    before, after = softmax(logits, axis=1), calibrated(logits, calibration)
    errors = {"error_before": calibration_error(before, labels), "error_after": calibration_error(after, labels)}
    return calibration.model_copy(update=errors)


def calibrated(logits: np.ndarray, calibration: Calibration) -> np.ndarray:
    """Calibrated probabilities; (n, C) -> (n, C)."""
    return softmax(logits / calibration.temperature + np.asarray(calibration.bias), axis=1)


def calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    r"""Expected calibration error of the case's probability; with more than two classes the mean over classes.

    .. math:: \sum_b \frac{n_b}{n} \left| \bar p_b - f_b \right|

    The cells are sorted into bins of equal width by the probability of the class; :math:`\bar p_b` is its mean and
    :math:`f_b` the fraction of the bin's cells that are of the class.

    Examples
    --------
    >>> calibration_error(np.array([[0.2, 0.8]] * 10), np.array([1] * 8 + [0] * 2)) < 1e-9
    True
    """
    classes = [1] if probabilities.shape[1] == 2 else range(probabilities.shape[1])
    errors = []
    for label in classes:
        share = probabilities[:, label]
        bins = np.minimum((share * BINS).astype(int), BINS - 1)
        errors.append(np.abs(np.bincount(bins, (labels == label) - share, minlength=BINS)).sum() / len(labels))
    return float(np.mean(errors))


def _why_not(labels: np.ndarray, classes: int, kind: str) -> str:
    if kind == "none":
        return "`scoring.bundle.calibration` is none"
    if not len(labels):
        return "there are no validation cells"
    present = len(np.unique(labels))
    return "" if present == classes else f"the validation cells are of {present} of {classes} classes"


def _fit(logits: np.ndarray, labels: np.ndarray, kind: str) -> tuple[float, np.ndarray]:
    classes, rows = logits.shape[1], np.arange(len(labels))
    free = classes - 1 if kind == "temperature_and_bias" else 0

    def loss(values: np.ndarray) -> float:
        bias = np.concatenate([[0.0], values[1:], np.zeros(classes - 1 - free)])
        return float(-log_softmax(logits / np.exp(values[0]) + bias, axis=1)[rows, labels].mean())

    bounds = [LOG_TEMPERATURE, *[(-LARGEST_BIAS, LARGEST_BIAS)] * free]
    found = minimize(loss, np.zeros(1 + free), method="L-BFGS-B", bounds=bounds)
    bias = np.concatenate([[0.0], found.x[1:], np.zeros(classes - 1 - free)])
    return float(np.exp(found.x[0])), bias
