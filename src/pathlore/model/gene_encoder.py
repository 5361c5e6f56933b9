"""Step 2: genes exchange what they know, guided by the network (Graphormer's three encodings)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from pathlore.graph.network import N_EDGE_TYPES
from pathlore.model.attention import Pattern, gene_attention
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
        return z + (self.incoming(in_degree) + self.outgoing(out_degree))


class GraphBias(nn.Module):
    r"""The part of the attention logits that the graph alone decides, shared by all cells and layers.

    .. math:: \beta^h_{ij} = u^h_i u^h_j + b^h_{ij},\qquad
              b^h_{ij} = b^h_{out}[\mathrm{type}(i \to j)] + b^h_{in}[\mathrm{type}(j \to i)]

    u: spatial encoding, one learned coordinate per gene and head. b: edge encoding; pairs without an edge have no row
    of their own, because a constant added to all logits of a row leaves the softmax as it is. Several edges of a pair
    add up. Neither term is ever written as (G, G): u widens q and k by one channel, b is kept for the pairs that have
    an edge.

    Parameters
    ----------
    n_genes, heads
        G and H.
    spatial
        False: u is zero, a buffer that is neither trained nor saved.
    edges
        False: b is zero, and the two tables do not exist. Attention along the graph still looks at neighbours alone,
        and the path encoder still reads the types of a path's steps.

    Source: Graphormer (arXiv 2106.05234), equations 6 and 7, in the low-rank, typed form of arXiv 2501.16361.
    """

    spatial: Tensor
    outgoing: nn.Parameter | None
    incoming: nn.Parameter | None

    def __init__(self, n_genes: int, heads: int, *, spatial: bool = True, edges: bool = True) -> None:
        super().__init__()
        if spatial:
            self.spatial = nn.Parameter(torch.empty(n_genes, heads).normal_(std=0.1))
        else:
            self.register_buffer("spatial", torch.zeros(n_genes, heads), persistent=False)
        for name in ("outgoing", "incoming"):
            table = nn.Parameter(torch.empty(N_EDGE_TYPES - 1, heads).normal_(std=0.02)) if edges else None
            self.register_parameter(name, table)

    def forward(self, edge_type: Tensor, pattern: Pattern) -> Tensor:
        """Add up the edges of each pair; edge_type (E,) from 1 on -> b (N, H)."""
        bias = self.spatial.new_zeros(len(pattern.rows), self.spatial.shape[1])
        if self.outgoing is None or self.incoming is None:
            return bias
        bias = bias.index_add(0, pattern.out_slots, functional.embedding(edge_type - 1, self.outgoing))
        return bias.index_add(0, pattern.in_slots, functional.embedding(edge_type - 1, self.incoming))


class GeneAttention(nn.Module):
    r"""Multi-head self-attention over genes with the graph's bias.

    .. math:: \mathrm{softmax}_j\!\left(q_i \cdot k_j / \sqrt{d} + \beta^h_{ij}\right) v_j,\qquad d = D / H

    j runs over all genes (dense), or over the pattern's pairs alone. The keys have no bias of their own: it would
    shift all logits of a row alike and get no gradient.
    """

    def __init__(self, width: int, heads: int, *, dense: bool = True) -> None:
        super().__init__()
        self.heads, self.dense = heads, dense
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width)

    def forward(self, h: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor) -> Tensor:
        """Attend; h (B, G, D), spatial (G, H), bias (N, H) of the pattern's pairs -> (B, G, D)."""
        maps = self.query, self.key, self.value
        weight = torch.cat([part.weight for part in maps])  # (3 D, D), one product for all three
        shift = torch.cat([self.query.bias, torch.zeros_like(self.query.bias), self.value.bias])
        qkv = functional.linear(h, weight, shift).unflatten(-1, (3, self.heads, -1))  # (B, G, 3, H, d)
        mixed = gene_attention(qkv, spatial, pattern, bias, dense=self.dense)
        return self.output(mixed.flatten(2))


class Dropout(nn.Dropout):
    """`torch.nn.Dropout` with the same draws; it keeps one byte for each entry instead of four."""

    def forward(self, x: Tensor) -> Tensor:
        """Drop; any shape."""
        if not self.training or not self.p:
            return x
        kept = torch.empty(x.shape, dtype=torch.bool, device=x.device).bernoulli_(1 - self.p)
        return (x * kept).mul_(1 / (1 - self.p))


class GeneEncoderLayer(nn.Module):
    """A pre-norm transformer layer: ``h + attention(LN h)``, then ``h + FFN(LN h)``."""

    def __init__(self, width: int, feed_forward: int, dropout: float, attention: GeneAttention) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = attention
        self.feed_forward_norm = nn.LayerNorm(width)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, feed_forward), nn.GELU(), Dropout(dropout), nn.Linear(feed_forward, width)
        )
        self.dropout = Dropout(dropout)

    def forward(self, h: Tensor, spatial: Tensor, pattern: Pattern, bias: Tensor) -> Tensor:
        """Encode; h (B, G, D), the rest as for `GeneAttention` -> (B, G, D)."""
        h = h + self.dropout(self.attention(self.attention_norm(h), spatial, pattern, bias))
        return h + self.dropout(self.feed_forward(self.feed_forward_norm(h)))
