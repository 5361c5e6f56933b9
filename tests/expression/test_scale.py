import logging
import re

import numpy as np
import pytest
from scipy import sparse

from pathlore.errors import PathloreError
from pathlore.expression.scale import resolve_scale, sample_verdict
from pathlore.expression.structure import as_csr


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
    assert sample_verdict(csr(values)).scale == verdict


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
        sample_verdict(csr(values))


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


def whole(change):
    counts = np.random.default_rng(0).negative_binomial(0.4, 0.05, (40, 300))
    return csr(change(counts))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda counts: counts > 0, "every value is 0 or 1: whether a gene was detected, not how often"),
        (lambda counts: np.minimum(counts * 9, 255), "the greatest value is 255 and occurs .* times.* were cut off"),
        (lambda counts: np.minimum(counts * 2000, 2**16 - 1), "the greatest value is 65535 and occurs"),
        (lambda counts: counts * 40, r"the least of a cell is 40 \(median\) and not 1"),
        (lambda counts: np.rint(np.log1p(per_cell(counts))), "least of a cell is [23] "),
    ],
)
def test_whole_numbers_that_are_no_counts_are_suspected(caplog, change, said):
    assert resolve_scale(whole(change), "auto") == "counts"
    (record,) = caplog.records
    assert re.search(said, record.getMessage())


def per_cell(counts):
    return counts / counts.sum(1, keepdims=True) * 1e4


def scaled(counts):
    logs = np.log1p(per_cell(counts))
    return logs / logs.std(0)


def test_genes_that_were_scaled_without_centring_are_refused():
    with pytest.raises(PathloreError, match=r"gene has the standard deviation 1.*scaled data"):
        sample_verdict(whole(scaled))


def test_square_roots_of_values_of_any_size_are_refused():
    assert whole(lambda counts: np.sqrt(10 * per_cell(counts))).max() > 30
    with pytest.raises(PathloreError, match="square roots of counts"):
        sample_verdict(whole(lambda counts: np.sqrt(10 * per_cell(counts))))


@pytest.mark.parametrize("log", [np.log1p, lambda counts: np.log2(1 + counts)])
def test_logarithms_of_counts_that_were_never_divided_are_suspected(caplog, log):
    assert resolve_scale(whole(log), "auto") == "log"
    assert "of counts that were not divided by their sum" in caplog.text


def test_half_floats_are_read():
    assert as_csr(np.array([[0, 3], [2, 1]], dtype=np.float16), "X").toarray().tolist() == [[0, 3], [2, 1]]


def test_logarithms_are_not_suspected(caplog):
    assert resolve_scale(whole(lambda counts: np.log1p(per_cell(counts))), "auto") == "log"
    assert not caplog.records


def test_counts_are_not_suspected(caplog):
    resolve_scale(whole(lambda counts: counts), "auto")
    assert not caplog.records
