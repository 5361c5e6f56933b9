"""Parameters of an evaluation: what is compared, and how often; and of a simulated cohort."""

from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, model_validator

from pathlore.config.blocks import Block, Fraction, PositiveInt, Seed


class SimulationConfig(Block):
    """A simulated cohort with planted paths; the defaults are the main scenario, from which the others differ."""

    seed: Seed = 0  # of every draw
    populations: list[str] = Field(default=["receiver", "sender"], min_length=1)  # paths planted in the first
    donors_per_class: PositiveInt = 6
    cells_per_donor: PositiveInt = 90  # of each population
    n_batches: PositiveInt = 2  # each holds donors of both classes
    n_planted: PositiveInt = 10  # paths
    max_shared_genes: NonNegativeInt = 1  # of a planted path, with all planted before it
    theme: Fraction = 0.0  # share of the planted paths that come from few named pathways
    signs: Literal["coherent", "edges", "random"] = "coherent"  # what decides the direction of each gene
    effect: PositiveFloat = 0.8  # mean absolute log2 fold change of a shifted gene
    decoy_genes_per_planted: NonNegativeFloat = 1.5  # decoy genes per gene of a planted path
    n_decoy_edges: NonNegativeInt = 12  # connected pairs
    n_hubs: NonNegativeInt = 5  # genes
    n_axes: NonNegativeInt = 2  # ligand-receptor pairs
    n_background_genes: NonNegativeInt = 30  # genes off the network
    counts_per_gene: PositiveFloat = 4.0  # mean counts of a cell / number of genes
    gene_sd: NonNegativeFloat = 1.0  # sd of the log base level of a gene
    donor_sd: NonNegativeFloat = 0.3  # sd of the log effect of a donor on a gene
    population_sd: NonNegativeFloat = 0.4  # sd of the log effect of a population on a gene
    batch_sd: NonNegativeFloat = 0.15  # sd of the log effect of a batch on a gene
    library_sd: NonNegativeFloat = 0.35  # sd of the log library size of a cell
    dispersion: PositiveFloat = 0.4  # variance of counts = mean + dispersion * mean^2
    dropout: Fraction = 0.3  # chance that a count is lost where its mean is near 0; half of it at a mean of 1
    min_fraction: Fraction = 0.05  # of the background's cells in which a gene is found, if real cells are given

    @model_validator(mode="after")
    def _possible(self) -> "SimulationConfig":
        if self.n_batches > self.donors_per_class:
            raise ValueError(
                f"n_batches {self.n_batches} with donors_per_class {self.donors_per_class}: each batch needs a donor "
                "of each class"
            )
        if self.n_axes and len(self.populations) < 2:
            raise ValueError(f"n_axes {self.n_axes} needs two populations, {self.populations} given: n_axes 0, or two")
        if len(set(self.populations)) < len(self.populations):
            raise ValueError(f"populations {self.populations}: each name once")
        return self


AXES = (
    "models", "text", "cross_attention", "importance", "structure", "network", "prior", "expander", "answer",
    "depth", "path_list", "encoders", "nulls", "discovery",
)  # fmt: skip
BASELINES = (
    "majority", "logistic_regression", "logistic_regression_l1", "logistic_regression_wide", "paths_l2", "paths_l1",
    "gradient_boosting", "perceptron", "gcn", "gat", "gin", "prior", "activity", "activity_signed", "random",
)  # fmt: skip
SCENARIO_VARIANTS = (
    "pathlore", "paper", "per_cell", "text_permuted", "paths_l2", "paths_l1", "prior", "activity",
    "activity_signed", "random",
)  # fmt: skip
"""Defaults of what is compared."""


class EvaluationSize(Block):
    """How much an evaluation fits."""

    folds: Annotated[int, Field(ge=2)] = Field(
        default=5, description="test sets that the donors are divided into (fewer where a class has fewer donors)"
    )
    repeats: NonNegativeInt = Field(
        default=5, description="fits of everything, each on the next test set and from a seed of its own"
    )
    seeds: NonNegativeInt = Field(
        default=4, description="further fits with other seeds on the first test set, only of `stability`"
    )
    simulations: NonNegativeInt = Field(default=8, description="cohorts that are drawn for each scenario")
    further_simulations: NonNegativeInt = Field(default=16, description="more cohorts, only for what `confirmed` names")
    permutations: NonNegativeInt = Field(default=10, description="fits of the default to permuted labels")
    withheld: NonNegativeInt = Field(
        default=8,
        description="cohorts of the scenario `main` in which a planted path is taken off the list, to be found again",
    )
    axes: list[str] = Field(
        default=[*AXES],
        description="of `variants`; nulls: permuted labels, inputs decided by the class; discovery: new paths",
    )
    max_cells: Annotated[int, Field(ge=10)] = Field(
        default=600, description="cells of a population, evenly over its donors and classes"
    )
    max_paths: PositiveInt = Field(default=240, description="paths in all, at most")
    epochs: PositiveInt = Field(default=4, description="of a fit, at most")


