"""The embeddings of genes and paths: keys, texts and vectors held together."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from pathlore.config import EncoderConfig
from pathlore.errors import PathloreError, shorten
from pathlore.text.cache import EmbeddingCache, encode_with_cache
from pathlore.text.encoders import TextEncoder, make_encoder
from pathlore.text.presets import preset_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class TextEmbedding:
    """Texts and their vectors; a text that is missing has the zero vector.

    Raises
    ------
    PathloreError
        The lengths of the parts differ, or a key occurs twice.
    """

    keys: tuple[str, ...]  # N gene symbols or paths
    texts: tuple[str, ...]  # N
    has_text: np.ndarray  # (N,) bool; False: nothing is known, the vector is zero
    vectors: np.ndarray  # (N, T) float32
    encoder: str  # version of the encoder
    model: str  # identifier or folder of the language model; the kind of encoder where there is none
    revision: str | None  # revision of the language model, where one was given
    truncated: int  # how many of the texts were longer than the encoder reads

    def __post_init__(self) -> None:
        lengths = {len(self.keys), len(self.texts), len(self.has_text), len(self.vectors)}
        if len(lengths) > 1 or len(self._row) != len(self.keys) or self.vectors.ndim != 2:
            raise PathloreError(
                f"{len(self.keys)} keys ({len(self._row)} distinct), {len(self.texts)} texts, {len(self.has_text)} "
                f"flags and vectors of shape {self.vectors.shape} do not fit together: run `text_embedding` again"
            )

    @property
    def width(self) -> int:
        """T, the width of the vectors."""
        return int(self.vectors.shape[1])

    def rows(self, keys: Iterable[str]) -> np.ndarray:
        """Vectors of some keys, (n, T) float32, in the order of the keys.

        Raises
        ------
        PathloreError
            A key has no embedding.
        """
        wanted = list(keys)
        unknown = {key for key in wanted if key not in self._row}
        if unknown:
            raise PathloreError(
                f"{len(unknown)} of {len(wanted)} keys have no embedding ({shorten(unknown, limit=5)}): run "
                "`text_embedding` again after a change of `graph_construction`"
            )
        return self.vectors[[self._row[key] for key in wanted]]

    @cached_property
    def _row(self) -> dict[str, int]:
        return {key: row for row, key in enumerate(self.keys)}


def embedding_cache(config: EncoderConfig, encoder: TextEncoder) -> EmbeddingCache | None:
    """Where the vectors of an encoder are kept, text by text; None: nowhere."""
    return EmbeddingCache(config.cache) if config.cache and encoder.cacheable else None


def encode_sentences(
    sentences: pd.DataFrame, encoder: TextEncoder, cache: EmbeddingCache | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Encode sentences, each distinct one once; one with ``has_text`` False is not encoded and has the zero vector.

    Where vectors are given by gene, they are taken whether or not there is a text.

    Parameters
    ----------
    sentences
        `pathlore.schemas.Sentences`.
    encoder
        Turns texts, or genes, into vectors.
    cache
        Where vectors are kept; None: nowhere.

    Returns
    -------
    vectors, known
        (N, T) float32, and (N,) bool: which are known.

    Raises
    ------
    PathloreError
        The encoder cannot be loaded, no sentence has a text, or no gene is in the file of vectors.
    """
    by_key = getattr(encoder, "of_keys", None)
    if by_key is not None:
        vectors = by_key(sentences["key"].tolist())
        known = vectors.any(axis=1)
        if not known.any():
            raise PathloreError(
                f"none of {len(sentences)} genes and paths ({shorten(sentences['key'], 3)}) has a vector in the file: "
                "symbols of human genes are expected there; change `text_embedding.encoder.model`"
            )
        return vectors, known
    known = sentences["has_text"].to_numpy(dtype=bool)
    if not known.any():
        raise PathloreError(
            f"none of {len(sentences)} sentences has a text: check `gene_text` and its gene symbols, or set "
            "`text_embedding.encoder.kind` to zero"
        )
    encoded = encode_with_cache(encoder, sentences.loc[known, "text"].tolist(), cache)
    vectors = np.zeros((len(sentences), encoded.shape[1]), dtype=np.float32)
    vectors[known] = encoded
    return vectors, known


def embed_sentences(
    gene_sentences: pd.DataFrame, path_sentences: pd.DataFrame, config: EncoderConfig
) -> tuple[TextEmbedding, TextEmbedding]:
    """Encode the sentences of genes and of paths together.

    Each distinct text is encoded once; a text with ``has_text`` False is not encoded and has the zero vector.

    Parameters
    ----------
    gene_sentences, path_sentences
        `pathlore.schemas.Sentences`.
    config
        The encoder, and the folder of its cache.

    Returns
    -------
    genes, paths
        In the order of the tables, both of one width T.

    Raises
    ------
    PathloreError
        The encoder cannot be loaded, or no sentence has a text.
    """
    encoder = make_encoder(config)
    cache = embedding_cache(config, encoder)
    both = pd.concat([gene_sentences, path_sentences], ignore_index=True)
    vectors, has_text = encode_sentences(both, encoder, cache)
    ends = ((gene_sentences, 0), (path_sentences, len(gene_sentences)))
    cut = [encoder.truncated(t.loc[has_text[start : start + len(t)], "text"].tolist()) for t, start in ends]
    if sum(cut):
        logger.warning(
            "%d texts are longer than %d tokens, their ends were cut off: see `text_embedding.encoder.max_tokens`",
            sum(cut),
            config.max_tokens,
        )
    logger.info(
        "Text embedding: %d genes (%d without a text: zero vector), %d paths, %d dimensions, %s",
        len(gene_sentences),
        (~has_text[: len(gene_sentences)]).sum(),
        len(path_sentences),
        vectors.shape[1],
        encoder.version(),
    )
    model, revision = _origin(config)

    def part(table: pd.DataFrame, start: int, truncated: int) -> TextEmbedding:
        end = start + len(table)
        return TextEmbedding(
            keys=tuple(table["key"]),
            texts=tuple(table["text"]),
            has_text=has_text[start:end],
            vectors=vectors[start:end],
            encoder=encoder.version(),
            model=model,
            revision=revision,
            truncated=truncated,
        )

    genes, paths = (part(table, start, n) for (table, start), n in zip(ends, cut, strict=True))
    return genes, paths


def _origin(config: EncoderConfig) -> tuple[str, str | None]:
    """Model and its revision on the hub; the kind of encoder where there is no model."""
    if config.kind not in ("transformers", "static", "vectors"):
        return config.kind, None
    if config.kind == "vectors" or Path(config.model).expanduser().is_dir():
        return config.model, None
    preset = preset_of(config.model)
    return config.model, config.revision or (preset.revision if preset else None)
