"""Over-smoothing: what more layers of the gene encoder do."""

import pandas as pd
from matplotlib.figure import Figure

from pathlore.keys import Method
from pathlore.plot.style import BLUE, GREY, PALE, PALETTE, TEXT, TITLE, house_style, note, readable_name

SHOWN = ("auroc", "balanced_accuracy")


def depth_curves(
    summary: pd.DataFrame, runs: pd.DataFrame, layers: dict[str, int], metrics: tuple[str, ...] = SHOWN
) -> Figure:
    """Draw metrics on test cells against the number of layers: a panel for each metric, a line for each population.

    Parameters
    ----------
    summary
        `pathlore.schemas.EvaluationSummary`.
    runs
        `pathlore.schemas.EvaluationRuns`, for the repeats.
    layers
        Number of layers of each variant, the default among them.
    metrics
        From left to right.
    """
    table = summary[summary["scenario"].isna() & (summary["level"] == "cell") & summary["variant"].isin(list(layers))]
    shown = [metric for metric in metrics if metric in set(table["metric"])]
    if not shown or table["variant"].nunique() < 2:
        return note("only one number of layers was run")
    populations = list(dict.fromkeys(table["population"]))
    colours = dict(zip(populations, [BLUE, *[c for c in PALETTE if c != BLUE]], strict=False))
    with house_style():
        figure = Figure(figsize=(0.6 + 2.9 * len(shown), 3.0), layout="constrained")
        for axes, metric in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
            for population in populations:
                rows = table[(table["metric"] == metric) & (table["population"] == population)]
                rows = rows.assign(layers=rows["variant"].map(layers)).sort_values("layers")
                own = runs[(runs["metric"] == metric) & (runs["population"] == population) & (runs["level"] == "cell")]
                own = own[(own["split"] == "test") & own["scenario"].isna() & own["variant"].isin(list(layers))]
                own = own.assign(layers=own["variant"].map(layers))
                for _, repeat in own.sort_values("layers").groupby(["fold", "seed"]):
                    axes.plot(repeat["layers"], repeat["value"], color=PALE, lw=0.9, zorder=1)
                colour = colours.get(population, GREY)
                axes.errorbar(rows["layers"], rows["mean"], yerr=rows["sd"].fillna(0), color=colour, lw=1.4,
                              marker="o", ms=5, mec="white", label=population, zorder=3)  # fmt: skip
            axes.set_title(readable_name(metric), size=TEXT, weight="bold")
            axes.set_xticks(sorted(set(layers.values())))
            axes.set_xlabel("layers of the gene encoder")
            axes.grid(axis="y")
        axes.plot([], [], color=PALE, label="one repeat")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower right", ncols=len(populations) + 1)
        figure.suptitle("Depth: mean and one sd over repeats", x=0.01, ha="left", weight="bold", size=TITLE)
    return figure


def layers_of(variants: dict[str, dict[str, object]], default: int, reference: str = Method.MODEL) -> dict[str, int]:
    """Number of layers of each variant of the axis `depth`.

    Parameters
    ----------
    variants
        Changed parameters by variant (``evaluation.variants.depth``).
    default
        ``modeling.model.layers`` of the default model.
    reference
        Name of the default model.

    Examples
    --------
    >>> layers_of({"layers_3": {"modeling.model.layers": 3}}, default=1)
    {'pathlore': 1, 'layers_3': 3}
    """
    key = "modeling.model.layers"
    return {reference: default} | {name: int(str(change[key])) for name, change in variants.items() if key in change}
