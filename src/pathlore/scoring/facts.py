"""What ``bundle.json`` says of a model: typed, frozen, and refused where a key is unknown."""

from typing import Annotated, Any, Literal

from pydantic import Field

from pathlore.config import CellsConfig, GenesConfig, ModelConfig, QualityConfig
from pathlore.config.blocks import Block, Fraction

FORMAT = 2
"""Version of the folder's layout; a reader refuses any other."""


class Calibration(Block):
    r"""Calibrated probabilities are :math:`\mathrm{softmax}(\ell / T + b)`.

    ``note`` says what the two were fitted on, or why they were not.
    """

    temperature: Annotated[float, Field(gt=0)]  # T
    bias: list[float]  # b, one per class
    note: str
    n_cells: int  # validation cells, 0: not fitted
    n_donors: int | None  # their donors, None: not known
    error_before: float | None  # expected calibration error on the test cells
    error_after: float | None


class Range(Block):
    """What the training cells look like, so that cells unlike them are recognised."""

    quantile: Fraction
    mean_squared_z: float  # upper limit
    fewest_expressed: Fraction  # lower limit of the share of the model's genes that a cell expresses
    most_expressed: Fraction
    test_share: Fraction | None  # of the held-out test cells outside: what cells of this cohort come to


class Limits(Block):
    """Bounds that scoring works with."""

    min_coverage: Fraction
    decision_threshold: float
    range: Range
    familiarity: float  # least correlation with a profile of the training cells, see pathlore.scoring.familiarity


class Amounts(Block):
    """Cells and donors of one split."""

    cells: int
    per_class: dict[str, int]
    donors: list[str]  # empty: not known


class MetricValue(Block):
    """One metric on held-out test cells, beside the baselines' in other rows."""

    level: str
    method: str
    metric: str
    value: float | None
    n: int


class Facts(Block):
    """All of a bundle that is neither a table nor a tensor."""

    format: Literal[2]
    pathlore: str
    created: str  # ISO 8601, UTC
    cohort: str
    population: str
    class_names: list[str]  # control first
    best_epoch: int
    device: Literal["cpu", "cuda"] = "cpu"  # kind of device of the fit
    model: ModelConfig
    stack: dict[str, Any] | None  # branches beside the paths, see pathlore.training.stacking.Stack; None: paths alone
    expression: str
    scale: str  # what the training values were taken as
    species: Literal["human", "mouse"]
    cells: CellsConfig
    quality: QualityConfig
    genes: GenesConfig
    split_by: str
    splits: dict[str, Amounts]
    encoder: str
    text_model: str
    calibration: Calibration
    limits: Limits
    metrics: list[MetricValue]
    versions: dict[str, str]
