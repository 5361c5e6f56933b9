"""Typed parameters: one frozen model per block of ``parameters.yml``, unknown keys refused.

Kedro builds these from the YAML before the first node runs, because the nodes' arguments are annotated with them.
Defaults live in ``conf/base``, with a comment and a unit each; nothing here has a default of its own unless it is
the neutral one, so that a run is described by its YAML alone.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
PositiveInt = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]

FILE_NAME = r"^\w[\w.-]*$"
"""What may name a file or folder of a download: no way out of its folder."""


class Block(BaseModel):
    """A frozen block of parameters that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# ---------------------------------------------------------------------------------------------- ingestion


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


class NetworkConfig(Block):
    """Which associations of the network tables are used."""

    kinds: list[Literal["ligand_receptor", "signaling", "tf_target", "ligand_target"]]
    resources: list[str]
    min_evidence: PositiveInt
    min_string_score: Annotated[int, Field(ge=0, le=1000)]
    regulon_levels: list[Literal["A", "B", "C", "D", "E"]]
    undirected: Literal["drop", "both"]


# ------------------------------------------------------------------------------------- graph_construction


class PathConfig(Block):
    """Where typed paths come from, their bounds, and how they are chosen where there are more than can be used."""

    mode: Literal["k_shortest", "shortest", "all_simple", "pathway", "file"]
    min_nodes: Annotated[int, Field(ge=3)]
    max_edges: Annotated[int, Field(ge=2, le=10)]
    step_cost: Annotated[float, Field(ge=0.0)]
    labels_per_gene: PositiveInt
    receptors_per_target: PositiveInt
    tfs_per_receptor: PositiveInt
    paths_per_pair: PositiveInt
    bridge: Annotated[int, Field(ge=0, le=5)]
    max_per_receptor: PositiveInt | None
    max_paths: PositiveInt
    enumeration_limit: PositiveInt
    receptors: list[str]
    tfs: list[str]
    genes: list[str]
    pathways: list[str]

    @model_validator(mode="after")
    def _possible(self) -> "PathConfig":
        if self.min_nodes > self.max_edges + 1:
            raise ValueError(
                f"min_nodes {self.min_nodes} and max_edges {self.max_edges} leave no path: a path of {self.max_edges} "
                f"edges has {self.max_edges + 1} genes"
            )
        return self


class GraphConfig(Block):
    """What the text-numeric graph holds."""

    genes: Literal["paths", "edges"]


class SentenceConfig(Block):
    """Templates of the texts; the fields in braces are filled in."""

    gene: str
    path: str
    step: str
    activates: str
    inhibits: str
    acts_on: str
    transcribes: str
    regulates: str
    through: str


# ----------------------------------------------------------------------------------------- text_embedding


MAIN_ENCODER = "encoder"
"""Name of the encoder whose vectors the model reads, among those that are compared."""


class EncoderConfig(Block):
    """How texts become vectors."""

    kind: Literal["transformers", "lsa", "random", "zero"]
    model: str
    revision: str | None
    pooling: Literal["mean", "cls", "max"]
    max_tokens: PositiveInt
    batch_tokens: PositiveInt
    precision: Literal["auto", "fp32", "bf16"]
    device: Literal["auto", "cpu", "cuda"]
    dimension: PositiveInt
    seed: Seed
    cache: str | None


# ----------------------------------------------------------------------------------------------- modeling


class ModelConfig(Block):
    """Size and form of the text-numeric graph transformer (letters of the model's equations in comments)."""

    readout: Literal["additive", "paper"]
    expression: Literal["log1p", "zscore"]
    width: PositiveInt  # D
    heads: PositiveInt  # H
    layers: PositiveInt  # K
    aggregation_heads: PositiveInt  # R
    feed_forward: PositiveInt
    expander: PositiveInt  # hidden width of MLP_expand
    dropout: Annotated[float, Field(ge=0.0, lt=1.0)]
    cross_attention: bool
    cross_heads: PositiveInt | None  # of the cross-attention; None: H
    cross_layers: Literal["all", "last"]
    attention: Literal["dense", "graph"]
    global_tokens: Annotated[int, Field(ge=0)]
    importance_start: float  # every M_p before the first step
    kernel: Literal["auto", "torch", "numba"]
    checkpointing: bool

    @model_validator(mode="after")
    def _divisible(self) -> "ModelConfig":
        for name in ("heads", "aggregation_heads", "cross_heads"):
            parts = getattr(self, name) or 1
            if self.width % parts:
                raise ValueError(f"width {self.width} cannot be divided into {parts} {name}: change width or {name}")
        return self


