"""What the numbers of a matrix are: counts, normalised, or on a log scale."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from scipy import sparse

from pathlore.errors import PathloreError, shorten

logger = logging.getLogger(__name__)

Scale = Literal["counts", "normalised", "log"]

LOG_MAXIMUM = 30.0
"""No log-scale expression reaches this: 2 ** 30 is a billion transcripts."""


def check_values(X: sparse.csr_matrix) -> None:
    """Refuse values that cannot be expression.

    Raises
    ------
    PathloreError
        NaN, infinite or negative values.
    """
    data = X.data
    bad = int(np.count_nonzero(~np.isfinite(data)))
    if bad:
        raise PathloreError(
            f"{bad} of {data.size} values are NaN or infinite, finite expression was expected: "
            "change `ingestion.cells.layer`, or repair the file of the runtime parameter `cells`"
        )
    if data.size and data.min() < 0:
        negative = np.count_nonzero(data < 0)
        raise PathloreError(
            f"{negative} of {data.size} values are negative (least {data.min():.3g}), counts or log-normalised "
            "expression was expected; scaled data cannot be used: change `ingestion.cells.layer`, e.g. to raw"
        )


@dataclass(frozen=True)
class CellValues:
    """What tells the scale of each of n cells; cells without a value above zero are in it.

    Attributes
    ----------
    n
        Values above zero.
    whole
        Whether all of them are whole numbers.
    near
        Share of them within 0.05 of a whole number above zero.
    least, greatest
        The least and the greatest one.
    kind
        Index into `KINDS`: what has to be undone so that the values become whole multiples of the cell's least one, as
        counts are; -1: nothing does.
    sums
        (n, 5) sums of the values undone in each of these ways; infinite where that was not tried.
    """

    n: np.ndarray
    whole: np.ndarray
    near: np.ndarray
    least: np.ndarray
    greatest: np.ndarray
    kind: np.ndarray
    sums: np.ndarray

    def at(self, chosen: np.ndarray) -> "CellValues":
        """Some of the cells."""
        return CellValues(**{name: values[chosen] for name, values in vars(self).items()})


KINDS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "no logarithm": lambda values: values,
    "natural logarithms": np.expm1,
    "logarithms to base 2": lambda values: np.expm1(values * np.log(2)),
    "logarithms to base 10": lambda values: np.expm1(values * np.log(10)),
    "square roots": np.square,
}
"""What may have been done to counts that were divided by their sum."""
TOLERANCE = 0.05
MULTIPLES = (1.5, 10.5)
"""Ratios to the least value of a cell that are looked at: great ones suffer from rounding."""
VALUES_TRIED = 256
FEWEST_MULTIPLES, MOST_MULTIPLES = 4, 0.95
"""So many of them, and such a share of whole ones, make a verdict on a cell."""
NEARLY_WHOLE = 0.2
"""Share of values close to a whole number above which fractions are corrected counts."""
FEW_VALUES = 5
FEW_CELLS, FEW_OF_ALL = 10, 0.02
"""Cells of a group, and share of all cells, below which a verdict of their own counts for nothing."""
MOST_LEAST = 10
"""Least value of a cell's counts, at most."""
LARGEST_SUM = 1e300
"""Stands for an infinite sum."""
LARGEST_INTEGERS = (2**7 - 1, 2**8 - 1, 2**15 - 1, 2**16 - 1)
COMMON, FEWEST_SCALED = 0.1, 30
"""Share of the cells that a gene is found in, and number of cells and of such genes, for a word on scaled values."""
UNIT, MOST_SCALED = 0.15, 0.8
"""How near 1 a standard deviation is, and the share of genes with such a one, where genes were scaled."""
FEWEST_ONES, FEWEST_CUT = 1000, 5
"""Ones that say that there is nothing else; times that a largest integer has to occur as the greatest value."""
FILLED, FEWEST_FILLED = 0.95, 200
"""Share of values above zero, and number of genes, from which fractions look imputed."""
OTHER_SUM = 4.0
"""Factor between typical sums of two groups from which their logarithms are not the same."""


