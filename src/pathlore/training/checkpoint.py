"""Where a fit stands, written whole after every epoch, so that a killed run goes on where it was."""

import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pathlore.files import atomic_file, own_folder, remove_own
from pathlore.training.process_rank import current_rank

logger = logging.getLogger(__name__)

OWN, STATE = ".checkpoint", "state.pt"


class Checkpoint:
    """One file, in a folder of its own, that holds the state of one fit.

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
        self.path = Path(folder) / f"{name}{OWN}" / STATE if folder else None
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
        """Write the state whole or not at all.

        Raises
        ------
        PathloreError
            A folder of the checkpoint's name is there and is not ours.
        """
        if self.path is None:
            return
        if not self.path.parent.parent.exists():
            own_folder(self.path.parent.parent)
        own_folder(self.path.parent)
        with atomic_file(self.path) as partial:
            torch.save({**state, "fingerprint": self.fingerprint}, partial)


def clear_checkpoints(folder: str | None) -> None:
    """Remove the checkpoints of fits that are all done, in the process that wrote them."""
    if not folder or not current_rank().is_main or not Path(folder).is_dir():
        return
    for own in Path(folder).glob(f"*{OWN}"):
        remove_own(own, STATE)
    remove_own(Path(folder))


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
