"""How a text table is written: its encoding, its separator, its header line and its numbers."""

import codecs
import csv
import gzip
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple, TextIO

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError
from pathlore.missing import is_missing

SEPARATORS = ("\t", ";", ",", "|", r"\s+")
"""In order of preference among those that give equally many fields."""
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
OTHERS = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "a workbook of an old Excel",
    b"\x1f\x8b": "compressed, though its name does not end in .gz",
    b"\x89HDF": "an HDF5 file",
    b"{\\rtf": "a document of a word processor",
}
HEAD = 2**16
BLOCK = 2**20
LINES = 60
"""Lines that are looked at."""


class Layout(NamedTuple):
    """How a table is written."""

    encoding: str
    separator: str  # one sign, or the regular expression of white space
    quote: str
    skip: int  # lines up to and with the header line
    columns: list[str]  # as many as a row has fields; the first is "" where R leaves the corner out
    rows: list[list[str]]  # the first ones


def layout_of(path: Path, encoding: str = "auto") -> Layout:
    """Look at the beginning of a table, compressed or not.

    Parameters
    ----------
    path
        A text file; lines that begin with '#' above the header line, and Excel's ``sep=;``, are skipped.
    encoding
        As Python names it; ``"auto"``: UTF-8, or UTF-16 where the file shows it.

    Raises
    ------
    PathloreError
        It is no text, is in another encoding, or has no header line with rows of as many fields below it.
    """
    encoding = encoding_of(path) if encoding == "auto" else _known(encoding)
    with open_text(path, encoding) as file:
        lines = [line.rstrip("\r\n") for line, _ in zip(file, range(LINES), strict=False)]
    start, wanted = _header_line(lines)
    rest = [line for line in lines[start:] if line.strip()]
    if len(rest) < 2:
        raise PathloreError(
            f"{path} has no header line with a row below it, a table was expected: check the runtime parameter `cells`"
        )
    separator = wanted or _separator(rest[0], rest[1], path)
    quote = "'" if rest[0].lstrip().startswith("'") and '"' not in rest[0] else '"'
    header, *rows = (fields(line, separator, quote) for line in rest)
    header = [name.strip().strip("\"'").strip() for name in header]
    if len(rows[0]) == len(header) + 1:
        trailing = all(row[-1] == "" for row in rows if len(row) == len(header) + 1)
        header = [*header, ""] if trailing else ["", *header]
    return Layout(encoding, separator, quote, start + 1, header, rows)


def open_text(path: Path, encoding: str) -> TextIO:
    """Open a text file, compressed or not."""
    if path.suffix.lower() == ".gz":
        return io.TextIOWrapper(gzip.open(path), encoding=encoding, newline=None)
    return path.open(encoding=encoding)


def fields(line: str, separator: str, quote: str = '"') -> list[str]:
    r"""Fields of a line.

    Examples
    --------
    >>> fields('a,"b,c"', ","), fields("a  b c", r"\s+")
    (['a', 'b,c'], ['a', 'b', 'c'])
    """
    sign = separator if len(separator) == 1 else " "
    line = line if len(separator) == 1 else " ".join(line.split())
    return next(csv.reader([line], delimiter=sign, quotechar=quote), [])


def encoding_of(path: Path) -> str:
    """UTF-8, or UTF-16 or UTF-32 by its mark or its zeros.

    Raises
    ------
    PathloreError
        The file is none of them, and is named as what it seems to be.
    """
    decoder, position = codecs.getincrementaldecoder("utf-8")(), 0
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        while block := file.read(BLOCK):
            if position == 0:
                sure = _by_its_head(block[:HEAD], path)
                if sure:
                    return sure
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                raise PathloreError(_other_encoding(path, error, position)) from error
            position += len(block)
    return "utf-8-sig"


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise PathloreError(
            f"encoding '{encoding}' is not known, such as utf-8, latin-1 or utf-16 was expected: change the runtime "
            "parameter `encoding`"
        ) from error


def _by_its_head(head: bytes, path: Path) -> str:
    found = next((name for mark, name in MARKS.items() if head.startswith(mark)), "")
    kind = next((name for mark, name in OTHERS.items() if head.startswith(mark)), "")
    if not found and not kind and b"\0" in head:
        odd, even = head[1::2].count(0), head[::2].count(0)
        found = "utf-16-le" if odd > len(head) / 4 > even else "utf-16-be" if even > len(head) / 4 > odd else ""
        kind = "" if found else "binary"
    if kind:
        raise PathloreError(
            f"{path} is {kind}, a text table was expected by its name: write it as CSV or TSV, or change the runtime "
            "parameter `cells`"
        )
    return found


def _other_encoding(path: Path, error: UnicodeDecodeError, position: int) -> str:
    """Say which word is not in UTF-8, and what it would be in the encodings of Western Europe."""
    content, at = bytes(error.object), error.start
    start = max(content.rfind(sign, 0, at) for sign in b',;\t\n" ') + 1
    word = content[start : at + 12].split(b"\n")[0]
    for sign in b',;\t" ':
        word = word[: at - start] + word[at - start :].split(bytes([sign]))[0]
    return (
        f"{path} is not in UTF-8 (byte {content[at]:#x} at position {position + at}); in Latin-1 it would be "
        f"'{word.decode('latin-1')[:40]}': save it as UTF-8, or name its encoding (--params encoding=latin-1, cp1252, "
        "mac-roman, ...)"
    )


def _header_line(lines: list[str]) -> tuple[int, str]:
    """Number of the header line, and the separator that a line above it names."""
    for start, line in enumerate(lines):
        if line.lower().startswith("sep=") and len(line.strip()) <= 5:
            return start + 1, line.rstrip("\r\n")[4:] or "\t"
        is_comment = line.startswith(("#", "%")) and start + 1 < len(lines)
        if line.strip() and not (is_comment and not _fit(line, lines[start + 1])):
            return start, ""
    return 0, ""


def _fit(header: str, row: str) -> bool:
    """Whether two lines may be a header line and its row."""
    pairs = [(len(fields(header, sign)), len(fields(row, sign))) for sign in SEPARATORS[:-1]]
    return any(first > 1 and second in (first, first + 1) for first, second in pairs)


def _separator(header: str, row: str, path: Path) -> str:
    amounts = {sign: (len(fields(header, sign)), len(fields(row, sign))) for sign in SEPARATORS}
    fitting = {sign: n for sign, (n, m) in amounts.items() if m in (n, n + 1) and max(n, m) > 1}
    if fitting:
        return max(fitting, key=lambda sign: fitting[sign])
    sign = max(amounts, key=lambda sign: amounts[sign][0])
    n, m = amounts[sign]
    if max(n, m) < 2:
        raise PathloreError(
            f"{path} has one column only, a table with tabs, commas, semicolons or spaces between its columns was "
            "expected: change the runtime parameter `cells`"
        )
    hint = "; decimal commas cannot be told from commas between columns" if sign == "," and m > n + 1 else ""
    raise PathloreError(
        f"{path} has {n} fields in its header line and {m} in the row below it (separator '{sign}'), equally many were "
        f"expected{hint}: write the table again, with tabs between the columns, for the runtime parameter `cells`"
    )


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
