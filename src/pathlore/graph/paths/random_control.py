"""Random paths, which look like the real ones or walk along the network: what a choice of paths must be better than."""

import hashlib
import logging
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

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
WALKS_AT_A_TIME = 10
"""Walks that are drawn together, for each path that is wanted."""


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
    if not (ways.heads and n):
        return []
    rng, walker, excluded = np.random.default_rng(seed), _Walker(ways), frozenset(taken)
    found: dict[str, None] = {}
    for _ in range(TRIES_OF_WALKS // WALKS_AT_A_TIME):
        for genes in walker.walks(WALKS_AT_A_TIME * n, bounds, rng):
            path = ">".join(genes)
            if path not in excluded:
                found.setdefault(path)
            if len(found) == n:
                return list(found)
    return list(found)


class _Walker:
    """Steps of many walks at a time: the targets of each gene one after the other, and where each gene's begin."""

    def __init__(self, ways: Ways) -> None:
        steps = (ways.signaling, ways.regulation)
        sources = set(ways.signaling) | set(ways.regulation)
        self.genes = sorted(sources.union(*(following for one in steps for following in one.values())))
        place = {gene: i for i, gene in enumerate(self.genes)}
        self.heads = np.array([place[gene] for gene in ways.heads])
        self.is_receptor = np.array([gene in ways.receptors for gene in self.genes])
        self.targets, self.begins = [], []
        for one in steps:
            targets = [[place[gene] for gene in one.get(source, ())] for source in self.genes]
            self.targets.append(np.array([*chain.from_iterable(targets), -1]))
            self.begins.append(np.cumsum([0, *map(len, targets)]))

    def walks(self, n: int, bounds: PathConfig, rng: np.random.Generator) -> Iterator[list[str]]:
        """Those of so many walks that are typed paths."""
        most = bounds.max_edges + 1
        length = rng.integers(bounds.min_nodes, most + 1, n)  # genes
        walk = np.full((n, most), -1)
        walk[:, 0], alive = self.heads[rng.integers(len(self.heads), size=n)], np.ones(n, dtype=bool)
        for i in range(1, most):
            draw, last, here = rng.random(n), length == i + 1, walk[:, i - 1]
            going = alive & (i < length)
            if i > 1:
                alive &= ~(going & ~last & self.is_receptor[here])
            for targets, begins, chosen in zip(self.targets, self.begins, (going & ~last, going & last), strict=True):
                begin, count = begins[here], begins[here + 1] - begins[here]
                following = targets[np.minimum(begin + (draw * count).astype(int), len(targets) - 1)]
                repeats = (walk[:, :i] == following[:, None]).any(axis=1)
                alive &= ~chosen | ((count > 0) & ~repeats)
                walk[:, i] = np.where(chosen, following, walk[:, i])
        for row, genes in zip(walk[alive].tolist(), length[alive].tolist(), strict=True):
            yield [self.genes[gene] for gene in row[:genes]]


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
