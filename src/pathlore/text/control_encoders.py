"""Encoders that know nothing: what a result is worth without the meaning of the texts."""

import hashlib
from collections.abc import Sequence

import numpy as np


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
