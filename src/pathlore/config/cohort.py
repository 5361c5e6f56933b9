"""Parameters of a published cohort: where its files lie, how they are laid out, and what its samples are."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from pathlore.config.blocks import FILE_NAME, Block, Fraction, PositiveInt, Seed


def _expression(pattern: str) -> str:
    """Refuse what is no regular expression."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"no regular expression ({error})") from error
    return pattern


Expression = Annotated[str, Field(min_length=1), AfterValidator(_expression)]
"""A regular expression that is searched for anywhere in a name."""


class SeriesFileConfig(Block):
    """One file of a series, as the server has it."""

    name: Annotated[str, Field(pattern=FILE_NAME)]  # under which it is stored
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None  # None: the first transfer decides


class MatricesConfig(Block):
    """Matrices of 10x Genomics, one per sample: barcodes, genes or features, matrix; or one ``.h5``."""

    kind: Literal["10x"]
    members: Expression = "."  # of all paths in the archives, those that are looked at


class CountTableConfig(Block):
    """One table of counts for all cells, and perhaps one with what is known of each."""

    kind: Literal["table"]
    counts: str  # name of the file with the counts
    rows: Literal["genes", "cells"] = "genes"
    covariates: str | None = None  # name of the file with one row per cell; None: there is none
    cell: str | None = None  # its column with the name of the cell; None: the first
    donor: str | None = None  # its columns; None: by the pattern of the samples
    condition: str | None = None
    cell_type: str | None = None


class SampleRuleConfig(Block):
    """What is known of the samples whose name matches a pattern; the first rule that matches counts.

    The pattern's named groups ``sample``, ``donor`` and ``condition`` are taken from the name.
    """

    pattern: Expression
    donor: str | None = None  # where the pattern has no such group
    condition: str | None = None
    leave_out: str | None = None  # the reason, if these samples are left out


class SampleConfig(Block):
    """What a rule says wrongly of one sample."""

    donor: str | None = None
    condition: str | None = None
    leave_out: str | None = None


class RecipeConfig(Block):
    """One published series: files, layout, samples."""

    series: Annotated[str, Field(pattern=FILE_NAME)]  # accession, and the name of the folder of its files
    title: str
    citation: str
    terms: str  # what is known of its licence
    files: Annotated[list[SeriesFileConfig], Field(min_length=1)]
    layout: Annotated[MatricesConfig | CountTableConfig, Field(discriminator="kind")]
    samples: Annotated[list[SampleRuleConfig], Field(min_length=1)]
    expected: list[str]  # names of the samples that must be there; empty: whatever is there
    corrections: dict[str, SampleConfig] = Field(default_factory=dict)  # sample -> what is otherwise than its rule says
    conditions: dict[str, str]  # condition as written -> as it is to be called
    cell_types: dict[str, str] = Field(default_factory=dict)  # as conditions; others stay as they are

    @model_validator(mode="after")
    def _names(self) -> "RecipeConfig":
        names = [file.name for file in self.files]
        if len(set(names)) < len(names):
            raise ValueError(f"two of the files {', '.join(names)} have one name")
        if isinstance(self.layout, CountTableConfig):
            absent = {self.layout.counts, self.layout.covariates} - {*names, None}
            if absent:
                raise ValueError(f"layout names {', '.join(map(str, absent))}, files has {', '.join(names)}")
        return self


class CellAnnotationConfig(Block):
    """How cells get their types where the series gives none."""

    tissue: str | None  # of the table of markers; None: cell types are not asked for
    clusters: Annotated[int, Field(ge=2)]  # at most
    cells_per_cluster: PositiveInt  # at least, on average
    variable_genes: Annotated[int, Field(ge=10)]
    components: Annotated[int, Field(ge=2)]  # of the principal component analysis
    min_confidence: Fraction  # lead of the best score over the best of another lineage
    min_markers: PositiveInt  # measured markers that a cell type must have
    seed: Seed


class CohortConfig(Block):
    """``cohort`` in parameters.yml: a published series, from its server to one AnnData file."""

    folder: Annotated[str, Field(min_length=1)]
    timeout: Annotated[float, Field(gt=0)]  # seconds
    retries: Annotated[int, Field(ge=0, le=20)]
    max_unpacked: Annotated[float, Field(gt=0)]  # GB of one file of an archive
    min_genes: Annotated[int, Field(ge=0)]
    recipe: RecipeConfig | None  # None: the environment has no published series
    annotation: CellAnnotationConfig
