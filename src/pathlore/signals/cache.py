"""Arrays that take seconds to compute, kept on disk under a hash of everything that decides them."""

import hashlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from pathlore.files import atomic_file

logger = logging.getLogger(__name__)

FORMAT = "1"
"""Changed whenever the same inputs give other arrays."""


def user_folder() -> Path:
    """Folder ``pathlore/signals`` in the user's cache folder of this system."""
    import pooch

    return Path(pooch.os_cache("pathlore")) / "signals"


def digest(parts: Iterable[object]) -> str:
    """Hash of the texts of some objects, in their order."""
    total = hashlib.sha256(FORMAT.encode())
    for part in parts:
        total.update(str(part).encode() + b"\x1f")
    return total.hexdigest()


def cached(folder: Path | None, key: str, compute: Callable[[], np.ndarray]) -> np.ndarray:
    """Read an array from the folder, or compute and keep it.

    The file is written beside its place and renamed, so that no other process ever reads half of it. A damaged file is
    computed anew; a folder that cannot be written costs the time and nothing else.

    Parameters
    ----------
    folder
        None: nothing is kept.
    key
        Content hash, see `digest`.
    compute
        Called where there is no such file.
    """
    if folder is None:
        return compute()
    file = folder / f"{key}.npy"
    try:
        return np.asarray(np.load(file, allow_pickle=False))
    except FileNotFoundError:
        pass
    except (OSError, ValueError, EOFError) as error:
        logger.warning("The cached vectors %s cannot be read (%s) and are computed again", file, error)
    array = compute()
    try:
        _write(file, array)
    except OSError as error:
        logger.warning("Vectors are not cached: %s cannot be written (%s)", folder, error.strerror)
    return array


def _write(file: Path, array: np.ndarray) -> None:
    with atomic_file(file) as partial:
        np.save(partial, array, allow_pickle=False)
