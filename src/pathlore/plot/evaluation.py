"""Plots of an evaluation: methods, recovery of planted paths, stability, nulls, depth, known ligands."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from pathlore.errors import PathloreError
from pathlore.evaluation.recovery import ONE_COHORT
from pathlore.evaluation.scores import shown_scores
from pathlore.evaluation.summary import common_repeats
from pathlore.keys import Method
from pathlore.plot.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    PALETTE,
    SMALL,
    TEXT,
    amount,
    house_style,
    note,
    probability,
    readable_name,
    readable_path,
    text_width,
    titled,
)

ACRONYMS = {"gcn": "GCN", "gat": "GAT", "gin": "GIN", "l1": "L1", "l2": "L2", "lsa": "LSA"}
COLOURS = {"model": ORANGE, "ablation": BLUE, "baseline": GREEN, "null": GREY}
ROW, GAP = 0.22, 0.8  # inches of a row of `variant_dots`, and rows between its groups
RECOVERY = {"auroc": "AUROC", "aupr": "Average precision", "precision_at_10": "Precision at 10"}
MEASURES = {
    "spearman": "Spearman correlation",
    "overlap_top_10": "Overlap of the top 10",
    "coefficient_of_variation": "Coefficient of variation",
}
LOOKS = {"seeds": (BLUE, "o", -0.16), "donors": (ORANGE, "s", 0.16)}
SAID = {"seeds": "over seeds (same donors held out)", "donors": "over held-out donors"}
PATH_ROW = 0.25  # inches
REPEAT: Any = {"ls": "", "marker": "o", "ms": 3, "mfc": PALE, "mec": GREY, "mew": 0.5}
DEPTH_METRICS = ("auroc", "balanced_accuracy")
BETWEEN = " minus "


def method_name(name: str) -> str:
    """Write the name of a method for a reader.

    Examples
    --------
    >>> method_name("paths_l1"), method_name("gcn"), method_name("text_zero")
    ('Paths L1', 'GCN', 'Text zero')
    """
    words = [ACRONYMS.get(word, word) for word in name.replace("_", " ").split(" ")]
    return " ".join(words) if words[0].isupper() else readable_name(" ".join(words))


def variant_dots(
    summary: pd.DataFrame,
    runs: pd.DataFrame,
    population: str,
    metric: str = "auroc",
    level: str = "cell",
    reference: str = Method.MODEL,
) -> Figure:
    """Draw a figure of each method: its mean over repeats, each repeat, and the 95 % interval where there is one.

    Parameters
    ----------
    summary
        `pathlore.schemas.EvaluationSummary`.
    runs
        `pathlore.schemas.EvaluationRuns`, for the repeats that are in the means.
    population, metric, level
        Which rows; simulated scenarios are left out.
    reference
        The default model; a line stands at its mean.

    Returns
    -------
    The default first, then the baselines, then the variants by what they change, then nulls.
    """
    wanted = (summary["population"] == population) & (summary["metric"] == metric) & (summary["level"] == level)
    table = summary[wanted & summary["scenario"].isna()]
    if table.empty:
        return note(f"{population}: no {readable_name(metric)} on level {level}")
    single = runs[(runs["population"] == population) & (runs["metric"] == metric) & (runs["level"] == level)]
    single = common_repeats(single[(single["split"] == "test") & single["scenario"].isna()].assign(scenario=""))
    groups = _groups(table, reference)
    names = {row.variant: f"{method_name(row.variant)} ({row.n})" for row in table.itertuples()}
    places, place = {}, 0.0
    for _, rows in groups:
        for name in rows["variant"]:
            places[name] = place
            place += 1
        place += GAP
    with house_style():
        width = max(text_width(name) for name in names.values()) + 4.6
        figure = Figure(figsize=(width, 1.3 + ROW * place), layout="constrained")
        axes = figure.add_subplot()
        default = table.loc[table["variant"] == reference, "mean"]
        if len(default):
            axes.axvline(default.iloc[0], color=ORANGE, lw=0.9, zorder=0)
        if metric in {"auroc", "balanced_accuracy"}:
            axes.axvline(0.5, color=GREY, lw=0.9, ls=":", zorder=0)
        for title, rows in groups:
            top = places[rows["variant"].iloc[0]]
            axes.text(1.01, top, title, transform=axes.get_yaxis_transform(), size=SMALL, color=GREY, va="center")
            for row in rows.itertuples():
                values = single.loc[single["variant"] == row.variant, "value"]
                _mark(axes, places[row.variant], COLOURS.get(row.kind, BLUE), row.mean, (row.low, row.high), values)
        axes.set_yticks(list(places.values()), [names[name] for name in places], size=TEXT)
        axes.set_ylim(place - GAP - 0.3, -0.7)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        unit = {"cell": "test cells", "donor": "test donors", "cell_within_type": "test cells within type"}
        axes.set_xlabel(f"{readable_name(metric)}, {unit.get(level, level)} (number of repeats in brackets)")
        figure.legend(handles=_legend(table), loc="outside lower right", ncols=3)
        titled(figure, f"{population}: every method on the same splits")
    return figure


def _groups(table: pd.DataFrame, reference: str) -> list[tuple[str, pd.DataFrame]]:
    """Rows by axis; baselines from the best to the worst, all others in the order of the table."""
    table = table.assign(axis=table["axis"].fillna(""))
    default = table["variant"] == reference
    kinds = table["kind"].where(table["kind"].isin(["baseline", "ranking", "null"]), table["axis"]).mask(default, "")
    groups = [("", table[default])]
    for name in ["baseline", *[axis for axis in kinds.unique() if axis not in {"", "baseline", "null"}], "", "null"]:
        rows = table[(kinds == name) & ~default]
        if name == "baseline":
            rows = rows.sort_values("mean", ascending=False)
        groups.append(({"baseline": "baselines", "null": "nulls"}.get(name, name.replace("_", " ")), rows))
    return [(name, rows) for name, rows in groups if len(rows)]


def _legend(table: pd.DataFrame) -> list[Line2D]:
    marks = [
        Line2D([], [], ls="", marker="o", ms=6, color=colour, label=f"{kind}, mean")
        for kind, colour in COLOURS.items()
        if kind in set(table["kind"])
    ]
    marks.append(Line2D([], [], **REPEAT, label="one repeat"))
    drawn = table.loc[table["low"].notna(), "interval"]
    if len(drawn):
        marks.append(Line2D([], [], color=GREY, lw=1.4, label=f"95 % interval, {drawn.iloc[0]}"))
    return marks


def recovery_dots(
    summary: pd.DataFrame, recoveries: pd.DataFrame, metric: str = "auroc", reference: str = Method.MODEL
) -> Figure:
    """Draw the recovery of planted paths: a panel for each scenario, a row for each ranking, a dot for each simulation.

    Parameters
    ----------
    summary
        `pathlore.schemas.Recovery`.
    recoveries
        `pathlore.evaluation.recovery.recoveries`: the single simulations.
    metric
        auroc, aupr or precision_at_10.
    reference
        The default model; a line stands at its mean. Of it all scores are shown, of the others the one that they are
        judged by.
    """
    table = shown_scores(summary[summary["metric"] == metric], reference)
    if table.empty:
        return note("no ranking was judged against planted paths")
    single = recoveries[(recoveries["metric"] == metric)]
    table, single = (part.assign(ranking=_ranking(part)) for part in (table, single))
    scenarios = list(dict.fromkeys(table["scenario"]))
    order = table[table["scenario"] == scenarios[0]].sort_values("mean", ascending=False)["ranking"]
    order = list(dict.fromkeys([*order, *table["ranking"]]))
    labels = [method_name(name) for name in order]
    with house_style():
        width = max(map(text_width, labels)) + 0.5 + 1.75 * len(scenarios)
        figure = Figure(figsize=(max(width, 5), 1.35 + 0.23 * len(order)), layout="constrained")
        grid = figure.subplots(1, len(scenarios), sharex=True, sharey=True, squeeze=False)[0]
        for axes, scenario in zip(grid, scenarios, strict=True):
            rows = table[table["scenario"] == scenario]
            _recovery_panel(axes, rows, single[single["scenario"] == scenario], order, reference)
            name = "One cohort" if scenario == ONE_COHORT else readable_name(scenario)
            sizes = dict.fromkeys((rows["n"].min(), rows["n"].max()))
            axes.set_title(f"{name} (n = {' to '.join(map(str, sizes))})", size=TEXT, weight="bold")
            if metric == "auroc":
                axes.axvline(0.5, color=GREY, lw=0.9, ls=":", zorder=0)
        grid[0].set_yticks(range(len(order)), labels, size=TEXT)
        grid[0].set_ylim(len(order) - 0.4, -0.6)
        grid[len(grid) // 2].set_xlabel(f"{RECOVERY[metric]} of the planted paths", size=TEXT)
        handles = [
            Line2D([], [], ls="", marker="o", ms=6, color=ORANGE, label="the default model, mean"),
            Line2D([], [], ls="", marker="o", ms=6, color=BLUE, label="another ranking, mean"),
            Line2D([], [], **REPEAT, label=_single(scenarios)),
        ]
        if table["low"].notna().any():
            handles.append(Line2D([], [], color=GREY, lw=1.4, label="95 % interval"))
        figure.legend(handles=handles, loc="outside lower right", ncols=2 if len(scenarios) < 3 else 4)
        titled(figure, "Planted paths found")
    return figure


def _single(scenarios: list[str]) -> str:
    """What one dot is."""
    if ONE_COHORT not in scenarios:
        return "one simulation"
    return "one repeat" if len(scenarios) == 1 else "one simulation or repeat"


def _ranking(table: pd.DataFrame) -> np.ndarray:
    """Name of a method's score; that by which it is judged by default goes without."""
    other = table["score"] != "importance"
    return np.where(other, table["variant"] + ", " + table["score"].str.replace("_", " "), table["variant"])


