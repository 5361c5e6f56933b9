"""Tables of paths beyond the list: what was proposed, what random paths reach, and which planted paths came back."""

import pandas as pd
import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.schemas.table import Table


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
