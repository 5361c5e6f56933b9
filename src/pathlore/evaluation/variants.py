"""The variants of the model: changes of parameters, by name, and the axis that each belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pathlore.config import EvaluationParameters, Parameters
from pathlore.errors import PathloreError, shorten
from pathlore.keys import POOLED, Method

CHANGEABLE: Final = (
    "ingestion.split.",
    "ingestion.gene_filter.",
    "ingestion.network.rewire",
    "graph_construction.",
    "text_embedding.",
    "modeling.",
)
"""Beginnings of the parameters that act after the cells and the network were prepared."""

MODELS: Final = "models"
"""The axis of whole models; what stands on another axis takes one thing out of the default."""

NULLS: Final = "nulls"
"""The axis of fits in which there is nothing to find."""

DISCOVERY: Final = "discovery"
"""The axis of the search for paths beyond the list."""


@dataclass(frozen=True)
class Variant:
    """One form of the model.

    Attributes
    ----------
    name, axis, kind
        ``kind`` is ``model`` or ``ablation``; the default model has no axis.
    changes
        Dotted parameter -> value.
    """

    name: str
    axis: str
    kind: str
    changes: Mapping[str, Any] = field(default_factory=dict)


DEFAULT = Variant(Method.MODEL, "", "model")


def every_variant(config: EvaluationParameters) -> dict[str, Variant]:
    """Name -> variant, the default first.

    Raises
    ------
    PathloreError
        A variant changes what happens before an evaluation begins, or takes the default's name.
    """
    result = {DEFAULT.name: DEFAULT}
    for axis, variants in config.variants.items():
        for name, changes in variants.items():
            where = f"evaluation.variants.{axis}.{name}"
            if name == DEFAULT.name:
                raise PathloreError(f"{where}: this name belongs to the default model, choose another one")
            early = [key for key in changes if not key.startswith(CHANGEABLE)]
            if early:
                raise PathloreError(
                    f"{where} changes {shorten(early)}; cells and network are prepared before an evaluation begins, "
                    f"so that only {', '.join(CHANGEABLE)}... can differ: make an environment of its own for it"
                )
            result[name] = Variant(name, axis, "model" if axis == MODELS else "ablation", changes)
    return result


def on_axes(config: EvaluationParameters) -> list[Variant]:
    """The default and the variants on the axes of the chosen size.

    Raises
    ------
    PathloreError
        There is no such axis.
    """
    axes = config.chosen.axes
    unknown = set(axes) - set(config.variants) - {NULLS, DISCOVERY}
    if unknown:
        raise PathloreError(
            f"`evaluation.{config.size}.axes` names {shorten(unknown)}, there are "
            f"{shorten([*config.variants, NULLS, DISCOVERY], 30)}: change it, or add the axis to `evaluation.variants`"
        )
    return [variant for variant in every_variant(config).values() if variant.axis in ("", *axes)]


def sized(parameters: Parameters) -> Parameters:
    """The parameters at the evaluation's size: fewer paths and epochs, one thread for each of many processes.

    All cells are one population if `evaluation.populations` names the pooled one.
    """
    size, training = parameters.evaluation.chosen, parameters.modeling.training
    mode = POOLED if parameters.evaluation.populations == [POOLED] else parameters.ingestion.population.mode
    variants = parameters.evaluation.variants
    changed = parameters.changed(
        {
            "ingestion.population.mode": mode,
            "graph_construction.paths.max_paths": min(parameters.graph_construction.paths.max_paths, size.max_paths),
            "modeling.training.epochs": min(training.epochs, size.epochs),
            "modeling.training.checkpoints": None,
            "modeling.training.threads": 1,
            "modeling.training.workers": 0,
            "modeling.training.devices": 1,
            "modeling.training.nodes": 1,
            "modeling.training.strategy": "auto",
        },
        "evaluation",
    )
    evaluation = changed.evaluation.model_copy(update={"variants": variants})
    return changed.model_copy(update={"evaluation": evaluation})


def seeded(parameters: Parameters, seed: int) -> Parameters:
    """Draw everything that is left to chance from one seed; what draws nothing keeps its own, and so its results."""
    changes = {"modeling.training.seed": seed}
    text, construction = parameters.text_embedding, parameters.graph_construction
    if {text.control.genes, text.control.paths} & {"random", "permuted"}:
        changes["text_embedding.control.seed"] = seed
    if text.encoder.kind == "random":
        changes["text_embedding.encoder.seed"] = seed
    if parameters.ingestion.network.rewire != "none":
        changes["ingestion.network.rewire_seed"] = seed
    if construction.paths.mode == "random":
        changes["graph_construction.paths.random_seed"] = seed
    return parameters.changed(changes, "evaluation")
