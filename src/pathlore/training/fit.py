"""The fit of one population: a visible loop on Lightning Fabric, which takes care of device and precision."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import torch
from rich.progress import Progress
from torch import Tensor, nn

from pathlore.config import ModelConfig, TrainingConfig
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.keys import Split
from pathlore.model import TextNumericGraphTransformer, graph_tensors, path_prior
from pathlore.training.checkpoint import Checkpoint, fingerprint
from pathlore.training.data import CellSet
from pathlore.training.epochs import Epochs
from pathlore.training.trained_model import TrainedModel

logger = logging.getLogger(__name__)

OnEpoch = Callable[[dict[str, float]], None]
"""Called after every epoch with one row of `pathlore.schemas.History`."""


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


def fit(
    name: str,
    graph: TextNumericGraph,
    gene_vectors: np.ndarray,
    path_vectors: np.ndarray,
    data: dict[str, CellSet],
    class_names: list[str],
    model_config: ModelConfig,
    config: TrainingConfig,
    on_epoch: OnEpoch = lambda row: None,
) -> tuple[TrainedModel, pd.DataFrame]:
    """Train one model on the training cells; choose its weights by the validation cells; never look at the test cells.

    Parameters
    ----------
    name
        Of the population, for messages and the checkpoint.
    graph, gene_vectors, path_vectors
        The text-numeric graph with its (G, T) and (P, T) text embeddings.
    data
        `CellSet` of train and validation.
    class_names
        C names, the control first.
    model_config, config
        Form of the model, and of the fit.
    on_epoch
        Called after every epoch, also for those taken over from a checkpoint.

    Returns
    -------
    model, history
        The best weights of the whole model, and `pathlore.schemas.History`.
    """
    from lightning_fabric import Fabric

    fabric = Fabric(accelerator=config.accelerator, devices=1, precision=_precision(config))
    train, validation = data[Split.TRAIN], data[Split.VALIDATION]
    cuda = list(range(torch.cuda.device_count())) if fabric.device.type == "cuda" else []
    with torch.random.fork_rng(devices=cuda), _threads(config.threads):
        torch.manual_seed(config.seed)
        tensors = graph_tensors(graph, gene_vectors, path_vectors)
        module = TextNumericGraphTransformer(model_config, tensors, len(class_names))
        module.fit_activity(torch.from_numpy(train.x), torch.from_numpy(train.labels))
        optimizer = _optimizer(module, config)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, "max", config.plateau_factor, config.plateau_patience, min_lr=config.min_learning_rate
        )
        prior = torch.from_numpy(path_prior(graph, config.prior_mode)).float()
        checkpoint = Checkpoint(
            config.checkpoints, name, _fingerprint(graph, gene_vectors, path_vectors, data, model_config, config)
        )
        wrapped, wrapped_optimizer = fabric.setup(module, optimizer)
        progress = _resume(checkpoint, module, optimizer, scheduler)
        for row in progress.history:
            on_epoch(row)
        epochs = Epochs(fabric, module, wrapped, wrapped_optimizer, train, validation, config, prior)
        logger.info(
            "Fit, %s: %d training and %d validation cells, %d genes, %d edges, %d paths, %s parameters, on %s (%s)",
            name,
            len(train),
            len(validation),
            len(graph.entities),
            len(graph.associations),
            len(graph.paths),
            f"{sum(p.numel() for p in module.parameters()):,}",
            fabric.device,
            _precision(config),
        )
        with Progress(transient=True, disable=not _on_terminal()) as bar:
            task = bar.add_task(name, total=config.epochs, completed=progress.epoch)
            while not progress.finished:
                row = epochs.run(progress.epoch + 1)
                scheduler.step(row["validation_auroc"])
                progress.record(row, module.state_dict(), config.early_stopping, config.epochs)
                checkpoint.save(_state(progress, module, optimizer, scheduler))
                on_epoch(row)
                bar.update(task, advance=1, description=f"{name}: validation AUROC {row['validation_auroc']:.3f}")
    best = progress.history[progress.best_epoch - 1]
    logger.info(
        "Fit, %s: best of %d epochs is %d, validation AUROC %.3f, loss %.3f",
        name,
        progress.epoch,
        progress.best_epoch,
        best["validation_auroc"],
        best["validation_loss"],
    )
    model = TrainedModel(
        model_config, class_names, graph.genes, list(graph.paths["path"]), progress.best_epoch, progress.best_state
    )
    return model, pd.DataFrame(progress.history)


def _optimizer(module: TextNumericGraphTransformer, config: TrainingConfig) -> torch.optim.Optimizer:
    """Adam or AdamW, with a learning rate of their own and no weight decay for the path scores M."""
    scores = module.importance.logits
    others = [parameter for parameter in module.parameters() if parameter is not scores]
    groups = [
        {"params": others, "lr": config.learning_rate, "weight_decay": config.weight_decay},
        {"params": [scores], "lr": config.importance_learning_rate, "weight_decay": 0.0},
    ]
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config.optimizer](groups)


def _precision(config: TrainingConfig) -> str:
    if config.precision != "auto":
        return config.precision
    on_gpu = config.accelerator in ("auto", "cuda") and torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return "bf16-mixed" if on_gpu else "32-true"


@contextmanager
def _threads(number: int) -> Iterator[None]:
    """Let torch use so many processor threads for the length of the block; 0: as many as it likes."""
    before = torch.get_num_threads()
    torch.set_num_threads(number or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _on_terminal() -> bool:
    return os.isatty(2)


def _fingerprint(
    graph: TextNumericGraph,
    gene_vectors: np.ndarray,
    path_vectors: np.ndarray,
    data: dict[str, CellSet],
    model_config: ModelConfig,
    config: TrainingConfig,
) -> str:
    texts = [model_config.model_dump_json(), config.model_dump_json(exclude={"checkpoints", "threads"})]
    texts += [graph.entities.to_csv(), graph.associations.to_csv(), graph.paths.to_csv()]
    cells = [array for split in (Split.TRAIN, Split.VALIDATION) for array in (data[split].x, data[split].labels)]
    return fingerprint(texts, [gene_vectors, path_vectors, *cells])


def _state(progress: Progression, module: nn.Module, optimizer: Any, scheduler: Any) -> dict[str, Any]:
    return {
        "progress": {**vars(progress), "best_score": list(progress.best_score)},
        "module": module.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "random": torch.get_rng_state(),
        "random_cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def _resume(checkpoint: Checkpoint, module: nn.Module, optimizer: Any, scheduler: Any) -> Progression:
    """Take over the state of an interrupted fit, if there is one."""
    state = checkpoint.load()
    if state is None:
        return Progression()
    module.load_state_dict(state["module"])
    optimizer.load_state_dict(state["optimizer"])
    scheduler.load_state_dict(state["scheduler"])
    torch.set_rng_state(state["random"])
    if state["random_cuda"]:
        torch.cuda.set_rng_state_all(state["random_cuda"])
    progress = Progression(**{**state["progress"], "best_score": tuple(state["progress"]["best_score"])})
    logger.info("Fit goes on after epoch %d, from %s", progress.epoch, checkpoint.path)
    return progress
