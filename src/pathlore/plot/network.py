"""The core network as a picture: from receptors on the left to targets on the right."""

from collections import defaultdict

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import CenteredNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path

from pathlore.keys import Role
from pathlore.plot.network_layout import BOX_HEIGHT, Layout, Slot, arrange
from pathlore.plot.style import (
    CONTRAST,
    GREY,
    INK,
    SMALL,
    TEXT,
    amount,
    axes_at,
    colour_bar,
    headed,
    house_style,
    note,
    text_width,
)

FOLD_CHANGES = CONTRAST
SIGN_COLOURS = {1: "#33475B", -1: "#9B2D73", 0: "#A9B0B8"}
SIGN_NAMES = {1: "activates, transcribes", -1: "inhibits, represses", 0: "sign not known"}
HEADINGS = {Role.RECEPTOR: "Receptors", Role.SIGNAL: "Signals", Role.TF: "TFs", Role.TARGET: "Targets"}
WIDEST, NARROWEST = 3.6, 0.8  # points, of an association
DASHES = (0, (3.2, 1.6))
PAD, EDGE, HEADER, FOOTER = 0.3, 0.18, 0.95, 1.0  # inches; EDGE is the band's distance from the margin
LEAST_WIDTH = 7.0  # inches, so that legend and colour bar fit
HUBS, LEAST_PATHS = 5, 3  # at most so many genes are hubs, each on so many paths at least
FRAME, HUB_FRAME = 0.7, 2.2  # points


def core_network_figure(network: nx.DiGraph, population: str, control: str, case: str) -> Figure:
    """Draw a core network in layers: receptors, signals, transcription factors, targets.

    A gene's colour is its log2 fold change (training cells, case against control), an association's width its
    importance, the sum over the chosen paths that take it. The genes with the most paths through them (see `hubs`) have
    a bold frame. A dashed line that ends in a bar inhibits or represses, a grey one with an arrow has no known sign,
    and one with an open circle passes over genes that were not measured. Associations of one sign that pass over a
    column to the same gene share their last stretch, which is as wide as the widest of them.

    Parameters
    ----------
    network
        From `pathlore.explain.core_network.core_network`.
    population, control, case
        Names for the title and the colour bar.
    """
    if not network:
        return note(f"{population}: no path, no core network")
    with house_style():
        layout = arrange(network, {gene: text_width(gene, TEXT, bold=True) for gene in network})
        content = layout.sides(len(layout.x) - 1)[1]
        width, height = max(LEAST_WIDTH, content + 2 * PAD), layout.height + BOX_HEIGHT + HEADER + FOOTER + 2 * 0.12
        figure = Figure(figsize=(width, height))
        axes = figure.add_axes((0, 0, 1, 1))  # 1 unit is 1 inch; the lowest gene is at y = 0
        left = (width - content) / 2
        axes.set_xlim(-left, width - left)
        axes.set_ylim(-FOOTER - BOX_HEIGHT / 2 - 0.12, height - FOOTER - BOX_HEIGHT / 2 - 0.12)
        axes.set_axis_off()
        _bands(axes, layout, network)
        _associations(axes, layout, network)
        norm = _genes(axes, layout, network)
        _title(figure, network, population)
        _legend(axes, network)
        _colour_bar(figure, norm, control, case)
    return figure


def hubs(network: nx.DiGraph) -> tuple[set[str], int]:
    """Genes with the most paths through them, and the least number of paths of one of them.

    The number is the smallest, of 3 or more, that at most five genes reach. No gene is a hub where none reaches it.

    Examples
    --------
    >>> network = nx.DiGraph()
    >>> network.add_nodes_from([("JUN", {"n_paths": 9}), ("FOS", {"n_paths": 4}), ("IL1B", {"n_paths": 1})])
    >>> sorted(hubs(network)[0]), hubs(network)[1]
    (['FOS', 'JUN'], 4)
    """
    counts = {gene: int(count or 0) for gene, count in network.nodes("n_paths")}
    for least in sorted({count for count in counts.values() if count >= LEAST_PATHS}):
        found = {gene for gene, count in counts.items() if count >= least}
        if len(found) <= HUBS:
            return found, least
    return set(), 0


def _bands(axes: Axes, layout: Layout, network: nx.DiGraph) -> None:
    """A pale band and a heading for each layer."""
    reach = BOX_HEIGHT / 2 + 0.12
    for layer, (first, last) in layout.spans.items():
        left, right = layout.sides(first)[0] - 0.12, layout.sides(last)[1] + 0.12
        band = FancyBboxPatch(
            (left, -reach), right - left, layout.height + 2 * reach,
            boxstyle="round,pad=0,rounding_size=0.1", fc="#F3F5F7", ec="none", zorder=0,
        )  # fmt: skip
        axes.add_patch(band)
        count = sum(own == layer for _, own in network.nodes("layer"))
        axes.text(
            (left + right) / 2, layout.height + reach + 0.08, f"{HEADINGS[layer]} ({count})",
            ha="center", va="bottom", size=SMALL, color=GREY, weight="bold",
        )  # fmt: skip


