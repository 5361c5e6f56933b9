"""What a reader of scores must not miss."""

from collections import Counter

import numpy as np
import pandas as pd

from pathlore.errors import shorten
from pathlore.expression.prepare import PASSES
from pathlore.keys import Method, Obs, Split
from pathlore.scoring.bundle import Bundle
from pathlore.scoring.coverage import GeneCoverage
from pathlore.scoring.new_cells import NewCells

FACTOR = 5.0
"""So many times the expected share of cells out of range is worth a warning..."""

LEAST_SHARE = 0.05
"""... but not less than this share."""

LEAST_AUROC = 0.6
"""Of a model on held-out cells of its own cohort, below which its scores come with a warning."""


def warnings_of(
    bundle: Bundle, cells: NewCells, coverage: GeneCoverage, out_of_range: np.ndarray, labels: pd.DataFrame
) -> list[str]:
    """Sentences about genes that are missing, cells that are unlike, poor or known, and a scale that differs."""
    n, facts, result = len(cells.names), bundle.facts, []
    if coverage.missing:
        result.append(
            f"{len(coverage.missing)} of {len(cells.found)} genes of the model were not measured "
            f"({shorten(coverage.missing, 5)}): the mean of the training cells replaces them; "
            f"{coverage.complete_paths:.0%} of the paths, weighted by importance, are complete"
        )
    if cells.wide_found is not None and not cells.wide_found.all():
        absent = [gene for gene, found in zip(bundle.model.wide_genes, cells.wide_found, strict=True) if not found]
        if off := [gene for gene in absent if gene not in set(coverage.missing)]:
            result.append(
                f"{len(off)} of the {len(cells.wide_found)} genes of the wide branch were not measured "
                f"({shorten(off, 5)}): the mean of the training cells replaces them, and this branch is less reliable"
            )
    chance = _own_auroc(bundle)
    if chance is not None and chance < LEAST_AUROC:
        result.append(
            f"on the held-out cells of its own cohort the model has an AUROC of {chance:.2f}: it predicts "
            "hardly better than chance, so its scores mean little"
        )
    limits = facts.limits.range
    expected = max(3 * (1 - limits.quantile), limits.test_share or 0.0)
    share = float(out_of_range.mean()) if n else 0.0
    if share > max(FACTOR * expected, LEAST_SHARE):
        result.append(
            f"{share:.0%} of the cells lie outside the range of the training cells (held-out cells of the training "
            f"cohort: {expected:.1%}): another tissue, cell type, technology or scale; their scores are extrapolated"
        )
    if facts.quality.metacells:
        result.append(
            f"the model was trained on metacells (`ingestion.quality.metacells: {facts.quality.metacells}`): single "
            "cells are noisier than these, average the cells alike before they are scored"
        )
    poor = Counter(reason for reason in cells.quality if reason != PASSES)
    if poor:
        rules = ", ".join(f"{count} by {rule}" for rule, count in poor.items())
        result.append(
            f"{sum(poor.values())} of {n} cells would have been dropped in training for poor quality: {rules}"
        )
    if cells.scale == "log" and facts.scale != "log":
        result.append(
            f"the values are on a log scale, taken as log(1 + counts per {facts.quality.target_sum:g}): another base "
            "or another sum shifts every score; give raw counts to be sure"
        )
    trained = set(facts.splits[Split.TRAIN].donors) & set(labels[Obs.DONOR].dropna())
    if trained:
        result.append(
            f"{len(trained)} donor(s) of these cells have names of donors that trained the model "
            f"({shorten(trained, 5)}): if they are the same donors, their scores do not describe new ones"
        )
    return result


def _own_auroc(bundle: Bundle) -> float | None:
    """AUROC on held-out test cells, None where it is not known."""
    values = (f for f in bundle.facts.metrics if (f.level, f.method, f.metric) == ("cell", Method.MODEL, "auroc"))
    return next((row.value for row in values), None)
