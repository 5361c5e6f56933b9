"""New cells scored by a bundle: probabilities, what speaks for them in each cell, and how far to trust them."""

import logging
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from anndata import AnnData
from scipy.special import softmax

from pathlore.config import CellsConfig, GenesConfig
from pathlore.keys import Method, Obs
from pathlore.model.readout import AdditiveReadout
from pathlore.progress import following
from pathlore.scoring.bundle import Bundle
from pathlore.scoring.calibration import calibrated
from pathlore.scoring.coverage import GeneCoverage, check_coverage, gene_coverage
from pathlore.scoring.familiarity import UNLIKE, outside, spread
from pathlore.scoring.labels import known_labels
from pathlore.scoring.new_cells import NewCells, filled, new_cells
from pathlore.scoring.warnings import warnings_of
from pathlore.training.data import CellSet, WideCells, blocks
from pathlore.training.stacking import Mixture, path_logits
from pathlore.training.trained_model import TrainedModel

logger = logging.getLogger(__name__)

BESIDE = (Method.GRAPH_GENES, Method.WIDE)
"""Branches that have a part beside the paths."""


@dataclass(frozen=True)
class Parts:
    """What adds up to the logits; S is 1 for two classes, else C.

    Attributes
    ----------
    logits
        (n, C) float64, the model's own.
    paths
        (n, P, S) float32: the part of each path; None where the read-out has none or they are not wanted.
    branches
        Name -> (n, S) float64: the part of each regression on genes; 0 where there is none.
    bias
        (S,) float64; None where the read-out has no parts.
    """

    logits: np.ndarray
    paths: np.ndarray | None
    branches: dict[str, np.ndarray]
    bias: np.ndarray | None


@torch.inference_mode()
def logit_parts(model: TrainedModel, cells: CellSet, batch_size: int, *, keep: bool) -> Parts:
    r"""Take the logits apart.

    .. math:: \ell = w_1 \Bigl( \frac{\tau}{\sqrt P} \sum_p I_p c_p + b \Bigr) + \sum_{b > 1} w_b \ell_b + c

    with the weights w of `pathlore.training.stacking.Stack` (1 for the paths where there is none). With two classes
    :math:`\ell` is the logit of the case less that of the control; with more, each class has its own. The paper's
    read-out mixes the paths before it classifies: its parts are those of the branches alone.

    Parameters
    ----------
    model
        Trained.
    cells
        Over the genes of the model, those that were not measured at the mean of the training cells.
    batch_size
        Cells at a time.
    keep
        Whether the parts of the paths are wanted; n x P numbers.
    """
    module = model.module()
    classes, readout = len(model.class_names), module.readout
    answers = {Method.PATHS: path_logits(module, cells.x, batch_size) if len(cells) else np.zeros((0, classes))}
    mixture = Mixture({Method.PATHS: 1.0}, np.zeros(classes))
    if model.stack is not None:
        answers = model.stack.answers(answers[Method.PATHS], cells)
        mixture = model.stack.mixtures[Method.MODEL]
    logits = mixture.logits(answers)
    if not isinstance(readout, AdditiveReadout) or not len(cells):
        return Parts(logits, None, {}, None)
    size, none = (1 if classes == 2 else classes), np.zeros((len(cells), classes))
    beside = {name: _sided(mixture.weights.get(name, 0.0) * answers.get(name, none)) for name in BESIDE}
    share = mixture.weights.get(Method.PATHS, 0.0)
    intercept = readout.bias.double().cpu().numpy()
    bias = (
        share * (intercept if size == 1 or model.stack is None else intercept - intercept.mean())
        + _sided(mixture.bias[None])[0]
    )
    if not keep:
        return Parts(logits, None, beside, bias)
    device, done = module.gene_mean.device, 0
    paths = np.empty((len(cells), len(module.path_nodes), size), dtype=np.float32)
    for block in following(blocks(cells.x, batch_size), "Scoring cells", len(cells), sizes=True):
        own = module.contributions(torch.from_numpy(block).to(device)).cpu().numpy()
        if size > 1 and model.stack is not None:
            own = own - own.mean(axis=2, keepdims=True)
        paths[done : done + len(own)] = share * own
        done += len(own)
    return Parts(logits, paths, beside, bias)


def _sided(answers: np.ndarray) -> np.ndarray:
    """Case less control where there are two classes; (n, C) -> (n, S)."""
    return answers[:, 1:] - answers[:, :1] if answers.shape[1] == 2 else answers


