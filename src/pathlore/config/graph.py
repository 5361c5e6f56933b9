"""Parameters of the paths, the graph and its sentences."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pathlore.config.blocks import Block, PositiveInt, Seed


class PathConfig(Block):
    """Where typed paths come from, their bounds, and how they are chosen where there are more than can be used."""

    mode: Literal["k_shortest", "shortest", "all_simple", "pathway", "file", "random"]
    random_seed: Seed
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
    random: str


class GraphParameters(Block):
    """``graph_construction`` in parameters.yml."""

    paths: PathConfig
    graph: GraphConfig
    sentences: SentenceConfig
