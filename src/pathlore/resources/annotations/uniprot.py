"""UniProtKB, as downloaded in TSV with the columns that hold gene names, protein names and function."""

import re

import pandas as pd

from pathlore.genes.columns import has, has_any, text
from pathlore.resources.annotations.forms import HUMAN, Form, Links, genes, no_links

PRIMARY = ("gene names (primary)", "gene names (primary )")
EVIDENCE = re.compile(r"\s*\{ECO:[^}]*\}")
REFERENCE = r"(?:PubMed:\d+|Ref\.\s?\d+|By similarity|Probable|Potential)"
CITATION = re.compile(rf"\s*\({REFERENCE}(?:,\s*{REFERENCE})*\)")


def plain_function(text_: str) -> str:
    """Sentences of a FUNCTION comment, without its label, evidence and citations.

    Examples
    --------
    >>> plain_function("FUNCTION: Binds DNA (PubMed:1, PubMed:2). {ECO:0000269|PubMed:1}.; FUNCTION: Bends it.")
    'Binds DNA. Bends it.'
    """
    parts = CITATION.sub("", EVIDENCE.sub("", text_)).split("FUNCTION:")
    sentences = (" ".join(part.split()).strip(" ;.") for part in parts)
    told = " ".join(f"{sentence}." for sentence in sentences if sentence)
    return re.sub(r"\s+([.,;:])", r"\1", re.sub(r"\.(?:\s*\.)+", ".", told))


def recommended_name(names: str) -> str:
    """Protein name that comes first, without the alternatives in brackets.

    Examples
    --------
    >>> recommended_name("Cellular tumor antigen p53 (Antigen NY-CO-13) (Phosphoprotein p53)")
    'Cellular tumor antigen p53'
    """
    return re.split(r" [(\[]", names, maxsplit=1)[0].rstrip(".")


def _read(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    """Human entries, reviewed ones first; the first of the gene names where no primary one is told apart."""
    if has_any(table, "organism (id)", "organism id"):
        table = table[(text(table, "organism (id)", "organism id") == HUMAN).to_numpy()]
    elif has(table, "organism"):
        table = table[text(table, "organism").str.contains("Homo sapiens", regex=False).to_numpy()]
    unreviewed = text(table, "reviewed", "status").str.lower() == "unreviewed"
    table = table.iloc[unreviewed.reset_index(drop=True).sort_values(kind="stable").index]
    symbol = text(table, *PRIMARY)
    if not has_any(table, *PRIMARY):
        symbol = text(table, "gene names").str.split().str[0].fillna("")
    return genes(
        symbol,
        name=text(table, "protein names").map(recommended_name),
        description=text(table, "function [cc]", "function").map(plain_function),
        split=";",
    )


UNIPROT = Form(
    lambda table: has(table, "entry") and has_any(table, *PRIMARY, "gene names"),
    no_links,
    _read,
)