def _recovery_panel(axes: Axes, rows: pd.DataFrame, single: pd.DataFrame, order: list[str], reference: str) -> None:
    for row in rows.itertuples():
        colour = ORANGE if row.ranking == reference else BLUE
        values = single.loc[single["ranking"] == row.ranking, "value"]
        _mark(axes, order.index(row.ranking), colour, row.mean, (max(row.low, 0), min(row.high, 1)), values)
        if row.ranking == reference:
            axes.axvline(row.mean, color=ORANGE, lw=0.9, zorder=0)
    axes.set_xlim(right=1.03)
    _as_rows(axes)


def stability_dots(stability: pd.DataFrame, population: str) -> Figure:
    """Draw how stable each method's scores of the paths are: a panel for each measure, bars of one sd over pairs.

    Of the default all scores are shown, of the other methods the one that they are judged by.

    Parameters
    ----------
    stability
        `pathlore.schemas.EvaluationStability`.
    population
        Which rows.
    """
    table = shown_scores(stability[(stability["population"] == population) & stability["mean"].notna()])
    if table.empty:
        return note(f"{population}: no ranking was repeated")
    names = np.where(table["score"] == "importance", table["variant"], table["variant"] + ", " + table["score"])
    table = table.assign(ranking=names)
    first = table[table["measure"] == "spearman"].groupby("ranking")["mean"].mean().sort_values(ascending=False)
    order = list(dict.fromkeys([*first.index, *table["ranking"]]))
    labels = [method_name(name) for name in order]
    with house_style():
        size = (max(map(text_width, labels)) + 0.4 + 2.2 * len(MEASURES), 1.35 + 0.32 * len(order))
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(1, len(MEASURES), sharey=True)
        for axes, (measure, title) in zip(grid, MEASURES.items(), strict=True):
            rows = table[table["measure"] == measure]
            for over, (colour, marker, step) in LOOKS.items():
                own = rows[rows["over"] == over]
                places = own["ranking"].map(order.index) + step
                spread = own["sd"].fillna(0) if measure != "coefficient_of_variation" else own["sd"] * 0
                axes.errorbar(own["mean"], places, xerr=spread, fmt=marker, ms=5, color=colour, mec="white", lw=1.2)
            axes.set_title(title, size=TEXT, weight="bold")
            axes.set_xlim(left=min(0, axes.get_xlim()[0]))
            if measure != "coefficient_of_variation":
                axes.set_xlim(right=1.03)
            axes.grid(axis="x")
            axes.tick_params(axis="y", length=0)
        grid[0].set_yticks(range(len(order)), labels, size=TEXT)
        grid[0].set_ylim(len(order) - 0.4, -0.6)
        handles = [
            Line2D([], [], ls="", marker=marker, ms=5, color=colour,
                   label=f"{SAID[over]}, {amount(int(pairs), 'pair')} at most")
            for over, (colour, marker, _) in LOOKS.items()
            if (pairs := table.loc[table["over"] == over, "pairs"].max()) == pairs
        ]  # fmt: skip
        figure.legend(handles=handles, loc="outside lower right", ncols=len(handles))
        titled(figure, f"{population}: how alike repeated rankings are")
    return figure


