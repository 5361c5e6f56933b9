"""From the names of measured genes to human gene symbols, with an account of every one."""

import logging
from collections.abc import Sequence

import pandas as pd

from pathlore.config import GenesConfig
from pathlore.genes.faults import dates_sentence, is_spreadsheet_date
from pathlore.genes.human import map_human
from pathlore.genes.identifiers import WORDS, describe
from pathlore.genes.mouse import map_mouse
from pathlore.genes.names import GeneNames
from pathlore.genes.species import judge_species
from pathlore.genes.sufficiency import check_orthologs, check_share
from pathlore.keys import Mapped
from pathlore.schemas import GeneMapping

logger = logging.getLogger(__name__)


def map_genes(
    names: Sequence[str], gene_names: GeneNames, orthologs: pd.DataFrame, config: GenesConfig
) -> pd.DataFrame:
    """Say which human gene symbol each measured name means.

    Symbols and ids may be mixed: each name is read by itself. Human symbols that the table of names does not know are
    kept as given; ids without a symbol, and mouse genes without an ortholog, are lost.

    Parameters
    ----------
    names
        Names as measured, repeated ones once.
    gene_names
        Approved human symbols and their other names.
    orthologs
        Columns ``mouse``, ``human``, perhaps ``mouse_ensembl`` and ``mouse_entrez``; empty: none are known.
    config
        Species and kind of identifier, or ``"auto"``; fraction of ids or of mouse genes that must be understood.
        Predicted mouse genes and clones (Gm1234, 1700001C02Rik) do not count: orthologs of theirs are not expected.

    Returns
    -------
    Table :class:`~pathlore.schemas.GeneMapping`, one row per distinct name, in the order of the names.

    Raises
    ------
    PathloreError
        Genes of two species; mouse genes without a table of orthologs; too few names understood.

    Examples
    --------
    >>> table = GeneNames(pd.DataFrame({"symbol": ["TP53"], "ensembl": ["ENSG00000141510"]}))
    >>> config = GenesConfig(species="auto", identifier="auto", min_mapped=0.5)
    >>> map_genes(["ENSG00000141510.18"], table, pd.DataFrame(), config).to_numpy().tolist()
    [['ENSG00000141510.18', 'TP53', 'Ensembl id']]
    """
    distinct = pd.Series(list(dict.fromkeys(names)), dtype=object)
    genes = describe(distinct.fillna("").astype(str), config.identifier)
    species = _judge(genes, gene_names, orthologs, config)
    if species == "mouse":
        check_orthologs(genes, orthologs)
        mapped = map_mouse(genes, orthologs, gene_names)
    else:
        mapped = map_human(genes, gene_names)
    mapping = mapped.assign(name=distinct)[["name", "symbol", "how"]]
    kind = _main_kind(genes)
    amounts = mapping["how"].value_counts()
    logger.info(
        "%d gene names taken as %s %s, %d human symbols: %s",
        len(mapping),
        species,
        WORDS[kind],
        mapping["symbol"].nunique(),
        ", ".join(f"{amounts[how]} {how}" for how in Mapped.ALL if how in amounts.index),
    )
    _tell_spelling(genes, distinct)
    check_share(genes, mapping, kind=kind, species=species, wanted=config.min_mapped)
    return GeneMapping.validate(mapping)


def _tell_spelling(genes: pd.DataFrame, names: pd.Series) -> None:
    """Say how many symbols are read otherwise than they are written."""
    changed = (genes["kind"] == "symbol") & (genes["id"] != names.fillna("").astype(str).str.strip())
    if changed.any():
        first = names.index[changed][0]
        logger.info(
            "%d gene names are read without what a program added, such as %s as %s",
            int(changed.sum()), names[first], genes.loc[first, "id"],
        )  # fmt: skip
    dates = genes["id"][genes["id"].map(is_spreadsheet_date)]
    if len(dates):
        logger.warning("%s", dates_sentence(dates))


def _main_kind(genes: pd.DataFrame) -> str:
    """Kind of identifier of more than half of the names; symbols where there is none."""
    shares = genes["kind"].value_counts(normalize=True)
    return str(shares.index[0]) if len(shares) and shares.iloc[0] > 0.5 else "symbol"


def _judge(genes: pd.DataFrame, gene_names: GeneNames, orthologs: pd.DataFrame, config: GenesConfig) -> str:
    """Species; Entrez ids do not tell theirs, so that the tables are asked which of them they know."""
    species = judge_species(genes, config.species)
    if config.species == "auto" and _main_kind(genes) == "entrez" and "mouse_entrez" in orthologs.columns:
        as_human = map_human(genes, gene_names)["symbol"].notna().sum()
        as_mouse = map_mouse(genes, orthologs, gene_names)["symbol"].notna().sum()
        return "mouse" if as_mouse > as_human else "human"
    return species
