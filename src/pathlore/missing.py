"""The words that programs write where nothing is known, one list for every table that is read."""

from collections.abc import Iterable
from typing import Final

import pandas as pd

WORDS: Final = frozenset(
    [
        *("", "na", "n/a", "n.a.", "<na>", "nan", "-nan", "null", "none", "nat", "-", "--", "?"),  # R, Python, SQL
        *("#n/a", "#na", "#name?", "#value!", "#ref!", "#div/0!", "#num!", "#null!"),  # spreadsheets
    ]
)
"""In small letters. No approved symbol, former symbol or alias of a human or mouse gene is among them."""
SIGNS: Final = frozenset(["-", "--"])
"""Values of their own beside a ``+``, such as the two states of an infection."""


def is_missing(value: object) -> bool:
    """Whether a value of a table says that nothing is known, as None, NaN or a word of `WORDS` does.

    Examples
    --------
    >>> [is_missing(value) for value in (None, float("nan"), " NA ", "N/A", "NULL", "-", "")]
    [True, True, True, True, True, True, True]
    >>> [is_missing(value) for value in ("NAT1", "NANOG", "0", 0, False)]
    [False, False, False, False, False]
    """
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # NaN alone differs from itself
        return True
    return isinstance(value, str) and value.strip().lower() in WORDS


def known_texts(values: pd.Series) -> pd.Series:
    """Texts without white space around them, ``''`` for what `is_missing`; same index.

    Examples
    --------
    >>> known_texts(pd.Series(["TP53 ", "NA", None, "-"])).tolist()
    ['TP53', '', '', '']
    """
    clean = {value: "" if is_missing(value) else str(value).strip() for value in values.unique()}
    return values.astype(object).map(clean).fillna("").astype(object)


def missing_labels(values: Iterable[object]) -> set[str]:
    """Those of the labels of cells or samples that say that nothing is known.

    Two words may be a label: ``-`` beside ``+``, and ``none`` (no treatment), which is one unless it is written as
    Python writes it, ``None``, and two other labels remain.

    Parameters
    ----------
    values
        All values of a column.

    Examples
    --------
    >>> sorted(missing_labels(["NA", "C1", "C2", "None"])), missing_labels(["None", "IFN"])
    (['NA', 'None'], set())
    >>> missing_labels(["+", "-"]), missing_labels(["none", "IFN", "LPS"])
    (set(), set())
    """
    texts = {str(value) for value in values if isinstance(value, str)}
    bare = {text.strip() for text in texts}
    found = {text for text in texts if is_missing(text)}
    kept = set(SIGNS) if "+" in bare else set()
    kept |= {text for text in bare if text.lower() == "none" and text != "None"}
    if len(bare - {text.strip() for text in found}) < 2:
        kept.add("None")
    return {text for text in found if text.strip() not in kept}
