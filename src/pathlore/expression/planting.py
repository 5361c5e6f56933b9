"""Typed paths chosen in a network to carry an invented effect."""

from typing import NamedTuple

import networkx as nx
import numpy as np
import pandas as pd

from pathlore.errors import PathloreError
from pathlore.keys import Kind

MAX_STEPS = 4
"""Steps from receptor to transcription factor, at most."""


class PlantedPath(NamedTuple):
    """A path receptor -> (signal)* -> TF -> target and the direction in which each gene is shifted in the case."""

    genes: tuple[str, ...]  # (L,)
    signs: tuple[int, ...]  # (L,) +1 up, -1 down


def plant_paths(network: pd.DataFrame, n_planted: int, rng: np.random.Generator) -> list[PlantedPath]:
    """Choose paths that share no gene, each the shortest from its receptor to its transcription factor.

    The genes between the two are neither receptors nor transcription factors. The receptor's direction is drawn; each
    next gene's is the one before times the sign of the step (an unknown sign counts as +1).

    Parameters
    ----------
    network
        ``source``, ``target``, ``kind`` and, if signs are known, ``sign``.
    n_planted
        Number of paths.
    rng
        Source of randomness.

    Raises
    ------
    PathloreError
        The network has fewer such paths.
    """
    signs = _signs(network)
    signaling = network[network["kind"] == Kind.SIGNALING]
    receptors = set(network.loc[network["kind"] == Kind.LIGAND_RECEPTOR, "target"])
    regulation = network[network["kind"] == Kind.TF_TARGET]
    targets = {tf: sorted(group) for tf, group in regulation.groupby("source")["target"]}
    free = nx.DiGraph(
        (a, b)
        for a, b in sorted(zip(signaling["source"], signaling["target"], strict=True))
        if b not in receptors and (a in receptors or a not in targets)
    )
    planted: list[PlantedPath] = []
    for receptor in rng.permutation(np.array(sorted(receptors), dtype=object)):
        if len(planted) == n_planted:
            break
        ways = nx.single_source_shortest_path(free, receptor, cutoff=MAX_STEPS) if receptor in free else {}
        ends = sorted(gene for gene in ways if gene in targets and gene != receptor)
        if not ends:
            continue
        route = tuple(ways[rng.choice(ends)])
        taken = {gene for path in planted for gene in path.genes} | set(route)
        choices = [gene for gene in targets[route[-1]] if gene not in taken]
        if not choices:
            continue
        genes = (*route, str(rng.choice(choices)))
        kinds = [Kind.SIGNALING] * (len(genes) - 2) + [Kind.TF_TARGET]
        factors = [signs[a, b, kind] or 1 for a, b, kind in zip(genes, genes[1:], kinds, strict=False)]
        directions = np.cumprod([int(rng.choice([-1, 1])), *factors])
        planted.append(PlantedPath(genes, tuple(int(sign) for sign in directions)))
        free.remove_nodes_from(genes)
    if len(planted) < n_planted:
        raise PathloreError(
            f"{len(planted)} disjoint paths receptor -> (signal)* -> tf -> target found in a network of "
            f"{len(network)} associations, {n_planted} wanted: lower `n_planted` or give a larger network"
        )
    return planted


def _signs(network: pd.DataFrame) -> dict[tuple[str, str, str], int]:
    """Sign of each association, 0 where it is not known."""
    keys = zip(network["source"], network["target"], network["kind"], strict=True)
    signs = network["sign"].fillna(0) if "sign" in network else [0] * len(network)
    return {key: int(sign) for key, sign in zip(keys, signs, strict=True)}
