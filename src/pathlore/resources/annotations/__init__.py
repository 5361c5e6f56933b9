"""What is written about genes: NCBI Gene, UniProt, HGNC, Ensembl, BioMedGraphica, and plain tables."""

from pathlore.resources.annotations.read_annotations import read_annotations

__all__ = ["read_annotations"]
