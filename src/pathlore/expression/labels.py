"""What stands in a column of labels: texts without white space around them, and those that differ by their writing."""

import re
import unicodedata
from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd

from pathlore.missing import missing_labels

INVISIBLE = ("Cc", "Cf", "Zs", "Zl", "Zp")
"""Unicode categories of white space, control characters and signs without width, such as a byte order mark."""
IGNORED = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
"""Letters and marks that are shown as nothing, such as the selector of a form of the sign before it."""
SEPARATED = re.compile(r"(?<=[^\W_])[\s._-]+(?=[^\W_])")
BETWEEN_DIGITS = re.compile(r"(?<=\d) (?=\d)")
WHOLE = re.compile(r"(?<![\d.,])(\d+)\.0+$")
"""A whole number that a program wrote as a fraction."""
LEADING = re.compile(r"(?<![\d.,])0+(?=\d)")
"""Zeros that fill a number up, as in P01."""
APOSTROPHES = dict.fromkeys(map(ord, "'\u2018\u2019\u201b\u02bc\u00b4`\u2032"))
"""Signs that are one apostrophe, in the keyboard's or in a printer's form; none of them tells two labels apart."""


def bare(text: str) -> str:
    r"""Take white space and invisible characters from both ends.

    Examples
    --------
    >>> bare("C1 "), bare("\u00a0Donor 1\u200b"), bare(" ")
    ('C1', 'Donor 1', '')
    """
    start, stop = 0, len(text)
    while start < stop and unicodedata.category(text[start]) in INVISIBLE:
        start += 1
    while stop > start and unicodedata.category(text[stop - 1]) in INVISIBLE:
        stop -= 1
    return text[start:stop]


def label_texts(column: pd.Series) -> np.ndarray:
    """Labels as a run reads them, (n,) object: bare text, the empty text for a missing value.

    Whole numbers lose the ``.0`` that a NaN beside them brings.

    Examples
    --------
    >>> label_texts(pd.Series([1.0, None])).tolist(), label_texts(pd.Series([[1], "  ", b"a "])).tolist()
    (['1', ''], ['[1]', '', 'a'])
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return np.append(label_texts(pd.Series(column.cat.categories)), "")[column.cat.codes]
    known: dict[object, int] = {}  # pandas' own table of texts ends each at its first NUL
    try:
        codes = np.fromiter((known.setdefault(value, len(known)) for value in column), int, len(column))
        values = list(known)
    except TypeError:  # values such as lists
        codes, values = np.arange(len(column)), list(column)
    texts = np.array([*map(_text, values), ""], dtype=object)
    return texts[codes]


def _text(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return bare(value.decode("utf8", "replace") if isinstance(value, bytes) else str(value))


def known_texts_of(texts: np.ndarray, missing: Iterable[str], labels: Collection[str] = ()) -> np.ndarray:
    """Replace what means "not known" by the empty text.

    Parameters
    ----------
    texts
        (n,) of `label_texts`.
    missing
        Further words for "not known", in whatever case.
    labels
        Texts that are labels whatever they look like.

    Examples
    --------
    >>> known_texts_of(np.array(["Unknown", "NA", "C1", "none"], dtype=object), ["unknown"], ["none"]).tolist()
    ['', '', 'C1', 'none']
    """
    words = {bare(word).casefold() for word in missing}
    values = set(texts)
    lost = {text for text in values if text.casefold() in words} | missing_labels(values)
    lost -= {bare(label) for label in labels}
    return np.array(["" if text in lost else text for text in texts], dtype=object)


def likeness(text: str) -> str:
    r"""A key that labels share which differ only by case, white space, other separators, or forms of one sign.

    Examples
    --------
    >>> likeness("Donor 1") == likeness("donor_1") == likeness("DONOR1"), likeness("1 1") == likeness("11")
    (True, False)
    >>> likeness("CD8+") == likeness("CD8-"), likeness("T cell") == likeness("T-Cell")
    (False, True)
    >>> likeness("Crohn\u2019s") == likeness("Crohn's"), likeness("CD8\u2212") == likeness("CD8-")
    (True, True)
    >>> likeness("P\ufe0f1") == likeness("P1")
    True
    >>> likeness("12.0") == likeness("12"), likeness("P01") == likeness("P1"), likeness("1.05") == likeness("1.5")
    (True, True, False)
    """
    plain = unicodedata.normalize("NFKC", IGNORED.sub("", bare(text)).translate(APOSTROPHES)).casefold()
    plain = "".join("-" if sign == "\u2212" or unicodedata.category(sign) == "Pd" else sign for sign in plain)
    plain = LEADING.sub("", WHOLE.sub(r"\1", plain))
    plain = "".join(sign for sign in plain if unicodedata.category(sign) not in ("Cf", "Cc") or sign.isspace())
    spaced = SEPARATED.sub(" ", plain)
    kept = BETWEEN_DIGITS.sub("\0", spaced)
    return "".join(kept.split())


def twins(values: Iterable[str]) -> list[list[str]]:
    """Groups of labels that differ only by their writing, each group and all groups sorted.

    Examples
    --------
    >>> twins(["ctrl", "stim", "Ctrl", "STIM ", "x"])
    [['Ctrl', 'ctrl'], ['STIM ', 'stim']]
    """
    groups: dict[str, set[str]] = {}
    for value in values:
        if value:
            groups.setdefault(likeness(value), set()).add(value)
    return sorted(sorted(group) for group in groups.values() if len(group) > 1)


def _look_the_same(group: list[str]) -> bool:
    return len({unicodedata.normalize("NFC", IGNORED.sub("", value)) for value in group}) < len(group)


def written_twins(groups: Iterable[Iterable[str]], limit: int = 6) -> str:
    r"""Name groups of twins in one line, in quotes, so that white space can be seen.

    Examples
    --------
    >>> written_twins([["Ctrl", "ctrl"]]), written_twins([["P1", "P\ufe0f1"]])
    ("'Ctrl' and 'ctrl'", "'P1' and 'P\\ufe0f1'")
    """
    named = [" and ".join(map(ascii if _look_the_same(group) else repr, group)) for group in map(list, groups)]
    return "; ".join(named[:limit]) + (f" and {len(named) - limit} more" if len(named) > limit else "")
