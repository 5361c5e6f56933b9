"""What all tables that are saved share."""

import pandera.pandas as pa


class Table(pa.DataFrameModel):
    """Base of all tables: the columns named here and, unless a model says otherwise, no others."""

    class Config:  # noqa: D106
        strict = True
        coerce = True
