"""The fit of one population: a visible loop on Lightning Fabric, which knows device, precision and processes."""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch

from pathlore.config import ModelConfig, TrainingConfig
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.keys import Split
from pathlore.model import TextNumericGraphTransformer, graph_tensors, path_prior
from pathlore.model.readout import AdditiveReadout
from pathlore.progress import Progress
from pathlore.training.calibration import calibrated, run_p
from pathlore.training.checkpoint import Checkpoint, Learner, Progression, fingerprint
from pathlore.training.data import CellSet, class_ranks
from pathlore.training.epochs import Epochs
from pathlore.training.machine import compilation, compiled, deterministic, precision, threads, uses_cuda
from pathlore.training.paths import fit_paths, share_scores
from pathlore.training.process_rank import current_rank
from pathlore.training.processes import Alone, run_together
from pathlore.training.stacking import fit_stack
from pathlore.training.trained_model import TrainedModel

if TYPE_CHECKING:
    from lightning_fabric import Fabric

logger = logging.getLogger(__name__)

STILL, LITTLE = 0.99, 0.01
"""Rank correlation with the start above which, and change of the AUROC below which, training changed almost nothing."""

LEAST_STEPS = 100
"""Steps that a fit must stand still for, beside ``settled`` epochs: those of few cells are short."""

OnEpoch = Callable[[dict[str, float]], None]
"""Called after every epoch with one row of `pathlore.schemas.History`."""

NOT_OF_THE_FIT = {"checkpoints", "threads", "workers", "scratch", "devices", "nodes", "strategy"}
"""Parameters that change nothing in what is fitted: a fit that was interrupted may go on with others."""


@dataclass(frozen=True)
class FitTask:
    """All that a fit is made from; see `fit`."""

    name: str
    graph: TextNumericGraph
    gene_vectors: np.ndarray
    path_vectors: np.ndarray
    train: CellSet
    validation: CellSet
    classes: int
    model_config: ModelConfig


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
        `CellSet` of train and validation; with ``wide`` where there is to be a wide branch.
    class_names
        C names, the control first.
    model_config, config
        Form of the model, and of the fit.
    on_epoch
        Called after every epoch, also for those taken over from a checkpoint; under torchrun in the first process
        alone.

    Returns
    -------
    model, history
        The best weights of the paths with the branches beside them, and `pathlore.schemas.History`; the same in every
        process.
    """
    train, validation = data[Split.TRAIN], data[Split.VALIDATION]
    task = FitTask(name, graph, gene_vectors, path_vectors, train, validation, len(class_names), model_config)
    with Progress(f"Fit, {name}", config.epochs) as bar:
        reported: set[float] = set()

        def report(row: dict[str, float]) -> None:
            reported.add(row["epoch"])
            on_epoch(row)
            bar.reach(row["epoch"], f"validation AUROC {row['validation_auroc']:.3f}")

        progress = Progression.from_state(run_together(train_model, task, config, len(train), report))
        if current_rank().is_main:  # processes that Fabric started cannot call this one
            for row in progress.history:
                if row["epoch"] not in reported:
                    report(row)
    model = TrainedModel(
        model_config,
        class_names,
        graph.genes,
        list(graph.paths["path"]),
        progress.best_epoch,
        progress.best_state,
        "cuda" if uses_cuda(config) else "cpu",
    )
    module = model.module("cpu")
    if model_config.importance == "global":
        finish_scores(module, task)
        model = replace(model, state=module.state_dict())
    if model_config.branches:
        with torch.random.fork_rng(devices=[]):
            fresh = _module(task, fitted=False)
        stack = fit_stack(module, fresh, train, validation, graph.genes, model_config, config.batch_size)
        model = replace(model, stack=stack)
    return model, pd.DataFrame(progress.history)


def importance_at_start(task: FitTask, config: TrainingConfig) -> np.ndarray:
    """Importance of the paths before the first step, (P,) float64, shared and calibrated as that of a fit is.

    Training hardly moves the order of the paths: see `moved`, which says how far it did.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        module = _module(task)
    if task.model_config.importance == "global":
        finish_scores(module, task)
    return module.importance.logits.detach().double().sigmoid().numpy()


