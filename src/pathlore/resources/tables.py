"""Text tables as people have them: every cell a text, and no row lost without a word."""

import codecs
import csv
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pandas as pd

from pathlore.errors import PathloreError
from pathlore.resources.raw import Raw

logger = logging.getLogger(__name__)

TEXT = {".xml", ".kgml", ".gmt"}
PARQUET = {".parquet", ".pq"}
COMPRESSED = {".gz", ".bz2", ".xz", ".zip", ".zst"}
QUOTE = '"'
BLOCK = 1 << 20
SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "a workbook of an older Excel",
    codecs.BOM_UTF32_LE: "text in UTF-32",
    codecs.BOM_UTF16_LE: "text in UTF-16 ('Unicode text' of Excel)",
    codecs.BOM_UTF16_BE: "text in UTF-16",
    b"\x1f\x8b": "compressed by gzip, though its name does not end in .gz",
}
"""How files begin that are no table in UTF-8, whatever their names say."""


def read_raw(path: Path, parameter: str) -> Raw:
    """Read a file as it comes: CSV, TSV or parquet as a table of texts, XML or GMT as its text; compressed or not.

    Parameters
    ----------
    path
        File.
    parameter
        The runtime parameter that a user would change, for messages.

    Raises
    ------
    PathloreError
        It is no table, or not in UTF-8.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    kind = next((suffix for suffix in reversed(suffixes) if suffix not in COMPRESSED), "")
    try:
        if kind in PARQUET:
            table = pd.read_parquet(path)
            table = table if table.index.names == [None] else table.reset_index()
            return table.where(table.notna(), "").astype(str)
        if kind in TEXT:
            with open_text(path) as file:
                return str(file.read())
        return read_text_table(path, parameter)
    except PathloreError:
        raise
    except UnicodeDecodeError as error:
        raise PathloreError(
            f"{path} is not in UTF-8 (byte {error.object[error.start]:#x} at position {error.start}): save it as "
            f"UTF-8, or check the runtime parameter `{parameter}`"
        ) from error
    except Exception as error:  # each format has errors of its own
        reason = " ".join(str(error).split())
        raise PathloreError(
            f"{path} cannot be read as a table ({type(error).__name__}: {reason}), it may be incomplete: fetch it "
            f"again, or check the runtime parameter `{parameter}`"
        ) from error


def read_text_table(path: Path, parameter: str) -> pd.DataFrame:
    """Read a table whose separator is that of its header line: a tab, else commas or semicolons, else spaces.

    Lines may end in any way, a byte order mark is skipped, and a quoted field may hold separators and line breaks.
    Names of rows, for which R writes no column name, become the index. Rows that are shorter than the header are
    completed by empty cells, with a warning.

    Parameters
    ----------
    path
        File, compressed or not.
    parameter
        The runtime parameter that a user would change, for messages.

    Returns
    -------
    All cells as text, the empty text where there is none.

    Raises
    ------
    PathloreError
        The file is in another encoding or of another kind, a lone quotation mark would swallow the rows behind it, or
        rows have more fields than the header line.
    """
    has_quotes = _check_bytes(path, parameter)
    separator = _separator(path)
    quoting = csv.QUOTE_NONE
    if has_quotes:
        quoting = csv.QUOTE_MINIMAL if _quotes_are_sound(path, separator, parameter) else csv.QUOTE_NONE
    _check_lengths(path, separator, quoting, parameter)
    table = pd.read_csv(
        path,
        sep=separator,
        dtype=str,
        keep_default_na=False,
        encoding="utf-8-sig",
        skipinitialspace=separator != "\t",
        quoting=quoting,
    )
    return _without_trailing_separator(table).fillna("")


def open_text(path: Path) -> Any:
    """A text file, compressed or not, in UTF-8 with or without a byte order mark."""
    return fsspec.open(str(path), "rt", compression="infer", encoding="utf-8-sig", newline="")


def _check_bytes(path: Path, parameter: str) -> bool:
    """Refuse what is no UTF-8; tell whether there is any quotation mark."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    has_quotes, position = False, 0
    with fsspec.open(str(path), "rb", compression="infer") as file:
        while block := file.read(BLOCK):
            if position == 0:
                _check_beginning(block, path, parameter)
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                at = position + error.start
                raise PathloreError(
                    f"{path} is not in UTF-8 (byte {error.object[error.start]:#x} at position {at}; "
                    f"'{error.object[error.start : error.start + 1].decode('latin-1')}' in Latin-1): save it as UTF-8, "
                    f"or check the runtime parameter `{parameter}`"
                ) from error
            has_quotes |= QUOTE.encode() in block
            position += len(block)
    return has_quotes


