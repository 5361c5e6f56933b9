"""Random paths, which look like the real ones or walk along the network: what a choice of paths must be better than."""

import hashlib
import logging
from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd

from pathlore.config import PathConfig
from pathlore.errors import PathloreError
from pathlore.graph.network import KEYS, edge_types
from pathlore.graph.paths.search import Ways
from pathlore.graph.text_numeric_graph import path_steps
from pathlore.keys import RANDOM_STEP, Kind, Role

logger = logging.getLogger(__name__)

TRIES_OF_WALKS = 200
"""Walks for each path that is wanted, before the network is taken to have no more."""


def random_walks(ways: Ways, bounds: PathConfig, taken: Collection[str], n: int, seed: int) -> list[str]:
    """Draw typed paths along the network: a receptor, signaling steps to a drawn length, a factor, its target.

    Receptors, lengths within the bounds and each next gene are drawn evenly. A walk that repeats a gene, passes a
    second receptor or ends elsewhere than at a target of a factor is drawn anew.

    Parameters
    ----------
    ways
        Steps and roles.
    bounds
        ``min_nodes`` and ``max_edges``.
    taken
        Paths, genes joined by '>', that are not wanted.
    n
        Number of paths; fewer come back where the network has hardly more.
    seed
        Of the draws.
    """
    rng = np.random.default_rng(seed)
    heads = ways.heads
    found: dict[str, None] = {}
    for _ in range(TRIES_OF_WALKS * n if heads else 0):
        if len(found) == n:
            break
        length = int(rng.integers(bounds.min_nodes, bounds.max_edges + 2))  # genes
        path = ">".join(_walk(ways, heads[rng.integers(len(heads))], length, rng))
        if path and path not in taken:
            found.setdefault(path)
    return list(found)


def _walk(ways: Ways, head: str, length: int, rng: np.random.Generator) -> list[str]:
    """One walk of so many genes; empty where it does not get that far."""
    walk = [head]
    while len(walk) < length:
        last = len(walk) == length - 1
        if not last and len(walk) > 1 and walk[-1] in ways.receptors:
            return []
        steps = ways.regulation if last else ways.signaling
        following = [gene for gene in steps.get(walk[-1], {}) if gene not in walk]
        if not following:
            return []
        walk.append(following[rng.integers(len(following))])
    return walk


TRIES = 2000
"""Draws for one path, until it is left out."""


def random_paths(paths: Iterable[str], network: pd.DataFrame, config: PathConfig) -> list[str]:
    """Draw a random path for each real one.

    It has the same number of genes in the same roles: a receptor, signals, a TF, a target. Each is drawn among the
    genes in that role on the real paths, as often as they are there, so that hubs stay hubs. No gene is twice on a
    path, no path comes twice, and no step is an association of the network; a path for which 2,000 draws do not do is
    left out.

    Parameters
    ----------
    paths
        Real paths, genes joined by '>'.
    network
        `pathlore.schemas.Network`, on which they were found.
    config
        ``random_seed``.

    Returns
    -------
    In the order of the real paths.

    Raises
    ------
    PathloreError
        No path can be drawn.
    """
    real = [path.split(">") for path in paths]
    known = set(network[KEYS].itertuples(index=False, name=None))
    members: dict[str, list[str]] = {role: [] for role in Role.ALL}
    for genes in real:
        for role, gene in zip(_roles(len(genes)), genes, strict=True):
            members[role].append(gene)
    generator = np.random.default_rng(config.random_seed)
    drawn: dict[tuple[str, ...], None] = {}
    for genes in real:
        for _ in range(TRIES):
            found = tuple(members[role][generator.integers(len(members[role]))] for role in _roles(len(genes)))
            if len(set(found)) == len(found) and found not in drawn and known.isdisjoint(path_steps(list(found))):
                drawn[found] = None
                break
    if not drawn:
        raise PathloreError(
            f"none of {len(real)} random paths could be drawn: between the genes of the real paths every step is an "
            "association; use a larger `network`, or change graph_construction.paths.mode (random)"
        )
    logger.info("Random paths (a control, seed %d): %d for %d real ones", config.random_seed, len(drawn), len(real))
    return [">".join(genes) for genes in drawn]


def with_random_steps(network: pd.DataFrame, paths: Iterable[str], config: PathConfig) -> pd.DataFrame:
    """Add the steps of random paths to the network, so that all that follows treats them as paths.

    A step has the kind of its place; its sign is drawn among those of the network's associations of that kind, by a
    number that depends on the two genes, the kind and the seed alone, so that it is the same in every population. It
    has one entry (the schema's least), the resource "random control", no reference and no pathway.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`.
    paths
        Random paths, of any number of populations.
    config
        ``random_seed``; in another ``mode`` the network stays as it is.

    Returns
    -------
    Sorted by kind, source and target.
    """
    if config.mode != "random":
        return network
    known = set(network[KEYS].itertuples(index=False, name=None))
    steps = sorted({step for path in paths for step in path_steps(path.split(">"))} - known)
    if not steps:
        return network
    signs = {kind: sorted(network.loc[network["kind"] == kind, "sign"]) for kind in (Kind.SIGNALING, Kind.TF_TARGET)}
    added = pd.DataFrame(steps, columns=KEYS).assign(
        sign=[_drawn(signs[step[2]], step, config.random_seed) for step in steps],
        n_evidence=1,
        resources=RANDOM_STEP,
        references="",
        conflict=False,
        pathway=None,
        via="",
    )
    added["type"] = edge_types(added["kind"], added["sign"])
    whole = pd.concat([network, added[list(network.columns)].astype({"pathway": object})], ignore_index=True)
    return whole.sort_values(["kind", "source", "target"], ignore_index=True)


def _roles(n_genes: int) -> list[str]:
    """The role at each place of a path."""
    return [Role.RECEPTOR, *[Role.SIGNAL] * (n_genes - 3), Role.TF, Role.TARGET]


def _drawn(signs: list[int], step: tuple[str, str, str], seed: int) -> int:
    """One of the signs; the same for the same step and seed."""
    digest = hashlib.sha256("\0".join((str(seed), *step)).encode()).digest()
    return int(signs[int.from_bytes(digest[:8], "little") % len(signs)])
