"""Class, donor and cell type of each cell, read from ``obs`` by the names that the parameters give."""

import logging

import numpy as np
import pandas as pd

from pathlore.config import CellsConfig
from pathlore.errors import PathloreError, shorten
from pathlore.keys import Obs

logger = logging.getLogger(__name__)


def label_cells(obs: pd.DataFrame, config: CellsConfig) -> pd.DataFrame:
    """Give each cell its class, donor and cell type; cells of other conditions are left out.

    Parameters
    ----------
    obs
        One row per cell, indexed by the cell's name.
    config
        Which columns to read, and which values of the condition make up each class.

    Returns
    -------
    One row per kept cell, in the order of ``obs`` and indexed by its name, with the columns ``condition`` (class
    name), ``label`` (int, place of the class in ``config.classes``; 0 is the control), ``donor`` and ``cell_type``
    (text, None where not known: NaN, empty, or one of ``config.missing``).

    Raises
    ------
    PathloreError
        A column or a value of the condition is not there, cell names repeat, fewer than two classes have cells,
        or a donor has cells of several classes although ``paired_donors`` is False.

    Examples
    --------
    >>> obs = pd.DataFrame({"group": ["healthy", "ill", "other"]}, index=["c1", "c2", "c3"])
    >>> config = CellsConfig(
    ...     layer="X", gene_column=None, condition="group", classes={"control": ["healthy"], "case": ["ill"]},
    ...     donor=None, paired_donors=False, cell_type=None, missing=[],
    ... )
    >>> label_cells(obs, config)[["condition", "label"]].to_dict("list")
    {'condition': ['control', 'case'], 'label': [0, 1]}
    """
    repeated = obs.index[obs.index.duplicated()].unique()
    if len(repeated):
        raise PathloreError(
            f"{len(repeated)} cell names occur more than once ({shorten(repeated, 3)}), unique names were expected: "
            "call obs_names_make_unique() on the file of the runtime parameter `cells`"
        )
    condition = _texts(obs, config.condition, config.missing, "ingestion.cells.condition")
    classes = _classes(condition, config)
    table = pd.DataFrame({Obs.CONDITION: condition.map(classes)}, index=obs.index)
    table[Obs.LABEL] = table[Obs.CONDITION].map({name: label for label, name in enumerate(config.classes)})
    for key, column in ((Obs.DONOR, config.donor), (Obs.CELL_TYPE, config.cell_type)):
        table[key] = None if column is None else _texts(obs, column, config.missing, f"ingestion.cells.{key}")
    table = table[table[Obs.LABEL].notna()].astype({Obs.LABEL: np.int64})
    table.index = pd.Index(table.index.astype(str), name=Obs.CELL)
    if not config.paired_donors:
        _check_unpaired(table)
    counts = table[Obs.CONDITION].value_counts()
    logger.info(
        "cells labelled: %s; %d of %d left out because of another condition",
        ", ".join(f"{counts[name]} {name}" for name in config.classes),
        len(obs) - len(table),
        len(obs),
    )
    return table


def _texts(obs: pd.DataFrame, column: str, missing: list[str], parameter: str) -> pd.Series:
    """One column as text, None where not known; whole numbers lose the '.0' that a NaN beside them brings."""
    if column not in obs.columns:
        raise PathloreError(
            f"column '{column}' not found in obs, which has {shorten(obs.columns, 20)}: change `{parameter}`"
        )
    codes, values = pd.factorize(obs[column])
    texts = [str(int(v)) if isinstance(v, float) and v.is_integer() else str(v) for v in values]
    known = [None if text in missing or not text.strip() else text for text in texts]
    return pd.Series(np.array([*known, None], dtype=object)[codes], index=obs.index)


def _classes(condition: pd.Series, config: CellsConfig) -> dict[str, str]:
    """Class name of each value of the condition."""
    counts = condition.value_counts()
    found = ", ".join(f"{value} ({n})" for value, n in counts.head(20).items()) or "no value at all"
    if not config.classes:
        raise PathloreError(
            f"no class is named; column '{config.condition}' has {found}: say which of these values make up the "
            "control and the case in `ingestion.cells.classes`"
        )
    classes = {value: name for name, values in config.classes.items() for value in values}
    absent = [value for value in classes if value not in counts.index]
    if absent:
        raise PathloreError(
            f"value(s) {shorten(absent)} not found in column '{config.condition}', which has {found}: "
            "change `ingestion.cells.classes`"
        )
    filled = set(classes.values())
    if len(filled) < len(config.classes):
        empty = [name for name in config.classes if name not in filled]
        raise PathloreError(
            f"no cells for the class(es) {shorten(empty)}, at least two classes with cells were expected "
            f"(column '{config.condition}' has {found}): change `ingestion.cells.classes`"
        )
    return classes


def _check_unpaired(table: pd.DataFrame) -> None:
    known = table.dropna(subset=[Obs.DONOR])
    classes = known.groupby(Obs.DONOR, observed=True)[Obs.LABEL].nunique()
    both = classes.index[classes > 1]
    if len(both):
        raise PathloreError(
            f"{len(both)} of {len(classes)} donors have cells of several classes ({shorten(both)}), one class per "
            "donor was expected: set `ingestion.cells.paired_donors: true` if each donor was measured in both, "
            "else change `ingestion.cells.donor`"
        )
