"""Parameters of bundles and of scoring new cells with them."""

from typing import Annotated, Literal

from pydantic import Field

from pathlore.config.blocks import Block, Fraction, PositiveInt


class BundleConfig(Block):
    """What is fixed when a model is bundled."""

    cohort: str
    calibration: Literal["temperature", "temperature_and_bias", "none"]
    min_coverage: Fraction
    range_quantile: Annotated[float, Field(gt=0.5, lt=1.0)]
    decision_threshold: Annotated[float, Field(gt=0.0, lt=1.0)]


class ScoreConfig(Block):
    """How new cells are scored."""

    min_coverage: Fraction | None  # None: what the bundle asks for
    batch_size: PositiveInt
    contributions: bool


class ScoringParameters(Block):
    """``scoring`` in parameters.yml."""

    bundle: BundleConfig
    score: ScoreConfig
