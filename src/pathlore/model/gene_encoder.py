"""Step 2: genes exchange what they know, guided by the network (Graphormer's three encodings)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from pathlore.graph.edge_types import N_EDGE_TYPES
from pathlore.model.graph_tensors import MAX_DEGREE


class CentralityEncoding(nn.Module):
    r"""Add what a gene's number of edges says: :math:`h^0_g = z_g + c_{in}[\deg^-_g] + c_{out}[\deg^+_g]`.

    Source: Graphormer (arXiv 2106.05234), equation 5.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.incoming = nn.Embedding(MAX_DEGREE + 1, width)
        self.outgoing = nn.Embedding(MAX_DEGREE + 1, width)
        for table in (self.incoming, self.outgoing):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, z: Tensor, in_degree: Tensor, out_degree: Tensor) -> Tensor:
        """Encode; z (B, G, D), degrees (G,) -> (B, G, D)."""
        return z + self.incoming(in_degree) + self.outgoing(out_degree)


class GraphBias(nn.Module):
    r"""The part of the attention logits that the graph alone decides, shared by all cells.

    .. math:: \beta^h_{ij} = u^h_i u^h_j + b^h_{out}[\mathrm{type}(i \to j)] + b^h_{in}[\mathrm{type}(j \to i)]

    u: spatial encoding, one learned coordinate per gene and head. b: edge encoding; pairs without an edge have no row
    of their own, because a constant added to all logits of a row leaves the softmax as it is. Several edges of a pair
    add up.

    Source: Graphormer (arXiv 2106.05234), equations 6 and 7, in the low-rank, typed form of arXiv 2501.16361.
    """

    def __init__(self, n_genes: int, heads: int) -> None:
        super().__init__()
        self.spatial = nn.Parameter(torch.empty(n_genes, heads).normal_(std=0.1))
        self.outgoing = nn.Parameter(torch.empty(N_EDGE_TYPES - 1, heads).normal_(std=0.02))
        self.incoming = nn.Parameter(torch.empty(N_EDGE_TYPES - 1, heads).normal_(std=0.02))

    def forward(self, edge_index: Tensor, edge_type: Tensor) -> Tensor:
        """Build the bias; edge_index (2, E), edge_type (E,) from 1 on -> (H, G, G)."""
        bias = torch.einsum("ih,jh->ijh", self.spatial, self.spatial)  # (G, G, H)
        source, target = edge_index
        bias = bias.index_put((source, target), self.outgoing[edge_type - 1], accumulate=True)
        bias = bias.index_put((target, source), self.incoming[edge_type - 1], accumulate=True)
        return bias.permute(2, 0, 1)


class GeneAttention(nn.Module):
    r"""Multi-head self-attention over genes with the graph's bias.

    .. math:: \mathrm{softmax}_j\!\left(q_i \cdot k_j / \sqrt{d} + \beta^h_{ij}\right) v_j,\qquad d = D / H

    The keys have no bias of their own: it would shift all logits of a row alike and get no gradient.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width)

    def forward(self, h: Tensor, bias: Tensor) -> Tensor:
        """Attend; h (B, G, D), bias (H, G, G) -> (B, G, D)."""
        q, k, v = (self._split(part(h)) for part in (self.query, self.key, self.value))  # (B, H, G, d)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias.unsqueeze(0).to(q.dtype))
        return self.output(mixed.transpose(1, 2).flatten(2))

    def _split(self, projected: Tensor) -> Tensor:
        return projected.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class GeneEncoderLayer(nn.Module):
    """A pre-norm transformer layer: ``h + attention(LN h)``, then ``h + FFN(LN h)``."""

    def __init__(self, width: int, heads: int, feed_forward: int, dropout: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = GeneAttention(width, heads)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, feed_forward), nn.GELU(), nn.Dropout(dropout), nn.Linear(feed_forward, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, h: Tensor, bias: Tensor) -> Tensor:
        """Encode; h (B, G, D), bias (H, G, G) -> (B, G, D)."""
        h = h + self.dropout(self.attention(self.attention_norm(h), bias))
        return h + self.dropout(self.feed_forward(self.feed_forward_norm(h)))
