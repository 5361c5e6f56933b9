"""Vectors that were computed once, kept on disk by encoder and text."""

import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain, count
from pathlib import Path
from typing import TypeVar

import numpy as np

from pathlore.errors import PathloreError
from pathlore.text.encoders import TextEncoder

logger = logging.getLogger(__name__)

T = TypeVar("T")

SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    encoder TEXT NOT NULL, text_sha256 TEXT NOT NULL, width INTEGER NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (encoder, text_sha256)
) WITHOUT ROWID
"""
CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
QUERY_SIZE = 500  # texts per query; SQLite allows about 1,000 variables in old versions
CHUNK_TEXTS = 512  # texts that are stored together, and lost at most if the process is killed


class EmbeddingCache:
    """An SQLite file of vectors, keyed by the encoder's version and the SHA-256 of the text.

    A cache may be deleted at any time. A damaged file is set aside with a warning and begun anew, and a file that
    cannot be read or written now (locked, disk full) is done without: no fault of the cache stops a run.

    Parameters
    ----------
    folder
        Folder of the file ``embeddings.sqlite``; made if it does not exist.

    Raises
    ------
    PathloreError
        The folder cannot be made.
    """

    def __init__(self, folder: str | Path) -> None:
        self.file = Path(folder).expanduser() / "embeddings.sqlite"
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PathloreError(
                f"the folder {folder} of the embedding cache cannot be made ({error.strerror}): change "
                "`text_embedding.encoder.cache`, null switches the cache off"
            ) from error

    def get_many(self, encoder: str, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """Look up texts; those that are not stored are absent from the answer.

        Parameters
        ----------
        encoder
            Version of the encoder.
        texts
            Texts, each once.

        Returns
        -------
        dict
            Vector (T,), float32, of each text that is stored.
        """
        by_key = {_key(text): text for text in texts}

        def read(connection: sqlite3.Connection) -> dict[str, np.ndarray]:
            found = {}
            for keys in _pieces(list(by_key), QUERY_SIZE):
                marks = ",".join("?" * len(keys))
                query = f"SELECT text_sha256, width, vector FROM vectors WHERE encoder = ? AND text_sha256 IN ({marks})"
                for key, width, blob in connection.execute(query, (encoder, *keys)):
                    if len(blob) == 4 * width:
                        found[by_key[key]] = np.frombuffer(blob, dtype="<f4").astype(np.float32)
            return found

        return self._try(read, {})

    def put_many(self, encoder: str, vectors: Mapping[str, np.ndarray]) -> None:
        """Store the vectors (T,) of texts, all of them or none."""
        rows = [(encoder, _key(text), len(v), np.asarray(v, dtype="<f4").tobytes()) for text, v in vectors.items()]

        def write(connection: sqlite3.Connection) -> None:
            with connection:  # one transaction
                connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?)", rows)

        self._try(write, None)

    def _try(self, action: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Act on the file; where it is damaged, set it aside and act on a new one."""
        for attempt in (1, 2):
            try:
                with closing(sqlite3.connect(self.file, timeout=30)) as connection:
                    connection.execute(SCHEMA)
                    return action(connection)
            except sqlite3.Error as error:
                damaged = getattr(error, "sqlite_errorcode", 0) & 0xFF in CORRUPT
                if attempt == 1 and damaged and self._set_aside(error):
                    continue
                logger.warning("Embedding cache %s is not used: %s", self.file, error)
                break
        return otherwise

    def _set_aside(self, error: sqlite3.Error) -> bool:
        """Rename the damaged file and its journal to names that are free; False where even that is not possible."""
        names = (self.file.with_suffix(f".damaged{n}") for n in chain([""], (f"-{n}" for n in count(2))))
        aside = next(name for name in names if not name.exists())
        journal = self.file.with_name(f"{self.file.name}-journal")
        try:
            self.file.rename(aside)
            if journal.exists():
                journal.rename(aside.with_name(f"{aside.name}-journal"))
        except OSError:
            return False
        logger.warning("Embedding cache %s is damaged (%s): set aside as %s", self.file, error, aside.name)
        return True


def encode_with_cache(encoder: TextEncoder, texts: Sequence[str], cache: EmbeddingCache | None) -> np.ndarray:
    """Encode texts, each distinct one once, and only those that no earlier run has encoded.

    New texts are encoded in chunks, the longest first, and each chunk is stored as soon as it is done, so that a run
    that was stopped goes on where it was. An encoder that is not cacheable sees all distinct texts in one call.

    Parameters
    ----------
    encoder
        What encodes.
    texts
        N texts, repeated ones allowed.
    cache
        Where vectors are kept; None: nowhere.

    Returns
    -------
    numpy.ndarray
        (N, T), float32, in the order of the texts.

    Raises
    ------
    PathloreError
        There is no text, or a vector has a number that is not finite.
    """
    if not texts:
        raise PathloreError("no text to encode: check `gene_text` and `network`")
    unique = list(dict.fromkeys(texts))
    if not encoder.cacheable:
        known = dict(zip(unique, _encode(encoder, unique), strict=True))
        return np.stack([known[text] for text in texts])
    version = encoder.version()
    known = cache.get_many(version, unique) if cache else {}
    new = sorted((text for text in unique if text not in known), key=len, reverse=True)
    logger.info("Encoding %d new texts; %d of %d come from the cache", len(new), len(known), len(unique))
    done, reported, begin = 0, 0, time.perf_counter()
    for chunk in _pieces(new, min(CHUNK_TEXTS, max(32, len(new) // 10))):
        vectors = dict(zip(chunk, _encode(encoder, chunk), strict=True))
        if cache:
            cache.put_many(version, vectors)
        known |= vectors
        done += len(chunk)
        if 10 * done // len(new) > reported:
            reported = 10 * done // len(new)
            left = (time.perf_counter() - begin) * (len(new) - done) / done
            logger.info("Encoded %d of %d new texts, %.0f s left at most", done, len(new), left)
    return np.stack([known[text] for text in texts])


def _encode(encoder: TextEncoder, texts: list[str]) -> np.ndarray:
    vectors = encoder.encode(texts)
    if not np.isfinite(vectors).all():
        bad = int((~np.isfinite(vectors).all(axis=1)).sum())
        raise PathloreError(
            f"{bad} of {len(texts)} vectors of encoder {encoder.version()} have numbers that are not finite: set "
            "`text_embedding.encoder.precision` to fp32 or change `text_embedding.encoder.model`"
        )
    return vectors


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _pieces(items: list[str], size: int) -> Iterator[list[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
