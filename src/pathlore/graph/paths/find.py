"""The typed paths of one population, and a report of what each rule let through."""

import logging
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
import pandas as pd

from pathlore.config import PathConfig
from pathlore.errors import PathloreError, shorten
from pathlore.graph.paths import search
from pathlore.graph.paths.random_control import random_paths, with_random_steps
from pathlore.graph.paths.search import Route, Step, Ways, candidates, select_paths, ways_among
from pathlore.graph.paths.user_file import read_paths

logger = logging.getLogger(__name__)

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


def find_paths(
    network: pd.DataFrame, genes: Iterable[str], config: PathConfig, population: str, given: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Find the typed paths of one population.

    All steps but the last are ``signaling`` edges, the last one is a ``tf_target`` edge; the first gene is a receptor
    (target of a ``ligand_receptor`` edge of the whole network: its ligand may come from another cell). No signal
    between it and the TF is a receptor, though the TF itself may be one, as nuclear receptors are; no gene occurs
    twice. A step costs ``1 / sqrt(n_evidence) + step_cost``, so that short, well evidenced ways come first.

    ============  ====================================================================================================
    mode          where the paths come from
    ============  ====================================================================================================
    k_shortest    the cheapest ways from each receptor to each TF, completed to targets: the best receptors for each
                  TF -> target edge and the best TFs for each receptor
    shortest      the same, but only the way of the fewest steps for each receptor and TF
    all_simple    every path within the bounds, up to ``enumeration_limit``
    pathway       as k_shortest, but all steps of a path belong to one named pathway
    file          the paths of the table ``given``
    random        as many as k_shortest chooses, with genes drawn at random for each role: a control, see
                  `pathlore.graph.paths.random_control`
    ============  ====================================================================================================

    Parameters
    ----------
    network
        `pathlore.schemas.Network`, whole.
    genes
        The genes that may lie on a path: measured and expressed in the population.
    config
        Mode, bounds, filters and selection.
    population
        Name, for the report.
    given
        The user's own paths, for mode ``file``.

    Returns
    -------
    paths, report
        `pathlore.schemas.SignalingPaths` in the order of their choice, and `pathlore.schemas.PathReport`.

    Raises
    ------
    PathloreError
        No gene is on the network, no typed path exists among the genes, there are too many to list, or a filter names
        something that the network does not have.
    """
    allowed = set(genes)
    if config.mode == "random":
        return _at_random(network, allowed, config, population)
    expressed = ways_among(network, allowed, config.step_cost)
    if not expressed.signaling and not expressed.regulation:
        raise PathloreError(
            f"population {population}: none of its {len(allowed)} genes lies on an edge of the network: check "
            "`network` and `ingestion.cells.gene_column`"
        )
    _check_filters(network, config)
    found, mode_rules = find_candidates(network, expressed, config, given)
    rules = [*_role_rules(network, allowed, expressed), *mode_rules]
    named = {route: name or _pathway(route, expressed) for route, name in found.items()}
    wanted = {route for route, pathway in named.items() if _wanted(route[1], pathway, config)}
    if config.receptors or config.tfs or config.genes or config.pathways:
        rules.append(
            ("candidates with a receptor, TF, gene or pathway asked for", len(wanted), len(found) - len(wanted))
        )
    chosen = select_paths(wanted, config.max_paths, config.max_per_receptor)
    if not chosen:
        raise _none(population, config, len(found), rules)
    rules.append(
        ("paths within max_paths and max_per_receptor, coverage first", len(chosen), len(wanted) - len(chosen))
    )
    paths = pd.DataFrame([_row(route, named[route], expressed) for route in chosen])
    rules += _coverage_rules(paths, wanted, allowed, network)
    report = pd.DataFrame(rules, columns=["rule", "kept", "dropped"])
    report.insert(0, "population", population)
    logger.info(
        "Paths, %s (%s): %d of %d candidates; %d receptors, %d TFs, %d targets, %d genes; %d paths in a named pathway",
        population,
        config.mode,
        len(chosen),
        len(wanted),
        *(kept for _, kept, _ in rules[-4:]),
        paths["pathway"].notna().sum(),
    )
    return paths, report


def _at_random(
    network: pd.DataFrame, allowed: set[str], config: PathConfig, population: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Paths of mode random, in the order of the real ones; see `find_paths`."""
    real, report = find_paths(network, allowed, config.model_copy(update={"mode": "k_shortest"}), population)
    drawn = random_paths(real["path"], network, config)
    ways = ways_among(with_random_steps(network, drawn, config), allowed, config.step_cost)
    rows = []
    for path in drawn:
        genes = tuple(path.split(">"))
        rows.append(_row((sum(step.cost for step in ways.of_route(genes)), genes), None, ways))
    rule = {"rule": "paths drawn anew at random", "kept": len(drawn), "dropped": len(real) - len(drawn)}
    more = pd.DataFrame([{"population": population} | rule])
    return pd.DataFrame(rows), pd.concat([report, more], ignore_index=True)


def _pathway(route: Route, ways: Ways) -> str | None:
    """The named pathway of most of the steps; of several, the one that is named nearest to the receptor."""
    names = [name for step in ways.of_route(route[1]) for name in step.pathways]
    return max(dict.fromkeys(names), key=names.count) if names else None  # max keeps the first of equals


def _wanted(genes: tuple[str, ...], pathway: str | None, config: PathConfig) -> bool:
    return (
        (not config.receptors or genes[0] in config.receptors)
        and (not config.tfs or genes[-2] in config.tfs)
        and (not config.genes or not set(genes).isdisjoint(config.genes))
        and (not config.pathways or pathway in config.pathways)
    )


def _check_filters(network: pd.DataFrame, config: PathConfig) -> None:
    """Refuse a filter that names what the network does not have."""
    known = set(network["source"]) | set(network["target"])
    pathways = {name for joined in network["pathway"].dropna() for name in joined.split(";")}
    for parameter, names, whole in (
        ("receptors", config.receptors, known),
        ("tfs", config.tfs, known),
        ("genes", config.genes, known),
        ("pathways", config.pathways, pathways),
    ):
        absent = set(names) - whole
        if absent:
            what = f"the network names the pathways {shorten(pathways, 60)}" if parameter == "pathways" else "not on it"
            raise PathloreError(
                f"{len(absent)} name(s) in {PARAMETER}.{parameter} are not in the network ({shorten(absent)}; {what}): "
                f"change {PARAMETER}.{parameter}"
            )


def _role_rules(network: pd.DataFrame, allowed: set[str], ways: Ways) -> list[Rule]:
    inside = int((network["source"].isin(allowed) & network["target"].isin(allowed)).sum())
    n_receptors = len(ways.receptors & allowed)
    return [
        ("edges between two genes of the population", inside, len(network) - inside),
        ("receptors with an outgoing signaling edge", len(ways.heads), n_receptors - len(ways.heads)),
    ]


def _coverage_rules(
    paths: pd.DataFrame, candidates: set[Route], allowed: set[str], network: pd.DataFrame
) -> list[Rule]:
    """Receptors, TFs and targets of the candidates that lie on a chosen path, and genes of the population."""
    rules = []
    for what, column, place in (("receptors", "receptor", 0), ("TFs", "tf", -2), ("targets", "target", -1)):
        kept = paths[column].nunique()
        rules.append((f"{what} on a path", kept, len({genes[place] for _, genes in candidates}) - kept))
    on_path = {gene for path in paths["path"] for gene in path.split(">")}
    on_edge = allowed & (set(network["source"]) | set(network["target"]))
    return [*rules, ("expressed network genes on a path", len(on_path), len(on_edge) - len(on_path))]


def _none(population: str, config: PathConfig, n_found: int, rules: list[Rule]) -> PathloreError:
    story = "; ".join(f"{rule}: {kept}" for rule, kept, _ in rules)
    if config.receptors or config.tfs or config.genes or config.pathways:
        return PathloreError(
            f"population {population}: none of {n_found} paths passes the filters ({story}): change "
            f"{PARAMETER}.receptors, .tfs, .genes or .pathways"
        )
    return PathloreError(
        f"population {population}: no path receptor -> (signal)* -> TF -> target with {config.min_nodes} or more genes "
        f"and at most {config.max_edges} edges ({story}): raise {PARAMETER}.max_edges, change {PARAMETER}.mode "
        f"({config.mode}), use a larger `network` or, for a panel of few genes, raise {PARAMETER}.bridge"
    )


def _row(route: Route, pathway: str | None, ways: Ways) -> dict[str, object]:
    cost, genes = route
    steps = ways.of_route(genes)
    return {
        "path": ">".join(genes),
        "route": _with_bridges(genes, steps),
        "receptor": genes[0],
        "tf": genes[-2],
        "target": genes[-1],
        "n_genes": len(genes),
        "sign": int(np.prod([step.sign for step in steps])),
        "cost": cost,
        "pathway": pathway,
    }


def _with_bridges(genes: tuple[str, ...], steps: list[Step]) -> str:
    """The genes of a path, and in brackets those that were not measured and that its steps pass over."""
    parts = [genes[0]]
    for step, gene in zip(steps, genes[1:], strict=True):
        parts += [f"({', '.join(step.via)})", gene] if step.via else [gene]
    return " > ".join(parts)
