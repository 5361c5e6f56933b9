"""The sentences of the paths as points: what says much the same stands together."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pathlore.errors import PathloreError
from pathlore.explain.cell_map import tsne
from pathlore.plot.labels import Box, label_points
from pathlore.plot.style import (
    AMOUNTS,
    GREY,
    INK,
    SMALL,
    TITLE,
    amount,
    colour_bar,
    house_style,
    note,
    readable_path,
)

COMPONENTS = 20  # principal components before t-SNE
FEWEST = 10  # paths; of fewer the first two principal components are drawn
PERPLEXITY = 30.0
SMALLEST, BIGGEST, STEPS = 3.0, 9.5, 8  # points, of the dots, and steps between them
PATHWAYS, LEAST_PATHS = 8, 3  # names of pathways at most, each of so many paths at least
SIZE = (8.0, 6.2)  # inches


class Projection(NamedTuple):
    """Places of the paths in two dimensions, and how they were found."""

    places: np.ndarray  # (P, 2)
    method: str


def project(vectors: np.ndarray, seed: int = 0) -> Projection:
    """Bring the vectors, (P, T), to two dimensions.

    PCA to 20 components, then t-SNE (perplexity 30 or a third of the paths, whichever is less) with a fixed seed;
    with fewer than 10 paths, or where all sentences are equal, the first two principal components. Distances between
    far groups mean nothing in t-SNE, neighbourhoods do.
    """
    from sklearn.decomposition import PCA

    values = np.asarray(vectors, dtype=np.float64)
    count = len(values)
    if count < 2 or np.ptp(values, axis=0).max(initial=0.0) == 0:
        return Projection(np.zeros((count, 2)), "all sentences are equal")
    kept = min(COMPONENTS, count - 1, values.shape[1])
    components = PCA(kept, svd_solver="full").fit_transform(values)
    if count < FEWEST:
        places = np.pad(components[:, :2], ((0, 0), (0, max(0, 2 - kept))))
        return Projection(places, "PCA")
    perplexity = min(PERPLEXITY, (count - 1) / 3)
    return Projection(tsne(components, PERPLEXITY, seed), f"PCA and t-SNE, perplexity {perplexity:.0f}")


def placed_paths(paths: Sequence[str], projection: Projection, importance: pd.DataFrame) -> pd.DataFrame:
    """The ranked paths with their places ``x`` and ``y``, best first.

    Raises
    ------
    PathloreError
        A ranked path has no vector.
    """
    if len(paths) != len(projection.places):
        raise PathloreError(f"{len(projection.places):,} vectors of {len(paths):,} paths, one for each was expected")
    places = pd.DataFrame(projection.places, columns=["x", "y"]).assign(path=list(paths))
    missing = set(importance["path"]) - set(paths)
    if missing:
        raise PathloreError(
            f"{amount(len(missing), 'ranked path')} without a vector, first {min(missing)}: the text embedding belongs "
            "to another graph; run the pipeline `text_embedding` again"
        )
    return importance.merge(places, on="path").sort_values(["rank", "path"], ignore_index=True)


def sentence_map(
    paths: Sequence[str], projection: Projection, importance: pd.DataFrame, population: str, n: int = 10
) -> Figure:
    """Draw each path at the place of its sentence: colour is importance, size the activity AUROC.

    The first paths are named where there is room, and the most frequent pathways stand in grey near the middle of
    their paths. A path without an activity AUROC is the smallest.

    Parameters
    ----------
    paths
        P names, in the order of the vectors.
    projection
        From `project`.
    importance
        `pathlore.schemas.PathImportance`.
    population
        Name for the title.
    n
        Names of paths, at most.
    """
    table = placed_paths(paths, projection, importance)
    if len(table) < 2:
        return note(f"{population}: {amount(len(table), 'path')}, no map of sentences")
    points = table[["x", "y"]].to_numpy(float)
    sizes = dot_size(table["activity_auroc"])
    with house_style():
        figure = Figure(figsize=SIZE)
        axes = figure.add_axes((0.03, 0.115, 0.94, 0.765))
        low, high = points.min(axis=0), points.max(axis=0)
        room = np.where(high > low, high - low, 1.0) * 0.1
        axes.set_xlim(low[0] - room[0], high[0] + room[0])
        axes.set_ylim(low[1] - room[1], high[1] + room[1])
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(True)
        axes.spines[:].set_color("#D5DADF")
        norm = Normalize(0, 1)
        colours = table["importance"].to_numpy()
        for size in np.unique(sizes):  # one collection for each size: an SVG holds its shape once
            x, y = points[sizes == size].T
            axes.scatter(x, y, s=size**2, c=colours[sizes == size], cmap=AMOUNTS, norm=norm, ec=GREY, lw=0.5, zorder=3)
        taken: list[Box] = []
        texts = [readable_path(path) for path in table["path"][:n]] + [""] * max(0, len(table) - n)
        label_points(axes, points, texts, list(sizes / 2), taken, color=INK)
        names, middles = pathway_middles(table)
        label_points(
            axes, middles, names, [0.0] * len(names), taken, size=SMALL, color=GREY, style="italic", gid="pathway"
        )
        _keys(figure, norm, projection.method)
        figure.text(0.03, 0.96, f"{population}: the sentences of {amount(len(table), 'path')}", weight="bold",
                    size=TITLE, va="center")  # fmt: skip
        figure.text(
            0.03, 0.915, f"near points: like sentences ({projection.method})", size=SMALL, color=GREY, va="center"
        )
    return figure


def dot_size(activity_auroc: pd.Series) -> np.ndarray:
    """Diameter in points, in nine steps: from an AUROC of 0.5 or less to 1.0; not known: the smallest."""
    share = (activity_auroc.astype(float).fillna(0.5).clip(0.5, 1.0).to_numpy() - 0.5) * 2
    return np.asarray(SMALLEST + (BIGGEST - SMALLEST) * np.round(share * STEPS) / STEPS)


def pathway_middles(table: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """The most frequent pathways and the medians of their paths' places."""
    named = table.dropna(subset=["pathway"])
    named = named[named["pathway"].astype(str).str.strip() != ""]
    counts = named["pathway"].value_counts()
    names = sorted(counts[counts >= LEAST_PATHS].index, key=lambda name: (-counts[name], name))[:PATHWAYS]
    middles = [named.loc[named["pathway"] == name, ["x", "y"]].median().to_numpy(float) for name in names]
    return [str(name) for name in names], np.array(middles).reshape(-1, 2)


def _keys(figure: Figure, norm: Normalize, method: str) -> None:
    """The colour bar, and the sizes beside it."""
    colour_bar(figure.add_axes((0.03, 0.06, 0.22, 0.016)), norm, AMOUNTS, "path importance I", ticks=[0, 0.5, 1])
    effects = pd.Series([0.5, 0.75, 1.0])
    handles = [
        Line2D([], [], ls="", marker="o", ms=size, mfc="white", mec=GREY, mew=0.7, label=f"{effect:g}")
        for effect, size in zip(effects, dot_size(effects), strict=True)
    ]
    legend = figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.3, 0.03), ncols=3, borderaxespad=0, alignment="left",
        title="activity AUROC: the path alone, on held-out cells",
    )  # fmt: skip
    legend.get_title().set_fontsize(SMALL)
