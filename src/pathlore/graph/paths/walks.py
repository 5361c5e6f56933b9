"""Typed paths drawn at random from the network: what a choice among paths has to be better than."""

from collections.abc import Collection

import numpy as np

from pathlore.config import PathConfig
from pathlore.graph.paths.search import Ways

TRIES = 200
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
    for _ in range(TRIES * n if heads else 0):
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
