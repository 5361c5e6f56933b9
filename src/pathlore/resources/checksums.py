"""Checksums of downloaded files, kept beside them in ``checksums.json``."""

import json
from pathlib import Path

from filelock import FileLock

from pathlore.errors import PathloreError
from pathlore.files import atomic_file

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
