import numpy as np
import pandas as pd
import pytest
import torch
from blocks import base
from scipy import sparse
from scipy.stats import spearmanr

from pathlore.config import ModelConfig
from pathlore.explain.integrated_gradients import gene_attributions, gradient_agreement
from pathlore.model import TextNumericGraphTransformer, graph_tensors
from pathlore.training.data import CellSet
from pathlore.training.trained_model import TrainedModel


@pytest.fixture(params=[2, 3], ids=["two classes", "three classes"])
def classes(request):
    return request.param


@pytest.fixture
def model(small_graph, gene_vectors, path_vectors, classes):
    torch.manual_seed(0)
    small = {
        "width": 8,
        "heads": 2,
        "aggregation_heads": 2,
        "feed_forward": 8,
        "expander": 4,
        "dropout": 0.2,
    }
    config = ModelConfig.model_validate(base("modeling", "model", importance_start=0.5, **small))
    module = TextNumericGraphTransformer(config, graph_tensors(small_graph, gene_vectors, path_vectors), classes)
    x = torch.from_numpy(np.random.default_rng(7).gamma(1.0, 0.7, (60, len(small_graph.genes))).astype(np.float32))
    module.activity.fit([(module.path_activity(x), torch.arange(60) % classes)])
    state = module.state_dict()
    names = ["healthy", "ill", "worse"][:classes]
    return TrainedModel(config, names, small_graph.genes, list(small_graph.paths["path"]), 1, state)


@pytest.fixture
def data(small_graph, classes):
    def cells(n, seed):
        rng = np.random.default_rng(seed)
        x = sparse.csr_matrix(rng.gamma(1.0, 0.7, (n, len(small_graph.genes))), dtype=np.float32)
        return CellSet(x, (np.arange(n) % classes).astype(np.int64), [f"c{i}" for i in range(n)], [None] * n)

    return {"train": cells(50, 0), "test": cells(12, 1)}


def test_attributions_add_up_to_the_difference_of_the_evidence(model, data):
    module, test = model.module(), data["test"]
    baseline = np.asarray(data["train"].x.mean(axis=0)).ravel()
    parts, gap = gene_attributions(module, test.x, test.labels, baseline, 24)
    with torch.no_grad():
        ends = module(torch.from_numpy(test.x.toarray())).double().numpy()
        start = module(torch.from_numpy(baseline[None].astype(np.float32))).double().numpy()
    moved = ends - start
    rows = np.arange(len(test))
    own = moved[rows, test.labels]
    rest = (moved.sum(axis=1) - own) / (moved.shape[1] - 1)
    assert np.abs(own - rest).mean() > 0.05
    np.testing.assert_allclose(parts.sum(axis=1) + gap, own - rest, atol=1e-5)
    assert np.abs(gap).max() < 0.02 * np.abs(own - rest).max()


def test_more_steps_close_the_gap(model, data):
    test, baseline = data["test"], np.zeros(data["test"].x.shape[1])
    gaps = [np.abs(gene_attributions(model.module(), test.x, test.labels, baseline, s)[1]).mean() for s in (1, 64)]
    assert gaps[1] < 0.5 * gaps[0]


def test_agreement_by_hand(model, data, small_graph):
    importance = pd.DataFrame({"path": small_graph.paths["path"], "importance": np.linspace(0.9, 0.1, 7)})
    metrics = gradient_agreement(model, small_graph, data["test"], importance, steps=16)
    baseline = small_graph.entities["mean"].to_numpy()
    parts, _ = gene_attributions(model.module(), data["test"].x, data["test"].labels, baseline, 16)
    sums = [sum(i for p, i in importance.itertuples(index=False) if g in p.split(">")) for g in small_graph.genes]
    assert metrics["spearman"] == pytest.approx(spearmanr(sums, np.abs(parts).mean(axis=0)).statistic)
    assert 0 <= metrics["top_10_overlap"] <= 1
    assert metrics["completeness_gap"] < 0.05
    assert (metrics["n_cells"], metrics["n_genes"], metrics["steps"]) == (12, 14, 16)


def test_a_part_of_the_cells_is_drawn(model, data, small_graph):
    importance = pd.DataFrame({"path": small_graph.paths["path"], "importance": np.linspace(0.9, 0.1, 7)})
    metrics = gradient_agreement(model, small_graph, data["test"], importance, steps=2, max_cells=5)
    assert metrics["n_cells"] == 5
    assert metrics == gradient_agreement(model, small_graph, data["test"], importance, steps=2, max_cells=5)


def test_without_test_cells_there_is_no_figure(model, data, small_graph):
    test = data["test"]
    none = CellSet(test.x[:0], test.labels[:0], [], [])
    importance = pd.DataFrame({"path": small_graph.paths["path"], "importance": 0.5})
    metrics = gradient_agreement(model, small_graph, none, importance)
    assert np.isnan(metrics["spearman"])
    assert metrics["n_cells"] == 0
