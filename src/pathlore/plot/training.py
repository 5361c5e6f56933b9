"""How a fit went."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pathlore.plot.style import BLUE, GREY, INK, ORANGE, SMALL, amount, house_style, note, titled


def training_curves(history: pd.DataFrame, population: str) -> Figure:
    """Draw the losses and the validation AUROC by epoch; a line marks the best epoch.

    The best epoch is chosen as the fit chooses it: the highest validation AUROC (three decimals), then the lowest
    validation loss, then the first.

    Parameters
    ----------
    history
        `pathlore.schemas.History`.
    population
        Name for the title.
    """
    if history.empty:
        return note(f"{population}: no epoch was trained")
    history = history.sort_values("epoch")
    epochs = history["epoch"].to_numpy()
    auroc = history["validation_auroc"]
    best = _best(history)
    marker = "o" if len(history) <= 60 else ""
    with house_style():
        figure = Figure(figsize=(7.2, 2.9), layout="constrained")
        losses, ranking = figure.subplots(1, 2)
        for column, colour, label in (("train_loss", INK, "training"), ("validation_loss", ORANGE, "validation")):
            losses.plot(epochs, history[column], color=colour, marker=marker, ms=2.5, lw=1.3, label=label)
        losses.legend()
        losses.set_ylabel("loss")
        ranking.plot(epochs, auroc, color=BLUE, marker=marker, ms=2.5, lw=1.3, label="validation AUROC")
        ranking.axhline(0.5, color=GREY, lw=0.8, ls=":", label="chance")
        ranking.set_ylabel("validation AUROC")
        ranking.set_ylim(min(0.45, float(auroc.min()) - 0.05) if best is not None else 0, 1.01)
        if best is not None:
            for axes in (losses, ranking):
                axes.axvline(best["epoch"], color=GREY, lw=0.9, ls="--", zorder=0)
            ranking.plot(best["epoch"], best["validation_auroc"], "o", ms=6, mfc="white", mec=BLUE, mew=1.4, zorder=3)
            left = best["epoch"] > (epochs[0] + epochs[-1]) / 2
            ranking.annotate(
                f"best: epoch {best['epoch']:.0f}, {best['validation_auroc']:.3f}",
                (best["epoch"], 0.0), (-6 if left else 6, 6), xycoords=("data", "axes fraction"),
                textcoords="offset points", ha="right" if left else "left", size=SMALL,
            )  # fmt: skip
        for axes in (losses, ranking):
            axes.set_xlabel("epoch")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            axes.grid(axis="y")
        title = f"{population}: {amount(len(history), 'epoch')}, {history['seconds'].sum():,.0f} s"
        titled(figure, title)
    return figure


def _best(history: pd.DataFrame) -> pd.Series | None:
    """The row of the best epoch; none where no AUROC is defined."""
    scores = history.assign(score=history["validation_auroc"].round(3)).dropna(subset="score")
    order = scores.sort_values(["score", "validation_loss", "epoch"], ascending=[False, True, True])
    return None if order.empty else order.iloc[0]
