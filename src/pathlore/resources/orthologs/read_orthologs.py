"""Pairs of mouse and human genes from tables of orthologs."""

import logging

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.genes.names import GeneNames
from pathlore.resources.gene_column import known_genes
from pathlore.resources.orthologs.formats import COLUMNS, FORMATS
from pathlore.resources.raw import Raw, RawTables

logger = logging.getLogger(__name__)

EXPECTED = (
    "MGI HOM_MouseHumanSequence.rpt (DB Class Key, Common Organism Name, Symbol), Ensembl BioMart (Gene name, Human "
    "gene name), HCOP (human_symbol, mouse_symbol, support), or two columns that name mouse and human"
)


def read_orthologs(tables: RawTables, gene_names: GeneNames | None = None) -> pd.DataFrame:
    """Read tables of orthologs, and unite them.

    Understood are the MGI report of human and mouse homology, exports of Ensembl BioMart from either side, HCOP (where
    pairs on which fewer than three databases agree are dropped, and those with the most kept for each mouse gene), and
    any table with a column for the mouse and one for the human.

    Parameters
    ----------
    tables
        File name -> its table; none gives an empty frame.
    gene_names
        Human gene names, for tables that name the human genes by Ensembl or Entrez ids alone.

    Returns
    -------
    Columns ``mouse``, ``human`` (symbols; ``mouse`` is empty where only an id is known), ``mouse_ensembl``,
    ``mouse_entrez`` (';'-joined ids, empty where there are none); each pair once.

    Raises
    ------
    PathloreError
        A table has unknown columns, or no pair.

    Examples
    --------
    >>> pairs = pd.DataFrame({"mouse_gene": ["Trp53"], "human_gene": ["TP53"]})
    >>> read_orthologs({"pairs.csv": pairs}).to_numpy().tolist()
    [['Trp53', 'TP53', '', '']]
    """
    columns = list(COLUMNS[:4])
    parts = [_read(file, raw, gene_names) for file, raw in tables.items()]
    pairs = pd.concat([pd.DataFrame(columns=columns, dtype=object), *parts], ignore_index=True)
    united = pairs.drop_duplicates(["mouse", "human"])[["mouse", "human"]].reset_index(drop=True)
    for column in columns[2:]:
        ids = pairs.loc[pairs[column] != "", ["mouse", "human", column]].drop_duplicates()
        joined = ids.groupby(["mouse", "human"], sort=False)[column].agg(";".join).reset_index()
        united = united.merge(joined, on=["mouse", "human"], how="left").fillna({column: ""})
    if tables:
        n_mouse = int((united["mouse"] != "").sum())
        logger.info("Orthologs: %d pairs, %d with a mouse symbol, from %d tables", len(united), n_mouse, len(tables))
    return united.astype(object)


def _read(file: str, raw: Raw, gene_names: GeneNames | None) -> pd.DataFrame:
    """Pairs of one table: the human gene has a symbol, the mouse gene a symbol or an id."""
    form = next((form for form in FORMATS if isinstance(raw, pd.DataFrame) and form.fits(raw)), None)
    if form is None or isinstance(raw, str):
        found = f"the columns {shorten(raw.columns, 20)}" if isinstance(raw, pd.DataFrame) else "no table"
        raise PathloreError(f"{file} has {found}; expected as a table of orthologs is {EXPECTED}: check `orthologs`")
    pairs = form.read(raw.reset_index(drop=True)).reindex(columns=list(COLUMNS)).fillna("")
    if gene_names is not None:
        for kind in ("ensembl", "entrez"):
            symbols = gene_names.to_symbols(pairs[f"human_{kind}"], kind).fillna("")
            pairs["human"] = pairs["human"].where(pairs["human"] != "", symbols)
    for species in ("human", "mouse"):
        pairs[species] = known_genes(pairs[species], file, "orthologs")
    has_mouse = (pairs[["mouse", "mouse_ensembl", "mouse_entrez"]] != "").any(axis=1)
    named = pairs[has_mouse & (pairs["human"] != "")]
    logger.info(
        "Orthologs %s: %d rows read, %d pairs; left out: %d without a mouse or a human gene",
        file, len(raw), len(named), len(pairs) - len(named),
    )  # fmt: skip
    if named.empty:
        by_id = (pairs[["human_ensembl", "human_entrez"]] != "").any(axis=None)
        advice = "give `gene_names` too, for human genes that have ids alone, or check" if by_id else "check"
        raise PathloreError(
            f"none of the {len(raw)} rows of {file} pairs a mouse gene with a human symbol: {advice} `orthologs`"
        )
    return named
