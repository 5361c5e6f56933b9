"""The whole model: expander -> gene encoder -> path encoder -> read-out."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from pathlore.config import ModelConfig
from pathlore.model.attention import Pattern, edge_pairs, neighbour_pairs
from pathlore.model.distinct_sentences import distinct_sentences
from pathlore.model.expander import Expander, standardise
from pathlore.model.gene_encoder import CentralityEncoding, GeneAttention, GeneEncoderLayer, GraphBias
from pathlore.model.graph_tensors import GraphTensors
from pathlore.model.path_activity import ALL, PathActivity
from pathlore.model.path_encoder import (
    PathAggregation,
    PathEncoder,
    PathLayer,
    SentenceAttention,
    Stops,
    TextPathEncoder,
)
from pathlore.model.readout import AdditiveReadout, PaperReadout, PathAttention, PathScores

MEAN_WEIGHT = 0.1
"""Mean weight of the paths in the additive read-out where there is no global score: about that of a trained model."""


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
    path_signs: Tensor
    gene_mean: Tensor
    gene_sd: Tensor
    sentences: Tensor
    copies: Tensor | None
    tokens: Tensor | None

    def __init__(self, config: ModelConfig, graph: GraphTensors, classes: int) -> None:
        super().__init__()
        self.expression, self.checkpointing = config.expression, config.checkpointing
        graph.register(self)
        self._register_derived(graph, config)
        self.reads_genes = config.cross_attention != "text"
        if self.reads_genes:
            self._add_gene_encoder(graph, config)
            self.path_encoders = nn.ModuleList(_path_encoder(config, graph, layer) for layer in range(config.layers))
        else:
            reading = config.layers if config.cross_layers == "all" else 1
            self.path_encoders = nn.ModuleList(TextPathEncoder(_reading(config, graph)) for _ in range(reading))
        self.register_parameter("tokens", _tokens(self.n_tokens if self.reads_genes else 0, config.width))
        self.importance = PathScores(len(graph.path_nodes), config.importance_start)
        self.path_attention = PathAttention(config.width) if config.importance == "per_cell" else None
        self.equal_weights = config.importance == "none"
        self.mean_weight = 1.0 if config.readout == "paper" else MEAN_WEIGHT
        self.activity = PathActivity(graph.path_signs, classes)
        self.readout: nn.Module = (
            PaperReadout(config.width, classes, config.dropout)
            if config.readout == "paper"
            else AdditiveReadout(config.width, len(graph.path_nodes), classes)
        )

    def _add_gene_encoder(self, graph: GraphTensors, config: ModelConfig) -> None:
        """Steps 1 and 2; an encoding that is switched off has no parameters."""
        hidden = config.expander if config.numeric_expansion else None
        self.expander = Expander(graph.gene_text.shape[1], hidden, config.width)
        self.centrality = CentralityEncoding(config.width) if config.centrality else None
        self.graph_bias = GraphBias(len(graph.gene_text), config.heads, spatial=config.spatial, edges=config.edges)
        self.gene_layers = nn.ModuleList(_gene_layer(config) for _ in range(config.layers))

    def _register_derived(self, graph: GraphTensors, config: ModelConfig) -> None:
        """Work out what the static graph decides: pairs of genes, different stops, different sentences.

        Groups of sentences alone are saved: another machine might form others.
        """
        n_genes = len(graph.gene_text)
        self.n_tokens = config.global_tokens if config.attention == "graph" else 0
        if config.attention == "graph":
            neighbour_pairs(graph.edge_index, n_genes, self.n_tokens).register(self)
        else:
            edge_pairs(graph.edge_index, n_genes).register(self)
        Stops.of(graph.path_nodes, graph.path_types, graph.path_mask).register(self)
        most = config.max_sentences if config.cross_attention != "expression" else None
        sentences, copies, self.grouped = distinct_sentences(graph.path_text, most)
        self.register_buffer("sentences", sentences, persistent=self.grouped)
        self.register_buffer("copies", copies, persistent=self.grouped)

    def encode_paths(self, x: Tensor) -> list[PathLayer]:
        """Embed every path after every layer; x (B, G) log1p expression -> the paths of K layers."""
        if not self.reads_genes:
            texts = self.path_text, self.sentences, self.copies
            return [self._run(encoder, *texts, len(x)) for encoder in self.path_encoders]
        h = self.expander(x, self.gene_text, *self._scale())  # (B, G, D)
        if self.centrality is not None:
            h = self.centrality(h, self.in_degree, self.out_degree)
        pattern = Pattern.registered(self)
        bias = self.graph_bias(self.edge_type, pattern)  # (N, H), one for all cells and layers
        spatial: Tensor = self.graph_bias.spatial
        if self.tokens is not None:  # behind the genes, without a place of their own
            h = torch.cat([h, self.tokens.expand(len(h), -1, -1)], dim=1)
            spatial = functional.pad(spatial, (0, 0, 0, self.n_tokens))
        stops, paths = Stops.registered(self), []
        for gene_layer, path_encoder in zip(self.gene_layers, self.path_encoders, strict=True):
            h = self._run(gene_layer, h, spatial, pattern, bias)
            paths.append(self._run(path_encoder, h, stops, self.sentences, self.copies))
        return paths

    def _run(self, module: nn.Module, *inputs: object) -> Any:
        """Call a layer; with ``checkpointing``, keep its inputs alone and compute the rest again when it is needed."""
        if self.checkpointing and torch.is_grad_enabled():
            return checkpoint(module, *inputs, use_reentrant=False)
        return module(*inputs)

    def _scale(self) -> tuple[Tensor, Tensor]:
        """Slope and offset (G,) that turn expression into what the expander reads."""
        if self.expression == "log1p":
            return torch.ones_like(self.gene_mean), torch.zeros_like(self.gene_mean)
        offset = standardise(torch.zeros_like(self.gene_mean), self.gene_mean, self.gene_sd)
        varies = self.gene_sd > 0
        return varies / self.gene_sd.where(varies, 1), offset

    def path_activity(self, x: Tensor, part: slice = ALL) -> Tensor:
        """Weighted sum over each path, or some, of its genes' standardised expression; x (B, G) -> (B, P)."""
        with torch.autocast(x.device.type, enabled=False):  # in bfloat16 this sum would be off by per cents
            return self.activity.of(standardise(x, self.gene_mean, self.gene_sd), self.path_nodes, part)

    def forward(self, x: Tensor) -> Tensor:
        """Classify; x (B, G) log1p-normalised expression -> logits (B, C), to which `contributions` add up."""
        paths = self.encode_paths(x)
        return self.readout(self.activity(self.path_activity(x)), paths, self._weigh(paths))

    def path_weights(self, x: Tensor) -> Tensor:
        """Weight of each path in each cell; x (B, G) -> (B, P), the same for all cells unless importance: per_cell."""
        weights = self._weigh(self.encode_paths(x)) if self.path_attention is not None else self._weigh([])
        return weights.expand(len(x), -1)

    def _weigh(self, paths: list[PathLayer]) -> Tensor:
        """Weights (P,), or (B, P) where each cell has its own."""
        if self.path_attention is not None:
            return self.mean_weight * self.path_attention.over_layers(paths)
        return torch.full_like(self.importance.logits, self.mean_weight) if self.equal_weights else self.importance()

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
        paths = self.encode_paths(x)
        return self.readout.contributions(activity, paths, self._weigh(paths))


def _tokens(n: int, width: int) -> nn.Parameter | None:
    return nn.Parameter(torch.empty(n, width).normal_(std=0.02)) if n else None


def _gene_layer(config: ModelConfig) -> GeneEncoderLayer:
    attention = GeneAttention(config.width, config.heads, dense=config.attention == "dense")
    return GeneEncoderLayer(config.width, config.feed_forward, config.dropout, attention)


def _path_encoder(config: ModelConfig, graph: GraphTensors, layer: int) -> PathEncoder:
    reads = config.cross_attention == "on" and (config.cross_layers == "all" or layer == config.layers - 1)
    longest = graph.path_nodes.shape[1]
    aggregation = PathAggregation(config.width, config.aggregation_heads, longest)
    return PathEncoder(aggregation, _reading(config, graph) if reads else nn.LayerNorm(config.width))


def _reading(config: ModelConfig, graph: GraphTensors) -> SentenceAttention:
    text_width = graph.path_text.shape[1]
    asks_in = text_width if config.cross_attention == "text" else None
    heads = config.cross_heads or config.heads
    return SentenceAttention(config.width, heads, text_width, asks_in=asks_in)
