"""Latent semantic analysis: vectors from the texts alone, without a pretrained model."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from pathlore.errors import PathloreError

logger = logging.getLogger(__name__)

WHOLE = r"(?u)\b\w(?:[\w.-]*\w)\b"
SYMBOL = r"\b[A-Z][A-Z0-9]*(?:orf)?(?:-?[A-Z0-9])+\b"
"""Words as gene symbols are written, C9orf72 among them."""


class LsaEncoder:
    """TF-IDF, then a truncated singular value decomposition.

    With A the (N, V) matrix of ``(1 + log tf) * idf``, rows of unit length, and A ~ U S V^T its best approximation of
    rank r = min(T, min(N, V) - 1): the vectors are the rows of U S, scaled to unit length and padded with zeros to
    the width T.

    It is fitted on the texts of one call, never on cells or labels, so it cannot leak the classes of a split; but the
    vector of a text depends on the other texts, so it is not cached. A text without a term that counts has the zero
    vector.

    ==============  ==================================================================================================
    ``terms``       what is counted
    ==============  ==================================================================================================
    ``words``       two or more letters or digits, without English stop words; HLA-A is HLA
    ``whole``       the same, with hyphens and dots inside a word: HLA-A, NKX2-1
    ``symbols``     words of two or more capital letters and digits alone, as they are written: who is named with whom
    ``characters``  runs of 3 to 5 characters inside words
    ==============  ==================================================================================================

    Parameters
    ----------
    dimension
        Width T.
    seed
        Seed of the randomised decomposition; signs are fixed by the largest loading of each component.
    terms
        See above.
    ngrams
        Runs of up to so many neighbouring terms count too.

    References
    ----------
    Deerwester et al., Indexing by latent semantic analysis, J Am Soc Inf Sci 41:391 (1990).
    """

    cacheable = False

    def __init__(self, dimension: int, seed: int, terms: str = "words", ngrams: int = 1) -> None:
        self.dimension = dimension
        self.seed = seed
        self.terms = terms
        self.ngrams = ngrams

    def version(self) -> str:
        """Name kind, width, seed and terms; the texts themselves also decide about the vectors."""
        counted = "" if (self.terms, self.ngrams) == ("words", 1) else f":{self.terms}:ngrams={self.ngrams}"
        return f"lsa:{self.dimension}:seed={self.seed}{counted}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Fit on all texts and return their vectors, (N, T), float32.

        Raises
        ------
        PathloreError
            There are fewer than two texts or fewer than two words.
        """
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.preprocessing import normalize

        try:
            words = TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **self._counted).fit_transform(texts)
        except ValueError as error:  # an empty vocabulary
            raise self._too_small(len(texts), 0) from error
        rank = min(self.dimension, min(words.shape) - 1)
        if rank < 1:
            raise self._too_small(*words.shape)
        decomposition = TruncatedSVD(rank, algorithm="randomized", n_iter=7, random_state=self.seed)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        vectors[:, :rank] = normalize(decomposition.fit_transform(words))
        logger.info(
            "LSA: %d texts, %d words, %d of %d dimensions used, %.0f %% of the variance",
            *words.shape,
            rank,
            self.dimension,
            100 * decomposition.explained_variance_ratio_.sum(),
        )
        return vectors

    @property
    def _counted(self) -> dict[str, Any]:
        """What the terms mean to scikit-learn."""
        if self.terms == "characters":
            return {"analyzer": "char_wb", "ngram_range": (3, 5)}
        chosen: dict[str, Any] = {"ngram_range": (1, self.ngrams)}
        if self.terms == "symbols":
            return chosen | {"lowercase": False, "token_pattern": SYMBOL}
        return chosen | {"stop_words": "english"} | ({"token_pattern": WHOLE} if self.terms == "whole" else {})

    def truncated(self, texts: Sequence[str]) -> int:
        """None: texts of any length are read whole."""
        return 0

    @staticmethod
    def _too_small(n_texts: int, n_words: int) -> PathloreError:
        return PathloreError(
            f"{n_texts} texts with {n_words} words cannot be decomposed, two of each are needed: check `gene_text` or "
            "choose another `text_embedding.encoder.kind`"
        )
