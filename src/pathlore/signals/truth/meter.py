"""A meter of networks: how well a network, with or without texts, finds the receptors of known ligands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.graph.rewire import rewire
from pathlore.signals.profiles import GeneTexts, SignalProfiles, make_profiles
from pathlore.signals.rank import receptor_scores
from pathlore.signals.truth.experiments import Experiments
from pathlore.signals.truth.judge import difference_row, per_signature, summary_row

DRAWS, RESAMPLES = 3, 2000
LEAST_LIGANDS = 5
"""Ligands from which an AUROC says something about a network."""


@dataclass(frozen=True)
class NetworkQuality:
    """What a network is worth on experiments with a known ligand.

    Attributes
    ----------
    table
        ``scorer`` (``network and text``, ``network``, ``rewired network``, ``gain``), ``auroc``, ``low``, ``high``,
        ``median_rank``, ``top5``, ``n``; ``gain`` is the network without texts less its own rewiring.
    sentence
        The same in words.
    """

    table: pd.DataFrame
    sentence: str

    @property
    def shown(self) -> bool | None:
        """Whether the interval of the gain over the rewiring lies above 0; None: too few ligands to say."""
        rows = self.table.set_index("scorer")
        if "gain" not in rows.index or rows.loc["network", "n"] < LEAST_LIGANDS:
            return None
        return bool(rows.loc["gain", "low"] > 0)


def rewired_networks(network: pd.DataFrame, draws: int) -> Iterator[pd.DataFrame]:
    """The network, rewired ``draws`` times: each gene keeps its numbers of associations of each kind."""
    for seed in range(draws):
        yield rewire(network, NetworkConfig(rewire="degree_preserving", rewire_seed=seed))


def network_quality(
    network: pd.DataFrame, texts: Sequence[GeneTexts], experiments: Sequence[Experiments], *, draws: int = DRAWS
) -> NetworkQuality:
    """Measure a network on all signatures of all sources at once, against its own rewiring.

    Every ligand counts once. The candidates are the network's own receptors, and a ligand that it does not know is left
    out: a small network is not punished for what it lacks, which ``n`` says.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`.
    texts
        Kinds of text, perhaps none.
    experiments
        Of `pathlore.signals.truth.experiments.read_experiments`.
    draws
        Rewired networks.
    """
    profiles = make_profiles(network, [])
    others = [make_profiles(other, []) for other in rewired_networks(network, draws)]
    found = {
        "network": _judged([profiles], network, experiments),
        "rewired network": _judged(others, network, experiments),
    }
    if texts:
        found = {"network and text": _judged([replace(profiles, texts=list(texts))], network, experiments)} | found
    rows = [summary_row(name, "all", "receptor", judged, RESAMPLES, 0) for name, judged in found.items() if len(judged)]
    if len(found["network"]):
        pair = ("network", "rewired network")
        both = (found["network"], found["rewired network"])
        rows.append(difference_row(pair, "all", "receptor", both, RESAMPLES, 0) | {"scorer": "gain"})
    columns = ["scorer", "auroc", "low", "high", "median_rank", "top5", "n"]
    table = pd.DataFrame(rows).reindex(columns=columns)
    return NetworkQuality(table, _sentence(table))


def _judged(draws: Sequence[SignalProfiles], network: pd.DataFrame, experiments: Sequence[Experiments]) -> pd.DataFrame:
    """Each signature of each source, mean over draws."""
    parts = []
    for source in experiments:
        for profiles in draws:
            truth = source.truth(network, profiles.receptors)
            known = truth.any(axis=0)
            if not known.any():
                continue
            effects = source.effects.loc[:, known]
            columns = effects.columns
            scores = receptor_scores(profiles, effects).score
            judged = per_signature(scores, truth[:, known], source.ligands[columns], source.families[columns])
            parts.append(judged.assign(signature=source.name + ": " + judged["signature"]))
    if not parts:
        return pd.DataFrame(columns=["signature", "ligand", "family", "auroc", "best_rank"])
    both = pd.concat(parts)
    return both.groupby(["signature", "ligand", "family"], as_index=False)[["auroc", "best_rank"]].mean()


def _sentence(table: pd.DataFrame) -> str:
    """What the metrics say.

    Examples
    --------
    >>> rows = [("network and text", 0.87, 0.8, 0.9, 40), ("network", 0.84, 0.8, 0.9, 40)]
    >>> rows += [("rewired network", 0.54, 0.5, 0.6, 40), ("gain", 0.3, 0.2, 0.4, 40)]
    >>> _sentence(pd.DataFrame(rows, columns=["scorer", "auroc", "low", "high", "n"]))
    'this network finds the receptors of 40 ligand(s) with AUROC 0.84 (0.87 with texts), its own rewiring with 0.54: a \
gain of 0.30 [0.20, 0.40]'
    """
    rows = table.set_index("scorer")
    if "network" not in rows.index:
        return "this network knows the receptor of no ligand of the experiments, so that it cannot be judged by them"
    real, rewired, gain = (rows.loc[name] for name in ("network", "rewired network", "gain"))
    with_text = f" ({rows.loc['network and text', 'auroc']:.2f} with texts)" if "network and text" in rows.index else ""
    interval = f" [{gain['low']:.2f}, {gain['high']:.2f}]" if np.isfinite(gain["low"]) else ""
    few = "; with so few it is no more than a hint" if real["n"] < LEAST_LIGANDS else ""
    return (
        f"this network finds the receptors of {real['n']:.0f} ligand(s) with AUROC {real['auroc']:.2f}{with_text}, its "
        f"own rewiring with {rewired['auroc']:.2f}: a gain of {gain['auroc']:.2f}{interval}{few}"
    )
