"""Parameters and cells for fits of a second."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from blocks import base
from scipy import sparse

from pathlore.config import ModelConfig, TrainingConfig
from pathlore.training.data import CellSet

SIZES = {"train": 48, "validation": 24, "test": 24}


def model_config(**changes: object) -> ModelConfig:
    """D 8, R 2; else the base configuration."""
    sizes = {"width": 8, "aggregation_heads": 2, "feed_forward": 8, "expander": 4, "dropout": 0.2}
    return ModelConfig.model_validate(base("modeling", "model", **({"importance_start": -1.0} | sizes | changes)))


def training_config(**changes: object) -> TrainingConfig:
    settings = {
        "seed": 3,
        "epochs": 5,
        "batch_size": 16,
        "optimizer": "adamw",
        "learning_rate": 0.01,
        "importance_learning_rate": 0.1,
        "weight_decay": 0.01,
        "gradient_clip": 5.0,
        "class_weights": "balanced",
        "prior_weight": 0.1,
        "prior_mode": "deg",
        "sparsity": 0.5,
        "score_init_penalty": 0.0,
        "plateau_factor": 0.5,
        "plateau_patience": 0,
        "min_learning_rate": 0.0,
        "early_stopping": 10,
        "accelerator": "cpu",
        "precision": "auto",
        "threads": 1,
        "checkpoints": None,
        "accumulate": 1,
        "workers": 0,
        "devices": 1,
        "nodes": 1,
        "strategy": "auto",
        "deterministic": False,
        "compile": False,
        "scratch": None,
    }
    return TrainingConfig(**{**settings, **changes})


def small_cells(genes: Sequence[str], *, classes: int, effect: float = 0.8, seed: int = 5) -> dict[str, CellSet]:
    """Cells of each split in turn of each class; a class lifts a third of the genes."""
    rng = np.random.default_rng(seed)
    result = {}
    for split, n in SIZES.items():
        labels = np.arange(n) % classes
        x = rng.gamma(2.0, 0.5, (n, len(genes)))
        for label in range(1, classes):
            x[labels == label, label::3] += effect
        names = [f"{split} {i}" for i in range(n)]
        donors = [f"{split} donor {label} {i // classes % 2}" for i, label in enumerate(labels)]
        result[split] = CellSet(sparse.csr_matrix(x, dtype=np.float32), labels.astype(np.int64), names, donors)
    return result


def tensor(cells: CellSet) -> torch.Tensor:
    """All cells at once, dense."""
    return torch.from_numpy(cells.x.toarray())


def without_time(history: pd.DataFrame) -> pd.DataFrame:
    """The curve of a fit, without what the clock decides."""
    return history.drop(columns="seconds")
