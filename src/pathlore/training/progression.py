"""Where a fit stands, and how it goes on from a checkpoint."""

import logging
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

logger = logging.getLogger(__name__)


@dataclass
class Progression:
    """Where a fit stands: what is known after each epoch."""

    epoch: int = 0
    best_epoch: int = 0
    best_score: tuple[float, float] = (-1.0, float("-inf"))
    best_state: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)
    finished: bool = False

    def record(self, row: dict[str, float], state: dict[str, Tensor], patience: int, epochs: int) -> None:
        """Take in one epoch; keep the whole model's weights if they are the best so far.

        Better is a higher validation AUROC (to three decimals, since a few cells decide the rest), then a lower
        validation loss: AUROC alone stands still at 1 where the classes are easily told apart.
        """
        self.epoch = int(row["epoch"])
        self.history.append(row)
        score = (round(row["validation_auroc"], 3), -row["validation_loss"])
        if score > self.best_score:
            self.best_epoch, self.best_score = self.epoch, score
            self.best_state = {name: value.detach().cpu().clone() for name, value in state.items()}
        self.finished = self.epoch >= epochs or self.epoch - self.best_epoch >= patience

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
