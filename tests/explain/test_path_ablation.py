from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from blocks import base
from scipy import sparse
from scipy.stats import spearmanr
from sklearn.metrics import log_loss

from pathlore.config import ModelConfig
from pathlore.errors import PathloreError
from pathlore.explain.ablation import path_ablation, why_no_ablation
from pathlore.model import TextNumericGraphTransformer, graph_tensors
from pathlore.schemas import Ablation
from pathlore.training.data import CellSet
from pathlore.training.sampling import sampled
from pathlore.training.trained_model import TrainedModel, predict

SCORES = [0.5, -1.0, 2.0, 0.5, -3.0, 0.5, 0.0]
NAMES = ["healthy", "ill", "worse"]


def config_of(**changes):
    small = {"width": 4, "aggregation_heads": 2, "feed_forward": 4, "expander": 2, "dropout": 0.0}
    return ModelConfig.model_validate(base("modeling", "model", **small | changes))


def fitted(graph, gene_vectors, path_vectors, classes, **changes):
    """Not trained, but with no number left at its start."""
    torch.manual_seed(0)
    config = config_of(**changes)
    module = TextNumericGraphTransformer(config, graph_tensors(graph, gene_vectors, path_vectors), classes)
    state = module.state_dict()
    state["importance.logits"] = torch.tensor(SCORES)
    for name in ("readout.bias", "readout.mix", "readout.scale", "readout.standardise.running_mean"):
        if name in state:
            state[name] = state[name] + 0.3 * torch.randn(state[name].shape)
    if "readout.scale" in state:
        state["readout.scale"] = torch.tensor(6.0)
    return TrainedModel(config, NAMES[:classes], graph.genes, list(graph.paths["path"]), 1, state)


@pytest.fixture(params=[2, 3], ids=["two classes", "three classes"])
def classes(request):
    return request.param


@pytest.fixture
def cells(small_graph, classes):
    rng = np.random.default_rng(1)
    labels = np.arange(40) % classes
    x = sparse.csr_matrix(rng.gamma(1.0, 0.7, (40, len(small_graph.genes))), dtype=np.float32)
    return CellSet(x, labels.astype(np.int64), [f"c{i}" for i in range(40)], [None] * 40)


@pytest.fixture
def importance(small_graph):
    return pd.DataFrame({"path": small_graph.paths["path"], "importance": 1 / (1 + np.exp(-np.array(SCORES)))})


def loss(cells, probabilities):
    wide = probabilities.astype(float)
    return log_loss(cells.labels, wide / wide.sum(axis=1, keepdims=True))


def test_taking_a_path_away_is_giving_it_no_importance(
    small_graph, gene_vectors, path_vectors, classes, cells, importance
):
    model = fitted(small_graph, gene_vectors, path_vectors, classes)
    table, metrics = path_ablation(model, cells, importance.sample(frac=1, random_state=0))
    Ablation.validate(table)
    whole = predict(model.module(), cells.x, 16)
    before = loss(cells, whole)
    assert metrics["log_loss"] == pytest.approx(before, abs=1e-5)
    for p, path in enumerate(model.paths):
        logits = model.state["importance.logits"].clone()
        logits[p] = -torch.inf  # sigmoid 0
        ablated = replace(model, state=model.state | {"importance.logits": logits}).module()
        without = predict(ablated, cells.x, 16)
        row = table.set_index("path").loc[path]
        assert row["loss_increase"] == pytest.approx(loss(cells, without) - before, abs=2e-5)
        difference = np.log(whole.astype(float)) - np.log(without.astype(float))  # up to a number of each cell's own
        contrasts = difference[:, 1:] - difference[:, :1]
        if classes == 2:
            assert row["contribution"] == pytest.approx(np.abs(contrasts).mean() / 2, rel=1e-3, abs=1e-5)
    assert table["loss_increase"].abs().max() > 1e-3
    assert list(table["rank_ablation"]) == list(range(1, 8))
    assert table["loss_increase"].is_monotonic_decreasing
    assert metrics["spearman_importance_loss"] == pytest.approx(
        spearmanr(table["importance"], table["loss_increase"]).statistic
    )
    assert metrics["n_cells"] == 40


def test_many_cells_in_blocks_give_the_same(
    small_graph, gene_vectors, path_vectors, classes, cells, importance, monkeypatch
):
    model = fitted(small_graph, gene_vectors, path_vectors, classes)
    one, _ = path_ablation(model, cells, importance)
    monkeypatch.setattr("pathlore.explain.ablation.MOST_VALUES", 7 * classes * 3)
    several, _ = path_ablation(model, cells, importance)
    pd.testing.assert_frame_equal(one, several, rtol=1e-4, atol=1e-6)
    monkeypatch.setattr("pathlore.explain.ablation.MOST_CELLS", 24)
    part, metrics = path_ablation(model, cells, importance)
    assert metrics["n_cells"] == 24
    pd.testing.assert_frame_equal(part, path_ablation(model, sampled(cells, 24), importance)[0])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"importance": "per_cell"}, "in each cell separately"),
        ({"importance": "none"}, "weights all paths equally"),
        ({"readout": "paper", "branches": []}, "mixes the paths"),
    ],
)
def test_models_without_a_part_per_path(
    small_graph, gene_vectors, path_vectors, cells, importance, changes, reason, caplog
):
    caplog.set_level("INFO")
    model = fitted(small_graph, gene_vectors, path_vectors, 2, **changes)
    table, metrics = path_ablation(model, cells, importance)
    assert table.empty
    assert metrics == {}
    assert reason in why_no_ablation(model.config)
    assert reason in caplog.text
    assert why_no_ablation(config_of()) == ""


def test_tables_of_another_run_are_refused(small_graph, gene_vectors, path_vectors, cells, importance):
    model = fitted(small_graph, gene_vectors, path_vectors, 2)
    with pytest.raises(PathloreError, match="40 held-out cells and 6 importances"):
        path_ablation(model, cells, importance.head(6))
