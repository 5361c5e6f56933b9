"""Parameters of the report and of the search for further paths."""

from typing import Annotated

from pydantic import Field

from pathlore.config.blocks import Block, Fraction, PositiveInt


class ReportConfig(Block):
    """How much of the ranking is drawn and printed."""

    core_paths: PositiveInt
    bar_paths: PositiveInt
    printed_paths: PositiveInt


class DiscoveryConfig(Block):
    """The search for paths that are not on the list, and when one of them is kept."""

    beam: PositiveInt
    new_paths: PositiveInt
    per_receptor: PositiveInt
    learned_share: Fraction
    novelty: Annotated[float, Field(ge=0)]
    random_quantile: Fraction


class InterpretationParameters(Block):
    """``interpretation`` in parameters.yml."""

    report: ReportConfig
    discovery: DiscoveryConfig
