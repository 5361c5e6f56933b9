from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch_geometric.nn.models import GAT, GCN, GIN
from torch_geometric.utils import to_undirected

from pathlore.evaluation.baselines.choice import score
from pathlore.evaluation.baselines.graph_networks import GraphClassifier, gat, gcn, gin
from pathlore.evaluation.baselines.network_fit import MAX_Z, Schedule, fit_network, standardised
from pathlore.evaluation.baselines.perceptron import WEIGHT_DECAYS, perceptron
from pathlore.keys import Split

SCHEDULE = Schedule(epochs=4, patience=2, batch_size=32, learning_rate=0.01, weight_decay=0.01)


def classifier(case, convolutions=GCN):
    torch.manual_seed(0)
    edges = to_undirected(torch.from_numpy(case.graph.edge_index), num_nodes=len(case.graph.genes))
    return GraphClassifier(convolutions, edges, len(case.graph.genes), 2).eval()


@pytest.mark.parametrize("convolutions", [GCN, GAT, GIN])
def test_cells_of_a_batch_do_not_see_each_other(case, convolutions):
    module = classifier(case, convolutions)
    x = torch.randn(5, len(case.graph.genes), generator=torch.Generator().manual_seed(1))
    one_by_one = torch.cat([module(cell) for cell in x.split(1)])
    torch.testing.assert_close(module(x), one_by_one)
    assert not torch.allclose(one_by_one[0], one_by_one[1])


@pytest.mark.parametrize("convolutions", [GCN, GAT, GIN])
def test_edges_matter(case, convolutions):
    module = classifier(case, convolutions)
    x = torch.randn(2, len(case.graph.genes), generator=torch.Generator().manual_seed(1))
    before = module(x)
    module.edges, module.batched = module.edges[:, ::2], {}
    assert not torch.allclose(module(x), before)


@pytest.mark.parametrize("baseline", [gcn, gat, gin])
def test_each_direction_of_an_association_is_there_once(case, baseline, monkeypatch):
    seen = []
    init = GraphClassifier.__init__

    def spy(self, convolutions, edges, genes, classes):
        seen.append(edges)
        init(self, convolutions, edges, genes, classes)

    monkeypatch.setattr(GraphClassifier, "__init__", spy)
    monkeypatch.setattr("pathlore.evaluation.baselines.graph_networks.SCHEDULE", replace(SCHEDULE, epochs=1))
    baseline(case, 0)
    pairs = list(map(tuple, seen[0].T.tolist()))
    expected = {tuple(edge) for edge in case.graph.edge_index.T.tolist()}
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == expected | {(b, a) for a, b in expected}


def test_standardised_by_the_training_cells(case, other_test_cells):
    x = standardised(case.data)
    train = x[Split.TRAIN]
    inside = train.abs().amax(dim=0) < MAX_Z
    torch.testing.assert_close(train[:, inside].mean(dim=0), torch.zeros(int(inside.sum())), atol=1e-5, rtol=0)
    torch.testing.assert_close(train[:, inside].var(dim=0, correction=0), torch.ones(int(inside.sum())))
    assert max(values.abs().max() for values in standardised(other_test_cells.data).values()) <= MAX_Z
    assert torch.equal(standardised(other_test_cells.data)[Split.VALIDATION], x[Split.VALIDATION])


def test_the_weights_are_those_of_the_best_epoch(permuted):
    """Labels that mean nothing: the longer the fit, the worse."""
    schedule = replace(SCHEDULE, epochs=8, patience=8, learning_rate=0.05)
    genes = len(permuted.graph.genes)
    fitted, found = fit_network(lambda: nn.Linear(genes, 2), permuted, 0, schedule)
    assert fitted.notes["best_epoch"] < 8, "the test needs a best epoch that is not the last"
    probabilities = fitted.probabilities[Split.VALIDATION]
    np.testing.assert_allclose(score(permuted.data[Split.VALIDATION].labels, probabilities), found)


def test_a_fit_that_stands_still_ends(case):
    genes = len(case.graph.genes)
    schedule = replace(SCHEDULE, epochs=50, patience=2, learning_rate=1e-12)
    calls = []

    class Counting(nn.Linear):
        def train(self, mode=True):
            calls.append(mode)
            return super().train(mode)

    fit_network(lambda: Counting(genes, 2), case, 0, schedule)
    assert calls.count(True) < 20


def test_classes_are_balanced(case):
    """Four fifths of the training cells are controls; a constant network still says one half."""
    train = case.data[Split.TRAIN]
    rows = np.sort(np.concatenate([np.flatnonzero(train.labels == 0), np.flatnonzero(train.labels == 1)[:20]]))
    cells = replace(
        train,
        x=train.x[rows],
        labels=train.labels[rows],
        cells=[train.cells[i] for i in rows],
        donors=[train.donors[i] for i in rows],
    )

    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.bias = nn.Parameter(torch.tensor([1.0, -1.0]))

        def forward(self, x):
            return self.bias.expand(len(x), 2)

    schedule = replace(SCHEDULE, epochs=40, patience=40, batch_size=100, learning_rate=0.1, weight_decay=0.0)
    fitted, _ = fit_network(Constant, replace(case, data=case.data | {Split.TRAIN: cells}), 0, schedule)
    np.testing.assert_allclose(fitted.probabilities[Split.TEST], 0.5, atol=0.02)


def test_weight_decay_is_chosen(case):
    assert perceptron(case, 0).notes["weight_decay"] in WEIGHT_DECAYS
