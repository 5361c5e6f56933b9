"""Where a fit stands, written whole after every epoch, so that a killed run goes on where it was."""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from pathlore.files import atomic_file, own_folder, remove_own
from pathlore.training.process_rank import current_rank

logger = logging.getLogger(__name__)


AREA, LOSS, RANKING = 0.005, 0.01, 0.99
"""A fit moves while the validation AUROC rises by so much, the validation loss falls by this fraction, or the paths'
scores have a rank correlation with those before the epoch below the last."""


@dataclass
class Progression:
    """Where a fit stands: what is known after each epoch.

    Attributes
    ----------
    moved_epoch, moved_area, moved_loss
        The last epoch that moved the fit, and the best validation AUROC and loss that later ones are compared with.
    """

    epoch: int = 0
    moved_epoch: int = 0
    moved_area: float = -1.0
    moved_loss: float = float("inf")
    best_epoch: int = 0
    best_score: tuple[float, float] = (-1.0, float("-inf"))
    best_state: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)
    finished: bool = False

    def record(
        self, row: dict[str, float], state: dict[str, Tensor], patience: int, epochs: int, settled: int | None = None
    ) -> None:
        """Take in one epoch; keep the whole model's weights if they are the best so far.

        Better is a higher validation AUROC (to three decimals, since a few cells decide the rest), then a lower
        validation loss: AUROC alone stands still at 1 where the classes are easily told apart.

        The fit ends after ``epochs``, after ``patience`` epochs without a better one, or after ``settled`` epochs in
        which neither AUROC nor loss of the validation cells got better by `AREA` and `LOSS` nor the ranking of the
        paths changed (`RANKING`).
        """
        self.epoch = int(row["epoch"])
        self.history.append(row)
        score = (round(row["validation_auroc"], 3), -row["validation_loss"])
        if score > self.best_score:
            self.best_epoch, self.best_score = self.epoch, score
            self.best_state = {name: value.detach().cpu().clone() for name, value in state.items()}
        area, loss = row["validation_auroc"], row["validation_loss"]
        higher, lower = area >= self.moved_area + AREA - 1e-9, loss <= self.moved_loss - LOSS * abs(self.moved_loss)
        self.moved_area = area if higher else self.moved_area
        self.moved_loss = loss if lower or self.epoch == 1 else self.moved_loss
        if higher or lower or row.get("epoch_spearman", 1.0) < RANKING:
            self.moved_epoch = self.epoch
        stands_still = settled is not None and self.epoch - self.moved_epoch >= settled
        self.finished = self.epoch >= epochs or self.epoch - self.best_epoch >= patience or stands_still

    def state(self) -> dict[str, Any]:
        """Everything, as `torch.load` reads it back without running code."""
        return {**vars(self), "best_score": list(self.best_score)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "Progression":
        """Rebuild what `state` gave."""
        return cls(**{**state, "best_score": tuple(state["best_score"])})


@dataclass(frozen=True)
class Learner:
    """What changes from step to step.

    Attributes
    ----------
    module, optimizer, scheduler
        Weights, and how they are changed.
    order
        The generator that the order of the cells is drawn from: PyTorch's own in one process, and one that all
        processes have alike in several.
    """

    module: nn.Module
    optimizer: torch.optim.Optimizer
    scheduler: torch.optim.lr_scheduler.ReduceLROnPlateau
    order: torch.Generator

    def state(self, progress: Progression) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {
            "progress": progress.state(),
            "module": self.module.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "random": self.order.get_state(),
            "random_cuda": torch.cuda.get_rng_state_all() if self._alone and torch.cuda.is_available() else [],
        }

    @property
    def _alone(self) -> bool:
        """Whether dropout goes on where it was; several processes begin it anew in each epoch."""
        return self.order is torch.default_generator

    def resume(self, state: dict[str, Any] | None) -> Progression:
        """Take over the state of an interrupted fit, if there is one."""
        if state is None:
            return Progression()
        self.module.load_state_dict(state["module"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        self.order.set_state(state["random"])
        if self._alone and len(state["random_cuda"]) == torch.cuda.device_count():
            torch.cuda.set_rng_state_all(state["random_cuda"])
        return Progression.from_state(state["progress"])


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
    for place in Path(folder).glob(f"*{OWN}"):
        remove_own(place, STATE)
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
