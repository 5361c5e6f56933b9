"""Known biology as a yardstick: gene sets and lists of genes, always beside what prior and chance would give."""

from pathlore.explain.known_biology.coherence import path_coherence
from pathlore.explain.known_biology.enrichment import enrichment
from pathlore.explain.known_biology.gene_lists import gene_list_overlap

__all__ = ["enrichment", "gene_list_overlap", "path_coherence"]
