"""What is written about each gene, from any of the tables that people have."""

import logging
from collections.abc import Hashable

import pandas as pd

from pathlore.errors import PathloreError, shorten

logger = logging.getLogger(__name__)

SYMBOL_COLUMNS = ("symbol", "gene")
TEXT_COLUMNS = ("description", "summary", "text")
REFSEQ = "refseq_summary"
UNINFORMATIVE_KEYWORDS = frozenset(
    {"3d-structure", "alternative splicing", "complete proteome", "direct protein sequencing", "reference proteome"}
)
"""UniProt keywords that speak of how a protein was studied, not of what it does."""


def gene_annotations(table: pd.DataFrame) -> pd.DataFrame:
    """Bring a table of genes to symbol, name and description.

    Three forms are understood (column names in any case):

    - with ``refseq_summary``: the description is the RefSeq summary; where it is empty, the UniProt name and
      keywords. Gene Ontology terms (``go_bp``) are never used: they repeat the pathways that the results are later
      compared with.
    - with ``description``, ``summary`` or ``text`` (the first of these that exists), and perhaps ``name``.
    - with ``name`` alone.

    Parameters
    ----------
    table
        One row per gene, with a column ``symbol`` or ``gene``. Of several rows of one symbol, the first non-empty
        name and the first non-empty description win.

    Returns
    -------
    pandas.DataFrame
        `pathlore.schemas.GeneAnnotations`, in the order of the table; missing texts are empty strings.

    Raises
    ------
    PathloreError
        The table has no column of symbols or no column of texts, or no row with a symbol.

    Examples
    --------
    >>> table = pd.DataFrame({"gene": ["TP53", "TP53"], "summary": [None, "A tumor  suppressor."]})
    >>> gene_annotations(table).to_dict("records")
    [{'symbol': 'TP53', 'name': '', 'description': 'A tumor suppressor.'}]
    """
    columns: dict[str, Hashable] = {}
    for column in table.columns:
        columns.setdefault(str(column).strip().lower(), column)
    symbol = next((columns[name] for name in SYMBOL_COLUMNS if name in columns), None)
    text = next((columns[name] for name in TEXT_COLUMNS if name in columns), None)
    if symbol is None or (text is None and REFSEQ not in columns and "name" not in columns):
        raise PathloreError(
            f"the table of genes has the columns {shorten(table.columns, limit=20)}; expected are one of "
            f"{', '.join(SYMBOL_COLUMNS)} and one of {', '.join((*TEXT_COLUMNS, REFSEQ))}: rename them or change "
            "`gene_text`"
        )
    empty = pd.Series("", index=table.index)
    if REFSEQ in columns:
        uniprot = [_clean(table[columns[c]]) if c in columns else empty for c in ("uniprot_name", "uniprot_keywords")]
        fallback = [_protein(name, words) for name, words in zip(*uniprot, strict=True)]
        summary = _clean(table[columns[REFSEQ]])
        description = summary.where(summary != "", pd.Series(fallback, index=table.index, dtype=object))
    else:
        description = empty if text is None else _clean(table[text])
    genes = pd.DataFrame(
        {
            "symbol": _clean(table[symbol]),
            "name": _clean(table[columns["name"]]) if "name" in columns else empty,
            "description": description,
        }
    )
    return _one_row_per_symbol(genes)


def _one_row_per_symbol(genes: pd.DataFrame) -> pd.DataFrame:
    """First non-empty name and description of each symbol; rows without a symbol are left out."""
    named = genes[genes["symbol"] != ""]
    if named.empty:
        raise PathloreError(
            f"none of the {len(genes)} rows of the table of genes has a symbol: check the file given as `gene_text`"
        )
    # groupby.first skips missing values, so the empty strings are hidden from it
    unique = named.replace("", None).groupby("symbol", sort=False).first().fillna("").reset_index()
    logger.info(
        "Gene annotations: %d genes, %d named, %d described; %d rows of repeated and %d without symbols left out",
        len(unique),
        (unique["name"] != "").sum(),
        (unique["description"] != "").sum(),
        len(named) - len(unique),
        len(genes) - len(named),
    )
    return unique.astype(object)


def _clean(column: pd.Series) -> pd.Series:
    """Text without surrounding, repeated or broken white space; missing values are empty."""
    values = ["" if missing else " ".join(str(v).split()) for v, missing in zip(column, column.isna(), strict=True)]
    return pd.Series(values, index=column.index, dtype=object)


def _protein(name: str, keywords: str) -> str:
    """UniProt's recommended name, without the alternatives in brackets, and its informative keywords.

    Examples
    --------
    >>> _protein("Kelch-like protein 35 (KL35)", "Reference proteome;Kelch repeat")
    'Kelch-like protein 35. Keywords: Kelch repeat.'
    """
    words = [word.strip() for word in keywords.split(";")]
    told = ", ".join(word for word in words if word and word.lower() not in UNINFORMATIVE_KEYWORDS)
    recommended = name.split(" (")[0].rstrip(".")
    parts = [recommended and f"{recommended}.", told and f"Keywords: {told}."]
    return " ".join(part for part in parts if part)
