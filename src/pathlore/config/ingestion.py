"""Parameters of the cells: where they come from, which are kept, how they are divided; and of the network."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from pathlore.config.blocks import Block, Fraction, PositiveInt, Seed


class CellsConfig(Block):
    """Where the expression matrix and its labels lie inside the AnnData object."""

    layer: str  # "X", "raw", or the name of a layer
    gene_column: str | None  # column of var (or raw.var) with gene symbols; None: the index
    condition: str  # column of obs
    classes: dict[str, list[str]]  # class name -> values of the condition column, control first; empty: not said yet
    donor: str | None  # column of obs; None: donors are not known
    paired_donors: bool  # True: a donor may have cells in several classes
    cell_type: str | None  # column of obs; None: not known
    missing: list[str]  # values that mean "not known"

    @field_validator("classes")
    @classmethod
    def _at_least_two(cls, classes: dict[str, list[str]]) -> dict[str, list[str]]:
        if len(classes) == 1:
            raise ValueError(f"only the class {next(iter(classes))} is given, at least a control and a case are needed")
        values = [value for group in classes.values() for value in group]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ValueError(f"the condition value(s) {', '.join(twice)} belong to more than one class")
        return classes


class QualityConfig(Block):
    """Which cells are kept, and how expression is brought to one scale."""

    min_genes: Annotated[int, Field(ge=0)]
    max_mitochondrial_percent: Annotated[float, Field(ge=0.0, le=100.0)]
    scale: Literal["auto", "counts", "normalised", "log"]
    target_sum: Annotated[float, Field(gt=0)]


class PopulationConfig(Block):
    """What one model is trained on: all cells, or each cell type for itself."""

    mode: Literal["pooled", "per_cell_type"]
    include: list[str]
    exclude: list[str]
    min_cells_per_class: PositiveInt


class SplitConfig(Block):
    """Sizes of training, validation and test sets, and the unit that is never divided between them."""

    by: Literal["auto", "donor", "cell"]
    train: Fraction
    validation: Fraction
    test: Fraction
    seed: Seed

    @model_validator(mode="after")
    def _sum_to_one(self) -> "SplitConfig":
        total = self.train + self.validation + self.test
        if abs(total - 1.0) > 1e-6 or min(self.train, self.validation, self.test) <= 0:
            raise ValueError(
                f"train {self.train} + validation {self.validation} + test {self.test} = {total:g}: "
                "three positive parts that sum to 1 are expected"
            )
        return self


class GeneFilterConfig(Block):
    """Which measured genes may enter the graph, judged on training cells alone."""

    min_fraction: Fraction


class GenesConfig(Block):
    """What the names of the measured genes are, and when too few of them are understood."""

    species: Literal["auto", "human", "mouse"]
    identifier: Literal["auto", "symbol", "ensembl", "entrez"]
    min_mapped: Fraction


KindName = Literal["ligand_receptor", "signaling", "tf_target", "ligand_target"]


class NetworkConfig(Block):
    """Which associations of the network tables are used."""

    kinds: list[KindName]
    resources: list[str]
    min_evidence: PositiveInt
    min_string_score: Annotated[int, Field(ge=0, le=1000)]
    regulon_levels: list[Literal["A", "B", "C", "D", "E"]]
    undirected: Literal["drop", "both"]
    untyped_kind: KindName | dict[str, KindName] | None  # of tables that do not tell it; by parts of files' names
    rewire: Literal["none", "degree_preserving"]
    rewire_seed: Seed


class IngestionParameters(Block):
    """``ingestion`` in parameters.yml."""

    cells: CellsConfig
    quality: QualityConfig
    population: PopulationConfig
    split: SplitConfig
    genes: GenesConfig
    gene_filter: GeneFilterConfig
    network: NetworkConfig
