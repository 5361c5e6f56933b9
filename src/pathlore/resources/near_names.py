"""Names of columns that are nearly those that a reader knows."""

from collections.abc import Iterable
from difflib import get_close_matches

from pathlore.errors import PathloreError, shorten

ALIKE = 0.8
"""Share of letters in common (`difflib`) from which a name is taken for a misspelt one."""


def misspelt(present: Iterable[object], optional: Iterable[str], others: Iterable[str] = ()) -> dict[str, str]:
    """Columns that nobody knows, each with the optional one that is absent and that it is nearly called.

    Parameters
    ----------
    present
        Columns of a table.
    optional
        Columns that are read where they are there.
    others
        Columns that are known and not read.

    Examples
    --------
    >>> misspelt(["source", "SIGNX", "note"], ["source", "sign"]), misspelt(["sign", "signs"], ["sign"])
    ({'SIGNX': 'sign'}, {})
    """
    names = {_canonical(name): str(name) for name in present}
    known = {_canonical(name): name for name in optional}
    absent = [name for name in known if name not in names]
    unknown = [name for name in names if name not in known and name not in {_canonical(other) for other in others}]
    near = {name: get_close_matches(name, absent, n=1, cutoff=ALIKE) for name in unknown}
    return {names[name]: known[found[0]] for name, found in near.items() if found}


def refuse_misspelt(
    file: str, present: Iterable[object], optional: Iterable[str], parameter: str, others: Iterable[str] = ()
) -> None:
    """Refuse a table in which a column is nearly called like an optional one that is absent.

    Raises
    ------
    PathloreError
        There is such a column: it would be left unread in silence.
    """
    found = misspelt(present, optional, others)
    if found:
        wrong, right = shorten(found), ", ".join(dict.fromkeys(found[name] for name in sorted(found)))
        raise PathloreError(
            f"{file} has the column(s) {wrong}, which no reader knows; expected {right}: rename the column(s) if that "
            f"is meant, else remove or rename them otherwise, in the file behind `{parameter}`"
        )


def _canonical(name: object) -> str:
    return " ".join(str(name).lstrip("\ufeff#").split()).lower()
