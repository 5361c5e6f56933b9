"""Which cells make up each batch, and how a batch becomes dense."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from scipy import sparse
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from pathlore.model import TextNumericGraphTransformer
from pathlore.model.path_activity import ALL
from pathlore.training.data import CELLS_PER_BLOCK, CellSet, blocks, dense

MOST_PLACES = 2**25
"""Expression of the genes along the paths that is held at a time: cells x paths x places (128 MiB)."""

Batch = tuple[Tensor, Tensor]
"""Expression (B, G) float32 and labels (B,) int64."""


class Rows(Dataset):
    """Cells that become dense when a batch of them is drawn.

    It holds no graph, so that a process that prepares batches gets the cells alone.
    """

    def __init__(self, cells: CellSet) -> None:
        self.cells = cells

    def __len__(self) -> int:
        return len(self.cells)

    def __getitems__(self, rows: list[int]) -> Batch:
        """One batch."""
        return torch.from_numpy(dense(self.cells.x[rows])), torch.from_numpy(self.cells.labels[rows])


class Batches(Sampler[list[int]]):
    """The rows of each batch of an epoch, in an order drawn anew for each, divided among processes.

    Every process draws the same batches and takes its own part of each; the parts differ by one cell at most. A last
    batch that is smaller than the others is left out.

    Parameters
    ----------
    cells
        Their number.
    size
        Cells of a batch, over all processes.
    rank, processes
        Number of this process, and of all.
    """

    def __init__(self, cells: int, size: int, rank: int, processes: int) -> None:
        self.cells, self.size, self.rank, self.processes = cells, size, rank, processes
        self.drawn: list[np.ndarray] = []

    def draw(self, generator: torch.Generator, rows: np.ndarray | None = None) -> list[np.ndarray]:
        """Draw the batches of the next epoch, of some cells or of all; return them with the cells of all processes."""
        # PyTorch's own loader takes two numbers at the beginning of an epoch: for its workers, and for the order.
        seed = int(torch.empty(2, dtype=torch.int64).random_(generator=generator)[1])
        cells = np.arange(self.cells) if rows is None else rows
        order = cells[torch.randperm(len(cells), generator=torch.Generator().manual_seed(seed)).numpy()]
        self.drawn = [order[start : start + self.size] for start in range(0, len(cells), self.size)]
        if len(self.drawn) > 1 and len(self.drawn[-1]) < self.size:
            self.drawn.pop()
        return self.drawn

    def __iter__(self) -> Iterator[list[int]]:
        """Give the part that this process has of each batch that was drawn last."""
        return (np.array_split(batch, self.processes)[self.rank].tolist() for batch in self.drawn)

    def __len__(self) -> int:
        return len(self.drawn)


def loader(cells: CellSet, batches: Batches, workers: int, *, pin_memory: bool) -> DataLoader:
    """Load batch after batch, prepared by so many processes beside this one; 0: by this one.

    Whatever the loader itself draws comes from a generator of its own.
    """
    return DataLoader(
        Rows(cells),
        batch_sampler=batches,
        collate_fn=as_it_is,
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=pin_memory,
        generator=torch.Generator(),
    )


def as_it_is(batch: Any) -> Batch:
    """A batch is drawn whole: there is nothing to collate."""
    return batch


def labelled_activities(module: TextNumericGraphTransformer, cells: CellSet) -> Iterator[tuple[Tensor, Tensor]]:
    """Blocks of `activity_blocks`, each with the classes of its cells: what the paths' activity is fitted to."""
    start = 0
    for part in activity_blocks(module, cells.x):
        yield part, torch.from_numpy(cells.labels[start : start + len(part)]).to(part.device)
        start += len(part)


def path_activities(module: TextNumericGraphTransformer, x: sparse.csr_matrix) -> Tensor:
    """Activity of each path in each cell, a_p; x (n, G) -> (n, P) on the CPU."""
    return torch.cat([part.cpu() for part in activity_blocks(module, x)])


@torch.inference_mode()
def activity_blocks(module: TextNumericGraphTransformer, x: sparse.csr_matrix, part: slice = ALL) -> Iterator[Tensor]:
    """Activity of each path, or some, in one block of cells after the other, (m, P), on the module's device."""
    nodes = module.path_nodes[part]
    for block in blocks(x, max(1, min(CELLS_PER_BLOCK, MOST_PLACES // nodes.numel()))):
        yield module.path_activity(torch.from_numpy(block).to(nodes.device), part)
