"""Tables of an evaluation: repeats and methods, paths beyond the list, receptors of ligands that were given."""

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.keys import Split
from pathlore.schemas.table import Table, column


class EvaluationRuns(Table):
    """One row per figure of a fit: scenario x population x repeat x method x split x level x metric."""

    scenario: Series[str] = pa.Field(nullable=True, description="simulated in each repeat; null: the cohort itself")
    population: Series[str]
    split_by: Series[str] = pa.Field(isin=["donor", "cell"], description="what is never on two sides")
    fold: Series[int] = pa.Field(ge=0, description="which donors are held out")
    seed: Series[int] = pa.Field(ge=0, description="of weights and batches; in a scenario of the cells, too")
    variant: Series[str]
    kind: Series[str] = pa.Field(isin=["model", "ablation", "baseline", "ranking", "null", "discovery"])
    axis: Series[str] = pa.Field(nullable=True, description="what the variant changes; null: the default model")
    split: Series[str] = pa.Field(isin=Split.ALL)
    level: Series[str] = pa.Field(
        isin=[
            "cell",
            "donor",
            "cell_within_type",
            "path",
            "fit",
            "paths_alone",
            "graph_genes_alone",
            "wide_alone",
            "without_paths_alone",
        ]
    )
    metric: Series[str]
    value: Series[float] = pa.Field(nullable=True)
    n: Series[int] = pa.Field(ge=0, description="cells, donors or paths that the figure was computed on")


class EvaluationPredictions(Table):
    """One row per test cell, repeat and method: the probability of each class."""

    scenario: Series[str] = pa.Field(nullable=True)
    population: Series[str]
    fold: Series[int] = pa.Field(ge=0)
    seed: Series[int] = pa.Field(ge=0)
    variant: Series[str]
    cell: Series[str]
    donor: Series[str] = pa.Field(nullable=True)
    cell_type: Series[str] = pa.Field(nullable=True)
    label: Series[int] = pa.Field(ge=0)
    probability: Series[float] | None = pa.Field(
        alias=r"^probability_of_.+$", regex=True, ge=0, le=1, nullable=True, description="null: no class of this cohort"
    )


class EvaluationRankings(Table):
    """One row per path, repeat, method and score."""

    scenario: Series[str] = pa.Field(nullable=True)
    population: Series[str]
    fold: Series[int] = pa.Field(ge=0)
    seed: Series[int] = pa.Field(ge=0)
    variant: Series[str]
    path: Series[str]
    score: Series[str] = pa.Field(description="importance, activity_auroc, mean_rank, prior, attention or corrected")
    value: Series[float] = pa.Field(nullable=True, description="high: important; null: planted, but not ranked")
    planted: Series[pd.BooleanDtype] = pa.Field(nullable=True, description="null: the truth is not known")


class EvaluationFailures(Table):
    """One row per task of an evaluation that could not be finished."""

    scenario: Series[str] = pa.Field(nullable=True)
    population: Series[str]
    fold: Series[int] = pa.Field(ge=0)
    seed: Series[int] = pa.Field(ge=0)
    variant: Series[str]
    kind: Series[str]
    axis: Series[str] = pa.Field(nullable=True)
    message: Series[str]


