"""Parameters of the paths, the graph and its sentences."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, model_validator

from pathlore.config.blocks import Block, PositiveInt, Seed


class PathConfig(Block):
    """Where typed paths come from, their bounds, and how they are chosen where there are more than can be used."""

    mode: Literal["k_shortest", "shortest", "all_simple", "pathway", "file", "random"] = Field(
        default="k_shortest",
        description=(
            "k_shortest; shortest; all_simple (every one, bounded); pathway (within one named "
            "pathway); file (`paths`); random (a control)"
        ),
    )
    random_seed: Seed = Field(default=0, description="of the genes that mode random draws")
    min_nodes: Annotated[int, Field(ge=3)] = Field(
        default=3, description="genes on a path, at least (receptor, TF, target)"
    )
    max_edges: Annotated[int, Field(ge=2, le=10)] = Field(default=5, description="edges on a path, at most")
    step_cost: NonNegativeFloat = Field(
        default=0.2, description="cost of a step in addition to 1 / sqrt(evidence); higher favours short paths"
    )
    labels_per_gene: PositiveInt = Field(default=3, description="ways that the search keeps per gene and length")
    receptors_per_target: PositiveInt = Field(default=2, description="receptors for each TF -> target edge")
    tfs_per_receptor: PositiveInt = Field(default=10, description="TFs for each receptor")
    paths_per_pair: PositiveInt = Field(
        default=1, description="ways for each of these receptor-TF-target triples, the cheapest first"
    )
    bridge: Annotated[int, Field(ge=0, le=5)] = Field(
        default=0, description="unmeasured genes in a row that a step may pass over (panels, variable genes alone)"
    )
    max_per_receptor: PositiveInt | None = Field(
        default=None, description="paths that begin at one receptor, at most; null: any number"
    )
    max_paths: PositiveInt = Field(
        default=600, description="paths in all; coverage of receptors, TFs and targets first, then evidence"
    )
    enumeration_limit: PositiveInt = Field(
        default=200000, description="paths that mode all_simple may list before it gives up"
    )
    receptors: list[str] = Field(default=[], description="only paths that begin at one of these; empty: all")
    tfs: list[str] = Field(default=[], description="only paths over one of these TFs; empty: all")
    genes: list[str] = Field(default=[], description="only paths with one of these genes anywhere; empty: all")
    pathways: list[str] = Field(default=[], description="only paths of these named pathways; empty: all")

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

    genes: Literal["paths", "edges"] = Field(
        default="paths",
        description="genes of the graph: those on a path (paths), or all expressed ones on an edge (edges)",
    )


class SentenceConfig(Block):
    """Templates of the texts; the fields in braces are filled in."""

    gene: str = Field(default="{symbol} ({name}). {description}", description="symbol, name, description")
    path: str = Field(default="{pathway}: {steps}.", description="pathway, steps")
    step: str = Field(
        default="{source_role} {source} {verb} {target} {via}",
        description="source_role, source, source_name, verb, target_role, target, target_name, via",
    )
    activates: str = Field(default="activates", description="signaling, sign +1")
    inhibits: str = Field(default="inhibits", description="any step, sign -1")
    acts_on: str = Field(default="acts on", description="signaling, sign not known")
    transcribes: str = Field(default="switches on", description="TF -> target, sign +1")
    regulates: str = Field(default="regulates the transcription of", description="TF -> target, sign not known")
    through: str = Field(default="through", description="before the unmeasured genes that a step passes over")
    random: str = Field(default="is joined at random to", description="any step of a path of mode random")


class GraphParameters(Block):
    """``graph_construction`` in parameters.yml."""

    paths: PathConfig = Field(default_factory=PathConfig)
    graph: GraphConfig = Field(default_factory=GraphConfig)
    sentences: SentenceConfig = Field(default_factory=SentenceConfig)
