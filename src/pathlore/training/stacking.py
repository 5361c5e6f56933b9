"""The answer of a model: paths, genes of the graph, and genes beyond it, weighted by what each says of new donors."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from torch import Tensor

from pathlore.config import ModelConfig
from pathlore.keys import Method
from pathlore.model import TextNumericGraphTransformer
from pathlore.training.batches import activity_blocks
from pathlore.training.data import CellSet, blocks, subset
from pathlore.training.metrics import auroc
from pathlore.training.paths import fit_paths
from pathlore.training.regression import GeneRegression, donor_folds, ridge_regression
from pathlore.training.sampling import sampled

logger = logging.getLogger(__name__)

PREFIX = "stack."
"""Begins the names of a stack's tensors among those of a model."""

PARTS = ("mean", "coefficients", "intercept")

LARGEST = 50.0
"""Factor of a branch, in units of one over its standard deviation, at most."""

DOUBT = 2.0
"""Standard errors of what they save by which the best weights must be better than equal ones to count at all."""

EQUAL = "equal"
"""The mean of the branches on genes."""

MOST_CELLS = 20_000
"""Training cells, and validation cells, that branches and weights are fitted on, at most: more of the same donors add
little."""

SHRINKAGE = 1e-3
"""Weight of the squared factors in the loss: of branches that say the same, each gets a part."""


@dataclass(frozen=True)
class Mixture:
    r"""Branches added up: :math:`\ell = \sum_b w_b \ell_b + c`, with no weight below 0.

    Attributes
    ----------
    weights
        Branch -> w, in units of its answers; a branch that is not named takes no part.
    bias
        (C,) c.
    """

    weights: dict[str, float]
    bias: np.ndarray

    def logits(self, answers: dict[str, np.ndarray]) -> np.ndarray:
        """Add up; branch -> (n, C) answers -> (n, C)."""
        return np.asarray(sum(weight * answers[name] for name, weight in self.weights.items()) + self.bias)


@dataclass(frozen=True)
class Stack:
    """The branches beside the paths, and how all of them are joined.

    Attributes
    ----------
    regressions
        Branch -> regression on genes: ``graph_genes``, on the genes of the graph, and ``wide``, on these and the most
        variable ones.
    mixtures
        By method of the tables of metrics: ``pathlore`` (all branches), ``without_paths``, and each branch alone.
    shares
        Branch -> its weight in the prediction of ``pathlore``, 0 to 1: weights times standard deviations.
    chosen_on
        What the weights were chosen on, in words.
    """

    regressions: dict[str, GeneRegression]
    mixtures: dict[str, Mixture]
    shares: dict[str, float] = field(default_factory=dict)
    chosen_on: str = ""

    def card(self) -> dict[str, Any]:
        """All but the tensors, for a JSON file."""
        return {
            "genes": {name: one.genes for name, one in self.regressions.items()},
            "mixtures": {m: {"weights": one.weights, "bias": one.bias.tolist()} for m, one in self.mixtures.items()},
            "shares": self.shares,
            "chosen_on": self.chosen_on,
        }

    def tensors(self) -> dict[str, Tensor]:
        """Tensors by name; each name begins with `PREFIX`."""
        return {
            f"{PREFIX}{name}.{part}": torch.from_numpy(np.ascontiguousarray(getattr(one, part)))
            for name, one in self.regressions.items()
            for part in PARTS
        }

    @classmethod
    def read(cls, card: dict[str, Any], tensors: Mapping[str, Tensor]) -> "Stack":
        """Put together what `card` and `tensors` gave; other tensors are passed over."""
        regressions = {
            name: GeneRegression(genes, *(tensors[f"{PREFIX}{name}.{part}"].numpy() for part in PARTS))
            for name, genes in card["genes"].items()
        }
        for name, one in regressions.items():
            if not len(one.genes) == len(one.mean) == len(one.coefficients):
                raise ValueError(f"coefficients and genes of the branch {name} have different lengths")
        mixtures = {m: Mixture(one["weights"], np.array(one["bias"])) for m, one in card["mixtures"].items()}
        return cls(regressions, mixtures, card["shares"], card["chosen_on"])

    def answers(self, path_logits: np.ndarray, cells: CellSet) -> dict[str, np.ndarray]:
        """Answers of each branch, (n, C); ``cells`` over the graph's genes, with the wide branch's beside them."""
        inputs = {Method.GRAPH_GENES: cells.x, Method.WIDE: cells.wide.x if cells.wide is not None else None}
        own = {name: one.logits(inputs[name]) for name, one in self.regressions.items()}
        return {Method.PATHS: centred(path_logits), **own}