class EvaluationSummary(Table):
    """One row per scenario, population, method, level and metric: all repeats in one, and beside the default."""

    population: Series[str] = column("Population", "Cell type, or all cells pooled.")
    variant: Series[str] = column("Method", "The default model, a variant of it, a baseline, a ranking or a null.")
    level: Series[str] = column(
        "Level",
        "cell: each cell counts once. cell_within_type: cells of one type are compared. donor: mean probability over "
        "the cells of a donor. Only the latter estimates the prediction for a new donor.",
    )  # fmt: skip
    metric: Series[str] = column(
        "Metric",
        "auroc and auprc refer to the case. A constant prediction reaches the accuracy and F1 of a large class, too. "
        "paths_add: AUROC of pathlore less that of without_paths, with its 95 % interval over donors.",
    )  # fmt: skip
    mean: Series[float] = column("Mean", "Over repeats: other donors held out, other seeds.", "", "number")
    sd: Series[float] = column(
        "Spread", "Over repeats; they share training cells.",
        "standard deviation", "number", nullable=True,
    )  # fmt: skip
    low: Series[float] = column(
        "Low", "Lower end of the interval of the mean.",
        "95 % interval", "number", nullable=True,
    )  # fmt: skip
    high: Series[float] = column(
        "High", "Upper end of the interval of the mean.",
        "95 % interval", "number", nullable=True,
    )  # fmt: skip
    n: Series[int] = column("Repeats", "Number of repeats.", "fits", "integer", ge=1)
    difference: Series[float] = column(
        "Against default", "Difference to the default model in the same repeats.",
        "", "signed", nullable=True,
    )  # fmt: skip
    difference_low: Series[float] = column(
        "Difference, low", "Lower end of its interval.",
        "95 % interval", "signed", shown=False, nullable=True,
    )  # fmt: skip
    difference_high: Series[float] = column(
        "Difference, high", "Upper end of its interval.",
        "95 % interval", "signed", shown=False, nullable=True,
    )  # fmt: skip
    p_adjusted: Series[float] = column(
        "p adjusted", "Paired t test over repeats, adjusted within the axis (Holm); somewhat too small.",
        "", "p", ge=0, le=1, nullable=True,
    )  # fmt: skip
    p_t: Series[float] = column("p", "Paired t test over repeats.", "", "p", shown=False, ge=0, le=1, nullable=True)
    p_wilcoxon: Series[float] = column(
        "p of ranks", "Signed ranks over repeats.",
        "", "p", shown=False, ge=0, le=1, nullable=True,
    )  # fmt: skip
    difference_sd: Series[float] = column(
        "Spread of difference", "Over repeats.",
        "standard deviation", "number", shown=False, nullable=True,
    )  # fmt: skip
    pairs: Series[int] = column("Pairs", "Repeats of both methods.", "repeats", "integer", shown=False, ge=0)
    units: Series[float] = column(
        "Units", "In one repeat, on average.",
        "cells, donors or paths", "number", shown=False, ge=0,
    )  # fmt: skip
    kind: Series[str] = column("Kind", "Model, ablation, baseline, ranking or null.", shown=False)
    axis: Series[str] = column("Axis", "What the variant changes in the default model.", shown=False, nullable=True)
    split_by: Series[str] = column("Split by", "Unit of the split: donors or cells.", shown=False, nullable=True)
    scenario: Series[str] = column(
        "Scenario", "Simulated in each repeat; empty: the cohort itself.",
        shown=False, nullable=True,
    )  # fmt: skip
    interval: Series[str] = column("Interval over", "Unit of the intervals, or why there is none.", shown=False)


class Recovery(Table):
    """One row per scenario, method, score and metric: how well planted paths are found, over simulations."""

    scenario: Series[str]
    variant: Series[str]
    score: Series[str]
    metric: Series[str] = pa.Field(isin=["auroc", "aupr", "precision_at_10"])
    mean: Series[float]
    sd: Series[float] = pa.Field(nullable=True)
    n: Series[int] = pa.Field(ge=1, description="simulations")
    low: Series[float] = pa.Field(nullable=True, description="lower end of the 95 % interval of the mean")
    high: Series[float] = pa.Field(nullable=True)
    difference: Series[float] = pa.Field(nullable=True, description="to the default's importance, same simulations")
    pairs: Series[int] = pa.Field(ge=0)
    difference_low: Series[float] = pa.Field(nullable=True)
    difference_high: Series[float] = pa.Field(nullable=True)
    p_t: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    wins: Series[int] = pa.Field(ge=0, description="simulations in which it is better than the fold-change prior")
    compared: Series[int] = pa.Field(ge=0, description="simulations in which both were ranked")
    listed: Series[float] = pa.Field(ge=0, le=1, description="planted paths that have a score; the others come last")


