"""Vectors that know nothing: what a result is worth without the meaning of the texts."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from pathlore.text.embedding import TextEmbedding


class RandomEncoder:
    """Independent standard normal numbers, the same ones for the same text and seed.

    Genes keep an identity of their own but lose every likeness that their texts give them.

    Parameters
    ----------
    dimension
        Width T.
    seed
        Changes all vectors.
    """

    cacheable = False  # drawing is faster than looking up

    def __init__(self, dimension: int, seed: int) -> None:
        self.dimension = dimension
        self.seed = seed

    def version(self) -> str:
        """Name kind, width and seed."""
        return f"random:{self.dimension}:seed={self.seed}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Draw one vector per text, (N, T), float32; mean 0 and variance 1 in each number."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            digest = hashlib.sha256(f"{self.seed}\0{text}".encode()).digest()
            generator = np.random.default_rng(int.from_bytes(digest, "little"))
            vectors[row] = generator.standard_normal(self.dimension, dtype=np.float32)
        return vectors

    def truncated(self, texts: Sequence[str]) -> int:
        """None: texts of any length are read whole."""
        return 0


class ZeroEncoder:
    """The zero vector for every text: the model without text.

    Parameters
    ----------
    dimension
        Width T.
    """

    cacheable = False

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension

    def version(self) -> str:
        """Name kind and width."""
        return f"zero:{self.dimension}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return zeros, (N, T), float32."""
        return np.zeros((len(texts), self.dimension), dtype=np.float32)

    def truncated(self, texts: Sequence[str]) -> int:
        """None: texts of any length are read whole."""
        return 0


Control = Literal["real", "zero", "random", "permuted"]


def controlled(embedding: TextEmbedding, kind: Control, seed: int) -> TextEmbedding:
    """Replace the vectors of an embedding; keys, texts and width T stay, and a missing text keeps the zero vector.

    ========  =========================================================================================================
    kind      a text's vector
    ========  =========================================================================================================
    real      its own
    zero      zero, as if nothing were written
    random    a direction drawn for its key, with the length of another of the real vectors: the lengths' mean and
              standard deviation are the real ones, every likeness between texts is gone
    permuted  that of another text: the vectors go round one random circle, so that no text keeps its own
    ========  =========================================================================================================

    Parameters
    ----------
    embedding
        Of genes or of paths.
    kind
        See above.
    seed
        For ``random`` and ``permuted``.

    Returns
    -------
    The embedding, its ``encoder`` with the control in its name; the same object for ``real``.
    """
    if kind == "real":
        return embedding
    told = np.flatnonzero(embedding.has_text)
    order = np.random.default_rng(seed).permutation(told)
    vectors = np.zeros_like(embedding.vectors)
    if kind == "random":
        keys = [embedding.keys[row] for row in order]
        drawn = RandomEncoder(embedding.width, seed).encode(keys)
        lengths = np.linalg.norm(embedding.vectors[told], axis=1, keepdims=True)
        vectors[order] = lengths * drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    elif kind == "permuted":
        vectors[order] = embedding.vectors[np.roll(order, 1)]
    name = f"{embedding.encoder}:control={kind}" + ("" if kind == "zero" else f":seed={seed}")
    return replace(embedding, vectors=vectors, encoder=name)
