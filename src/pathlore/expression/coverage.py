"""How much of the data the knowledge reaches."""

import logging

import pandas as pd
from anndata import AnnData

from pathlore.errors import PathloreError
from pathlore.genes.identifiers import identifier_advice, identifier_kind
from pathlore.keys import Obs, Split
from pathlore.schemas import Coverage

logger = logging.getLogger(__name__)

FEWEST_IN_COMMON, FEW_IN_COMMON = 0.01, 0.2
"""Shares of the smaller of the two gene lists that data and network have in common: refused, and warned of, below."""


def coverage(
    cells: AnnData,
    splits: pd.DataFrame,
    annotations: pd.DataFrame,
    network: pd.DataFrame,
    statistics: pd.DataFrame,
) -> pd.DataFrame:
    """Count the cells, donors and genes of a population that take part, each beside what it is a part of.

    Parameters
    ----------
    cells
        Prepared cells (all populations).
    splits
        Table :class:`~pathlore.schemas.Splits` of the population.
    annotations
        Table :class:`~pathlore.schemas.GeneAnnotations`.
    network
        Table :class:`~pathlore.schemas.Network`.
    statistics
        Table :class:`~pathlore.schemas.GeneStatistics` of the population.

    Returns
    -------
    Table :class:`~pathlore.schemas.Coverage`: ``count`` of ``total`` for each ``measure``.

    Raises
    ------
    PathloreError
        Data and network have less than 1 % of the smaller gene list in common.
    """
    measured = set(statistics["gene"])
    passing = set(statistics.loc[statistics["passes"], "gene"])
    nodes = set(network["source"]) | set(network["target"])
    used = passing & nodes
    _check_overlap(measured, nodes)
    texts = annotations.set_index("symbol")
    with_text = {column: set(texts.index[texts[column].fillna("") != ""]) for column in ("name", "description")}
    rows = [
        *_cell_rows(splits, n_cells=cells.n_obs),
        ("genes measured", len(measured), len(measured)),
        ("genes that pass the filter", len(passing), len(measured)),
        ("network genes that are measured", len(measured & nodes), len(nodes)),
        ("network genes that pass the filter", len(used), len(nodes)),
        ("passing network genes with a name", len(used & with_text["name"]), len(used)),
        ("passing network genes with a description", len(used & with_text["description"]), len(used)),
    ]
    population = str(splits[Obs.POPULATION].iloc[0])
    logger.info("%s: %s", population, "; ".join(f"{measure} {n}/{total}" for measure, n, total in rows[-5:]))
    table = pd.DataFrame(rows, columns=["measure", "count", "total"])
    table.insert(0, Obs.POPULATION, population)
    return Coverage.validate(table)


def _cell_rows(splits: pd.DataFrame, *, n_cells: int) -> list[tuple[str, int, int]]:
    rows = [("cells", len(splits), n_cells)]
    n_donors = splits[Obs.DONOR].nunique()
    groups = [("of class", Obs.CONDITION, list(splits.sort_values(Obs.LABEL)[Obs.CONDITION].unique()))]
    groups.append(("in", Obs.SPLIT, list(Split.ALL)))
    for word, column, values in groups:
        rows += [(f"cells {word} {value}", int((splits[column] == value).sum()), len(splits)) for value in values]
    rows.append(("cells with a donor", int(splits[Obs.DONOR].notna().sum()), len(splits)))
    rows.append(("donors", n_donors, n_donors))
    for word, column, values in groups:
        donors = splits.groupby(column)[Obs.DONOR].nunique()
        rows += [(f"donors {word} {value}", int(donors.get(value, 0)), n_donors) for value in values]
    return rows


def _check_overlap(measured: set[str], nodes: set[str]) -> None:
    """Refuse data that the network knows nothing of; warn of data that it knows little of."""
    kind = identifier_kind(measured)
    advice = identifier_advice(kind)
    common = len(measured & nodes)
    share = common / max(min(len(measured), len(nodes)), 1)
    if share < FEWEST_IN_COMMON:
        raise PathloreError(
            f"{common or 'none'} of {len(measured)} measured genes (such as {', '.join(sorted(measured)[:3])}: {kind}) "
            f"is among the {len(nodes)} genes of the network (such as {', '.join(sorted(nodes)[:3])}): {advice}"
        )
    if kind != "human symbols":
        logger.warning("the measured genes look like %s, human symbols were expected: %s", kind, advice)
    if share < FEW_IN_COMMON:
        logger.warning(
            "data (%d genes) and network (%d genes) have only %d genes in common (%.0f %% of the smaller list, at "
            "least %.0f %% wanted): %s",
            len(measured),
            len(nodes),
            common,
            100 * share,
            100 * FEW_IN_COMMON,
            advice,
        )
