"""How the kernels are compiled, and kept on disk between processes."""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

from pathlore.compiled_files import name_compiled_files_apart


@functools.lru_cache(maxsize=1)
def _stamp() -> bytes:
    """Hash all sources of this folder: a kernel on disk is stale when any of them has changed."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).digest()


def compiled(function: Callable[..., Any]) -> Any:
    """Compile on first call; kept in ``__pycache__`` or the user's cache folder, where one can be written.

    numba looks only at the file of the function itself, not at those that it calls: hence the stamp of our own.
    """
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}
    name_compiled_files_apart()
    try:
        dispatcher: Any = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder can be written
        return numba.njit(**options)(function)
    cache_file = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if cache_file is not None:
        cache_file._source_stamp = _stamp()
    return dispatcher
