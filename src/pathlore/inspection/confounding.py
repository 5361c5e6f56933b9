"""Whether the condition can be told apart from what else differs between the cells."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pathlore.inspection.columns import BATCH, CELL_TYPE, CONDITION, DONOR, LIBRARY, SEX
from pathlore.inspection.findings import Association, ColumnFacts, Finding

STRONG, NOTABLE = 0.7, 0.3
"""Cramér's V from which an association is called strong, or worth a note."""
MOST_VALUES = 200
REPLICATES = 3
"""Values of a nested column that each class needs to be told apart from it."""
TECHNICAL = (LIBRARY, BATCH, DONOR)
CELL_NAMES = "(names of the cells)"
"""Stands for a column that the names of the cells tell."""


def associations(
    condition: np.ndarray, others: Mapping[str, np.ndarray], columns: list[ColumnFacts], roles: Mapping[str, str]
) -> list[Association]:
    r"""Measure how each column goes along with the condition.

    .. math:: V = \sqrt{\frac{\chi^2 / n}{\min(r, c) - 1}}

    chi^2 of the table of r values against c classes over n cells (Cramér 1946): 0 where they are independent, 1 where
    one determines the other.

    Parameters
    ----------
    condition
        (cells,) class of each cell; the empty text for a cell of none, which does not count.
    others
        Column -> (cells,) values, the empty text for what is not known.
    columns
        Of `pathlore.inspection.columns.inspect_columns`.
    roles
        Role -> chosen column.

    Returns
    -------
    One entry per column with at least two values in cells of a class, the strongest first.
    """
    from scipy.stats.contingency import association

    scores = {facts.name: facts.scores for facts in columns}
    chosen = {column: role for role, column in roles.items()}
    found = []
    for name, values in others.items():
        known = (condition != "") & (values != "")
        table = pd.crosstab(values[known], condition[known])
        if min(table.shape) < 2 or len(table) > MOST_VALUES:
            continue
        present = table.to_numpy() > 0
        nested = bool((present.sum(axis=1) == 1).all())
        found.append(
            Association(
                column=name,
                role=chosen.get(name)
                or max(scores.get(name, {}), key=scores.get(name, {}).__getitem__, default="other"),
                cramers_v=round(float(np.clip(association(table.to_numpy(), method="cramer"), 0, 1)), 3),
                nested=nested,
                fewest=int(present.sum(axis=0).min()),
            )
        )
    return sorted(found, key=lambda one: (-one.cramers_v, one.role not in TECHNICAL, one.role == DONOR))


def judge(found: list[Association], condition: str, *, unpaired: bool) -> list[Finding]:
    """Say which associations make a result doubtful.

    A column is **confounded** with the condition where each of its values lies in one class, and a class has a single
    value: whatever differs may come from either. With two values it is nearly so. Donors, and libraries of donors, of
    which each class has three or more, are replicates and no trouble.

    Parameters
    ----------
    found
        From `associations`.
    condition
        Column that was chosen as the condition.
    unpaired
        Whether each donor belongs to one class: then libraries and batches of donors may do so too.
    """
    types = [one for one in found if one.role == CELL_TYPE][1:]  # the strongest one speaks for all
    return [finding for one in found if one not in types for finding in _judge(one, condition, unpaired=unpaired)]


def _judge(one: Association, condition: str, *, unpaired: bool) -> list[Finding]:
    word = f"`{one.column}`" if one.role == "other" else one.role.replace("_", " ")
    where = f"`{one.column}`, Cramér's V with `{condition}` {one.cramers_v:.2f}"
    if one.role == CONDITION:
        if not one.nested:
            return []
        text = f"`{one.column}` says the same as `{condition}` or divides it further"
        return [Finding(level="note", text=text, parameter="ingestion.cells.condition")]
    if one.role == CELL_TYPE:
        if one.cramers_v < NOTABLE:
            return []
        if one.nested:
            text = (
                f"condition and {word} are confounded: each value lies in one class ({where}). Their effects "
                "cannot be separated"
            )
            return [Finding(level="problem", text=text)]
        text = f"the classes differ in their composition of cell types ({where}): a pooled model learns that too"
        return [Finding(level="warning", text=text, parameter="ingestion.population.mode")]
    if one.nested and one.fewest < REPLICATES:
        if one.fewest == 1:
            text = (
                f"condition and {word} are confounded: each value lies in one class, and a class has a single one "
                f"({where}). Their effects cannot be separated"
            )
            return [Finding(level="problem" if one.role in TECHNICAL else "warning", text=text)]
        text = f"condition and {word} are nearly confounded: {one.fewest} values in a class ({where})"
        return [Finding(level="warning", text=text)]
    if one.nested and (one.role in (DONOR, LIBRARY) and unpaired):
        words = {DONOR: "donors", LIBRARY: "libraries"}[one.role]
        return [Finding(level="ok", text=f"{one.fewest} or more {words} in each class ({where})")]
    if one.nested and one.role in (BATCH, LIBRARY):
        text = (
            f"each {word} has cells of one class only ({where}): its effects can hardly be separated from the condition"
        )
        return [Finding(level="warning" if one.role == BATCH else "note", text=text)]
    if one.cramers_v >= STRONG and one.role in (*TECHNICAL, SEX):
        return [Finding(level="warning", text=f"condition and {word} are strongly associated ({where})")]
    if one.cramers_v >= NOTABLE and one.role in (*TECHNICAL, SEX, "other"):
        return [Finding(level="note", text=f"condition and {word} go together ({where})")]
    return []


def from_names(cell_names: pd.Index) -> np.ndarray | None:
    """The library that the names of cells tell: what stands before and behind the barcode.

    Returns
    -------
    (cells,) texts, or None where the names have no barcodes or one library.

    Examples
    --------
    >>> from_names(pd.Index(["WT_AAACCTGAGAAACC-1", "KO_AAACCTGAGAAACC-1"])).tolist()
    ['WT -1', 'KO -1']
    >>> from_names(pd.Index(["AAACCTGAGAAACC-1", "AAACCTGAGAAACG-1"])) is None
    True
    """
    parts = cell_names.astype(str).to_series().str.extract(r"^(.*?)[ACGT]{10,}(.*)$")
    if parts[0].isna().any() or not len(parts):
        return None
    texts = (parts[0].str.strip("_-.: ") + " " + parts[1]).str.strip().to_numpy(dtype=object)
    different = len(set(texts))
    return texts if 1 < different <= max(len(texts) / 10, 2) else None
