"""Ways from a receptor over signals to transcription factors, completed to targets, and which of them are taken.

Every search keeps the typed order: all steps are signaling steps; no gene between the receptor and the transcription
factor is a receptor, though the factor itself may be one, as nuclear receptors are; no gene occurs twice.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import nsmallest
from itertools import islice, pairwise

import numpy as np
import pandas as pd

from pathlore.config import PathConfig
from pathlore.graph.network import restrict
from pathlore.keys import Kind

Route = tuple[float, tuple[str, ...]]
"""Cost and genes of a way; routes compare by cost, then by genes."""


@dataclass(frozen=True)
class Step:
    """One association as the search sees it."""

    cost: float
    sign: int
    pathways: tuple[str, ...]
    via: tuple[str, ...]  # genes that were not measured and are passed over


Steps = Mapping[str, Mapping[str, Step]]
"""Source -> target -> step."""


@dataclass(frozen=True)
class Ways:
    """What a search may use: the steps among the genes of a population, and the roles that order them.

    ``receptors`` are the targets of ``ligand_receptor`` edges of the *whole* network: a receptor's ligand may come
    from another cell.
    """

    signaling: Steps
    regulation: Steps
    receptors: frozenset[str]
    first: frozenset[str] | None = None  # receptors that a path may begin at; None: any

    @property
    def tfs(self) -> frozenset[str]:
        """Genes that regulate a target."""
        return frozenset(self.regulation)

    @property
    def heads(self) -> list[str]:
        """Receptors from which a signal can leave, sorted."""
        heads = self.receptors & self.signaling.keys()
        return sorted(heads if self.first is None else heads & self.first)

    def of_route(self, genes: tuple[str, ...]) -> list[Step]:
        """The steps of a whole path; KeyError if one is not there."""
        inner = [self.signaling[a][b] for a, b in pairwise(genes[:-1])]
        return [*inner, self.regulation[genes[-2]][genes[-1]]]

    def within(self, pathway: str) -> "Ways":
        """The steps of one named pathway alone."""
        return replace(self, signaling=_named(self.signaling, pathway), regulation=_named(self.regulation, pathway))

    def narrowed(self, receptors: Collection[str], tfs: Collection[str]) -> "Ways":
        """The same for paths that begin at one of some receptors and pass one of some factors; empty: any."""
        regulation = {tf: steps for tf, steps in self.regulation.items() if not tfs or tf in tfs}
        return replace(self, regulation=regulation, first=frozenset(receptors) if receptors else None)

    def pathways(self) -> dict[str, int]:
        """Named pathways of the steps, with the number of their steps."""
        count: dict[str, int] = defaultdict(int)
        for steps in (*self.signaling.values(), *self.regulation.values()):
            for step in steps.values():
                for name in step.pathways:
                    count[name] += 1
        return dict(sorted(count.items()))


def ways_among(network: pd.DataFrame, genes: set[str], step_cost: float) -> Ways:
    """Prepare the search among some genes of a network.

    A step costs ``(1 + m) (1 / sqrt(n_evidence) + step_cost)``, with m the genes that it passes over (``via``).
    """
    edges = restrict(network, genes)
    return Ways(
        signaling=_steps(edges[edges["kind"] == Kind.SIGNALING], step_cost),
        regulation=_steps(edges[edges["kind"] == Kind.TF_TARGET], step_cost),
        receptors=frozenset(network.loc[network["kind"] == Kind.LIGAND_RECEPTOR, "target"]),
    )


def _steps(edges: pd.DataFrame, step_cost: float) -> dict[str, dict[str, Step]]:
    steps: dict[str, dict[str, Step]] = defaultdict(dict)
    passed = [via.count(";") + 1 if via else 0 for via in edges["via"]]
    costs = (1.0 / np.sqrt(edges["n_evidence"].to_numpy(dtype=float)) + step_cost) * (1.0 + np.array(passed))
    columns = (edges[name] for name in ("source", "target", "sign", "pathway", "via"))
    for source, target, sign, pathway, via, cost in zip(*columns, costs.tolist(), strict=True):
        steps[source][target] = Step(cost, int(sign), _names(pathway), _names(via))
    return dict(steps)


def _names(joined: object) -> tuple[str, ...]:
    return tuple(joined.split(";")) if isinstance(joined, str) and joined else ()


def _named(steps: Steps, pathway: str) -> dict[str, dict[str, Step]]:
    kept = {a: {b: step for b, step in following.items() if pathway in step.pathways} for a, following in steps.items()}
    return {source: following for source, following in kept.items() if following}


Routes = dict[str, list[Route]]
"""Transcription factor -> ways to it, the cheapest first."""


@dataclass(frozen=True)
class Bounds:
    """How far a search goes, in signaling steps, and how many ways it keeps."""

    limit: int  # most steps
    fewest: int  # fewest steps
    labels: int  # ways that each gene keeps for each length
    to_tf: Mapping[str, int]  # steps from each gene to the nearest factor

    @classmethod
    def of(cls, ways: Ways, config: PathConfig) -> "Bounds":
        """Read the bounds of whole paths, whose last step is factor -> target."""
        limit = config.max_edges - 1
        return cls(limit, config.min_nodes - 2, config.labels_per_gene, steps_to_tf(ways, limit))


def k_shortest(ways: Ways, receptor: str, bounds: Bounds) -> Routes:
    """Find the cheapest simple ways to each transcription factor, by a length-bounded k-best dynamic programme.

    Step by step, each gene keeps the ``labels`` cheapest ways that reach it with exactly that many steps. So the work
    grows with steps x edges x labels, whatever the number of paths that exist. Cheapest ways are found exactly as long
    as ``labels`` is not too small for a cheap way that a later gene would repeat.

    Parameters
    ----------
    ways
        Steps and roles.
    receptor
        Where the ways begin.
    bounds
        How far to go, and how many ways to keep.
    """
    to_tf, limit = bounds.to_tf, bounds.limit
    frontier: Routes = {receptor: [(0.0, (receptor,))]}
    arrived: dict[str, list[Route]] = defaultdict(list)
    for step in range(1, limit + 1):
        reached: dict[str, list[Route]] = defaultdict(list)
        for gene, routes in frontier.items():
            for following, edge in ways.signaling.get(gene, {}).items():
                if to_tf.get(following, limit + 1) > limit - step:
                    continue
                reached[following].extend(
                    (cost + edge.cost, (*genes, following)) for cost, genes in routes if following not in genes
                )
        best = {gene: nsmallest(bounds.labels, routes) for gene, routes in reached.items() if routes}
        if step >= bounds.fewest:
            for tf in ways.tfs & best.keys():
                arrived[tf].extend(best[tf])
        frontier = {gene: routes for gene, routes in best.items() if gene not in ways.receptors}
    return {tf: sorted(arrived[tf]) for tf in sorted(arrived)}


def shortest(ways: Ways, receptor: str, bounds: Bounds) -> Routes:
    """Find, for each transcription factor, the way of the fewest steps, of several the cheapest."""
    routes = k_shortest(ways, receptor, bounds)
    return {tf: [min(found, key=lambda route: (len(route[1]), route))] for tf, found in routes.items()}


def all_simple(ways: Ways, receptor: str, bounds: Bounds) -> Iterator[Route]:
    """List every simple way to every transcription factor, one by one; their number may explode with the limit."""
    to_tf, limit = bounds.to_tf, bounds.limit

    def walk(cost: float, genes: tuple[str, ...]) -> Iterator[Route]:
        steps = len(genes) - 1
        if steps >= max(bounds.fewest, 1) and genes[-1] in ways.regulation:
            yield cost, genes
        if steps == limit or (steps and genes[-1] in ways.receptors):
            return
        for following, edge in ways.signaling.get(genes[-1], {}).items():
            if following not in genes and to_tf.get(following, limit + 1) < limit - steps:
                yield from walk(cost + edge.cost, (*genes, following))

    return walk(0.0, (receptor,))


def steps_to_tf(ways: Ways, limit: int) -> dict[str, int]:
    """Signaling steps from each gene to the nearest factor, by a breadth-first search against the edges.

    The way does not lead through a receptor, but it may end at one.
    """
    sources = _reversed(ways.signaling)
    distance = dict.fromkeys(ways.tfs, 0)
    frontier = set(distance)
    for step in range(1, limit + 1):
        frontier = {s for gene in frontier for s in sources.get(gene, ()) if s not in distance}
        frontier -= ways.receptors
        distance.update(dict.fromkeys(frontier, step))
    return distance


def _reversed(signaling: Steps) -> dict[str, list[str]]:
    sources: dict[str, list[str]] = defaultdict(list)
    for source, targets in signaling.items():
        for target in targets:
            sources[target].append(source)
    return sources


def candidates(routes: Mapping[str, Routes], ways: Ways, config: PathConfig) -> set[Route]:
    """Complete ways to a target: the best receptors for each TF -> target edge, and the best TFs for each receptor.

    Of each receptor, TF and target that are chosen so, the ``paths_per_pair`` cheapest paths are candidates.

    Parameters
    ----------
    routes
        Receptor -> TF -> ways.
    ways
        Where the TF -> target steps are.
    config
        ``receptors_per_target``, ``tfs_per_receptor`` and ``paths_per_pair``.
    """
    chosen: set[tuple[str, str, str]] = set()  # receptor, TF, target
    for tf, targets in ways.regulation.items():
        arriving = {head: found[tf] for head, found in routes.items() if tf in found}
        for target, edge in targets.items():
            first = (route for found in arriving.values() for route in _complete(found, target, edge, 1))
            chosen.update(_ends(route) for route in nsmallest(config.receptors_per_target, first))
    for found in routes.values():
        per_tf = []
        for tf, arrived in found.items():
            best = [
                route for target, edge in ways.regulation[tf].items() for route in _complete(arrived, target, edge, 1)
            ]
            per_tf.extend([min(best)] if best else [])
        chosen.update(_ends(route) for route in nsmallest(config.tfs_per_receptor, per_tf))
    return {
        route
        for head, tf, target in chosen
        for route in _complete(routes[head][tf], target, ways.regulation[tf][target], config.paths_per_pair)
    }


def select_paths(candidates: set[Route], max_paths: int, max_per_receptor: int | None = None) -> list[Route]:
    """Choose at most ``max_paths`` candidates: coverage first, then evidence.

    In order of cost, a path is taken first if it brings a receptor or a TF that no path has yet, then if it brings a
    new target, then for its cost alone. The order is total (cost, then the names), so the choice is always the same.

    Examples
    --------
    >>> a, b, c = (0.1, ("R", "T", "X")), (0.2, ("R", "S", "T", "X")), (0.9, ("R", "T", "Y"))
    >>> select_paths({a, b, c}, max_paths=2) == [a, c]
    True
    """
    remaining = sorted(candidates)
    ordered: list[Route] = []
    covered: set[tuple[str, str]] = set()
    for places in ({"receptor": 0, "tf": -2}, {"target": -1}, {}):
        passed_over = []
        for route in remaining:
            brings = {(role, route[1][place]) for role, place in places.items()}
            if places and brings <= covered:
                passed_over.append(route)
            else:
                ordered.append(route)
                covered |= brings | {("target", route[1][-1])}
        remaining = passed_over
    return list(islice(_capped(ordered, max_per_receptor), max_paths))


def _capped(ordered: list[Route], max_per_receptor: int | None) -> list[Route]:
    """The first paths of each receptor."""
    if max_per_receptor is None:
        return ordered
    count: Counter[str] = Counter()
    kept = []
    for route in ordered:
        count[route[1][0]] += 1
        if count[route[1][0]] <= max_per_receptor:
            kept.append(route)
    return kept


def _complete(ways: list[Route], target: str, edge: Step, most: int) -> list[Route]:
    """The cheapest ways that do not pass the target yet, with the target at their end."""
    passing = ((cost + edge.cost, (*genes, target)) for cost, genes in ways if target not in genes)
    return list(islice(passing, most))


def _ends(route: Route) -> tuple[str, str, str]:
    """Receptor, TF and target of a path."""
    return route[1][0], route[1][-2], route[1][-1]