class EvaluationStability(Table):
    """One row per population, method, score, source of variation and measure: how alike repeated rankings are."""

    population: Series[str]
    variant: Series[str]
    score: Series[str]
    over: Series[str] = pa.Field(isin=["seeds", "donors"])
    measure: Series[str]
    mean: Series[float] = pa.Field(nullable=True)
    sd: Series[float] = pa.Field(nullable=True)
    pairs: Series[int] = pa.Field(ge=1, description="pairs of seeds, or of folds")
    repeats: Series[int] = pa.Field(ge=2)
    paths: Series[float] = pa.Field(ge=0, description="paths that both of a pair have, on average")
    dropped: Series[float] = pa.Field(ge=0, description="paths that one of a pair has, on average")


class PathSignificance(Table):
    """One row per path of a population: its importance over repeats, against fits on permuted labels."""

    population: Series[str]
    path: Series[str]
    importance: Series[float] = pa.Field(description="mean over repeats")
    importance_sd: Series[float] = pa.Field(nullable=True)
    rank: Series[float] = pa.Field(ge=1, description="mean over repeats; equal ones share their mean rank")
    rank_sd: Series[float] = pa.Field(nullable=True)
    selection_frequency: Series[float] = pa.Field(ge=0, le=1, description="share of all repeats with it in the top 10")
    repeats: Series[int] = pa.Field(ge=1, description="that list the path")
    all_repeats: Series[int] = pa.Field(ge=1)
    activity_auroc: Series[float] = pa.Field(nullable=True, description="AUROC of its activity alone on held-out cells")
    corrected: Series[float] = pa.Field(
        nullable=True, description="how far the importance lies above what the network's shape gives, mean over repeats"
    )
    null_mean: Series[float] = pa.Field(nullable=True, description="its importance where labels were permuted")
    null_sd: Series[float] = pa.Field(nullable=True)
    permutations: Series[int] = pa.Field(ge=0)
    null: Series[str] = pa.Field(isin=["path", "pooled"], description="permuted importances of this path, or of all")
    p: Series[float] = pa.Field(ge=0, le=1, nullable=True)
    q: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="Benjamini and Hochberg, over the paths")
    note: Series[str] = pa.Field(nullable=True, description="why permuted labels are no null here; else empty")


class DiscoveredPaths(Table):
    """One row per new path, proposed or random, with what a fit on the longer list says of it."""

    path: Series[str] = pa.Field(unique=True)
    route: Series[str]
    receptor: Series[str]
    tf: Series[str]
    target: Series[str]
    sign: Series[int] = pa.Field(isin=[-1, 0, 1])
    pathway: Series[str] = pa.Field(nullable=True)
    origin: Series[str] = pa.Field(isin=["proposed", "random"])
    importance: Series[float] = pa.Field(ge=0, le=1, description="in the fit on the list with all new paths")
    validation_auroc: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="of the activity, oriented by the training cells"
    )
    test_auroc: Series[float] = pa.Field(ge=0, le=1, nullable=True, description="the same; nothing is chosen by it")
    score: Series[float] = pa.Field(le=0, nullable=True, description="of the proposal; null: random")
    passes: Series[bool] = pa.Field(description="whether it meets both rules; a random path that does is a false one")
    kept: Series[bool] = pa.Field(description="proposed, and the validation cells support it")


class EvaluationDiscovery(DiscoveredPaths):
    """The same for each population of an evaluation."""

    class Config(DiscoveredPaths.Config):  # noqa: D106
        unique = ["population", "path"]  # noqa: RUF012

    population: Series[str]
    fold: Series[int] = pa.Field(ge=0, description="which donors are held out")
    seed: Series[int] = pa.Field(ge=0)
    path: Series[str]


