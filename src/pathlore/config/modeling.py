"""Parameters of the model, its fit and the linear baseline."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, model_validator

from pathlore.config.blocks import Block, PositiveInt, Seed


def _named(switch: object) -> object:
    """Name what YAML's true (it reads ``on`` as true) and false stand for."""
    return {True: "on", False: "expression"}[switch] if isinstance(switch, bool) else switch


class ModelConfig(Block):
    """Size and form of the text-numeric graph transformer (letters of the model's equations in comments)."""

    readout: Literal["additive", "paper"] = Field(
        default="additive", description="additive (identifiable path scores) or paper (the published form)"
    )
    expression: Literal["log1p", "zscore"] = Field(
        default="log1p", description="what the expander sees: log1p, or zscore by the training cells"
    )
    width: PositiveInt = Field(default=32, description="D, width of a gene's and a path's vector")
    heads: PositiveInt = Field(default=2, description="H, attention heads")
    layers: PositiveInt = Field(default=1, description="K, layers of the gene encoder")
    aggregation_heads: PositiveInt = Field(default=4, description="R, weighted sums over a path's genes")
    feed_forward: PositiveInt = Field(default=64, description="width inside a layer's feed-forward part")
    expander: PositiveInt = Field(default=32, description="width inside the numeric expander")
    dropout: Annotated[float, Field(ge=0.0, lt=1.0)] = Field(default=0.1, description="fraction")
    numeric_expansion: bool = Field(
        default=True,
        description=(
            "true: a network turns the number into a vector as wide as a text; false: a number stays one number"
        ),
    )
    centrality: bool = Field(
        default=True, description="a gene's number of edges is added to its vector; false: left out"
    )
    spatial: bool = Field(
        default=True, description="a learned place of each gene in the attention's logits; false: left out"
    )
    edges: bool = Field(default=True, description="types of the edges in the attention's logits; false: left out")
    cross_attention: Annotated[Literal["on", "expression", "text"], BeforeValidator(_named)] = Field(
        default="on",
        description=(
            "on (or true): paths read the sentences; expression (or false): no texts of paths; text: only texts"
        ),
    )
    cross_heads: PositiveInt | None = Field(default=None, description="heads of that reading; null: as many as `heads`")
    cross_layers: Literal["all", "last"] = Field(
        default="all", description="all: after each layer; last: only after the last"
    )
    max_sentences: PositiveInt | None = Field(
        default=200, description="sentences that are read, at most: of more, groups of like ones by k-means; null: each"
    )
    attention: Literal["dense", "graph"] = Field(
        default="dense", description="dense: every gene sees every gene; graph: its neighbours, itself and the tokens"
    )
    global_tokens: NonNegativeInt = Field(
        default=4, description="learned nodes that see all genes and are seen by all, with attention: graph"
    )
    importance: Literal["global", "per_cell", "none"] = Field(
        default="global",
        description="weight of a path: global (one score, learned), per_cell (attention over paths), none (all 1)",
    )
    importance_start: float = Field(
        default=-4.0, description="M of a typical path before the first step; sigmoid(-4) = 0.018"
    )
    log_odds_weight: NonNegativeFloat = Field(
        default=2.0, description="rise of the start of M per sd of the log odds of the training cells; 0: all equal"
    )
    shared_importance: NonNegativeFloat = Field(
        default=5.0,
        description="weight of what paths of a pathway, or with similar sentences, share after the fit; 0: none",
    )
    sign_model: Literal["auto", "coherent", "edge_signs", "unconstrained"] = Field(
        default="auto", description="how changes travel: coherent, edge_signs, unconstrained; auto: weighed by the data"
    )
    branches: list[Literal["graph_genes", "wide"]] = Field(
        default=["graph_genes", "wide"],
        description=(
            "ridge regressions in addition to the paths, weighted by left-out donors: "
            "graph_genes; wide; []: only the paths"
        ),
    )
    wide_genes: PositiveInt = Field(
        default=1000, description="most variable genes that the branch `wide` reads in addition to those of the graph"
    )
    checkpointing: bool = Field(default=False, description="true: less memory for about a third more time")

    @model_validator(mode="after")
    def _divisible(self) -> "ModelConfig":
        for name in ("heads", "aggregation_heads", "cross_heads"):
            parts = getattr(self, name) or 1
            if self.width % parts:
                raise ValueError(f"width {self.width} cannot be divided into {parts} {name}: change width or {name}")
        return self


