"""Tables of mouse and human orthologs: MGI, Ensembl BioMart, HCOP, and plain pairs."""

from pathlore.resources.orthologs.read_orthologs import read_orthologs

__all__ = ["read_orthologs"]
