"""The first cell-cell interactions, each from a sender's ligand to the targets in the receiver."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import CenteredNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch

from pathlore.errors import PathloreError
from pathlore.plot.cell_communication.matrix import FALSE_DISCOVERY, NO_INTERACTION
from pathlore.plot.style import (
    CONTRAST,
    GREY,
    INK,
    SMALL,
    amount,
    axes_at,
    colour_bar,
    headed,
    house_style,
    note,
    probability,
    shortened,
    text_width,
)

ROW_HEIGHT, BOX = 0.34, 0.22  # inches
GAP = 0.3  # inches between two columns, with an arrow in it
WIDEST = {"sender": 1.7, "ligand": 1.3, "receptor": 1.3, "between": 1.5, "tfs": 1.4, "targets": 1.9, "receiver": 1.7}
HEADINGS = {"sender": "Sender", "ligand": "Ligand", "receptor": "Receptor", "between": "Signals", "tfs": "TFs",
            "targets": "Targets", "receiver": "Receiver"}  # fmt: skip
NUMBERS = {"score": "score", "q": "q, change", "q_specific": "q, specific", "ligand_q": "q, donors"}
NUMBER_WIDTH = 0.78  # inches
BIGGEST, SMALLEST = 11.0, 3.0  # points, of the dots
LISTED = 3  # genes of a field, at most


class Column(NamedTuple):
    """A column of texts: name, left side in inches, width."""

    name: str
    left: float
    width: float


def communication_interactions(interactions: pd.DataFrame, control: str, case: str, n: int = 15) -> Figure:
    """Draw the first interactions as rows: ligand (sender), receptor, signals, TFs, targets (receiver), numbers.

    The ligand's colour is its log2 fold change in the sender; its frame is dotted where it is not known. Signals are
    those of the receiver's best path from the receptor, TFs and targets those of all its top paths from there. The
    first arrow is dashed where the ligand is not highest in the class in which the path is more active. A dot's size
    is the score; a q below 0.05 is dark.

    Parameters
    ----------
    interactions
        `pathlore.schemas.CellCommunication`.
    control, case
        Names of the classes for the colour bar.
    n
        Number of interactions, from the top.

    Raises
    ------
    PathloreError
        ``n`` is below 1.
    """
    if n < 1:
        raise PathloreError(f"{n} interactions to draw, at least 1 is needed")
    if interactions.empty:
        return note(NO_INTERACTION)
    top = interactions.sort_values(["rank", "ligand", "receptor"]).head(n).reset_index(drop=True)
    fields = _fields(top)
    numbers = {name: label for name, label in NUMBERS.items() if name in top and top[name].notna().any()}
    with house_style():
        columns = _columns(fields)
        right = columns[-1].left + columns[-1].width + 0.15
        width = right + NUMBER_WIDTH * len(numbers) + 0.15
        height = 1.15 + ROW_HEIGHT * len(top) + 0.8
        figure = Figure(figsize=(width, height))
        axes = figure.add_axes((0, 0, 1, 1))  # 1 unit is 1 inch; the first row is at y = 0
        axes.set_xlim(0, width)
        axes.set_ylim(-(height - 1.15), 1.15)
        axes.set_axis_off()
        for row in range(0, len(top), 2):
            band = FancyBboxPatch((0.12, -ROW_HEIGHT * (row + 0.5)), width - 0.24, ROW_HEIGHT, fc="#F5F7F9", ec="none",
                                  boxstyle="round,pad=0,rounding_size=0.05", zorder=0)  # fmt: skip
            axes.add_patch(band)
        for column in columns:
            at = column.left + (0 if column.name in ("sender", "receiver") else column.width / 2)
            side = "left" if column.name in ("sender", "receiver") else "center"
            axes.text(at, 0.3, HEADINGS[column.name], ha=side, size=SMALL, color=GREY, weight="bold")
        norm = _boxes(axes, columns, fields, top)
        _arrows(axes, columns, fields, top)
        _draw_numbers(axes, right, numbers, top)
        _legend(figure, norm, control, case, top)
        headline = f"From cell to cell: the first {len(top)} of {amount(len(interactions), 'interaction')}"
        headed(figure, headline, f"dot: score, from 0 to 1 · dark: q < {FALSE_DISCOVERY}")
    return figure


def _fields(top: pd.DataFrame) -> pd.DataFrame:
    """What stands in each column of each row."""
    shown = pd.DataFrame({
        "sender": top["sender"],
        "ligand": top["ligand"].str.replace("_", " + "),
        "receptor": top["receptor"].str.replace("_", " + "),
        "between": [_between(path, tfs) for path, tfs in zip(top["path"], top["tfs"], strict=True)],
        "tfs": top["tfs"].map(_listed),
        "targets": top["targets"].map(_listed),
        "receiver": top["receiver"],
    })  # fmt: skip
    for name in shown:
        shown[name] = [shortened(text, WIDEST[name], SMALL) for text in shown[name]]
    return shown


def _between(path: str, tfs: str) -> str:
    """Genes of a path between its receptor and its transcription factor; empty where they touch.

    Examples
    --------
    >>> _between("R>A>B>TF>G", "TF;TF2"), _between("R>TF>G", "TF")
    ('A → B', '')
    """
    genes = path.split(">")[1:-1]
    known = set(tfs.split(";"))
    return " → ".join(gene for place, gene in enumerate(genes) if place < len(genes) - 1 and gene not in known)


def _listed(genes: str) -> str:
    """The first genes of a list, and how many more there are.

    Examples
    --------
    >>> _listed("A;B;C;D;E")
    'A, B, C +2'
    """
    names = [gene for gene in genes.split(";") if gene]
    more = f" +{len(names) - LISTED}" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _columns(fields: pd.DataFrame) -> list[Column]:
    """Each column is as wide as its widest text; signals have none where no path passes any."""
    columns, left = [], 0.22
    for name in fields:
        if name == "between" and not fields[name].any():
            continue
        width = max([text_width(text, SMALL, bold=True) for text in fields[name]] + [text_width(HEADINGS[name], SMALL)])
        columns.append(Column(str(name), left, width + 0.16))
        left += width + 0.16 + (0.12 if name in ("sender", "targets") else GAP)
    return columns


def _boxes(axes: Axes, columns: list[Column], fields: pd.DataFrame, top: pd.DataFrame) -> CenteredNorm:
    """The texts; ligand and receptor in boxes. Returns the scale of the ligands' colours."""
    changes = top["ligand_log_fold_change"].to_numpy(float)
    norm = CenteredNorm(0, max([0.1, *np.abs(changes[np.isfinite(changes)])]))
    for column in columns:
        for row, text in enumerate(fields[column.name]):
            y, colour, weight = -ROW_HEIGHT * row, INK, "normal"
            if column.name in ("ligand", "receptor"):
                change = changes[row] if column.name == "ligand" else np.nan
                fill = CONTRAST(norm(change)) if np.isfinite(change) else (1.0, 1.0, 1.0, 1.0)
                dotted = column.name == "ligand" and not np.isfinite(change)
                box = FancyBboxPatch(
                    (column.left, y - BOX / 2), column.width, BOX, boxstyle="round,pad=0,rounding_size=0.06", fc=fill,
                    ec=INK, lw=0.7, ls=":" if dotted else "-", zorder=3, gid=f"{column.name} {row}",
                )  # fmt: skip
                axes.add_patch(box)
                colour = "white" if float(np.dot(fill[:3], (0.299, 0.587, 0.114))) < 0.56 else INK
                weight = "bold"
            flush = column.name in ("sender", "receiver")
            axes.text(
                column.left + (0 if flush else column.width / 2), y, text, size=SMALL, color=colour,
                ha="left" if flush else "center", va="center_baseline", zorder=4, weight=weight,
            )  # fmt: skip
    return norm