class TrainingConfig(Block):
    """The fit: optimiser, schedule, stopping rule, loss weights, machine."""

    seed: Seed
    epochs: PositiveInt
    batch_size: Annotated[int, Field(ge=2)]  # residuals are standardised over the cells of a batch
    optimizer: Literal["adam", "adamw"]
    learning_rate: Annotated[float, Field(gt=0)]
    importance_learning_rate: Annotated[float, Field(gt=0)]
    weight_decay: Annotated[float, Field(ge=0)]
    gradient_clip: Annotated[float, Field(gt=0)]
    class_weights: Literal["balanced", "none"]
    prior_weight: Annotated[float, Field(ge=0)]  # lambda
    prior_mode: Literal["deg", "up", "down"]
    sparsity: Annotated[float, Field(ge=0)]  # weight of mean(I)
    plateau_factor: Annotated[float, Field(gt=0, lt=1)]
    plateau_patience: Annotated[int, Field(ge=0)]
    min_learning_rate: Annotated[float, Field(ge=0)]
    early_stopping: PositiveInt
    accelerator: Literal["auto", "cpu", "cuda", "mps"]
    precision: Literal["auto", "32-true", "bf16-mixed"]
    threads: Annotated[int, Field(ge=0)]
    checkpoints: str | None
    accumulate: PositiveInt  # batches per step
    workers: Annotated[int, Field(ge=0)]  # processes that prepare batches
    devices: PositiveInt  # processes, or GPUs, on this machine
    nodes: PositiveInt  # machines
    strategy: Literal["auto", "ddp_fork", "ddp_spawn", "ddp"]
    deterministic: bool
    compile: bool
    scratch: str | None  # folder of streamed cells


class BaselineConfig(Block):
    """The linear baseline on the same genes and the same split."""

    strengths: list[Annotated[float, Field(gt=0)]]
    max_iterations: PositiveInt


# ----------------------------------------------------------------------------------------- interpretation


class ReportConfig(Block):
    """How much of the ranking is drawn and printed."""

    core_paths: PositiveInt
    bar_paths: PositiveInt
    printed_paths: PositiveInt


# ------------------------------------------------------------------------------------------ the whole tree


class IngestionParameters(Block):
    """``ingestion`` in parameters.yml."""

    cells: CellsConfig
    quality: QualityConfig
    population: PopulationConfig
    split: SplitConfig
    genes: GenesConfig
    gene_filter: GeneFilterConfig
    network: NetworkConfig


class SourceConfig(Block):
    """A user's own address of one file."""

    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    file: Annotated[str, Field(pattern=FILE_NAME)] | None = None  # None: as in the address
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None  # None: the first transfer decides


def _split_names(names: object) -> object:
    """Names as the command line takes them, ``hgnc+signor``; its commas separate parameters."""
    if isinstance(names, str):
        return [name.strip() for name in names.split("+") if name.strip()]
    return [] if names is None else names


class ResourcesConfig(Block):
    """``resources`` in parameters.yml: what to download, and how."""

    download: Annotated[list[str], BeforeValidator(_split_names)]
    folder: Annotated[str, Field(min_length=1)]
    timeout: Annotated[float, Field(gt=0)]  # seconds
    retries: Annotated[int, Field(ge=0, le=20)]
    sources: dict[Annotated[str, Field(pattern=FILE_NAME)], SourceConfig]


class GraphParameters(Block):
    """``graph_construction`` in parameters.yml."""

    paths: PathConfig
    graph: GraphConfig
    sentences: SentenceConfig


class TextParameters(Block):
    """``text_embedding`` in parameters.yml."""

    encoder: EncoderConfig
    encoders: dict[Annotated[str, Field(pattern=r"^[\w.-]+$")], dict[str, str | int | None]]

    @model_validator(mode="after")
    def _complete(self) -> "TextParameters":
        if MAIN_ENCODER in self.encoders:
            raise ValueError(f"encoders.{MAIN_ENCODER}: this name belongs to `encoder`, choose another one")
        self.every_encoder()
        return self

    def every_encoder(self) -> dict[str, EncoderConfig]:
        """Name -> encoder: the model's own first, then those beside it, which inherit from it what they leave out.

        The revision is one of the model, so that another model does not inherit it.
        """
        own = self.encoder.model_dump()
        beside = {
            name: own | ({"revision": None} if "model" in changes else {}) | changes
            for name, changes in self.encoders.items()
        }
        return {MAIN_ENCODER: self.encoder} | {name: EncoderConfig(**block) for name, block in beside.items()}


class ModelingParameters(Block):
    """``modeling`` in parameters.yml."""

    model: ModelConfig
    training: TrainingConfig
    baseline: BaselineConfig


class InterpretationParameters(Block):
    """``interpretation`` in parameters.yml."""

    report: ReportConfig


class Parameters(Block):
    """All parameters of a run; a key that stands here nowhere is an error, whatever its depth.

    Those of the last block are the run-time parameters: where the raw files lie, and whether cells are streamed.
    """

    ingestion: IngestionParameters
    graph_construction: GraphParameters
    text_embedding: TextParameters
    modeling: ModelingParameters
    interpretation: InterpretationParameters
    resources: ResourcesConfig | None = None
    raw: str | None = None
    cells: str | None = None
    network: str | None = None
    gene_text: str | None = None
    gene_names: str | None = None
    orthologs: str | None = None
    paths: str | None = None
    stream_cells: bool | None = None


class TrackingConfig(Block):
    """``mlflow.yml``: where runs are recorded."""

    enabled: bool
    tracking_uri: str
    artifact_location: str | None
    experiment: str
    run_name: str | None
    pipelines: list[str]
    system_metrics: bool
    system_metrics_interval: Annotated[float, Field(gt=0)]
