"""Tables of the evaluation on experiments with a known ligand."""

import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.schemas.table import Table


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
