"""What all blocks of parameters share: they are frozen, and refuse keys that they do not know."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pathlore.errors import PathloreError

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
PositiveInt = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]

FILE_NAME = r"^\w[\w.-]*$"
"""What may name a file or folder of a download: no way out of its folder."""


class Block(BaseModel):
    """A frozen block of parameters that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Model = TypeVar("Model", bound=BaseModel)

LONGEST_FOUND = 200
"""Characters of a wrong value that an error shows."""


def check(model: type[Model], values: Mapping[str, Any], where: str) -> Model:
    """Build a typed block, or say in one line what is wrong with it.

    Raises
    ------
    PathloreError
        A key is unknown or missing, or a value is not allowed.
    """
    try:
        return model(**values)
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or where}: {item['msg']} (found {_short(item['input'])})"
            for item in error.errors()
        )
        raise PathloreError(f"{where}: {found}") from error


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_FOUND else f"{text[:LONGEST_FOUND]}..."
