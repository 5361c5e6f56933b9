"""New cells scored by a bundle: probabilities, what speaks for them in each cell, and how far to trust them."""

import logging
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from anndata import AnnData

from pathlore.config import CellsConfig, GenesConfig
from pathlore.keys import Method, Obs
from pathlore.scoring.bundle import Bundle
from pathlore.scoring.calibration import calibrated
from pathlore.scoring.coverage import GeneCoverage, check_coverage, gene_coverage
from pathlore.scoring.familiarity import UNLIKE
from pathlore.scoring.labels import known_labels
from pathlore.scoring.new_cells import NewCells, filled, new_cells
from pathlore.scoring.parts import Parts, logit_parts
from pathlore.scoring.ranges import outside, spread
from pathlore.scoring.warnings import warnings_of
from pathlore.training.data import CellSet, WideCells

logger = logging.getLogger(__name__)


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
        for name, own, corrected in zip(self.class_names, self.probabilities.T, self.calibrated.T, strict=True):
            table[f"probability_of_{name}"] = own
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
            own = np.column_stack(
                [
                    np.full(len(self.cells), parts.bias[number], dtype=np.float32),
                    *(part[:, number].astype(np.float32) for part in parts.branches.values()),
                    parts.paths[:, :, number],
                ]
            )
            columns = [f"{column}{name}" for column in ("bias", *parts.branches, *self.paths)]
            blocks.append(pd.DataFrame(own, columns=columns))
        return pd.concat(blocks, axis=1)


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
    plain, corrected = _softmax(parts.logits), calibrated(parts.logits, bundle.facts.calibration)
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
    own = CellSet(
        filled(cells.x, cells.found, bundle.gene_mean), np.zeros(len(cells.names), dtype=int), cells.names, []
    )
    if cells.wide is None or cells.wide_found is None or bundle.model.stack is None:
        return own
    mean = bundle.model.stack.regressions[Method.WIDE].mean
    wide = WideCells(bundle.model.wide_genes, filled(cells.wide, cells.wide_found, mean))
    return replace(own, wide=wide)


def _softmax(logits: np.ndarray) -> np.ndarray:
    from scipy.special import softmax

    return softmax(logits, axis=1)


def _called(probabilities: np.ndarray, class_names: list[str], threshold: float, unlike: np.ndarray) -> list[str]:
    two = len(class_names) == 2
    best = (probabilities[:, 1] >= threshold).astype(int) if two else probabilities.argmax(axis=1)
    return [UNLIKE if odd else class_names[i] for i, odd in zip(best, unlike, strict=True)]
