"""Typed, bounded, de-duplicated paths receptor -> (signal)* -> transcription factor -> target.

Full enumeration is hopeless on a real network (29 million simple paths at eight steps among 1,700 genes), so the
cheapest ways from each receptor to each transcription factor are found by a length-bounded k-best dynamic programme,
and paths are then chosen so that they cover the network: see `select_paths`.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from itertools import pairwise

import numpy as np
import pandas as pd

from pathlore.config import PathConfig
from pathlore.errors import PathloreError
from pathlore.graph.network import restrict
from pathlore.keys import Kind

logger = logging.getLogger(__name__)

Route = tuple[float, tuple[str, ...]]
"""Cost and genes of a way from a receptor to a transcription factor; routes compare by cost, then by genes."""


@dataclass(frozen=True)
class Step:
    """One association as the search sees it."""

    cost: float
    sign: int
    pathway: str | None


Steps = Mapping[str, Mapping[str, Step]]


def find_paths(
    network: pd.DataFrame, genes: Iterable[str], config: PathConfig, population: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Find the typed paths of one population.

    All steps but the last are ``signaling`` edges, the last one is a ``tf_target`` edge; the first gene is a receptor
    (target of a ``ligand_receptor`` edge of the whole network: its ligand may come from another cell). No signal
    between it and the TF is a receptor, though the TF itself may be one, as nuclear receptors are; no gene occurs
    twice. A step costs ``1 / sqrt(n_evidence) + step_cost``, so that short, well evidenced ways come first.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`, whole.
    genes
        The genes that may lie on a path: measured and expressed in the population.
    config
        Bounds and selection.
    population
        Name, for the report.

    Returns
    -------
    paths, report
        `pathlore.schemas.SignalingPaths` in the order of their choice, and `pathlore.schemas.PathReport`.

    Raises
    ------
    PathloreError
        No gene is on the network, or no typed path exists among the genes.
    """
    allowed = set(genes)
    edges = restrict(network, allowed)
    if edges.empty:
        raise PathloreError(
            f"population {population}: none of its {len(allowed)} genes lies on an edge of the network: check "
            "`network` and `ingestion.cells.gene_column`"
        )
    signaling, regulation = _steps(edges, Kind.SIGNALING, config), _steps(edges, Kind.TF_TARGET, config)
    all_receptors = set(network.loc[network["kind"] == Kind.LIGAND_RECEPTOR, "target"])
    receptors = sorted(all_receptors & allowed)
    heads = [receptor for receptor in receptors if receptor in signaling]
    routes = {head: _routes(head, signaling, set(regulation), all_receptors, config) for head in heads}
    routes = {head: found for head, found in routes.items() if found}
    tfs_reached = {tf for found in routes.values() for tf in found}
    candidates = _candidates(routes, regulation, config)
    chosen = select_paths(candidates, config.max_paths)
    if not chosen:
        raise PathloreError(
            f"population {population}: no path receptor -> (signal)* -> TF -> target with {config.min_nodes} or more "
            f"genes and at most {config.max_edges} edges among {len(edges)} edges ({len(receptors)} receptors, "
            f"{len(regulation)} TFs): raise graph_construction.paths.max_edges or use a larger `network`"
        )
    paths = pd.DataFrame([_row(route, signaling, regulation) for route in chosen])
    targets = {target for tf in tfs_reached for target in regulation[tf]}
    report = pd.DataFrame(
        [
            ("edges between two genes of the population", len(edges), len(network) - len(edges)),
            ("receptors with an outgoing signaling edge", len(heads), len(receptors) - len(heads)),
            ("of these, receptors that reach a TF", len(routes), len(heads) - len(routes)),
            ("TFs reached by a receptor", len(tfs_reached), len(regulation) - len(tfs_reached)),
            ("candidates: best receptors per target edge, best TFs per receptor", len(candidates), 0),
            ("paths within max_paths, coverage first", len(chosen), len(candidates) - len(chosen)),
            ("receptors on a path", paths["receptor"].nunique(), len(routes) - paths["receptor"].nunique()),
            ("TFs on a path", paths["tf"].nunique(), len(tfs_reached) - paths["tf"].nunique()),
            ("targets on a path", paths["target"].nunique(), len(targets) - paths["target"].nunique()),
        ],
        columns=["rule", "kept", "dropped"],
    )
    report.insert(0, "population", population)
    logger.info(
        "Paths, %s: %d of %d candidates; %d receptors, %d TFs, %d targets, %d genes",
        population,
        len(chosen),
        len(candidates),
        paths["receptor"].nunique(),
        paths["tf"].nunique(),
        paths["target"].nunique(),
        len({gene for path in paths["path"] for gene in path.split(">")}),
    )
    return paths, report


