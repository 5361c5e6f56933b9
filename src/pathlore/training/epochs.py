"""One epoch: every training batch once, then the validation cells."""

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from pathlore.config import TrainingConfig
from pathlore.errors import PathloreError
from pathlore.model import TextNumericGraphTransformer, total_loss
from pathlore.training.data import CellSet
from pathlore.training.metrics import auroc

if TYPE_CHECKING:
    from lightning_fabric import Fabric

MOST_CALIBRATION_CELLS = 2048
"""Training cells from which the residuals' mean and variance are taken after each epoch."""


class Epochs:
    """One epoch after the other: train on every batch, then judge on the validation cells."""

    def __init__(
        self,
        fabric: "Fabric",
        module: TextNumericGraphTransformer,
        wrapped: nn.Module,
        optimizer: Any,
        train: CellSet,
        validation: CellSet,
        config: TrainingConfig,
        prior: Tensor,
    ) -> None:
        self.fabric, self.module, self.wrapped, self.optimizer, self.config = fabric, module, wrapped, optimizer, config
        self.prior = prior.to(fabric.device)
        self.class_weights = None
        if config.class_weights == "balanced":
            counts = np.bincount(train.labels, minlength=int(train.labels.max()) + 1)
            balanced = len(train) / (len(counts) * counts)
            self.class_weights = torch.as_tensor(balanced, dtype=torch.float32, device=fabric.device)
        dataset = TensorDataset(torch.from_numpy(train.x), torch.from_numpy(train.labels))
        self.loader = fabric.setup_dataloaders(
            DataLoader(dataset, config.batch_size, shuffle=True, drop_last=len(train) > config.batch_size)
        )
        sample = np.random.default_rng(config.seed).permutation(len(train))[:MOST_CALIBRATION_CELLS]
        parts = np.array_split(sample, -(-len(sample) // (4 * config.batch_size)))
        self.calibration = [torch.from_numpy(train.x[part]) for part in parts]
        self.x = torch.from_numpy(validation.x).split(4 * config.batch_size)
        self.labels = torch.from_numpy(validation.labels)

    def run(self, epoch: int) -> dict[str, float]:
        """Run one epoch; return its row of the history."""
        started = time.perf_counter()
        self.wrapped.train()
        losses = [self._step(x, labels) for x, labels in self.loader]
        with self.module.calibration():
            for x in self.calibration:
                self.wrapped(x.to(self.fabric.device))
        logits = self._validate()
        loss = self._loss(logits, self.labels.to(logits.device)).detach()
        _check_finite(loss, "validation")  # the last step of an epoch may be the one that went too far
        return {
            "epoch": epoch,
            "train_loss": float(np.mean(losses)),
            "validation_loss": float(loss),
            "validation_auroc": auroc(self.labels.numpy(), logits.softmax(dim=1).cpu().numpy()),
            "learning_rate": self.optimizer.param_groups[0]["lr"],
            "mean_importance": float(self.module.importance().detach().mean()),
            "seconds": time.perf_counter() - started,
        }

    def _step(self, x: Tensor, labels: Tensor) -> float:
        self.optimizer.zero_grad()
        loss = self._loss(self.wrapped(x), labels)
        _check_finite(loss, "training")
        self.fabric.backward(loss)
        for group in self.optimizer.param_groups:  # the scores M are clipped apart from the rest
            torch.nn.utils.clip_grad_norm_(group["params"], self.config.gradient_clip)
        self.optimizer.step()
        return float(loss.detach())

    @torch.no_grad()
    def _validate(self) -> Tensor:
        self.wrapped.eval()
        return torch.cat([self.wrapped(x.to(self.fabric.device)).float() for x in self.x])

    def _loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        return total_loss(
            logits,
            labels,
            self.module.importance(),
            class_weights=self.class_weights,
            prior=self.prior,
            prior_weight=self.config.prior_weight,
            sparsity=self.config.sparsity,
        )


def _check_finite(loss: Tensor, of: str) -> None:
    if not torch.isfinite(loss):
        raise PathloreError(
            f"the {of} loss is {float(loss.detach())}: lower modeling.training.learning_rate, or set "
            "modeling.training.precision: 32-true"
        )
