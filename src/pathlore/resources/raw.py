"""Raw tables as they come from files: their columns, their cells, and their genes."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Protocol, TypeAlias, TypeVar

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.genes.columns import canonical
from pathlore.genes.faults import DATES_ADVICE, is_like_symbol, is_spreadsheet_date
from pathlore.genes.identifiers import ENSEMBL, ENTREZ
from pathlore.missing import known_texts

logger = logging.getLogger(__name__)

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


class Format(Protocol):
    """A kind of table that can be told by its columns."""

    @property
    def fits(self) -> Callable[[pd.DataFrame], bool]:
        """Whether a table is of this kind."""


AnyFormat = TypeVar("AnyFormat", bound=Format)


def format_of(
    file: str, raw: Raw, formats: Sequence[AnyFormat], *, of: str, expected: str, parameter: str
) -> tuple[pd.DataFrame, AnyFormat]:
    """The table with rows numbered from 0, and the first of the formats that it fits.

    Raises
    ------
    PathloreError
        It fits none.
    """
    if isinstance(raw, pd.DataFrame):
        for form in formats:
            if form.fits(raw):
                return raw.reset_index(drop=True), form
    found = f"the columns {shorten(raw.columns, 20)}" if isinstance(raw, pd.DataFrame) else "no table"
    raise PathloreError(f"{file} has {found}; expected as a table of {of} is {expected}: check `{parameter}`")


ALIKE = 0.8
"""Share of letters in common (`difflib`) from which a name is taken for a misspelt one."""


def misspelt(present: Iterable[object], optional: Iterable[str], others: Iterable[str] = ()) -> dict[str, str]:
    """Columns that nobody knows, each with the optional one that is absent and that it is nearly called.

    Parameters
    ----------
    present
        Columns of a table.
    optional
        Columns that are read where they are there.
    others
        Columns that are known and not read.

    Examples
    --------
    >>> misspelt(["source", "SIGNX", "note"], ["source", "sign"]), misspelt(["sign", "signs"], ["sign"])
    ({'SIGNX': 'sign'}, {})
    """
    names = {canonical(name): str(name) for name in present}
    known = {canonical(name): name for name in optional}
    absent = [name for name in known if name not in names]
    unknown = [name for name in names if name not in known and name not in {canonical(other) for other in others}]
    near = {name: get_close_matches(name, absent, n=1, cutoff=ALIKE) for name in unknown}
    return {names[name]: known[found[0]] for name, found in near.items() if found}


def refuse_misspelt(
    file: str, present: Iterable[object], optional: Iterable[str], parameter: str, others: Iterable[str] = ()
) -> None:
    """Refuse a table in which a column is nearly called like an optional one that is absent.

    Raises
    ------
    PathloreError
        There is such a column: it would be left unread in silence.
    """
    found = misspelt(present, optional, others)
    if found:
        wrong, right = shorten(found), ", ".join(dict.fromkeys(found[name] for name in sorted(found)))
        raise PathloreError(
            f"{file} has the column(s) {wrong}, which no reader knows; expected {right}: rename the column(s) if that "
            f"is meant, else remove or rename them otherwise, in the file behind `{parameter}`"
        )


def known_genes(genes: pd.Series, file: str, parameter: str) -> pd.Series:
    """Symbols of a column, the empty text for what is no gene; the log counts these.

    Parameters
    ----------
    genes
        As written.
    file, parameter
        For messages.

    Raises
    ------
    PathloreError
        More than half of them are Ensembl or Entrez ids, which match no symbol of the network.

    Examples
    --------
    >>> known_genes(pd.Series(["TP53 ", "NA", "2-Sep", "a text"]), "t.csv", "gene_sets").tolist()
    ['TP53', '', '', '']
    """
    names = known_texts(genes)
    told = names[names != ""]
    different = pd.Series(told.unique(), dtype=object)
    ids = different[different.str.fullmatch(ENSEMBL) | different.str.fullmatch(ENTREZ)]
    if len(ids) > len(different) / 2:
        raise PathloreError(
            f"{file} names {len(ids)} of {len(different)} genes by Ensembl or Entrez ids (such as {shorten(ids, 2)}); "
            f"expected are gene symbols: take the file with symbols (such as ...symbols.gmt), or change `{parameter}`"
        )
    dates = different[different.map(is_spreadsheet_date)]
    others = different[~different.map(is_like_symbol)].drop(dates.index, errors="ignore")
    if len(dates):
        logger.warning(
            "%s: %d gene name(s) were made dates by a spreadsheet (%s) and are left out: %s",
            file, len(dates), shorten(dates, 4), DATES_ADVICE,
        )  # fmt: skip
    n_missing = len(names) - len(told)
    if n_missing or len(others) or len(ids):
        logger.info(
            "%s: left out are %d empty genes (NA) and %d names that are no gene symbol%s%s",
            file, n_missing, len(others), f" (such as {shorten(others, 3)})" if len(others) else "",
            f"; {len(ids)} Ensembl or Entrez ids stay as they are" if len(ids) else "",
        )  # fmt: skip
    return names.where(~names.isin({*dates, *others}), "")
