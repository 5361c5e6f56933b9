"""What is known of new cells already: class, donor and cell type, as far as their table has it."""

import numpy as np
import pandas as pd

from pathlore.config import CellsConfig
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
    ...     donor=None, paired_donors=False, cell_type=None, missing=[],
    ... )
    >>> known_labels(obs, config, ["control", "case"])["condition"].tolist()
    ['case', None]
    """
    classes = {value: name for name in class_names for value in config.classes.get(name, [])}
    table = pd.DataFrame(index=obs.index)
    columns = {Obs.CONDITION: config.condition, Obs.DONOR: config.donor, Obs.CELL_TYPE: config.cell_type}
    for key, column in columns.items():
        texts = _texts(obs, column, config.missing)
        if key == Obs.CONDITION:
            texts = [classes.get(text) if text is not None else None for text in texts]
        table[key] = pd.Series(texts, index=obs.index, dtype=object)
    return table


def _texts(obs: pd.DataFrame, column: str | None, missing: list[str]) -> list[str | None]:
    """One column as text; whole numbers lose the '.0' that a NaN beside them brings."""
    if column is None or column not in obs.columns:
        return [None] * len(obs)
    result: list[str | None] = []
    for value in obs[column].astype(object):
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        result.append(None if pd.isna(value) or text in missing or not text.strip() else text)
    return result


def figures_against_labels(labels: pd.DataFrame, probabilities: np.ndarray, class_names: list[str]) -> pd.DataFrame:
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
            figures = classification_metrics(one["label"].to_numpy(), values, class_names)
            rows += [(level, name, value, len(one)) for name, value in figures.items()]
    return pd.DataFrame(rows, columns=["level", "metric", "value", "n"])
