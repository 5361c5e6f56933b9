"""Step 3: the genes of a path become one vector, which then reads the path's sentence."""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from pathlore.graph.network import N_EDGE_TYPES
from pathlore.model.attention import path_pooling, shared_attention
from pathlore.model.blocks import blocks_of_cells
from pathlore.model.buffers import Buffers


@dataclass(frozen=True)
class Stops(Buffers):
    """The different stops of all paths: paths that share a beginning share its stops, which are scored once.

    Attributes
    ----------
    genes, types, places
        (S,) int64: a gene, the type of the step arriving there, and the place on the path; each triple once.
    index
        (P, L) int64: which stop is at each place of each path; 0 where the path has ended.
    mask
        (P, L) bool: whether there is one.
    """

    PREFIX = "stop_"

    genes: Tensor
    types: Tensor
    places: Tensor
    index: Tensor
    mask: Tensor

    @classmethod
    def of(cls, nodes: Tensor, types: Tensor, mask: Tensor) -> "Stops":
        """Find the different stops; nodes, types and mask (P, L)."""
        places = torch.arange(nodes.shape[1], device=nodes.device).expand_as(nodes)
        triples = torch.stack([nodes[mask], types[mask], places[mask]], dim=1)
        stops, inverse = triples.unique(dim=0, return_inverse=True)
        index = torch.zeros_like(nodes)
        index[mask] = inverse
        genes, kinds, where = stops.T.contiguous()
        return cls(genes, kinds, where, index, mask)


class PathAggregation(nn.Module):
    r"""Importance-scored sums over the genes of each path, one per aggregation head.

    .. math::
        m_{pl} = W\,\mathrm{LN}(h_{p_l}) + \epsilon[\mathrm{type}_{pl}] + \pi_l \in \mathbb{R}^{D/R},\qquad
        \alpha^r_{pl} = \mathrm{softmax}_l\,\mathrm{MLP}(m_{pl})_r,\qquad
        q_p = \big\Vert_{r=1}^{R} \sum_l \alpha^r_{pl}\, m_{pl} \in \mathbb{R}^{D}

    with edge-type embeddings :math:`\epsilon` (row 0 stands for the receptor, at which no step arrives) and position
    embeddings :math:`\pi`. The MLP has no last bias: the softmax would ignore it.

    Source: arXiv 2501.16361, path encoder.
    """

    def __init__(self, width: int, aggregation_heads: int, longest_path: int) -> None:
        super().__init__()
        narrow = width // aggregation_heads
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, narrow)
        self.edge_types = nn.Embedding(N_EDGE_TYPES, narrow)
        self.positions = nn.Parameter(torch.empty(longest_path, narrow).normal_(std=0.02))
        self.score = nn.Sequential(
            nn.Linear(narrow, narrow), nn.GELU(), nn.Linear(narrow, aggregation_heads, bias=False)
        )
        nn.init.normal_(self.edge_types.weight, std=0.02)

    def forward(self, h: Tensor, stops: Stops) -> Tensor:
        """Aggregate; h (B, G, D) -> (B, P, D)."""
        genes = self.project(self.norm(h))  # (B, G, n), n = D / R
        offsets = self.edge_types(stops.types) + self.positions[stops.places]  # (S, n)
        gathered = stops.index.numel() * (genes.shape[-1] + self.score[2].out_features)
        blocks = list(blocks_of_cells(genes, gathered))
        if len(blocks) == 1:
            return self._pool(genes, offsets, stops)
        # What is gathered and scored for all paths is many times what the genes take: it is made anew when needed.
        run = partial(checkpoint, self._pool, use_reentrant=False, preserve_rng_state=False)
        return torch.cat([run(genes[cells], offsets, stops) for cells in blocks])

    def _pool(self, genes: Tensor, offsets: Tensor, stops: Stops) -> Tensor:
        """Score each stop, then sum over those of each path; genes (B, G, n), offsets (S, n) -> (B, P, D)."""
        members = genes.index_select(1, stops.genes) + offsets  # (B, S, n)
        return path_pooling(members, self.score(members), stops.index, stops.mask).flatten(2)


