"""Tables of the reading of a result: donors, known biology, and what the model loses without a path."""

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.keys import Split
from pathlore.schemas.table import Table, column, comparison_column

RANKINGS = ("importance", "prior", "random")
"""Rankings of the paths that are compared."""


class PathActivityByDonor(Table):
    """One row per path, donor and class: the activity of the path in the mean of the donor's cells of that class."""

    class Config(Table.Config):  # noqa: D106
        unique = ["path", "donor", "condition"]  # noqa: RUF012

    path: Series[str] = column("Path", "Genes of the path from receptor to target.", "", "route")
    donor: Series[str] = column("Donor", "Donor of the averaged cells.")
    condition: Series[str] = column(
        "Class", "Class of these cells. A paired donor has one row for each class.",
        "", "class",
    )  # fmt: skip
    n_cells: Series[int] = column(
        "Cells", "Number of cells averaged; with few cells the mean is noisy.",
        "cells", "integer", ge=1,
    )  # fmt: skip
    coherent: Series[float] = column(
        "Activity, coherent",
        "Mean over the genes of the path of the donor's mean expression, standardised over donors. Labels are not "
        "used.",
        "mean z", "signed",
    )  # fmt: skip
    edge_signs: Series[float] = column(
        "Activity, edge signs",
        "The same, with the sign inverted after an inhibiting step; a step of unknown sign counts as activating. "
        "Labels are not used.",
        "mean z", "signed",
    )  # fmt: skip


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
    tsne_1: Series[float]
    tsne_2: Series[float]
    score: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="the model's; empty for training cells")
    activity: Series[float] = pa.Field(
        alias=r"^activity_\d+$", regex=True, nullable=True, description="of the path of that rank, mean z of its genes"
    )

    @classmethod
    def without_cells(cls) -> pd.DataFrame:
        """The table without a row: pandera's own ``empty`` names a column by its pattern."""
        return cls.validate(cls.empty().rename(columns=lambda name: "activity_1" if name.startswith("^") else name))


class DonorTests(Table):
    """One row per comparison and path: whether it differs as a whole, by all relabellings of the donors."""

    class Config(Table.Config):  # noqa: D106
        unique = ["comparison", "path"]  # noqa: RUF012

    comparison: Series[str] = comparison_column()
    path: Series[str] = column("Path", "Genes of the path from receptor to target.", "", "route")
    direction: Series[str] = column(
        "More active in", "As in the ranking of the paths; mixed: its genes disagree.",
        "class", "class",
    )  # fmt: skip
    smallest_t: Series[float] = column(
        "Least changed gene",
        "Smallest signed effect along the path, over donors. Below 0 the genes disagree; at 2 or more every gene "
        "changes.",
        "moderated t", "signed",
    )  # fmt: skip
    q: Series[float] = column(
        "q", "p adjusted over the paths of the population (Benjamini and Hochberg).",
        "false discovery rate", "p", ge=0, le=1, nullable=True,
    )  # fmt: skip
    p: Series[float] = column(
        "p",
        "Fraction of all paths, under all relabellings of the donors, that change as much. Each donor is one "
        "replicate. Empty: too few donors for any p below 0.05.",
        "", "p", ge=0, le=1, nullable=True,
    )  # fmt: skip
    p_family: Series[float] = column(
        "p of the whole run", "The same, compared with the best path of each relabelling.",
        "max-T", "p", ge=0, le=1, nullable=True,
    )  # fmt: skip
    sign_model: Series[str] = column(
        "Sign model",
        "Assumed direction of change along the path: all genes alike (coherent), or by the signs of the steps "
        "(edge_signs); the one with the larger change. The same choice is made under every relabelling.",
        isin=["coherent", "edge_signs"],
    )  # fmt: skip
    n_donors: Series[str] = column("Donors", "Donors of each class in the test.")
    relabellings: Series[int] = column(  # p_family is no smaller than 1 / so many
        "Relabellings", "Number of relabellings of the donors that were computed.",
        "", "integer", shown=False, ge=1,
    )  # fmt: skip
    note: Series[str] = column("Note", "Why there is no p.", nullable=True)