def cell_values(X: sparse.csr_matrix) -> CellValues:
    """Look at each cell by itself.

    Parameters
    ----------
    X
        (cells, genes) without stored zeros.
    """
    n = np.diff(X.indptr)
    filled = np.flatnonzero(n)
    data = X.data.astype(np.float64)
    total = partial(_per_cell, starts=X.indptr[filled], filled=filled, n=X.shape[0])
    rounded = np.rint(data)
    least, greatest, whole = total(data, np.minimum), total(data, np.maximum), total(data == rounded) == n
    fractions = np.flatnonzero(~whole)
    kind, sums = np.full(X.shape[0], -1), np.full((X.shape[0], len(KINDS)), np.inf)
    sums[:, 0] = total(data)
    if fractions.size:
        kind[fractions] = _kinds(X[fractions], least[fractions], greatest[fractions])
        below, logs = greatest < LOG_MAXIMUM, np.minimum(data, LOG_MAXIMUM)
        for i in {1, *kind[fractions]} - {-1, 0}:
            sums[below, i] = total(list(KINDS.values())[i](logs))[below]
    near = (np.abs(data - rounded) < TOLERANCE) & (rounded > 0)
    return CellValues(n, whole, total(near) / np.maximum(n, 1), least, greatest, kind, sums)


def _kinds(X: sparse.csr_matrix, least: np.ndarray, greatest: np.ndarray) -> np.ndarray:
    """What turns the values of each cell into whole multiples of its least one, (cells,); some of them are tried."""
    n = np.diff(X.indptr)[:, None]
    places = np.arange(VALUES_TRIED)[None, :]
    places = np.where(n > VALUES_TRIED, places * n // VALUES_TRIED, np.minimum(places, n - 1))
    absent = np.arange(VALUES_TRIED)[None, :] >= n
    values = np.where(absent, 0.0, X.data[X.indptr[:-1, None] + places])  # (cells, VALUES_TRIED)
    matched = np.zeros((len(n), len(KINDS)))
    for i, (name, undo) in enumerate(KINDS.items()):
        known = greatest < LOG_MAXIMUM if "logarithms" in name else np.ones(len(n), bool)
        ratios = undo(values[known]) / undo(least[known])[:, None]
        used = (ratios > MULTIPLES[0]) & (ratios < MULTIPLES[1])
        fits = (used & (np.abs(ratios - np.rint(ratios)) < TOLERANCE)).sum(axis=1)
        good = (fits >= FEWEST_MULTIPLES) & (fits >= MOST_MULTIPLES * used.sum(axis=1))
        matched[known, i] = np.where(good, fits, 0)
    return np.where(matched.any(axis=1), matched.argmax(axis=1), -1)


def _per_cell(
    values: np.ndarray, reduce: np.ufunc = np.add, *, starts: np.ndarray, filled: np.ndarray, n: int
) -> np.ndarray:
    """Reduce the values of each cell to one number, 0 for a cell without any."""
    result = np.zeros(n)
    if len(filled):
        result[filled] = reduce.reduceat(values.astype(np.float64), starts)
    return result


def united(parts: Sequence[CellValues]) -> CellValues:
    """The cells of several blocks."""
    return CellValues(**{name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])})


@dataclass(frozen=True)
class Verdict:
    """What the values of some cells are.

    ``family`` is what mixed cells must not differ in: ``counts``, ``fractions`` (counts that were corrected, or divided
    by nobody knows what), ``normalised``, or the logarithm.
    """

    scale: Scale
    family: str
    typical: float  # median sum of a cell, logarithms undone
    reason: str


