"""One column of a table, as a reader meets it."""

from dataclasses import dataclass
from typing import Literal

Format = Literal["text", "integer", "number", "signed", "share", "bar", "p", "route", "genes", "class", "list", "flag",
                 "references"]  # fmt: skip
"""How a value is written.

``number`` has three significant digits, ``signed`` the same with its sign, ``share`` is a percentage, ``bar`` a number
from 0 to 1 with a bar, ``p`` a probability of error, ``route`` a path, ``genes`` a gene or a complex, ``class`` the
name of a class with its colour, ``list`` names joined by ';', ``flag`` yes or no, ``references`` PubMed numbers as
links.
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
        Whether the table shows it before a reader selects it.
    listed
        Whether a reader can select it; False where another column shows the same value. CSV files have it either way.
    """

    label: str
    unit: str
    explanation: str
    format: Format = "text"
    shown: bool = True
    listed: bool = True
