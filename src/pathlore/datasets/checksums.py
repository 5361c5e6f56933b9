"""Checksums of saved datasets, so that one that was damaged later is noticed when it is read."""

import hashlib
import json
import logging
from pathlib import Path

from filelock import FileLock

from pathlore.files import atomic_file, sha256

logger = logging.getLogger(__name__)

FILE = ".checksums.json"

State = tuple[tuple[str, int, int, int], ...]


class SavedChecksums:
    """The file ``.checksums.json`` in the folder of all data: path of a dataset -> checksum of its files.

    It is replaced as a whole, and runs that do so at once wait for each other. A file that cannot be read is begun
    anew with a warning: a dataset without a line is read unchecked.

    Parameters
    ----------
    folder
        Of all data; datasets elsewhere are not kept account of.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / FILE
        self._known: dict[Path, State] = {}

    def forget(self, place: Path) -> None:
        """Remove a line, before the dataset is replaced."""
        self._known.pop(place, None)
        if self._key(place) in self._lines():
            self._change(place, None)

    def record(self, place: Path) -> None:
        """Write the line of a dataset that was saved."""
        if self._key(place):
            self._change(place, _checksum(place))
            self._known[place] = _state(place)

    def differs(self, place: Path) -> bool:
        """Whether a dataset is another one than was saved; files that did not change since are not read again."""
        expected = self._lines().get(self._key(place))
        if expected is None or not place.exists():
            return False
        state = _state(place)
        if self._known.get(place) == state:
            return False
        if not state or _checksum(place) != expected:
            return True
        self._known[place] = state
        return False

    def _key(self, place: Path) -> str:
        """The path below the folder; empty elsewhere."""
        return place.relative_to(self.folder).as_posix() if self.folder in place.parents else ""

    def _lines(self) -> dict[str, str]:
        try:
            lines = json.loads(self.file.read_text(encoding="utf8"))
            if not isinstance(lines, dict):
                raise ValueError("no JSON object")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            logger.warning("The checksums in %s cannot be read (%s): datasets are read unchecked", self.file, error)
            return {}
        return lines

    def _change(self, place: Path, value: str | None) -> None:
        with FileLock(self.folder / f"{FILE}.lock"):
            lines = {name: known for name, known in self._lines().items() if name != self._key(place)}
            if value is not None:
                lines[self._key(place)] = value
            with atomic_file(self.file) as temporary:
                temporary.write_text(json.dumps(dict(sorted(lines.items())), indent=1) + "\n", encoding="utf8")


def _files(place: Path) -> list[Path]:
    """The files of a dataset: its own, those in its folder, the SVG beside a PNG."""
    if place.is_dir():
        return sorted(path for path in place.rglob("*") if path.is_file())
    beside = [place.with_suffix(".svg")] if place.suffix == ".png" else []
    return [path for path in (place, *beside) if path.is_file()]


def _state(place: Path) -> State:
    """What tells that files have changed, without reading them."""
    found = [(path, path.stat()) for path in _files(place)]
    return tuple((str(path), about.st_size, about.st_mtime_ns, about.st_ino) for path, about in found)


def _checksum(place: Path) -> str:
    """SHA-256 over the names and checksums of the files."""
    digest = hashlib.sha256()
    for path in _files(place):
        digest.update(f"{path.relative_to(place.parent).as_posix()}\0{sha256(path)}\n".encode())
    return digest.hexdigest()
