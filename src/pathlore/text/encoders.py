"""What an encoder of texts is, which one a configuration asks for, and texts without the names of diseases."""

import re
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
        from pathlore.text.encoders import MaskedEncoder

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
    from pathlore.text.controls import RandomEncoder, ZeroEncoder

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


_SMALL = (
    "a an the of in with and or to by for from as is are was were be been on at its it this that these those human "
    "such other some many most several all both can may not no than into during including cause causes caused causing"
)
_HEADS = (
    "diseases? syndromes? disorders? cancers? tumou?rs?(?!\\W(?:necrosis|suppressor|protein)) neoplasms? "
    "metastas[ei]s malignanc(?:y|ies) infections? deficienc(?:y|ies) dystroph(?:y|ies) atroph(?:y|ies) palsy "
    "dementias? cardiomyopath(?:y|ies) infarctions? injur(?:y|ies)"
)
_NAMED = (
    "Alzheimer Parkinson Huntington Crohn diabetes obesity asthma autism schizophrenia epilepsy stroke malaria AIDS "
    r"COVID(?:-19)? lupus psoriasis cirrhosis fibrosis sclerosis tuberculosis thrombosis amyloidosis steatosis "
    "osteoporosis sepsis eczema gout"
)
_ENDINGS = r"[\w-]{2,}(?:oma|omas|omata|itis|itides|a?emias?|opath(?:y|ies)|iasis|plegia)"
_NOT = r"(?!(?:stroma|soma|coma|aroma|chroma)\b|leuka?emia inhibitory)"

DISEASE = re.compile(
    rf"\b(?:(?:(?!(?:{'|'.join(_SMALL.split())})\b)[\w'\u2019-]+ )?(?:{'|'.join(_HEADS.split())})"
    rf"|(?:{'|'.join(_NAMED.split())})(?:['\u2019]s?(?: disease)?)?|{_NOT}{_ENDINGS})\b",
    re.IGNORECASE,
)
"""A word before disease, syndrome, cancer ...; diseases with a name; words that end as diseases do."""

MASK = "a condition"


def without_diseases(text: str) -> str:
    """Put `MASK` in the place of each disease's name.

    Names are found by their form, not by a list of all diseases, so that a few are missed.

    Examples
    --------
    >>> without_diseases("A kinase of astrocytes, lost in Alzheimer's disease and in breast cancer.")
    'A kinase of astrocytes, lost in a condition and in a condition.'
    >>> without_diseases("Binds tumor necrosis factor; apoptosis and the stroma follow, hepatitis too.")
    'Binds tumor necrosis factor; apoptosis and the stroma follow, a condition too.'
    """
    return DISEASE.sub(MASK, text)


class MaskedEncoder:
    """Any encoder, on texts without the names of diseases.

    Parameters
    ----------
    encoder
        What encodes.
    """

    def __init__(self, encoder: TextEncoder) -> None:
        self.encoder = encoder

    @property
    def cacheable(self) -> bool:
        """As of the encoder."""
        return self.encoder.cacheable

    def version(self) -> str:
        """That of the encoder, and the mask."""
        return f"{self.encoder.version()}:no_diseases"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Encode the masked texts, (N, T) float32."""
        return self.encoder.encode([without_diseases(text) for text in texts])

    def truncated(self, texts: Sequence[str]) -> int:
        """How many masked texts lose their ends."""
        return self.encoder.truncated([without_diseases(text) for text in texts])