def centred(logits: np.ndarray) -> np.ndarray:
    """Logits whose sum over the classes is 0; (n, C) -> (n, C) float64."""
    wide = np.asarray(logits, dtype=np.float64)
    return wide - wide.mean(axis=1, keepdims=True)


@torch.inference_mode()
def path_logits(module: TextNumericGraphTransformer, x: sparse.csr_matrix | np.ndarray, batch_size: int) -> np.ndarray:
    """Logits by the paths, (n, G) -> (n, C) float64.

    They go to one array that is there before the first batch. Kept batch by batch, each small result would lie in
    memory that the large temporary arrays of a batch have given back, and the next batch would have to ask for more.
    """
    module.eval()
    device = next(module.parameters()).device
    logits = torch.empty(x.shape[0], max(module.activity.contrasts, 2), dtype=torch.float64)
    for start, block in zip(range(0, len(logits), batch_size), blocks(x, batch_size), strict=True):
        logits[start : start + len(block)] = module(torch.from_numpy(block).to(device)).cpu()
    return logits.numpy()


def fit_stack(
    module: TextNumericGraphTransformer,
    fresh: TextNumericGraphTransformer,
    train: CellSet,
    validation: CellSet,
    genes: list[str],
    config: ModelConfig,
    batch_size: int,
) -> Stack:
    r"""Fit the branches on genes, and weight all branches by their answers for cells that they were not fitted on.

    .. math:: \min_{w \ge 0,\, c}\; -\sum_i \omega_i \log \mathrm{softmax}\Big(\sum_b w_b\,
              \frac{\ell^{(-i)}_b}{s_b} + c\Big)_{y_i}

    with the answers :math:`\ell^{(-i)}` of branches fitted without the donor of cell i, each divided by its standard
    deviation s, and weights :math:`\omega` by which each class counts alike. The regressions are fitted anew for each
    group of donors left out (`donor_folds`). To train the paths anew would take several times as long as the fit; their
    activities and the evidence that their scores begin with (`pathlore.training.paths.fit_paths`), which training moves
    little, are fitted anew instead. Cells of validation are added with the answers of the trained paths. A branch that
    adds nothing gets weight 0, and weights that donors leave in doubt are shrunk towards equal ones
    (`_shrunk_mixture`). Where ``readout: paper`` or attention over paths weighs the paths, there is no such start, and
    validation cells decide alone. Of more than `MOST_CELLS` cells a sample is taken (`sampled`).

    Parameters
    ----------
    module
        Trained.
    fresh
        The same before training; its paths are fitted again, in place.
    train, validation
        Cells.
    genes
        G genes of the graph.
    config
        Names the branches.
    batch_size
        Cells at a time.
    """
    train, validation = (sampled(cells, MOST_CELLS) for cells in (train, validation))
    fold, unit = donor_folds(train)
    regressions, left_out = _fit_regressions(train, genes, config, fold, unit)
    held = Stack(regressions, {}).answers(path_logits(module, validation.x, batch_size), validation)
    if config.readout == "additive" and config.importance != "per_cell":
        left_out[Method.PATHS] = _paths_left_out(fresh, train, fold, config)
    seen = _held_out(train, validation, fold, left_out, held, unit)
    plain = [name for name in held if name != Method.PATHS]
    branches = {Method.MODEL: list(held), **{name: [name] for name in held}}
    branches |= {Method.WITHOUT_PATHS: plain} if plain else {}
    found = {method: _shrunk_mixture(seen, names) for method, names in branches.items()}
    weights = found[Method.MODEL].weights
    total = sum(weights.values()) or 1.0
    size = {name: _spread(answer) for name, answer in held.items()}
    areas = ((m, auroc(seen.labels, softmax(one.logits(seen.answers), axis=1))) for m, one in found.items())
    stack = Stack(
        regressions,
        {m: Mixture({b: w / size[b] for b, w in one.weights.items()}, one.bias) for m, one in found.items()},
        {name: weight / total for name, weight in weights.items()},
        seen.described,
    )
    logger.info(
        "Branches, weights: %s",
        ", ".join(f"{name} {share:.2f}" for name, share in stack.shares.items()),
    )
    logger.info("Branches, AUROC on %s: %s", seen.described, ", ".join(f"{m} {area:.3f}" for m, area in areas))
    return stack


