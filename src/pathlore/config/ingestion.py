"""Parameters of the cells: where they come from, which are kept, how they are divided; and of the network."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, field_validator, model_validator

from pathlore.config.blocks import Block, Fraction, PositiveInt, Seed


class CellsConfig(Block):
    """Where the expression matrix and its labels lie inside the AnnData object."""

    layer: str = Field(default="X", description="where the numbers lie: X, raw (for .raw.X), or the name of a layer")
    gene_column: str | None = Field(default=None, description="column of var with gene symbols; null: the index of var")
    condition: str = Field(default="condition", description="column of obs with the condition")
    classes: dict[str, list[str]] = Field(
        default={},
        description="class: [values of that column]; the first class is the control. An environment names them",
    )
    donor: str | None = Field(
        default="donor", description="column of obs with the donor; null: not known, cells are split instead"
    )
    paired_donors: bool = Field(
        default=False, description="true: a donor may have cells in several classes (treated and untreated)"
    )
    donor_names: Literal["global", "per_class"] = Field(
        default="global", description="global: a name is one donor; per_class: each class has its own rep1, rep2, ..."
    )
    similar_donors: Literal["refuse", "same", "different"] = Field(
        default="refuse",
        description="names that differ only by case or separators (P1, p1): refuse; same (one donor); different",
    )
    cell_type: str | None = Field(default=None, description="column of obs with the cell type; null: not known")
    batch: str | None = Field(default=None, description="column of obs; effects over donors are taken within it")
    contrast: Literal["others", "reference", "all_pairs", "trend"] = Field(
        default="others",
        description=(
            "of three or more classes: each against the mean of the others, each against the first (reference), "
            "each against each (all_pairs), or a trend"
        ),
    )
    covariates: list[str] = Field(
        default=[], description="columns of obs, or terms of a formula, that effects over donors are adjusted for"
    )
    missing: list[str] = Field(default=["unknown", ""], description="values that mean 'not known'")

    @field_validator("classes")
    @classmethod
    def _at_least_two(cls, classes: dict[str, list[str]]) -> dict[str, list[str]]:
        if len(classes) == 1:
            raise ValueError(f"only the class {next(iter(classes))} is given, at least a control and a case are needed")
        values = [value.strip() for group in classes.values() for value in group]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ValueError(f"the condition value(s) {', '.join(twice)} belong to more than one class")
        return classes

    @model_validator(mode="after")
    def _paired_by_name(self) -> "CellsConfig":
        if self.paired_donors and self.donor_names == "per_class":
            raise ValueError("paired_donors needs donors of one name in several classes: donor_names: global expected")
        return self


class QualityConfig(Block):
    """Which cells are kept, and how expression is brought to one scale."""

    min_genes: NonNegativeInt = Field(default=200, description="genes with a count that a cell must have")
    max_mitochondrial_percent: Annotated[float, Field(ge=0.0, le=100.0)] = Field(
        default=20, description="% of a cell's counts from mitochondrial genes, at most (counts only)"
    )
    scale: Literal["auto", "counts", "normalised", "log"] = Field(
        default="auto", description="what the numbers are: auto (judged and logged), counts, normalised, or log"
    )
    target_sum: PositiveFloat = Field(default=10000, description="counts per cell after normalisation")
    metacells: Annotated[int, Field(ge=2)] | Literal["donor"] | None = Field(
        default=None,
        description="cells of one donor, class and type that are averaged to one; donor: all of them; null: none are",
    )


class PopulationConfig(Block):
    """What one model is trained on: all cells, or each cell type for itself."""

    mode: Literal["pooled", "per_cell_type"] = Field(
        default="pooled", description="pooled: one model on all cells; per_cell_type: one model per cell type"
    )
    include: list[str] = Field(default=[], description="cell types to use; empty: all")
    exclude: list[str] = Field(default=[], description="cell types to leave out")
    min_cells_per_class: PositiveInt = Field(default=30, description="cells of each class that a population must have")


class SplitConfig(Block):
    """Sizes of training, validation and test sets, and the unit that is never divided between them."""

    by: Literal["auto", "donor", "cell"] = Field(
        default="auto", description="auto: by donor where there are enough, else by cell; donor; cell"
    )
    mode: Literal["auto", "fractions", "pairs"] = Field(
        default="auto",
        description=(
            "of donors: fractions; pairs (one of each class is tested); auto: pairs where a class has two donors"
        ),
    )
    pair: NonNegativeInt = Field(
        default=0, description="which pair of donors is tested, counted from 0 round the pairs"
    )
    train: Fraction = Field(default=0.7, description="fraction of donors or cells")
    validation: Fraction = Field(default=0.1, description="fraction of donors or cells")
    test: Fraction = Field(default=0.2, description="fraction of donors or cells")
    seed: Seed = Field(default=0, description="of the draw")

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

    min_fraction: Fraction = Field(
        default=0.05, description="fraction of the training cells of any one class that express the gene"
    )
    silent_fraction: Fraction | None = Field(
        default=0.5,
        description="genes that so many cells of another class express, absent from a class beyond chance and "
        "regulation, are left out; null: kept",
    )


class GenesConfig(Block):
    """What the names of the measured genes are, and when too few of them are understood."""

    species: Literal["auto", "human", "mouse"] = Field(
        default="auto",
        description="human, mouse (needs the table `orthologs`), or auto: judged by the names and logged",
    )
    identifier: Literal["auto", "symbol", "ensembl", "entrez"] = Field(
        default="auto", description="symbol, ensembl or entrez (both need the table `gene_names`), or auto"
    )
    min_mapped: Fraction = Field(default=0.5, description="fraction of ids or mouse genes that must be understood")


KindName = Literal["ligand_receptor", "signaling", "tf_target", "ligand_target"]


class NetworkConfig(Block):
    """Which associations of the network tables are used."""

    kinds: list[KindName] = Field(
        default=["ligand_receptor", "signaling", "tf_target", "ligand_target"],
        description="kinds of association to use",
    )
    resources: list[str] = Field(default=[], description="names in the column resources; empty: all")
    min_evidence: PositiveInt = Field(default=1, description="entries that an association must have")
    min_string_score: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=700, description="combined score of a STRING link, 0 to 1000 (700: high confidence)"
    )
    regulon_levels: list[Literal["A", "B", "C", "D", "E"]] = Field(
        default=["A", "B", "C"], description="confidence levels of DoRothEA that are used"
    )
    undirected: Literal["drop", "both"] = Field(
        default="drop", description="links without a direction (STRING, parts of Reactome FI): drop, or both directions"
    )
    untyped_kind: KindName | dict[str, KindName] | None = Field(
        default=None,
        description=(
            "kind of tables that do not state it (OmniPath without type or datasets); or {part of a file's name: kind}"
        ),
    )
    rewire: Literal["none", "degree_preserving"] = Field(
        default="none",
        description=(
            "none; degree_preserving (a control): targets exchanged at random, each gene keeps its number of edges"
        ),
    )
    rewire_seed: Seed = Field(default=0, description="of the exchanges")


class IngestionParameters(Block):
    """``ingestion`` in parameters.yml."""

    cells: CellsConfig = Field(default_factory=CellsConfig)
    quality: QualityConfig = Field(default_factory=QualityConfig)
    population: PopulationConfig = Field(default_factory=PopulationConfig)
    split: SplitConfig = Field(default_factory=SplitConfig)
    genes: GenesConfig = Field(default_factory=GenesConfig)
    gene_filter: GeneFilterConfig = Field(default_factory=GeneFilterConfig)
    network: NetworkConfig = Field(default_factory=NetworkConfig)
