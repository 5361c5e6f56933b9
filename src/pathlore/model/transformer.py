"""The whole model: expander -> gene encoder -> path encoder -> read-out."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor, nn

from pathlore.config import ModelConfig
from pathlore.model.expander import Expander, standardise
from pathlore.model.gene_encoder import CentralityEncoding, GeneEncoderLayer, GraphBias
from pathlore.model.graph_tensors import GraphTensors
from pathlore.model.path_encoder import PathEncoder
from pathlore.model.readout import AdditiveReadout, PaperReadout, PathActivity, PathImportance


class TextNumericGraphTransformer(nn.Module):
    """Classify cells from expression on one text-numeric graph.

    Parameters
    ----------
    config
        Sizes and form.
    graph
        The static graph; its tensors become buffers.
    classes
        C.

    Source: arXiv 2501.16361; structural encodings of Graphormer (arXiv 2106.05234).
    """

    gene_text: Tensor
    path_text: Tensor
    edge_index: Tensor
    edge_type: Tensor
    in_degree: Tensor
    out_degree: Tensor
    path_nodes: Tensor
    path_types: Tensor
    path_mask: Tensor
    path_weights: Tensor
    gene_mean: Tensor
    gene_sd: Tensor

    def __init__(self, config: ModelConfig, graph: GraphTensors, classes: int) -> None:
        super().__init__()
        self.expression = config.expression
        graph.register(self)
        text_width = graph.gene_text.shape[1]
        self.expander = Expander(text_width, config.expander, config.width)
        self.centrality = CentralityEncoding(config.width)
        self.graph_bias = GraphBias(len(graph.gene_text), config.heads)
        self.gene_layers = nn.ModuleList(
            GeneEncoderLayer(config.width, config.heads, config.feed_forward, config.dropout)
            for _ in range(config.layers)
        )
        self.path_encoders = nn.ModuleList(
            PathEncoder(
                config.width,
                config.aggregation_heads,
                config.heads,
                graph.path_nodes.shape[1],
                graph.path_text.shape[1] if config.cross_attention else None,
            )
            for _ in range(config.layers)
        )
        self.importance = PathImportance(len(graph.path_nodes), config.importance_start)
        self.activity = PathActivity(len(graph.path_nodes), classes)
        self.readout: nn.Module = (
            PaperReadout(config.width, classes, config.dropout)
            if config.readout == "paper"
            else AdditiveReadout(config.width, len(graph.path_nodes), classes)
        )

    def encode_paths(self, x: Tensor) -> list[Tensor]:
        """Embed every path after every layer; x (B, G) log1p expression -> K x (B, P, D)."""
        numbers = standardise(x, self.gene_mean, self.gene_sd) if self.expression == "zscore" else x
        z = self.expander(numbers, self.gene_text)  # (B, G, D)
        h = self.centrality(z, self.in_degree, self.out_degree)
        bias = self.graph_bias(self.edge_index, self.edge_type)  # (H, G, G), one for all cells and layers
        paths = []
        for gene_layer, path_encoder in zip(self.gene_layers, self.path_encoders, strict=True):
            h = gene_layer(h, bias)
            paths.append(path_encoder(h, self.path_nodes, self.path_types, self.path_mask, self.path_text))
        return paths

    def path_activity(self, x: Tensor) -> Tensor:
        """Mean over each path of the signed, standardised expression of its genes; x (B, G) -> (B, P)."""
        with torch.autocast(x.device.type, enabled=False):  # in bfloat16 this product would be off by per cents
            return standardise(x, self.gene_mean, self.gene_sd) @ self.path_weights.T

    def fit_activity(self, x: Tensor, labels: Tensor) -> None:
        """Fit the standardisation and orientation of path activities on training cells; x (n, G), labels (n,)."""
        self.activity.fit(self.path_activity(x), labels)

    def forward(self, x: Tensor) -> Tensor:
        """Classify; x (B, G) log1p-normalised expression -> logits (B, C)."""
        return self.readout(self.activity(self.path_activity(x)), self.encode_paths(x), self.importance())

    @contextmanager
    def calibration(self) -> Iterator[None]:
        """Standardise the residuals by the cells that pass within the block, without dropout.

        See `AdditiveReadout.calibrate`; the paper's read-out has nothing to calibrate.
        """
        self.eval()
        with torch.no_grad(), self.readout.calibrate() if isinstance(self.readout, AdditiveReadout) else nullcontext():
            yield

    def contributions(self, x: Tensor) -> Tensor:
        """What each path adds to the logit of each cell; x (B, G) -> (B, P, contrasts). Additive read-out only."""
        if not isinstance(self.readout, AdditiveReadout):
            raise TypeError("contributions exist for the additive read-out only: set modeling.model.readout: additive")
        activity = self.activity(self.path_activity(x))
        return self.readout.contributions(activity, self.encode_paths(x), self.importance())
