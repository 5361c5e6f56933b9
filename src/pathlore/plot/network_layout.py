"""Where the genes of a core network stand: a layered drawing after Sugiyama, Tagawa and Toda (1981).

Four steps: columns (receptor, signal, transcription factor, target; a layer whose genes act on each other gets one
column for each step), waypoints where an association passes over a column, an order within each column by barycentre
sweeps that keeps the fewest crossings seen, and heights by isotonic regression. Lengths are inches.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import networkx as nx
import numpy as np

from pathlore.explain.core_network import LAYERS

BOX_HEIGHT = 0.25
BOX_PITCH = 0.35  # between the centres of two genes
WAYPOINT_PITCH = 0.12  # between the centres of two waypoints
MARGIN = 0.2  # beside the text of a box, both sides together
TALLEST = 16  # targets in one column; more of them stand in two
SWEEPS = 24


class Slot(NamedTuple):
    """A gene in its column, or (with the name of a bundle) a waypoint on the way to it."""

    gene: str
    column: int
    bundle: str = ""


class Route(NamedTuple):
    """An association: its slots from left to right, and whether it runs against that order."""

    slots: list[Slot]
    backward: bool


@dataclass(frozen=True)
class Layout:
    """A finished layout; x and y are the centres of columns and slots, y counts upwards from 0."""

    genes: dict[str, Slot]
    routes: dict[tuple[str, str], Route]
    x: list[float]
    widths: list[float]
    y: dict[Slot, float]
    spans: dict[str, tuple[int, int]]  # first and last column of each layer
    height: float

    def sides(self, column: int) -> tuple[float, float]:
        """Left and right side of a column's boxes."""
        half = self.widths[column] / 2
        return self.x[column] - half, self.x[column] + half


def arrange(network: nx.DiGraph, label_widths: dict[str, float]) -> Layout:
    """Lay out a core network.

    Parameters
    ----------
    network
        From `pathlore.explain.core_network.core_network`, with at least one gene.
    label_widths
        Width of each gene's label.
    """
    columns = _columns(network)
    start = {
        gene: float(i) for i, gene in enumerate(sorted(network, key=lambda g: (-network.nodes[g]["importance"], g)))
    }
    order = _order(_routes(network, columns), columns, start)
    moved = _second_column(network, columns, order)
    if moved:
        columns |= moved
        start = {slot.gene: float(i) for slots in order for i, slot in enumerate(slots) if not slot.bundle}
    routes = _routes(network, columns)
    order = _order(routes, columns, start)
    y, height = _heights(order, routes)
    widths = [max((label_widths[s.gene] for s in slots if not s.bundle), default=0.2) + MARGIN for slots in order]
    spans = {
        layer: (min(own), max(own))
        for layer in LAYERS
        if (own := [columns[gene] for gene in network if network.nodes[gene]["layer"] == layer])
    }
    genes = {gene: Slot(gene, column) for gene, column in columns.items()}
    return Layout(genes, routes, _centres(widths, routes), widths, y, spans, height)


def _columns(network: nx.DiGraph) -> dict[str, int]:
    """Column of each gene: by layer, and within a layer by the longest way from its first genes."""
    columns: dict[str, int] = {}
    first = 0
    for layer in LAYERS:
        genes = sorted(gene for gene in network if network.nodes[gene]["layer"] == layer)
        inner = nx.DiGraph()
        inner.add_nodes_from(genes)
        inner.add_edges_from(sorted((a, b) for a, b in network.edges(genes) if b in inner and a != b))
        while not nx.is_directed_acyclic_graph(inner):  # the least important step of a loop runs backwards
            loop = [(a, b) for a, b, *_ in nx.find_cycle(inner)]
            inner.remove_edge(*min(loop, key=lambda ends: (network.edges[ends]["importance"], ends)))
        generations = list(nx.topological_generations(inner))
        columns |= {gene: first + depth for depth, own in enumerate(generations) for gene in own}
        first += len(generations)
    return columns


def _second_column(network: nx.DiGraph, columns: dict[str, int], order: list[list[Slot]]) -> dict[str, int]:
    """Every second target of a crowded first column, one column further; a gene that acts on a target stays."""
    targets = {gene for gene, layer in network.nodes("layer") if layer == LAYERS[-1]}
    first = min((columns[gene] for gene in targets), default=0)
    standing = [slot.gene for slot in order[first] if slot.gene in targets and not slot.bundle]
    if len(standing) <= TALLEST:
        return {}
    return {gene: first + 1 for gene in standing[1::2] if targets.isdisjoint(network.successors(gene))}


def _routes(network: nx.DiGraph, columns: dict[str, int]) -> dict[tuple[str, str], Route]:
    """Slots of each association; those of one sign that arrive at one gene share their waypoints."""
    routes = {}
    for source, target, sign in sorted(network.edges(data="sign")):
        if source == target:
            continue
        backward = columns[source] > columns[target]
        left, right = (target, source) if backward else (source, target)
        bundle = f"{sign}{'<' if backward else '>'}"
        between = [Slot(right, column, bundle) for column in range(columns[left] + 1, columns[right])]
        slots = [Slot(left, columns[left]), *between, Slot(right, columns[right])]
        routes[source, target] = Route(slots, backward)
    return routes