@torch.no_grad()
def finish_scores(module: TextNumericGraphTransformer, task: FitTask) -> None:
    """Share the scores of the paths, see `share_scores`, and calibrate them, see `pathlore.training.calibration`."""
    config, importance = task.model_config, module.importance
    nodes = torch.where(module.path_mask, module.path_nodes, -1).numpy()
    pathways = [name if isinstance(name, str) else None for name in task.graph.paths["pathway"]]
    shared = share_scores(importance.logits.clone(), task.path_vectors, nodes, pathways, config.shared_importance)
    p = run_p(task.train, nodes, np.sign(module.path_signs.numpy()))
    scores, factor = calibrated(shared, config.importance_start, p)
    importance.logits.copy_(scores)
    importance.unit.div_(factor)


def train_model(fabric: "Fabric | Alone", task: FitTask, config: TrainingConfig, on_row: OnEpoch) -> dict[str, Any]:
    """Train in this process, with the others if there are any; return the state of the finished `Progression`."""
    alone, is_main = fabric.world_size == 1, fabric.global_rank == 0
    every = list(range(torch.cuda.device_count())) if alone else [fabric.device]
    cuda = every if fabric.device.type == "cuda" else []
    with torch.random.fork_rng(devices=cuda), threads(config.threads), deterministic(wanted=config.deterministic):
        torch.manual_seed(config.seed)
        module = _module(task)
        start = module.importance.logits.detach().clone()
        optimizer = _optimizer(module, config)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, "max", config.plateau_factor, config.plateau_patience, min_lr=config.min_learning_rate
        )
        learner = Learner(module, optimizer, scheduler, _order(fabric.world_size))
        checkpoint = Checkpoint(config.checkpoints, task.name, _fingerprint(task, config)) if is_main else None
        callable_module: Any = compiled(module, config)
        wrapped, wrapped_optimizer = fabric.setup(callable_module, optimizer)
        progress = learner.resume(fabric.broadcast(checkpoint.load() if checkpoint else None))
        if checkpoint and progress.epoch:
            logger.info("Fit goes on after epoch %d, from %s", progress.epoch, checkpoint.path)
        for row in progress.history:
            on_row(row)
        prior = torch.from_numpy(path_prior(task.graph, config.prior_mode)).float()
        epochs = Epochs(
            fabric,
            module,
            wrapped,
            wrapped_optimizer,
            task.train,
            task.validation,
            task.classes,
            config,
            prior,
            start,
            learner.order,
        )
        _announce(task, module, config, fabric)
        with compilation() if config.compile else nullcontext():
            before = progress.history[0]["auroc_before"] if progress.history else epochs.before()
        steps = max(1, epochs.sample.size // (config.batch_size * config.accumulate))
        settled = max(config.settled, -(-LEAST_STEPS // steps))
        while not progress.finished:
            with compilation() if config.compile else nullcontext():
                row = epochs.run(progress.epoch + 1) | {"auroc_before": before}
            scheduler.step(row["validation_auroc"])
            progress.record(row, module.state_dict(), config.early_stopping, config.epochs, settled)
            if checkpoint:
                checkpoint.save(learner.state(progress))
            on_row(row)
    best = progress.history[progress.best_epoch - 1]
    logger.info(
        "Fit, %s: best of %d epochs is %d, validation AUROC %.3f, loss %.3f",
        task.name,
        progress.epoch,
        progress.best_epoch,
        best["validation_auroc"],
        best["validation_loss"],
    )
    logger.info("Fit, %s: %s", task.name, moved(pd.DataFrame(progress.history), progress.best_epoch))
    return progress.state()


def moved(history: pd.DataFrame, best_epoch: int) -> str:
    """How far training moved the ranking of the paths, and what it bought on validation cells, in one sentence.

    Parameters
    ----------
    history
        `pathlore.schemas.History`.
    best_epoch
        The epoch that was kept.
    """
    best = history.set_index("epoch").loc[best_epoch]
    correlation, gain = best["start_spearman"], best["validation_auroc"] - best["auroc_before"]
    text = f"validation AUROC {best['auroc_before']:.3f} before training and {best['validation_auroc']:.3f} after it"
    if correlation != correlation:
        return f"the scores of all paths began equal; {text}"
    verdict = "; training changed almost nothing" if correlation > STILL and abs(gain) < LITTLE else ""
    return f"Spearman correlation of the ranking with that before training: {correlation:.3f}; {text}{verdict}"


def _module(task: FitTask, *, fitted: bool = True) -> TextNumericGraphTransformer:
    """The model before the first step, with all that the training cells fix of its paths, or before that."""
    tensors = graph_tensors(task.graph, task.gene_vectors, task.path_vectors)
    module = TextNumericGraphTransformer(task.model_config, tensors, task.classes)
    _by_class_rank(module, class_ranks(task.train.labels, task.classes))
    if fitted:
        fit_paths(module, task.train, task.model_config)
    return module


@torch.no_grad()
def _by_class_rank(module: TextNumericGraphTransformer, ranks: np.ndarray) -> None:
    """Give each class the first weights that were drawn for its rank, not for its label."""
    readout = module.readout
    if isinstance(readout, AdditiveReadout) and readout.contrasts == 1:
        readout.direction.weight.mul_(1.0 if ranks[0] < ranks[1] else -1.0)
        return
    last = readout.direction if isinstance(readout, AdditiveReadout) else list(readout.modules())[-1]
    for drawn in last.parameters():
        drawn.copy_(drawn[ranks])


def _order(processes: int) -> torch.Generator:
    """The generator that the order of the cells comes from; several processes have it apart from that of dropout."""
    if processes == 1:
        return torch.default_generator
    generator = torch.Generator()
    generator.set_state(torch.get_rng_state())
    return generator


def _optimizer(module: TextNumericGraphTransformer, config: TrainingConfig) -> torch.optim.Optimizer:
    """Adam or AdamW, with a learning rate of their own and no weight decay for the path scores M."""
    scores = module.importance.logits
    others = [parameter for parameter in module.parameters() if parameter is not scores]
    groups = [
        {"params": others, "lr": config.learning_rate, "weight_decay": config.weight_decay},
        {"params": [scores], "lr": config.importance_learning_rate, "weight_decay": 0.0},
    ]
    kind: type[torch.optim.Optimizer] = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config.optimizer]
    return (kind if config.compile else _uncompiled(kind))(groups, fused=True)  # type: ignore[call-arg]


def _uncompiled(kind: type[torch.optim.Optimizer]) -> type[torch.optim.Optimizer]:
    """The same optimizer without the wrappers that import torch's compiler, which takes longer than a small fit."""
    names = ("zero_grad", "add_param_group", "state_dict", "load_state_dict")
    plain = {name: getattr(kind, name).__wrapped__ for name in names}
    return type(kind.__name__, (kind,), plain | {"step": torch.no_grad()(kind.step.__wrapped__)})  # type: ignore[attr-defined]


def _announce(task: FitTask, module: TextNumericGraphTransformer, config: TrainingConfig, fabric: Any) -> None:
    logger.info(
        "Fit, %s: %d training and %d validation cells, %d genes, %d edges, %d paths, %s parameters, on %s%s (%s)",
        task.name,
        len(task.train),
        len(task.validation),
        len(task.graph.entities),
        len(task.graph.associations),
        len(task.graph.paths),
        f"{sum(p.numel() for p in module.parameters()):,}",
        f"{fabric.world_size} x " if fabric.world_size > 1 else "",
        fabric.device.type if fabric.world_size > 1 else fabric.device,
        precision(config),
    )
    if module.grouped:
        logger.info(
            "Fit, %s: the sentences of %d paths are read as %d groups of like ones; to read each, in a time that grows "
            "with the square of the paths, raise modeling.model.max_sentences",
            task.name,
            len(module.path_text),
            len(module.sentences),
        )


def _fingerprint(task: FitTask, config: TrainingConfig) -> str:
    texts = [task.model_config.model_dump_json(), config.model_dump_json(exclude=NOT_OF_THE_FIT)]
    texts += [task.graph.entities.to_csv(), task.graph.associations.to_csv(), task.graph.paths.to_csv()]
    cells = [
        array
        for part in (task.train, task.validation)
        for array in (part.x.data, part.x.indices, part.x.indptr, part.labels)
    ]
    return fingerprint(texts, [task.gene_vectors, task.path_vectors, *cells])
