"""Tables of a fit, of what it says, and of new cells that it scored."""

import numpy as np
import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.keys import Split
from pathlore.schemas.table import Table, column, comparison_column


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
    epoch_spearman: Series[float] = pa.Field(
        ge=-1, le=1, nullable=True, description="of the paths' scores with those before the epoch"
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

    population: Series[str] = column("Population", "Cell type, or all cells pooled.")
    level: Series[str] = column(
        "Level",
        "cell: each cell counts once. cell_within_type: cells of one type are compared. donor: mean probability over "
        "the cells of a donor. Only the latter estimates the prediction for a new donor.",
        isin=["cell", "donor", "cell_within_type"],
    )  # fmt: skip
    split: Series[str] = column(
        "Cells", "test: held out. validation: used to select the weights, so its metrics are too good.",
        isin=Split.ALL,
    )  # fmt: skip
    method: Series[str] = column(
        "Method",
        "pathlore: all branches. paths, graph_genes, wide: each branch alone; without_paths: those on genes. "
        "logistic_regression: the graph's genes, the same split. majority: class frequencies of the training cells.",
    )  # fmt: skip
    metric: Series[str] = column(
        "Metric",
        "auroc and auprc refer to the case. A constant prediction reaches the accuracy and F1 of a large class, too. "
        "paths_add: AUROC of pathlore less that of without_paths, with its 95 % interval over donors.",
    )  # fmt: skip
    value: Series[float] = column("Value", "Empty where only one class is present.", "", "number", nullable=True)
    low: Series[float] | None = column(
        "Low",
        "95 % interval, resampled over donors where they are known, else over cells. It does not include the choice of "
        "the training cells.",
        "95 % interval", "number", nullable=True,
    )  # fmt: skip
    high: Series[float] | None = column(
        "High",
        "95 % interval, resampled over donors where they are known, else over cells. It does not include the choice of "
        "the training cells.",
        "95 % interval", "number", nullable=True,
    )  # fmt: skip
    n: Series[int] = column("n", "Number of cells or donors.", "cells or donors", "integer", ge=0)


class PathImportance(Table):
    """One row per path of a population: its score, its rank, and the evidence beside it."""

    rank: Series[int] = column(
        "Rank", "By importance; 1 is the most important. Paths share genes, so ranks are not independent findings.",
        "", "integer", ge=1,
    )  # fmt: skip
    route: Series[str] = column(
        "Path",
        "Receptor, signals, transcription factor, target. In brackets: intermediate genes that were not measured. A "
        "path is a hypothesis from the network that expression is compatible with, not a measured chain.",
        "", "route",
    )  # fmt: skip
    path: Series[str] = column(
        "Measured genes", "The path without the genes that were not measured.",
        "", "route", shown=False, listed=False, unique=True,
    )  # fmt: skip
    importance: Series[float] = column(  # sigmoid(M_p)
        "Importance",
        "How much the model needs the path, given all other paths. It is no probability and no p-value, and is "
        "comparable within one run only. Where many paths carry the same signal the model needs only a few of them: "
        "low importance does not exclude a response.",
        "0 to 1", "bar", ge=0, le=1,
    )  # fmt: skip
    direction: Series[str] = column(
        "More active in",
        "Class in which the genes of the path are higher, by all donors (without donors, by training cells). Mixed: "
        "its genes disagree, or fewer than half of them change; see the arrow of each gene.",
        "class", "class",
    )  # fmt: skip
    comparison: Series[str] = comparison_column()
    q: Series[float] = column(
        "q",
        "Test over donors of a difference of the whole path between the classes; p adjusted over all paths (Benjamini "
        "and Hochberg). Empty: no donors, or too few.",
        "false discovery rate", "p", ge=0, le=1, nullable=True,
    )  # fmt: skip
    in_top_10: Series[str] = column(  # '2 of 7' refits
        "In the top 10",
        "Number of refits, each with other donors held out, in which the path is among the first ten. It shows how "
        "much the ranking depends on the donors (on the cells, where donors are not known). Empty: no refits.",
        "of all refits", nullable=True,
    )  # fmt: skip
    affinity: Series[float] = column(
        "Receptor affinity",
        "How well activity of the receptor would explain the changes of all measured genes, from network and texts; "
        "nothing is trained. It estimates which receptor was active; importance, which path the model needs. Empty: "
        "the network has no ligand of the receptor.",
        "sd over receptors", "sd", nullable=True,
    )  # fmt: skip
    receptor: Series[str] = column("Receptor", "First gene of the path.", shown=False)
    tf: Series[str] = column("Transcription factor", "Last gene but one of the path.", shown=False)
    target: Series[str] = column(
        "Target", "Last gene of the path, transcribed under its transcription factor.",
        shown=False,
    )  # fmt: skip
    pathway: Series[str] = column(
        "Pathway", "Named pathway of most of its steps. Its first and last step may belong to other pathways.",
        shown=False, nullable=True,
    )  # fmt: skip
    affinity_in: Series[str] = column(
        "Receptor active in", "Class in which the receptor would be active.",
        "class", "class", shown=False, nullable=True,
    )  # fmt: skip
    affinity_walk: Series[float] = column(
        "Affinity by targets",
        "Contribution of the targets of the transcription factors that the receptor reaches; 0 is a typical receptor.",
        "sd over receptors", "sd", shown=False, nullable=True,
    )  # fmt: skip
    affinity_network: Series[float] = column(
        "Affinity by network", "Contribution of the proximity of the receptor to the changed genes in the network.",
        "sd over receptors", "sd", shown=False, nullable=True,
    )  # fmt: skip
    affinity_text: Series[float] = column(
        "Affinity by texts",
        "Contribution of the similarity of the texts on the receptor, its ligands and the changed genes.",
        "sd over receptors", "sd", shown=False, nullable=True,
    )  # fmt: skip
    log_odds: Series[float] = column(
        "Log odds",
        "Log odds, from the training cells before training, that all genes of the path change together, given what "
        "other paths explain. Training starts from it.",
        "natural log", "number", shown=False,
    )  # fmt: skip
    activity_auroc: Series[float] = column(
        "Effect alone",
        "How well the activity of the path alone distinguishes the classes on held-out cells: 0.5 is chance; below 0.5 "
        "the held-out cells change in the opposite direction. It shows a response, not a cause.",
        "AUROC", "number", shown=False, ge=0, le=1, nullable=True,
    )  # fmt: skip
    gene_effects: Series[str] = column(  # per gene, arrow and moderated t, '; '-joined
        "Effects of the genes",
        "For each gene, whether it is higher (up) or lower (down) in the first class of the comparison, and by how "
        "many standard errors. A dot: less than one. The next column states the replicates.",
        "moderated t", "list", shown=False,
    )  # fmt: skip
    effects_over: Series[str] = column(
        "Effects over",
        "Replicates of the standard errors. donors: over donors. cells: donors are unknown or too few; over groups of "
        "training cells, which does not generalise to other donors.",
        shown=False, isin=["donors", "cells"],
    )  # fmt: skip
    mean_rank: Series[float] = column(
        "Mean rank", "Mean rank of importance and activity AUROC: paths that respond and that the model needs.",
        "0 to 1, high is important", "number", shown=False, ge=0, le=1, nullable=True,
    )  # fmt: skip
    p: Series[float] = column(
        "p",
        "Fraction of all paths, under all relabellings of the donors, whose least changed gene changes as much. It "
        "tests the data, not the model.",
        "", "p", shown=False, ge=0, le=1, nullable=True,
    )  # fmt: skip
    p_family: Series[float] = column(
        "p of the whole run",
        "Fraction of the relabellings of the donors under which the best of all paths changes as much. It bounds the "
        "probability of any false path, and is at least 1 / relabellings.",
        "max-T", "p", shown=False, ge=0, le=1, nullable=True,
    )  # fmt: skip
    family: Series[int] = column(
        "Family",
        "Paths that share at least half of their genes with the best path of the family count as one finding.",
        "", "integer", shown=False, ge=1,
    )  # fmt: skip
    best_of_family: Series[bool] = column(
        "Best of its family", "Whether the path is the best of its family.",
        "", "flag", shown=False,
    )  # fmt: skip
    selection_frequency: Series[float] = column(
        "Frequency in the top 10", "The same as a fraction.",
        "fraction of all refits", "share", shown=False, listed=False, ge=0, le=1, nullable=True,
    )  # fmt: skip
    prior_rank: Series[int] = column(
        "Rank by fold change",
        "Rank by the mean absolute fold change of its genes. If it equals the rank for most paths, the model adds "
        "little.",
        "", "integer", shown=False, ge=1,
    )  # fmt: skip
    prior: Series[float] = column(
        "Fold-change prior",
        "Mean absolute log2 fold change of its genes in the training cells, scaled from 0 to 1 over the paths.",
        "0 to 1", "number", shown=False, ge=0, le=1,
    )  # fmt: skip
    importance_mean: Series[float] = column(
        "Mean importance", "Mean over the refits that list the path.",
        "0 to 1", "number", shown=False, ge=0, le=1, nullable=True,
    )  # fmt: skip
    importance_sd: Series[float] = column(
        "Spread of importance", "Over the refits; one fit has none.",
        "standard deviation", "number", shown=False, ge=0, nullable=True,
    )  # fmt: skip
    rank_mean: Series[float] = column(
        "Rank over refits", "Mean rank over the refits that list the path.",
        "mean", "number", shown=False, ge=1, nullable=True,
    )  # fmt: skip
    rank_sd: Series[float] = column(
        "Spread of rank", "Over the refits; one fit has none.",
        "standard deviation", "number", shown=False, ge=0, nullable=True,
    )  # fmt: skip
    refits: Series[int] = column("Refits", "Number of refits.", "fits", "integer", shown=False, ge=0)
    sign: Series[int] = column(
        "Sign", "Product of the signs of the steps: +1 activates, -1 inhibits, 0 if the sign of a step is not known.",
        "", "signed", shown=False, isin=[-1, 0, 1],
    )  # fmt: skip
    log_fold_change: Series[str] = column(  # per gene, in the path's order, '; '-joined
        "Log fold changes", "Of each gene, in the training cells.",
        "log2, case against control", shown=False,
    )  # fmt: skip
    fraction_expressed: Series[str] = column(  # per gene, in the path's order, '; '-joined
        "Cells that express it",
        "For each gene, fraction of the training cells with a count. A receptor in a few per cent of the cells may be "
        "contamination from other cells.",
        "fraction of cells", shown=False,
    )  # fmt: skip
    donors_expressing: Series[str] = column(  # per gene, donors with a count in 5 % of their cells or more, of all
        "Donors that express it", "For each gene, number of donors that express it.",
        "donors", shown=False, nullable=True,
    )  # fmt: skip
    sources: Series[str] = column(  # per step, the resources that list the edge, ' | '-joined
        "Sources",
        "For each step, the resources that list it. A step listed by many is better known, not more active here.",
        shown=False,
    )  # fmt: skip
    sentence: Series[str] = column("Sentence", "The sentence of the path that the text encoder read.", shown=False)


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


class CellScores(Table):
    """One row per cell: the probability of each class, and whether it is to be trusted."""

    cell: Series[str] = pa.Field(unique=True)
    predicted: Series[str]
    probability: Series[float] = pa.Field(alias=r"^probability_of_.+$", regex=True, ge=0, le=1)
    calibrated: Series[float] = pa.Field(alias=r"^calibrated_probability_of_.+$", regex=True, ge=0, le=1)
    coverage: Series[float] = pa.Field(
        ge=0, le=1, description="of the genes on the model's paths, measured; weighted by importance"
    )
    out_of_range: Series[bool] = pa.Field(description="beyond what the training cells look like")
    unlike: Series[bool] = pa.Field(description="its profile is unlike those of the training cells; not called a class")
    quality: Series[str] = pa.Field(nullable=True, description="rule by which training would have dropped the cell")
    condition: Series[str] = pa.Field(nullable=True, description="class that the cell carries, where it is known")
    donor: Series[str] = pa.Field(nullable=True)
    cell_type: Series[str] = pa.Field(nullable=True)


class PathContributions(Table):
    """One row per cell: what adds up to its logit (two classes: case less control; more: one block per class).

    Empty, without the columns, where a model has no such parts or they are not wanted.
    """

    cell: Series[str] = pa.Field(unique=True)
    bias: Series[np.float32] | None = pa.Field(alias=r"^bias( \[.+\])?$", regex=True)
    graph_genes: Series[np.float32] | None = pa.Field(
        alias=r"^graph_genes( \[.+\])?$", regex=True, description="part of the regression on the graph's genes"
    )
    wide: Series[np.float32] | None = pa.Field(
        alias=r"^wide( \[.+\])?$", regex=True, description="part of the regression on the most variable genes too"
    )
    path: Series[np.float32] | None = pa.Field(alias=r"^.+>.+$", regex=True, description="part of one path")
