"""Parameters of what is downloaded."""

from typing import Annotated

from pydantic import BeforeValidator, Field, PositiveFloat

from pathlore.config.blocks import FILE_NAME, Block


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

    download: Annotated[list[str], BeforeValidator(_split_names)] = Field(
        default=[],
        description="names of docs/resources.md; on the command line joined by +: resources.download=hgnc+signor",
    )
    folder: Annotated[str, Field(min_length=1)] = Field(
        default="data/01_raw/resources", description="where the files go: <folder>/<name>/<file>, and checksums.json"
    )
    timeout: PositiveFloat = Field(default=60, description="seconds that a server may be silent")
    retries: Annotated[int, Field(ge=0, le=20)] = Field(
        default=3, description="further attempts after a failure that may pass"
    )
    sources: dict[Annotated[str, Field(pattern=FILE_NAME)], SourceConfig] = Field(
        default={},
        description="own addresses, name: {url: ..., file: ..., sha256: ...}; file and sha256 may be left out",
    )
