"""What all blocks of parameters share: frozen, without keys that they do not know; and what old names are called."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from pathlore.errors import PathloreError, nearest

PARAMETERS = {
    "between_cells": "cell_communication",
    "max_lines": "max_interactions",
    "ways": "sign_model",
    "one_direction": "coherent",
    "each_its_own": "unconstrained",
    "evidence": "log_odds_weight",
    "importance_pull": "score_init_penalty",
    "no_evidence": "no_log_odds",
    "no_pull": "no_init_penalty",
    "linear_branch": "branches",
    "no_linear_branch": "no_branches",
}
"""Parameters, their values, and variants of the evaluation."""

DATASETS = {
    "failure_signatures": "diagnostics",
    "between_pairs": "communication_pairs",
    "between_figures": "communication_plots",
    "between_plot": "interactive_communication",
    "draw_between": "draw_communication",
    "importance_plot": "interactive_importance",
    "metrics_plot": "interactive_metrics",
    "donors_plot": "interactive_donors",
    "sentences_plot": "interactive_sentences",
}
"""Datasets and nodes; of the others, ``*_figures`` became ``*_plots``."""

RENAMED = PARAMETERS | DATASETS

REMOVED = {"kernel": "it is no longer needed, since attention always runs on torch's own kernels: leave it out"}
"""Parameters that are gone, and why."""

MOVED = {"evaluation.workers": "engine.workers", "interpretation.refits.workers": "engine.workers"}
"""Parameters that stand in another block now."""


def meant(name: str, known: Iterable[str]) -> str:
    """Write what an unknown name is called now, else the known names that are spelt alike, or nothing.

    Examples
    --------
    >>> meant("modeling.model.ways", []), meant("donor_figures", ["donor_plots"]), meant("modelling", ["modeling"])
    (', it is now called modeling.model.sign_model', ', it is now called donor_plots', ', did you mean modeling?')
    """
    if reason := REMOVED.get(name.rsplit(".", 1)[-1]):
        return f", {reason}"
    known = {str(one) for one in known}
    new = re.sub("_figures$", "_plots", ".".join(RENAMED.get(part, part) for part in name.split(".")))
    if new != name and (new in known or not known):
        return f", it is now called {new}"
    return nearest(name, known)


Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
PositiveInt = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]

FILE_NAME = r"^\w[\w.-]*$"
"""What may name a file or folder of a download: no way out of its folder."""


class Block(BaseModel):
    """A frozen block of parameters that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


Model = TypeVar("Model", bound=BaseModel)

ADDRESS = re.compile(r"((?:[A-Za-z][\w+.-]*://)?)[^\s'\"]*(?:(?<=//)|@)[^\s'\"]*")
"""An address, or what looks like a login: a wrong value may hold a password."""
LONGEST_FOUND = 200
"""Characters of a wrong value that an error shows."""


def check(model: type[Model], values: Mapping[str, Any], where: str) -> Model:
    """Build a typed block, or say in one line what is wrong with it.

    Raises
    ------
    PathloreError
        A key is unknown or missing, or a value is not allowed; a number that is not finite never is.
    """
    for place, number in _not_finite(values):
        raise PathloreError(f"{where}: {place} is {number}, a finite number was expected: change it")
    try:
        return model(**values)
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or where}: {item['msg']}{_hint(model, item)} "
            f"(found {_short(item['input'])})"
            for item in error.errors()
        )
        raise PathloreError(f"{where}: {found}") from error


def _not_finite(values: object, place: str = "") -> Iterator[tuple[str, float]]:
    """Dotted names of numbers such as ``.inf`` and ``.nan`` in a tree."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield from _not_finite(value, f"{place}.{key}" if place else str(key))
    elif isinstance(values, list | tuple):
        for i, value in enumerate(values):
            yield from _not_finite(value, f"{place}.{i}")
    elif isinstance(values, float) and not math.isfinite(values):
        yield place, values


def _hint(model: type[BaseModel], found: ErrorDetails) -> str:
    """The names that an unknown key may mean, and what a value is called now."""
    place, value = found["loc"], str(found["input"])
    if found["type"] == "literal_error" and value in RENAMED:
        return f", {value} is now called {RENAMED[value]}"
    if found["type"] != "extra_forbidden":
        return ""
    if moved := MOVED.get(".".join(map(str, place))):
        return f", it is now called {moved}"
    for part in place[:-1]:
        field = model.model_fields.get(str(part))
        model = (block_in(field.annotation) if field else None) or model
    return meant(str(place[-1]), model.model_fields)


def block_in(annotation: Any) -> type[BaseModel] | None:
    """The first block of parameters in an annotation such as ``dict[str, Block] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := block_in(part)) is not None), None)


def _short(value: object) -> str:
    text = ADDRESS.sub(r"\1...", repr(value))
    return text if len(text) <= LONGEST_FOUND else f"{text[:LONGEST_FOUND]}..."
