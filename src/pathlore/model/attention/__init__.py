"""Attention over genes and over sentences: one meaning, several kernels, all held to the same slow reference."""

from pathlore.model.attention.operations import Kernel, gene_attention, shared_attention
from pathlore.model.attention.pattern import Pattern, edge_pairs, neighbour_pairs

__all__ = ["Kernel", "Pattern", "edge_pairs", "gene_attention", "neighbour_pairs", "shared_attention"]
