"""Parameters of the model, its fit and the linear baseline."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from pathlore.config.blocks import Block, PositiveInt, Seed


def _named(switch: object) -> object:
    """Name what YAML's true (it reads ``on`` as true) and false stand for."""
    return {True: "on", False: "expression"}[switch] if isinstance(switch, bool) else switch


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
    numeric_expansion: bool
    centrality: bool
    spatial: bool
    edges: bool
    cross_attention: Annotated[Literal["on", "expression", "text"], BeforeValidator(_named)]
    cross_heads: PositiveInt | None  # of the cross-attention; None: H
    cross_layers: Literal["all", "last"]
    attention: Literal["dense", "graph"]
    global_tokens: Annotated[int, Field(ge=0)]
    importance: Literal["global", "per_cell", "none"]
    importance_start: float  # typical M_p before the first step
    evidence: Annotated[float, Field(ge=0)]  # by how much M_p starts higher per sd of the path's evidence
    shared_importance: Annotated[float, Field(ge=0)]  # weight of what similar sentences share
    ways: Literal["auto", "one_direction", "edge_signs", "each_its_own"]  # how changes travel along a path
    linear_branch: bool
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
    importance_pull: Annotated[float, Field(ge=0)]  # weight of the scores' mean squared distance from their start
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


class ModelingParameters(Block):
    """``modeling`` in parameters.yml."""

    model: ModelConfig
    training: TrainingConfig
    baseline: BaselineConfig