class SentenceAttention(nn.Module):
    r"""Cross-attention from each path of a cell to the sentences of all paths.

    .. math::
        \mathrm{path}_p = \mathrm{LN}\!\left(q_p + W_o \sum_{p'} \mathrm{softmax}_{p'}\!\big(
        W_q q_p \cdot W_k s_{p'} / \sqrt{d}\big)\, W_v s_{p'}\right)

    Keys and values come from the text alone and are shared by all cells, whose queries stand side by side. Equal
    sentences are one key, whose logit has the logarithm of their number added. The last layer norm is left to
    `PathLayer`.

    Parameters
    ----------
    width, heads, text_width
        D, H, T.
    asks_in
        Width of q; None: D. Of another width it cannot be added to what is read: `read` alone is for `TextPathEncoder`.

    Source: arXiv 2501.16361, cross-attention of expression and text.
    """

    def __init__(self, width: int, heads: int, text_width: int, *, asks_in: int | None = None) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(asks_in or width, width)
        self.key = nn.Linear(text_width, width, bias=False)
        self.value = nn.Linear(text_width, width)
        self.output = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, q: Tensor, sentences: Tensor, copies: Tensor | None = None) -> Tensor:
        """Read; q (B, P, D), sentences (U, T), each once, copies (U,) or None if none is repeated -> y (B, P, D)."""
        return q + self.read(q, sentences, copies)

    def read(self, q: Tensor, sentences: Tensor, copies: Tensor | None) -> Tensor:
        """Read without adding q; as for `forward` -> (B, P, D)."""
        queries = self.query(q).flatten(0, 1).unflatten(-1, (self.heads, -1))  # (B P, H, d)
        keys, values = (part(sentences).unflatten(-1, (self.heads, -1)) for part in (self.key, self.value))
        read = shared_attention(queries, keys, values, copies)  # (B P, H, d)
        return self.output(read.flatten(1)).unflatten(0, q.shape[:2])


class PathLayer(NamedTuple):
    """The paths after one layer of the gene encoder.

    Attributes
    ----------
    y
        (B, P, D), before the last layer norm.
    weight, bias
        (D,), of that norm.
    """

    y: Tensor
    weight: Tensor
    bias: Tensor

    def normalised(self) -> Tensor:
        """Give the paths' vectors, (B, P, D)."""
        return functional.layer_norm(self.y, self.weight.shape, self.weight, self.bias)


class PathEncoder(nn.Module):
    """Aggregate the genes of each path; then, unless it is switched off, read the sentences."""

    def __init__(self, aggregate: PathAggregation, read: SentenceAttention | nn.LayerNorm) -> None:
        super().__init__()
        self.aggregate = aggregate
        self.read = read

    def forward(self, h: Tensor, stops: Stops, sentences: Tensor, copies: Tensor | None) -> PathLayer:
        """Encode; h (B, G, D), or more rows after the genes', sentences (U, T), copies (U,) or None."""
        q = self.aggregate(h, stops)
        if isinstance(self.read, SentenceAttention):
            return PathLayer(self.read(q, sentences, copies), self.read.norm.weight, self.read.norm.bias)
        return PathLayer(q, self.read.weight, self.read.bias)


class TextPathEncoder(nn.Module):
    r"""Paths as their sentences alone: a control that no expression enters.

    .. math::
        \mathrm{path}_p = \mathrm{LN}\!\left(W_o \sum_{p'} \mathrm{softmax}_{p'}\!\big(
        W_q s_p \cdot W_k s_{p'} / \sqrt{d}\big)\, W_v s_{p'}\right)

    The query comes from the path's own sentence, and no :math:`q_p` is added. A path has the same vector in every cell:
    what is left to tell cells apart by is the path activity of the additive read-out; the paper's read-out has nothing.
    """

    def __init__(self, read: SentenceAttention) -> None:
        super().__init__()
        self.read = read

    def forward(self, path_text: Tensor, sentences: Tensor, copies: Tensor | None, cells: int) -> PathLayer:
        """Encode; path_text (P, T), sentences (U, T), copies (U,) or None, for a number of cells B."""
        y = self.read.read(path_text.unsqueeze(0), sentences, copies)  # (1, P, D)
        return PathLayer(y.expand(cells, -1, -1), self.read.norm.weight, self.read.norm.bias)
