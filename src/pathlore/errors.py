"""The one exception that a user is meant to read."""

import errno
import os
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
LOGIN = re.compile(r"([A-Za-z][\w+.-]*://)[^\s'\"]*@")
SECRET_OPTION = re.compile(r"([?&][^=&\s]*(?:key|token|pass|pwd|secret|sig|auth)[^=&\s]*=)[^&\s'\"]+", re.IGNORECASE)
LONG_WORD = re.compile(r"(\S{300})\S+")

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
SAYS_FULL = re.compile(
    r"no space left|disk is full|quota exceeded|file too large|errno = (28|27|122)|os error (28|27|122)"
    r"|disk i/o error|failed writing file|iostream error|unexpected pos \d",
    re.IGNORECASE,
)
"""Libraries that write by themselves, such as HDF5, SQLite and torch, say it in words."""


class PathloreError(ValueError):
    """Something in the data or the parameters is not as expected.

    The message is one line: what was found, what was expected, and which parameter to change. A line break in a name
    of the user's is escaped, and a name of more than 300 characters is cut.
    """

    def __init__(self, message: object = "") -> None:
        line = BREAKS.sub(lambda found: found.group().encode("unicode_escape").decode(), str(message))
        super().__init__(LONG_WORD.sub(r"\1...", line))


def shorten(names: object, limit: int = 8) -> str:
    """Write a collection of names in one line, the first ``limit`` of them in sorted order.

    Examples
    --------
    >>> shorten(["b", "a"])
    'a, b'
    >>> shorten("abcdef", limit=2)
    'a, b and 4 more'
    """
    items = sorted(str(name) for name in names)  # type: ignore[attr-defined]
    head = ", ".join(items[:limit])
    return head if len(items) <= limit else f"{head} and {len(items) - limit} more"


def nearest(name: str, known: Iterable[str]) -> str:
    """Write the names that a misspelt one may mean, or nothing.

    Examples
    --------
    >>> nearest("modelling", ["modeling", "scoring"]), nearest("x", ["modeling"])
    (', did you mean modeling?', '')
    """
    found = get_close_matches(name, sorted({str(one) for one in known}), n=3, cutoff=0.6)
    return f", did you mean {' or '.join(found)}?" if found else ""


def without_logins(text: str) -> str:
    """Take names, passwords and keys out of the addresses in a text.

    Examples
    --------
    >>> without_logins("https://me:se/c@ret@example.org/a.gz?format=tsv&api_key=12 was not fetched")
    'https://***@example.org/a.gz?format=tsv&api_key=*** was not fetched'
    """
    return SECRET_OPTION.sub(r"\1***", LOGIN.sub(r"\1***@", text))


def user_error(error: BaseException) -> PathloreError | None:
    """Find the error that is meant for the user among an error and its causes.

    A disk without space, a file that must not be touched and a folder in place of a file are meant for the user too,
    whichever library met them.
    """
    causes = list(_causes(error))
    ours = next((cause for cause in causes if isinstance(cause, PathloreError)), None)
    return ours or next((known for cause in causes if (known := _of_the_machine(cause)) is not None), None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _of_the_machine(error: BaseException) -> PathloreError | None:
    code = error.errno if isinstance(error, OSError) else None
    file = f" {error.filename}" if isinstance(error, OSError) and error.filename else ""
    if code in FULL or SAYS_FULL.search(str(error)):
        return PathloreError(
            f"{file.strip() or 'a file'} could not be written ({' '.join(str(error).split())[:200]}), the disk may be "
            "full: free some space, then run again with --only-missing-outputs; what was saved before is whole"
        )
    if code == errno.EISDIR and file:
        path = Path(os.fsdecode(error.filename)).absolute()  # type: ignore[attr-defined]
        return PathloreError(f"{path} is a folder, a file was expected there: delete the folder {path}")
    if code in REFUSED:
        return PathloreError(
            f"{file.strip() or 'a file'} cannot be opened or written ({error.strerror}): change its permissions, then "  # type: ignore[attr-defined]
            "run again with --only-missing-outputs"
        )
    return None
