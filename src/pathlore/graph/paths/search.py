"""Ways from a receptor over signals to transcription factors.

Every search keeps the typed order: all steps are signaling steps; no gene between the receptor and the transcription
factor is a receptor, though the factor itself may be one, as nuclear receptors are; no gene occurs twice.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import nsmallest

from pathlore.config import PathConfig
from pathlore.graph.paths.steps import Route, Steps, Ways

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