class Enrichment(Table):
    """One row per ranking, method and gene set; the background is the genes on the graph."""

    class Config(Table.Config):  # noqa: D106
        unique = ["ranking", "method", "collection", "set_name"]  # noqa: RUF012

    ranking: Series[str] = column(
        "Ranking",
        "Importance of the model, the fold-change prior, or random scores. A result that the prior or random scores "
        "reach as well is not a finding of the model.",
        isin=RANKINGS,
    )  # fmt: skip
    method: Series[str] = column(
        "Method",
        "over_representation: genes of the first paths against all genes of the graph. ranked: all genes of the graph, "
        "ordered by their score.",
        isin=["over_representation", "ranked"],
    )  # fmt: skip
    collection: Series[str] = column("Collection", "Source of the set.")
    set_name: Series[str] = column("Gene set", "Name of the set in its collection.")
    n_set: Series[int] = column("Set on graph", "Genes of the set that are on the graph.", "genes", "integer", ge=1)
    n_genes: Series[int] = column("Tested", "Genes that were tested.", "genes", "integer", shown=False, ge=0)
    n_overlap: Series[float] = column(
        "Overlap", "Genes of the set among those tested, or in the leading edge; random: the mean.",
        "genes", "number", ge=0,
    )  # fmt: skip
    score: Series[float] = column(
        "Score",
        "Odds ratio (over-representation) or normalised enrichment score (ranked). Compare within one method only.",
        "odds ratio or normalised score", "number",
    )  # fmt: skip
    p: Series[float] = column(
        "p", "Before the adjustment for many sets; random rankings have none.",
        "", "p", shown=False, ge=0, le=1, nullable=True,
    )  # fmt: skip
    q: Series[float] = column(
        "q",
        "Adjusted within the collection. Paths come from named pathways, so some enrichment is circular: compare with "
        "the prior and with random rankings.",
        "false discovery rate", "p", ge=0, le=1, nullable=True,
    )  # fmt: skip
    genes: Series[str] = column(  # ';'-joined; random: empty
        "Genes", "The overlap, or the leading edge.",
        "", "list", shown=False, nullable=True,
    )  # fmt: skip
    n_named: Series[int] = column(
        "Named in texts", "Genes excluded because their text names the set.",
        "genes", "integer", shown=False, ge=0,
    )  # fmt: skip
    share_significant: Series[float] = column(
        "Random hits",
        "Fraction of the random rankings in which the set has q below 0.05. High: the set is enriched in any ranking.",
        "fraction of draws", "share", ge=0, le=1, nullable=True,
    )  # fmt: skip


class PathCoherence(Table):
    """One row per path: how many of its pairs of genes share a gene set, against random paths of the network."""

    path: Series[str] = column("Path", "Genes of the path from receptor to target.", "", "route", unique=True)
    rank: Series[int] = column("Rank", "By importance.", "", "integer", ge=1)
    coherence: Series[float] = column(
        "Coherence",
        "Fraction of the gene pairs of the path that share a known set. It shows that the genes are described "
        "together, not that they act together here.",
        "fraction of gene pairs", "bar", ge=0, le=1,
    )  # fmt: skip
    random_mean: Series[float] = column(
        "Random mean", "Of random paths of the same length and similar degrees.",
        "fraction of gene pairs", "number", ge=0, le=1, nullable=True,
    )  # fmt: skip
    random_sd: Series[float] = column(
        "Random spread", "Of the same random paths.",
        "standard deviation", "number", shown=False, ge=0, nullable=True,
    )  # fmt: skip
    z: Series[float] = column(  # (coherence - random_mean) / random_sd
        "z", "Distance from the mean of the random paths.",
        "standard deviations", "signed", nullable=True,
    )  # fmt: skip
    p: Series[float] = column(
        "p", "Fraction of the random paths that are as coherent.",
        "", "p", shown=False, ge=0, le=1, nullable=True,
    )  # fmt: skip
    q: Series[float] = column(
        "q", "p adjusted over the paths (Benjamini and Hochberg).",
        "false discovery rate", "p", ge=0, le=1, nullable=True,
    )  # fmt: skip
    sets: Series[str] = column(  # '; '-joined, with their number
        "Sets", "Sets shared by its genes.",
        "", "list", nullable=True,
    )  # fmt: skip


