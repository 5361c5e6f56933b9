"""One column of a table, as a reader meets it."""

from dataclasses import dataclass
from typing import Literal

Format = Literal["text", "integer", "number", "signed", "share", "bar", "p", "route", "genes", "class", "list", "flag"]
"""How a value is written.

``number`` has three significant digits, ``signed`` the same with its sign, ``share`` is a percentage, ``bar`` a number
from 0 to 1 with a bar, ``p`` a probability of error, ``route`` a path, ``genes`` a gene or a
complex, ``class`` the name of a class with its colour, ``list`` names joined by ';', ``flag`` yes or no.
"""


@dataclass(frozen=True)
class Column:
    """What a column is called, measured in and means.

    Attributes
    ----------
    label
        Heading.
    unit
        Unit or range; empty for names.
    explanation
        One or two sentences: what it says, and what it does not say.
    format
        How its values are written.
    shown
        Whether the table shows it before a reader asks for it.
    """

    label: str
    unit: str
    explanation: str
    format: Format = "text"
    shown: bool = True
