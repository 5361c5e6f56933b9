"""Where the candidates come from: one function per mode of the search."""

from collections.abc import Iterator
from itertools import islice

import pandas as pd

from pathlore.config import PathConfig
from pathlore.errors import PathloreError
from pathlore.graph.paths import search
from pathlore.graph.paths.select import candidates
from pathlore.graph.paths.steps import Route, Ways, ways_among
from pathlore.graph.paths.user_file import read_paths

PARAMETER = "graph_construction.paths"

Rule = tuple[str, int, int]
"""One line of the report: what the rule is, how much it kept, how much it dropped."""

Found = tuple[dict[Route, str | None], list[Rule]]
"""Candidates, each with the pathway that it was searched in if it was; and the lines of the report."""


def find_candidates(network: pd.DataFrame, expressed: Ways, config: PathConfig, given: pd.DataFrame | None) -> Found:
    """Find the paths to choose from, by ``config.mode``; see `pathlore.graph.paths.find.find_paths`.

    Raises
    ------
    PathloreError
        Mode ``file`` without a table, or mode ``all_simple`` with more paths than ``enumeration_limit``.
    """
    if config.mode == "file":
        whole = ways_among(network, set(network["source"]) | set(network["target"]), config.step_cost)
        return _given(given, whole, expressed, config)
    expressed = expressed.narrowed(config.receptors, config.tfs)
    if config.mode == "all_simple":
        return _every(expressed, config)
    if config.mode == "pathway":
        return _within_pathways(expressed, config)
    routes = _routes(expressed, config)
    reached = {tf for found in routes.values() for tf in found}
    chosen = candidates(routes, expressed, config)
    return dict.fromkeys(chosen), [
        ("of these, receptors that reach a TF", len(routes), len(expressed.heads) - len(routes)),
        ("TFs reached by a receptor", len(reached), len(expressed.tfs) - len(reached)),
        ("candidates: best receptors per target edge, best TFs per receptor", len(chosen), 0),
    ]


def _given(given: pd.DataFrame | None, whole: Ways, expressed: Ways, config: PathConfig) -> Found:
    if given is None or given.empty:
        raise PathloreError(f"`{PARAMETER}.mode` is file, but no table of paths is given: name it by `paths`")
    routes, n_read = read_paths(given, whole, expressed)
    within = [route for route in routes if config.min_nodes <= len(route[1]) <= config.max_edges + 1]
    return dict.fromkeys(within), [
        ("given paths whose genes are all expressed", len(routes), n_read - len(routes)),
        ("given paths within min_nodes and max_edges", len(within), len(routes) - len(within)),
    ]


def _every(expressed: Ways, config: PathConfig) -> Found:
    found = list(islice(_simple_paths(expressed, config), config.enumeration_limit + 1))
    if len(found) > config.enumeration_limit:
        raise PathloreError(
            f"there are more than {config.enumeration_limit} simple paths of at most {config.max_edges} edges: lower "
            f"{PARAMETER}.max_edges, raise {PARAMETER}.enumeration_limit, or set {PARAMETER}.mode to k_shortest"
        )
    return dict.fromkeys(found), [("candidates: every simple path within the bounds", len(found), 0)]


def _simple_paths(expressed: Ways, config: PathConfig) -> Iterator[Route]:
    bounds = search.Bounds.of(expressed, config)
    for head in expressed.heads:
        for cost, genes in search.all_simple(expressed, head, bounds):
            for target, edge in expressed.regulation[genes[-1]].items():
                if target not in genes:
                    yield cost + edge.cost, (*genes, target)


def _within_pathways(expressed: Ways, config: PathConfig) -> Found:
    found: dict[Route, str | None] = {}
    sizes = expressed.pathways()
    wanted = [name for name in sizes if not config.pathways or name in config.pathways]
    for name in sorted(wanted, key=lambda name: (sizes[name], name)):  # a path of several belongs to the smallest
        part = expressed.within(name)
        for route in candidates(_routes(part, config), part, config):
            found.setdefault(route, name)
    return found, [
        ("named pathways with a path", len(set(found.values())), len(wanted) - len(set(found.values()))),
        ("candidates: within one named pathway", len(found), 0),
    ]


def _routes(expressed: Ways, config: PathConfig) -> dict[str, search.Routes]:
    """Receptor -> TF -> ways."""
    bounds = search.Bounds.of(expressed, config)
    find = search.shortest if config.mode == "shortest" else search.k_shortest
    routes = {head: find(expressed, head, bounds) for head in expressed.heads}
    return {head: found for head, found in routes.items() if found}
