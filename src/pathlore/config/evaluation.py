"""Parameters of an evaluation: what is compared, and how often."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from pathlore.config.blocks import Block, PositiveInt, Seed


class EvaluationSize(Block):
    """How much an evaluation fits."""

    folds: Annotated[int, Field(ge=2)]
    repeats: Annotated[int, Field(ge=0)]
    seeds: Annotated[int, Field(ge=0)]
    simulations: Annotated[int, Field(ge=0)]
    further_simulations: Annotated[int, Field(ge=0)]
    permutations: Annotated[int, Field(ge=0)]
    withheld: Annotated[int, Field(ge=0)]
    axes: list[str]
    max_cells: Annotated[int, Field(ge=10)]
    max_paths: PositiveInt
    epochs: PositiveInt


class StudyConfig(Block):
    """An experiment with a known ligand that comes as cells or samples."""

    file: str
    condition: str
    control: str
    ligands: dict[str, str]
    part: str | None
    donor: str | None
    scale: Literal["counts", "log"]
    min_rows: PositiveInt


class SemiRealConfig(Block):
    """Real control cells that signatures are put on."""

    file: str
    condition: str
    control: list[str]
    donor: str
    scale: Literal["counts", "log"]
    effect: Annotated[float, Field(gt=0)]
    donor_sd: Annotated[float, Field(ge=0)]
    seed: Seed


class TruthConfig(Block):
    """Real truth: experiments in which a known ligand was given."""

    draws: PositiveInt
    resamples: Annotated[int, Field(ge=100)]
    seed: Seed
    studies: dict[str, StudyConfig]
    semi_real: dict[str, SemiRealConfig]
    put_on: str
    transcriptomes: list[str]


class EvaluationParameters(Block):
    """``evaluation`` in parameters.yml: what is compared, and how often each fit is repeated."""

    size: Literal["full", "quick"]
    full: EvaluationSize
    quick: EvaluationSize
    baselines: list[str]
    stability: list[str]
    populations: list[str]
    scenarios: list[str]
    scenario_variants: list[str]
    scenario_extras: dict[str, list[str]]
    confirmed: dict[str, list[str]]
    known_sets: list[str]
    truth: TruthConfig
    wide_genes: PositiveInt
    workers: Annotated[int, Field(ge=0)]
    store: Annotated[str, Field(min_length=1)]
    cohort: str
    caveat: str
    variants: dict[str, dict[Annotated[str, Field(pattern=r"^\w[\w.-]*$")], dict[str, Any]]]

    @property
    def chosen(self) -> EvaluationSize:
        """The block that `size` names."""
        return {"full": self.full, "quick": self.quick}[self.size]

    @model_validator(mode="after")
    def _names(self) -> "EvaluationParameters":
        names = [name for variants in self.variants.values() for name in variants]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the variant(s) {', '.join(twice)} stand on more than one axis: give each its own name")
        return self
