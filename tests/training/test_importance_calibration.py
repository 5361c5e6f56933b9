"""Where the classes mean nothing, no path stands above one half."""

from itertools import combinations
from math import exp, log

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from scipy import sparse
from small_fits import model_config, training_config

from pathlore.config import DonorTestConfig
from pathlore.explain.donor_tests import donor_tests
from pathlore.training.calibration import calibrated, run_p
from pathlore.training.data import CellSet

PLANTED = "R2>S2>S3>T1>X1"
CELLS = 6
"""Of each donor."""


def cohort(graph, donors_per_class, size=0.0, seed=0, cases=None):
    """Cells of donors who differ anyway; in the cases the genes of one path rise by ``size``."""
    rng = np.random.default_rng(seed)
    n = 2 * donors_per_class
    inside = np.isin(np.arange(n), range(donors_per_class, n) if cases is None else cases)
    rise = np.array([size if gene in PLANTED.split(">") else 0.0 for gene in graph.genes])
    means = 1.5 + rng.normal(0, 0.3, (n, len(graph.genes))) + inside[:, None] * rise
    x = np.maximum(np.repeat(means, CELLS, axis=0) + rng.normal(0, 0.2, (n * CELLS, len(graph.genes))), 0)
    donors = [f"d{i}" for i in range(n) for _ in range(CELLS)]
    labels = np.repeat(inside.astype(np.int64), CELLS)
    return CellSet(sparse.csr_matrix(x, dtype=np.float32), labels, [str(i) for i in range(len(x))], donors)


def p_of(graph, cells):
    return run_p(cells, graph.path_nodes(), graph.path_signs())


def test_p_is_that_of_the_test_over_donors(small_graph):
    for size in (0.0, 1.5):
        cells = cohort(small_graph, 4, size)
        table = donor_tests(small_graph, {"train": cells}, ["healthy", "ill"], DonorTestConfig(min_cells=5))
        assert p_of(small_graph, cells) == pytest.approx(table["p_family"].min())
    assert p_of(small_graph, cells) == pytest.approx(1 / 35)


def test_exchanged_labels_reach_it_as_often_as_they_should(small_graph):
    """All 70 divisions of eight donors: 5 % at most have p below .05, and a p is as frequent as it says."""
    found = np.array([p_of(small_graph, cohort(small_graph, 4, cases=own)) for own in combinations(range(8), 4)])
    assert (found < 0.05).mean() <= 0.05
    for level in (0.1, 0.3):  # beyond, no path is coherent, and p is 1
        assert (found <= level).mean() == pytest.approx(level, abs=1 / 35)


def test_too_few_donors_or_none(small_graph):
    few, some = cohort(small_graph, 3, 2.0), cohort(small_graph, 4, 2.0)
    assert np.isnan(p_of(small_graph, few))  # ten divisions: no p below .1
    unknown = CellSet(some.x, some.labels, some.cells, [None] * len(some))
    assert np.isnan(p_of(small_graph, unknown))


@pytest.mark.parametrize(
    ("p", "highest"), [(0.05, 0.0), (0.1, log(0.5)), (0.9, -2.0), (0.049, 3.0), (float("nan"), 3.0)]
)
def test_the_highest_score_by_hand(p, highest):
    """M_0 = -4, and the highest score 3."""
    scores = torch.tensor([-4.0, 3.0, -5.5, 0.5])
    after, factor = calibrated(scores, -4.0, p)
    k = (highest + 4) / 7
    assert factor == pytest.approx(k)
    assert_allclose(after, [-4.0, highest, -4 - 1.5 * k, -4 + 4.5 * k], atol=1e-6)


def test_what_stands_low_already_stays(small_graph):
    low = torch.tensor([-4.0, -3.0])
    assert torch.equal(calibrated(low, -4.0, 0.5)[0], low)
    published = torch.tensor([0.2, -0.1])
    assert torch.equal(calibrated(published, 0.0, 0.5)[0], published)


@pytest.mark.parametrize(("size", "kept"), [(0.0, False), (2.0, True)])
def test_a_fit_ends_by_it(run, small_graph, size, kept, monkeypatch):
    """Order and strength are those without it; the highest importance is what p allows."""
    cells = cohort(small_graph, 4, size, seed=3)
    data = {"train": cells, "validation": cohort(small_graph, 4, size, seed=4)}
    form = model_config(branches=[], importance_start=-4.0, log_odds_weight=6.0)
    model, _ = run(data, training_config(epochs=1), form)
    monkeypatch.setattr("pathlore.training.fit.run_p", lambda *given: float("nan"))
    free, _ = run(data, training_config(epochs=1), form)
    assert free.importance.max() > 0.5
    assert np.array_equal(np.argsort(model.importance), np.argsort(free.importance))
    assert_allclose(model.strength, free.strength, rtol=1e-4, atol=1e-4)
    if kept:
        assert_allclose(model.importance, free.importance)
        assert list(small_graph.paths["path"])[model.importance.argmax()] == PLANTED
    else:
        height = max(log(0.05 / p_of(small_graph, cells)), -2.0)
        assert model.importance.max() == pytest.approx(1 / (1 + exp(-height)), rel=1e-5)
        assert model.importance.max() <= 0.5
