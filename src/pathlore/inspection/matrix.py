"""Which matrix of the file holds expression, and on which scale."""

import numpy as np
from anndata import AnnData

from pathlore.errors import PathloreError
from pathlore.expression.matrix import sample_rows, select_matrix
from pathlore.expression.scale import doubt_of, sample_verdict
from pathlore.inspection.findings import Choice, Finding, MatrixFacts

PARTS = ("spliced", "unspliced", "ambiguous")
"""Layers that hold a part of the counts."""
BYTES = 8
"""Of one stored value in CSR: a float32 and an int32."""
SCALES = ("counts", "log", "normalised")
"""In order of preference: of counts the run knows what was done to them."""


def inspect_matrices(adata: AnnData) -> list[MatrixFacts]:
    """Judge ``X``, ``raw`` and each layer by some 900 of its rows, as a run would.

    Returns
    -------
    One entry per matrix, ``X`` first; none where the file has no matrix.
    """
    names = ["X"] if adata.X is not None else []
    names += ["raw"] if adata.raw is not None else []
    return [_inspect(adata, name) for name in [*names, *map(str, adata.layers)]]


def _inspect(adata: AnnData, name: str) -> MatrixFacts:
    facts = {"name": name, "scale": None, "doubt": "", "zeros": 0.0, "greatest": 0.0, "megabytes": 0.0}
    facts |= {"n_cells": adata.n_obs, "n_genes": adata.n_vars}
    try:
        matrix = select_matrix(adata, name)
        rows = sample_rows(matrix)
        n_cells, n_genes = matrix.data.shape[0], len(matrix.var)
        filled = rows.nnz / (rows.shape[0] * rows.shape[1])
        facts |= {"n_cells": n_cells, "n_genes": n_genes, "zeros": 1 - filled}
        facts |= {"greatest": float(np.nan_to_num(rows.data).max(initial=0.0))}
        facts |= {"megabytes": BYTES * filled * n_cells * n_genes / 1e6}
        verdict = sample_verdict(rows)
        return MatrixFacts(
            **facts | {"scale": verdict.scale, "reason": verdict.reason, "doubt": doubt_of(verdict, rows)}
        )
    except PathloreError as error:
        return MatrixFacts(**facts, reason=str(error))
    except (TypeError, ValueError, OverflowError) as error:
        return MatrixFacts(**facts, reason=f"it holds no numbers ({' '.join(str(error).split())[:120]})")


def choose_layer(matrices: list[MatrixFacts]) -> tuple[str | None, Choice | None, list[Finding]]:
    """Take counts before log values before normalised ones, and ``X`` before the others.

    Returns
    -------
    layer, choice, findings
        None and None where no matrix can be used.
    """
    usable = [facts for facts in matrices if facts.scale]
    if not usable:
        found = "; ".join(f"{facts.name}: {facts.reason}" for facts in matrices) or "the file has none"
        text = f"no matrix can be used ({found})"
        return None, None, [Finding(level="problem", text=text, parameter="ingestion.cells.layer")]
    order = sorted(usable, key=lambda facts: (SCALES.index(str(facts.scale)), facts.name in PARTS))
    best, others = order[0], [facts for facts in matrices if facts is not order[0]]
    beside = ", ".join(f"{facts.name} ({facts.scale or 'not usable'})" for facts in others) or "none"
    reason = f"{best.name} holds {best.reason}, taken as {best.scale}. Other matrices: {beside}"
    findings = []
    if best.doubt:
        text = f"{best.name}: {best.doubt}"
        findings.append(Finding(level="warning", text=text, parameter="ingestion.quality.scale"))
    elif best.scale == "normalised":
        text = f"{best.name} holds fractions up to {best.greatest:.0f}, taken as normalised but not logarithmic"
        findings.append(Finding(level="warning", text=text, parameter="ingestion.quality.scale"))
    for facts in others:
        if facts.name == "X" and not facts.scale:
            text = f"X cannot be used ({facts.reason.split(':')[0]}), {best.name} is"
            findings.append(Finding(level="note", text=text, parameter="ingestion.cells.layer"))
    return best.name, Choice(value=best.name, reason=reason), findings
