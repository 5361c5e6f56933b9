"""Vectors that take the place of the real ones: what a result is worth without the meaning of the texts."""

from dataclasses import replace
from typing import Literal

import numpy as np

from pathlore.text.control_encoders import RandomEncoder
from pathlore.text.embedding import TextEmbedding

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
    permuted  that of another text: the vectors go round one random circle, so that nobody keeps its own
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
