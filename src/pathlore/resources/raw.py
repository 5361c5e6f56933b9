"""Raw tables as they come from files, before any reader has understood them."""

from collections.abc import Mapping
from typing import TypeAlias

import pandas as pd

Raw: TypeAlias = pd.DataFrame | str
"""A table, all cells as text with empty strings for what is missing; or the text of a file in XML (KGML) or GMT."""

RawTables: TypeAlias = Mapping[str, Raw]
"""File name -> its contents."""


def has_columns(raw: Raw, *names: str) -> bool:
    """Whether a raw table has all of these columns.

    Examples
    --------
    >>> has_columns(pd.DataFrame(columns=["source", "target"]), "source"), has_columns("<pathway/>", "source")
    (True, False)
    """
    return isinstance(raw, pd.DataFrame) and set(names) <= set(raw.columns)
