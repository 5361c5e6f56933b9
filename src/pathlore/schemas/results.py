"""Tables of a fit and of what it says."""

import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.keys import Split
from pathlore.schemas.table import Table


class History(Table):
    """One row per epoch of a fit."""

    epoch: Series[int] = pa.Field(ge=1, unique=True)
    train_loss: Series[float]
    validation_loss: Series[float]
    validation_auroc: Series[float] = pa.Field(ge=0, le=1)
    learning_rate: Series[float] = pa.Field(ge=0)
    mean_importance: Series[float] = pa.Field(ge=0, le=1)
    start_spearman: Series[float] = pa.Field(
        ge=-1, le=1, nullable=True, description="of the paths' scores with those before training"
    )
    auroc_before: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="validation AUROC before training")
    seconds: Series[float] = pa.Field(ge=0)


class Predictions(Table):
    """One row per held-out cell and method: the probability of each class."""

    cell: Series[str]
    donor: Series[str] = pa.Field(nullable=True)
    split: Series[str] = pa.Field(isin=Split.ALL)
    method: Series[str]
    label: Series[int] = pa.Field(ge=0)
    predicted: Series[int] = pa.Field(ge=0)
    probability: Series[float] = pa.Field(alias=r"^probability_of_.+$", regex=True, ge=0, le=1)


class Metrics(Table):
    """One row per figure: population x level x split x method x metric."""

    population: Series[str]
    level: Series[str] = pa.Field(isin=["cell", "donor", "cell_within_type"])
    split: Series[str] = pa.Field(isin=Split.ALL)
    method: Series[str]
    metric: Series[str]
    value: Series[float] = pa.Field(nullable=True)
    n: Series[int] = pa.Field(ge=0, description="cells or donors that the figure was computed on")


class PathImportance(Table):
    """One row per path of a population: its score, its rank, and the evidence beside it."""

    rank: Series[int] = pa.Field(ge=1)
    path: Series[str] = pa.Field(unique=True)
    route: Series[str] = pa.Field(description="the path, with the unmeasured genes that it passes over in brackets")
    receptor: Series[str]
    tf: Series[str]
    target: Series[str]
    importance: Series[float] = pa.Field(ge=0, le=1, description="sigmoid(M_p)")
    log_odds: Series[float] = pa.Field(
        description="log odds by the training cells that all of its genes change, before anything was learned"
    )
    affinity: Series[float] = pa.Field(
        nullable=True,
        description="of its receptor: how well its activity explains the changes of all measured genes, in standard "
        "deviations over receptors; empty: no ligand binds it in the network",
    )
    affinity_walk: Series[float] = pa.Field(nullable=True, description="its part by targets of the factors it reaches")
    affinity_network: Series[float] = pa.Field(nullable=True, description="its part by place in the network")
    affinity_text: Series[float] = pa.Field(nullable=True, description="its part by texts; empty: without texts")
    affinity_in: Series[str] = pa.Field(nullable=True, description="class in which the receptor would be active")
    mean_rank: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="mean rank of importance and activity AUROC, high is important"
    )
    importance_mean: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="over the refits that list it")
    importance_sd: Series[float] = pa.Field(ge=0, nullable=True, description="over the refits that list it")
    rank_mean: Series[float] = pa.Field(ge=1, nullable=True, description="over the refits that list it")
    rank_sd: Series[float] = pa.Field(ge=0, nullable=True, description="over the refits that list it")
    selection_frequency: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="share of all refits in which it is among the first ten"
    )
    in_top_10: Series[str] = pa.Field(
        nullable=True, description="the same as counts: '2 of 7' refits; empty: no refits"
    )
    refits: Series[int] = pa.Field(ge=0, description="how often the ranking was made again: other donors held out")
    p: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="over donors, by all their relabellings; none where they are too few"
    )
    q: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="Benjamini-Hochberg of p over the paths")
    p_family: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="against the best path of each relabelling (max-T)"
    )
    family: Series[int] = pa.Field(ge=1, description="paths that share most of their genes are one finding; 1 is first")
    best_of_family: Series[bool] = pa.Field(description="whether it is the path that stands for its family")
    prior_rank: Series[int] = pa.Field(ge=1, description="rank by the fold-change prior alone")
    prior: Series[float] = pa.Field(ge=0, le=1)
    activity_auroc: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="AUROC of the path's activity alone on held-out cells"
    )
    direction: Series[str] = pa.Field(
        description="class in which the path is more active; mixed: its genes disagree, or fewer than half change"
    )
    gene_effects: Series[str] = pa.Field(
        description="per gene, arrow and moderated t over donors (else groups of training cells), '; '-joined"
    )
    effects_over: Series[str] = pa.Field(
        isin=["donors", "cells"],
        description="what the spread in that t comes from: donors, or groups of cells",
    )
    sign: Series[int] = pa.Field(isin=[-1, 0, 1])
    pathway: Series[str] = pa.Field(nullable=True)
    log_fold_change: Series[str] = pa.Field(description="per gene, in the path's order, '; '-joined")
    fraction_expressed: Series[str] = pa.Field(description="per gene, in the path's order, '; '-joined")
    donors_expressing: Series[str] = pa.Field(
        nullable=True,
        description="per gene, donors with a count in 5 % of their cells or more, of all; empty: donors are not known",
    )
    sources: Series[str] = pa.Field(description="per step, the resources that list the edge, ' | '-joined")
    sentence: Series[str]


class GeneImportance(Table):
    """One row per gene on a listed path: the importance of its paths, summed."""

    gene: Series[str] = pa.Field(unique=True)
    layer: Series[str] = pa.Field(description="receptor, signal, tf or target: its most frequent place")
    importance: Series[float] = pa.Field(ge=0, description="sum over the paths through it")
    n_paths: Series[int] = pa.Field(ge=1)
    mean_importance: Series[float] = pa.Field(ge=0, le=1)
    log_fold_change: Series[float] = pa.Field(nullable=True, description="log2, training cells, case against control")
    fraction_expressed: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="of the training cells")


class EdgeImportance(Table):
    """One row per association on a listed path: the importance of the paths that take it, summed."""

    source: Series[str]
    target: Series[str]
    kind: Series[str]
    importance: Series[float] = pa.Field(ge=0, description="sum over the paths that take it")
    n_paths: Series[int] = pa.Field(ge=1)
    mean_importance: Series[float] = pa.Field(ge=0, le=1)
    sign: Series[int] = pa.Field(isin=[-1, 0, 1])
    interaction: Series[str]
    resources: Series[str]
    via: Series[str] = pa.Field(nullable=True, description="';'-joined genes, not measured, that the step passes over")


class Diagnostics(Table):
    """One row per sign that something went wrong in a run: what was found, and what to look at."""

    population: Series[str]
    name: Series[str]
    found: Series[str]
    look_at: Series[str]
