"""Class, donor and cell type of each cell, read from ``obs`` by the names that the parameters give."""

import logging
from collections.abc import Collection

import numpy as np
import pandas as pd

from pathlore.config import CellsConfig
from pathlore.errors import PathloreError, shorten
from pathlore.expression.design import design_terms
from pathlore.expression.labels import bare, known_texts_of, label_texts, twins, written_twins
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
    (text without white space around it, None where not known: NaN, a word of `pathlore.missing`, or one of
    ``config.missing``), and the coded terms of the design (`pathlore.expression.design.design_terms`). With
    ``donor_names: per_class`` the name of the class stands before that of the donor.

    Raises
    ------
    PathloreError
        A column or a value of the condition is not there, cell names repeat, fewer than two classes have cells,
        a donor has cells of several classes although ``paired_donors`` is False, or the names of two donors differ
        only by case or separators and ``similar_donors`` does not say what they are.

    Examples
    --------
    >>> obs = pd.DataFrame({"group": ["healthy", "ill", "other"]}, index=["c1", "c2", "c3"])
    >>> config = CellsConfig(
    ...     layer="X", gene_column=None, condition="group", classes={"control": ["healthy"], "case": ["ill"]},
    ...     donor=None, paired_donors=False, donor_names="global", similar_donors="refuse", cell_type=None, missing=[],
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
    chosen = {value for values in config.classes.values() for value in values}
    condition = _texts(obs, config.condition, config.missing, "ingestion.cells.condition", chosen)
    classes = _classes(condition, config)
    table = pd.DataFrame({Obs.CONDITION: condition.map(classes)}, index=obs.index)
    table[Obs.LABEL] = table[Obs.CONDITION].map({name: label for label, name in enumerate(config.classes)})
    for key, column in ((Obs.DONOR, config.donor), (Obs.CELL_TYPE, config.cell_type)):
        table[key] = None if column is None else _texts(obs, column, config.missing, f"ingestion.cells.{key}")
    table = table[table[Obs.LABEL].notna()].astype({Obs.LABEL: np.int64})
    table.index = pd.Index(table.index.astype(str), name=Obs.CELL)
    _warn_of_twins(table[Obs.CELL_TYPE], "cell types", "they count as different ones")
    table[Obs.DONOR] = _donors(table, config)
    kept = obs[obs.index.astype(str).isin(table.index)]
    table = table.join(design_terms(kept.set_axis(kept.index.astype(str), axis=0), config))
    if not config.paired_donors:
        _check_unpaired(table)
    counts = table[Obs.CONDITION].value_counts()
    logger.info(
        "cells labelled: %s; %d of %d left out because of another condition or an unknown one",
        ", ".join(f"{counts[name]} {name}" for name in config.classes),
        len(obs) - len(table),
        len(obs),
    )
    return table


def _texts(
    obs: pd.DataFrame, column: str, missing: list[str], parameter: str, labels: Collection[str] = ()
) -> pd.Series:
    """One column as text, None where not known."""
    if column not in obs.columns:
        raise PathloreError(
            f"column '{column}' not found in obs, which has {shorten(obs.columns, 20)}: change `{parameter}`"
        )
    texts = label_texts(obs[column])
    known = pd.Series(known_texts_of(texts, missing, labels), index=obs.index, dtype=object)
    return known.where(known != "", None)


def _warn_of_twins(labels: pd.Series, what: str, consequence: str) -> None:
    groups = twins(labels.dropna().unique())
    if groups:
        logger.warning("%s differ only by case or separators (%s): %s", what, written_twins(groups), consequence)


def _donors(table: pd.DataFrame, config: CellsConfig) -> pd.Series:
    """Donors with one name each, as ``similar_donors`` and ``donor_names`` say."""
    donors = table[Obs.DONOR]
    groups = twins(donors.dropna().unique())
    if groups and config.similar_donors == "refuse":
        raise PathloreError(
            f"names of donors in column '{config.donor}' differ only by case or separators ({written_twins(groups)}), "
            "one name for each donor was expected, else a donor may be in training and test set: set "
            "`ingestion.cells.similar_donors: same` (they are one donor) or `different`"
        )
    if groups and config.similar_donors == "same":
        counts = donors.value_counts()
        one = {name: min(group, key=lambda n: (-counts[n], n)) for group in groups for name in group}
        logger.info("names of donors taken as one each: %s", written_twins(groups))
        donors = donors.map(lambda name: one.get(name, name))
    if config.donor_names == "per_class":
        donors = (table[Obs.CONDITION] + " " + donors).where(donors.notna(), None)
    return donors.astype(object).where(donors.notna(), None)


def _classes(condition: pd.Series, config: CellsConfig) -> dict[str, str]:
    """Class name of each value of the condition."""
    counts = condition.value_counts()
    found = ", ".join(f"{value} ({n})" for value, n in counts.head(20).items()) or "no value at all"
    if not config.classes:
        raise PathloreError(
            f"no class is named; column '{config.condition}' has {found}: say which of these values make up the "
            "control and the case in `ingestion.cells.classes`"
        )
    _warn_of_twins(condition, f"values of '{config.condition}'", "only those in `ingestion.cells.classes` are used")
    classes = {bare(value): name for name, values in config.classes.items() for value in values}
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
            "`ingestion.cells.donor_names: per_class` if each class numbers donors of its own alike, else change "
            "`ingestion.cells.donor`"
        )
