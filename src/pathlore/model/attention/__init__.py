"""Attention over genes, over the stops of paths and over sentences, on torch's fused kernels."""

from pathlore.model.attention.operations import gene_attention, path_pooling, shared_attention
from pathlore.model.attention.pattern import Pattern, edge_pairs, neighbour_pairs

__all__ = ["Pattern", "edge_pairs", "gene_attention", "neighbour_pairs", "path_pooling", "shared_attention"]
