"""Formats of tables of orthologs, each brought to one row per pair of genes."""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from pathlore.genes.columns import canonical, has, has_any, text

COLUMNS = ("mouse", "human", "mouse_ensembl", "mouse_entrez", "human_ensembl", "human_entrez")
MIN_SUPPORT = 3
"""Databases that must agree on a pair of HCOP, as in decoupler and LIANA."""
ENTREZ = ("ncbi gene (formerly entrezgene) id", "ncbi gene id", "entrezgene id")
WORDS = {"mouse": ("mouse", "mgi", "mmusculus", "mmu"), "human": ("human", "hgnc", "hsapiens", "hsa")}


class Format(NamedTuple):
    """How one kind of table is known and read."""

    fits: Callable[[pd.DataFrame], bool]
    read: Callable[[pd.DataFrame], pd.DataFrame]  # -> COLUMNS


def _mgi(table: pd.DataFrame) -> pd.DataFrame:
    """MGI HOM_MouseHumanSequence.rpt: a row per gene, those of one class key are orthologs.

    https://www.informatics.jax.org/downloads/reports/index.html
    """
    species = text(table, "common organism name").str.lower()
    genes = pd.DataFrame(
        {
            "key": text(table, "db class key", "homologene id"),
            "symbol": text(table, "symbol"),
            "entrez": text(table, "entrezgene id"),
        }
    )
    mouse, human = (genes[species.str.startswith(name)] for name in ("mouse", "human"))
    pairs = mouse.merge(human, on="key", suffixes=("_mouse", "_human"))
    names = {"symbol_mouse": "mouse", "symbol_human": "human", "entrez_mouse": "mouse_entrez"}
    return pairs.rename(columns=names | {"entrez_human": "human_entrez"})


def _biomart_mouse(table: pd.DataFrame) -> pd.DataFrame:
    """Ensembl BioMart, genes of the mouse with their human orthologs."""
    pairs = pd.DataFrame(
        {
            "mouse": text(table, "gene name"),
            "mouse_ensembl": text(table, "gene stable id"),
            "mouse_entrez": text(table, *ENTREZ),
            "human": text(table, "human gene name"),
            "human_ensembl": text(table, "human gene stable id"),
        }
    )
    return pairs[(pairs["mouse_ensembl"] == "") | pairs["mouse_ensembl"].str.startswith("ENSMUSG")]


def _biomart_human(table: pd.DataFrame) -> pd.DataFrame:
    """Ensembl BioMart, human genes with their orthologs in the mouse."""
    return pd.DataFrame(
        {
            "mouse": text(table, "mouse gene name"),
            "mouse_ensembl": text(table, "mouse gene stable id"),
            "human": text(table, "gene name"),
            "human_ensembl": text(table, "gene stable id"),
            "human_entrez": text(table, *ENTREZ),
        }
    )


def _hcop(table: pd.DataFrame) -> pd.DataFrame:
    """HCOP: pairs that `MIN_SUPPORT` databases agree on, and of each mouse gene those with the most of them.

    https://www.genenames.org/tools/hcop: the table of human and mouse, or of all species (``ortholog_species_...``).
    """
    of = "ortholog_species_" if has(table, "ortholog_species") else "mouse_"
    if of != "mouse_":
        table = table[text(table, "ortholog_species").isin(("10090", "mouse")).to_numpy()]
    names = {
        "mouse": f"{of}symbol", "mouse_ensembl": f"{of}ensembl_gene", "mouse_entrez": f"{of}entrez_gene",
        "human": "human_symbol", "human_ensembl": "human_ensembl_gene", "human_entrez": "human_entrez_gene",
    }  # fmt: skip
    pairs = pd.DataFrame({column: text(table, name) for column, name in names.items()})
    if not has(table, "support"):
        return pairs
    support = text(table, "support").str.split(",").map(lambda databases: len(set(databases)))
    gene = pairs["mouse_entrez"] + " " + pairs["mouse_ensembl"] + " " + pairs["mouse"]
    return pairs[(support >= MIN_SUPPORT) & (support == support.groupby(gene).transform("max"))]


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Two columns that name mouse and human."""
    return pd.DataFrame({species: text(table, str(_column(table, species))) for species in ("mouse", "human")})


def _column(table: pd.DataFrame, species: str) -> str | None:
    """The column of a species' symbols: one that is not of ids, if several name the species."""
    present = [canonical(column) for column in table.columns]
    of_species = [name for name in present if name.startswith(WORDS[species]) or name.endswith(WORDS[species])]
    symbols = [name for name in of_species if not any(word in name for word in ("ensembl", "entrez", "_id", " id"))]
    return min(symbols, key=lambda name: "symbol" not in name) if symbols else None


FORMATS = (
    Format(lambda table: has(table, "common organism name", "symbol"), _mgi),
    Format(
        lambda table: (
            has_any(table, "gene name", "gene stable id") and has_any(table, "human gene name", "human gene stable id")
        ),
        _biomart_mouse,
    ),
    Format(
        lambda table: (
            has_any(table, "gene name", "gene stable id") and has_any(table, "mouse gene name", "mouse gene stable id")
        ),
        _biomart_human,
    ),
    Format(lambda table: has_any(table, "human_entrez_gene", "human_ensembl_gene", "support"), _hcop),
    Format(lambda table: _column(table, "mouse") is not None and _column(table, "human") is not None, _plain),
)
