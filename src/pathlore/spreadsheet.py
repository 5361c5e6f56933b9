"""Tables that people open in a spreadsheet: a text that would be calculated there is written as text."""

import csv
import re
from typing import Any

import pandas as pd

FORMULA = re.compile(r"'*[=+\-@\t\r\n].", re.DOTALL)
"""Beginnings that make Excel, LibreOffice and Google Sheets calculate; a lone sign is no formula."""
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def escaped(table: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before each text, and each name of a column, that a spreadsheet would calculate.

    A text that begins with an apostrophe and such a sign gets one more, so that `unescaped` gives back what was there.

    Examples
    --------
    >>> escaped(pd.DataFrame({"gene": ["=1+1", "@A", "-1.5", "HLA-A"]}))["gene"].tolist()
    ["'=1+1", "'@A", '-1.5', 'HLA-A']
    """
    return _changed(table, lambda text: f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text)


def unescaped(table: pd.DataFrame) -> pd.DataFrame:
    """Take away the apostrophes that `escaped` put there.

    Examples
    --------
    >>> unescaped(pd.DataFrame({"gene": ["'=1+1", "5'-end"]}))["gene"].tolist()
    ['=1+1', "5'-end"]
    """
    return _changed(table, lambda text: text[1:] if text.startswith("'") and FORMULA.match(text) else text)


def quoting(table: pd.DataFrame) -> int:
    """How to quote texts in CSV: all of them if one holds a carriage return, which the writer would leave bare."""
    bare = table.select_dtypes(["object", "string", "category"]).astype(str).map(lambda text: "\r" in text)
    found = bare.to_numpy().any() or any("\r" in str(name) for name in table.columns)
    return csv.QUOTE_NONNUMERIC if found else csv.QUOTE_MINIMAL


def _changed(table: pd.DataFrame, change: Any) -> pd.DataFrame:
    """The table with each text changed; columns without one stay as they are."""

    def of_cell(value: Any) -> Any:
        return change(value) if isinstance(value, str) else value

    new = table.rename(columns=of_cell)
    for place in range(table.shape[1]):
        column = table.iloc[:, place]
        if isinstance(column.dtype, pd.CategoricalDtype):
            changed = column.cat.rename_categories([of_cell(value) for value in column.cat.categories])
        elif pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype):
            changed = column.map(of_cell, na_action="ignore").astype(column.dtype)
        else:
            continue
        new.isetitem(place, changed)
    if any(isinstance(name, str) for name in table.index):
        new.index = table.index.map(of_cell)
    return new