def _arrows(axes: Axes, columns: list[Column], fields: pd.DataFrame, top: pd.DataFrame) -> None:
    """An arrow from field to field, from the ligand to the targets; over an empty field it goes on."""
    inner = [column for column in columns if column.name not in ("sender", "receiver")]
    for row in range(len(top)):
        own = [column for column in inner if fields[column.name][row]]
        for left, right in pairwise(own):
            boxed = {"ligand", "receptor"}
            start = left.left + left.width if left.name in boxed else _edge(left, fields[left.name][row], 1)
            stop = right.left if right.name in boxed else _edge(right, fields[right.name][row], -1)
            dashed = left.name == "ligand" and not bool(top["concordant"][row])
            axes.annotate(
                "", (stop - 0.03, -ROW_HEIGHT * row), (start + 0.03, -ROW_HEIGHT * row), gid=f"arrow {row}", zorder=2,
                arrowprops={"arrowstyle": "-|>,head_width=0.16,head_length=0.3", "color": GREY, "lw": 1.0,
                            "ls": (0, (3, 2)) if dashed else "-", "shrinkA": 0, "shrinkB": 0},
            )  # fmt: skip


def _edge(column: Column, text: str, side: int) -> float:
    """Where a centred text ends, at the right (1) or the left (-1)."""
    return column.left + column.width / 2 + side * (text_width(text, SMALL) / 2 + 0.03)


def _draw_numbers(axes: Axes, left: float, numbers: dict[str, str], top: pd.DataFrame) -> None:
    """Score as a dot with its number, then the q."""
    highest = float(top["score"].max()) or 1.0
    for place, (name, label) in enumerate(numbers.items()):
        x = left + NUMBER_WIDTH * (place + 0.5)
        axes.text(x, 0.3, label, ha="center", size=SMALL, color=GREY, weight="bold")
        for row, value in enumerate(top[name]):
            y = -ROW_HEIGHT * row
            if name == "score":
                size = SMALLEST + (BIGGEST - SMALLEST) * max(value, 0) / highest
                axes.plot(x - 0.2, y, "o", ms=size, color=INK, mec="none", gid=f"score {row}")
                axes.text(x - 0.04, y, f"{value:.2f}", size=SMALL, va="center_baseline")
            else:
                strong = value < FALSE_DISCOVERY
                axes.text(
                    x, y, probability(value), size=SMALL, ha="center", va="center_baseline",
                    color=INK if strong else GREY, weight="bold" if strong else "normal",
                )  # fmt: skip


def _legend(figure: Figure, norm: CenteredNorm, control: str, case: str, top: pd.DataFrame) -> None:
    """The colour bar at the lower left, and the arrows' meaning beside it."""
    width, height = figure.get_size_inches()
    told = f"ligand: log2 fold change, {case} / {control}"
    colour_bar(axes_at(figure, 0.22, 0.32, 2.0, 0.1), norm, CONTRAST, told)
    handles = [Line2D([], [], color=GREY, lw=1.0, label="ligand highest where the path is more active")]
    if not top["concordant"].all():
        handles.append(Line2D([], [], color=GREY, lw=1.0, ls=(0, (3, 2)), label="ligand highest in another class"))
    start = 0.22 + max(2.0, text_width(told, SMALL)) + 0.3
    figure.legend(handles=handles, loc="lower left", bbox_to_anchor=(start / width, 0.1 / height), borderaxespad=0)
