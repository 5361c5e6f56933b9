import logging

import numpy as np
import pytest
from scipy import sparse

from pathlore.errors import PathloreError
from pathlore.expression.scale import expression_scale, resolve_scale


def csr(values):
    return sparse.csr_matrix(np.asarray(values, dtype=np.float32))


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([[0, 1], [5, 40]], "counts"),
        ([[0, 1.5], [2.25, 4]], "log"),
        ([[0, 29.9]], "log"),
        ([[0.5, 250.0]], "normalised"),
    ],
)
def test_verdicts(values, verdict):
    assert expression_scale(csr(values)) == verdict


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[np.nan, 1]], "1 of 2 values are NaN or infinite"),
        ([[np.inf, 1]], "NaN or infinite"),
        ([[-1.5, 1]], r"1 of 2 values are negative.*scaled.*`ingestion.cells.layer`, e.g. to raw"),
        ([[0, 0]], "no value above zero"),
        (np.sqrt(np.random.default_rng(0).poisson(2, (30, 60))), "square roots of counts.*`ingestion.cells.layer`"),
        (np.sqrt(np.random.default_rng(0).poisson(2, (30, 60)) * 1.7), "square roots of counts"),
    ],
)
def test_values_that_cannot_be_expression(values, message):
    with pytest.raises(PathloreError, match=message):
        expression_scale(csr(values))


def test_parameter_wins_with_a_warning(caplog):
    assert resolve_scale(csr([[0, 1.5]]), "counts") == "counts"
    assert "look like 'log' but are used as 'counts'" in caplog.text


@pytest.mark.parametrize("wanted", ["auto", "counts"])
def test_agreement_is_silent(caplog, wanted):
    with caplog.at_level(logging.WARNING):
        assert resolve_scale(csr([[0, 1]]), wanted) == "counts"
    assert not [record for record in caplog.records if record.levelname != "INFO"]


def test_expected_counts_are_suspected(caplog):
    assert resolve_scale(csr([[10.5, 20], [100.5, 2000], [11, 19]]), "auto") == "normalised"
    assert "`ingestion.quality.scale: counts`" in caplog.text