def _check_beginning(block: bytes, path: Path, parameter: str) -> None:
    kind = next((kind for signature, kind in SIGNATURES.items() if block.startswith(signature)), None)
    if kind is None and b"\0" in block[:200]:
        kind = "binary, or text in UTF-16"
    if kind is not None:
        start = f"byte {block[0]:#x} at position 0"
        raise PathloreError(
            f"{path} is not in UTF-8 ({start}; it is {kind}): save it as UTF-8 text, CSV or TSV, or check the runtime "
            f"parameter `{parameter}`"
        )


def _separator(path: Path) -> str:
    """What stands between the fields of the header line."""
    with open_text(path) as file:
        header = file.readline().strip()
    if "\t" in header:
        return "\t"
    found = max(",;", key=header.count)
    return found if found in header else r"\s+" if " " in header else ","


# ------------------------------------------------------------------------------------------------------ quotation marks


def _quotes_are_sound(path: Path, separator: str, parameter: str) -> bool:
    """Whether every field that begins with a quotation mark ends with one before the next separator or line.

    Tables with tabs are often written without any quoting. There, a lone quotation mark is a character like others if
    all lines are as long as the header line.
    """
    line = _lone_quote(path, separator)
    if line is None:
        return True
    if separator == "\t" and _all_of_one_length(path):
        logger.warning("%s: line %d has a lone quotation mark, which is read as a character", path, line)
        return False
    raise PathloreError(
        f'{path} has a lone quotation mark (") in line {line}, which would swallow the rows behind it; expected are '
        f"pairs around whole fields, with those inside doubled: remove it, then check the runtime parameter "
        f"`{parameter}`"
    )


def _lone_quote(path: Path, separator: str) -> int | None:
    """The line in which a field begins that does not end as it should; None where there is none."""
    delimiter = separator if len(separator) == 1 else " "
    with open_text(path) as file:
        reader = csv.reader(file, delimiter=delimiter, skipinitialspace=delimiter != "\t", strict=True)
        first, width = 1, 0
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return None
            except csv.Error:
                return first
            width = width or len(row)
            if reader.line_num > first and _swallows(row, delimiter, width):
                return first
            first = reader.line_num + 1


def _swallows(row: list[str], delimiter: str, width: int) -> bool:
    """Whether a record of several lines looks like rows that were run together, rather than a text with line breaks."""
    if not any("\n" in cell or "\r" in cell for cell in row):
        return False
    if len(row) not in (width, width + 1):
        return True
    for position, cell in enumerate(row):
        lines = cell.splitlines()
        if len(lines) < 2:
            continue
        amounts = [line.count(delimiter) - line.count(delimiter + " ") for line in lines]
        missing = [width - 1 - position, *[width - 1] * (len(lines) - 2), position]
        if sum(missing) and amounts == missing:
            return True
    return False


def _all_of_one_length(path: Path) -> bool:
    """Whether each line has as many tabs as the first one."""
    with open_text(path) as file:
        width = file.readline().count("\t")
        return all(line.count("\t") == width for line in file if line.strip())


# ------------------------------------------------------------------------------------------------------ lengths of rows


def _without_trailing_separator(table: pd.DataFrame) -> pd.DataFrame:
    """Undo what pandas makes of rows that end in a separator which the header lacks: it takes them for named rows."""
    if isinstance(table.index, pd.RangeIndex) or table.empty or not table.iloc[:, -1].fillna("").eq("").all():
        return table
    columns = list(table.columns)
    return table.reset_index().iloc[:, :-1].set_axis(columns, axis=1)


def _check_lengths(path: Path, separator: str, quoting: int, parameter: str) -> None:
    """Say which rows lack fields at their end, which are read as empty ones, and refuse rows with too many."""
    if len(separator) > 1:  # any number of blanks: an empty field cannot be written
        return
    widths = _widths(path, separator, quoting)
    width = next(widths, 0)
    rows = np.fromiter(widths, dtype=np.int32)
    long, short = np.flatnonzero(rows > width), np.flatnonzero(rows < width)
    if len(long) and not (rows == width + 1).all():
        raise PathloreError(
            f"{path} cannot be read as a table: {len(long)} row(s) have more fields than the {width} of the header "
            f"line (row {long[0] + 1} has {rows[long[0]]}); expected is one for each column: put fields that hold the "
            f"separator into quotation marks, or check the runtime parameter `{parameter}`"
        )
    if len(short):
        logger.warning(
            "%s: %d rows have fewer fields than the header line (row %d is the first); what they lack is empty",
            path, len(short), short[0] + 1,
        )  # fmt: skip


def _widths(path: Path, separator: str, quoting: int) -> Iterator[int]:
    """Fields of the header and of each row that is not blank."""
    with open_text(path) as file:
        if quoting == csv.QUOTE_NONE:
            yield from (line.count(separator) + 1 for line in file if line.strip())
        else:
            yield from (len(row) for row in csv.reader(file, delimiter=separator, skipinitialspace=True) if row)
