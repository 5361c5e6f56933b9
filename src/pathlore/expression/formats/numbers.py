r"""Numbers as people write them: 0.5 and 0,5; 1,234.5, 1.234,5, 1 234 and 1'234."""

import re
from collections.abc import Iterable
from typing import Literal

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError
from pathlore.missing import is_missing

Decimal = Literal["point", "comma"]

_GROUPS = {"point": r"[,\s'\u2019_]", "comma": r"[.\s'\u2019_]"}
_SIGN = {"point": r"\.", "comma": ","}
_NUMBER = r"\s*[+-]?(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+|(?={sign}\d))(?:{sign}\d*)?(?:[eE][+-]?\d+)?\s*"
NUMBER = {kind: re.compile(_NUMBER.format(group=_GROUPS[kind], sign=_SIGN[kind])) for kind in ("point", "comma")}
"""A number with a decimal point (comma), its thousands set apart or not."""
SPECIAL = re.compile(r"\s*[+-]?inf(?:inity)?\s*", re.IGNORECASE)


def to_numbers(texts: pd.Series, decimal: Decimal = "point") -> tuple[np.ndarray, np.ndarray]:
    """Read texts as numbers.

    Returns
    -------
    numbers, wrong
        (n,) float64, NaN for a word for missing; and (n,) bool, the texts that are no number.

    Examples
    --------
    >>> [part.tolist() for part in to_numbers(pd.Series(["1,234.5", "0,5"]))]
    [[1234.5, nan], [False, True]]
    >>> to_numbers(pd.Series(["1.234,5", "0,5", "1 234"]), "comma")[0].tolist()
    [1234.5, 0.5, 1234.0]
    """
    distinct = {value: _number(value, decimal) for value in texts.unique()}
    numbers = np.array([distinct[value] for value in texts], dtype=object)
    wrong = np.array([number is None for number in numbers], dtype=bool)
    return np.where(wrong, np.nan, numbers).astype(np.float64), wrong


def _number(value: object, decimal: Decimal) -> float | None:
    if isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_):
        return float(value)
    if is_missing(value):
        return np.nan
    text = str(value)
    if not NUMBER[decimal].fullmatch(text):
        return float(text) if SPECIAL.fullmatch(text) else None
    text = re.sub(_GROUPS[decimal], "", text)
    return float(text.replace(",", "."))


def looks_like_number(text: object) -> bool:
    """Whether a text is a number in either way of writing.

    Examples
    --------
    >>> [looks_like_number(text) for text in ("0,5", "1.234,5", "1 234", "C1", "1,2,3", "2021-03-01")]
    [True, True, True, False, False, False]
    """
    return any(pattern.fullmatch(str(text)) for pattern in NUMBER.values())


class DecimalSign:
    """Which decimal sign fits all of many texts.

    Parameters
    ----------
    name
        What messages call the table.
    """

    def __init__(self, name: object) -> None:
        self.name = name
        self.against: dict[str, str] = {}  # decimal sign -> a number that is not written with it
        self.example = ""  # a number that reads differently in both ways

    def add(self, texts: Iterable[object]) -> None:
        """Look at texts; what is no number in any way is left out."""
        for text in map(str, texts):
            fits = {kind: bool(pattern.fullmatch(text)) for kind, pattern in NUMBER.items()}
            if not any(fits.values()):
                continue
            for kind in fits:
                if not fits[kind]:
                    self.against.setdefault(kind, text.strip())
            if all(fits.values()) and re.search("[.,]", text):
                self.example = self.example or text.strip()

    def decide(self) -> Decimal:
        """The sign.

        Raises
        ------
        PathloreError
            Both are used, or nothing tells.
        """
        ask = "say which it is, --params decimal=comma or decimal=point, or write the table of `cells` again"
        if len(self.against) == 2:
            raise PathloreError(
                f"{self.name} has numbers with a decimal comma, such as {self.against['point']}, and with a decimal "
                f"point, such as {self.against['comma']}, one of them was expected: {ask}"
            )
        if self.against:
            return "comma" if "point" in self.against else "point"
        if self.example:
            raise PathloreError(
                f"{self.name} has numbers such as {self.example}, whose separator may be that of thousands or a "
                f"decimal sign: {ask}"
            )
        return "point"
