"""Tables of the reading of a result: donors, known biology, and what the model loses without a path."""

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.keys import Split
from pathlore.schemas.table import Table

RANKINGS = ("importance", "prior", "random")
"""Rankings of the paths that are compared."""


class PathActivityByDonor(Table):
    """One row per path, donor and class: the activity of the path in the mean of the donor's cells of that class."""

    class Config(Table.Config):  # noqa: D106
        unique = ["path", "donor", "condition"]  # noqa: RUF012

    path: Series[str]
    donor: Series[str]
    condition: Series[str] = pa.Field(description="class")
    n_cells: Series[int] = pa.Field(ge=1, description="cells of the donor in that class")
    coherent: Series[float] = pa.Field(description="mean of its genes, in standard deviations over donors")
    edge_signs: Series[float] = pa.Field(description="the same, genes behind an inhibiting step the other way round")


class ReceptorScoresByDonor(Table):
    """One row per receptor, donor and class: how well its activity would explain what the donor's cells differ by."""

    class Config(Table.Config):  # noqa: D106
        unique = ["receptor", "donor", "condition"]  # noqa: RUF012

    receptor: Series[str]
    active_in: Series[str] = pa.Field(description="class in which the receptor would be active")
    donor: Series[str]
    condition: Series[str] = pa.Field(description="class of the donor's cells")
    score: Series[float] = pa.Field(description="as in ActiveReceptors, of the donor against the mean of all donors")


class CellMap(Table):
    """One row per sampled cell: its place on the plane, the model's score, the activity of the first paths."""

    cell: Series[str] = pa.Field(unique=True)
    donor: Series[str] = pa.Field(nullable=True)
    condition: Series[str] = pa.Field(description="class")
    split: Series[str] = pa.Field(isin=Split.ALL)
    umap_1: Series[float]
    umap_2: Series[float]
    score: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="the model's; empty for training cells")
    activity: Series[float] = pa.Field(
        alias=r"^activity_\d+$", regex=True, nullable=True, description="of the path of that rank, mean z of its genes"
    )

    @classmethod
    def without_cells(cls) -> pd.DataFrame:
        """The table without a row: pandera's own ``empty`` names a column by its pattern."""
        return cls.validate(cls.empty().rename(columns=lambda name: "activity_1" if name.startswith("^") else name))


class DonorTests(Table):
    """One row per path: whether it differs as a whole between the classes, by all relabellings of the donors."""

    path: Series[str] = pa.Field(unique=True)
    sign_model: Series[str] = pa.Field(isin=["coherent", "edge_signs"], description="in which the path changes most")
    direction: Series[str] = pa.Field(description="class in which the path is more active, or mixed")
    smallest_t: Series[float] = pa.Field(description="smallest signed moderated t of its genes; below 0: they disagree")
    p: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="null of all relabellings and paths; none: too few donors"
    )
    q: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="Benjamini-Hochberg over the paths")
    p_family: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="against the best path of each relabelling (max-T)"
    )
    n_donors: Series[str] = pa.Field(description="donors of each class")
    relabellings: Series[int] = pa.Field(ge=1, description="computed ones; p_family is no smaller than 1 / so many")
    note: Series[str] = pa.Field(nullable=True, description="in words, why there is no p; else empty")


class Enrichment(Table):
    """One row per ranking, method and gene set; the background is the genes on the graph."""

    class Config(Table.Config):  # noqa: D106
        unique = ["ranking", "method", "collection", "set_name"]  # noqa: RUF012

    ranking: Series[str] = pa.Field(isin=RANKINGS)
    method: Series[str] = pa.Field(isin=["over_representation", "ranked"])
    collection: Series[str]
    set_name: Series[str]
    n_set: Series[int] = pa.Field(ge=1, description="genes of the set on the graph")
    n_genes: Series[int] = pa.Field(ge=0, description="genes tested: of the top paths, or all of the graph")
    n_overlap: Series[float] = pa.Field(ge=0, description="genes of both, or of the leading edge; random: mean")
    score: Series[float] = pa.Field(description="odds ratio, or normalised enrichment score; random: mean over draws")
    p: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="none for random")
    q: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="Benjamini-Hochberg within the collection")
    genes: Series[str] = pa.Field(
        nullable=True, description="of the overlap or the leading edge, ';'-joined; random: empty"
    )
    n_named: Series[int] = pa.Field(ge=0, description="genes left out because their text names the set")
    share_significant: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="share of the random draws with q < .05; random alone"
    )