class EvaluationWithheld(Table):
    """One row per simulated cohort: a planted path that was taken off the list, and whether it came back."""

    scenario: Series[str]
    simulation: Series[int] = pa.Field(ge=0, unique=True, description="seed of the cohort")
    path: Series[str] = pa.Field(description="that was taken off the list")
    rank: Series[pd.Int64Dtype] = pa.Field(ge=1, nullable=True, description="among the proposals; null: not proposed")
    kept: Series[bool] = pa.Field(description="whether the validation cells support it")
    proposed: Series[int] = pa.Field(ge=0, description="proposals")
    kept_in_all: Series[int] = pa.Field(ge=0, description="proposals that were kept")
    random: Series[int] = pa.Field(ge=0, description="random new paths beside them")
    random_passed: Series[int] = pa.Field(ge=0, description="random new paths that meet the rules: false ones")
    nearest: Series[float] = pa.Field(
        ge=0, le=1, description="largest Jaccard index of a proposal's genes with its own"
    )


class EvaluationShape(Table):
    """One row per population, ranking and property of a path's place in the network: how far the one follows the other.

    A ranking that follows the shape of the network where every gene says the class, follows it by itself.
    """

    population: Series[str]
    ranking: Series[str] = pa.Field(isin=["deterministic", "importance", "corrected"])
    feature: Series[str] = pa.Field(isin=["degree", "overlap", "length"])
    spearman: Series[float] = pa.Field(ge=-1, le=1, nullable=True, description="mean over repeats")
    sd: Series[float] = pa.Field(nullable=True, description="over repeats")
    n: Series[int] = pa.Field(ge=1, description="repeats")


class RealTruth(Table):
    """One row per scorer (or difference of two), source of experiments and unit."""

    scorer: Series[str] = pa.Field(description="'a minus b': how much better a finds the same ligands than b")
    data: Series[str] = pa.Field(description="source of the experiments")
    unit: Series[str] = pa.Field(isin=["receptor", "receptor_specific", "path"], description="what is ranked")
    auroc: Series[float] = pa.Field(ge=-1, le=1, description="of the true ones, mean over ligands")
    low: Series[float] = pa.Field(nullable=True, description="95 % interval over families; null: a single family")
    high: Series[float] = pa.Field(nullable=True)
    median_rank: Series[float] = pa.Field(nullable=True, description="of the first true one; null for differences")
    top5: Series[float] = pa.Field(nullable=True, ge=0, le=1, description="share with a true one among the first five")
    n: Series[int] = pa.Field(ge=1, description="ligands")


class RealTruthSignatures(Table):
    """One row per scorer, source, unit and signature."""

    scorer: Series[str]
    data: Series[str]
    unit: Series[str]
    signature: Series[str]
    ligand: Series[str]
    family: Series[str]
    auroc: Series[float] = pa.Field(ge=0, le=1)
    best_rank: Series[float] = pa.Field(ge=1, description="of the first true one; ties share the mean")


class RealTruthEncoders(Table):
    """One row per text model, source of experiments and unit; see `pathlore.evaluation.real_truth.encoders`."""

    model: Series[str] = pa.Field(description="name on the axis `encoders`; encoder: the run's own")
    data: Series[str] = pa.Field(nullable=True, description="source; all: the measured ones together")
    unit: Series[str] = pa.Field(nullable=True, isin=["alone", "with_network"])
    auroc: Series[float] = pa.Field(nullable=True, ge=0, le=1, description="of the true receptors, mean over ligands")
    low: Series[float] = pa.Field(nullable=True, description="95 % interval over families; null: a single family")
    high: Series[float] = pa.Field(nullable=True)
    gain: Series[float] = pa.Field(nullable=True, description="over the run's own encoder on the same ligands")
    gain_low: Series[float] = pa.Field(nullable=True)
    gain_high: Series[float] = pa.Field(nullable=True)
    median_rank: Series[float] = pa.Field(nullable=True, description="of the first true one")
    top5: Series[float] = pa.Field(nullable=True, ge=0, le=1)
    n: Series[float] = pa.Field(nullable=True, ge=1, description="ligands")
    width: Series[float] = pa.Field(nullable=True, description="numbers of a vector")
    seconds: Series[float] = pa.Field(nullable=True, ge=0, description="of encoding, loading included")
    tokens_per_second: Series[float] = pa.Field(nullable=True)
    note: Series[str] = pa.Field(nullable=True, description="why there are no figures, or what was chosen")
