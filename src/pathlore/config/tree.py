"""All parameters of a run in one tree, and the same with some of them changed."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from pathlore.config.blocks import Block, check, meant
from pathlore.config.cohort import CohortConfig
from pathlore.config.engine import EngineConfig
from pathlore.config.evaluation import EvaluationParameters
from pathlore.config.graph import GraphParameters
from pathlore.config.ingestion import IngestionParameters
from pathlore.config.inspection import InspectionConfig
from pathlore.config.interpretation import InterpretationParameters
from pathlore.config.modeling import ModelingParameters
from pathlore.config.resources import ResourcesConfig
from pathlore.config.scoring import ScoringParameters
from pathlore.config.text import TextParameters
from pathlore.errors import PathloreError


class Parameters(Block):
    """All parameters of a run; a key that stands here nowhere is an error, whatever its depth.

    Those of the last block are the run-time parameters: where the raw files lie, how text
    tables are written, and whether cells are streamed.
    """

    ingestion: IngestionParameters = Field(default_factory=IngestionParameters)
    graph_construction: GraphParameters = Field(default_factory=GraphParameters)
    text_embedding: TextParameters = Field(default_factory=TextParameters)
    modeling: ModelingParameters = Field(default_factory=ModelingParameters)
    interpretation: InterpretationParameters = Field(default_factory=InterpretationParameters)
    evaluation: EvaluationParameters = Field(default_factory=EvaluationParameters)
    engine: EngineConfig = Field(default_factory=EngineConfig)
    scoring: ScoringParameters | None = None
    resources: ResourcesConfig | None = None
    inspection: InspectionConfig | None = None
    cohort: CohortConfig | None = None
    raw: str | None = None
    cells: str | None = None
    cell_annotations: str | None = None
    truth: str | None = None
    truth_cells: str | None = None
    network: str | None = None
    gene_text: str | None = None
    gene_names: str | None = None
    orthologs: str | None = None
    gene_sets: str | None = None
    gene_lists: str | None = None
    paths: str | None = None
    markers: str | None = None
    cell_types: str | None = None
    bundle: str | None = None
    stream_cells: bool | None = None
    pdf_figures: bool | None = None
    decimal: Literal["auto", "point", "comma"] | None = None
    encoding: str | None = None

    @model_validator(mode="after")
    def _variants(self) -> "Parameters":
        """Try each variant of the evaluation, so that a mistyped parameter is found before the first fit."""
        for axis, variants in self.evaluation.variants.items():
            for name, changes in variants.items():
                self.changed(changes, f"evaluation.variants.{axis}.{name}")
        return self

    def changed(self, changes: Mapping[str, Any], where: str = "changes") -> "Parameters":
        """Set some parameters, by their dotted names; the variants of the evaluation are left out of the result.

        A text like ``x0.5`` multiplies a number by that factor.

        Raises
        ------
        PathloreError
            There is no such parameter, or its value is not allowed.
        """
        tree = self.model_dump()
        tree["evaluation"]["variants"] = {}
        for key, value in changes.items():
            *path, last = key.split(".")
            block: Any = tree
            for part in path:
                block = block.get(part) if isinstance(block, dict) else None
            if not isinstance(block, dict) or last not in block or isinstance(block[last], dict):
                raise PathloreError(
                    f"{where}.{key}: there is no such parameter{meant(key, _names(tree))}; expected the dotted "
                    "name of one, such as modeling.model.layers"
                )
            block[last] = _scaled(block[last], value)
        return check(Parameters, tree, where)


def _names(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Dotted names of all values in a tree."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _names(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _scaled(before: object, value: object) -> object:
    """Resolve a factor such as ``x0.5``; anything else is the value itself."""
    if not isinstance(value, str) or not re.fullmatch(r"x\d+(\.\d+)?", value):
        return value
    if not isinstance(before, int | float) or isinstance(before, bool):
        return value
    result = before * float(value[1:])
    return max(1, round(result)) if isinstance(before, int) else result
