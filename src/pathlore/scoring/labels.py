"""What is known of new cells already: class, donor and cell type, as far as their table has it."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from pathlore.config import CellsConfig
from pathlore.expression.labels import bare, known_texts_of, label_texts
from pathlore.keys import Obs
from pathlore.training.metrics import classification_metrics


def known_labels(obs: pd.DataFrame, config: CellsConfig, class_names: list[str]) -> pd.DataFrame:
    """Read what is there; unlike `pathlore.expression.observations.label_cells`, nothing is demanded and none dropped.

    Parameters
    ----------
    obs
        One row per cell.
    config
        Names of the columns, and which values make up each class. A column that is not there is taken as not known.
    class_names
        Of the bundle; classes of other names are not used.

    Returns
    -------
    ``condition``, ``donor`` and ``cell_type`` as text, None where not known; index of ``obs``.

    Examples
    --------
    >>> obs = pd.DataFrame({"group": ["ill", "other"]}, index=["c1", "c2"])
    >>> config = CellsConfig(
    ...     layer="X", gene_column=None, condition="group", classes={"control": ["healthy"], "case": ["ill"]},
    ...     donor=None, paired_donors=False, donor_names="global", similar_donors="refuse", cell_type=None, missing=[],
    ... )
    >>> known_labels(obs, config, ["control", "case"])["condition"].tolist()
    ['case', None]
    """
    classes = {bare(value): name for name in class_names for value in config.classes.get(name, [])}
    table = pd.DataFrame(index=obs.index)
    columns = {Obs.CONDITION: config.condition, Obs.DONOR: config.donor, Obs.CELL_TYPE: config.cell_type}
    for key, column in columns.items():
        texts = _texts(obs, column, config.missing, classes if key == Obs.CONDITION else ())
        if key == Obs.CONDITION:
            texts = [classes.get(text) if text is not None else None for text in texts]
        table[key] = pd.Series(texts, index=obs.index, dtype=object)
    if config.donor_names == "per_class":
        known = table[Obs.DONOR].notna()
        names = table[Obs.CONDITION].fillna("") + " " + table[Obs.DONOR]
        table[Obs.DONOR] = names.str.strip().where(known, None)
    return table


def _texts(obs: pd.DataFrame, column: str | None, missing: list[str], labels: Collection[str]) -> list[str | None]:
    """One column as training read it, None where not known or not there."""
    if column is None or column not in obs.columns:
        return [None] * len(obs)
    return [text or None for text in known_texts_of(label_texts(obs[column]), missing, labels)]


def metrics_against_labels(labels: pd.DataFrame, probabilities: np.ndarray, class_names: list[str]) -> pd.DataFrame:
    """Judge probabilities by the classes that are known, on cells and on donors.

    A donor's probability is the mean over its cells; a donor with cells of several classes counts once per class.

    Parameters
    ----------
    labels
        Of `known_labels`.
    probabilities
        (n, C).
    class_names
        C names.

    Returns
    -------
    ``level`` (cell or donor), ``metric``, ``value``, ``n``; empty where fewer than two classes are known.
    """
    rows: list[tuple[str, str, float, int]] = []
    known = labels[Obs.CONDITION].notna().to_numpy()
    truth = labels[Obs.CONDITION].map({name: i for i, name in enumerate(class_names)})
    if len(truth.dropna().unique()) > 1:
        table = pd.DataFrame(probabilities, index=labels.index)[known]
        table = table.assign(label=truth[known].astype(int), donor=labels.loc[known, Obs.DONOR])
        levels = {"cell": table}
        if table["donor"].notna().any():
            levels["donor"] = table.dropna(subset=["donor"]).groupby(["donor", "label"], as_index=False).mean()
        for level, one in levels.items():
            values = one[list(range(len(class_names)))].to_numpy()
            metrics = classification_metrics(one["label"].to_numpy(), values, class_names)
            rows += [(level, name, value, len(one)) for name, value in metrics.items()]
    return pd.DataFrame(rows, columns=["level", "metric", "value", "n"])
