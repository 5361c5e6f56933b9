"""Large files over HTTP, in as many sittings as it takes."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from pathlore.files import own_folder, remove_own
from pathlore.progress import Progress

if TYPE_CHECKING:
    from requests import Response

logger = logging.getLogger(__name__)

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
