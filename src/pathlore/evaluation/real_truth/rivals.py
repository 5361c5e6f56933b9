"""What else ranks receptors: the own change, activities of factors, paths, and walks as NicheNet takes them."""

import numpy as np
import pandas as pd
from scipy import sparse

from pathlore.config import PathConfig
from pathlore.graph.paths import find_paths
from pathlore.graph.text_numeric_graph import path_steps
from pathlore.keys import Kind
from pathlore.signals.profiles import SignalProfiles
from pathlore.signals.scores import activation
from pathlore.signals.walk import factors_reached
from pathlore.training.path_log_odds import SIGN_MODELS, explain_changes, likelihoods, weigh_sign_models

LEAST_TARGETS = 5
"""Measured targets from which the activity of a factor is estimated."""

DAMPING = 0.5
"""Chance that a walk of NicheNet goes on."""

NICHENET_STEPS = 20


class PathTable:
    """Paths among the measured genes, as the log odds need them."""

    def __init__(self, network: pd.DataFrame, genes: list[str], config: PathConfig) -> None:
        self.table, _ = find_paths(network, set(genes), config, "real truth")
        place = {gene: i for i, gene in enumerate(genes)}
        signs = {
            (a, b, kind): 1 if sign == 0 else sign
            for a, b, kind, sign in zip(*(network[c] for c in ("source", "target", "kind", "sign")), strict=True)
        }
        paths = [path.split(">") for path in self.table["path"]]
        longest = max(map(len, paths))
        self.nodes = np.full((len(paths), longest), -1)
        self.signs = np.zeros((len(paths), longest), dtype=int)
        for row, path in enumerate(paths):
            self.nodes[row, : len(path)] = [place[gene] for gene in path]
            self.signs[row, : len(path)] = np.cumprod([1, *(signs[step] for step in path_steps(path))])

    def log_odds(self, effects: np.ndarray) -> np.ndarray:
        """The start of today's scores: log odds that a path changes as a whole; (P, signatures)."""
        return np.stack([self._log_odds(column) for column in effects.T], axis=1)

    def _log_odds(self, effect: np.ndarray) -> np.ndarray:
        genes = likelihoods(effect)
        return weigh_sign_models(
            [explain_changes(genes, self.nodes, self.signs, sign_model) for sign_model in SIGN_MODELS]
        )[1]

    def fold_change(self, effects: np.ndarray) -> np.ndarray:
        """Mean size of the effects of a path's genes, the published prior; (P, signatures)."""
        there = (self.nodes >= 0)[:, :, None]
        return np.asarray((np.abs(effects)[self.nodes] * there).sum(axis=1) / there.sum(axis=1))

    def by_receptor(self, values: np.ndarray, receptors: list[str]) -> np.ndarray:
        """Best path of each receptor; NaN for one without a path. (R, signatures)."""
        best = pd.DataFrame(values).groupby(self.table["receptor"].to_numpy()).max()
        return best.reindex(receptors).to_numpy()


def own_change(effects: pd.DataFrame, receptors: list[str]) -> np.ndarray:
    """The receptor's own effect; NaN where it was not measured."""
    return effects.reindex(receptors).to_numpy()


def univariate_linear_model(effects: np.ndarray, weights: np.ndarray) -> np.ndarray:
    r"""Activity of each factor as the t of the slope where effects are regressed on its signed targets.

    .. math:: t_f = r_f \sqrt{\frac{n - 2}{1 - r_f^2}}

    with Pearson's correlation :math:`r_f` over all n measured genes, those that are no targets with the weight 0.

    Parameters
    ----------
    effects
        (G, signatures).
    weights
        (F, G).

    Returns
    -------
    (F, signatures); 0 for a factor with fewer than `LEAST_TARGETS` targets.

    Source: Badia-i-Mompel et al. 2022 (10.1093/bioadv/vbac016), method ulm of decoupler.
    """
    r = _correlations(weights, effects)
    t = r * np.sqrt((len(effects) - 2) / np.maximum(1 - r**2, 1e-12))
    return np.where(((weights != 0).sum(axis=1) >= LEAST_TARGETS)[:, None], t, 0.0)


def factor_activity(network: pd.DataFrame, profiles: SignalProfiles, effects: pd.DataFrame) -> np.ndarray:
    """Activities of the factors that each receptor reaches, with the walk's signs and weights; (R, signatures)."""
    reached = factors_reached(network, profiles.receptors, profiles.genes)
    edges = network[network["kind"] == Kind.TF_TARGET]
    edges = edges[edges["target"].isin(effects.index)]
    factors, columns = sorted(set(edges["source"])), {gene: i for i, gene in enumerate(effects.index)}
    rows = {factor: i for i, factor in enumerate(factors)}
    weights = np.zeros((len(factors), len(columns)))
    ends = edges["source"].map(rows).to_numpy(dtype=int), edges["target"].map(columns).to_numpy(dtype=int)
    weights[ends] = np.where(edges["sign"] < 0, -1.0, 1.0)
    activities = univariate_linear_model(effects.to_numpy(), weights)
    place = {gene: i for i, gene in enumerate(profiles.genes)}
    return np.asarray(reached[:, [place[factor] for factor in factors]] @ activities)


def nichenet(network: pd.DataFrame, profiles: SignalProfiles, effects: pd.DataFrame) -> np.ndarray:
    r"""Correlation of the genes that rose with where a walk with restarts from the receptor regulates genes.

    .. math:: \pi_r = (1 - d) \sum_k d^k\, e_r W^k,\qquad \rho_{rg} = \sum_f \pi_{rf} B_{fg}

    with the row-normalised directed signaling edges W, the regulations B, and d = 1/2; unsigned, as NicheNet is.

    Source: Browaeys et al. 2020 (10.1038/s41592-019-0667-5), with this network and no optimised weights.
    """
    place = {gene: i for i, gene in enumerate(profiles.genes)}
    n = len(place)

    def matrix(kind: str) -> sparse.csr_matrix:
        edges = network[network["kind"] == kind]
        ends = (edges["source"].map(place).to_numpy(dtype=int), edges["target"].map(place).to_numpy(dtype=int))
        return sparse.coo_matrix((np.ones(len(edges)), ends), shape=(n, n)).tocsr()

    steps = matrix(Kind.SIGNALING)
    steps = sparse.diags(1 / np.maximum(np.asarray(steps.sum(axis=1)).ravel(), 1)) @ steps
    at = np.zeros((len(profiles.receptors), n))
    at[np.arange(len(at)), profiles.receptor_rows] = 1 - DAMPING
    total = at.copy()
    for _ in range(NICHENET_STEPS):
        at = DAMPING * np.asarray(at @ steps)
        total += at
    potential = np.asarray(total @ matrix(Kind.TF_TARGET))
    measured = [gene for gene in profiles.genes if gene in set(effects.index)]
    risen = activation(effects.loc[measured].to_numpy())
    potential = potential[:, [place[gene] for gene in measured]]
    return _correlations(potential, risen)


def _correlations(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    x = rows - rows.mean(axis=1, keepdims=True)
    y = columns - columns.mean(axis=0)
    lengths = np.outer(np.linalg.norm(x, axis=1), np.linalg.norm(y, axis=0))
    return np.divide(x @ y, lengths, out=np.zeros(lengths.shape), where=lengths > 0)
