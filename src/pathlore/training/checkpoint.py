"""Where a fit stands, written whole after every epoch, so that a killed run goes on where it was."""

import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pathlore.training.place import place

logger = logging.getLogger(__name__)


class Checkpoint:
    """One file that holds the state of one fit.

    Parameters
    ----------
    folder
        Where checkpoints lie; None: nothing is written, nothing is resumed.
    name
        Of the fit.
    fingerprint
        Of everything that decides the fit; a checkpoint with another one is not used.
    """

    def __init__(self, folder: str | None, name: str, fingerprint: str) -> None:
        self.path = Path(folder) / f"{name}.pt" if folder else None
        self.fingerprint = fingerprint

    def load(self) -> dict[str, Any] | None:
        """Return the saved state, or None if there is none, it is damaged, or it belongs to another fit."""
        if self.path is None or not self.path.exists():
            return None
        try:
            state = torch.load(self.path, weights_only=True, map_location="cpu")
        except Exception as error:  # a truncated file raises one of many kinds
            logger.warning("The checkpoint %s cannot be read (%s): starting from the beginning", self.path, error)
            return None
        if state.get("fingerprint") != self.fingerprint:
            logger.info("The checkpoint %s belongs to other data or parameters: starting from the beginning", self.path)
            return None
        return state

    def save(self, state: dict[str, Any]) -> None:
        """Write the state whole or not at all."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".tmp")
        torch.save({**state, "fingerprint": self.fingerprint}, temporary)
        temporary.replace(self.path)


def clear_checkpoints(folder: str | None) -> None:
    """Remove the checkpoints of fits that are all done, in the process that wrote them."""
    if not folder or not place().leads or not Path(folder).is_dir():
        return
    for path in [*Path(folder).glob("*.pt"), *Path(folder).glob("*.tmp")]:
        path.unlink()
    if not any(Path(folder).iterdir()):  # a folder that holds something else is someone's own
        Path(folder).rmdir()


def fingerprint(texts: Iterable[str], arrays: Iterable[np.ndarray]) -> str:
    """SHA-256 over texts and the bytes of arrays.

    Examples
    --------
    >>> fingerprint(["a"], []) == fingerprint(["a"], []) != fingerprint(["b"], [])
    True
    """
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode() + b"\0")
    for array in arrays:
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).data)
    return digest.hexdigest()
