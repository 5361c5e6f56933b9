"""The predecessor's memory layout and work, restated for comparison: PathFinder (10.3389/fncel.2024.1369242).

Written anew from a description of what it computes and keeps; no line is copied, and no accuracy can be judged by it.

- Every cell carries its own copy of the graph, int64: a G x G matrix of edge types, the nodes and types of all paths.
- In each step two tables are looked up for all pairs of all cells and summed to a (B, H, G, G) tensor.
- Attention weights are kept for all pairs, heads and layers, with a boolean mask beside them.
- The bias is handed over in the place of the mask (the original's fault): the work is done, but nothing flows back.
- Paths are gathered with their padding, scored by R heads, weighted by one global number each, and averaged over the
  layers. There is no text and no cross-attention.

The original code, measured once on a machine like that of `docs/performance.md` (one thread, fp32), took 4.81 s and
2.11 GB at (G, P, B) = (1000, 2000, 4), 42.7 s and 12.8 GB at (2000, 4000, 8). This one took 3.5 to 4.5 s and 2.1 to
2.3 GB, 42 s and 12.0 to 12.8 GB. Dropout of the attention weights is left out: with it more would be kept than the
original's figures allow.
"""

import math

import torch
from torch import Tensor, nn

from pathlore.graph.network import N_EDGE_TYPES
from pathlore.model.graph_tensors import MAX_DEGREE, GraphTensors


class Predecessor(nn.Module):
    """Classify cells that carry their graph with them; see above.

    Parameters
    ----------
    graph
        The graph that is copied into every cell.
    classes, width, heads, layers, aggregation_heads, feed_forward, dropout
        C, D, H, K, R, width of the feed-forward network, dropout.
    """

    def __init__(
        self,
        graph: GraphTensors,
        classes: int = 2,
        width: int = 128,
        heads: int = 8,
        layers: int = 6,
        aggregation_heads: int = 8,
        feed_forward: int = 128,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.expression = nn.Linear(1, width)
        self.degree_in = nn.Embedding(MAX_DEGREE + 1, width)
        self.degree_out = nn.Embedding(MAX_DEGREE + 1, width)
        self.pair_spatial = nn.Embedding(N_EDGE_TYPES, heads)
        self.pair_edge = nn.Embedding(N_EDGE_TYPES, heads)
        self.layers = nn.ModuleList(_Layer(width, heads, feed_forward, dropout) for _ in range(layers))
        narrow, longest = width // aggregation_heads, graph.path_nodes.shape[1]
        self.paths = nn.ModuleList(_Paths(width, narrow, aggregation_heads, longest) for _ in range(layers))
        self.path_weight = nn.Parameter(torch.zeros(len(graph.path_nodes)))
        self.head = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, classes))

    def importance(self) -> Tensor:
        """Return the global path weights, (P,)."""
        return self.path_weight.sigmoid()

    def forward(self, cells: dict[str, Tensor]) -> Tensor:
        """Classify a batch of `collated` cells -> logits (B, C)."""
        h = self.expression(cells["x"].unsqueeze(-1))  # (B, G, D)
        h = h + self.degree_in(cells["in_degree"]) + self.degree_out(cells["out_degree"])
        bias = self.pair_spatial(cells["pair_types"]) + self.pair_edge(cells["pair_types"])  # (B, G, G, H)
        bias = bias.permute(0, 3, 1, 2).contiguous()  # (B, H, G, G)
        pooled = []
        for layer, paths in zip(self.layers, self.paths, strict=True):
            h = layer(h, bias)
            embedded = paths(h, cells["path_nodes"], cells["path_types"], cells["path_mask"])  # (B, P, D)
            pooled.append((self.importance()[:, None] * embedded).mean(dim=1))
        return self.head(torch.stack(pooled).mean(dim=0))


def collated(graph: GraphTensors, x: Tensor) -> dict[str, Tensor]:
    """Give every cell its own copy of the graph and stack them: (B, G, G), (B, P, L), ...; x (B, G)."""
    source, target = graph.edge_index
    pair_types = torch.zeros(x.shape[1], x.shape[1], dtype=torch.int64, device=x.device)
    pair_types[source, target] = graph.edge_type
    static = {
        name: getattr(graph, name) for name in ("in_degree", "out_degree", "path_nodes", "path_types", "path_mask")
    }
    static["pair_types"] = pair_types
    return {"x": x} | {name: torch.stack([tensor] * len(x)) for name, tensor in static.items()}


class _Layer(nn.Module):
    """Pre-norm transformer layer with materialised attention; the bias arrives as the mask."""

    def __init__(self, width: int, heads: int, feed_forward: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm, self.feed_forward_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value, self.output = (nn.Linear(width, width) for _ in range(4))
        self.feed_forward = nn.Sequential(
            nn.Linear(width, feed_forward), nn.GELU(), nn.Dropout(dropout), nn.Linear(feed_forward, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, h: Tensor, mask: Tensor) -> Tensor:
        normed = self.attention_norm(h)
        q, k, v = (
            part(normed).unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (self.query, self.key, self.value)
        )  # (B, H, G, d)
        logits = (q / math.sqrt(q.shape[-1])) @ k.transpose(2, 3)  # (B, H, G, G)
        logits = logits.masked_fill(mask == 0, -1e9)
        mixed = (logits.softmax(dim=-1) @ v).transpose(1, 2).flatten(2)  # (B, G, D)
        h = h + self.dropout(self.output(mixed))
        return h + self.dropout(self.feed_forward(self.feed_forward_norm(h)))


class _Paths(nn.Module):
    """Importance-scored sums over the genes of each path, gathered for each cell."""

    def __init__(self, width: int, narrow: int, heads: int, longest: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, narrow)
        self.types = nn.Embedding(N_EDGE_TYPES, narrow)
        self.positions = nn.Parameter(torch.zeros(longest, narrow))
        self.score = nn.Sequential(nn.Linear(narrow, narrow), nn.GELU(), nn.Linear(narrow, heads))

    def forward(self, h: Tensor, nodes: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        cells = torch.arange(len(h), device=h.device)[:, None, None]
        genes = self.project(self.norm(h))  # (B, G, D/R)
        members = genes[cells, nodes] + self.types(types) + self.positions  # (B, P, L, D/R)
        weights = self.score(members).masked_fill(~mask.unsqueeze(-1), -1e9).softmax(dim=2)  # (B, P, L, R)
        return torch.einsum("bplr,bpln->bprn", weights, members).flatten(2)  # (B, P, D)
