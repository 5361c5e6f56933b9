"""Splits that others published, and one's own to publish: which cells or donors train, validate and test."""

import hashlib
import logging

import pandas as pd

from pathlore.config import PopulationConfig, SplitConfig
from pathlore.errors import PathloreError, shorten
from pathlore.expression.populations import populations
from pathlore.expression.splits import assigned, observations, split_cells
from pathlore.keys import Obs, Split
from pathlore.resources.raw import RawTables

logger = logging.getLogger(__name__)

PUBLISHED = [Obs.POPULATION, Obs.DONOR, Obs.CELL, Obs.SPLIT]


def given_splits(tables: RawTables) -> pd.DataFrame | None:
    """The user's tables of splits as one; None where there is none.

    Raises
    ------
    PathloreError
        A table lacks a column, or names another set than train, validation and test.
    """
    if not tables:
        return None
    wrong = [name for name, raw in tables.items() if not isinstance(raw, pd.DataFrame) or not _is_split(raw)]
    if wrong:
        raise PathloreError(
            f"{shorten(wrong)} is no table of splits: expected the columns `split` ({', '.join(Split.ALL)}) and `cell` "
            "or `donor`, perhaps `population`: change `splits`"
        )
    return pd.concat([raw for raw in tables.values() if isinstance(raw, pd.DataFrame)], ignore_index=True)


def as_given(obs: pd.DataFrame, given: pd.DataFrame, population: str) -> pd.DataFrame:
    """Divide the cells of a population as a table says.

    Parameters
    ----------
    obs
        One row per cell of the population, as `pathlore.expression.observations.label_cells` makes it.
    given
        Of `given_splits`: a row for each cell, or for each donor. Cells that it does not name are left out.
    population
        Name of the population; rows of others are passed over.

    Returns
    -------
    Table `pathlore.schemas.Splits`.

    Raises
    ------
    PathloreError
        A cell or donor is in two sets, none of them is known here, or a set lacks a class.
    """
    table = observations(obs)
    if Obs.POPULATION in given and given[Obs.POPULATION].ne("").any():
        given = given[given[Obs.POPULATION] == population]
    by = Obs.CELL if Obs.CELL in given and given[Obs.CELL].ne("").any() else Obs.DONOR
    own = given[[by, Obs.SPLIT]].drop_duplicates().set_index(by)[Obs.SPLIT]
    twice = own.index[own.index.duplicated()].unique()
    if len(twice):
        raise PathloreError(f"{population}: {by}(s) {shorten(twice)} are in two sets, one was expected: mend `splits`")
    here = set(table.index.astype(str)) if by == Obs.CELL else set(table[Obs.DONOR].dropna())
    if not here & set(own.index):
        raise PathloreError(
            f"{population}: none of the {len(own)} {by}s of the table of splits is among the cells (such as "
            f"{shorten(own.index, 3)}; here {shorten(sorted(here), 3)}): change `splits`"
        )
    result = assigned(table, own, str(by), population)
    held = pd.crosstab(result[Obs.SPLIT], result[Obs.LABEL]).reindex(
        index=Split.ALL, columns=sorted(table[Obs.LABEL].unique()), fill_value=0
    )
    if (held == 0).any(axis=None):
        lacking = [f"{split} of class {label}" for split, row in held.iterrows() for label in row.index[row == 0]]
        raise PathloreError(f"{population}: no cell for {shorten(lacking)} in the given splits: change `splits`")
    return result


def divided(
    obs: pd.DataFrame,
    population: PopulationConfig,
    config: SplitConfig,
    given: pd.DataFrame | None,
    *,
    paired_donors: bool,
) -> dict[str, pd.DataFrame]:
    """Divide each population, as the table that is given says, else by `pathlore.expression.splits.split_cells`.

    Returns
    -------
    Population -> `pathlore.schemas.Splits`. The log has the digest of all.
    """
    result = {}
    for name, index in populations(obs, population).items():
        own = obs.loc[index]
        split = split_cells(own, config, paired_donors=paired_donors, population=name) if given is None else None
        result[name] = as_given(own, given, name) if split is None else split
    logger.info("Splits%s: SHA-256 %s", "" if given is None else ", as given", digest(pd.concat(result.values())))
    return result


def published(splits: pd.DataFrame) -> pd.DataFrame:
    """The columns of splits that others need, rows in the order of population and cell."""
    return splits[PUBLISHED].sort_values([Obs.POPULATION, Obs.CELL], ignore_index=True)


def digest(splits: pd.DataFrame) -> str:
    """SHA-256 of which cell is in which set, whatever the order of the rows.

    Examples
    --------
    >>> rows = pd.DataFrame({"population": "pooled", "cell": ["a", "b"], "donor": None, "split": ["train", "test"]})
    >>> digest(rows) == digest(rows.iloc[::-1]), digest(rows)[:8]
    (True, '92b03b49')
    """
    rows = published(splits)[[Obs.POPULATION, Obs.CELL, Obs.SPLIT]].astype(str).agg("\t".join, axis=1)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _is_split(table: pd.DataFrame) -> bool:
    if Obs.SPLIT not in table or not {Obs.CELL, Obs.DONOR} & set(table.columns):
        return False
    return bool(table[Obs.SPLIT].isin(Split.ALL).all())
