"""Parameters of the report and of the search for further paths."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, model_validator

from pathlore.config.blocks import Block, Fraction, PositiveInt, Seed


class ReportConfig(Block):
    """How much of the ranking is drawn and printed, and what is said beside it."""

    core_paths: PositiveInt = Field(default=25, description="top paths in the core network")
    core_frequency: Fraction | None = Field(
        default=None,
        description="of these, only paths in the top 10 of this fraction of the refits; null: all",
    )
    bar_paths: PositiveInt = Field(default=20, description="top paths in the bar figure")
    printed_paths: PositiveInt = Field(default=5, description="top paths in the summary")
    caveat: str = Field(default="", description="what a reader has to know of the cohort")


class DiscoveryConfig(Block):
    """The search for paths that are not on the list, and when one of them is kept."""

    beam: PositiveInt = Field(
        default=50, description="unfinished paths that are kept per receptor, expected directions and length"
    )
    new_paths: PositiveInt = Field(default=30, description="new paths that are proposed, at most")
    per_receptor: PositiveInt = Field(default=5, description="new paths that begin at one receptor, at most")
    learned_share: Fraction = Field(
        default=0.25,
        description="part of what the model learned in a listed gene's relevance; the rest: its own change",
    )
    novelty: NonNegativeFloat = Field(
        default=1.0, description="how much genes count that no important path explains yet; 0: not at all"
    )
    random_quantile: Fraction = Field(
        default=0.95, description="a new path is kept above this quantile of the AUROC that random new paths reach"
    )


class RefitConfig(Block):
    """How often the ranking is made again, for the stability of the importance."""

    folds: NonNegativeInt = Field(default=5, description="refits, each with other donors held out; 0: no refits at all")
    seeds: NonNegativeInt = Field(
        default=0, description="further refits from other seeds, with the first donors held out; with epochs 0: none"
    )
    max_cells: Annotated[int, Field(ge=10)] = Field(
        default=1000, description="cells of a population in these fits, evenly over donors and classes"
    )
    epochs: NonNegativeInt = Field(
        default=0, description="of a refit, at most; 0: no training, the scores as they begin"
    )
    store: Annotated[str, Field(min_length=1)] = Field(
        default="data/07_model_output/refits", description="folder of finished fits; a second start goes on from it"
    )

    @property
    def fits(self) -> int:
        """Refits in all; without training a seed changes nothing."""
        return self.folds + (self.seeds if self.epochs else 0) if self.folds else 0


class DonorTestConfig(Block):
    """Activity of the paths in each donor, and the tests over donors."""

    min_cells: PositiveInt = Field(default=10, description="cells of a class that a donor needs to count there")
    sd_floor: PositiveFloat = Field(
        default=0.05, description="log(1 + normalised expression); a gene varies over donors by this much at least"
    )


class KnownBiologyConfig(Block):
    """Gene sets and lists of genes as yardsticks of a ranking."""

    top_paths: PositiveInt = Field(
        default=25, description="paths whose genes are tested for over-representation, and against the gene lists"
    )
    min_set: Annotated[int, Field(ge=2)] = Field(default=5, description="genes of a set on the graph, at least")
    max_set: Annotated[int, Field(ge=2)] = Field(
        default=300, description="genes of a set, on the graph or not, at most"
    )
    random_draws: PositiveInt = Field(
        default=20, description="random rankings (permuted scores of the paths), compared with importance and prior"
    )
    permutations: Annotated[int, Field(ge=20)] = Field(
        default=1000, description="draws that normalise an enrichment score; random paths per length for coherence"
    )
    exclude_named: bool = Field(
        default=False, description="true: a gene whose text names a set does not count for that set"
    )
    seed: Seed = Field(default=0, description="of all these draws")

    @model_validator(mode="after")
    def _sizes(self) -> "KnownBiologyConfig":
        if self.max_set < self.min_set:
            raise ValueError(f"max_set {self.max_set} is smaller than min_set {self.min_set}: no set could be tested")
        return self


class CellCommunicationConfig(Block):
    """Cell communication: which interactions are listed, and by how many permutations they are tested."""

    top_paths: PositiveInt = Field(
        default=300, description="paths of a receiver, at most, whose receptors are searched for ligands"
    )
    min_fraction: Fraction = Field(
        default=0.1, description="fraction of a class' cells that must express a ligand (sender) or receptor (receiver)"
    )
    min_cells: Annotated[int, Field(ge=3)] = Field(
        default=10, description="cells of each class that a sender or receiver must have"
    )
    permutations: Annotated[int, Field(ge=10)] = Field(
        default=1000, description="of the donors' or cells' conditions, and of the cells' populations"
    )
    max_interactions: PositiveInt = Field(
        default=2000, description="interactions listed, those of the highest score, at most"
    )
    seed: Seed = Field(default=0, description="of the permutations")


class CellMapConfig(Block):
    """The map of cells: a sample of each population, placed by t-SNE."""

    cells: NonNegativeInt = Field(default=2000, description="cells on a map, at most; 0: no map")
    paths: Annotated[int, Field(ge=1, le=9)] = Field(default=4, description="first paths whose activity is shown")
    components: Annotated[int, Field(ge=2)] = Field(
        default=30, description="principal components, fitted to the training cells"
    )
    perplexity: PositiveFloat = Field(default=30.0, description="of t-SNE: about how many neighbours of a cell count")
    seed: Seed = Field(default=0, description="of sample, components and placement")


class InterpretationParameters(Block):
    """``interpretation`` in parameters.yml."""

    report: ReportConfig = Field(default_factory=ReportConfig)
    discovery: DiscoveryConfig = Field(default_factory=DiscoveryConfig)
    donors: DonorTestConfig = Field(default_factory=DonorTestConfig)
    known_biology: KnownBiologyConfig = Field(default_factory=KnownBiologyConfig)
    refits: RefitConfig = Field(default_factory=RefitConfig)
    cell_communication: CellCommunicationConfig = Field(default_factory=CellCommunicationConfig)
    cell_map: CellMapConfig = Field(default_factory=CellMapConfig)