Links = list[set[tuple[Slot, Slot]]]
"""For each gap between two columns, the pairs of slots that a line joins."""


def _links(routes: dict[tuple[str, str], Route], n_columns: int) -> Links:
    links: Links = [set() for _ in range(n_columns - 1)]
    for slots, _ in routes.values():
        for pair in pairwise(slots):
            links[pair[0].column].add(pair)
    return links


def _order(routes: dict[tuple[str, str], Route], columns: dict[str, int], start: dict[str, float]) -> list[list[Slot]]:
    """Order the slots of each column so that few lines cross."""
    slots = {Slot(gene, column) for gene, column in columns.items()}
    slots |= {slot for route in routes.values() for slot in route.slots}
    n_columns = max(columns.values()) + 1
    order = [sorted((s for s in slots if s.column == c), key=lambda s: (start[s.gene], s)) for c in range(n_columns)]
    links = _links(routes, n_columns)
    best, fewest = order, _crossings(order, links)
    for sweep in range(SWEEPS):
        order = _sweep(order, links, rightwards=sweep % 2 == 0)
        crossings = _crossings(order, links)
        if crossings < fewest:
            best, fewest = order, crossings
    return best


def _sweep(order: list[list[Slot]], links: Links, *, rightwards: bool) -> list[list[Slot]]:
    """Sort each column by the mean place of its slots' neighbours in the column before (or behind) it."""
    order = [list(slots) for slots in order]
    for column in range(1, len(order)) if rightwards else range(len(order) - 2, -1, -1):
        before = column - 1 if rightwards else column + 1
        place = {slot: i for i, slot in enumerate(order[before])}
        neighbours: dict[Slot, list[int]] = {}
        for left, right in links[min(column, before)]:
            own, other = (right, left) if rightwards else (left, right)
            neighbours.setdefault(own, []).append(place[other])
        scale = len(order[before]) / max(1, len(order[column]))
        keys = {
            slot: float(np.mean(neighbours[slot])) if slot in neighbours else i * scale
            for i, slot in enumerate(order[column])
        }
        order[column].sort(key=keys.__getitem__)
    return order


def _crossings(order: list[list[Slot]], links: Links) -> int:
    """Number of pairs of lines that cross."""
    place = {slot: i for slots in order for i, slot in enumerate(slots)}
    total = 0
    for gap in links:
        if gap:
            left, right = np.array([(place[a], place[b]) for a, b in gap]).T
            total += int((np.sign(left[:, None] - left) * np.sign(right[:, None] - right) < 0).sum()) // 2
    return total


def _heights(order: list[list[Slot]], routes: dict[tuple[str, str], Route]) -> tuple[dict[Slot, float], float]:
    """Move each slot towards its neighbours, keeping the order and the distances, within the tallest column."""
    from scipy.optimize import isotonic_regression

    offsets = []  # of each slot from the first of its column, packed
    for slots in order:
        pitches = [(_pitch(a) + _pitch(b)) / 2 for a, b in pairwise(slots)]
        offsets.append(np.concatenate([[0.0], np.cumsum(pitches)]))
    height = max(float(own[-1]) for own in offsets)
    y = {
        slot: value + (height - own[-1]) / 2
        for slots, own in zip(order, offsets, strict=True)
        for slot, value in zip(slots, own, strict=True)
    }
    neighbours: dict[Slot, list[tuple[Slot, float]]] = {}
    for gap in _links(routes, len(order)):
        for left, right in sorted(gap):
            weight = (1.0, 2.0, 6.0)[bool(left.bundle) + bool(right.bundle)]  # straight where it passes over columns
            neighbours.setdefault(left, []).append((right, weight))
            neighbours.setdefault(right, []).append((left, weight))
    columns = list(range(len(order)))
    for column in (columns + columns[::-1]) * 6:
        slots, own = order[column], offsets[column]
        wanted, weights = zip(*(_pull(y, slot, neighbours.get(slot, [])) for slot in slots), strict=True)
        free = isotonic_regression(np.array(wanted) - own, weights=np.array(weights)).x
        y |= dict(zip(slots, own + np.clip(free, 0, height - own[-1]), strict=True))
    return {slot: height - float(value) for slot, value in y.items()}, height


def _pitch(slot: Slot) -> float:
    return WAYPOINT_PITCH if slot.bundle else BOX_PITCH


def _pull(y: dict[Slot, float], slot: Slot, neighbours: Iterable[tuple[Slot, float]]) -> tuple[float, float]:
    """Where its neighbours want a slot, and how much; a slot without any wants to stay."""
    pulls = [(y[other], weight) for other, weight in neighbours]
    total = sum(weight for _, weight in pulls)
    return (sum(place * weight for place, weight in pulls) / total, total) if total else (y[slot], 0.1)


def _centres(widths: list[float], routes: dict[tuple[str, str], Route]) -> list[float]:
    """Centres of the columns; a gap with many lines is wider."""
    centres = [widths[0] / 2]
    for (left, right), gap in zip(pairwise(widths), _links(routes, len(widths)), strict=True):
        centres.append(centres[-1] + left / 2 + min(1.7, 0.75 + 0.02 * len(gap)) + right / 2)
    return centres
