"""Random graphs and cells of any size, with what decides the cost of a step like in the real ones."""

import numpy as np
import torch
from torch import Tensor

from pathlore.graph.network import N_EDGE_TYPES
from pathlore.model.graph_tensors import MAX_DEGREE, GraphTensors

EDGES_PER_GENE = 3  # the curated network has 2.8
SHORTEST, LONGEST = 3, 7  # genes on a path
ZEROS = 0.8  # share of a cell's genes that were not counted


def random_graph(
    n_genes: int, n_paths: int, longest: int = LONGEST, text_width: int = 768, seed: int = 0
) -> GraphTensors:
    """Draw a graph.

    Parameters
    ----------
    n_genes, n_paths, longest, text_width
        G, P, L and T. There are 3 G edges of all types, without loops and repeats; paths have 3 to L genes.
    seed
        Of everything.
    """
    rng = np.random.default_rng(seed)
    codes = rng.choice(n_genes * (n_genes - 1), EDGES_PER_GENE * n_genes, replace=False)  # ordered pairs of two genes
    source, target = codes // (n_genes - 1), codes % (n_genes - 1)
    target = target + (target >= source)
    nodes = np.stack([rng.choice(n_genes, longest, replace=False) for _ in range(n_paths)])  # (P, L)
    mask = np.arange(longest) < rng.integers(SHORTEST, longest, n_paths, endpoint=True)[:, None]
    types = rng.integers(1, N_EDGE_TYPES, nodes.shape) * mask
    types[:, 0] = 0  # no step arrives at the receptor
    signs = np.cumprod(rng.choice([1.0, -1.0], nodes.shape, p=[0.8, 0.2]), axis=1) * mask
    tensors = {
        "gene_text": _single(rng.standard_normal((n_genes, text_width))),
        "path_text": _single(rng.standard_normal((n_paths, text_width))),
        "edge_index": torch.from_numpy(np.stack([source, target])),
        "edge_type": torch.from_numpy(rng.integers(1, N_EDGE_TYPES, len(source))),
        "in_degree": torch.from_numpy(np.bincount(target, minlength=n_genes).clip(max=MAX_DEGREE)),
        "out_degree": torch.from_numpy(np.bincount(source, minlength=n_genes).clip(max=MAX_DEGREE)),
        "path_nodes": torch.from_numpy(nodes * mask),
        "path_types": torch.from_numpy(types),
        "path_mask": torch.from_numpy(mask),
        "path_signs": _single(signs / mask.sum(axis=1, keepdims=True)),
        "gene_mean": _single(rng.random(n_genes)),
        "gene_sd": _single(0.5 + rng.random(n_genes)),
    }
    return GraphTensors(**tensors)


def random_cells(n_cells: int, n_genes: int, seed: int = 1) -> Tensor:
    """Draw log1p of counts scaled to 10,000 per cell, (B, G).

    Four fifths are zero and most others one of a few small counts, so that few values occur in a cell.
    """
    rng = np.random.default_rng(seed)
    counts = rng.geometric(0.5, (n_cells, n_genes)) * (rng.random((n_cells, n_genes)) >= ZEROS)
    counts[:, 0] += 1  # no cell is empty
    return _single(np.log1p(1e4 * counts / counts.sum(axis=1, keepdims=True)))


def _single(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values.astype(np.float32))
