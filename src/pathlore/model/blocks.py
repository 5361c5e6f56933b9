"""Temporary arrays over all cells of a batch are made for a few cells at a time."""

from collections.abc import Iterator

from torch import Tensor

ON_PROCESSOR, ELSEWHERE = 2**21, 2**27
"""Elements of the largest temporary array: what the caches of a processor hold; what keeps a GPU busy."""


def blocks_of_cells(cells: Tensor, elements: int) -> Iterator[slice]:
    """Cut a batch into blocks, each of at least one cell.

    Parameters
    ----------
    cells
        Any tensor of the batch, (B, ...).
    elements
        Of the largest temporary array of one cell.
    """
    at_once = ON_PROCESSOR if cells.device.type == "cpu" else ELSEWHERE
    step = max(1, at_once // max(1, elements))
    return (slice(start, start + step) for start in range(0, len(cells), step))
