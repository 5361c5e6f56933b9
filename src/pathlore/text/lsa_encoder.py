"""Latent semantic analysis: vectors from the texts alone, without a pretrained model."""

import logging
from collections.abc import Sequence

import numpy as np

from pathlore.errors import PathloreError

logger = logging.getLogger(__name__)


class LsaEncoder:
    """TF-IDF, then a truncated singular value decomposition.

    With A the (N, V) matrix of ``(1 + log tf) * idf``, rows of unit length, and A ~ U S V^T its best approximation of
    rank r = min(T, min(N, V) - 1): the vectors are the rows of U S, scaled to unit length and padded with zeros to
    the width T.

    It is fitted on the texts of one call, never on cells or labels, so it cannot leak the classes of a split; but the
    vector of a text depends on the other texts, so it is not cached. A text without a word that counts (two or more
    letters, not an English stop word) has the zero vector.

    Parameters
    ----------
    dimension
        Width T.
    seed
        Seed of the randomised decomposition; signs are fixed by the largest loading of each component.

    References
    ----------
    Deerwester et al., Indexing by latent semantic analysis, J Am Soc Inf Sci 41:391 (1990).
    """

    cacheable = False

    def __init__(self, dimension: int, seed: int) -> None:
        self.dimension = dimension
        self.seed = seed

    def version(self) -> str:
        """Name kind, width and seed; the texts themselves also decide about the vectors."""
        return f"lsa:{self.dimension}:seed={self.seed}"

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
            words = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32).fit_transform(texts)
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

    def truncated(self, texts: Sequence[str]) -> int:
        """None: texts of any length are read whole."""
        return 0

    @staticmethod
    def _too_small(n_texts: int, n_words: int) -> PathloreError:
        return PathloreError(
            f"{n_texts} texts with {n_words} words cannot be decomposed, two of each are needed: check `gene_text` or "
            "choose another `text_embedding.encoder.kind`"
        )