def _genes(axes: Axes, layout: Layout, network: nx.DiGraph) -> CenteredNorm:
    """A box for each gene; returns the scale of the colours."""
    changes = dict(network.nodes("log_fold_change"))
    known = [abs(change) for change in changes.values() if change is not None and np.isfinite(change)]
    norm = CenteredNorm(0, max([*known, 0.1]))
    strong, _ = hubs(network)
    for gene, slot in layout.genes.items():
        left, right = layout.sides(slot.column)
        change = changes[gene]
        measured = change is not None and np.isfinite(change)
        colour = FOLD_CHANGES(norm(change)) if measured else (1.0, 1.0, 1.0, 1.0)
        box = FancyBboxPatch(
            (left, layout.y[slot] - BOX_HEIGHT / 2), right - left, BOX_HEIGHT,
            boxstyle="round,pad=0,rounding_size=0.07", fc=colour, ec=INK,
            lw=HUB_FRAME if gene in strong else FRAME, ls="-" if measured else ":",
            zorder=4, gid=f"gene {gene}",
        )  # fmt: skip
        axes.add_patch(box)
        dark = float(np.dot(colour[:3], (0.299, 0.587, 0.114))) < 0.56
        axes.text(
            layout.x[slot.column], layout.y[slot] - 0.005, gene, color="white" if dark else INK,
            ha="center", va="center_baseline", size=TEXT, weight="bold", zorder=5,
        )  # fmt: skip
    return norm


def _associations(axes: Axes, layout: Layout, network: nx.DiGraph) -> None:
    """A curve with a head for each association, the least important first."""
    ports = _ports(layout)
    widths = _widths(network)
    for ends in sorted(layout.routes, key=lambda ends: (widths[ends], ends)):
        slots, backward = layout.routes[ends]
        sign, width = network.edges[ends]["sign"], widths[ends]
        start, stop = ports[ends]
        x_start, x_stop = layout.sides(slots[0].column)[1], layout.sides(slots[-1].column)[0]
        length = 0.06 + 0.018 * width
        room = 0.03 if sign < 0 else length * 0.8  # the line ends inside its head
        tip, facing = ((x_start, start), -1) if backward else ((x_stop, stop), 1)
        if backward:
            x_start += room
        else:
            x_stop -= room
        curve = _curve(layout, (x_start, start), slots[1:-1], (x_stop, stop))
        colour, rank = SIGN_COLOURS[sign], 1 + width / (2 * WIDEST)
        axes.add_patch(PathPatch(curve, fc="none", ec="#F7F8FA", lw=width + 1.4, capstyle="butt", zorder=rank))
        line = PathPatch(
            curve, fc="none", ec=colour, lw=width, ls=DASHES if sign < 0 else "-", capstyle="butt",
            zorder=rank, gid=f"association {ends[0]} {ends[1]}",
        )  # fmt: skip
        axes.add_patch(line)
        _head(axes, tip, facing, length, sign, width)
        if network.edges[ends].get("via"):
            side, height = (x_stop, stop) if backward else (x_start, start)
            _bridge(axes, (side + facing * 0.13, height), sign)


def _bridge(axes: Axes, centre: tuple[float, float], sign: int) -> None:
    """An open circle, behind the gene that an association leaves: it passes over genes that were not measured."""
    axes.add_patch(Circle(centre, 0.038, fc="white", ec=SIGN_COLOURS[sign], lw=1.0, zorder=3.5, gid="bridge"))


def _curve(layout: Layout, start: tuple[float, float], waypoints: list[Slot], stop: tuple[float, float]) -> Path:
    """Level at both ends and while it passes over a column, a smooth S in each gap."""
    vertices, codes = [start], [Path.MOVETO]
    for left, right, height in [(*layout.sides(slot.column), layout.y[slot]) for slot in waypoints] + [(*stop, None)]:
        entry = (left, height) if height is not None else stop
        x, y = vertices[-1]
        bend = 0.5 * (entry[0] - x)
        vertices += [(x + bend, y), (entry[0] - bend, entry[1]), entry]
        codes += [Path.CURVE4] * 3
        if height is not None:
            vertices.append((right, height))
            codes.append(Path.LINETO)
    return Path(vertices, codes)


def _head(axes: Axes, tip: tuple[float, float], facing: int, length: float, sign: int, width: float) -> None:
    """An arrow head, or a bar where the association inhibits."""
    x, y = tip
    if sign < 0:
        half = 0.055 + 0.012 * width
        bar = Line2D([x - facing * 0.03] * 2, [y - half, y + half], color=SIGN_COLOURS[sign], lw=2.0, zorder=3)
        bar.set_solid_capstyle("butt")
        axes.add_line(bar)
    else:
        corners = [(x, y), (x - facing * length, y + length * 0.42), (x - facing * length, y - length * 0.42)]
        axes.add_patch(Polygon(corners, closed=True, fc=SIGN_COLOURS[sign], ec="none", zorder=3))


