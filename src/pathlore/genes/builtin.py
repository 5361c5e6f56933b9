"""The symbols of the table of genes that comes with the package."""

from functools import cache
from importlib.resources import files

import pandas as pd


@cache
def builtin_symbols() -> frozenset[str]:
    """Approved symbols, in capital letters."""
    table = pd.read_csv(str(files("pathlore") / "knowledge" / "genes.csv"), usecols=["symbol"], dtype=str)
    return frozenset(table["symbol"].str.upper())
