"""Tables of new cells that were scored by a finished model."""

import numpy as np
import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.schemas.table import Table


class CellScores(Table):
    """One row per cell: the probability of each class, and whether it is to be trusted."""

    cell: Series[str] = pa.Field(unique=True)
    predicted: Series[str]
    probability: Series[float] = pa.Field(alias=r"^probability_of_.+$", regex=True, ge=0, le=1)
    calibrated: Series[float] = pa.Field(alias=r"^calibrated_probability_of_.+$", regex=True, ge=0, le=1)
    coverage: Series[float] = pa.Field(
        ge=0, le=1, description="of the genes on the model's paths, measured; weighted by importance"
    )
    out_of_range: Series[bool] = pa.Field(description="beyond what the training cells look like")
    unlike: Series[bool] = pa.Field(description="its profile is unlike those of the training cells; not called a class")
    quality: Series[str] = pa.Field(nullable=True, description="rule by which training would have dropped the cell")
    condition: Series[str] = pa.Field(nullable=True, description="class that the cell carries, where it is known")
    donor: Series[str] = pa.Field(nullable=True)
    cell_type: Series[str] = pa.Field(nullable=True)


class PathContributions(Table):
    """One row per cell: what adds up to its logit (two classes: case less control; more: one block per class).

    Empty, without the columns, where a model has no such parts or they are not wanted.
    """

    cell: Series[str] = pa.Field(unique=True)
    bias: Series[np.float32] | None = pa.Field(alias=r"^bias( \[.+\])?$", regex=True)
    graph_genes: Series[np.float32] | None = pa.Field(
        alias=r"^graph_genes( \[.+\])?$", regex=True, description="part of the regression on the graph's genes"
    )
    wide: Series[np.float32] | None = pa.Field(
        alias=r"^wide( \[.+\])?$", regex=True, description="part of the regression on the most variable genes too"
    )
    path: Series[np.float32] | None = pa.Field(alias=r"^.+>.+$", regex=True, description="part of one path")
