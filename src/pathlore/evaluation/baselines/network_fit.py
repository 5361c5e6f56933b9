"""One fit loop for the neural networks among the baselines."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pathlore.evaluation.baselines.choice import HELD_OUT, Score, score, with_all_classes
from pathlore.evaluation.fitted import Fitted
from pathlore.keys import Split
from pathlore.study.case import Case
from pathlore.training.batches import Batches
from pathlore.training.checkpoint import Progression
from pathlore.training.data import CellSet, dense

MAX_Z = 10.0
"""Standardised expression is cut off here on both sides: a gene that nearly no training cell expresses has no scale."""


@dataclass(frozen=True)
class Schedule:
    """How long and by which steps a network is fitted.

    Attributes
    ----------
    epochs
        At most.
    patience
        Epochs without a better score on the validation cells after which it ends.
    batch_size
        Cells.
    learning_rate
        Of AdamW, per step.
    weight_decay
        Per step, in multiples of the learning rate.
    """

    epochs: int
    patience: int
    batch_size: int
    learning_rate: float
    weight_decay: float


def fit_network(build: Callable[[], nn.Module], case: Case, seed: int, schedule: Schedule) -> tuple[Fitted, Score]:
    """Fit a network (B, G) -> (B, C) with a balanced cross-entropy; the weights are those of the best epoch.

    Parameters
    ----------
    build
        Makes the network; its weights are drawn from the seed.
    case
        Its cells' expression is standardised by the training cells.
    seed
        Of weights, batches and dropout. The generators of the caller are left as they were.

    Returns
    -------
    Probabilities with notes on epochs and parameters, and the score on the validation cells.
    """
    data = with_all_classes(case)
    x = standardised(data)
    labels = {split: torch.from_numpy(cells.labels) for split, cells in data.items()}
    sizes = torch.bincount(labels[Split.TRAIN], minlength=len(case.class_names))
    weights = sizes.sum() / (len(sizes) * sizes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = build()
        optimizer = torch.optim.AdamW(
            module.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay
        )
        batches = Batches(len(data[Split.TRAIN]), schedule.batch_size, rank=0, processes=1)
        progress = Progression()
        while not progress.finished:
            module.train()
            for rows in batches.draw(torch.default_generator):
                loss = functional.cross_entropy(module(x[Split.TRAIN][rows]), labels[Split.TRAIN][rows], weights)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            found = score(data[Split.VALIDATION].labels, _predict(module, x[Split.VALIDATION], schedule.batch_size))
            row = {"epoch": progress.epoch + 1, "validation_auroc": found[0], "validation_loss": -found[1]}
            progress.record(row, module.state_dict(), schedule.patience, schedule.epochs)
    module.load_state_dict(progress.best_state)
    probabilities = {split: _predict(module, x[split], schedule.batch_size) for split in HELD_OUT}
    parameters = sum(weight.numel() for weight in module.parameters())
    notes = {"best_epoch": float(progress.best_epoch), "parameters": float(parameters)}
    return Fitted(probabilities, notes=notes), progress.best_score


def standardised(data: dict[str, CellSet]) -> dict[str, Tensor]:
    """Expression with mean 0 and variance 1 over the training cells, at most ``MAX_Z`` in size; (n, G) by split."""
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(dense(data[Split.TRAIN].x))
    return {
        split: torch.from_numpy(scaler.transform(dense(cells.x)).clip(-MAX_Z, MAX_Z)) for split, cells in data.items()
    }


@torch.inference_mode()
def _predict(module: nn.Module, x: Tensor, batch_size: int) -> np.ndarray:
    """Class probabilities; x (n, G) -> (n, C)."""
    module.eval()
    return torch.cat([module(batch).softmax(dim=1) for batch in x.split(batch_size)]).double().numpy()
