"""Parameters of the text encoders."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, model_validator

from pathlore.config.blocks import Block, PositiveInt, Seed

MAIN_ENCODER = "encoder"
"""Name of the encoder whose vectors the model reads, among those that are compared."""


class EncoderConfig(Block):
    """How texts become vectors."""

    kind: Literal["transformers", "static", "lsa", "vectors", "random", "zero"] = Field(
        default="transformers",
        description="transformers (a language model), static (embeddings of tokens), lsa (offline), vectors (a file), "
        "random or zero (controls)",
    )
    model: str = Field(
        default="microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext",
        description="PubMedBERT: a preset (docs/text-models.md), Hugging Face id or local folder",
    )
    revision: str | None = Field(
        default=None, description="commit of the model on the hub; null: the preset's, or else the newest"
    )
    weights: Literal["pretrained", "random"] = Field(
        default="pretrained", description="pretrained, or random: drawn by `seed`, a control"
    )
    pooling: Literal["auto", "mean", "cls", "max", "last"] = Field(
        default="auto", description="mean or max over tokens, cls (the first), last; auto: as the model was trained"
    )
    normalise: Literal["auto", "unit", "none"] = Field(
        default="auto", description="unit: vectors of length 1; none: as they are; auto: as the model was trained"
    )
    prompt: str | None = Field(
        default=None, description="words before each text, for models that want them; null: the model's own"
    )
    max_tokens: PositiveInt = Field(default=256, description="tokens that are read at once, at most")
    long_texts: Literal["windows", "cut"] = Field(
        default="windows", description="longer texts: windows (all of it, pooled), or cut (ends dropped, and counted)"
    )
    batch_tokens: PositiveInt = Field(
        default=4096, description="tokens in a batch, padding included: fastest on a CPU; a GPU takes more"
    )
    precision: Literal["auto", "fp32", "bf16"] = Field(
        default="auto", description="fp32, bf16, or auto: bf16 where the GPU or processor computes in it, else fp32"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", description="auto, cpu or cuda")
    dimension: PositiveInt = Field(default=128, description="width of the vectors for lsa, random and zero")
    terms: Literal["words", "whole", "symbols", "characters"] = Field(
        default="words",
        description=(
            "lsa: words, whole (HLA-A is one word), symbols (only: which genes are named together), or characters"
        ),
    )
    ngrams: PositiveInt = Field(default=1, description="lsa: also runs of up to so many words (characters: 3 to 5)")
    mask_diseases: bool = Field(
        default=False, description="names of diseases are taken out of the texts, which may name the classes"
    )
    seed: Seed = Field(default=0, description="for lsa and random")
    cache: str | None = Field(
        default="data/04_feature/text_cache", description="folder of vectors already made (transformers); null: none"
    )


class TuningConfig(Block):
    """Whether the vectors are tuned to the network; frozen ones are the default."""

    kind: Literal["none", "linear", "lora"] = Field(
        default="none", description="none; linear (a projection of the vectors); lora (adapters of the language model)"
    )
    epochs: PositiveInt = Field(default=20, description="passes over the pairs, at most")
    patience: PositiveInt = Field(default=3, description="epochs without a lower loss on held-out pairs before the end")
    validation: Annotated[float, Field(gt=0, lt=1)] = Field(default=0.1, description="fraction of pairs held out")
    batch: Annotated[int, Field(ge=2)] = Field(default=256, description="pairs; the others of a batch are negatives")
    learning_rate: PositiveFloat = Field(default=0.001, description="per step")
    weight_decay: NonNegativeFloat = Field(default=0.01, description="pull towards the frozen encoder")
    temperature: PositiveFloat = Field(default=0.1, description="of the contrastive loss")
    rank: PositiveInt = Field(default=8, description="of the adapters (lora)")
    seed: Seed = Field(default=0, description="of the held-out pairs, batches and adapters")


class TextControlConfig(Block):
    """What the model is given in place of the real vectors, to see what they are worth."""

    genes: Literal["real", "zero", "random", "permuted"] = Field(
        default="real", description="real; zero; random (of the same lengths); permuted (each gene has another one's)"
    )
    paths: Literal["real", "zero", "random", "permuted"] = Field(default="real", description="as genes")
    seed: Seed = Field(default=0, description="for random and permuted")


class TextParameters(Block):
    """``text_embedding`` in parameters.yml."""

    encoder: EncoderConfig = Field(default_factory=EncoderConfig)
    encoders: dict[Annotated[str, Field(pattern=r"^[\w.-]+$")], dict[str, str | int | None]] = Field(
        default={}, description="others to embed for comparison: name: {what differs from `encoder`}"
    )
    tuning: TuningConfig = Field(default_factory=TuningConfig)
    control: TextControlConfig = Field(default_factory=TextControlConfig)

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
