"""One epoch: every training batch once, or those of a sample of the cells, then the validation cells."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from pathlore.config import TrainingConfig
from pathlore.errors import PathloreError
from pathlore.model import TextNumericGraphTransformer, total_loss
from pathlore.training.batches import Batch, Batches, loader
from pathlore.training.data import CellSet, blocks, dense
from pathlore.training.metrics import auroc
from pathlore.training.sampling import BalancedSample, sampled

if TYPE_CHECKING:
    from lightning_fabric import Fabric

    from pathlore.training.processes import Alone

MOST_CALIBRATION_CELLS = 512
"""Training cells from which the residuals' mean and variance are taken after each epoch."""


class Epochs:
    """One epoch after the other: train on every batch, then judge on the validation cells.

    A step takes the gradient of the loss of ``accumulate`` batches as if they were one. Where several processes train,
    each takes its part of every batch: what they add up to is the loss, the gradient and the result of one process.
    Of more than ``cells_per_epoch`` training cells, each epoch takes a sample of its own, and of more validation cells
    all epochs the same one, see `pathlore.training.sampling.BalancedSample`.

    Parameters
    ----------
    fabric
        Device, precision and the other processes.
    module, wrapped, optimizer
        The module, the same in Fabric's hands, and its optimiser in Fabric's hands.
    train, validation
        Cells.
    classes
        C.
    config
        Form of the fit.
    prior
        (P,), see `pathlore.model.path_prior`.
    start
        (P,) scores M before the first step, which ``score_init_penalty`` pulls them back to.
    order
        Generator of the order of the cells.
    """

    def __init__(
        self,
        fabric: "Fabric | Alone",
        module: TextNumericGraphTransformer,
        wrapped: nn.Module,
        optimizer: Any,
        train: CellSet,
        validation: CellSet,
        classes: int,
        config: TrainingConfig,
        prior: Tensor,
        start: Tensor,
        order: torch.Generator,
    ) -> None:
        self.fabric, self.module, self.wrapped, self.optimizer, self.config = fabric, module, wrapped, optimizer, config
        self.train, self.classes, self.order = train, classes, order
        self.sample = BalancedSample(train.labels, train.donors, config.cells_per_epoch)
        self.validation = sampled(replace(validation, wide=None), config.cells_per_epoch, config.seed)
        self.rank, self.processes = fabric.global_rank, fabric.world_size
        self.prior, self.start = prior.to(fabric.device), start.to(fabric.device)
        self.labels = torch.from_numpy(self.validation.labels)
        self.class_weights, self.weight_of_class = None, np.ones(int(train.labels.max()) + 1)
        if config.class_weights == "balanced":
            counts = np.bincount(train.labels)
            balanced = torch.as_tensor(len(train) / (len(counts) * counts), dtype=torch.float32)
            self.class_weights, self.weight_of_class = balanced.to(fabric.device), balanced.double().numpy()
        self.batches = Batches(len(train), config.batch_size, self.rank, self.processes)
        batches = loader(train, self.batches, config.workers, pin_memory=fabric.device.type == "cuda")
        self.loader = fabric.setup_dataloaders(batches, use_distributed_sampler=False)
        sample = np.random.default_rng(config.seed).permutation(len(train))[:MOST_CALIBRATION_CELLS]
        parts = np.array_split(sample, -(-len(sample) // (4 * config.batch_size)))
        self.calibration = [self._own(part) for part in parts]

    def before(self) -> float:
        """Validation AUROC before the first step; weights, buffers and random numbers stay as they are."""
        state = {name: value.detach().clone() for name, value in self.module.state_dict().items()}
        with torch.random.fork_rng():
            with torch.no_grad():
                self._calibrate()
            logits = self._validate()
        self.module.load_state_dict(state)
        return float(self.fabric.broadcast(auroc(self.labels.numpy(), logits.softmax(dim=1).cpu().numpy())))

    def _calibrate(self) -> None:
        with self.module.calibration():
            for rows in self.calibration:
                self.wrapped(self._to_device(dense(self.train.x[rows])))

    def run(self, epoch: int) -> dict[str, float]:
        """Run one epoch; return its row of the history."""
        started = time.perf_counter()
        self.wrapped.train()
        scores = self.module.importance.logits.detach().clone()
        losses = torch.stack(list(self._steps(epoch))).tolist()  # the only time that training waits for the device
        _check_finite(losses, "training")
        self._calibrate()
        logits = self._validate()
        loss = float(self._loss(logits, self.labels.to(logits.device)).detach())
        _check_finite([loss], "validation")  # the last step of an epoch may be the one that went too far
        row = {
            "epoch": epoch,
            "train_loss": float(np.mean(losses)),
            "validation_loss": loss,
            "validation_auroc": auroc(self.labels.numpy(), logits.softmax(dim=1).cpu().numpy()),
            "learning_rate": self.optimizer.param_groups[0]["lr"],
            "mean_importance": float(self.module.importance().detach().mean()),
            "start_spearman": _spearman(self.start, self.module.importance.logits.detach()),
            "epoch_spearman": _spearman(scores, self.module.importance.logits.detach()),
            "seconds": time.perf_counter() - started,
        }
        return self.fabric.broadcast(row)  # all processes decide by the same numbers

    def _steps(self, epoch: int) -> Iterator[Tensor]:
        """Take the steps of one epoch; yield the loss of each, which lies on the device."""
        batches = self.batches.draw(self.order, self.sample.rows(self.config.seed, epoch))
        if self.processes > 1:  # dropout of its own in each, and the order alike in all
            torch.manual_seed(int(np.random.SeedSequence([self.config.seed, epoch, self.rank]).generate_state(1)[0]))
        drawn = iter(self.loader)
        for start in range(0, len(batches), self.config.accumulate):
            group = batches[start : start + self.config.accumulate]
            whole = len(group) == self.processes == 1
            total_weight = None if whole else self._total_weight(np.concatenate(group))
            yield self._step(islice(drawn, len(group)), len(group), total_weight)
        next(drawn, None)  # the loader is at its end

    def _step(self, batches: Iterator[Batch], count: int, total_weight: float | None) -> Tensor:
        """Change the weights once, by the gradient over all these batches; nothing here waits for the device."""
        self.optimizer.zero_grad()
        value = torch.zeros((), device=self.fabric.device)
        for number, (x, labels) in enumerate(batches, start=1):
            with self.fabric.no_backward_sync(self.wrapped, enabled=number < count):
                loss = self._loss(self.wrapped(x), labels, total_weight, 1 / (count * self.processes))
                self.fabric.backward(loss * self.processes)  # of which the mean over the processes is taken
            value += loss.detach()
        for group in self.optimizer.param_groups:  # the scores M are clipped apart from the rest
            torch.nn.utils.clip_grad_norm_(group["params"], self.config.gradient_clip)
        self.optimizer.step()
        return self.fabric.all_reduce(value, reduce_op="sum")

    def _total_weight(self, rows: np.ndarray) -> float:
        """Sum of the class weights of some training cells."""
        return float(self.weight_of_class[self.train.labels[rows]].sum())

    @torch.no_grad()
    def _validate(self) -> Tensor:
        """Logits of the validation cells, (n, C), the same in every process."""
        self.wrapped.eval()
        rows = self._own(np.arange(len(self.validation)))
        part = self.validation.x[rows[0] : rows[-1] + 1] if len(rows) else self.validation.x[:0]
        # Clones, because a CUDA graph gives its next result at the same place.
        parts = [self.wrapped(self._to_device(x)).float().clone() for x in blocks(part, 4 * self.config.batch_size)]
        if self.processes == 1:
            return torch.cat(parts)
        logits = torch.zeros(len(self.validation), self.classes, device=self.fabric.device)
        if parts:
            logits[rows[0] : rows[-1] + 1] = torch.cat(parts)
        return self.fabric.all_reduce(logits, reduce_op="sum")

    def _own(self, rows: np.ndarray) -> np.ndarray:
        """Part of some rows that this process takes."""
        return np.array_split(rows, self.processes)[self.rank]

    def _to_device(self, x: np.ndarray) -> Tensor:
        return torch.from_numpy(x).to(self.fabric.device)

    def _loss(self, logits: Tensor, labels: Tensor, total_weight: float | None = None, share: float = 1.0) -> Tensor:
        loss = total_loss(
            logits,
            labels,
            self.module.importance(),
            class_weights=self.class_weights,
            prior=self.prior,
            prior_weight=self.config.prior_weight,
            sparsity=self.config.sparsity,
            total_weight=total_weight,
            share=share,
        )
        if not self.config.score_init_penalty:
            return loss
        distance = (self.module.importance.logits - self.start).square().mean()
        return loss + share * self.config.score_init_penalty * distance


def _spearman(start: Tensor, scores: Tensor) -> float:
    """Rank correlation of the paths' scores with earlier ones; NaN where these were all alike."""
    from scipy.stats import rankdata

    ranks = [rankdata(values.double().cpu().numpy()) for values in (start, scores)]
    return float(np.corrcoef(*ranks)[0, 1]) if all(np.ptp(values) > 0 for values in ranks) else float("nan")


def _check_finite(losses: Sequence[float], of: str) -> None:
    for loss in losses:
        if not np.isfinite(loss):
            raise PathloreError(
                f"the {of} loss is {loss}: lower modeling.training.learning_rate, or set "
                "modeling.training.precision: 32-true"
            )
