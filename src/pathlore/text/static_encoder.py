"""Vectors of texts as means of their tokens' embeddings: a table, no network."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pathlore.config import EncoderConfig
from pathlore.errors import PathloreError
from pathlore.files import sha256
from pathlore.text.model_folder import Layout, model_folder, read_layout

EMBEDDINGS = ("embedding.weight", "embeddings")
"""Names of the table of embeddings in the files of sentence-transformers and of model2vec."""


class StaticEncoder:
    """The mean of the embeddings of a text's tokens, without marks such as [CLS].

    Three layouts are read: ``StaticEmbedding`` of sentence-transformers, model2vec (whose weights of tokens are used,
    and which leaves unknown tokens out), and a folder of two files, one of them safetensors, the other a tokenizer's
    JSON.

    Parameters
    ----------
    config
        Model, revision and ``normalise``.
    """

    cacheable = True

    def __init__(self, config: EncoderConfig) -> None:
        self.config = config

    def version(self) -> str:
        """Name kind, contents of the model's files and whether vectors have unit length."""
        digest = hashlib.sha256("".join(sha256(file) for file in self._files).encode()).hexdigest()
        return (
            f"static:{digest[:16]}" + (":model2vec" if self._model2vec else "") + (":unit" if self._normalised else "")
        )

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Encode texts as vectors of shape (N, T), float32; a text without a known token has the zero vector.

        Raises
        ------
        PathloreError
            The model cannot be found or loaded.
        """
        tokenizer, table, weights, rows = self._loaded
        vectors = np.zeros((len(texts), table.shape[1]), dtype=np.float32)
        for row, own in enumerate(tokenizer.encode_batch(list(texts), add_special_tokens=False)):
            ids = np.array([i for i in own.ids if i != self._left_out], dtype=int)
            if len(ids):
                known = table[ids if rows is None else rows[ids]].astype(np.float32)
                vectors[row] = (known if weights is None else known * weights[ids, None]).mean(axis=0)
        if self._normalised:
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors

    def truncated(self, texts: Sequence[str]) -> int:
        """None: texts of any length are read whole."""
        return 0

    @cached_property
    def _folder(self) -> Path:
        return model_folder(self.config.model, self.config.revision)

    @cached_property
    def _layout(self) -> Layout:
        return read_layout(self._folder)

    @property
    def _normalised(self) -> bool:
        wanted = self.config.normalise
        return bool(self._layout.normalised) if wanted == "auto" else wanted == "unit"

    @cached_property
    def _left_out(self) -> int | None:
        """The unknown token, where the layout leaves it out of the mean."""
        tokenizer = self._loaded[0]
        name = getattr(tokenizer.model, "unk_token", None)
        return tokenizer.token_to_id(name) if self._model2vec and name else None

    @property
    def _model2vec(self) -> bool:
        return self._layout.static and (self._layout.body / "config.json").is_file()

    @cached_property
    def _files(self) -> tuple[Path, Path]:
        """The table of embeddings, and the tokenizer."""
        folder = self._layout.body
        weights, described = (sorted(folder.rglob(pattern)) for pattern in ("*.safetensors", "*tokenizer*.json"))
        if not weights or not described:
            raise self._unreadable(f"{folder} has no *.safetensors or no *tokenizer*.json")
        return weights[0], next((file for file in described if file.name == "tokenizer.json"), described[0])

    @cached_property
    def _loaded(self) -> tuple[Any, np.ndarray, np.ndarray | None, np.ndarray | None]:
        """Tokenizer, table (V, T), weights of the tokens (V,), and rows of the table by token (V,)."""
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        weights, described = self._files
        try:
            tensors = load_file(weights)
            tokenizer = Tokenizer.from_file(str(described))
        except Exception as error:  # each library has errors of its own
            raise self._unreadable(" ".join(str(error).split())) from error
        table = next((tensors[name] for name in EMBEDDINGS if name in tensors), None)
        if table is None or table.ndim != 2:
            raise self._unreadable(f"no table {' or '.join(EMBEDDINGS)} among {', '.join(tensors)}")
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer, table, tensors.get("weights"), tensors.get("mapping")

    def _unreadable(self, found: str) -> PathloreError:
        return PathloreError(
            f"the static embeddings {self.config.model} cannot be read ({found}): change `text_embedding.encoder.model`"
        )
