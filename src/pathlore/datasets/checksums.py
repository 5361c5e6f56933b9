"""Checksums and origins of saved datasets, so that one that was damaged or is out of date is noticed."""

import hashlib
import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pathlore.files import atomic_file, remove_leftovers, sha256

if TYPE_CHECKING:
    from filelock import FileLock

logger = logging.getLogger(__name__)

FILE = ".checksums.json"
KEEP = "keep"
"""In place of a line: a dataset that the user has changed and wants to keep."""

EMPTY = hashlib.sha256().hexdigest()
"""Checksum of a dataset without any file: a node has made no part of it."""

State = tuple[tuple[str, int, int, int, int], ...]


@dataclass(frozen=True)
class Line:
    """What is kept of a dataset.

    Attributes
    ----------
    sha256
        Checksum of its files; empty: none is known.
    origin
        What it was made from (`pathlore.datasets.origins`); empty: not known.
    kept
        The user has said that it is to stay as it is.
    """

    sha256: str = ""
    origin: dict[str, str] = field(default_factory=dict)
    kept: bool = False


class SavedChecksums:
    """The file ``.checksums.json`` in the folder of all data: path of a dataset -> checksum of its files, and origin.

    Raw files have lines too, under their whole path, with size and times of the file beside the checksum, so that a
    large one is read only once. The file is replaced as a whole, and runs that do so at once wait for each other. A
    file that cannot be read is begun anew with a warning: a dataset without a line is read unchecked.

    Parameters
    ----------
    folder
        Of all data; datasets elsewhere have lines under their whole path.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / FILE
        self._known: dict[Path, State] = {}
        self._read: tuple[int, int, dict[str, Any]] = (0, 0, {})
        self._texts: dict[str, str] = {}

    def clear(self) -> None:
        """Remove what a killed run has left half written of the file itself."""
        with self._locked():
            remove_leftovers(self.file)

    def forget(self, place: Path) -> None:
        """Remove a line, before the dataset is replaced."""
        self._known.pop(place, None)
        if self._key(place) in self._lines():
            self._change(place, None)

    def record(self, place: Path, origin: dict[str, str] | None = None) -> None:
        """Write the line of a dataset that was saved."""
        self._change(place, {"sha256": _checksum(place), "origin": origin or {}})
        self._known[place] = _state(place)

    def line(self, place: Path) -> Line:
        """What is kept of a dataset, whether or not it is there."""
        found = self._lines().get(self._key(place))
        if found == KEEP:
            return Line(kept=True)
        if isinstance(found, str):  # of a version that kept no origins
            return Line(found)
        if not isinstance(found, dict) or not isinstance(found.get("origin"), dict):
            return Line()
        return Line(str(found.get("sha256", "")), {str(name): str(value) for name, value in found["origin"].items()})

    def differs(self, place: Path) -> bool:
        """Whether a dataset is another one than was saved; files that did not change since are not read again."""
        expected = self.line(place).sha256
        if not expected or not place.exists():
            return False
        state = _state(place)
        if self._known.get(place) == state:
            return False
        if not state or _checksum(place) != expected:
            return True
        self._known[place] = state
        return False

    def state(self, place: Path) -> State | None:
        """What tells that the files of a dataset have changed since they were compared; None: they were not."""
        return self._known.get(place)

    def of_raw(self, place: Path) -> str:
        """SHA-256 of a raw file, or of the names and files of a folder."""
        place = place.resolve()
        state = [list(part) for part in _state(place)]
        known = self._lines().get(str(place))
        if isinstance(known, dict) and known.get("state") == state and isinstance(known.get("sha256"), str):
            return str(known["sha256"])
        found = sha256(place) if place.is_file() else _checksum(place)
        self._write(str(place), {"sha256": found, "state": state})
        return found

    def is_within(self, place: Path) -> bool:
        """Whether a place lies in the folder of all data, where nobody else writes."""
        return self.folder in place.parents

    def _key(self, place: Path) -> str:
        """The path, below the folder relative to it."""
        return place.relative_to(self.folder).as_posix() if self.is_within(place) else str(place)

    def _lines(self) -> dict[str, Any]:
        try:
            about = self.file.stat()
            if (about.st_mtime_ns, about.st_ino) == self._read[:2]:
                return self._read[2]
            lines = json.loads(self.file.read_text(encoding="utf8"))
            if not isinstance(lines, dict):
                raise ValueError("no JSON object")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            logger.warning("The checksums in %s cannot be read (%s): datasets are read unchecked", self.file, error)
            return {}
        self._texts = {}
        self._read = (about.st_mtime_ns, about.st_ino, lines)
        return lines

    def _change(self, place: Path, value: dict[str, Any] | None) -> None:
        self._write(self._key(place), value)

    def _write(self, key: str, value: dict[str, Any] | None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked():
            lines = {name: known for name, known in self._lines().items() if name != key}
            self._texts.pop(key, None)
            if value is not None:
                lines[key] = value
            with atomic_file(self.file) as temporary:
                temporary.write_text(self._text(lines), encoding="utf8")
            about = self.file.stat()
            self._read = (about.st_mtime_ns, about.st_ino, lines)

    def _locked(self) -> "FileLock":
        from filelock import FileLock  # not above: every command reads the settings

        return FileLock(self.folder / f"{FILE}.lock")

    def _text(self, lines: dict[str, Any]) -> str:
        """JSON with one dataset per line; what is unchanged is not formed anew, for this is written at each dataset."""
        for name in lines.keys() - self._texts.keys():
            self._texts[name] = f"{json.dumps(name)}: {json.dumps(lines[name])}"
        return "{\n" + ",\n".join(self._texts[name] for name in sorted(lines)) + "\n}\n"


def _files(place: Path) -> list[Path]:
    """The files of a dataset: its own, those in its folder, the SVG beside a PNG."""
    if place.is_dir():
        return sorted(path for path in place.rglob("*") if path.is_file())
    beside = [place.with_suffix(".svg")] if place.suffix == ".png" else []
    return [path for path in (place, *beside) if path.is_file()]


def _state(place: Path) -> State:
    """What tells that files have changed, without reading them."""
    found = [(path, path.stat()) for path in _files(place)]
    return tuple(
        (path.relative_to(place.parent).as_posix(), about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino)
        for path, about in found
    )


def _checksum(place: Path) -> str:
    """SHA-256 over the names and checksums of the files."""
    digest = hashlib.sha256()
    for path in _files(place):
        digest.update(f"{path.relative_to(place.parent).as_posix()}\0{sha256(path)}\n".encode())
    return digest.hexdigest()
