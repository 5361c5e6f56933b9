"""ROC and precision-recall curves of the model and its baselines on held-out cells."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pathlore.errors import PathloreError
from pathlore.keys import Split
from pathlore.plot.metrics import method_order
from pathlore.plot.style import GREY, SMALL, TITLE, amount, house_style, method_colours, note, readable_name

GRID = np.linspace(0, 1, 201)
LEAST_DONORS = 3  # of each class, for a band over donors
INTERVAL = (2.5, 97.5)  # percent


class Curve(NamedTuple):
    """A curve of one method with the 95 % band, and its area.

    Attributes
    ----------
    y
        (201,) true positive rate at each false positive rate, or precision at each recall, from 0 to 1.
    low, high
        (201,) band of the bootstrap.
    area
        Area under it, by all thresholds.
    """

    y: np.ndarray
    low: np.ndarray
    high: np.ndarray
    area: float


def held_out_curves(
    predictions: pd.DataFrame,
    class_names: Sequence[str],
    population: str,
    resamples: int = 500,
    seed: int = 0,
    split: str = Split.TEST,
) -> Figure:
    """Draw the ROC and the precision-recall curve of each method, with a 95 % band by bootstrap.

    Whole donors are drawn with replacement (percentiles of the resamples that hold all classes). Where a class has
    fewer than three donors, or they are not known, cells are drawn instead; such a band says nothing about new donors,
    and the title says so. Of two classes the curves speak of the case; of more they are the mean over the classes, each
    against the rest.

    Parameters
    ----------
    predictions
        `pathlore.schemas.Predictions` of one population.
    class_names
        C names, the control first.
    population
        Its name.
    resamples
        Number of bootstrap draws.
    seed
        Of the draws; the same draws serve all methods.
    split
        Which cells were predicted.

    Raises
    ------
    PathloreError
        ``resamples`` is below 2.
    """
    if resamples < 2:
        raise PathloreError(f"{resamples} resamples for a band, at least 2 are needed: change `resamples`")
    table = predictions[predictions["split"] == split]
    if table.empty:
        return note(f"{population}: no cell of the {split} split was predicted")
    methods = method_order(table["method"].unique())
    colours = method_colours(methods)
    first = table[table["method"] == methods[0]].sort_values("cell")
    present = first["label"].nunique()
    if present < len(class_names):
        return note(f"{population}: the held-out cells are of {present} of {len(class_names)} classes, so no curve")
    weights, over_donors = resampled_weights(first, resamples, np.random.default_rng(seed))
    cases = [1] if len(class_names) == 2 else list(range(len(class_names)))
    columns = [f"probability_of_{class_names[c]}" for c in cases]
    with house_style():
        figure = Figure(figsize=(7.8, 4.6 + 0.22 * max(0, len(methods) - 3)))  # room for the lines of the legend
        figure.set_layout_engine("constrained", rect=(0, 0, 1, 0.88))
        roc, recall = figure.subplots(1, 2)
        for place, method in enumerate(methods):
            own = table[table["method"] == method].sort_values("cell")
            inside = np.stack([own["label"].to_numpy() == c for c in cases])
            both = curves(inside, own[columns].to_numpy().T, weights)
            for axes, curve in zip((roc, recall), both, strict=True):
                _draw(axes, curve, readable_name(method), colours[method], place)
        roc.plot([0, 1], [0, 1], color=GREY, lw=0.9, ls=":", label="chance  0.500", zorder=1)
        share = float(np.mean([(first["label"] == c).mean() for c in cases]))
        recall.axhline(share, color=GREY, lw=0.9, ls=":", label=f"chance  {share:.3f}", zorder=1)
        of = f"{class_names[1]} against {class_names[0]}" if len(cases) == 1 else "mean over classes against the rest"
        for axes, x, y, title in (
            (roc, "false positive rate", "true positive rate", "ROC, with AUROC"),
            (recall, "recall", "precision", "Precision and recall, with AUPRC"),
        ):
            axes.set_xlabel(f"{x} ({of})")
            axes.set_ylabel(y)
            axes.set_xlim(-0.01, 1.01)
            axes.set_ylim(-0.01, 1.02)
            axes.set_aspect("equal")
            axes.grid()
            axes.set_title(title, size=SMALL + 1)
            axes.legend(loc="upper left", bbox_to_anchor=(0, -0.2), borderaxespad=0, handlelength=1.6)
        donors = first["donor"].nunique()
        size = amount(len(first), "cell") + (f" of {amount(donors, 'donor')}" if donors else "")
        why = "too few donors of a class" if donors else "donors not known"
        over = "donors" if over_donors else f"cells ({why}), too narrow for new donors"
        title = f"{population}: held-out cells ({split} split, n = {size})"
        figure.text(0.01, 0.965, title, weight="bold", size=TITLE, va="center")
        told = f"band: 95 % of the curve, bootstrap over {over}"
        figure.text(0.01, 0.915, told, size=SMALL, color=GREY, va="center")
    return figure


def resampled_weights(cells: pd.DataFrame, resamples: int, rng: np.random.Generator) -> tuple[np.ndarray, bool]:
    """How often each cell is drawn: (resamples, n), and whether donors were drawn.

    Parameters
    ----------
    cells
        Columns ``donor`` and ``label``; n rows.
    resamples
        Draws that hold all classes; of more than ten times as many draws the rest is given up.
    rng
        Source of the draws.
    """
    labels = cells["label"].to_numpy()
    known = cells["donor"].notna().all()
    over_donors = bool(known and cells.groupby("label")["donor"].nunique().min() >= LEAST_DONORS)
    units = pd.factorize(cells["donor"])[0] if over_donors else np.arange(len(cells))
    count, drawn = units.max() + 1, []
    for _ in range(10 * resamples):
        weight = np.bincount(rng.integers(0, count, count), minlength=count)[units]
        if all(weight[labels == c].any() for c in np.unique(labels)):
            drawn.append(weight)
        if len(drawn) == resamples:
            break
    return np.array(drawn, dtype=np.int32), over_donors


def curves(inside: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> tuple[Curve, Curve]:
    """ROC and precision-recall curve, the mean over classes.

    Parameters
    ----------
    inside
        (K, n) whether a cell is of the class.
    scores
        (K, n) its probability.
    weights
        (R, n) of the resamples.
    """
    whole = np.ones((1, inside.shape[1]), dtype=np.int32)
    single = [_weighted(own, score, whole) for own, score in zip(inside, scores, strict=True)]
    drawn = [_weighted(own, score, weights) for own, score in zip(inside, scores, strict=True)]
    result = []
    for kind in (0, 1):
        y, area = (np.mean([one[kind][part] for one in single], axis=0) for part in (0, 1))
        band = np.mean([one[kind][0] for one in drawn], axis=0)
        low, high = np.percentile(band, INTERVAL, axis=0)
        result.append(Curve(y[0], low, high, float(area[0])))
    return result[0], result[1]


Band = tuple[np.ndarray, np.ndarray]
"""Curves (R, 201) and their areas (R,)."""


def _weighted(inside: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> tuple[Band, Band]:
    """ROC and precision-recall curves of one class for each row of weights; the cells are sorted once.

    The area of the ROC is that of its trapezoids, that of precision and recall the average precision.
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)  # last cell of each score
    own = inside[order]
    roc, recall = [], []
    for weight in weights[:, order]:
        true = np.append(0, np.cumsum(weight * own)[ends]).astype(float)
        false = np.append(0, np.cumsum(weight * ~own)[ends]).astype(float)
        tpr, fpr = true / true[-1], false / false[-1]
        precision = np.ones_like(true)
        np.divide(true, true + false, out=precision, where=true + false > 0)
        last = np.append(np.flatnonzero(np.diff(fpr)), len(fpr) - 1)  # the highest point above each rate
        roc.append((np.interp(GRID, fpr[last], tpr[last]), np.trapezoid(tpr, fpr)))
        reached = np.searchsorted(tpr, GRID - 1e-12)
        reached[0] = np.searchsorted(tpr, 0, side="right")  # at recall 0: the first cells of the class
        recall.append((precision[np.minimum(reached, len(tpr) - 1)], np.sum(np.diff(tpr) * precision[1:])))
    return _stacked(roc), _stacked(recall)


def _stacked(rows: list[tuple[np.ndarray, np.floating]]) -> Band:
    return np.stack([curve for curve, _ in rows]), np.array([area for _, area in rows])


def _draw(axes: Axes, curve: Curve, name: str, colour: str, place: int) -> None:
    """A curve, its band and its line of the legend."""
    label = f"{name}  {curve.area:.3f}"
    axes.fill_between(GRID, curve.low, curve.high, color=colour, alpha=0.16, lw=0, zorder=2)
    axes.plot(GRID, curve.y, color=colour, lw=1.6, label=label, zorder=4 - 0.1 * place)
