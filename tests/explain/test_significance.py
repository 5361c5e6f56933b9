import numpy as np
import pandas as pd
import pytest

from pathlore.explain.significance import adjusted, spearman


def test_benjamini_hochberg_by_hand_without_what_was_not_tested():
    p = np.array([0.01, np.nan, 0.04, 0.03, 0.5])
    q = adjusted(p)
    np.testing.assert_allclose(q[[0, 2, 3, 4]], [0.04, 0.16 / 3, 0.16 / 3, 0.5])
    assert np.isnan(q[1])
    assert np.isnan(adjusted(np.full(3, np.nan))).all()


def test_spearman_needs_two_that_vary():
    a = pd.Series([1.0, 2.0, 30.0])
    assert spearman(a, pd.Series([1.0, 5.0, 6.0])) == pytest.approx(1)
    assert np.isnan(spearman(a, pd.Series([1.0, 1.0, 1.0])))
    assert np.isnan(spearman(a.head(1), a.head(1)))
