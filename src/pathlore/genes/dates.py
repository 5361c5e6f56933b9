"""Gene symbols that a spreadsheet has turned into dates or numbers."""

import re

MONTHS = "jan|feb|mar|march|apr|may|jun|jul|aug|sep|sept|oct|nov|dec"
DATE = re.compile(
    rf"\d{{1,2}}[-/. ](?:{MONTHS})(?:[-/. ]\d{{2,4}})?|(?:{MONTHS})[-/ ](?:\d{{1,2}}|\d{{4}})"
    r"|\d{4}-\d{2}-\d{2}(?:[ T]00:00:00)?|\d{1,2}/\d{1,2}/\d{2,4}|\d\.\d+E\+\d+",
    re.IGNORECASE,
)
"""2-Sep, Sep-02, 2-Sep-2024, 2024-09-02, and 2.31E+13 for a RIKEN clone; no symbol in use looks like any of them."""


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
