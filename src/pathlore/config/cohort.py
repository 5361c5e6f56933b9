"""Parameters of a published cohort: where its files lie, how they are laid out, and what its samples are."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveFloat, model_validator

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

    tissue: str | None = Field(
        default=None, description="of the table `markers`: liver, brain, pancreas; null: no cell types are looked for"
    )
    clusters: Annotated[int, Field(ge=2)] = Field(
        default=40, description="clusters of the cells, at most; a cell type may have several"
    )
    cells_per_cluster: PositiveInt = Field(default=50, description="cells of a cluster, on average, at least")
    variable_genes: Annotated[int, Field(ge=10)] = Field(
        default=2000, description="genes that the clusters are formed by"
    )
    components: Annotated[int, Field(ge=2)] = Field(default=30, description="principal components of these genes")
    min_confidence: Fraction = Field(
        default=0.15,
        description="lead of the best cell type over the best of another lineage, of scores from 0 to 1; less: unknown",
    )
    min_markers: PositiveInt = Field(
        default=2, description="markers that must be measured for a cell type to be considered"
    )
    seed: Seed = Field(default=0, description="of the clustering")


class CohortConfig(Block):
    """``cohort`` in parameters.yml: a published series, from its server to one AnnData file."""

    folder: Annotated[str, Field(min_length=1)] = Field(
        default="data/01_raw/cohorts",
        description="where the files of the series go: <folder>/<series>/<file>, and checksums.json",
    )
    timeout: PositiveFloat = Field(default=60, description="seconds that a server may be silent")
    retries: Annotated[int, Field(ge=0, le=20)] = Field(
        default=5,
        description="further attempts after a failure that may pass; each goes on where the last one broke off",
    )
    max_unpacked: PositiveFloat = Field(default=8, description="GB, unpacked, of one file of an archive, at most")
    min_genes: NonNegativeInt = Field(
        default=200, description="genes with a count that a barcode must have to count as a cell"
    )
    recipe: RecipeConfig | None = Field(
        default=None, description="the series: files, layout, samples (docs/cohorts.md); an environment gives it"
    )
    annotation: CellAnnotationConfig = Field(default_factory=CellAnnotationConfig)
