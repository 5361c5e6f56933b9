"""A column of genes in a table of gene sets, gene lists or markers."""

import logging

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.genes.faults import DATES_ADVICE, is_like_symbol, is_spreadsheet_date
from pathlore.genes.identifiers import ENSEMBL, ENTREZ
from pathlore.missing import known_texts

logger = logging.getLogger(__name__)


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
