"""Parameters of bundles and of scoring new cells with them."""

from typing import Annotated, Literal

from pydantic import Field

from pathlore.config.blocks import Block, Fraction, PositiveInt


class BundleConfig(Block):
    """What is fixed when a model is bundled."""

    cohort: str = Field(default="", description="name of the cohort in the model card")
    calibration: Literal["temperature", "temperature_and_bias", "none"] = Field(
        default="temperature",
        description=(
            "temperature (the called class stays), temperature_and_bias (also moves to the validation "
            "cells' fraction of cases), or none"
        ),
    )
    min_coverage: Fraction = Field(
        default=0.6,
        description=(
            "fraction of the genes on the model's paths, weighted by importance, that new cells must have measured"
        ),
    )
    range_quantile: Annotated[float, Field(gt=0.5, lt=1.0)] = Field(
        default=0.999, description="quantile of the training cells beyond which a new cell counts as out of range"
    )
    decision_threshold: Annotated[float, Field(gt=0.0, lt=1.0)] = Field(
        default=0.5, description="calibrated probability of the case from which a cell is called one; two classes"
    )


class ScoreConfig(Block):
    """How new cells are scored."""

    min_coverage: Fraction | None = Field(default=None, description="fraction; null: what the bundle requires")
    batch_size: PositiveInt = Field(default=256, description="cells at a time")
    contributions: bool = Field(
        default=True, description="the contribution of each path in each cell, cells x paths; false: only probabilities"
    )


class ScoringParameters(Block):
    """``scoring`` in parameters.yml."""

    bundle: BundleConfig = Field(default_factory=BundleConfig)
    score: ScoreConfig = Field(default_factory=ScoreConfig)
