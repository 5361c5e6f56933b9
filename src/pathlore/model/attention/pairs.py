"""What the pairs of a pattern ask, answer and pass on, gathered for a few cells at once."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from pathlore.model.attention.pattern import Pattern
from pathlore.model.blocks import blocks_of_cells


class Pairs:
    r"""The pairs of c cells, cell after cell, in float32 or better.

    Attributes
    ----------
    cells
        Which cells of the batch.
    q, k, v
        (c N, H, d): the query of each pair's row, key and value of its column.
    scores
        (c N, H): :math:`q_i k_j / \sqrt d + u_i u_j`.
    """

    def __init__(self, cells: slice, qkv: Tensor, spatial: Tensor, pattern: Pattern) -> None:
        self.cells, self.pattern, self.spatial = cells, pattern, spatial
        block = qkv[cells]  # (c, G, 3, H, d)
        self.n_cells, self.n_genes = block.shape[:2]
        first = self.n_genes * torch.arange(self.n_cells, device=qkv.device).unsqueeze(1)
        self.rows, self.columns = (first + pattern.rows).flatten(), (first + pattern.columns).flatten()  # (c N,)
        self.q, self.k, self.v = (
            _single(block[:, :, part].flatten(0, 1).index_select(0, at))
            for part, at in ((0, self.rows), (1, self.columns), (2, self.columns))
        )
        self.scale = 1 / math.sqrt(qkv.shape[-1])
        near = spatial[pattern.rows] * spatial[pattern.columns]  # (N, H)
        self.scores = self.scale * (self.q * self.k).sum(dim=-1) + self.repeat(near)

    @classmethod
    def blocks(cls, qkv: Tensor, spatial: Tensor, pattern: Pattern) -> Iterator["Pairs"]:
        """Cut the batch into blocks of cells."""
        for cells in blocks_of_cells(qkv, len(pattern.rows) * qkv.shape[3] * qkv.shape[4]):
            yield cls(cells, qkv, spatial, pattern)

    def repeat(self, values: Tensor) -> Tensor:
        """Give each cell the same; values (N, H) -> (c N, H)."""
        return values.repeat(self.n_cells, 1)

    def at_rows(self, values: Tensor) -> Tensor:
        """Look up each pair's row; values (B, G, ...) of the whole batch -> (c N, ...)."""
        return _single(values[self.cells].flatten(0, 1).index_select(0, self.rows))

    def sum_rows(self, values: Tensor) -> Tensor:
        """Sum over the pairs of each row; (c N, ...) -> (c, G, ...)."""
        return self._sum(self.rows, values)

    def sum_columns(self, values: Tensor) -> Tensor:
        """Sum over the pairs of each column; (c N, ...) -> (c, G, ...)."""
        return self._sum(self.columns, values)

    def sum_cells(self, values: Tensor) -> Tensor:
        """Sum over cells; (c N, H) -> (N, H)."""
        return values.unflatten(0, (self.n_cells, -1)).sum(dim=0)

    def probabilities(self, scores: Tensor, lse: Tensor, o: Tensor, grad_o: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        r"""Softmax of each pair and its gradient.

        Parameters
        ----------
        scores
            (c N, H).
        lse, o, grad_o
            (B, H, G), (B, G, H, d), (B, G, H, d).

        Returns
        -------
        p, ds, grad
            :math:`p = e^{s - \ell_i}`, :math:`ds = p (do_i \cdot v_j - do_i \cdot o_i)`, both (c N, H), and
            :math:`do_i` (c N, H, d).
        """
        grad = self.at_rows(grad_o)
        p = (scores - self.at_rows(lse.transpose(1, 2))).exp()
        return p, p * (grad * (self.v - self.at_rows(o))).sum(dim=-1), grad

    def add_gradients(self, p: Tensor, ds: Tensor, grad: Tensor, grad_qkv: Tensor, grad_spatial: Tensor) -> None:
        """Add what the pairs give to qkv (B, G, 3, H, d) and to spatial (G, H); p, ds and grad of `probabilities`."""
        block, wide = grad_qkv[self.cells], ds.unsqueeze(-1)
        block[:, :, 0] += (self.scale * self.sum_rows(wide * self.k)).to(block.dtype)
        block[:, :, 1] += (self.scale * self.sum_columns(wide * self.q)).to(block.dtype)
        block[:, :, 2] += self.sum_columns(p.unsqueeze(-1) * grad).to(block.dtype)
        rows, columns, total = self.pattern.rows, self.pattern.columns, self.sum_cells(ds)
        grad_spatial.index_add_(0, rows, total * self.spatial[columns])
        grad_spatial.index_add_(0, columns, total * self.spatial[rows])

    def _sum(self, at: Tensor, values: Tensor) -> Tensor:
        total = values.new_zeros(self.n_cells * self.n_genes, *values.shape[1:])
        return total.index_add_(0, at, values).unflatten(0, (self.n_cells, self.n_genes))


def _single(values: Tensor) -> Tensor:
    return values.to(torch.promote_types(values.dtype, torch.float32))
