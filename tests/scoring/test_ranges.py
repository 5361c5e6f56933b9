import numpy as np
import pytest
from scipy import sparse

from pathlore.scoring.familiarity import Spread, outside, spread, training_range


@pytest.fixture
def training():
    x = np.random.default_rng(0).gamma(2.0, 1.0, (500, 12)) * np.random.default_rng(1).integers(0, 2, (500, 12))
    x[:, 5] = 1.0  # does not vary
    return sparse.csr_matrix(x, dtype=np.float32)


def moments(x):
    dense = x.toarray().astype(np.float64)
    return dense.mean(axis=0), dense.std(axis=0)


def test_the_mean_over_the_training_cells_is_one(training):
    found = spread(training, *moments(training))
    assert found.mean_squared_z.mean() == pytest.approx(1.0)
    np.testing.assert_allclose(found.fraction_expressed, (training.toarray() > 0).mean(axis=1))


def test_genes_that_were_not_measured_do_not_count(training):
    measured = np.arange(12) < 7
    mean, sd = moments(training)
    found = spread(training, mean, sd, measured)
    z = (training.toarray()[:, :7] - mean[:7])[:, sd[:7] > 0] / sd[:7][sd[:7] > 0]
    np.testing.assert_allclose(found.mean_squared_z, (z**2).mean(axis=1), rtol=1e-5)


def test_the_limits_are_quantiles_of_training(training):
    own = spread(training, *moments(training))
    limits = training_range(own, own, 0.98)
    assert (own.mean_squared_z > limits.mean_squared_z).mean() == pytest.approx(0.02, abs=0.003)
    assert limits.test_share == pytest.approx(outside(own, limits).mean())
    assert limits.test_share < 0.07


def test_what_lies_outside(training):
    own = spread(training, *moments(training))
    limits = training_range(own, Spread(np.zeros(0), np.zeros(0)), 0.99)
    assert limits.test_share is None
    typical = float(np.median(own.fraction_expressed))
    cells = Spread(np.array([1.0, 1e6, 1.0, 1.0]), np.array([typical, typical, -0.1, 1.1]))
    np.testing.assert_array_equal(outside(cells, limits), [False, True, True, True])


def test_no_cells(training):
    assert len(spread(training[:0], *moments(training)).mean_squared_z) == 0
