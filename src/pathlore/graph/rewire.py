"""A network whose associations are exchanged at random: what a result is worth without the real topology."""

import logging
from itertools import chain

import numpy as np
import pandas as pd

from pathlore.config import NetworkConfig

logger = logging.getLogger(__name__)

SWAPS_PER_EDGE = 10
"""Exchanges that are made, so that no trace of the order is left (ten per edge are customary)."""
MOST_ROUNDS = 10
"""So many times as many are tried at most; where a kind allows none, it stays as it is."""
RESOURCE = "rewired control"
"""Stands in the column ``resources`` of every association of a rewired network."""


def rewire(network: pd.DataFrame, config: NetworkConfig) -> pd.DataFrame:
    """Exchange the targets of associations, as ``ingestion.network.rewire`` says.

    For ``degree_preserving``, two associations a -> b and c -> d of one kind become a -> d and c -> b, unless this
    makes a self loop or an association that is there already; ten times per association. Each gene keeps its number of
    incoming and outgoing associations of each kind, and with it its roles. Sign, type, number of entries and pathways
    stay with the source's association, so that the costs of steps and the numbers of each type are the real ones too.
    ``resources`` says that this is a control, and there are no references.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`.
    config
        ``rewire`` none leaves the network as it is.

    Returns
    -------
    Sorted by kind, source and target; the same for the same ``rewire_seed``.

    Source: Maslov and Sneppen 2002 (10.1126/science.1065103).
    """
    if config.rewire == "none":
        return network
    generator = np.random.default_rng(config.rewire_seed)
    targets = network["target"].to_numpy(dtype=object, copy=True)
    for _, rows in sorted(network.groupby("kind").indices.items()):
        targets[rows] = _exchanged(network["source"].to_numpy()[rows].tolist(), targets[rows].tolist(), generator)
    moved = int((targets != network["target"].to_numpy()).sum())
    logger.info(
        "Network rewired (a control, seed %d): %d of %d associations have another target, degrees kept",
        config.rewire_seed,
        moved,
        len(network),
    )
    rewired = network.assign(target=targets, resources=RESOURCE, references="")
    return rewired.sort_values(["kind", "source", "target"], ignore_index=True)


def _exchanged(sources: list[str], targets: list[str], generator: np.random.Generator) -> list[str]:
    """Targets of the associations of one kind, after the exchanges."""
    n, done = len(sources), 0
    there = set(zip(sources, targets, strict=True))
    rounds = (generator.integers(n, size=(SWAPS_PER_EDGE * n, 2)).tolist() for _ in range(MOST_ROUNDS))
    for i, j in chain.from_iterable(rounds):
        a, b, c, d = sources[i], targets[i], sources[j], targets[j]
        if a == d or c == b or (a, d) in there or (c, b) in there:  # i == j too: its own edge is there
            continue
        there -= {(a, b), (c, d)}
        there |= {(a, d), (c, b)}
        targets[i], targets[j] = d, b
        done += 1
        if done == SWAPS_PER_EDGE * n:
            break
    return targets
