"""What every format of gene texts is brought to, and what they have in common."""

import html
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd

CREDIT = re.compile(r"\s*\[?(?:provided|supplied) by [^\[\]]*\]")
"""Who provided a summary; the bracket that opens may be missing."""
SOURCE = re.compile(r"\s*\[Source:[^\]]*\]")
TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>")
"""A tag of HTML; p<0.05 is none."""
HUMAN = "9606"

Links = Mapping[str, str]
"""Symbol of each NCBI Gene id and each BioMedGraphica id that some table names."""


class Form(NamedTuple):
    """How one kind of table is known, what it tells of other tables' ids, and how it is read."""

    fits: Callable[[pd.DataFrame], bool]
    links: Callable[[pd.DataFrame], dict[str, str]]
    read: Callable[[pd.DataFrame, Links], pd.DataFrame]  # -> symbol, name, description


def no_links(table: pd.DataFrame) -> dict[str, str]:
    """A table that names no ids."""
    return {}


def pairs(ids: pd.Series, symbols: pd.Series) -> dict[str, str]:
    """Ids with their symbols, where there are both.

    Examples
    --------
    >>> pairs(pd.Series(["7157", ""]), pd.Series(["TP53", "MYC"]))
    {'7157': 'TP53'}
    """
    return {key: symbol for key, symbol in zip(ids, symbols, strict=True) if key and symbol}


def genes(
    symbol: pd.Series, *, name: pd.Series | str = "", description: pd.Series | str = "", split: str | None = None
) -> pd.DataFrame:
    """Put columns together; a cell with several symbols (parted by ``split``) makes several rows of one index.

    Examples
    --------
    >>> genes(pd.Series(["GENEA; GENEB"]), name="twin", split=";").to_numpy().tolist()
    [['GENEA', 'twin', ''], ['GENEB', 'twin', '']]
    """
    table = pd.DataFrame({"symbol": symbol}, dtype=object).assign(name=name, description=description)
    if split is not None:
        table = table.assign(symbol=table["symbol"].str.split(split)).explode("symbol")
        table["symbol"] = table["symbol"].str.strip()
    return table


def cut_each(column: pd.Series, pattern: re.Pattern[str]) -> pd.Series:
    """Cut what a pattern finds, wherever it stands.

    Examples
    --------
    >>> cut_each(pd.Series(["A kinase. [provided by RefSeq, Jul 2008]"]), CREDIT).tolist()
    ['A kinase.']
    """
    return column.str.replace(pattern, "", regex=True).str.strip()


def without_html(column: pd.Series) -> pd.Series:
    """Texts without tags and with characters in place of their names; two spaces in a row become one.

    Examples
    --------
    >>> without_html(pd.Series(["Binds <i>JAK1</i> &amp; STAT1,<br/>p<0.05", "IFN-&gamma; <sup>+</sup>"])).tolist()
    ['Binds JAK1 & STAT1, p<0.05', 'IFN-γ +']
    """
    coded = column.str.contains("[<&]", regex=True)
    cleaned = column[coded].str.replace(r"<(?:br|p|li|/p|/li)\s*/?>", " ", regex=True)
    cleaned = cleaned.str.replace(TAG, "", regex=True).map(html.unescape)
    return column.mask(coded, cleaned.str.replace(r"\s+", " ", regex=True).str.strip())
