"""One file over HTTP: whole, what it says it is, with the expected checksum, or not at all."""

import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pathlore.errors import without_logins
from pathlore.files import atomic_file, sha256
from pathlore.resources.entry import File
from pathlore.resources.resume import ResumingDownloader

if TYPE_CHECKING:
    from requests import RequestException

logger = logging.getLogger(__name__)

HEADERS = {"User-Agent": "pathlore", "Accept-Encoding": "identity"}
"""Files are stored as they lie on the server: a compressed one stays compressed."""
CHUNK = 1 << 16
PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before the second attempt, doubled with each further one up to the longest."""
MAY_PASS = (429, 500, 502, 503, 504)
"""Answers of a server that may be another one a moment later."""
BEGINNINGS = {".gz": b"\x1f\x8b", ".zip": b"PK", ".bz2": b"BZh", ".xz": b"\xfd7zXZ"}
NO_DATA = (b"<!doctype html", b"<html", b"query error")
"""How the pages of errors and log-ins begin, and the answers of BioMart to a wrong query."""


class TransferError(Exception):
    """Why a file did not arrive; the caller adds what it was for."""


def transfer(
    file: File,
    folder: Path,
    expected: str | None,
    timeout: float,
    retries: int,
    *,
    resume: bool = False,
    block: str = "resources",
) -> None:
    """Fetch a file into a folder.

    It is written under a temporary name and moved when it is complete and found good, so that a transfer that breaks
    off leaves nothing behind, or with ``resume`` a hidden part that the next one builds on.

    Parameters
    ----------
    expected
        SHA-256; None: not known.
    timeout
        Seconds that the server may be silent.
    retries
        Further attempts after one that failed for a reason that may pass.
    resume
        Whether to keep what came before a transfer broke off: `pathlore.resources.resume.ResumingDownloader`.
    block
        Block of parameters that an error speaks of.

    Raises
    ------
    TransferError
        The server cannot be reached, is silent, breaks off or refuses, or what it sends is not the file.
    """
    import pooch
    from requests import RequestException

    pooch.get_logger().setLevel(logging.WARNING)
    http = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), chunk_size=CHUNK, timeout=timeout, headers=HEADERS)
    if resume:
        http = ResumingDownloader(folder / f".{file.name}.transfer", HEADERS, timeout, CHUNK)
    for attempt in range(retries + 1):
        try:
            with atomic_file(folder / file.name) as partial:
                http(file.url, str(partial), None)
                inspect(partial, file.name, expected)
            return
        except RequestException as error:
            reason, may_pass = explain(error, timeout, block)
            if attempt == retries or not may_pass:
                times = f", tried {attempt + 1} times" if attempt else ""
                raise TransferError(f"{reason}{times}") from error
            pause = min(PAUSE * 2**attempt, LONGEST_PAUSE)
            logger.warning("%s: %s, next attempt in %g s", without_logins(file.url), reason, pause)
            time.sleep(pause)


def explain(error: "RequestException", timeout: float, block: str = "resources") -> tuple[str, bool]:
    """The reason of a failure in words, and whether it may pass."""
    from requests import exceptions

    if isinstance(error, exceptions.HTTPError) and error.response is not None:
        code = error.response.status_code
        return f"the server answered {code} {error.response.reason}".rstrip(), code in MAY_PASS
    if isinstance(error, exceptions.Timeout) or "timed out" in str(error).lower():
        return f"the server was silent for {timeout:g} s (`{block}.timeout`)", True
    if isinstance(error, exceptions.ChunkedEncodingError | exceptions.ContentDecodingError):
        return "the transfer broke off before the file was complete", True
    if isinstance(error, exceptions.ConnectionError):
        return "the server cannot be reached", True
    return without_logins(f"{type(error).__name__}: {' '.join(str(error).split())}"), False


def inspect(path: Path, name: str, expected: str | None) -> None:
    """Refuse what is not the file that was asked for.

    Raises
    ------
    TransferError
        It is empty, a page of an error, not compressed as its name says, or has another checksum.
    """
    with path.open("rb") as file:
        head = file.read(512)
    shown = ascii(head[:40].decode("latin-1"))
    if not head:
        raise TransferError("what came is empty")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(NO_DATA):
        raise TransferError(f"what came is no data but a message that begins with {shown}")
    if not head.startswith(BEGINNINGS.get(Path(name).suffix, b"")):
        raise TransferError(f"what came is not compressed as the name says, it begins with {shown}")
    if expected and (found := sha256(path)) != expected:
        raise TransferError(f"what came has the SHA-256 {found}, {expected} was expected")
