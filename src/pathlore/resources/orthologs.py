"""Tables of mouse and human orthologs: MGI, Ensembl BioMart, HCOP, and plain pairs."""

import logging
from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from pathlore.errors import PathloreError
from pathlore.genes.columns import canonical, has, has_any, text
from pathlore.genes.names import GeneNames
from pathlore.resources.raw import Raw, RawTables, format_of, known_genes

logger = logging.getLogger(__name__)

COLUMNS = ("mouse", "human", "mouse_ensembl", "mouse_entrez", "human_ensembl", "human_entrez")
MIN_SUPPORT = 3
"""Databases that must agree on a pair of HCOP, as in decoupler and LIANA."""
ENTREZ = ("ncbi gene (formerly entrezgene) id", "ncbi gene id", "entrezgene id")
WORDS = {"mouse": ("mouse", "mgi", "mmusculus", "mmu"), "human": ("human", "hgnc", "hsapiens", "hsa")}


class Format(NamedTuple):
    """How one kind of table is known and read."""

    fits: Callable[[pd.DataFrame], bool]
    read: Callable[[pd.DataFrame], pd.DataFrame]  # -> COLUMNS


def _mgi(table: pd.DataFrame) -> pd.DataFrame:
    """MGI HOM_MouseHumanSequence.rpt: a row per gene, those of one class key are orthologs.

    https://www.informatics.jax.org/downloads/reports/index.html
    """
    species = text(table, "common organism name").str.lower()
    genes = pd.DataFrame(
        {
            "key": text(table, "db class key", "homologene id"),
            "symbol": text(table, "symbol"),
            "entrez": text(table, "entrezgene id"),
        }
    )
    mouse, human = (genes[species.str.startswith(name)] for name in ("mouse", "human"))
    pairs = mouse.merge(human, on="key", suffixes=("_mouse", "_human"))
    names = {"symbol_mouse": "mouse", "symbol_human": "human", "entrez_mouse": "mouse_entrez"}
    return pairs.rename(columns=names | {"entrez_human": "human_entrez"})


def _biomart_mouse(table: pd.DataFrame) -> pd.DataFrame:
    """Ensembl BioMart, genes of the mouse with their human orthologs."""
    pairs = pd.DataFrame(
        {
            "mouse": text(table, "gene name"),
            "mouse_ensembl": text(table, "gene stable id"),
            "mouse_entrez": text(table, *ENTREZ),
            "human": text(table, "human gene name"),
            "human_ensembl": text(table, "human gene stable id"),
        }
    )
    return pairs[(pairs["mouse_ensembl"] == "") | pairs["mouse_ensembl"].str.startswith("ENSMUSG")]


def _biomart_human(table: pd.DataFrame) -> pd.DataFrame:
    """Ensembl BioMart, human genes with their orthologs in the mouse."""
    return pd.DataFrame(
        {
            "mouse": text(table, "mouse gene name"),
            "mouse_ensembl": text(table, "mouse gene stable id"),
            "human": text(table, "gene name"),
            "human_ensembl": text(table, "gene stable id"),
            "human_entrez": text(table, *ENTREZ),
        }
    )


def _hcop(table: pd.DataFrame) -> pd.DataFrame:
    """HCOP: pairs that `MIN_SUPPORT` databases agree on, and of each mouse gene those with the most of them.

    https://www.genenames.org/tools/hcop: the table of human and mouse, or of all species (``ortholog_species_...``).
    """
    of = "ortholog_species_" if has(table, "ortholog_species") else "mouse_"
    if of != "mouse_":
        table = table[text(table, "ortholog_species").isin(("10090", "mouse")).to_numpy()]
    names = {
        "mouse": f"{of}symbol", "mouse_ensembl": f"{of}ensembl_gene", "mouse_entrez": f"{of}entrez_gene",
        "human": "human_symbol", "human_ensembl": "human_ensembl_gene", "human_entrez": "human_entrez_gene",
    }  # fmt: skip
    pairs = pd.DataFrame({column: text(table, name) for column, name in names.items()})
    if not has(table, "support"):
        return pairs
    support = text(table, "support").str.split(",").map(lambda databases: len(set(databases)))
    gene = pairs["mouse_entrez"] + " " + pairs["mouse_ensembl"] + " " + pairs["mouse"]
    return pairs[(support >= MIN_SUPPORT) & (support == support.groupby(gene).transform("max"))]


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Two columns that name mouse and human."""
    return pd.DataFrame({species: text(table, str(_column(table, species))) for species in ("mouse", "human")})


def _column(table: pd.DataFrame, species: str) -> str | None:
    """The column of a species' symbols: one that is not of ids, if several name the species."""
    present = [canonical(column) for column in table.columns]
    of_species = [name for name in present if name.startswith(WORDS[species]) or name.endswith(WORDS[species])]
    symbols = [name for name in of_species if not any(word in name for word in ("ensembl", "entrez", "_id", " id"))]
    return min(symbols, key=lambda name: "symbol" not in name) if symbols else None


FORMATS = (
    Format(lambda table: has(table, "common organism name", "symbol"), _mgi),
    Format(
        lambda table: (
            has_any(table, "gene name", "gene stable id") and has_any(table, "human gene name", "human gene stable id")
        ),
        _biomart_mouse,
    ),
    Format(
        lambda table: (
            has_any(table, "gene name", "gene stable id") and has_any(table, "mouse gene name", "mouse gene stable id")
        ),
        _biomart_human,
    ),
    Format(lambda table: has_any(table, "human_entrez_gene", "human_ensembl_gene", "support"), _hcop),
    Format(lambda table: _column(table, "mouse") is not None and _column(table, "human") is not None, _plain),
)


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
    table, form = format_of(file, raw, FORMATS, of="orthologs", expected=EXPECTED, parameter="orthologs")
    pairs = form.read(table).reindex(columns=list(COLUMNS)).fillna("")
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