def significance_bars(
    significance: pd.DataFrame, population: str, n: int = 20, false_discovery: float = 0.05
) -> Figure:
    """Draw the top paths: mean importance with one sd over repeats, and the importances under permuted labels.

    Parameters
    ----------
    significance
        `pathlore.schemas.PathSignificance`.
    population
        Which rows.
    n
        Number of paths, from the top.
    false_discovery
        Paths with a q below it are filled.

    Raises
    ------
    PathloreError
        ``n`` is below 1.
    """
    if n < 1:
        raise PathloreError(f"{n} paths to draw, at least 1 is needed")
    table = significance[significance["population"] == population]
    if table.empty:
        return note(f"{population}: no path was ranked")
    top = table.sort_values(["importance", "path"], ascending=[False, True]).head(n)
    labels = [readable_path(path) for path in top["path"]]
    rows = np.arange(len(top))
    permuted = top["null_mean"].notna().any()
    with house_style():
        size = (max(map(text_width, labels)) + 4.6, 1.5 + PATH_ROW * len(top))
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        spread = top["null_sd"].fillna(0)
        left = (top["null_mean"] - 2 * spread).clip(lower=0)
        most = max(1.0, top["importance"].max())  # what an importance can be
        right = (top["null_mean"] + 2 * spread).clip(upper=most)
        axes.barh(rows, right - left, left=left, height=0.6, color=PALE)
        axes.plot(top["null_mean"], rows, "|", ms=9, color=GREY, mew=1.2)
        error = top["importance_sd"].fillna(0)
        below, above = error.clip(upper=top["importance"].clip(lower=0)), error.clip(upper=most - top["importance"])
        axes.errorbar(top["importance"], rows, xerr=[below, above], fmt="none", color=ORANGE, lw=1.3)
        found = (top["q"] < false_discovery).to_numpy()
        look: Any = {"ls": "", "marker": "o", "ms": 6, "mec": ORANGE, "mew": 1.1}
        axes.plot(top["importance"][found], rows[found], mfc=ORANGE, **look)
        axes.plot(top["importance"][~found], rows[~found], mfc="white", **look)
        beside: Any = {"xycoords": ("axes fraction", "data"), "size": SMALL, "color": GREY, "va": "center"}
        for row, q in enumerate(top["q"]):
            axes.annotate(probability(q), (1.02, row), **beside)
        axes.annotate("q", (1.02, -0.9), **beside)
        axes.set_yticks(rows, labels, size=TEXT)
        axes.set_ylim(len(top) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        axes.set_xlabel("path importance I, mean and one sd over repeats")
        handles: list[Line2D | Patch] = [Line2D([], [], mfc=ORANGE, label=f"q < {false_discovery:g}", **look)]
        handles.append(Line2D([], [], mfc="white", label="not below", **look))
        if permuted:
            count = amount(int(top["permutations"].max()), "permutation")
            handles.append(Patch(color=PALE, label=f"labels permuted: mean and two sd ({count})"))
        figure.legend(handles=handles, loc="outside lower right", ncols=len(handles))
        titled(figure, f"{population}: the top {len(top)} of {amount(len(table), 'path')}")
    return figure


def depth_curves(
    summary: pd.DataFrame, runs: pd.DataFrame, layers: dict[str, int], metrics: tuple[str, ...] = DEPTH_METRICS
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
        titled(figure, "Depth: mean and one sd over repeats")
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


def truth_dots(results: pd.DataFrame, unit: str = "receptor") -> Figure:
    """Draw the AUROC of the true receptors: a panel for each source, a row for each scorer, intervals over families.

    Parameters
    ----------
    results
        `pathlore.schemas.RealTruth`; differences are left out.
    unit
        Which rows are drawn.
    """
    table = results[(results["unit"] == unit) & ~results["scorer"].str.contains(BETWEEN, regex=False)]
    sources = list(dict.fromkeys(table["data"]))
    mean = table.groupby("scorer")["auroc"].mean().sort_values(ascending=False)
    order = [Method.MODEL, *(name for name in mean.index if name != Method.MODEL)]
    labels = [readable_name(name) for name in order]
    with house_style():
        width = max(map(text_width, labels)) + 0.5 + 1.7 * len(sources)
        figure = Figure(figsize=(max(width, 5), 1.2 + 0.23 * len(order)), layout="constrained")
        grid = figure.subplots(1, len(sources), sharex=True, sharey=True, squeeze=False)[0]
        for axes, source in zip(grid, sources, strict=True):
            rows = table[table["data"] == source]
            _truth_panel(axes, rows, order)
            n = rows["n"].max()
            title = f"{readable_name(source)}\n({n} ligand{'' if n == 1 else 's'})"
            axes.set_title(title, size=TEXT, weight="bold")
        grid[0].set_yticks(range(len(order)), labels, size=TEXT)
        grid[0].set_ylim(len(order) - 0.4, -0.6)
        grid[len(grid) // 2].set_xlabel("AUROC of the true receptors, 95 % interval over families", size=TEXT)
        titled(figure, "Receptors of the ligand that was given")
    return figure


def _truth_panel(axes: Axes, rows: pd.DataFrame, order: list[str]) -> None:
    axes.axvline(0.5, color=GREY, lw=0.9, ls=":", zorder=0)
    for row in rows.itertuples():
        colour = ORANGE if row.scorer == Method.MODEL else BLUE
        _mark(axes, order.index(row.scorer), colour, row.auroc, (row.low, row.high), size=5)
        if row.scorer == Method.MODEL:
            axes.axvline(row.auroc, color=ORANGE, lw=0.9, zorder=0)
    axes.set_xlim(0.3, 1.03)
    _as_rows(axes)


def _mark(
    axes: Axes,
    place: float,
    colour: str,
    mean: float,
    ends: tuple[float, float],
    single: Sequence[float] | pd.Series = (),
    size: float = 6,
) -> None:
    """A method in its row: a pale dot for each repeat, the interval where there is one, the mean."""
    axes.plot(single, [place] * len(single), zorder=2, **REPEAT)
    if np.isfinite(ends[0]):
        axes.plot(ends, [place, place], color=colour, lw=1.4, zorder=1)
    axes.plot(mean, place, "o", ms=size, color=colour, mec="white", mew=0.6, zorder=3)


def _as_rows(axes: Axes) -> None:
    axes.xaxis.set_major_formatter("{x:g}")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
