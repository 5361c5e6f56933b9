"""Plain tables of gene texts: HGNC and Ensembl names, tables with known columns, and any two columns."""

import re

import pandas as pd

from pathlore.genes.columns import has, has_any, text
from pathlore.genes.identifiers import ENSEMBL, ENTREZ
from pathlore.resources.annotations.forms import SOURCE, Form, Links, cut_each, genes, no_links, pairs
from pathlore.resources.annotations.uniprot import recommended_name

SYMBOL = ("symbol", "gene", "gene_symbol", "gene symbol", "hgnc_symbol", "approved symbol")
TEXTS = ("description", "summary", "text")
NAME = ("name", "gene_name", "approved name")
REFSEQ = "refseq_summary"
ENTREZ_ID = ("entrez", "entrez_id", "ncbi gene id")
UNINFORMATIVE_KEYWORDS = frozenset(
    {"3d-structure", "alternative splicing", "complete proteome", "direct protein sequencing", "reference proteome"}
)
"""UniProt keywords that speak of how a protein was studied, not of what it does."""
SYMBOL_LIKE = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._/-]{0,29}")
MOSTLY = 0.9


def _links(table: pd.DataFrame) -> dict[str, str]:
    return pairs(text(table, *ENTREZ_ID), text(table, *SYMBOL))


def _read(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    """Symbol, perhaps a name, and the first column of texts; of ``refseq_summary`` empty cells are filled by UniProt.

    Gene Ontology terms (``go_bp``) are never used: they repeat the pathways that the results are later compared with.
    Of HGNC, whose table is of this form too, withdrawn entries are dropped.
    """
    withdrawn = text(table, "status").str.lower().str.contains("withdrawn", regex=False)
    table = table[~withdrawn.to_numpy()]
    description = text(table, REFSEQ) if has(table, REFSEQ) else text(table, *TEXTS)
    if has(table, REFSEQ):
        names, keywords = text(table, "uniprot_name"), text(table, "uniprot_keywords")
        fallback = [_protein(*row) for row in zip(names, keywords, strict=True)]
        description = description.where(description != "", pd.Series(fallback, index=table.index, dtype=object))
    return genes(text(table, *SYMBOL), name=text(table, *NAME), description=description)


def _protein(name: str, keywords: str) -> str:
    """UniProt's recommended name and its informative keywords.

    Examples
    --------
    >>> _protein("Kelch-like protein 35 (KL35)", "Reference proteome;Kelch repeat")
    'Kelch-like protein 35. Keywords: Kelch repeat.'
    """
    words = [word.strip() for word in keywords.split(";")]
    told = ", ".join(word for word in words if word and word.lower() not in UNINFORMATIVE_KEYWORDS)
    recommended = recommended_name(name)
    parts = [recommended and f"{recommended}.", told and f"Keywords: {told}."]
    return " ".join(part for part in parts if part)


def _read_biomart(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    """Ensembl's description of a human gene is its name, with a note on where it comes from."""
    if has(table, "gene stable id"):
        table = table[text(table, "gene stable id").str.startswith("ENSG").to_numpy()]
    return genes(text(table, "gene name", "hgnc symbol"), name=cut_each(text(table, "gene description"), SOURCE))


def _symbol_column(table: pd.DataFrame) -> int | None:
    """Which of two columns holds symbols, the other one holding texts; None where that is not clear."""
    if table.shape[1] != 2 or table.empty:
        return None
    sides = [position for position in (0, 1) if _like_symbols(table, position) and _like_texts(table, 1 - position)]
    return sides[0] if len(sides) == 1 else None


def _like_symbols(table: pd.DataFrame, position: int) -> bool:
    told = _told(table, position)
    ids = told.str.fullmatch(ENSEMBL) | told.str.fullmatch(ENTREZ)
    return len(told) > 0 and bool((told.str.fullmatch(SYMBOL_LIKE) & ~ids).mean() >= MOSTLY)


def _like_texts(table: pd.DataFrame, position: int) -> bool:
    """Whether most values are more than one word."""
    told = _told(table, position)
    return len(told) > 0 and bool(told.str.contains(" ", regex=False).mean() > 0.5)


def _told(table: pd.DataFrame, position: int) -> pd.Series:
    """The values of one column that are not empty."""
    values = text(table.iloc[:, [position]].set_axis(["values"], axis=1), "values")
    return values[values != ""]


def _read_two_columns(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    """Symbols and texts, whatever the columns are called."""
    position = _symbol_column(table)
    columns = table.set_axis(["text", "symbol"] if position else ["symbol", "text"], axis=1)
    return genes(text(columns, "symbol"), description=text(columns, "text"))


PLAIN = Form(lambda table: has_any(table, *SYMBOL) and has_any(table, *TEXTS, REFSEQ, *NAME), _links, _read)
BIOMART = Form(
    lambda table: has(table, "gene description") and has_any(table, "gene name", "hgnc symbol"), no_links, _read_biomart
)
TWO_COLUMNS = Form(lambda table: _symbol_column(table) is not None, no_links, _read_two_columns)
