"""Tables of gene names: HGNC, NCBI Gene, Ensembl BioMart, and plain ones."""

from pathlore.resources.names.read_names import read_gene_names

__all__ = ["read_gene_names"]
