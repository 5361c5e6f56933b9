"""What is known about a resource before any of its files is there."""

from dataclasses import dataclass

NETWORK, GENE_NAMES, GENE_TEXT, ORTHOLOGS = "network", "gene_names", "gene_text", "orthologs"
"""Runtime parameters that take the files of a resource."""


@dataclass(frozen=True)
class File:
    """One file of a resource."""

    name: str  # as it is stored
    url: str
    sha256: str | None = None  # None: the first transfer decides


@dataclass(frozen=True)
class Resource:
    """One resource of the field: what it is, where it lies, and what its licence asks of those who use it.

    Without ``files`` it is fetched by hand: whatever lies in its folder belongs to it.
    """

    name: str
    title: str
    gives: str
    parameters: tuple[str, ...]  # runtime parameters that take its files
    reader: str  # format under which its files are understood
    licence: str
    home: str
    citation: str
    files: tuple[File, ...] = ()
    by_hand: str = ""  # how to fetch it where it has no files, else what to do with them before they can be read
