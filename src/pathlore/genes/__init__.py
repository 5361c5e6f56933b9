"""Genes by any name: which identifiers a list holds, and which approved human symbol each one means."""

from pathlore.genes.mapping import map_genes
from pathlore.genes.names import GeneNames

__all__ = ["GeneNames", "map_genes"]
