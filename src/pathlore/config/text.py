"""Parameters of the text encoders."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from pathlore.config.blocks import Block, PositiveInt, Seed

MAIN_ENCODER = "encoder"
"""Name of the encoder whose vectors the model reads, among those that are compared."""


class EncoderConfig(Block):
    """How texts become vectors."""

    kind: Literal["transformers", "lsa", "random", "zero"]
    model: str
    revision: str | None
    pooling: Literal["mean", "cls", "max"]
    max_tokens: PositiveInt
    batch_tokens: PositiveInt
    precision: Literal["auto", "fp32", "bf16"]
    device: Literal["auto", "cpu", "cuda"]
    dimension: PositiveInt
    seed: Seed
    cache: str | None


class TextControlConfig(Block):
    """What the model is given in place of the real vectors, to see what they are worth."""

    genes: Literal["real", "zero", "random", "permuted"]
    paths: Literal["real", "zero", "random", "permuted"]
    seed: Seed


class TextParameters(Block):
    """``text_embedding`` in parameters.yml."""

    encoder: EncoderConfig
    encoders: dict[Annotated[str, Field(pattern=r"^[\w.-]+$")], dict[str, str | int | None]]
    control: TextControlConfig

    @model_validator(mode="after")
    def _complete(self) -> "TextParameters":
        if MAIN_ENCODER in self.encoders:
            raise ValueError(f"encoders.{MAIN_ENCODER}: this name belongs to `encoder`, choose another one")
        self.every_encoder()
        return self

    def every_encoder(self) -> dict[str, EncoderConfig]:
        """Name -> encoder: the model's own first, then those beside it, which inherit from it what they leave out.

        The revision is one of the model, so that another model does not inherit it.
        """
        own = self.encoder.model_dump()
        beside = {
            name: own | ({"revision": None} if "model" in changes else {}) | changes
            for name, changes in self.encoders.items()
        }
        return {MAIN_ENCODER: self.encoder} | {name: EncoderConfig(**block) for name, block in beside.items()}
