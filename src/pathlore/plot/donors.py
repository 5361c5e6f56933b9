"""Activity of the top paths in each donor: as a heat map, and point by point with the scores of the receptors."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from pathlore.errors import PathloreError
from pathlore.plot.style import (
    GREY,
    INK,
    PALE,
    RELATIVE,
    SMALL,
    TEXT,
    TITLE,
    amount,
    axes_at,
    class_colours,
    colour_bar,
    headed,
    house_style,
    note,
    probability,
    readable_path,
    shortened,
    text_width,
)

CELL = 0.24  # inches, height of a row and width of a column
MOST_NAMES = 60  # donors; of more no name is written
REACH = 2.5  # standard deviations, at which the colours end
LONGEST = 1.4  # inches, of a donor's name
NUMBERS = {"p": "p", "q": "q"}
NUMBER_WIDTH = 0.62  # inches
FALSE_DISCOVERY = 0.05
LANE, FIELD, SIDE, BETWEEN = 0.36, 2.9, 2.6, 0.5  # inches, of the strips
SIGN_MODELS = {"coherent": "mean", "edge_signs": "by signs"}
DEFAULT_SIGN_MODEL = "coherent"


class DonorTable(NamedTuple):
    """What a heat map of donors shows.

    Attributes
    ----------
    paths
        R top paths, and beside each the sign model its activity was taken, its p and its q (NaN where there is none).
    columns
        D donors: ``donor``, ``condition``, ``n_cells`` (of the first path); the control's donors first.
    z
        (R, D), the activity in standard deviations over the donors; NaN where not known.
    """

    paths: pd.DataFrame
    columns: pd.DataFrame
    z: np.ndarray


def donor_table(
    activity: pd.DataFrame, tests: pd.DataFrame, importance: pd.DataFrame, n: int, classes: Sequence[str]
) -> DonorTable:
    """Bring the activity of the top paths into rows and columns.

    Each path is shown in the sign model that its test took (`pathlore.schemas.DonorTests`), without a test as the mean
    of its genes. z is over all donors of the path; 0 where all are equal.
    """
    ranked = importance[importance["path"].isin(activity["path"])].sort_values(["rank", "path"]).head(n)
    paths = ranked[["rank", "path"]].reset_index(drop=True)
    for name, otherwise in (("sign_model", DEFAULT_SIGN_MODEL), ("p", np.nan), ("q", np.nan)):
        first = tests.drop_duplicates("path")  # over all comparisons
        own = dict(zip(first["path"], first[name], strict=True))
        paths[name] = [own.get(path, otherwise) for path in paths["path"]]
    shown = activity[activity["path"].isin(paths["path"])]
    conditions = list(classes)
    columns = shown.drop_duplicates(["donor", "condition"])[["donor", "condition", "n_cells"]]
    columns = columns.assign(place=columns["condition"].map(conditions.index)).sort_values(["place", "donor"])
    keys = pd.MultiIndex.from_frame(columns[["donor", "condition"]])
    z = np.full((len(paths), len(columns)), np.nan)
    wide = {
        sign_model: shown.pivot_table(index=["donor", "condition"], columns="path", values=sign_model)
        for sign_model in SIGN_MODELS
    }
    for row, (path, sign_model) in enumerate(zip(paths["path"], paths["sign_model"], strict=True)):
        values = wide[sign_model][path].reindex(keys).to_numpy(float)
        z[row] = values - np.nanmean(values)
        sd = np.nanstd(values)
        z[row] = z[row] / sd if sd > 1e-9 else z[row] * 0
    return DonorTable(paths, columns.drop(columns="place").reset_index(drop=True), z)


def donor_heat_map(
    activity: pd.DataFrame,
    tests: pd.DataFrame,
    importance: pd.DataFrame,
    n: int,
    population: str,
    classes: Sequence[str],
) -> Figure:
    """Draw the activity of the top paths in each donor: a row for each path, a column for each donor and class.

    Colours are z over the donors of a row. Beside a row stand the sign model in which the activity was taken, p and q
    of the test over donors. Where no test was made, a sentence says why.

    Parameters
    ----------
    activity
        `pathlore.schemas.PathActivityByDonor`.
    tests
        `pathlore.schemas.DonorTests`; may be empty.
    importance
        `pathlore.schemas.PathImportance`, for the order.
    n
        Number of paths, from the top.
    population
        Name for the title.
    classes
        Names of the classes, the control first.

    Raises
    ------
    PathloreError
        ``n`` is below 1.
    """
    if n < 1:
        raise PathloreError(f"{n} paths to draw, at least 1 is needed: change `interpretation.report.bar_paths`")
    table = donor_table(activity, tests, importance, n, classes)
    if table.columns.empty:
        return note(f"{population}: no donor with enough cells, no activity by donor")
    paths, columns = table.paths, table.columns
    labels = [readable_path(path) for path in paths["path"]]
    numbers = {name: label for name, label in NUMBERS.items() if paths[name].notna().any()}
    named = len(columns) <= MOST_NAMES
    donors = [shortened(str(donor), LONGEST, SMALL) for donor in columns["donor"]] if named else []
    told = reason(tests) + (f"; dark: below {FALSE_DISCOVERY}" if numbers else "")
    with house_style():
        cell = _cell_width(columns, named=named)
        side = max(map(text_width, labels)) + 0.3
        field, tall = max(cell * len(columns), 1.2), CELL * len(paths)
        above, below = 1.05, max([text_width(name, SMALL) for name in donors] or [0.1]) + 1.05
        right = 0.85 + NUMBER_WIDTH * len(numbers) + 0.2
        headline = (
            f"{population}: the top {amount(len(paths), 'path')} in {amount(columns['donor'].nunique(), 'donor')}"
        )
        width = max(side + field + right, text_width(headline, TITLE, bold=True) + 0.4, text_width(told, SMALL) + 0.4)
        height = above + tall + below
        figure = Figure(figsize=(width, height))
        axes = axes_at(figure, side, below, field, tall)
        norm = Normalize(-REACH, REACH)
        axes.pcolormesh(np.ma.masked_invalid(table.z), cmap=RELATIVE, norm=norm, edgecolor="white", lw=0.6 * named)
        axes.set_xlim(0, len(columns))
        axes.set_ylim(len(paths), 0)
        axes.set_yticks(np.arange(len(paths)) + 0.5, labels, size=TEXT)
        axes.set_xticks(np.arange(len(donors)) + 0.5, donors, size=SMALL, rotation=90)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        _strip(figure, (side, below + tall, field), columns, class_colours(classes))
        at: Any = {"textcoords": "offset points", "size": SMALL, "annotation_clip": False}
        for place, (heading, texts, dark) in enumerate(_beside(paths, numbers)):
            x = 36 + place * NUMBER_WIDTH * 72
            axes.annotate(heading, (len(columns), 0), (x, 5), ha="center", color=GREY, **at)
            for row, (text, strong) in enumerate(zip(texts, dark, strict=True)):
                look: Any = {"color": INK, "weight": "bold"} if strong else {"color": GREY}
                axes.annotate(text, (len(columns), row + 0.5), (x, 0), ha="center", va="center", **at, **look)
        bar = axes_at(figure, side, 0.36, min(1.8, field), 0.1)
        colour_bar(bar, norm, RELATIVE, "activity, standard deviations over donors", ticks=[-2, 0, 2])
        headed(figure, headline, told)
    return figure


def donor_strips(
    activity: pd.DataFrame,
    tests: pd.DataFrame,
    importance: pd.DataFrame,
    receptors: pd.DataFrame,
    n: int,
    population: str,
    classes: Sequence[str],
) -> Figure:
    """Draw a point for each donor and class: one row for each of the first paths, and one for each receptor.

    Parameters
    ----------
    activity
        `pathlore.schemas.PathActivityByDonor`.
    tests
        `pathlore.schemas.DonorTests`; may be empty.
    importance
        `pathlore.schemas.PathImportance`, for the order.
    receptors
        `pathlore.schemas.ReceptorScoresByDonor`; may be empty.
    n
        Number of paths, from the top.
    population
        Name for the title.
    classes
        Names of the classes, the control first.
    """
    table = donor_table(activity, tests, importance, n, classes)
    if table.columns.empty:
        return note(f"{population}: no donor with enough cells, no activity by donor")
    left = []
    for path, model, q in zip(table.paths["path"], table.paths["sign_model"], table.paths["q"], strict=True):
        own = activity[activity["path"] == path]
        told = "" if q != q else f"q {probability(q)}"
        left.append((readable_path(path), own.assign(value=own[model or DEFAULT_SIGN_MODEL]), told))
    right = [(str(name), own.assign(value=own["score"]), "") for name, own in receptors.groupby("receptor", sort=False)]
    rows = max(len(left), len(right))
    width = SIDE + FIELD + BETWEEN + (1.1 + FIELD if right else 0) + 0.4
    height = rows * LANE + 1.5
    with house_style():
        figure = Figure(figsize=(width, height))
        headed(figure, f"{population}: {table.columns['donor'].nunique()} donors")
        tall, top = LANE * len(left), height - 0.75
        axes = axes_at(figure, SIDE, top - tall, FIELD, tall)
        _strips(axes, left, classes, SIDE - 0.3, "Path activity, mean z over donors")
        if right:
            tall = LANE * len(right)
            axes = axes_at(figure, SIDE + FIELD + BETWEEN + 1.1, top - tall, FIELD, tall)
            _strips(axes, right, classes, 1.0, "Receptor score, sd over receptors")
        for place, (name, colour) in enumerate(class_colours(classes).items()):
            at = (SIDE + place * 1.5) / width
            figure.text(at, 0.12 / height, f"● {name}", color=colour, size=SMALL, va="bottom")
    return figure


def reason(tests: pd.DataFrame) -> str:
    """The test and its donors in words, or why there was none."""
    if tests.empty:
        return "no test over donors was made"
    notes = tests["note"][tests["note"].fillna("") != ""]
    if tests["p"].notna().any():
        return f"all relabellings of the donors ({tests['n_donors'].mode()[0]})"
    return str(notes.mode()[0]) if len(notes) else f"no test over donors was made ({tests['n_donors'].mode()[0]})"


def _cell_width(columns: pd.DataFrame, *, named: bool) -> float:
    """Inches of a column: all names of the classes fit above theirs, up to an inch."""
    counts = columns["condition"].value_counts(sort=False)
    wanted = max((text_width(f"{name} ({count})", SMALL) + 0.1) / count for name, count in counts.items())
    return max(CELL if named else max(0.04, CELL * MOST_NAMES / len(columns)), min(wanted, 1.0))


def _strip(figure: Figure, at: tuple[float, float, float], columns: pd.DataFrame, colours: dict[str, str]) -> None:
    """A strip with a colour and the number of donors for each class, above the columns."""
    left, top, inches = at
    axes = axes_at(figure, left, top + 0.04, inches, 0.09)
    axes.set_xlim(0, len(columns))
    axes.set_ylim(0, 1)
    axes.set_axis_off()
    start = 0
    for name, count in columns["condition"].value_counts(sort=False).items():
        axes.add_patch(Rectangle((start, 0), count - 0.04, 1, color=colours[name], lw=0, gid=f"class {name}"))
        text = shortened(f"{name} ({count})", max(inches * count / len(columns), 0.35), SMALL)
        axes.text(start + count / 2, 1.5, text, ha="center", va="bottom", size=SMALL, color=INK)
        start += count


def _beside(paths: pd.DataFrame, numbers: dict[str, str]) -> list[tuple[str, list[str], list[bool]]]:
    """Columns beside the rows: heading, texts and which are dark."""
    columns = [("activity", [SIGN_MODELS[sign_model] for sign_model in paths["sign_model"]], [False] * len(paths))]
    for name, label in numbers.items():
        columns.append((label, [probability(value) for value in paths[name]], list(paths[name] < FALSE_DISCOVERY)))
    return columns


def _strips(
    axes: Axes, rows: list[tuple[str, pd.DataFrame, str]], classes: Sequence[str], room: float, title: str
) -> None:
    """A row for each, within it a lane for each class; the bar is the median."""
    colours = class_colours(classes)
    lanes = np.linspace(-0.24, 0.24, len(classes)) if len(classes) > 1 else np.zeros(1)
    for place, (_, table, told) in enumerate(rows):
        for lane, name in zip(lanes, classes, strict=True):
            values = table.loc[table["condition"] == name, "value"].to_numpy(dtype=float)
            if not len(values):
                continue
            axes.scatter(
                values, np.full(len(values), place + lane), s=16, color=colours[name], alpha=0.75, lw=0, zorder=3
            )
            middle = float(np.median(values))
            axes.plot([middle, middle], [place + lane - 0.13, place + lane + 0.13], color=colours[name], lw=2, zorder=4)
        if told:
            at: Any = {"xycoords": ("axes fraction", "data"), "xytext": (3, 0), "textcoords": "offset points"}
            axes.annotate(told, (1, place), va="center", size=SMALL - 1, color=GREY, annotation_clip=False, **at)
    axes.axvline(0, color=GREY, lw=0.6, zorder=1)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [shortened(name, room, SMALL) for name, *_ in rows], size=SMALL)
    axes.hlines(np.arange(len(rows) - 1) + 0.5, *axes.get_xlim(), color=PALE, lw=0.6, zorder=0)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(title, size=SMALL, pad=6)
