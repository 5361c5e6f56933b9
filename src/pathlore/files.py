"""Files and folders that appear whole or not at all, and the proof of what this program may delete again.

What is written goes into a folder of its own beside its place, ``.NAME.XXXXXXXX.partial``, and is then moved there.
Each folder that this program makes holds the file ``.made_by_pathlore`` with the names and sizes of what it wrote.
Nothing else is ever deleted: a file in a folder of ours that is not named there is a user's, and is kept.
"""

import hashlib
import json
import logging
import shutil
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import Any

from pathlore.errors import PathloreError, shorten

logger = logging.getLogger(__name__)

MARKER = ".made_by_pathlore"
PARTIAL = ".partial"
OLD = ".old"
WHOLE = (".zarr",)
"""Folders that are one file to their readers: they hold no marker and are replaced as a file is."""
NAME_LENGTH = 40
"""Characters of a name that its temporary folder repeats: a name may be as long as the file system allows."""


def sha256(path: Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield where to write a file; it takes its place in one move when the block ends, or not at all.

    Examples
    --------
    >>> with atomic_file(Path("numbers.txt")) as partial:  # doctest: +SKIP
    ...     partial.write_text("1 2 3")
    """
    with beside(path) as folder:
        yield folder / path.name
        put(folder / path.name, path)


@contextmanager
def atomic_folder(path: Path, *, marked: bool = True) -> Iterator[Path]:
    """Yield an empty folder to write into; it takes its place when the block ends, or not at all.

    An old folder is replaced in two moves; a process killed between these two leaves no folder. Files of a user's in
    the old folder are kept. Without a marker the new folder is the user's from then on.
    """
    with beside(path) as folder:
        new = folder / path.name
        new.mkdir()
        yield new
        put(new, path, None if marked else "")


@contextmanager
def beside(place: Path) -> Iterator[Path]:
    """Yield a folder of this program's on the same disk as a place; it is removed when the block ends."""
    place.parent.mkdir(parents=True, exist_ok=True)
    folder = place.parent / f".{place.name[:NAME_LENGTH]}.{uuid.uuid4().hex[:8]}{PARTIAL}"
    folder.mkdir()
    try:
        _mark(folder, place=place.name)
        yield folder
    finally:
        _clear(folder, place)


def put(new: Path, place: Path, reads: str | None = None) -> None:
    """Move what was written in a folder of `beside` to its place: a folder, or a file with what lies beside it.

    Permissions become those of the process's umask, whatever the library that wrote chose.

    Parameters
    ----------
    new
        The file or folder; where there is none, what is at the place goes.
    place
        Where it belongs.
    reads
        End of the names that will be read from this folder, whoever wrote them; None: names are known. Where it is
        empty, the folder gets no marker, which would be read too.

    Raises
    ------
    PathloreError
        A folder lies where a file belongs, or a file where a folder belongs, or a user's file would be read.
    """
    if new.exists() and place.exists() and new.is_dir() != place.is_dir():
        kinds = ("folder", "file") if new.is_dir() else ("file", "folder")
        raise PathloreError(f"a {kinds[1]} lies at {place}, a {kinds[0]} belongs there: delete {place}")
    if reads is not None:
        _refuse_mixture(new, place, reads)
    _set_permissions(new.parent)
    if new.is_dir() and new.suffix not in WHOLE and reads != "":
        _mark(new, files=_sizes(new))
    siblings = [path for path in new.parent.iterdir() if path != new and path.name != MARKER]
    old = new.parent / OLD / new.name
    if (place.exists() or place.is_symlink()) and (siblings or not new.is_file()):
        old.parent.mkdir()
        place.replace(old)
    for path in siblings:
        path.replace(place.parent / path.name)
    if new.exists():
        try:
            new.replace(place)
        except OSError:
            if old.exists() and not siblings:
                old.replace(place)
            raise


def remove_leftovers(place: Path) -> None:
    """Remove what a killed process has left half written beside a place; the caller keeps others from writing there."""
    for folder in place.parent.glob(f".{escape(place.name[:NAME_LENGTH])}.{'[0-9a-f]' * 8}{PARTIAL}"):
        if _marked(folder).get("place") == place.name:
            _clear(folder, place)
        else:
            with suppress(OSError):  # killed before the mark was set: empty
                folder.rmdir()


def own_folder(folder: Path) -> None:
    """Make a folder and mark it as this program's, unless it is one already.

    Raises
    ------
    PathloreError
        It is there and holds something, but this program did not make it.
    """
    if _marked(folder).get("own") == folder.name:
        return
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise PathloreError(
            f"{folder} holds files that pathlore did not write, a folder of its own was expected: move it elsewhere"
        )
    _mark(folder, own=folder.name)


def remove_own(folder: Path, *names: str) -> None:
    """Remove files by their names from a folder that `own_folder` made, then the folder if nothing else is in it."""
    if _marked(folder).get("own") != folder.name:
        return
    for name in names:
        remove_leftovers(folder / name)
        (folder / name).unlink(missing_ok=True)
    if [path.name for path in folder.iterdir()] == [MARKER]:
        (folder / MARKER).unlink()
        with suppress(OSError):  # another process writes there again
            folder.rmdir()


def foreign(folder: Path) -> list[Path]:
    """Files in a folder that this program did not write, or that were changed to another size since."""
    if not folder.is_dir() or folder.is_symlink() or folder.suffix in WHOLE:
        return []
    known = _marked(folder).get("files", {})
    return [folder / name for name, size in _sizes(folder).items() if known.get(name) != size]


def _refuse_mixture(new: Path, place: Path, ending: str) -> None:
    mixed = [path for path in foreign(place) if not (new / path.relative_to(place)).exists()]
    names = [path.relative_to(place).as_posix() for path in mixed]
    if names := [name for name in names if f"/{name}".endswith(ending)]:
        raise PathloreError(
            f"{place} holds {shorten(names)}, which pathlore did not write there as it is and would read with the "
            f"rest: move such files elsewhere, or delete {place}"
        )


def _mark(folder: Path, **facts: Any) -> None:
    (folder / MARKER).write_text(json.dumps({"made_by": "pathlore", **facts}, indent=1) + "\n", encoding="utf8")


def _marked(folder: Path) -> dict[str, Any]:
    """What the marker of a folder says; nothing where this program did not make it."""
    try:
        facts = json.loads((folder / MARKER).read_text(encoding="utf8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) and facts.get("made_by") == "pathlore" else {}


def _sizes(folder: Path) -> dict[str, int]:
    """Name -> size of each file in a folder, but for the marker; a link is not followed."""
    found = sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return {path.relative_to(folder).as_posix(): path.lstat().st_size for path in found if path != folder / MARKER}


def _clear(folder: Path, place: Path) -> None:
    """Remove a folder of `beside`; files of a user's in what was replaced go back to the place."""
    old = folder / OLD / place.name
    try:
        for path in foreign(old):
            target = place / path.relative_to(old)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
    except OSError as error:
        logger.warning("Files that pathlore did not write lie in %s now (%s)", old, error)
        return
    shutil.rmtree(folder, ignore_errors=True)


def _set_permissions(folder: Path) -> None:
    """Give everything in a folder of `beside` the permissions that the folder and its marker got from the umask."""
    modes = {kind: stat.S_IMODE(path.stat().st_mode) for kind, path in ((True, folder), (False, folder / MARKER))}
    for path in folder.rglob("*"):
        mode = modes[path.is_dir()]
        if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) != mode:
            with suppress(OSError):  # a file system without permissions
                path.chmod(mode)
