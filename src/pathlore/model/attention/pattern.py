"""Which pairs of genes the graph speaks of: the sparse half of attention, the same for every cell."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pathlore.model.buffers import Buffers


@dataclass(frozen=True)
class Pattern(Buffers):
    """Pairs (i, j) of nodes, each once, sorted by i and then by j.

    Attributes
    ----------
    rows, columns
        (N,) int64: the node that asks and the node that is asked.
    out_slots, in_slots
        (E,) int64: where among the pairs edge e: s -> t stands as (s, t), and as (t, s).
    """

    PREFIX = "pair_"

    rows: Tensor
    columns: Tensor
    out_slots: Tensor
    in_slots: Tensor


def edge_pairs(edge_index: Tensor, n_genes: int) -> Pattern:
    """Pairs with an edge in either direction, which have a bias in attention over all genes; edge_index (2, E)."""
    return _pattern(edge_index, edge_index.new_empty((2, 0)), n_genes)


def neighbour_pairs(edge_index: Tensor, n_genes: int, tokens: int) -> Pattern:
    """Pairs that attention along the graph looks at: neighbours in both directions, oneself, and the global tokens.

    Tokens follow the genes, as nodes ``n_genes`` to ``n_genes + tokens - 1``; they see every node and every node sees
    them.

    Parameters
    ----------
    edge_index
        (2, E).
    n_genes, tokens
        G and the number of global tokens.
    """
    nodes = n_genes + tokens
    every, token = torch.arange(nodes), torch.arange(n_genes, nodes)
    to_tokens = torch.cartesian_prod(every, token).view(-1, 2).T
    more = torch.cat([torch.stack([every, every]), to_tokens, to_tokens.flip(0)], dim=1)
    return _pattern(edge_index, more.to(edge_index), nodes)


def _pattern(edge_index: Tensor, more: Tensor, nodes: int) -> Pattern:
    pairs = torch.cat([edge_index, edge_index.flip(0), more], dim=1)
    codes, slots = torch.unique(pairs[0] * nodes + pairs[1], return_inverse=True)
    n_edges = edge_index.shape[1]
    return Pattern(codes // nodes, codes % nodes, slots[:n_edges], slots[n_edges : 2 * n_edges])
