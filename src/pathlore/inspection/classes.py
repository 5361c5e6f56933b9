"""Which values of the condition make up the classes, and which of them is the control."""

import numpy as np
import pandas as pd

from pathlore.expression.populations import partition_names
from pathlore.inspection.findings import Choice, Finding
from pathlore.inspection.values import control_of

CLASSES = "ingestion.cells.classes"
NAMED = 8
"""Values that a reason names, at most."""


def choose_classes(values: np.ndarray, column: str, min_cells: int) -> tuple[Choice | None, list[Finding]]:
    """Hold the most frequent value against a control.

    The control is the value whose words say so (`pathlore.inspection.values.CONTROL`), else the alphabetically first
    of the two most frequent. Further values are left out, and named.

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
    counts = pd.Series(values[values != ""], dtype=object).value_counts()
    counts = counts.iloc[np.lexsort((counts.index.astype(str), -counts.to_numpy()))]
    enough = [str(value) for value in counts.index[counts >= min_cells]]
    listed = ", ".join(f"{value} ({n:,})" for value, n in counts.head(NAMED).items()) or "no value"
    if len(enough) < 2:
        text = f"`{column}` has {listed}: at least two values with {min_cells} cells were expected"
        return None, [Finding(level="problem", text=text, parameter=CLASSES)]
    control = control_of(enough)
    said = control is not None
    if control is None:
        control = min(enough[:2])
    case = next(value for value in enough if value != control)
    names = partition_names([control, case])
    why = f"{control} sounds like a control" if said else f"no value sounds like a control; {control} comes first"
    others = [value for value in counts.index if value not in (control, case)]
    rest = f". Left out: {', '.join(map(str, others[:NAMED]))}{' and others' * (len(others) > NAMED)}" if others else ""
    reason = f"the first class is the control. `{column}` has {listed}; {why}{rest}"
    chosen = {names[control]: [control], names[case]: [case]}
    findings = [
        Finding(
            level="ok" if said else "warning",
            text=f"classes: {control} (control) and {case}, by `{column}`; {why}{rest}",
            parameter=CLASSES,
        )
    ]
    return Choice(value=chosen, reason=reason), findings
