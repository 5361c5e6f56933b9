"""Attention over genes, over the stops of paths and over sentences: one meaning, several kernels.

All kernels are held to the same slow reference.
"""

from pathlore.model.attention.operations import Kernel, gene_attention, path_pooling, shared_attention
from pathlore.model.attention.pattern import Pattern, edge_pairs, neighbour_pairs

__all__ = ["Kernel", "Pattern", "edge_pairs", "gene_attention", "neighbour_pairs", "path_pooling", "shared_attention"]
