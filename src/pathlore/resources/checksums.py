"""Checksums of downloaded files, kept beside them in ``checksums.json``."""

import hashlib
import json
import os
import tempfile
from pathlib import Path

from filelock import FileLock

from pathlore.errors import PathloreError

FILE = "checksums.json"


def sha256(path: Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{FILE}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(dict(sorted(sums.items())), file, indent=2)
                file.write("\n")
            Path(name).replace(folder / FILE)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
