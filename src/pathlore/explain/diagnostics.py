"""Signs that something went wrong in a run, each with the number found and the parameter to look at."""

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass

import numpy as np
import pandas as pd

from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.keys import Method, Split
from pathlore.schemas import Diagnostics
from pathlore.training.metrics import auroc
from pathlore.training.trained_model import TrainedModel

DRAWS = 200
"""Draws of the test cells, with replacement within each class, for the interval of the AUROC."""
ALIKE = 0.01
"""Standard deviation over mean of the importances, below which they count as all alike."""
LIKE_THE_PRIOR = 0.98
"""Spearman correlation with the prior, above which the importance counts as the prior itself."""
FELL = {"train_loss": 0.05, "validation_loss": 0.005}
"""Share of the first epoch's loss by which one of the two has to fall; that of training is noisier."""
GAP = 0.5
"""Loss on validation cells less that on training cells, over the loss of a guess, that counts as large."""
GOOD = 0.9
"""Validation AUROC from which such a gap is one of calibration alone."""
FEW_GENES, FEW_TEXTS = 0.05, 0.6
"""Shares of the network's genes that take part, and of these with a description, that count as few below."""


@dataclass(frozen=True)
class Diagnostic:
    """One sign.

    Attributes
    ----------
    name
        What it is called in the docs.
    found
        What was found, with the number.
    look_at
        What may be behind it, with the parameter.
    """

    name: str
    found: str
    look_at: str


@dataclass(frozen=True)
class FitRun:
    """What the run of one population has left.

    Attributes
    ----------
    model
        The fit.
    graph
        The graph that it is said to be fitted on.
    history
        `pathlore.schemas.History`.
    importance
        `pathlore.schemas.PathImportance`.
    predictions
        `pathlore.schemas.Predictions`, of model and baselines.
    coverage
        `pathlore.schemas.Coverage` of the population.
    prior_weight
        Lambda of the fit.
    """

    model: TrainedModel
    graph: TextNumericGraph
    history: pd.DataFrame
    importance: pd.DataFrame
    predictions: pd.DataFrame
    coverage: pd.DataFrame
    prior_weight: float


def diagnostics(run: FitRun) -> list[Diagnostic]:
    """Look for every sign; an empty list is a clean run.

    =====================  ==========================================================================================
    name                   fires where
    =====================  ==========================================================================================
    other paths            the genes that the saved model reads for a path are not those of the graph's path
    chance                 the 95 % interval of the test AUROC (bootstrap over cells) reaches 0.5
    one class              every test cell is called the same, though there are several classes
    loss does not fall     after the first epoch the training loss never falls by 5 % nor the validation loss by 0.5 %,
                           and the training loss stays above half of the loss of a guess
    train/validation gap   at the best epoch the validation loss is above the training loss by more than half of the
                           loss of a guess, log C, and the validation AUROC is below 0.9
    importances alike      the importances differ by less than 1 % (standard deviation over mean)
    importance is prior    Spearman correlation of importance and prior above 0.98, with a prior weight above 0
    few genes              less than 5 % of the network's genes are measured and expressed
    few texts              less than 60 % of these have a description
    =====================  ==========================================================================================

    The thresholds are chosen to fire on what is broken, not on what is mediocre.
    """
    return [diagnostic for check in CHECKS if (diagnostic := check(run)) is not None]


def diagnostics_table(found: Mapping[str, list[Diagnostic]]) -> pd.DataFrame:
    """Write the signs of each population as `pathlore.schemas.Diagnostics`; no rows: all is clean."""
    rows = [(population, *astuple(diagnostic)) for population, signs in found.items() for diagnostic in signs]
    return Diagnostics.validate(pd.DataFrame(rows, columns=["population", "name", "found", "look_at"]))


def _other_paths(run: FitRun) -> Diagnostic | None:
    nodes, mask = (run.model.state[name].numpy() for name in ("path_nodes", "path_mask"))
    names = np.array(run.model.genes, dtype=object)
    read = [">".join(names[row[there]]) for row, there in zip(nodes, mask, strict=True)]
    expected = list(run.graph.paths["path"])
    wrong = abs(len(read) - len(expected)) + sum(a != b for a, b in zip(read, expected, strict=False))
    if not wrong:
        return None
    return Diagnostic(
        "other paths",
        f"{wrong} of {len(expected)} paths of the saved model do not read the genes of the graph's path",
        "model and graph are of different runs: run from graph_construction on (--from-nodes), whatever is older",
    )


def _chance(run: FitRun) -> Diagnostic | None:
    labels, probabilities = _test(run, Method.MODEL)
    if len(np.unique(labels)) < probabilities.shape[1]:
        return None
    if _interval(labels, probabilities)[0] > 0.5:
        return None
    plain = _test(run, Method.LOGISTIC_REGRESSION)
    there = len(plain[0]) > 0 and _interval(*plain)[0] > 0.5
    passing, total = _counted(run, "network genes that pass the filter")
    return Diagnostic(
        "chance",
        f"test AUROC {auroc(labels, probabilities):.3f} on {len(labels)} cells is not above chance",
        "logistic regression finds a signal in the same genes: modeling.training.epochs, .learning_rate, "
        ".importance_learning_rate"
        if there
        else "nor does logistic regression find anything. Is the expression normalised (ingestion.quality.scale), do "
        f"the gene names fit (ingestion.genes.identifier; {passing} of {total} network genes take part), are the "
        "classes the right ones (ingestion.cells.classes)?",
    )


