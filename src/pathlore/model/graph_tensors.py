"""The static graph as tensors: what every cell shares, built once and kept in the model's buffers."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.model.buffers import Buffers

MAX_DEGREE = 127
"""Degrees above this share one row of the centrality tables."""


@dataclass(frozen=True)
class GraphTensors(Buffers):
    """Tensors of one text-numeric graph.

    Attributes
    ----------
    gene_text, path_text
        (G, T) and (P, T) float: frozen text embeddings, each row standardised over T; zero where text is missing.
    edge_index, edge_type
        (2, E) and (E,) int64. Types start at 1.
    in_degree, out_degree
        (G,) int64, at most ``MAX_DEGREE``.
    path_nodes, path_types, path_mask
        (P, L) int64, int64 and bool: gene at each place, type of the step arriving there, and whether it exists.
    path_signs
        (P, L) float: product of the signs of the steps from the receptor to each place, over the number of genes of the
        path; 0 where the path has ended. Sums with them are means over a path.
    gene_mean, gene_sd
        (G,) float: expression of the training cells.
    """

    SAVED = True

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


def graph_tensors(graph: TextNumericGraph, gene_vectors: np.ndarray, path_vectors: np.ndarray) -> GraphTensors:
    """Build the tensors of a graph.

    Parameters
    ----------
    graph
        The graph, whose entities carry the training cells' ``mean`` and ``sd``.
    gene_vectors, path_vectors
        (G, T) and (P, T) text embeddings in the order of the graph's entities and paths.
    """
    n_genes, (sources, targets) = len(graph.entities), graph.edge_index
    nodes = graph.path_nodes()
    mask = nodes >= 0
    signs = graph.path_signs() / mask.sum(axis=1, keepdims=True)
    return GraphTensors(
        gene_text=_standardised_rows(gene_vectors),
        path_text=_standardised_rows(path_vectors),
        edge_index=torch.from_numpy(graph.edge_index),
        edge_type=torch.from_numpy(graph.edge_type),
        in_degree=torch.from_numpy(np.bincount(targets, minlength=n_genes).clip(max=MAX_DEGREE)),
        out_degree=torch.from_numpy(np.bincount(sources, minlength=n_genes).clip(max=MAX_DEGREE)),
        path_nodes=torch.from_numpy(np.where(mask, nodes, 0)),
        path_types=torch.from_numpy(graph.path_edge_types()),
        path_mask=torch.from_numpy(mask),
        path_signs=torch.from_numpy(signs).float(),
        gene_mean=torch.from_numpy(graph.entities["mean"].to_numpy(dtype=np.float32)),
        gene_sd=torch.from_numpy(graph.entities["sd"].to_numpy(dtype=np.float32)),
    )


def _standardised_rows(vectors: np.ndarray) -> Tensor:
    """Each vector with mean 0 and variance 1 over its T entries, so that encoders of any scale are alike to the model.

    A zero vector, the defined vector of missing text, stays zero.
    """
    rows = torch.as_tensor(vectors, dtype=torch.float32)
    return torch.nn.functional.layer_norm(rows, rows.shape[-1:], eps=1e-12)  # far below the variance of any encoder