class PathCoherence(Table):
    """One row per path: how many of its pairs of genes share a gene set, against random paths of the network."""

    path: Series[str] = pa.Field(unique=True)
    rank: Series[int] = pa.Field(ge=1)
    coherence: Series[float] = pa.Field(ge=0, le=1, description="share of its pairs of genes that share a set")
    random_mean: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    random_sd: Series[float] = pa.Field(ge=0, nullable=True)
    z: Series[float] = pa.Field(nullable=True, description="(coherence - random_mean) / random_sd")
    p: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="share of random paths as coherent, one-sided")
    q: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="Benjamini-Hochberg over the paths")
    sets: Series[str] = pa.Field(
        nullable=True, description="the sets with most of its genes, '; '-joined, with their number"
    )


class GeneListOverlap(Table):
    """One row per ranking and list of genes: how many of them lie on the top paths."""

    class Config(Table.Config):  # noqa: D106
        unique = ["ranking", "list_name"]  # noqa: RUF012

    ranking: Series[str] = pa.Field(isin=RANKINGS)
    list_name: Series[str]
    n_list: Series[int] = pa.Field(ge=0, description="genes of the list on the graph")
    n_top: Series[float] = pa.Field(ge=0, description="genes of the top paths; random: mean over draws")
    n_overlap: Series[float] = pa.Field(ge=0, description="genes of both; random: mean over draws")
    expected: Series[float] = pa.Field(ge=0, description="n_list * n_top / genes on the graph")
    odds_ratio: Series[float] = pa.Field(ge=0, description="with 0.5 added to each count; random: mean over draws")
    p: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="hypergeometric, one-sided; none for random")


class Ablation(Table):
    """One row per path: what the model loses on held-out cells without it."""

    path: Series[str] = pa.Field(unique=True)
    importance: Series[float] = pa.Field(ge=0, le=1)
    contribution: Series[float] = pa.Field(ge=0, description="mean absolute part of the logit, over cells and classes")
    loss_increase: Series[float] = pa.Field(description="of the log loss in nats; negative: the path did harm")
    rank_ablation: Series[int] = pa.Field(ge=1, description="by loss_increase, the highest first")


class ActiveReceptors(Table):
    """One row per receptor and class: how well its activity in that class explains the changes of the genes."""

    class Config(Table.Config):  # noqa: D106
        unique = ["active_in", "receptor"]  # noqa: RUF012

    active_in: Series[str] = pa.Field(description="class in which the receptor would be active")
    rank: Series[int] = pa.Field(ge=1)
    receptor: Series[str]
    ligands: Series[str] = pa.Field(description="';'-joined")
    score: Series[float] = pa.Field(description="standard deviations over receptors")
    p: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="over exchanged labels of donors")
    p_family: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="against the best receptor of each")
    walk: Series[float] = pa.Field(nullable=True)
    network: Series[float] = pa.Field(nullable=True)
    text: Series[float] = pa.Field(nullable=True)
    rank_without_text: Series[int] = pa.Field(ge=1)
    reaches_tf: Series[bool]
    complex: Series[str]
    genes: Series[str] = pa.Field(description="those that speak for it, the strongest first")
    over: Series[str] = pa.Field(isin=["donors", "cells"], description="what the effects' spread was measured over")


class ActiveLigands(Table):
    """One row per ligand and class: the score of the receptors that it binds."""

    class Config(Table.Config):  # noqa: D106
        unique = ["active_in", "ligand"]  # noqa: RUF012

    active_in: Series[str] = pa.Field(description="class in which its receptors would be active")
    rank: Series[int] = pa.Field(ge=1, description="ligands of the same receptors share one")
    ligand: Series[str]
    receptors: Series[str] = pa.Field(description="';'-joined")
    score: Series[float]
    walk: Series[float] = pa.Field(nullable=True)
    network: Series[float] = pa.Field(nullable=True)
    text: Series[float] = pa.Field(nullable=True)
    reaches_tf: Series[bool]