@dataclass(frozen=True)
class _HeldOut:
    """Answers of branches that were not fitted on the cells, each divided by its standard deviation."""

    answers: dict[str, np.ndarray]  # branch -> (n, C)
    labels: np.ndarray  # (n,)
    groups: np.ndarray  # (n,) of donors, or of cells
    described: str


def _fit_regressions(
    train: CellSet, genes: list[str], config: ModelConfig, fold: np.ndarray, unit: str
) -> tuple[dict[str, GeneRegression], dict[str, np.ndarray]]:
    """Fit the branches on genes; branch -> regression, and branch -> (n, C) answers for cells that were left out."""
    regressions: dict[str, GeneRegression] = {}
    left_out: dict[str, np.ndarray] = {}
    for name in config.branches:
        if name != Method.WIDE:
            regressions[name], left_out[name] = ridge_regression(train.x, genes, train, fold, unit)
        elif train.wide is not None:
            regressions[name], left_out[name] = ridge_regression(train.wide.x, train.wide.genes, train, fold, unit)
    return regressions, left_out


def _held_out(
    train: CellSet,
    validation: CellSet,
    fold: np.ndarray,
    left_out: dict[str, np.ndarray],
    held: dict[str, np.ndarray],
    unit: str,
) -> _HeldOut:
    """Put training cells before validation cells, where each branch has answers for the training cells."""
    described = f"{len(validation)} validation cells"
    answers = {name: answer / _spread(answer) for name, answer in held.items()}
    groups = donor_folds(validation)[0] if len(validation) else np.zeros(0, dtype=int)
    if set(left_out) != set(held):
        return _HeldOut(answers, validation.labels, groups, described)
    return _HeldOut(
        {name: np.concatenate([left_out[name] / _spread(left_out[name]), answers[name]]) for name in held},
        np.concatenate([train.labels, validation.labels]),
        np.concatenate([fold, np.full(len(groups), fold.max() + 1)]),
        f"{len(train)} training cells, each by branches fitted without its {unit} group, and {described}",
    )


def _spread(answer: np.ndarray) -> float:
    """Standard deviation of a branch's answers."""
    return max(float(np.std(answer)), 1e-9)


def _paths_left_out(
    fresh: TextNumericGraphTransformer, train: CellSet, fold: np.ndarray, config: ModelConfig
) -> np.ndarray:
    """Answers (n, C) of the paths for each cell, by activities and scores that its group took no part in."""
    contrasts = fresh.activity.contrasts
    whole = np.empty((len(train), max(contrasts, 2)))
    for k in np.unique(fold):
        fit_paths(fresh, subset(replace(train, wide=None), fold != k), config, stable=False)
        with torch.no_grad():
            parts = map(fresh.activity, activity_blocks(fresh, train.x[fold == k]))  # (m, P, contrasts)
            own = torch.cat([torch.einsum("npc,p->nc", part, fresh.importance()).double() for part in parts]).numpy()
        whole[fold == k] = own if contrasts > 1 else np.concatenate([-own, own], axis=1) / 2
    return centred(whole)