class GeneListOverlap(Table):
    """One row per ranking and list of genes: how many of them lie on the top paths."""

    class Config(Table.Config):  # noqa: D106
        unique = ["ranking", "list_name"]  # noqa: RUF012

    ranking: Series[str] = column(
        "Ranking",
        "Importance of the model, the fold-change prior, or random scores. A result that the prior or random scores "
        "reach as well is not a finding of the model.",
        isin=RANKINGS,
    )  # fmt: skip
    list_name: Series[str] = column("Gene list", "Name of the list.")
    n_list: Series[int] = column("List on graph", "Genes of the list that are on the graph.", "genes", "integer", ge=0)
    n_top: Series[float] = column("Top genes", "Genes of the top paths; random: the mean.", "genes", "number", ge=0)
    n_overlap: Series[float] = column(
        "Overlap", "Genes of the list among the genes of the top paths; random: the mean.",
        "genes", "number", ge=0,
    )  # fmt: skip
    expected: Series[float] = column(  # n_list * n_top / genes on the graph
        "Expected", "Overlap expected at random.",
        "genes", "number", ge=0,
    )  # fmt: skip
    odds_ratio: Series[float] = column(  # with 0.5 added to each count; random: mean over draws
        "Odds ratio", "1: no association.",
        "", "number", ge=0,
    )  # fmt: skip
    p: Series[float] = column(
        "p", "Hypergeometric test; the genes of the graph are the background.",
        "", "p", ge=0, le=1, nullable=True,
    )  # fmt: skip


class Ablation(Table):
    """One row per path: what the model loses on held-out cells without it."""

    path: Series[str] = column("Path", "Genes of the path from receptor to target.", "", "route", unique=True)
    importance: Series[float] = column("Importance", "Learned importance of the path.", "0 to 1", "bar", ge=0, le=1)
    contribution: Series[float] = column(
        "Contribution", "Mean absolute contribution of the path to the logit of a held-out cell.",
        "mean |logit|", "number", ge=0,
    )  # fmt: skip
    loss_increase: Series[float] = column(  # in nats; negative: the path did harm
        "Loss without it",
        "Increase of the loss on held-out cells without this path. Near 0 or below: other paths replace it, or it does "
        "not help.",
        "increase of the log loss", "signed",
    )  # fmt: skip
    rank_ablation: Series[int] = column("Rank by ablation", "By the loss without it.", "", "integer", ge=1)


