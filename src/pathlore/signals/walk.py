"""Signed walks receptor -> transcription factor -> target along the directed edges of a network."""

import numpy as np
import pandas as pd
from scipy import sparse

from pathlore.keys import Kind

STEPS = 3
"""Signaling steps from a receptor to a transcription factor, at most."""

DECAY = 0.5
"""Weight of a further step."""


def factors_reached(network: pd.DataFrame, receptors: list[str], genes: list[str], steps: int = STEPS) -> np.ndarray:
    r"""How strongly, and with which sign, each receptor reaches each transcription factor.

    .. math:: P_{rf} = 2^{-k_{rf}}\; \mathrm{sign}\Big(\sum_{w:\, r \to f,\ |w| = k_{rf}} \prod_{e \in w} s_e\Big)

    with the least number of steps :math:`k_{rf} \le` ``steps`` and all walks w of so many steps; an unknown sign
    counts as +1, and no walk passes through another receptor. A receptor that is itself a factor reaches itself.

    Returns
    -------
    (R, n), zero for genes that are no factor or are out of reach.
    """
    place = {gene: i for i, gene in enumerate(genes)}
    signs = _matrix(network[network["kind"] == Kind.SIGNALING], place)
    is_factor = np.zeros(len(genes), dtype=bool)
    is_factor[[place[g] for g in set(network.loc[network["kind"] == Kind.TF_TARGET, "source"])]] = True
    heads = np.array([place[receptor] for receptor in receptors], dtype=int)
    passes = np.ones(len(genes))
    passes[heads] = 0
    front = sparse.csr_matrix((np.ones(len(heads)), (np.arange(len(heads)), heads)), shape=(len(heads), len(genes)))
    seen = front.toarray() != 0
    reached = front.toarray() * is_factor
    for step in range(1, steps + 1):
        arrived = (front @ signs).toarray()
        arrived = np.where(seen, 0, np.sign(arrived))
        seen |= arrived != 0
        reached += arrived * is_factor * DECAY**step
        front = sparse.csr_matrix(arrived * passes)
    return reached


def signed_targets(network: pd.DataFrame, reached: np.ndarray, genes: list[str]) -> np.ndarray:
    r"""Targets of the factors that each receptor reaches, :math:`W_{rg} = \sum_f P_{rf}\, s_{fg}`; (R, n) float32."""
    place = {gene: i for i, gene in enumerate(genes)}
    regulates = _matrix(network[network["kind"] == Kind.TF_TARGET], place)
    return np.asarray((sparse.csr_matrix(reached) @ regulates).toarray(), dtype=np.float32)


def _matrix(edges: pd.DataFrame, place: dict[str, int]) -> sparse.csr_matrix:
    """Signs of edges, (n, n); an unknown one is +1."""
    signs = np.where(edges["sign"].to_numpy() < 0, -1.0, 1.0)
    ends = (edges["source"].map(place).to_numpy(dtype=int), edges["target"].map(place).to_numpy(dtype=int))
    return sparse.coo_matrix((signs, ends), shape=(len(place), len(place))).tocsr()
