"""What all blocks of parameters share: they are frozen, and refuse keys that they do not know."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from pathlore.config.renamed import MOVED, RENAMED, meant
from pathlore.errors import PathloreError

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
PositiveInt = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]

FILE_NAME = r"^\w[\w.-]*$"
"""What may name a file or folder of a download: no way out of its folder."""


class Block(BaseModel):
    """A frozen block of parameters that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


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
        model = (_model_in(field.annotation) if field else None) or model
    return meant(str(place[-1]), model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The first block of parameters in an annotation such as ``dict[str, Block] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)


def _short(value: object) -> str:
    text = ADDRESS.sub(r"\1...", repr(value))
    return text if len(text) <= LONGEST_FOUND else f"{text[:LONGEST_FOUND]}..."
