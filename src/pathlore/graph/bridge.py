"""Steps over genes that were not measured at all, for panels and for tables of variable genes alone.

A panel of some hundred genes lacks most signals between a receptor and a transcription factor, so that no path of
measured genes is left although the signal may well run. A gene that was not measured is unknown, which is not the same
as a gene that was measured and is not expressed: only the former may be passed over.
"""

import logging
import math
from collections import defaultdict
from collections.abc import Hashable, Mapping
from itertools import pairwise
from typing import Any

import pandas as pd

from pathlore.config import PathConfig
from pathlore.graph.network import edge_types, united
from pathlore.graph.paths.search import Route, Ways, ways_among
from pathlore.keys import Kind

logger = logging.getLogger(__name__)


def bridge_network(network: pd.DataFrame, measured: set[str], config: PathConfig) -> pd.DataFrame:
    """Add, between measured genes, the cheapest signaling steps over genes that were not measured.

    A bridge A -> C over unmeasured genes B_1 ... B_m, m at most ``config.bridge``, is one ``signaling`` row: its sign
    is the product of the signs of its parts (0 if one is not known), its evidence the least of theirs, its references
    are theirs, its pathways those that most of its parts have, and ``via`` names the genes that it passes over. It is
    not added where A -> C is an edge already. No bridge leads over a receptor, as no path does.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`.
    measured
        Genes of the data, expressed or not.
    config
        ``bridge`` 0 leaves the network as it is.
    """
    if not config.bridge:
        return network
    every = set(network["source"]) | set(network["target"])
    steps = ways_among(network, every, config.step_cost)
    direct = {source: set(targets) for source, targets in steps.signaling.items()}
    signaling = network[network["kind"] == Kind.SIGNALING]
    rows = {(str(row["source"]), str(row["target"])): row for row in signaling.to_dict("records")}
    found = [
        _row(genes, rows)
        for source in sorted(measured & every)
        for target, (_, genes) in sorted(_bridges(source, steps, measured, config.bridge).items())
        if target not in direct.get(source, ())
    ]
    logger.info(
        "Bridges: %d signaling steps between measured genes lead over at most %d genes that were not measured",
        len(found),
        config.bridge,
    )
    if not found:
        return network
    added = pd.DataFrame(found)
    added["type"] = edge_types(added["kind"], added["sign"])
    whole = pd.concat([network, added[list(network.columns)]], ignore_index=True)
    return whole.sort_values(["kind", "source", "target"], ignore_index=True)


def _bridges(source: str, steps: Ways, measured: set[str], most: int) -> dict[str, Route]:
    """The cheapest way from one gene over 1 to ``most`` unmeasured genes to each measured one."""
    frontier: dict[str, Route] = {source: (0.0, (source,))}
    best: dict[str, Route] = {}
    for passed in range(most + 1):
        reached: dict[str, list[Route]] = defaultdict(list)
        for gene, (cost, genes) in frontier.items():
            for following, step in steps.signaling.get(gene, {}).items():
                if following not in genes:
                    reached[following].append((cost + step.cost, (*genes, following)))
        cheapest = {gene: min(routes) for gene, routes in reached.items()}
        if passed:
            for gene in measured & cheapest.keys():
                best[gene] = min(cheapest[gene], best.get(gene, cheapest[gene]))
        frontier = {g: route for g, route in cheapest.items() if g not in measured and g not in steps.receptors}
    return best


def _row(genes: tuple[str, ...], rows: Mapping[tuple[str, str], Mapping[Hashable, Any]]) -> dict[str, object]:
    """One bridge as a row of the network."""
    parts = [rows[step] for step in pairwise(genes)]
    names = [name for part in parts if isinstance(part["pathway"], str) for name in part["pathway"].split(";")]
    most = max((names.count(name) for name in names), default=0)
    return {
        "source": genes[0],
        "target": genes[-1],
        "kind": Kind.SIGNALING,
        "sign": math.prod(int(part["sign"]) for part in parts),
        "n_evidence": min(int(part["n_evidence"]) for part in parts),
        "resources": united([part["resources"] for part in parts]),
        "references": united([part["references"] for part in parts]),
        "conflict": False,
        "pathway": ";".join(dict.fromkeys(name for name in names if names.count(name) == most)) or None,
        "via": ";".join(genes[1:-1]),
    }
