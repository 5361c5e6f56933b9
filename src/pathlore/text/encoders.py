"""What an encoder of texts is, and which one a configuration asks for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from pathlore.config import EncoderConfig
from pathlore.text.presets import preset_of


class TextEncoder(Protocol):
    """Turns texts into vectors, always the same ones for the same `version`."""

    @property
    def cacheable(self) -> bool:
        """Whether the vector of a text depends on that text alone, so that it may be kept for other runs.

        If not, all texts must be given in one call.
        """

    def version(self) -> str:
        """Name everything that changes the vectors: kind, model, pooling, lengths, precision."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Encode texts as vectors of shape (N, T), float32, in the order of the texts."""

    def truncated(self, texts: Sequence[str]) -> int:
        """How many of the texts are longer than the encoder reads, so that their ends are cut off."""


def make_encoder(config: EncoderConfig) -> TextEncoder:
    """Make the encoder that a configuration asks for; nothing heavy is imported before it is.

    Parameters
    ----------
    config
        ``kind`` is one of ``transformers`` (a pretrained language model), ``static`` (embeddings of tokens), ``lsa``
        (latent semantic analysis of the texts themselves), ``vectors`` (a file of vectors by gene) and the controls
        ``random`` and ``zero``.

    Returns
    -------
    TextEncoder
    """
    if config.mask_diseases and config.kind != "vectors":
        from pathlore.text.masking import MaskedEncoder

        return MaskedEncoder(make_encoder(config.model_copy(update={"mask_diseases": False})))
    if config.kind == "transformers":
        from pathlore.text.transformers_encoder import TransformersEncoder

        return TransformersEncoder(config)
    if config.kind == "static":
        from pathlore.text.static_encoder import StaticEncoder

        return StaticEncoder(config)
    if config.kind == "vectors":
        from pathlore.text.vectors_file import VectorsFile

        return VectorsFile(config.model)
    if config.kind == "lsa":
        from pathlore.text.lsa_encoder import LsaEncoder

        return LsaEncoder(config.dimension, config.seed, config.terms, config.ngrams)
    from pathlore.text.control_encoders import RandomEncoder, ZeroEncoder

    return ZeroEncoder(config.dimension) if config.kind == "zero" else RandomEncoder(config.dimension, config.seed)


def encoder_choice(encoder: str) -> dict[str, str]:
    """Parameters of an encoder that is named by one word: a kind, a preset, a file of vectors, or a model.

    Examples
    --------
    >>> encoder_choice("lsa"), encoder_choice("wordllama"), encoder_choice("owner/name")
    ({'kind': 'lsa'}, {'kind': 'static', 'model': 'wordllama'}, {'kind': 'transformers', 'model': 'owner/name'})
    """
    if encoder in ("lsa", "random", "zero"):
        return {"kind": encoder}
    preset = preset_of(encoder)
    kind = preset.kind if preset else "vectors" if Path(encoder).expanduser().is_file() else "transformers"
    return {"kind": kind, "model": encoder}