def select_paths(candidates: list[Route], max_paths: int) -> list[Route]:
    """Choose at most ``max_paths`` candidates: coverage first, then evidence.

    In order of cost, a path is taken first if it brings a receptor or a TF that no path has yet, then if it brings a
    new target, then for its cost alone. The order is total (cost, then the names), so the choice is always the same.

    Examples
    --------
    >>> a, b, c = (0.1, ("R", "T", "X")), (0.2, ("R", "S", "T", "X")), (0.9, ("R", "T", "Y"))
    >>> select_paths([a, b, c], max_paths=2) == [a, c]
    True
    """
    remaining = sorted(set(candidates))
    chosen: list[Route] = []
    covered: set[tuple[str, str]] = set()
    for places in ({"receptor": 0, "tf": -2}, {"target": -1}, {}):
        passed_over = []
        for route in remaining:
            brings = {(role, route[1][place]) for role, place in places.items()}
            if places and brings <= covered:
                passed_over.append(route)
            else:
                chosen.append(route)
                covered |= brings | {("target", route[1][-1])}
        remaining = passed_over
    return chosen[:max_paths]


def _steps(edges: pd.DataFrame, kind: str, config: PathConfig) -> dict[str, dict[str, Step]]:
    """Outgoing edges of one kind, with their costs, by source and target."""
    steps: dict[str, dict[str, Step]] = defaultdict(dict)
    for edge in edges[edges["kind"] == kind].itertuples(index=False):
        cost = 1.0 / float(np.sqrt(edge.n_evidence)) + config.step_cost
        pathway = edge.pathway if isinstance(edge.pathway, str) else None
        steps[edge.source][edge.target] = Step(cost, int(edge.sign), pathway)
    return dict(steps)


def _steps_to_tf(signaling: Steps, tfs: set[str], blocked: set[str], limit: int) -> dict[str, int]:
    """Signaling steps from each gene to the nearest TF, by a breadth-first search against the edges.

    The way does not lead through a blocked gene, but it may end at one.
    """
    sources: dict[str, list[str]] = defaultdict(list)
    for source, targets in signaling.items():
        for target in targets:
            sources[target].append(source)
    distance = dict.fromkeys(tfs, 0)
    frontier = set(distance)
    for step in range(1, limit + 1):
        frontier = {s for gene in frontier for s in sources[gene] if s not in distance and s not in blocked}
        distance.update(dict.fromkeys(frontier, step))
    return distance


def _routes(
    receptor: str, signaling: Steps, tfs: set[str], receptors: set[str], config: PathConfig
) -> dict[str, list[Route]]:
    """The cheapest simple routes from one receptor to each TF, at most ``labels_per_gene`` for each TF and length."""
    limit = config.max_edges - 1  # the last edge is TF -> target
    to_tf = _steps_to_tf(signaling, tfs, receptors, limit)
    frontier: dict[str, list[Route]] = {receptor: [(0.0, (receptor,))]}
    arrived: dict[str, list[Route]] = defaultdict(list)
    for step in range(1, limit + 1):
        reached: dict[str, list[Route]] = defaultdict(list)
        for gene, labels in frontier.items():
            for following, edge in signaling.get(gene, {}).items():
                if to_tf.get(following, limit + 1) > limit - step:
                    continue
                reached[following].extend(
                    (cost + edge.cost, (*genes, following)) for cost, genes in labels if following not in genes
                )
        best = {gene: nsmallest(config.labels_per_gene, labels) for gene, labels in reached.items() if labels}
        if step + 2 >= config.min_nodes:
            for tf in tfs & best.keys():
                arrived[tf].extend(best[tf])
        frontier = {gene: labels for gene, labels in best.items() if gene not in receptors}
    return {tf: sorted(labels) for tf, labels in arrived.items()}


def _candidates(routes: Mapping[str, Mapping[str, list[Route]]], regulation: Steps, config: PathConfig) -> list[Route]:
    """The best receptors for each TF -> target edge, and the best TFs for each receptor, each completed to a target."""
    chosen: set[Route] = set()
    for tf, targets in regulation.items():
        for target, edge in targets.items():
            arriving = [_complete(found[tf], target, edge) for found in routes.values() if tf in found]
            chosen.update(nsmallest(config.receptors_per_target, [route for route in arriving if route]))
    for found in routes.values():
        best = [
            min(route for target, edge in regulation[tf].items() if (route := _complete(ways, target, edge)))
            for tf, ways in found.items()
            if any(_complete(ways, target, edge) for target, edge in regulation[tf].items())
        ]
        chosen.update(nsmallest(config.tfs_per_receptor, best))
    return sorted(chosen)


def _complete(ways: list[Route], target: str, edge: Step) -> Route | None:
    """The cheapest way that does not pass the target yet, with the target at its end."""
    for cost, genes in ways:
        if target not in genes:
            return cost + edge.cost, (*genes, target)
    return None


def _row(route: Route, signaling: Steps, regulation: Steps) -> dict[str, object]:
    cost, genes = route
    steps = [signaling[a][b] for a, b in pairwise(genes[:-1])]
    steps.append(regulation[genes[-2]][genes[-1]])
    pathways = [step.pathway for step in steps if step.pathway]
    return {
        "path": ">".join(genes),
        "receptor": genes[0],
        "tf": genes[-2],
        "target": genes[-1],
        "n_genes": len(genes),
        "sign": int(np.prod([step.sign for step in steps])),
        "cost": cost,
        "pathway": max(sorted(set(pathways)), key=pathways.count) if pathways else None,
    }
