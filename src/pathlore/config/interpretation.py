"""Parameters of the report and of the search for further paths."""

from typing import Annotated

from pydantic import Field, model_validator

from pathlore.config.blocks import Block, Fraction, PositiveInt, Seed


class ReportConfig(Block):
    """How much of the ranking is drawn and printed, and what is said beside it."""

    core_paths: PositiveInt
    core_frequency: Fraction | None
    bar_paths: PositiveInt
    printed_paths: PositiveInt
    caveat: str


class DiscoveryConfig(Block):
    """The search for paths that are not on the list, and when one of them is kept."""

    beam: PositiveInt
    new_paths: PositiveInt
    per_receptor: PositiveInt
    learned_share: Fraction
    novelty: Annotated[float, Field(ge=0)]
    random_quantile: Fraction


class RefitConfig(Block):
    """How often the model is fitted again, for the stability of the importance."""

    folds: Annotated[int, Field(ge=0)]
    seeds: Annotated[int, Field(ge=0)]
    max_cells: Annotated[int, Field(ge=10)]
    epochs: PositiveInt
    workers: Annotated[int, Field(ge=0)]
    store: Annotated[str, Field(min_length=1)]


class DonorTestConfig(Block):
    """Activity of the paths in each donor, and the tests over donors."""

    min_cells: PositiveInt
    sd_floor: Annotated[float, Field(gt=0)]


class KnownBiologyConfig(Block):
    """Gene sets and lists of genes as yardsticks of a ranking."""

    top_paths: PositiveInt
    min_set: Annotated[int, Field(ge=2)]
    max_set: Annotated[int, Field(ge=2)]
    random_draws: PositiveInt
    permutations: Annotated[int, Field(ge=20)]
    exclude_named: bool
    seed: Seed

    @model_validator(mode="after")
    def _sizes(self) -> "KnownBiologyConfig":
        if self.max_set < self.min_set:
            raise ValueError(f"max_set {self.max_set} is smaller than min_set {self.min_set}: no set could be tested")
        return self


class BetweenCellsConfig(Block):
    """Networks between cells: which lines are listed, and by how many permutations they are tested."""

    top_paths: PositiveInt
    min_fraction: Fraction
    min_cells: Annotated[int, Field(ge=3)]
    permutations: Annotated[int, Field(ge=10)]
    max_lines: PositiveInt
    seed: Seed


class InterpretationParameters(Block):
    """``interpretation`` in parameters.yml."""

    report: ReportConfig
    discovery: DiscoveryConfig
    donors: DonorTestConfig
    known_biology: KnownBiologyConfig
    refits: RefitConfig
    between_cells: BetweenCellsConfig