class TrainingConfig(Block):
    """The fit: optimiser, schedule, stopping rule, loss weights, machine."""

    seed: Seed = Field(default=0, description="of weights, batches and dropout")
    epochs: PositiveInt = Field(default=15, description="at most")
    cells_per_epoch: Annotated[int, Field(ge=2)] | None = Field(
        default=20_000,
        description="training (and validation) cells of an epoch, drawn anew, evenly over donors; null: all",
    )
    batch_size: Annotated[int, Field(ge=2)] = Field(default=32, description="cells")
    optimizer: Literal["adam", "adamw"] = Field(default="adamw", description="adam or adamw")
    learning_rate: PositiveFloat = Field(default=0.001, description="per step")
    importance_learning_rate: PositiveFloat = Field(default=0.05, description="per step, only for the path scores M")
    weight_decay: NonNegativeFloat = Field(default=0.0001, description="not for M")
    gradient_clip: PositiveFloat = Field(default=5.0, description="largest norm, M apart from the rest")
    class_weights: Literal["balanced", "none"] = Field(default="balanced", description="balanced or none")
    prior_weight: NonNegativeFloat = Field(
        default=0.0, description="lambda: pull of the scores towards the fold-change prior"
    )
    prior_mode: Literal["deg", "up", "down"] = Field(default="deg", description="deg: |log fold change|; up; down")
    sparsity: NonNegativeFloat = Field(default=1.0, description="weight of the mean path score in the loss")
    score_init_penalty: NonNegativeFloat = Field(
        default=1.0, description="weight of the mean squared distance of the scores M from where they began"
    )
    plateau_factor: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.5, description="by which the learning rates fall when validation AUROC stands still"
    )
    plateau_patience: NonNegativeInt = Field(default=5, description="epochs")
    min_learning_rate: NonNegativeFloat = Field(default=1e-06, description="per step")
    early_stopping: PositiveInt = Field(default=5, description="epochs without a better validation result")
    settled: PositiveInt = Field(
        default=3,
        description="epochs, 100 steps or more, in which neither validation AUROC and loss nor the ranking move",
    )
    accelerator: Literal["auto", "cpu", "cuda", "mps"] = Field(default="auto", description="auto, cpu, cuda or mps")
    precision: Literal["auto", "32-true", "bf16-mixed"] = Field(
        default="auto", description="auto (bf16-mixed on a GPU, else 32-true), 32-true, bf16-mixed"
    )
    threads: NonNegativeInt = Field(
        default=0, description="processor threads of torch, in each process; 0: its own choice"
    )
    checkpoints: str | None = Field(
        default=None, description="state after each epoch, removed when all is done; null: none"
    )
    accumulate: PositiveInt = Field(default=1, description="batches per step: memory of one batch, gradient of all")
    workers: NonNegativeInt = Field(
        default=0, description="processes that prepare batches for the one that trains; 0: none"
    )
    devices: PositiveInt = Field(
        default=1, description="GPUs, or processes on the processor, that share each batch; under torchrun 1 will do"
    )
    nodes: PositiveInt = Field(default=1, description="machines; more than 1 only under torchrun, where 1 also works")
    strategy: Literal["auto", "ddp_fork", "ddp_spawn", "ddp"] = Field(
        default="auto", description="how processes start: auto, ddp_fork, ddp_spawn; ddp: only by torchrun"
    )
    deterministic: bool = Field(
        default=False, description="true: only operations that give the same bits each time; slower on a GPU"
    )
    compile: bool | Literal["reduce-overhead"] = Field(
        default=False, description="true: torch.compile, meant for GPUs; reduce-overhead: and CUDA graphs of its steps"
    )
    scratch: str | None = Field(
        default=None, description="files of streamed cells (globals: stream_cells), removed after use"
    )


class BaselineConfig(Block):
    """The linear baseline on the same genes and the same split."""

    strengths: list[PositiveFloat] = Field(
        default=[0.0001, 0.001, 0.01, 0.1, 1.0],
        description="inverse penalties of logistic regression, chosen by validation AUROC",
    )
    max_iterations: PositiveInt = Field(default=2000, description="of its solver")


class ModelingParameters(Block):
    """``modeling`` in parameters.yml."""

    model: ModelConfig = Field(default_factory=ModelConfig)
    training: TrainingConfig = Field(default_factory=TrainingConfig)
    baseline: BaselineConfig = Field(default_factory=BaselineConfig)
