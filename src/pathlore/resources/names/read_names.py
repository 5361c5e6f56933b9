"""One table of gene names from several."""

import logging

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.genes.names import COLUMNS, GeneNames
from pathlore.resources.gene_column import known_genes
from pathlore.resources.names.formats import FORMATS
from pathlore.resources.raw import Raw, RawTables

logger = logging.getLogger(__name__)

IDS = ("ensembl", "entrez", "uniprot")
EXPECTED = (
    "the HGNC complete set (symbol, alias_symbol, prev_symbol, status), NCBI gene_info (GeneID, Symbol, Synonyms), "
    "Ensembl BioMart (Gene stable ID, Gene name), or symbol beside any of name, synonyms, ensembl, entrez, uniprot"
)


def read_gene_names(tables: RawTables) -> GeneNames:
    """Read tables of human gene names, and unite them.

    Understood are the HGNC complete set and custom downloads of genenames.org (withdrawn entries dropped), NCBI
    gene_info (species other than human dropped), Ensembl BioMart, and plain tables such as the built-in one. Where they
    differ, the first of this list is believed: a symbol that it calls a previous one becomes the approved one, and an
    id that it gives to one gene is not given to another.

    Parameters
    ----------
    tables
        File name -> its table; none gives an empty table of names.

    Returns
    -------
    The names, for lookup.

    Raises
    ------
    PathloreError
        A table has unknown columns, or no human gene.

    Examples
    --------
    >>> names = read_gene_names({"genes.csv": pd.DataFrame({"symbol": ["TP53"], "synonyms": ["P53;LFS1"]})})
    >>> names.to_symbol("LFS1", "alias")
    'TP53'
    """
    parts = sorted((_read(file, raw) for file, raw in tables.items()), key=lambda part: part[0])
    united = pd.DataFrame(columns=["symbol", "value", "field"], dtype=object)
    for _, part in parts:
        united = pd.concat([united, _agreeing(part, united)], ignore_index=True) if len(united) else part
    names = GeneNames(_wide(united))
    if tables:
        amounts = united["field"].value_counts()
        counts = ", ".join(f"{amounts.get(field, 0)} {field}" for field in COLUMNS[1:])
        logger.info("Gene names: %d approved symbols with %s, from %d tables", len(names), counts, len(tables))
    return names


def _read(file: str, raw: Raw) -> tuple[int, pd.DataFrame]:
    """Rank of its authority, and what a table holds."""
    for rank, form in enumerate(FORMATS):
        if isinstance(raw, pd.DataFrame) and form.fits(raw):
            rows, written = form.read(raw.reset_index(drop=True))
            symbols = known_genes(written, file, "gene_names")
            rows = rows[rows["symbol"].isin(set(symbols) - {""})]
            n_named = int((symbols != "").sum())
            logger.info(
                "Gene names %s: %d rows read; left out: %d of other species or withdrawn, %d without a symbol",
                file, len(raw), len(raw) - len(written), len(written) - n_named,
            )  # fmt: skip
            if rows.empty:
                raise PathloreError(f"none of the {len(raw)} rows of {file} names a human gene: check `gene_names`")
            return rank, rows
    found = f"the columns {shorten(raw.columns, 20)}" if isinstance(raw, pd.DataFrame) else "no table"
    raise PathloreError(f"{file} has {found}; expected as a table of gene names is {EXPECTED}: check `gene_names`")


def _agreeing(part: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Rows of a further table, as far as they do not contradict what is known."""
    approved = GeneNames(_wide(known)).to_symbols(part["symbol"], "previous")
    part = part.assign(symbol=approved.fillna(part["symbol"]))
    part.loc[part["field"] == "symbol", "value"] = part["symbol"]
    owners = known[known["field"].isin(IDS)].drop_duplicates(["field", "value"])
    owners = part[["field", "value"]].merge(owners, on=["field", "value"], how="left")["symbol"].to_numpy()
    part = part[pd.isna(owners) | (owners == part["symbol"].to_numpy())]
    rows = pd.concat([known, part], ignore_index=True)
    return rows[~rows.duplicated()].iloc[len(known) :]


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per symbol, with lists of values."""
    table = pd.DataFrame(index=pd.Index(rows["symbol"].drop_duplicates(), name="symbol"))
    for field in COLUMNS[1:]:
        of_field = rows[rows["field"] == field]
        table[field] = of_field.groupby("symbol", sort=False)["value"].agg(";".join).reindex(table.index, fill_value="")
    return table.reset_index()
