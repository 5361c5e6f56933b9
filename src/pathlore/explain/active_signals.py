"""Which receptors, and which of their ligands, explain the changes of a population's genes: no training."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pathlore.config import EncoderConfig
from pathlore.explain.path_changes import gene_effects
from pathlore.schemas import ActiveLigands, ActiveReceptors, ReceptorScoresByDonor
from pathlore.signals import rank_ligands, rank_receptors
from pathlore.signals.inputs import text_kinds
from pathlore.signals.profiles import SignalProfiles, make_profiles
from pathlore.training.data import CellSet
from pathlore.training.path_statistics import Contrast, contrasts, exchanged
from pathlore.training.relabelling import null_effects
from pathlore.training.replicates import DonorMeans, donor_means

logger = logging.getLogger(__name__)

LEVEL = 0.05
"""A design whose smallest possible p is above it gives none."""

BY_DONOR = 5
"""Receptors of each class, from the first, whose score is computed in each donor."""

LEAST_SD = 0.05
"""Least standard deviation of a gene over the donors of a class."""

MOST = 2_000
"""Relabellings that receptors are scored under, at most."""


@dataclass(frozen=True)
class ActiveSignals:
    """Receptors and ligands of one population, the best first.

    Attributes
    ----------
    receptors
        `pathlore.schemas.ActiveReceptors`.
    ligands
        `pathlore.schemas.ActiveLigands`.
    by_donor
        `pathlore.schemas.ReceptorScoresByDonor`: the first receptors of each class in each donor.
    """

    receptors: pd.DataFrame
    ligands: pd.DataFrame
    by_donor: pd.DataFrame


def signal_profiles(
    network: pd.DataFrame, annotations: pd.DataFrame, encoder: EncoderConfig, template: str, cache: Path | None = None
) -> SignalProfiles:
    """Describe each receptor by its network, its targets and the texts about it.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`.
    annotations
        `pathlore.schemas.GeneAnnotations`.
    encoder
        What turns texts into vectors.
    template
        Of a gene's sentence, as `pathlore.config.SentenceConfig` has it.
    cache
        Folder of finished vectors; None: they are not kept.
    """
    return make_profiles(network, text_kinds(network, annotations, encoder, template, cache), cache)


def active_signals(
    data: Mapping[str, CellSet],
    genes: Sequence[str],
    class_names: Sequence[str],
    profiles: SignalProfiles,
    min_cells: int,
) -> ActiveSignals:
    """Rank the receptors and ligands of a population by the effects of all measured genes.

    The effects are those of the tests over donors: every donor takes part, since nothing here was fitted to its class.
    p compares a receptor's score with its scores under exchanged labels of donors, p_family with the best score of each
    labelling; both are empty where donors are unknown or too few for any p below .05. Receptors that fell silent in the
    case are those that are active in the control: each class is listed. With several contrasts each has its own
    ranking and p.

    Parameters
    ----------
    data
        Cells by split, on all measured genes.
    genes
        Symbols of these.
    class_names
        The control first.
    profiles
        From `signal_profiles`.
    min_cells
        Cells of a class that a donor needs to count.
    """
    effects = gene_effects(data, len(class_names), min_cells)
    donors = donor_means(data.values(), min_cells)
    receptors, ligands = [], []
    for contrast, t in zip(effects.compared or contrasts(len(class_names)), effects.t, strict=True):
        null = _null(donors, contrast) if effects.over == "donors" else None
        comparison = contrast.name(class_names)
        turned = [(class_names[contrast.up], 1.0)]
        turned += [] if contrast.down is None else [(class_names[contrast.down], -1.0)]
        for name, sign in turned:
            series = pd.Series(sign * t, index=list(genes))
            if null is not None and sign < 0:
                np.negative(null, out=null)
            found = rank_receptors(series, network=profiles, null=null)
            receptors.append(found.assign(active_in=name, comparison=comparison, over=effects.over))
            ligands.append(rank_ligands(series, network=profiles).assign(active_in=name, comparison=comparison))
    table = pd.concat(receptors, ignore_index=True)[list(ActiveReceptors.to_schema().columns)]
    first = table[table["rank"] == 1]
    logger.info(
        "Receptors that explain the changes best, over %s: %s",
        effects.over,
        ", ".join(f"{row.receptor} ({row.active_in}, {row.comparison})" for row in first.itertuples()),
    )
    others = pd.concat(ligands, ignore_index=True)[list(ActiveLigands.to_schema().columns)]
    return ActiveSignals(table, others, _by_donor(donors, genes, table, class_names, profiles))


def _by_donor(
    donors: DonorMeans,
    genes: Sequence[str],
    receptors: pd.DataFrame,
    class_names: Sequence[str],
    profiles: SignalProfiles,
) -> pd.DataFrame:
    r"""Score the first receptors of each class in each donor, from the deviation of its genes from all donors.

    .. math:: z_{ug} = \frac{y_{ug} - \bar y_g}{\max(s_g, s_{min})}

    with y the log of the mean expression of donor u's cells of a class, its mean over all u, and s the standard
    deviation within classes. Classes enter by that scale alone.
    """
    first = receptors[receptors["rank"] <= BY_DONOR].sort_values("rank", kind="stable")
    first = first.drop_duplicates(["active_in", "receptor"])
    first = first.groupby("active_in", sort=False).head(BY_DONOR).drop_duplicates("receptor")
    if len(donors.donors) < 3 or first.empty:
        return ReceptorScoresByDonor.empty()
    y = donors.log_means
    within = y - np.stack([y[donors.classes == label].mean(axis=0) for label in donors.classes])
    z = (y - y.mean(axis=0)) / np.maximum(within.std(axis=0), LEAST_SD)
    ranked = rank_receptors(pd.DataFrame(z.T, index=list(genes), columns=range(len(z))), network=profiles)
    table = ranked.merge(first[["receptor", "active_in"]], on="receptor")
    unit = table["signature"].astype(int).to_numpy()
    table = table.assign(
        donor=[donors.donors[i] for i in unit], condition=[class_names[donors.classes[i]] for i in unit]
    )
    columns = list(ReceptorScoresByDonor.to_schema().columns)
    return ReceptorScoresByDonor.validate(table[columns].sort_values(["receptor", "condition", "donor"]))


def _null(donors: DonorMeans, contrast: Contrast) -> np.ndarray | None:
    """Effects under exchanged labels, (R, G), the true labels left out; None where no p below .05 is possible."""
    drawn = exchanged(donors, contrast, MOST)
    if drawn.least_p > LEVEL:
        return None
    labels, done = drawn.labels[1:], 0
    null = np.empty((len(labels), donors.log_means.shape[1]))  # of 20,000 genes it takes 320 MB: there is one of it
    for part in null_effects(donors.log_means, labels, contrast.weights, donors.nuisance):
        null[done : done + len(part)] = part
        done += len(part)
    return null