def judge_values(values: CellValues) -> Verdict:
    """Tell counts from normalised and from log-scale expression.

    Whole numbers are counts. Where most cells become whole multiples of their least value when a logarithm is undone,
    or as they are, that is what the values are. Fractions for which that does not hold, as of full-length reads or
    after a correction, are taken as corrected counts where many are close to whole numbers; as logarithms where all are
    below 30 and the sums of ``expm1`` differ no more between the cells than the sums of the values do; else as
    normalised.
    """
    values = values.at(values.n > 0)
    told = values.at(values.n >= FEW_VALUES) if (values.n >= FEW_VALUES).any() else values
    if told.whole.mean() > 1 - FEW_OF_ALL:
        return Verdict("counts", "counts", float(np.median(values.sums[:, 0])), "whole numbers")
    rest = told.at(~told.whole)
    shares = np.bincount(rest.kind[rest.kind >= 0], minlength=len(KINDS)) / len(rest.n)
    kind = int(shares.argmax())
    typical = np.median(rest.sums, axis=0)
    if shares[kind] >= 0.5:
        name = list(KINDS)[kind]
        scale: Scale = "log" if "logarithms" in name else "normalised"
        reason = f"{name} of multiples" if kind else "multiples of one value in each cell"
        return Verdict(scale, name if kind else "normalised", float(typical[kind]), reason)
    if len(rest.n) >= FEW_CELLS and np.median(rest.near[rest.n >= FEW_VALUES]) >= NEARLY_WHOLE:
        return Verdict("counts", "fractions", float(typical[0]), "fractions close to whole numbers: corrected counts")
    if rest.greatest.max() < LOG_MAXIMUM and _spread(rest.sums[:, 1]) <= 2 * _spread(rest.sums[:, 0]) + 0.3:
        return Verdict("log", "log", float(typical[1]), "fractions below 30, alike in their sums of expm1")
    if rest.greatest.max() < LOG_MAXIMUM:
        return Verdict(
            "counts", "fractions", float(typical[0]), "fractions below 30 whose sums of expm1 differ greatly"
        )
    return Verdict("normalised", "fractions", float(typical[0]), "fractions")


def _spread(sums: np.ndarray) -> float:
    """Logarithm of the ratio of the ninth to the first decile."""
    low, high = np.quantile(np.minimum(sums, LARGEST_SUM), [0.1, 0.9])
    return float(np.log(high / low)) if low > 0 else np.inf


def check_one_scale(values: CellValues, groups: Mapping[str, np.ndarray]) -> str:
    """Say how cells differ in their scale; the empty text where they do not.

    All cells are judged, and each group of at least ten cells; groups of different verdicts, and logarithms whose
    typical sums differ fourfold without overlap, are not of one scale.

    Parameters
    ----------
    values
        Of all cells.
    groups
        Name of a column -> (cells,) its values, the empty text for a cell of none.
    """
    filled = values.n >= FEW_VALUES
    for column, labels in groups.items():
        verdicts = {}
        for label in sorted({str(label) for label in labels[filled]} - {""}):
            cells = filled & (labels == label)
            if cells.sum() >= FEW_CELLS:
                verdicts[label] = judge_values(values.at(cells)), values.at(cells)
        families = {verdict.family for verdict, _ in verdicts.values()}
        if len(families - {"fractions"} if "counts" in families else families) > 1:
            return _written(f"by `{column}`", {label: verdict.reason for label, (verdict, _) in verdicts.items()})
        if (said := _other_sums(column, verdicts)) is not None:
            return said
    counted = values.whole & (values.least <= MOST_LEAST)  # else a sum that divides the target evenly
    kind = np.where(values.whole & ~counted, 0, values.kind)
    kinds = np.where(counted, "whole numbers", np.array([*KINDS, "fractions"])[kind])[filled]
    names, amounts = np.unique(kinds, return_counts=True)
    found = {
        str(name): int(n)
        for name, n in zip(names, amounts, strict=True)
        if n >= max(FEW_CELLS, FEW_OF_ALL * len(kinds))
    }
    found = {name: n for name, n in found.items() if name != "fractions"}
    if len(found) > 1:
        return _written("by the cells themselves", {name: f"{n:,} cells" for name, n in found.items()})
    return _gap(values.at(filled))


def _gap(values: CellValues) -> str:
    """Two groups of logarithms between whose sums there is nothing, whatever the cells are called."""
    if len(values.n) < 2 * FEW_CELLS or judge_values(values).scale != "log":
        return ""
    kind = max(int(np.bincount(values.kind[values.kind >= 0], minlength=2).argmax()), 1)
    sums = np.sort(values.sums[:, kind])
    few = max(FEW_CELLS, int(FEW_OF_ALL * len(sums)))
    steps = sums[few : len(sums) - few + 1] / sums[few - 1 : len(sums) - few]
    at = few + int(steps.argmax())
    if steps.max() < OTHER_SUM:
        return ""
    ends = (("the lower", sums[:at]), ("the upper", sums[at:]))
    parts = {f"{n} {len(part):,} cells": f"logarithms of a sum of {np.median(part):,.0f}" for n, part in ends}
    return _written("by the cells themselves", parts)


