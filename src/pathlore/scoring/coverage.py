"""How much of a bundle's genes new cells have measured."""

from dataclasses import dataclass

import numpy as np

from pathlore.errors import PathloreError, shorten
from pathlore.scoring.bundle import Bundle


@dataclass(frozen=True)
class GeneCoverage:
    """Shares from 0 to 1, and what is missing.

    Attributes
    ----------
    genes
        Of the model's genes, found.
    path_genes
        Of the genes on the model's paths, found; each path weighs as much as its importance.
    complete_paths
        Of the paths, weighted by importance, those whose genes are all found.
    missing
        Names of the genes that are not found.
    """

    genes: float
    path_genes: float
    complete_paths: float
    missing: list[str]


def gene_coverage(bundle: Bundle, found: np.ndarray) -> GeneCoverage:
    """Count; found (G,) bool says which of the bundle's genes the new cells have."""
    position = {gene: i for i, gene in enumerate(bundle.model.genes)}
    shares = np.array([found[[position[gene] for gene in path.split(">")]].mean() for path in bundle.model.paths])
    weight = bundle.path_weight / bundle.path_weight.sum()
    return GeneCoverage(
        genes=float(found.mean()),
        path_genes=min(float(weight @ shares), 1.0),
        complete_paths=min(float(weight @ (shares == 1)), 1.0),
        missing=[gene for gene, is_there in zip(bundle.model.genes, found, strict=True) if not is_there],
    )


def check_coverage(coverage: GeneCoverage, least: float, example: list[str]) -> None:
    """Refuse cells that have too few of the genes on the paths.

    Raises
    ------
    PathloreError
        Fewer than ``least``; names of the cells' own genes, ``example``, are shown beside the missing ones.
    """
    if coverage.path_genes >= least:
        return
    raise PathloreError(
        f"{coverage.path_genes:.0%} of the genes on the model's paths are among the genes of these cells (weighted by "
        f"importance; at least {least:.0%} wanted): missing are such as {shorten(coverage.missing, 3)}, the cells have "
        f"such as {shorten(example, 3)}: check `ingestion.cells.gene_column` and `ingestion.genes`, or lower "
        "`scoring.score.min_coverage`"
    )
