import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from small_fits import tensor
from torch.utils.data import DataLoader, TensorDataset

from pathlore.model import TextNumericGraphTransformer, graph_tensors
from pathlore.training.batches import Batches, Rows, loader, path_activities


def test_a_batch_is_dense_and_in_the_order_asked_for(data):
    cells = data["train"]
    x, labels = Rows(cells).__getitems__([5, 0, 5])
    assert x.dtype == torch.float32
    np.testing.assert_array_equal(x, cells.x.toarray()[[5, 0, 5]])
    np.testing.assert_array_equal(labels, cells.labels[[5, 0, 5]])
    x.fill_(-1)
    assert cells.x.min() >= 0


@given(st.integers(2, 60), st.integers(2, 20), st.integers(1, 5))
def test_every_cell_once_and_parts_that_differ_by_one_at_most(cells, size, processes):
    ranks = [Batches(cells, size, rank, processes) for rank in range(processes)]
    drawn = [batches.draw(torch.Generator().manual_seed(0)) for batches in ranks]
    seen = np.concatenate(drawn[0])
    assert len(set(seen)) == len(seen) == (cells if cells <= size else cells // size * size)
    for whole, *parts in zip(drawn[0], *ranks, strict=True):
        assert np.concatenate(parts).tolist() == whole.tolist()
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_the_order_is_that_of_pytorchs_own_loader(data):
    x, labels = tensor(data["train"]), torch.from_numpy(data["train"].labels)
    torch.manual_seed(4)
    own = [[batch for batch, _ in epoch] for epoch in [DataLoader(TensorDataset(x, labels), 16, shuffle=True)] * 2]
    state = torch.get_rng_state()
    torch.manual_seed(4)
    batches = Batches(48, 16, 0, 1)
    ours = loader(data["train"], batches, 0, pin_memory=False)
    for expected in own:
        batches.draw(torch.default_generator)
        for one, other in zip(expected, ours, strict=True):
            assert torch.equal(one, other[0])
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("block", [5, 48, 1000])
def test_activities_by_blocks(data, small_graph, gene_vectors, path_vectors, block, monkeypatch):
    from small_fits import model_config

    module = TextNumericGraphTransformer(model_config(), graph_tensors(small_graph, gene_vectors, path_vectors), 2)
    monkeypatch.setattr("pathlore.training.data.blocks.__defaults__", (block,))
    whole = module.path_activity(tensor(data["train"]))
    torch.testing.assert_close(path_activities(module, data["train"].x), whole, rtol=1e-6, atol=1e-6)