def _one_class(run: FitRun) -> Diagnostic | None:
    labels, probabilities = _test(run, Method.MODEL)
    answers = np.unique(probabilities.argmax(axis=1))
    if len(answers) != 1 or len(np.unique(labels)) == 1:
        return None
    return Diagnostic(
        "one class",
        f"all {len(labels)} test cells are called '{run.model.class_names[answers[0]]}', which is true of "
        f"{(labels == answers[0]).mean():.0%}",
        "is the expression on one scale in all donors (ingestion.quality.scale), are the classes balanced "
        "(modeling.training.class_weights), was the fit long enough (modeling.training.epochs)?",
    )


def _loss_does_not_fall(run: FitRun) -> Diagnostic | None:
    first, later = run.history.iloc[0], run.history.iloc[1:]
    fell = any(later[loss].min() <= (1 - share) * first[loss] for loss, share in FELL.items())
    if later.empty or fell or later["train_loss"].min() < GAP * _guess(run):
        return None
    return Diagnostic(
        "loss does not fall",
        f"the training loss was {first['train_loss']:.3f} after the first epoch and no lower than "
        f"{later['train_loss'].min():.3f} in the {len(later)} after it (a guess has {_guess(run):.3f})",
        "modeling.training.learning_rate (too low, or so high that the loss jumps), .gradient_clip; are the labels "
        "right (ingestion.cells.classes)?",
    )


def _gap(run: FitRun) -> Diagnostic | None:
    best = run.history.set_index("epoch").loc[run.model.best_epoch]
    gap = best["validation_loss"] - best["train_loss"]
    if gap <= GAP * _guess(run) or best["validation_auroc"] >= GOOD:
        return None
    return Diagnostic(
        "train/validation gap",
        f"at the best epoch the loss is {best['train_loss']:.3f} on training and {best['validation_loss']:.3f} on "
        f"validation cells (AUROC {best['validation_auroc']:.3f})",
        "the fit knows its cells by heart, or the donors differ: modeling.training.sparsity and .weight_decay up, "
        "modeling.model.dropout up, .width down, graph_construction.paths.max_paths down; more donors",
    )


def _alike(run: FitRun) -> Diagnostic | None:
    scores = run.importance["importance"]
    if run.model.config.importance != "global" or len(scores) < 2 or scores.std(ddof=0) >= ALIKE * scores.mean():
        return None
    return Diagnostic(
        "importances alike",
        f"the importances of all {len(scores)} paths lie between {scores.min():.4f} and {scores.max():.4f}: their "
        "order means nothing",
        "modeling.training.importance_learning_rate up, .epochs up; modeling.model.importance_start, .log_odds_weight",
    )


def _prior(run: FitRun) -> Diagnostic | None:
    table = run.importance
    if run.prior_weight <= 0 or table["importance"].nunique() < 2 or table["prior"].nunique() < 2:
        return None
    correlation = table["importance"].corr(table["prior"], method="spearman")
    if correlation <= LIKE_THE_PRIOR:
        return None
    return Diagnostic(
        "importance is prior",
        f"the importance ranks the paths as their fold changes do (Spearman {correlation:.3f}): the fit adds nothing",
        f"modeling.training.prior_weight down (it is {run.prior_weight:g}; 0 switches the prior off)",
    )


def _few_genes(run: FitRun) -> Diagnostic | None:
    passing, total = _counted(run, "network genes that pass the filter")
    if passing >= FEW_GENES * total:
        return None
    return Diagnostic(
        "few genes",
        f"{passing} of {total} genes of the network ({passing / total:.1%}) are measured and expressed",
        "ingestion.genes.identifier and .species, ingestion.cells.layer and .gene_column, "
        "ingestion.gene_filter.min_fraction; for a panel of genes, a smaller `network` and "
        "graph_construction.paths.bridge",
    )


def _few_texts(run: FitRun) -> Diagnostic | None:
    texts, total = _counted(run, "passing network genes with a description")
    if texts >= FEW_TEXTS * total:
        return None
    return Diagnostic(
        "few texts",
        f"{texts} of the {total} genes that take part ({texts / total:.0%}) have a description, the others no text",
        "`gene_text`: give a table that covers the network",
    )


CHECKS: tuple[Callable[[FitRun], Diagnostic | None], ...] = (
    _other_paths,
    _chance,
    _one_class,
    _loss_does_not_fall,
    _gap,
    _alike,
    _prior,
    _few_genes,
    _few_texts,
)


def _test(run: FitRun, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Labels (n,) and probabilities (n, C) of the test cells by one method."""
    table = run.predictions
    rows = table[(table["split"] == Split.TEST) & (table["method"] == method)]
    columns = [f"probability_of_{name}" for name in run.model.class_names]
    return rows["label"].to_numpy(dtype=int), rows[columns].to_numpy(dtype=float)


def _interval(labels: np.ndarray, probabilities: np.ndarray) -> tuple[float, float]:
    """95 % interval of the AUROC over draws of the cells within each class; that over donors stands in the report."""
    rng = np.random.default_rng(0)
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    drawn = [np.concatenate([rng.choice(rows, len(rows)) for rows in members]) for _ in range(DRAWS)]
    low, high = np.percentile([auroc(labels[rows], probabilities[rows]) for rows in drawn], [2.5, 97.5])
    return float(low), float(high)


def _guess(run: FitRun) -> float:
    """Cross-entropy of a guess, log C."""
    return float(np.log(len(run.model.class_names)))


def _counted(run: FitRun, measure: str) -> tuple[int, int]:
    """How many of how many, by the table of coverage."""
    row = run.coverage.set_index("measure").loc[measure]
    return int(row["count"]), int(row["total"])
