"""From ways to whole paths, and which of them are taken."""

from collections import Counter
from collections.abc import Mapping
from heapq import nsmallest
from itertools import islice

from pathlore.config import PathConfig
from pathlore.graph.paths.search import Routes
from pathlore.graph.paths.steps import Route, Step, Ways


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
