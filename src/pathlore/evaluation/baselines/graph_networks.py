"""Graph neural networks on the same genes and associations, without texts and without paths."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from pathlore.evaluation.baselines.network_fit import Schedule, fit_network
from pathlore.evaluation.fitted import Fitted
from pathlore.study.case import Case

EMBEDDING = 8
"""Numbers that a gene learns of its own, beside its expression."""
WIDTH = 32
LAYERS = 2
SCHEDULE = Schedule(epochs=10, patience=4, batch_size=32, learning_rate=0.02, weight_decay=0.01)

Convolutions = Callable[[int, int, int], nn.Module]
"""Input width, hidden width and layers -> a network of node features and edges, as those of `torch_geometric.nn`."""


def gcn(case: Case, seed: int) -> Fitted:
    """Graph convolutional network (Kipf and Welling 2017, arXiv 1609.02907)."""
    from torch_geometric.nn.models import GCN

    return _fit(case, seed, GCN)


def gat(case: Case, seed: int) -> Fitted:
    """Graph attention network of two heads (Veličković et al. 2018, arXiv 1710.10903)."""
    from torch_geometric.nn.models import GAT

    return _fit(case, seed, lambda *sizes: GAT(*sizes, heads=2))


def gin(case: Case, seed: int) -> Fitted:
    """Graph isomorphism network with batch normalisation (Xu et al. 2019, arXiv 1810.00826)."""
    from torch_geometric.nn.models import GIN

    return _fit(case, seed, lambda *sizes: GIN(*sizes, norm="batch_norm"))


class GraphClassifier(nn.Module):
    r"""Message passing over the genes of each cell, then the mean over them.

    .. math:: h^0_g = [\hat x_g ; e_g],\qquad h^{k} = \mathrm{conv}^k(h^{k-1}, \text{edges}),\qquad
              \mathrm{logits} = W \frac{1}{G} \sum_g h^K_g + b

    All cells share the edges: a batch is one graph of B parts, whose edges are those of the first part, moved by G
    genes for each further cell.

    Parameters
    ----------
    convolutions
        The message passing.
    edges
        (2, E) int64, both directions of each.
    genes
        G.
    classes
        C.
    """

    def __init__(self, convolutions: Convolutions, edges: Tensor, genes: int, classes: int) -> None:
        super().__init__()
        self.edges, self.genes = edges, genes
        self.embedding = nn.Embedding(genes, EMBEDDING)
        self.convolutions = convolutions(1 + EMBEDDING, WIDTH, LAYERS)
        self.head = nn.Linear(WIDTH, classes)
        self.batched: dict[int, Tensor] = {}

    def forward(self, x: Tensor) -> Tensor:
        """Classify; x (B, G) -> (B, C)."""
        embedded = self.embedding.weight.expand(len(x), -1, -1)  # (B, G, 8)
        nodes = torch.cat([x.unsqueeze(-1), embedded], dim=-1).flatten(0, 1)  # (B G, 9)
        hidden = self.convolutions(nodes, self.edges_of(len(x))).view(len(x), self.genes, WIDTH)
        return self.head(hidden.mean(dim=1))

    def edges_of(self, cells: int) -> Tensor:
        """Edges of a batch, (2, B E)."""
        if cells not in self.batched:
            offsets = torch.arange(cells).repeat_interleave(self.edges.shape[1]) * self.genes
            self.batched[cells] = self.edges.repeat(1, cells) + offsets
        return self.batched[cells]


def _fit(case: Case, seed: int, convolutions: Convolutions) -> Fitted:
    from torch_geometric.utils import to_undirected

    genes, classes = len(case.graph.genes), len(case.class_names)
    edges = to_undirected(torch.from_numpy(case.graph.edge_index), num_nodes=genes)  # parallel ones become one
    edges = edges.flip(0)  # the same edges in the order of their targets, which are then summed in half the time

    def build() -> nn.Module:
        return GraphClassifier(convolutions, edges, genes, classes)

    return fit_network(build, case, seed, SCHEDULE)[0]
