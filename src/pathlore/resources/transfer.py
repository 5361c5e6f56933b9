"""One file over HTTP: whole, what it says it is, with the expected checksum, or not at all; its checksum is kept."""

import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from filelock import FileLock

from pathlore.config import CohortConfig, ResourcesConfig
from pathlore.errors import PathloreError, without_logins
from pathlore.files import atomic_file, own_folder, remove_own, sha256
from pathlore.progress import Progress
from pathlore.resources.catalogue import File

if TYPE_CHECKING:
    from requests import RequestException, Response

logger = logging.getLogger(__name__)

FILE = "checksums.json"


def recorded(folder: Path) -> dict[str, str]:
    """Recorded checksums: ``resource/file`` -> SHA-256; none, if nothing was ever recorded.

    Raises
    ------
    PathloreError
        The record is no JSON object of texts.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise ValueError("not an object of texts")
    except ValueError as error:
        raise PathloreError(
            f"{path} cannot be read ({error}), a JSON object with resource/file and SHA-256 was expected: mend it, or "
            "delete it to accept the files that lie there as they are"
        ) from error
    return found


def record(folder: Path, key: str, value: str) -> None:
    """Add one checksum; the file is replaced as a whole, and runs that do so at once wait for each other."""
    with FileLock(folder / f".{FILE}.lock"):
        sums = recorded(folder) | {key: value}
        with atomic_file(folder / FILE) as partial:
            partial.write_text(json.dumps(dict(sorted(sums.items())), indent=2) + "\n", encoding="utf-8")


REQUESTED_RANGE_NOT_SATISFIABLE, PARTIAL_CONTENT = 416, 206


class ResumingDownloader:
    """A downloader for pooch that goes on where the last transfer broke off.

    What has come lies in the file ``content`` of a folder of its own, and beside it in ``version`` what the server
    called the version of the file (its entity tag, else its date; RFC 9110, 13.1.5). Only the rest is requested, if
    the version is still the same: a server that has another file by now, or that knows no ranges, sends it whole.
    Without a version there is no way to know, and the transfer starts anew.

    Parameters
    ----------
    folder
        Of its own, ``.<name>.transfer``; it is removed when all has come.
    headers
        Sent with each request.
    timeout
        Seconds that the server may be silent.
    chunk
        Bytes that are written at once.
    """

    def __init__(self, folder: Path, headers: dict[str, str], timeout: float, chunk: int) -> None:
        self.folder, self.partial, self.version = folder, folder / "content", folder / "version"
        self.headers, self.timeout, self.chunk = headers, timeout, chunk

    def __call__(self, url: str, output_file: str, pooch_: object) -> None:
        """Fetch what is missing, then move the whole to ``output_file``.

        Raises
        ------
        requests.RequestException
            Nothing came, or the transfer broke off; what came is kept.
        PathloreError
            A folder of that name is there and is not ours.
        """
        own_folder(self.folder)
        before = self._there()
        with self._ask(url, before) as response:
            response.raise_for_status()
            before = before if self._continues(response, before) else 0
            self._receive(response, before)
        self.partial.replace(output_file)
        remove_own(self.folder, "content", "version")

    def _there(self) -> int:
        """Bytes that came earlier and can be built on."""
        return self.partial.stat().st_size if self.partial.exists() and self.version.exists() else 0

    def _ask(self, url: str, before: int) -> "Response":
        import requests

        wanted = {}
        if before:
            wanted = {"Range": f"bytes={before}-", "If-Range": self.version.read_text(encoding="utf-8")}
        response = requests.get(url, stream=True, timeout=self.timeout, headers=self.headers | wanted)
        if before and response.status_code == REQUESTED_RANGE_NOT_SATISFIABLE:  # nothing is missing, or all is another
            response.close()
            return requests.get(url, stream=True, timeout=self.timeout, headers=self.headers)
        return response

    def _continues(self, response: "Response", before: int) -> bool:
        """Whether what comes belongs behind what is there."""
        says = response.headers.get("Content-Range", "")
        return bool(before) and response.status_code == PARTIAL_CONTENT and says.startswith(f"bytes {before}-")

    def _receive(self, response: "Response", before: int) -> None:
        name = self.folder.name.removeprefix(".").removesuffix(".transfer")
        tag = response.headers.get("ETag", "")
        version = tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")
        length = int(response.headers.get("Content-Length", 0))
        logger.info("%s: %.1f MB to fetch, %.1f MB came earlier", name, length / 1e6, before / 1e6)
        if not before:
            self.version.unlink(missing_ok=True)
        if version and not before:
            self.version.write_text(version, encoding="utf-8")
        with (
            Progress(name, max(before + length, 1), before) as bar,
            self.partial.open("ab" if before else "wb") as file,
        ):
            for block in response.iter_content(self.chunk):
                file.write(block)
                bar.advance(len(block), f"{bar.done / 1e6:.0f} MB")


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
        Whether to keep what came before a transfer broke off: `pathlore.resources.transfer.ResumingDownloader`.
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


class Remedies(NamedTuple):
    """What a user may do, as the errors of a download say it."""

    block: str  # of parameters
    checksum: str  # where the expected one stands
    failed: str  # what helps after a transfer that failed


def obtain(
    file: File,
    key: str,
    folder: Path,
    config: ResourcesConfig | CohortConfig,
    remedies: Remedies,
    *,
    resume: bool = False,
) -> tuple[str, bool]:
    """Fetch a file to ``folder / key`` if it is not there, and hold it to its checksum.

    The checksum is the one that is known beforehand, else that of the file as it was first seen, which
    ``checksums.json`` of the folder keeps.

    Returns
    -------
    Its SHA-256, and whether it was fetched now.

    Raises
    ------
    PathloreError
        It could not be fetched or written, or has another checksum.
    """
    path = folder / key
    with _writing(path.parent, remedies.block):
        path.parent.mkdir(parents=True, exist_ok=True)
    accepted = recorded(folder).get(key)
    expected = file.sha256 or accepted
    accept = f"correct {remedies.checksum}" if file.sha256 else f"delete the line {key} in {folder / FILE}"
    accept += " if it is a new release that you want"
    missing = not path.exists()
    if missing:
        try:
            with _writing(path, remedies.block):
                transfer(
                    file, path.parent, expected, config.timeout, config.retries, resume=resume, block=remedies.block
                )
        except TransferError as error:
            new = f"{accept}; or " if expected and "SHA-256" in str(error) else ""
            raise PathloreError(
                f"{path.parent.name}: {without_logins(file.url)} was not fetched, {error}: {new}{remedies.failed}, or "
                f"fetch the file by hand and put it at {path}"
            ) from error
    found = sha256(path)
    if expected and found != expected:
        raise PathloreError(
            f"{path} has the SHA-256 {found}, but {expected} was expected: {accept}; or delete the file, to fetch it "
            "again"
        )
    if accepted is None:
        with _writing(folder / FILE, remedies.block):
            record(folder, key, found)
    return found, missing


@contextmanager
def _writing(place: Path, block: str) -> Iterator[None]:
    """Say in one line what cannot be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PathloreError(
            f"{place} cannot be written ({reason}): choose another folder by `{block}.folder`"
        ) from error