@dataclass(frozen=True, eq=False)
class Scores:
    """What a bundle says of n cells.

    Attributes
    ----------
    cells, class_names, paths
        n, C and P names.
    parts
        Logits, and what adds up to them.
    probabilities, calibrated
        (n, C) float64, as the model gives them, and as its validation cells correct them.
    predicted
        n class names: with two classes the case from the bundle's decision threshold on, by the calibrated
        probability; with more, the most probable. A cell that is unlike the training cells is called so
        (`pathlore.scoring.familiarity`).
    labels
        ``condition``, ``donor``, ``cell_type`` of each cell, None where not known.
    coverage
        How much of the model's genes was found.
    out_of_range
        (n,) bool: beyond what training saw.
    unlike
        (n,) bool: its profile is unlike those of the training cells.
    quality
        (n,) the quality rule that the cell would have fallen to in training, or "".
    warnings
        Sentences that a reader must not miss.
    """

    cells: list[str]
    class_names: list[str]
    paths: list[str]
    parts: Parts
    probabilities: np.ndarray
    calibrated: np.ndarray
    predicted: list[str]
    labels: pd.DataFrame
    coverage: GeneCoverage
    out_of_range: np.ndarray
    unlike: np.ndarray
    quality: np.ndarray
    warnings: list[str]

    def table(self) -> pd.DataFrame:
        """`pathlore.schemas.CellScores`: one row per cell."""
        table = pd.DataFrame({"cell": self.cells, "predicted": self.predicted})
        for name, plain, corrected in zip(self.class_names, self.probabilities.T, self.calibrated.T, strict=True):
            table[f"probability_of_{name}"] = plain
            table[f"calibrated_probability_of_{name}"] = corrected
        table["coverage"] = self.coverage.path_genes
        table["out_of_range"] = self.out_of_range
        table["unlike"] = self.unlike
        table["quality"] = self.quality
        for key in (Obs.CONDITION, Obs.DONOR, Obs.CELL_TYPE):
            table[key] = self.labels[key].to_numpy(dtype=object)
        return table

    def contributions(self) -> pd.DataFrame:
        """`pathlore.schemas.PathContributions`: cells x (bias, branches, paths), float32; rows add up to logits.

        With two classes to the logit of the case less that of the control; with more there is one block of columns per
        class, whose names end in `` [class]``. Empty where the model has no such parts.
        """
        parts = self.parts
        if parts.paths is None or parts.bias is None:
            return pd.DataFrame({"cell": pd.Series(dtype=object)})
        names = [""] if parts.paths.shape[2] == 1 else [f" [{name}]" for name in self.class_names]
        blocks = [pd.DataFrame({"cell": self.cells})]
        for number, name in enumerate(names):
            columns = [f"{column}{name}" for column in ("bias", *parts.branches, *self.paths)]
            values = np.empty((len(self.cells), len(columns)), dtype=np.float32)
            values[:, 0] = parts.bias[number]
            for place, part in enumerate(parts.branches.values(), start=1):
                values[:, place] = part[:, number]
            values[:, len(columns) - len(self.paths) :] = parts.paths[:, :, number]
            blocks.append(pd.DataFrame(values, columns=columns, copy=False))
        return pd.concat(blocks, axis=1, copy=False)


def score(
    bundle: Bundle,
    adata: AnnData,
    cells: CellsConfig | None = None,
    *,
    scale: str = "auto",
    genes: GenesConfig | None = None,
    orthologs: pd.DataFrame | None = None,
    min_coverage: float | None = None,
    batch_size: int = 256,
    contributions: bool = True,
) -> Scores:
    """Score cells; every cell gets an answer, and a remark where it should be doubted.

    Parameters
    ----------
    bundle
        Of `pathlore.scoring.read_bundle`.
    adata
        Cells as found, counts or log-scale, in memory or backed.
    cells
        Where matrix and labels lie; None: where they lay in training.
    scale, genes, orthologs
        See `pathlore.scoring.new_cells.new_cells`.
    min_coverage
        Fraction of the genes on the paths that must have been measured; None: what the bundle requires.
    batch_size
        Cells at a time.
    contributions
        Whether the parts of the paths are kept, n x P numbers.

    Raises
    ------
    PathloreError
        The cells cannot be read, or have too few of the model's genes.
    """
    prepared = new_cells(bundle, adata, cells, scale, genes, orthologs)
    labels = known_labels(adata.obs, cells or bundle.facts.cells, bundle.class_names)
    least = bundle.facts.limits.min_coverage if min_coverage is None else min_coverage
    return score_prepared(bundle, prepared, labels, least, batch_size=batch_size, contributions=contributions)


def score_prepared(
    bundle: Bundle,
    cells: NewCells,
    labels: pd.DataFrame,
    min_coverage: float,
    *,
    batch_size: int = 256,
    contributions: bool = True,
) -> Scores:
    """Score cells that are prepared; see `score`."""
    limits = bundle.facts.limits
    coverage = gene_coverage(bundle, cells.found)
    check_coverage(coverage, min_coverage, cells.symbols)
    parts = logit_parts(bundle.model, _completed(bundle, cells), batch_size, keep=contributions)
    odd = outside(spread(cells.x, bundle.gene_mean, bundle.gene_sd, cells.found), limits.range)
    wide, found = (cells.x, cells.found) if cells.wide is None else (cells.wide, cells.wide_found)
    unlike = bundle.familiarity.unlike(wide, found)
    plain, corrected = softmax(parts.logits, axis=1), calibrated(parts.logits, bundle.facts.calibration)
    result = Scores(
        cells=cells.names,
        class_names=bundle.class_names,
        paths=bundle.model.paths,
        parts=parts,
        probabilities=plain,
        calibrated=corrected,
        predicted=_called(corrected, bundle.class_names, limits.decision_threshold, unlike),
        labels=labels,
        coverage=coverage,
        out_of_range=odd,
        unlike=unlike,
        quality=cells.quality,
        warnings=warnings_of(bundle, cells, coverage, odd | unlike, labels),
    )
    for text in result.warnings:
        logger.warning("%s", text)
    return result


def _completed(bundle: Bundle, cells: NewCells) -> CellSet:
    """The cells with the mean of the training cells in place of the genes that were not measured."""
    completed = CellSet(
        filled(cells.x, cells.found, bundle.gene_mean), np.zeros(len(cells.names), dtype=int), cells.names, []
    )
    if cells.wide is None or cells.wide_found is None or bundle.model.stack is None:
        return completed
    mean = bundle.model.stack.regressions[Method.WIDE].mean
    wide = WideCells(bundle.model.wide_genes, filled(cells.wide, cells.wide_found, mean))
    return replace(completed, wide=wide)


def _called(probabilities: np.ndarray, class_names: list[str], threshold: float, unlike: np.ndarray) -> list[str]:
    two = len(class_names) == 2
    best = (probabilities[:, 1] >= threshold).astype(int) if two else probabilities.argmax(axis=1)
    return [UNLIKE if odd else class_names[i] for i, odd in zip(best, unlike, strict=True)]
