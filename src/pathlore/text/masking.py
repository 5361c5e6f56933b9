"""Texts without the names of diseases: what is left of a result that a class's own name may have leaked into."""

import re
from collections.abc import Sequence

import numpy as np

from pathlore.text.encoders import TextEncoder

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
