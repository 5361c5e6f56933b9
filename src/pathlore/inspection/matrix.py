"""Which matrix of the file holds expression, on which scale, and what one pass over its cells finds."""

import hashlib
from dataclasses import dataclass

import numpy as np
from anndata import AnnData
from scipy import sparse

from pathlore.config import QualityConfig
from pathlore.errors import PathloreError
from pathlore.expression.matrix import Matrix, block_size, read_rows, sample_rows, select_matrix
from pathlore.expression.prepare import MIN_GENES, MITOCHONDRIAL, GeneColumns, judge_cells
from pathlore.expression.scale import CellValues, Scale, cell_values, doubt_of, sample_verdict, united
from pathlore.inspection.findings import CellFacts, Choice, Finding, MatrixFacts

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

    A layer that has a part of the counts, such as ``spliced``, comes last.

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
    order = sorted(usable, key=lambda facts: (facts.name in PARTS, SCALES.index(str(facts.scale))))
    best, others = order[0], [facts for facts in matrices if facts is not order[0]]
    beside = ", ".join(f"{facts.name} ({facts.scale or 'not usable'})" for facts in others) or "none"
    reason = f"{best.name} holds {best.reason}, taken as {best.scale}. Other matrices: {beside}"
    findings = []
    if best.name in PARTS:
        text = f"{best.name} holds a part of the counts: name the matrix of all counts, or add up {', '.join(PARTS)}"
        findings.append(Finding(level="warning", text=text, parameter="ingestion.cells.layer"))
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


LADDER = (200, 100, 50, 20, 0)
"""Values of `min_genes` that are tried, from strict to lax."""
KEPT = 0.95
"""Share of the cells that a table of few genes shall keep."""
FEW_GENES = 5000
"""A table with fewer genes has been filtered: the usual bound was meant for all genes."""
MOST_LOST = 0.5


@dataclass(frozen=True)
class Pass:
    """What one pass over the cells counts."""

    genes_per_cell: np.ndarray  # (cells,) with a value above zero
    totals: np.ndarray  # (cells,) sums of values
    mitochondrial: np.ndarray  # (cells,) bool: more than the bound, counts alone
    repeated: int  # cells with all values of an earlier one
    expressing: np.ndarray  # (classes, G) cells that express a gene, by symbol
    sizes: np.ndarray  # (classes,) cells
    values: CellValues  # what tells the scale


def pass_over(matrix: Matrix, genes: GeneColumns, labels: np.ndarray, scale: Scale, quality: QualityConfig) -> Pass:
    """Read the matrix once, by blocks.

    Parameters
    ----------
    matrix, genes, scale, quality
        As a run has them.
    labels
        (cells,) class of each cell, -1 for a cell of none.
    """
    n_classes = max(int(labels.max(initial=-1)) + 1, 1)
    expressing = np.zeros((n_classes, len(genes.symbols)))
    seen: set[bytes] = set()
    parts, values, repeated, step = [], [], 0, block_size(matrix)
    open_quality = quality.model_copy(update={"min_genes": 0})
    for start in range(0, matrix.data.shape[0], step):
        block = read_rows(matrix, start, min(start + step, matrix.data.shape[0]))
        reasons = judge_cells(block, genes.mitochondrial, open_quality, scale)
        n_genes = np.diff(block.indptr)
        values.append(cell_values(block))
        parts.append((n_genes, np.asarray(block.sum(axis=1)).ravel(), reasons == MITOCHONDRIAL))
        for i in np.flatnonzero(n_genes):
            row = slice(block.indptr[i], block.indptr[i + 1])
            key = hashlib.blake2b(block.indices[row].tobytes() + block.data[row].tobytes(), digest_size=16).digest()
            repeated += key in seen
            seen.add(key)
        found = sparse.csr_matrix((block > 0) @ genes.collapse)
        found.data[:] = 1
        for label in range(n_classes):
            inside = labels[start : start + block.shape[0]] == label
            expressing[label] += np.asarray(found[inside].sum(axis=0)).ravel()
    n_genes, totals, mitochondrial = (np.concatenate(part) for part in zip(*parts, strict=True))
    sizes = np.array([(labels == label).sum() for label in range(n_classes)])
    return Pass(n_genes, totals, mitochondrial, repeated, expressing, sizes, united(values))


