"""Several encoders side by side: their vectors as tables for others, and how they differ."""

import logging

import numpy as np
import pandas as pd

from pathlore.config import MAIN_ENCODER, EncoderConfig, TextParameters
from pathlore.errors import PathloreError
from pathlore.text.embedding import TextEmbedding, embed_sentences

logger = logging.getLogger(__name__)

NEIGHBOURS = 10
"""Nearest genes that two encoders are compared by."""


def compare_encoders(
    gene_sentences: pd.DataFrame,
    path_sentences: pd.DataFrame,
    main: tuple[TextEmbedding, TextEmbedding],
    config: TextParameters,
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Embed the same texts with every encoder of the configuration.

    Parameters
    ----------
    gene_sentences, path_sentences
        `pathlore.schemas.Sentences`.
    main
        Embeddings of genes and paths by ``encoder``, which are not computed again.
    config
        ``encoder`` and ``encoders``.

    Returns
    -------
    vectors, report
        Encoder -> `pathlore.schemas.TextVectors`; and `pathlore.schemas.EncoderReport`, one row per encoder.
    """
    vectors, rows, neighbours = {}, [], {}
    for name, encoder in config.every_encoder().items():
        genes, paths = main if name == MAIN_ENCODER else _embed(name, gene_sentences, path_sentences, encoder)
        vectors[name] = pd.concat([export(genes, "gene"), export(paths, "path")], ignore_index=True)
        neighbours[name] = nearest(genes)
        overlap = shared(neighbours[MAIN_ENCODER], neighbours[name])
        rows.append(
            {
                "encoder": name,
                "version": genes.encoder,
                "model": genes.model,
                "revision": genes.revision,
                "width": genes.width,
                "genes": len(genes.keys),
                "genes_without_text": int((~genes.has_text).sum()),
                "paths": len(paths.keys),
                "truncated": genes.truncated + paths.truncated,
                "mean_cosine": mean_cosine(genes),
                "shared_neighbours": overlap,
            }
        )
        logger.info(
            "Encoder '%s': %d dimensions, %d texts cut off, mean cosine %.2f, %.0f %% of the nearest genes as by '%s'",
            name,
            genes.width,
            rows[-1]["truncated"],
            rows[-1]["mean_cosine"],
            100 * overlap,
            MAIN_ENCODER,
        )
    return vectors, pd.DataFrame(rows)


def _embed(
    name: str, gene_sentences: pd.DataFrame, path_sentences: pd.DataFrame, config: EncoderConfig
) -> tuple[TextEmbedding, TextEmbedding]:
    """Embed by an encoder beside the main one; an error names it."""
    try:
        return embed_sentences(gene_sentences, path_sentences, config)
    except PathloreError as error:
        raise PathloreError(f"`text_embedding.encoders.{name}`: {error}") from error


def export(embedding: TextEmbedding, subject: str) -> pd.DataFrame:
    """Write an embedding as a table that other programs read: one row per text, with its vector and its origin."""
    return pd.DataFrame(
        {
            "subject": subject,
            "key": list(embedding.keys),
            "text": list(embedding.texts),
            "has_text": embedding.has_text,
            "model": embedding.model,
            "revision": embedding.revision,
            "encoder": embedding.encoder,
            "vector": list(embedding.vectors),
        }
    ).astype({"revision": object})


def mean_cosine(embedding: TextEmbedding) -> float:
    """Mean cosine between the vectors of two different texts; near 1 where an encoder tells texts hardly apart.

    With unit vectors u_1 ... u_n it is ``(|sum u|^2 - n) / (n (n - 1))``. NaN for fewer than two vectors.
    """
    units = _units(embedding)
    n = len(units)
    return float((np.square(units.sum(0)).sum() - n) / (n * (n - 1))) if n > 1 else float("nan")


def nearest(embedding: TextEmbedding) -> dict[str, set[str]]:
    """The ten nearest other texts of each text by cosine (fewer where there are not ten)."""
    keys = [key for key, known in zip(embedding.keys, _told(embedding), strict=True) if known]
    units = _units(embedding)
    if len(units) < 2:
        return {}
    similarity = units @ units.T
    np.fill_diagonal(similarity, -np.inf)
    k = min(NEIGHBOURS, len(keys) - 1)
    best = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
    return {key: {keys[i] for i in row} for key, row in zip(keys, best, strict=True)}


def shared(one: dict[str, set[str]], other: dict[str, set[str]]) -> float:
    """Mean share of the nearest texts that two encoders have in common, over the texts that both know; NaN: none."""
    common = one.keys() & other.keys()
    return float(np.mean([len(one[key] & other[key]) / len(one[key]) for key in common])) if common else float("nan")


def _told(embedding: TextEmbedding) -> np.ndarray:
    """Which vectors say anything, (N,) bool."""
    return embedding.has_text & embedding.vectors.any(axis=1)


def _units(embedding: TextEmbedding) -> np.ndarray:
    """Vectors that say anything, scaled to unit length, (n, T) float64."""
    vectors = embedding.vectors[_told(embedding)].astype(np.float64)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
