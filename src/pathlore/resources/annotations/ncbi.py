"""NCBI Gene: names in gene_info, summaries of RefSeq in gene_summary.

https://ftp.ncbi.nlm.nih.gov/gene/DATA/README
"""

import pandas as pd

from pathlore.errors import PathloreError
from pathlore.genes.columns import has, text
from pathlore.resources.annotations.forms import HUMAN, Form, Links, genes, no_links, pairs


def _human(table: pd.DataFrame) -> pd.DataFrame:
    return table[(text(table, "tax_id") == HUMAN).to_numpy()] if has(table, "tax_id") else table


def _symbol(table: pd.DataFrame) -> pd.Series:
    """Symbol of the nomenclature authority, where it has one."""
    approved = text(table, "symbol_from_nomenclature_authority")
    return approved.where(approved != "", text(table, "symbol"))


def _info_links(table: pd.DataFrame) -> dict[str, str]:
    human = _human(table)
    return pairs(text(human, "geneid"), _symbol(human))


def _read_info(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    """The full name of the nomenclature authority, else the description, which is NCBI's name of the gene."""
    human = _human(table)
    name = text(human, "full_name_from_nomenclature_authority")
    return genes(_symbol(human), name=name.where(name != "", text(human, "description")))


def _read_summary(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    """Summaries by gene id; those of RefSeq before those of other sources."""
    human = _human(table)
    ids = text(human, "geneid")
    symbol = ids.map(links).fillna("")
    if len(human) and not (symbol != "").any():
        raise PathloreError(
            f"the gene ids of {len(human)} human summaries of NCBI gene_summary (such as {', '.join(ids.iloc[:3])}) "
            "stand for symbols in no other table: give NCBI gene_info (GeneID, Symbol) beside it in `gene_text`"
        )
    summaries = genes(symbol, description=text(human, "summary"))
    not_refseq = text(human, "source").str.lower() != "refseq"
    return summaries.loc[not_refseq.sort_values(kind="stable").index]


INFO = Form(lambda table: has(table, "geneid", "symbol", "description"), _info_links, _read_info)
SUMMARY = Form(lambda table: has(table, "geneid", "summary") and not has(table, "symbol"), no_links, _read_summary)
