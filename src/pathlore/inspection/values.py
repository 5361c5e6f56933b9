"""Columns of any kind as text."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

MISSING = frozenset(
    [
        *("nan", "na", "n/a", "<na>", "null", "?", "-", "unknown", "unk", "unassigned", "undetermined", "missing"),
        *("not_available", "not_applicable"),
    ]
)
"""Words for "not known", in small letters and with ``_`` for a space."""
CONTROL = frozenset(
    [
        *("control", "controls", "ctrl", "ctl", "cntrl", "con", "healthy", "hc", "normal", "reference", "baseline"),
        *("wt", "wildtype", "wild", "naive", "non", "none", "negative", "neg", "before", "pre"),
        *("untreated", "unstim", "unstimulated", "unperturbed", "uninfected", "uninjured"),
        *("vehicle", "mock", "placebo", "sham", "dmso", "pbs"),
    ]
)
"""Words of a control among the values of a condition, in small letters."""
OF_TWO = frozenset(["0", "no", "false", "n"])
"""The same where there are two values alone."""


def as_texts(column: pd.Series) -> np.ndarray:
    """Values as a run reads them: text, the empty text for a missing one; whole numbers lose their '.0'.

    Examples
    --------
    >>> as_texts(pd.Series([1.0, None])).tolist(), as_texts(pd.Series([[1], "  "])).tolist()
    (['1', ''], ['[1]', ''])
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.append(as_texts(pd.Series(column.cat.categories)), "")[column.cat.codes]
    values = np.empty(len(column), dtype=object)
    values[:] = [_text(value) for value in column]
    return values


def _text(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    return text if text.strip() else ""


def is_missing(text: str) -> bool:
    """Whether a value says that nothing is known.

    Examples
    --------
    >>> [is_missing(text) for text in ("Unknown", "not available", "", "none", "NK")]
    [True, True, True, False, False]
    """
    return not text or text.lower().replace(" ", "_") in MISSING


def words_of(name: str) -> list[str]:
    """Words of a name, in small letters: cut at signs, between letters and digits, and before inner capitals.

    Examples
    --------
    >>> words_of("orig.ident"), words_of("CellType_2"), words_of("Non-responder"), words_of("WT_12")
    (['orig', 'ident'], ['cell', 'type', '2'], ['non', 'responder'], ['wt', '12'])
    """
    cut = []
    for i, sign in enumerate(name):
        before = name[i - 1] if i else ""
        if (sign.isupper() and before.islower()) or (sign.isdigit() != before.isdigit() and before.isalnum()):
            cut.append(" ")
        cut.append(sign if sign.isalnum() else " ")
    return "".join(cut).lower().split()


def control_of(values: Iterable[str]) -> str | None:
    """The value that names a control; None where none or several do.

    A value counts by its words; where several values have such a word, the one that has nothing else decides.

    Examples
    --------
    >>> control_of(["stim", "ctrl"]), control_of(["KO", "WT"]), control_of(["a", "b"]), control_of(["0", "1"])
    ('ctrl', 'WT', None, '0')
    """
    values = list(values)
    words = CONTROL | OF_TWO if len(values) == 2 else CONTROL
    found = [value for value in values if words & set(words_of(value))]
    alone = [value for value in found if set(words_of(value)) <= words]
    return found[0] if len(found) == 1 else alone[0] if len(alone) == 1 else None
