"""Tables of sentences and their vectors."""

import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.schemas.table import Table


class Sentences(Table):
    """One row per text that is to be encoded."""

    key: Series[str] = pa.Field(unique=True, description="gene symbol or path")
    text: Series[str]
    has_text: Series[bool] = pa.Field(description="False: nothing beyond the symbol is known")


class TextVectors(Table):
    """One row per text of a gene or path: its vector, for other programs."""

    subject: Series[str] = pa.Field(isin=["gene", "path"])
    key: Series[str] = pa.Field(description="gene symbol or path")
    text: Series[str]
    has_text: Series[bool] = pa.Field(description="False: nothing beyond the symbol is known, the vector is zero")
    model: Series[str] = pa.Field(description="language model, or the kind of encoder where there is none")
    revision: Series[str] = pa.Field(nullable=True)
    encoder: Series[str] = pa.Field(description="everything that changes the vectors")
    vector: Series[object] = pa.Field(description="list of numbers")


class EncoderReport(Table):
    """One row per encoder: what it made of the same texts."""

    encoder: Series[str] = pa.Field(
        unique=True, description="name in `text_embedding.encoders`; `encoder`: the model's"
    )
    version: Series[str]
    model: Series[str]
    revision: Series[str] = pa.Field(nullable=True)
    width: Series[int] = pa.Field(ge=1)
    genes: Series[int] = pa.Field(ge=0)
    genes_without_text: Series[int] = pa.Field(ge=0)
    paths: Series[int] = pa.Field(ge=0)
    truncated: Series[int] = pa.Field(ge=0, description="texts whose ends were cut off")
    mean_cosine: Series[float] = pa.Field(nullable=True, description="between two genes; near 1: hardly told apart")
    shared_neighbours: Series[float] = pa.Field(
        ge=0, le=1, nullable=True, description="share of the ten nearest genes that the main encoder finds too"
    )