def _other_sums(column: str, verdicts: Mapping[str, tuple[Verdict, CellValues]]) -> str | None:
    """Logarithms of counts that were divided to another sum, or of another base."""
    logs = {label: found for label, found in verdicts.items() if found[0].scale == "log"}
    if len(logs) < 2:
        return None
    kind = list(KINDS).index(next(iter(logs.values()))[0].family) if next(iter(logs.values()))[0].family in KINDS else 1
    ends = {
        label: np.quantile(np.minimum(cells.sums[:, kind], LARGEST_SUM), [0.1, 0.5, 0.9])
        for label, (_, cells) in logs.items()
    }
    low, high = min(ends.values(), key=lambda q: q[1]), max(ends.values(), key=lambda q: q[1])
    if high[1] < OTHER_SUM * low[1] or high[0] < low[2]:
        return None
    return _written(f"by `{column}`", {label: f"logarithms of a sum of {q[1]:,.0f}" for label, q in ends.items()})


def _written(by: str, found: Mapping[str, str], limit: int = 4) -> str:
    """Name the groups of each kind."""
    kinds: dict[str, list[str]] = {}
    for name, what in found.items():
        kinds.setdefault(what, []).append(name)
    named = [f"{shorten(names, limit)} ({what})" for what, names in kinds.items()]
    return f"{by}, {'; '.join(named[:limit])}{f' and {len(named) - limit} more' * (len(named) > limit)}"


def refuse_mixed(said: str, wanted: str) -> None:
    """Stop where cells are on several scales; where the parameter gives one, the log warns.

    Parameters
    ----------
    said
        Of `check_one_scale`.
    wanted
        ``ingestion.quality.scale``.

    Raises
    ------
    PathloreError
        The cells differ, and the scale is judged.
    """
    if not said:
        return
    text = f"the cells are not on one scale: {said}"
    if wanted == "auto":
        raise PathloreError(
            f"{text}. One scale for all cells was expected, best raw counts: change `ingestion.cells.layer` or the "
            "file of the runtime parameter `cells`"
        )
    logger.warning("%s; all are used as '%s', as `ingestion.quality.scale` says", text, wanted)


def sample_verdict(X_sample: sparse.csr_matrix) -> Verdict:
    """`judge_values` of some rows of a matrix, (cells, genes).

    Raises
    ------
    PathloreError
        No value above zero, or NaN, infinite or negative ones; square roots, or genes scaled to unit variance.

    Examples
    --------
    >>> [sample_verdict(sparse.csr_matrix(rows)).scale for rows in ([[0, 3], [1, 0]], [[0, 1.3], [2.5, 0]])]
    ['counts', 'log']
    """
    check_values(X_sample)
    if not X_sample.data.any():
        raise PathloreError(
            f"no value above zero in {X_sample.shape[0]} cells x {X_sample.shape[1]} genes, expression was expected: "
            "change `ingestion.cells.layer`"
        )
    X_sample = sparse.csr_matrix(X_sample)
    X_sample.eliminate_zeros()
    verdict = judge_values(cell_values(X_sample))
    if verdict.family == "square roots":
        raise PathloreError(
            "the values are square roots of counts, counts or log-normalised expression was expected: change "
            "`ingestion.cells.layer`, e.g. to raw, or the file of the runtime parameter `cells`"
        )
    if verdict.scale != "counts" and _has_unit_variances(X_sample):
        raise PathloreError(
            "nearly every gene has the standard deviation 1, counts or log-normalised expression was expected; scaled "
            "data cannot be used: change `ingestion.cells.layer`, e.g. to raw"
        )
    return verdict


def _has_unit_variances(X: sparse.csr_matrix) -> bool:
    """Whether genes were divided by their standard deviation, without being centred, or shifted back above zero."""
    common = X.getnnz(axis=0) >= COMMON * X.shape[0]
    if X.shape[0] < FEWEST_SCALED or common.sum() < FEWEST_SCALED:
        return False
    values = X[:, np.flatnonzero(common)].astype(np.float64)
    variances = values.power(2).mean(axis=0) - np.square(values.mean(axis=0))
    return bool(np.mean(np.abs(np.sqrt(np.asarray(variances)) - 1) < UNIT) > MOST_SCALED)


