"""Which values of the condition make up the classes, and which of them is the control."""

import numpy as np
import pandas as pd

from pathlore.expression.labels import twins, written_twins
from pathlore.expression.populations import partition_names
from pathlore.inspection.findings import Choice, Finding
from pathlore.inspection.values import control_of, is_number

CLASSES = "ingestion.cells.classes"
NAMED = 8
"""Values that a reason names, at most."""
PLAIN = frozenset(["yes", "no", "true", "false", "y", "n", "t", "f"])
"""Values that say nothing without the name of their column."""


def choose_classes(values: np.ndarray, column: str, min_cells: int) -> tuple[Choice | None, list[Finding]]:
    """Compare the most frequent value with a control.

    The control is the value whose words say so (`pathlore.inspection.values.CONTROL`), else the alphabetically first
    of the two most frequent. Values that differ only by case or separators are one. Further values are left out, and
    named.

    Parameters
    ----------
    values
        (cells,) of the condition, the empty text for what is not known.
    column
        Its name.
    min_cells
        Cells that a value needs.

    Returns
    -------
    choice, findings
        The value of `ingestion.cells.classes`, control first; None where fewer than two values have enough cells.
    """
    written = pd.Series(values[values != ""], dtype=object).value_counts()
    groups = twins(written.index)
    one: dict[str, str] = {}
    for group in groups:
        one |= dict.fromkeys(group, min(group, key=lambda name: (-written[name], name)))
    counts = written.groupby([one.get(value, value) for value in written.index]).sum()
    counts = counts.iloc[np.lexsort((counts.index.astype(str), -counts.to_numpy()))]
    enough = [str(value) for value in counts.index[counts >= min_cells]]
    listed = ", ".join(f"{value} ({n:,})" for value, n in counts.head(NAMED).items()) or "no value"
    if len(enough) < 2:
        text = f"`{column}` has {listed}: at least two values with {min_cells} cells were expected"
        return None, [Finding(level="problem", text=text, parameter=CLASSES)]
    control, why = _control(enough)
    case = next(value for value in enough if value != control)
    reason = f"the first class is the control. `{column}` has {listed}; {why}"
    said = f"classes: {control} (control) and {case}, by `{column}`; {why}"
    told = control_of(enough) is not None
    findings = [Finding(level="ok" if told else "warning", text=said, parameter=CLASSES)]
    findings += _left_out(counts, (control, case), min_cells)
    unknown = int((values == "").sum())
    if unknown:
        text = f"{unknown:,} cells ({unknown / len(values):.0%}) have no known value of `{column}` and are left out"
        findings.append(Finding(level="warning" if unknown >= min_cells else "note", text=text, parameter=CLASSES))
    if groups:
        text = f"values of `{column}` differ only by case or separators ({written_twins(groups)}): taken as one each"
        findings.append(Finding(level="warning", text=text, parameter=CLASSES))
    names = _names([control, case], column)
    chosen = {names[value]: sorted(w for w in written.index if one.get(w, w) == value) for value in (control, case)}
    return Choice(value=chosen, reason=f"{reason}. {' '.join(f.text for f in findings[1:])}".strip(". ")), findings


def _control(enough: list[str]) -> tuple[str, str]:
    """The control among the values with enough cells, and why."""
    control = control_of(enough)
    if control is not None:
        return control, f"{control} sounds like a control"
    control = min(enough[:2])
    if all(is_number(value) for value in enough):
        return control, f"numbers do not show which class is the control: {control} is taken, check it"
    return control, f"no value sounds like a control; {control} comes first"


def _names(values: list[str], column: str) -> dict[str, str]:
    """Names of the classes; a value that says nothing by itself stands behind the name of its column."""
    bare = {value: f"{column} {value}" if is_number(value) or value.lower() in PLAIN else value for value in values}
    names = partition_names(bare.values())
    return {value: names[bare[value]] for value in values}


def _left_out(counts: pd.Series, used: tuple[str, str], min_cells: int) -> list[Finding]:
    """Say what is in neither class; an arm that could be a class is worth a warning."""
    others = counts.drop(list(used))
    if others.empty:
        return []
    listed = ", ".join(f"{value} ({n:,})" for value, n in others.head(NAMED).items())
    more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    share = others.sum() / counts.sum()
    text = f"{others.sum():,} cells ({share:.0%}) are in neither class and left out: {listed}{more}"
    return [Finding(level="warning" if others.max() >= min_cells else "note", text=text, parameter=CLASSES)]
