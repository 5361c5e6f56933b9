"""Tables of the cells: how those of a published cohort were brought together, their sets, what is measured in them."""

import pandera.pandas as pa
from pandera.typing.pandas import Series

from pathlore.keys import Split
from pathlore.schemas.table import Table


class Splits(Table):
    """One row per cell of a population, with the set that the cell belongs to."""

    cell: Series[str] = pa.Field(unique=True)
    condition: Series[str] = pa.Field(description="class name")
    label: Series[int] = pa.Field(ge=0, description="class index, 0 is the control")
    donor: Series[str] = pa.Field(nullable=True)
    cell_type: Series[str] = pa.Field(nullable=True)
    population: Series[str]
    split: Series[str] = pa.Field(isin=Split.ALL)
    term: Series[float] | None = pa.Field(
        alias=r"^term .+$", regex=True, description="batch or covariate of the design, as a number"
    )


class GeneStatistics(Table):
    """One row per gene: what its expression looks like in the training cells of a population."""

    gene: Series[str] = pa.Field(unique=True)
    mean: Series[float] = pa.Field(ge=0, description="mean log1p-normalised expression")
    sd: Series[float] = pa.Field(ge=0, description="its standard deviation over cells")
    fraction_expressed: Series[float] = pa.Field(ge=0, le=1, description="share of cells with a count, all classes")
    log_fold_change: Series[float] = pa.Field(description="log2 fold change, case against control")
    log_fold_change_class: Series[str] = pa.Field(description="the class that the fold change speaks of")
    fraction_by_class: Series[float] = pa.Field(
        alias=r"^fraction_expressed_in_.+$", regex=True, ge=0, le=1, description="share of the class's cells"
    )
    passes: Series[bool] = pa.Field(description="whether the gene may enter the graph")


class DesignFindings(Table):
    """What of the design of a cohort makes a result doubtful, the gravest first; no row: nothing was found."""

    level: Series[str] = pa.Field(isin=["problem", "warning"])
    text: Series[str]


class CohortSamples(Table):
    """One row per sample of a series, those that are left out too."""

    sample: Series[str] = pa.Field(unique=True)
    donor: Series[str] = pa.Field(nullable=True, description="';'-joined where a sample pools several")
    condition: Series[str] = pa.Field(nullable=True)
    cells_read: Series[int] = pa.Field(ge=0, description="barcodes of the matrix; 0: the sample is left out")
    cells_kept: Series[int] = pa.Field(ge=0, description="those with enough genes")
    genes: Series[int] = pa.Field(ge=0, description="symbols of the matrix")
    median_counts: Series[float] = pa.Field(ge=0, description="of the kept cells")
    file: Series[str] = pa.Field(description="file of the series that the sample was read from")
    sha256: Series[str] = pa.Field(str_matches=r"^[0-9a-f]{64}$", description="of that file")
    left_out: Series[str] = pa.Field(nullable=True, description="the reason, empty: it is used")


class CohortClusters(Table):
    """One row per cluster of the cells whose type nobody has told."""

    cluster: Series[int] = pa.Field(ge=0, unique=True)
    cells: Series[int] = pa.Field(ge=1)
    samples: Series[int] = pa.Field(ge=1, description="samples that the cells come from")
    cell_type: Series[str] = pa.Field(description="the best, or unknown")
    best: Series[str] = pa.Field(description="cell type with the highest score")
    score: Series[float] = pa.Field(ge=0, le=1, description="mean presence of its markers, of their highest")
    second: Series[str] = pa.Field(description="best cell type of another lineage; empty: there is none", nullable=True)
    confidence: Series[float] = pa.Field(ge=0, le=1, description="lead of the best over that one")
    related: Series[str] = pa.Field(nullable=True, description="type of the same lineage that is nearly as good")
    markers: Series[str] = pa.Field(description="';'-joined markers of the best, the highest share first")