def _doubt_of_counts(X: sparse.csr_matrix) -> str:
    """What whole numbers may be other than counts: presence, values cut off by their type, rounded values."""
    data = X.data[X.data > 0]
    greatest = data.max()
    if greatest == 1 and data.size >= FEWEST_ONES:
        return (
            "every value is 0 or 1: whether a gene was detected, not how often, so its expression is unknown. "
            "Change `ingestion.cells.layer` or the file of the runtime parameter `cells`"
        )
    cut = int((data == greatest).sum())
    if greatest in LARGEST_INTEGERS and cut >= FEWEST_CUT:
        return (
            f"the greatest value is {greatest:.0f} and occurs {cut} times, and no integer of its type is greater: "
            "counts were cut off when they were saved. Change the file of the runtime parameter `cells`"
        )
    least = _least(X)
    if len(least) and np.median(least) > 1:
        return (
            f"the values are whole numbers, but the least of a cell is {np.median(least):.0f} (median) and not 1: "
            "rounded or multiplied values, which are taken as counts. Change `ingestion.cells.layer`, or set "
            "`ingestion.quality.scale` to what they are"
        )
    return ""


def resolve_scale(X_sample: sparse.csr_matrix, wanted: Literal["auto", "counts", "normalised", "log"]) -> Scale:
    """Verdict on the values unless the parameter gives one; a contradiction between the two is logged."""
    found = sample_verdict(X_sample)
    if wanted != "auto" and wanted != found.scale:
        logger.warning(
            "the values look like '%s' but are used as '%s', as `ingestion.quality.scale` says", found.scale, wanted
        )
    elif doubt := doubt_of(found, X_sample):
        logger.warning("%s", doubt)
    return found.scale if wanted == "auto" else wanted


def doubt_of(found: Verdict, X_sample: sparse.csr_matrix) -> str:
    """What a reader has to know of a verdict; empty: nothing.

    Fractions may be counts that were corrected, and logarithms are natural wherever it matters.
    """
    if found.family == "counts":
        return _doubt_of_counts(X_sample)
    if X_sample.shape[1] >= FEWEST_FILLED and X_sample.nnz > FILLED * X_sample.shape[0] * X_sample.shape[1]:
        return (
            "hardly a value is zero, so that every cell seems to express every gene: imputed or smoothed values? Take "
            "those that were measured: change `ingestion.cells.layer`"
        )
    sums = np.asarray(X_sample.sum(axis=1)).ravel()
    ranges = f"sums per cell range from {sums.min():.0f} to {sums.max():.0f}"
    if found.scale == "counts" and found.family == "fractions":
        return (
            f"the values are {found.reason} (ambient correction, pseudo-alignment), {ranges}: taken as counts, set "
            "`ingestion.quality.scale` if they are something else"
        )
    if found.scale == "normalised" and sums.max() > 2 * max(float(np.median(sums)), 1.0):
        return (
            f"the values are fractions whose {ranges}: if they are expected counts (ambient correction, "
            "pseudo-alignment), set `ingestion.quality.scale: counts`"
        )
    if found.scale == "log" and found.family in KINDS:
        least = KINDS[found.family](_least(X_sample))
        if len(least) and np.mean(np.abs(least - 1) < TOLERANCE) >= MOST_SCALED:
            return (
                f"the values are {found.family} of counts that were not divided by their sum: cells sequenced "
                "deeper look more active. Counts are better: change `ingestion.cells.layer`"
            )
        if found.family != list(KINDS)[1]:
            return (
                f"the values are {found.family}, used as natural ones: fold changes are in other units; counts are "
                "better"
            )
    return ""


def _least(X: sparse.csr_matrix) -> np.ndarray:
    """The least value above zero of each cell that has some."""
    filled = np.flatnonzero(np.diff(X.indptr))
    if not len(filled):
        return np.array([])
    least = np.minimum.reduceat(np.where(X.data > 0, X.data, np.inf), X.indptr[filled])
    return least[np.isfinite(least)].astype(np.float64)
