"""Standardisation over cells: BatchNorm in one process, and the same metrics where the cells are divided."""

import pytest
import torch
from torch import distributed, nn
from torch.multiprocessing import start_processes

from pathlore.model.over_cells import StandardiseOverCells

SIZES = [3, 5]
"""Cells of the two processes."""


@pytest.mark.parametrize("momentum", [0.1, None])
def test_in_one_process_it_is_batch_norm(momentum):
    ours, theirs = StandardiseOverCells(4), nn.BatchNorm1d(4, affine=False)
    ours.momentum = theirs.momentum = momentum
    for seed in range(3):
        x = torch.randn(6, 4, generator=torch.Generator().manual_seed(seed)) * 3 + 1
        assert torch.equal(ours(x), theirs(x))
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    assert all(torch.equal(value, theirs.state_dict()[name]) for name, value in ours.state_dict().items())
    assert torch.equal(ours.eval()(x), theirs.eval()(x))


def batches():
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(sum(SIZES), 4, generator=generator, dtype=torch.float64) * 2 + 7 for _ in range(2)]


def objective(y):
    """Something that weighs cells and features differently."""
    return (y * torch.arange(1.0, 5.0, dtype=y.dtype)).sin().cumsum(dim=1)[:, -1]


def process(rank, folder, momentum):
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    layer = StandardiseOverCells(4).double()
    layer.momentum = momentum
    result = []
    for x in batches():
        part = x.split(SIZES)[rank].clone().requires_grad_()
        y = layer(part)
        (objective(y) * (1 + rank)).sum().backward()  # the processes' losses differ
        result.append((y.detach(), part.grad))
    result.append(layer.eval()(part).detach())
    torch.save((result, layer.state_dict()), f"{folder}/{rank}.pt")
    distributed.destroy_process_group()


@pytest.mark.parametrize("momentum", [0.1, None])
def test_in_two_processes_values_gradients_and_statistics_are_those_of_one(tmp_path, momentum):
    start_processes(process, (str(tmp_path), momentum), nprocs=2, start_method="fork")
    (first, state), (second, other) = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1))
    layer = nn.BatchNorm1d(4, affine=False, momentum=momentum).double()
    for number, x in enumerate(batches()):
        x.requires_grad_()
        y = layer(x)
        weight = torch.tensor([1.0] * SIZES[0] + [2.0] * SIZES[1])
        (objective(y) * weight).sum().backward()
        for expected, mine, theirs in (
            (y, first[number][0], second[number][0]),
            (x.grad, first[number][1], second[number][1]),
        ):
            torch.testing.assert_close(torch.cat([mine, theirs]), expected, rtol=1e-10, atol=1e-12)
    for name, value in layer.state_dict().items():
        torch.testing.assert_close(state[name], value)
        torch.testing.assert_close(other[name], value)
    torch.testing.assert_close(torch.cat([first[2], second[2]]), layer.eval()(x))