def choose_quality(
    counted: Pass, n_genes: int, same_name: int, quality: QualityConfig
) -> tuple[CellFacts, dict[str, Choice], list[Finding]]:
    """Keep the usual bound on the genes of a cell, or lower it where the table holds few genes.

    Parameters
    ----------
    counted
        From `pass_over`.
    n_genes
        Measured genes.
    same_name
        Cells with the name of an earlier one.
    quality
        The defaults.
    """
    n, usual = len(counted.genes_per_cell), quality.min_genes
    filled = counted.genes_per_cell[counted.genes_per_cell > 0]
    bound, findings = usual, []
    lost = float((filled < usual).mean()) if filled.size else 1.0
    if lost > 1 - KEPT and (n_genes < FEW_GENES or lost > MOST_LOST):
        bound = next((b for b in LADDER if b <= usual and (filled >= b).mean() >= KEPT), 0) if filled.size else 0
    too_few = int((counted.genes_per_cell < bound).sum())
    choices = {
        "ingestion.quality.min_genes": Choice(
            value=bound,
            reason=f"genes that a cell must have. The median cell has {np.median(counted.genes_per_cell):,.0f} of "
            f"{n_genes:,}; this drops {too_few:,} of {n:,} cells"
            + (f", the usual {usual} would drop {int((counted.genes_per_cell < usual).sum()):,}" * (bound != usual)),
        )
    }
    if bound != usual:
        level, why = ("note", "few genes were measured") if n_genes < FEW_GENES else ("warning", "these are poor cells")
        text = f"`min_genes` {usual} would drop {lost:.0%} of the cells ({why}): it is set to {bound}"
        findings.append(Finding(level=level, text=text, parameter="ingestion.quality.min_genes"))
    mitochondrial = int(counted.mitochondrial.sum())
    if mitochondrial > MOST_LOST * n:
        text = (
            f"{mitochondrial:,} of {n:,} cells have more than {quality.max_mitochondrial_percent:g} % of their counts "
            "from mitochondrial genes: poor cells, or a tissue like heart muscle, for which the bound must be raised"
        )
        findings.append(Finding(level="warning", text=text, parameter="ingestion.quality.max_mitochondrial_percent"))
    facts = CellFacts(
        n_cells=n,
        empty=int((counted.genes_per_cell == 0).sum()),
        repeated=counted.repeated,
        same_name=same_name,
        median_genes=float(np.median(counted.genes_per_cell)),
        median_total=float(np.median(counted.totals)),
        too_few_genes=too_few,
        too_mitochondrial=mitochondrial,
    )
    return facts, choices, [*findings, *_of_cells(facts)]


def _of_cells(facts: CellFacts) -> list[Finding]:
    findings = []
    if facts.empty:
        text = f"{facts.empty:,} of {facts.n_cells:,} cells have no value above zero"
        if facts.empty > MOST_LOST * facts.n_cells:
            text += ": this looks like all droplets of a run, take the filtered matrix"
        findings.append(Finding(level="warning", text=text, parameter=f"ingestion.quality.{MIN_GENES}"))
    if facts.repeated:
        text = f"{facts.repeated:,} cells have exactly the values of another: copies would sit on both sides of a split"
        findings.append(Finding(level="warning", text=text, parameter="cells"))
    if facts.same_name:
        text = f"{facts.same_name:,} cells have the name of another cell: call obs_names_make_unique() on the file"
        findings.append(Finding(level="problem", text=text, parameter="cells"))
    if not facts.empty and not facts.repeated and not facts.same_name:
        findings.append(Finding(level="ok", text="no empty cell, none twice"))
    return findings
