"""What all tables that are saved share, and how a column is shown to a reader."""

from typing import Any, Literal

import pandera.pandas as pa

Format = Literal["text", "integer", "number", "signed", "sd", "share", "bar", "p", "route", "genes", "class", "list",
                 "flag", "references"]  # fmt: skip
"""How a value is written.

``number`` has three significant digits, ``signed`` the same with its sign, ``sd`` a sign and two decimals, ``share`` is
a percentage, ``bar`` a number from 0 to 1 with a bar, ``p`` a probability of error, ``route`` a path, ``genes`` a gene
or a complex, ``class`` the name of a class with its colour, ``list`` names joined by ';', ``flag`` yes or no,
``references`` PubMed numbers as links.
"""


class Table(pa.DataFrameModel):
    """Base of all tables: the columns named here and, unless a model says otherwise, no others."""

    class Config:  # noqa: D106
        strict = True
        coerce = True


def column(
    title: str,
    explanation: str,
    unit: str = "",
    format: Format = "text",  # noqa: A002 - what it is
    *,
    shown: bool = True,
    listed: bool = True,
    **checks: Any,
) -> Any:
    """A column that the report shows.

    Parameters
    ----------
    title
        Heading.
    explanation
        One or two sentences: what it says, and what it does not say.
    unit
        Unit or range; empty for names.
    format
        How its values are written.
    shown
        Whether the table shows it before a reader selects it.
    listed
        Whether a reader can select it; False where another column shows the same value. CSV files have it either way.
    checks
        As `pandera.pandas.Field` takes them.
    """
    metadata = {"unit": unit, "format": format, "shown": shown, "listed": listed}
    return pa.Field(title=title, description=explanation, metadata=metadata, **checks)


COMPARISON = "comparison"
"""Column that the report hides where all rows have one value."""


def comparison_column() -> Any:
    """The column `COMPARISON` of a table."""
    text = "Classes that are compared: of two, the first against the second. 'any of' several: the largest difference."
    return column("Comparison", text)
