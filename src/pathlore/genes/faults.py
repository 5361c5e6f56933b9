"""Names in tables of genes that are none: dates that a spreadsheet made of symbols, texts, several genes in one."""

import re
from collections.abc import Iterable

from pathlore.errors import shorten

MONTHS = "jan|feb|mar|march|apr|may|jun|jul|aug|sep|sept|oct|nov|dec"
DATE = re.compile(
    rf"\d{{1,2}}[-/. ](?:{MONTHS})(?:[-/. ]\d{{2,4}})?|(?:{MONTHS})[-/ ](?:\d{{1,2}}|\d{{4}})"
    r"|\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ T]00:00:00)?|\d{1,2}/\d{1,2}/\d{2,4}|\d\.\d+E\+\d+",
    re.IGNORECASE,
)
"""2-Sep, Sep-02, 2-Sep-2024, 2024-09-02, and 2.31E+13 for a RIKEN clone; no symbol in use looks like any of them."""

SYMBOL = re.compile(r"[^\W_][\w@.*/'-]{0,59}")
"""Of any species; ``A_B`` too, which some tables write for a complex. Not: ``A+B``, ``A;B``, ``two words``."""
DATES_ADVICE = (
    "2-Sep was SEPTIN2 (SEPT2), 1-Mar MARCHF1 or MTARC1. Import that column as text, or write the present symbols"
)


def is_spreadsheet_date(name: str) -> bool:
    """Whether a name is what a spreadsheet makes of SEPT2, MARCH1, DEC1, OCT4 or a RIKEN clone.

    Examples
    --------
    >>> [is_spreadsheet_date(name) for name in ("2-Sep", "1-Mar", "Dec-01", "2024-09-02", "2.31E+13")]
    [True, True, True, True, True]
    >>> [is_spreadsheet_date(name) for name in ("SEPT2", "SEPTIN2", "MARCH1", "DEC1", "DEC-205", "HLA-A", "H2-K1")]
    [False, False, False, False, False, False, False]
    """
    return DATE.fullmatch(name.strip()) is not None


def dates_sentence(dates: Iterable[str]) -> str:
    """What names that a spreadsheet made dates of cost, in a sentence."""
    return f"a spreadsheet made dates of names of genes, which are lost: {shorten(dates, 4)}. {DATES_ADVICE}"


def is_like_symbol(name: str) -> bool:
    """Whether a name could be one gene's symbol or id by its letters.

    Examples
    --------
    >>> [is_like_symbol(name) for name in ("TP53", "HLA-DRB1*01", "H2-K1", "Trp53", "1700001C02Rik")]
    [True, True, True, True, True]
    >>> [is_like_symbol(name) for name in ("A+B", "TP53;MDM2", "a text", '"TP53', "-")]
    [False, False, False, False, False]
    """
    return SYMBOL.fullmatch(name) is not None
