"""Step 3: the genes of a path become one vector, which then reads the path's sentence."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from pathlore.graph.edge_types import N_EDGE_TYPES


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

    def forward(self, h: Tensor, nodes: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        """Aggregate; h (B, G, D), nodes, types and mask (P, L) -> (B, P, D)."""
        genes = self.project(self.norm(h))  # (B, G, D/R)
        members = genes[:, nodes] + self.edge_types(types) + self.positions  # (B, P, L, D/R)
        scores = self.score(members).masked_fill(~mask.unsqueeze(-1), float("-inf"))  # (B, P, L, R)
        weights = scores.softmax(dim=2)
        return torch.einsum("bplr,bpln->bprn", weights, members).flatten(2)


class SentenceAttention(nn.Module):
    r"""Cross-attention from each path of a cell to the sentences of all paths.

    .. math::
        \mathrm{path}_p = \mathrm{LN}\!\left(q_p + W_o \sum_{p'} \mathrm{softmax}_{p'}\!\big(
        W_q q_p \cdot W_k s_{p'} / \sqrt{d}\big)\, W_v s_{p'}\right)

    Keys and values come from the text alone and are shared by all cells.

    Source: arXiv 2501.16361, cross-attention of expression and text.
    """

    def __init__(self, width: int, heads: int, text_width: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(text_width, width, bias=False)
        self.value = nn.Linear(text_width, width)
        self.output = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, q: Tensor, path_text: Tensor) -> Tensor:
        """Read the sentences; q (B, P, D), path_text (P, T) -> (B, P, D)."""
        heads = (self.heads, -1)
        queries = self.query(q).unflatten(-1, heads).transpose(1, 2)  # (B, H, P, d)
        keys, values = (part(path_text).unflatten(-1, heads).transpose(0, 1) for part in (self.key, self.value))
        batch = queries.shape[0]
        read = functional.scaled_dot_product_attention(
            queries, keys.expand(batch, -1, -1, -1), values.expand(batch, -1, -1, -1)
        )
        return self.norm(q + self.output(read.transpose(1, 2).flatten(2)))


class PathEncoder(nn.Module):
    """Aggregate the genes of each path; then, unless it is switched off, read the sentences."""

    def __init__(
        self, width: int, aggregation_heads: int, heads: int, longest_path: int, text_width: int | None
    ) -> None:
        super().__init__()
        self.aggregate = PathAggregation(width, aggregation_heads, longest_path)
        self.read = nn.LayerNorm(width) if text_width is None else SentenceAttention(width, heads, text_width)

    def forward(self, h: Tensor, nodes: Tensor, types: Tensor, mask: Tensor, path_text: Tensor) -> Tensor:
        """Encode; h (B, G, D), nodes, types, mask (P, L), path_text (P, T) -> (B, P, D)."""
        q = self.aggregate(h, nodes, types, mask)
        return self.read(q, path_text) if isinstance(self.read, SentenceAttention) else self.read(q)