def _ports(layout: Layout) -> dict[tuple[str, str], tuple[float, float]]:
    """Heights at which each association leaves its left and enters its right gene, spread over the side of the box.

    Associations that share a waypoint share the port.
    """
    sides: dict[tuple[Slot, int], set[Slot]] = defaultdict(set)
    for slots, _ in layout.routes.values():
        sides[slots[0], 0].add(slots[1])
        sides[slots[-1], 1].add(slots[-2])
    heights: dict[tuple[Slot, int, Slot], float] = {}
    for (slot, side), others in sides.items():
        reach = min(BOX_HEIGHT * 0.36, 0.045 * (len(others) - 1))
        places = np.linspace(-reach, reach, len(others)) if len(others) > 1 else [0.0]
        for place, other in zip(places, sorted(others, key=lambda o: (layout.y[o], o)), strict=True):
            heights[slot, side, other] = layout.y[slot] + float(place)
    return {
        ends: (heights[slots[0], 0, slots[1]], heights[slots[-1], 1, slots[-2]])
        for ends, (slots, _) in layout.routes.items()
    }


def _widths(network: nx.DiGraph) -> dict[tuple[str, str], float]:
    """Width in points of each association: it grows linearly with the importance, from one that can still be seen."""
    highest = max((score for *_, score in network.edges(data="importance")), default=0.0) or 1.0
    return {
        (a, b): NARROWEST + (WIDEST - NARROWEST) * score / highest for a, b, score in network.edges(data="importance")
    }


def _title(figure: Figure, network: nx.DiGraph, population: str) -> None:
    paths = network.graph.get("n_paths")
    parts = [f"the top {amount(paths, 'path')}"] if paths else []
    parts += [amount(len(network), "gene"), amount(network.number_of_edges(), "association")]
    headed(figure, f"Core signaling network, {population}", " · ".join(parts))


def _legend(axes: Axes, network: nx.DiGraph) -> None:
    """What lines mean, at the lower left: the signs, then the width of the least and the most important."""
    left, bottom = axes.get_xlim()[0] + EDGE, axes.get_ylim()[0] + 0.2
    signs = [sign for sign in SIGN_COLOURS if sign in {own for *_, own in network.edges(data="sign")}]
    for row, sign in enumerate(reversed(signs)):
        y, length = bottom + 0.2 * row, 0.095
        stop = left + 0.46 - (0.03 if sign < 0 else length * 0.8)
        axes.add_line(_line((left, y), stop, sign, 1.5))
        _head(axes, (left + 0.46, y), 1, length, sign, 1.5)
        axes.text(left + 0.56, y, SIGN_NAMES[sign], size=SMALL, va="center_baseline")
    widths = _widths(network)
    samples = {round(width, 2): network.edges[ends]["importance"] for ends, width in widths.items()}
    for row, width in enumerate(sorted({min(samples), max(samples)}) if samples else []):
        y, x = bottom + 0.2 * row, left + 2.45
        axes.add_line(_line((x, y), x + 0.46, 1, width))
        axes.text(x + 0.56, y, f"importance {samples[width]:.2g}", size=SMALL, va="center_baseline")
    if any(via for *_, via in network.edges(data="via")):
        y, x = bottom + 0.4, left + 2.45
        axes.add_line(_line((x, y), x + 0.46, 1, 1.5))
        _bridge(axes, (x + 0.13, y), 1)
        axes.text(x + 0.56, y, "passes over unmeasured genes", size=SMALL, va="center_baseline")
    strong, least = hubs(network)
    if strong:
        y, x = bottom + 0.6, left + 2.45
        box = FancyBboxPatch(
            (x + 0.1, y - 0.055), 0.3, 0.11, boxstyle="round,pad=0,rounding_size=0.04", fc="white", ec=INK,
            lw=HUB_FRAME, gid="hub",
        )  # fmt: skip
        axes.add_patch(box)
        paths = network.graph.get("n_paths")
        of = f"of the {amount(paths, 'path')}" if paths else "paths"
        axes.text(x + 0.56, y, f"hub: on {least} or more {of}", size=SMALL, va="center_baseline")


def _line(start: tuple[float, float], stop: float, sign: int, width: float) -> Line2D:
    x, y = start
    line = Line2D([x, stop], [y, y], color=SIGN_COLOURS[sign], lw=width, ls=DASHES if sign < 0 else "-")
    line.set_solid_capstyle("butt")
    return line


def _colour_bar(figure: Figure, norm: CenteredNorm, control: str, case: str) -> None:
    """What the boxes' colours mean, at the lower right."""
    bar = axes_at(figure, figure.get_size_inches()[0] - 2.3 - EDGE, 0.38, 2.3, 0.11)
    colour_bar(bar, norm, FOLD_CHANGES, f"log2 fold change, {case} / {control}", loc="center")