def _shrunk_mixture(seen: _HeldOut, names: list[str]) -> Mixture:
    r"""The best weights, shrunk towards equal ones of the branches on genes as far as donors leave them in doubt.

    .. math:: w = w^0 + s\,(\hat w - w^0), \qquad
              s = \max\Big(0, 1 - \frac{d^2\,\mathrm{SE}(\Delta)^2}{\Delta^2}\Big)

    with the loss :math:`\Delta` that the best weights save in groups of donors which they were not chosen on, and
    :math:`d` = `DOUBT`. A handful of donors cannot tell which of two branches that are about as good is better, and
    the weights that fit them best cost more than they bring.
    """
    plain = [name for name in names if name != Method.PATHS]
    best = _mixture(seen.answers, seen.labels, names)
    groups, classes = np.unique(seen.groups), np.unique(seen.labels)
    if not plain or len(names) == 1 or len(groups) < 2:
        return best
    answers = {**seen.answers, EQUAL: np.mean([seen.answers[name] for name in plain], axis=0)}
    saved = []
    for group in groups:
        left = seen.groups == group
        if all(np.array_equal(np.unique(seen.labels[rows]), classes) for rows in (left, ~left)):
            fitted = {name: answer[~left] for name, answer in answers.items()}
            held = {name: answer[left] for name, answer in answers.items()}
            equal, own = (
                _loss(_mixture(fitted, seen.labels[~left], branches).logits(held), seen.labels[left])
                for branches in ([EQUAL], names)
            )
            saved.append(equal - own)
    gain = float(np.mean(saved)) if len(saved) > 1 else 0.0
    doubt = DOUBT * float(np.std(saved, ddof=1)) / np.sqrt(len(saved)) if gain > 0 else 0.0
    share = max(0.0, 1 - (doubt / gain) ** 2) if gain > 0 else 0.0
    start = _mixture(answers, seen.labels, [EQUAL])
    begun = {name: start.weights[EQUAL] / len(plain) if name in plain else 0.0 for name in names}
    weights = {name: begun[name] + share * (best.weights[name] - begun[name]) for name in names}
    return Mixture(weights, start.bias + share * (best.bias - start.bias))


def _loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """Cross-entropy, each class counting alike."""
    own = -log_softmax(logits, axis=1)[np.arange(len(labels)), labels]
    return float(np.mean([own[labels == label].mean() for label in np.unique(labels)]))


def _mixture(rows: dict[str, np.ndarray], labels: np.ndarray, names: list[str]) -> Mixture:
    """Weights and bias of least class-balanced cross-entropy; rows: branch -> (n, C)."""
    stacked = np.stack([rows[name] for name in names])  # (B, n, C)
    classes, n = stacked.shape[2], len(labels)
    counts = np.bincount(labels, minlength=classes)
    weight = (1 / np.maximum(counts, 1))[labels]
    weight /= weight.sum()
    truth = np.eye(classes)[labels]

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        w, c = values[: len(names)], np.concatenate([[0.0], values[len(names) :]])
        log = log_softmax(np.tensordot(w, stacked, axes=1) + c, axis=1)
        residual = weight[:, None] * (np.exp(log) - truth)
        slope = np.concatenate([(stacked * residual).sum(axis=(1, 2)) + 2 * SHRINKAGE * w, residual.sum(axis=0)[1:]])
        return float(-(weight * log[np.arange(n), labels]).sum() + SHRINKAGE * (w**2).sum()), slope

    start = np.concatenate([np.full(len(names), 1 / len(names)), np.zeros(classes - 1)])
    bounds = [(0.0, LARGEST)] * len(names) + [(None, None)] * (classes - 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    bias = np.concatenate([[0.0], found[len(names) :]])
    return Mixture(dict(zip(names, found[: len(names)].tolist(), strict=True)), bias - bias.mean())