class ActiveReceptors(Table):
    """One row per comparison, class and receptor: how well its activity explains the changes of the genes."""

    class Config(Table.Config):  # noqa: D106
        unique = ["comparison", "active_in", "receptor"]  # noqa: RUF012

    comparison: Series[str] = comparison_column()

    active_in: Series[str] = column("Active in", "Class in which the receptor would be active.", "", "class")
    rank: Series[int] = column("Rank", "By score, within the class.", "", "integer", ge=1)
    receptor: Series[str] = column("Receptor", "Gene.", "", "genes")
    ligands: Series[str] = column("Ligands", "Ligands of the receptor in the network.", "", "list")  # ';'-joined
    score: Series[float] = column(
        "Score",
        "How well activity of the receptor would explain which genes change: mean of walk, network and text. It "
        "compares receptors with each other; any data set has a first one.",
        "sd over receptors", "sd",
    )  # fmt: skip
    p: Series[float] = column(
        "p", "The same for this receptor alone, not adjusted for the number of receptors.",
        "", "p", shown=False, ge=0, le=1, nullable=True,
    )  # fmt: skip
    p_family: Series[float] = column(
        "p over all receptors",
        "Fraction of the relabellings of the donors under which the best of all receptors scores as high (max-T). "
        "Empty: no donors, or too few for any p below 0.05.",
        "", "p", ge=0, le=1, nullable=True,
    )  # fmt: skip
    walk: Series[float] = column(
        "Walk",
        "Changes of the targets of the transcription factors that the receptor reaches within three signed steps.",
        "sd over receptors", "sd", nullable=True,
    )  # fmt: skip
    network: Series[float] = column(
        "Network", "Proximity of the changed genes to the receptor in the whole network.",
        "sd over receptors", "sd", nullable=True,
    )  # fmt: skip
    text: Series[float] = column(
        "Text", "Similarity of the texts on the changed genes and on the receptor.",
        "sd over receptors", "sd", nullable=True,
    )  # fmt: skip
    rank_without_text: Series[int] = column(
        "Rank without text", "Rank by walk and network alone.",
        "", "integer", shown=False, ge=1,
    )  # fmt: skip
    reaches_tf: Series[bool] = column(
        "Reaches a TF",
        "Whether a transcription factor lies within three steps of the receptor. If not, the walk contributes nothing.",
        "", "flag", shown=False,
    )  # fmt: skip
    complex: Series[str] = column(
        "Complex", "Chains of the receptor complex of its best ligand, with weight one half.",
        shown=False, nullable=True,
    )  # fmt: skip
    genes: Series[str] = column(  # the strongest first
        "Supporting genes", "Changed genes that contribute most to the score. Empty: no gene speaks for it.",
        "", "genes", shown=False, nullable=True,
    )  # fmt: skip
    over: Series[str] = column(
        "Effects over", "Replicates over which the effects were computed.",
        shown=False, isin=["donors", "cells"],
    )  # fmt: skip


class ActiveLigands(Table):
    """One row per comparison, class and ligand: the score of the receptors that it binds."""

    class Config(Table.Config):  # noqa: D106
        unique = ["comparison", "active_in", "ligand"]  # noqa: RUF012

    comparison: Series[str] = comparison_column()

    active_in: Series[str] = column("Active in", "Class in which the receptor would be active.", "", "class")
    rank: Series[int] = column("Rank", "By score; ligands of the same receptors share a rank.", "", "integer", ge=1)
    ligand: Series[str] = column("Ligand", "Gene.", "", "genes")
    receptors: Series[str] = column(  # ';'-joined
        "Receptors", "All receptors of the ligand in the network, with co-receptors.",
        "", "list",
    )  # fmt: skip
    score: Series[float] = column(
        "Score",
        "How well activity of the receptor would explain which genes change: mean of walk, network and text. It "
        "compares receptors with each other; any data set has a first one.",
        "sd over receptors", "sd",
    )  # fmt: skip
    walk: Series[float] = column(
        "Walk",
        "Changes of the targets of the transcription factors that the receptor reaches within three signed steps.",
        "sd over receptors", "sd", nullable=True,
    )  # fmt: skip
    network: Series[float] = column(
        "Network", "Proximity of the changed genes to the receptor in the whole network.",
        "sd over receptors", "sd", nullable=True,
    )  # fmt: skip
    text: Series[float] = column(
        "Text", "Similarity of the texts on the changed genes and on the receptor.",
        "sd over receptors", "sd", nullable=True,
    )  # fmt: skip
    reaches_tf: Series[bool] = column(
        "Reaches a TF",
        "Whether a transcription factor lies within three steps of the receptor. If not, the walk contributes nothing.",
        "", "flag", shown=False,
    )  # fmt: skip