class StudyConfig(Block):
    """An experiment with a known ligand that comes as cells or samples."""

    file: str = Field(description="name of a file of `truth_cells`")
    condition: str = Field(description="column of obs that holds the treatment")
    control: str = Field(description="its value for the untreated")
    ligands: dict[str, str] = Field(description="treatment: ligands that it gives, ','-joined")
    part: str | None = Field(default=None, description="column whose values are judged one by one; null: none")
    donor: str | None = Field(default=None, description="column of obs; null: rows, or groups of cells, are replicates")
    scale: Literal["counts", "log"] = Field(default="counts", description="of X: counts, or log(1 + normalised)")
    min_rows: PositiveInt = Field(default=3, description="cells or samples of each class")


class SemiRealConfig(Block):
    """Real control cells that signatures are put on."""

    file: str = Field(description="name of a file of `truth_cells`")
    condition: str = Field(description="column of obs")
    control: list[str] = Field(description="its values for control cells")
    donor: str = Field(description="column of obs")
    scale: Literal["counts", "log"] = Field(default="counts", description="of X: counts, or log(1 + normalised)")
    effect: PositiveFloat = Field(default=1.5, description="log2 fold change, 99th percentile of genes")
    donor_sd: NonNegativeFloat = Field(default=0.3, description="log2, noise of each donor and gene")
    seed: Seed = Field(default=0, description="of the draws")


class TruthConfig(Block):
    """Real truth: experiments in which a known ligand was given."""

    draws: PositiveInt = Field(default=3, description="rewired networks, and permutations of the texts")
    resamples: Annotated[int, Field(ge=100)] = Field(default=2000, description="of families of ligands, for intervals")
    seed: Seed = Field(default=0, description="of the resamples")
    studies: dict[str, StudyConfig] = Field(
        default={}, description="name: a file of `truth_cells`, its columns, the control and what each treatment gives"
    )
    semi_real: dict[str, SemiRealConfig] = Field(
        default={}, description="name: a file of `truth_cells` with control cells that the signatures are put on"
    )
    put_on: str = Field(default="cytosig", description="the source of signatures that is put on them")
    transcriptomes: list[str] = Field(default=[], description="studies with all genes measured, judged together too")


class EvaluationParameters(Block):
    """``evaluation`` in parameters.yml: what is compared, and how often each fit is repeated."""

    size: Literal["full", "quick"] = Field(
        default="full", description="full or quick: which of the next two blocks is run"
    )
    full: EvaluationSize = Field(default_factory=EvaluationSize)
    quick: EvaluationSize = EvaluationSize(
        folds=5,
        repeats=2,
        seeds=1,
        simulations=2,
        further_simulations=0,
        permutations=3,
        withheld=2,
        axes=["models", "text", "importance", "nulls", "discovery"],
        max_cells=500,
        max_paths=150,
        epochs=3,
    )
    axes: list[str] = Field(default=[], description="in place of the axes of the chosen size; empty: those")
    baselines: list[str] = Field(
        default=[*BASELINES],
        description="other methods on the same splits",
    )
    stability: list[str] = Field(
        default=["pathlore", "paper", "per_cell", "paths_l1"],
        description="variants and baselines that are also fitted from other seeds",
    )
    populations: list[str] = Field(
        default=[], description="populations of the cohort that are evaluated; empty: all; [pooled]: all cells as one"
    )
    scenarios: list[str] = Field(
        default=[],
        description="simulated cohorts in which the paths are planted; empty: none, the cohort's cells alone",
    )
    scenario_variants: list[str] = Field(
        default=[*SCENARIO_VARIANTS],
        description="what is run on each of them",
    )
    scenario_extras: dict[str, list[str]] = Field(default={}, description="scenario: [what else is run on it]")
    confirmed: dict[str, list[str]] = Field(
        default={}, description="scenario: [what is run on `further_simulations` of it too]"
    )
    known_sets: list[str] = Field(
        default=[], description="sets of the table `gene_sets` whose paths should rank first; empty: none"
    )
    truth: TruthConfig = Field(default_factory=TruthConfig)
    store: Annotated[str, Field(min_length=1)] = Field(
        default="data/07_model_output/evaluation_tasks",
        description="folder of finished fits; a second start goes on from it",
    )
    cohort: str = Field(default="", description="name of the cohort in the report")
    caveat: str = Field(default="", description="what a reader has to know of the cohort")
    variants: dict[str, dict[Annotated[str, Field(pattern=r"^\w[\w.-]*$")], dict[str, Any]]] = Field(
        default_factory=dict,
        description="axis: {name: {dotted parameter: value}}; a text such as x0.5 multiplies a number",
    )

    @property
    def chosen(self) -> EvaluationSize:
        """The block that `size` names, with the axes of `axes` where there are some."""
        chosen = {"full": self.full, "quick": self.quick}[self.size]
        return chosen.model_copy(update={"axes": self.axes}) if self.axes else chosen

    @model_validator(mode="after")
    def _names(self) -> "EvaluationParameters":
        names = [name for variants in self.variants.values() for name in variants]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the variant(s) {', '.join(twice)} stand on more than one axis: give each its own name")
        return self
