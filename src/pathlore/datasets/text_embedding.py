"""Text embeddings on disk: a folder that is whole or not there."""

import hashlib
import json

import numpy as np
import pandas as pd

from pathlore.datasets.atomic_folder import FolderDataset
from pathlore.files import atomic_folder
from pathlore.text.embedding import TextEmbedding

VECTORS = "vectors.safetensors"
TEXTS = "texts.parquet"
ENCODER = "encoder.json"


class TextEmbeddingDataset(FolderDataset[TextEmbedding]):
    """A `TextEmbedding` in a folder of three files.

    ``vectors.safetensors`` holds the tensor ``vectors`` (N, T) float32; ``texts.parquet`` the columns key, text and
    has_text; ``encoder.json`` the encoder's version, model and revision, the width T, the count N and the SHA-256 of
    the vectors' bytes. The folder is written beside its place and then renamed; on loading, counts and checksum are
    compared.

    Parameters
    ----------
    filepath
        Folder.
    metadata
        Anything; Kedro ignores it.

    Examples
    --------
    .. code-block:: yaml

        gene_embeddings:
          type: pathlore.datasets.text_embedding.TextEmbeddingDataset
          filepath: data/04_feature/gene_embeddings
    """

    content = "text embedding"
    pipeline = "text_embedding"
    index = ENCODER

    def load(self) -> TextEmbedding:
        """Load the embedding.

        Raises
        ------
        PathloreError
            A file is missing or unreadable, or counts or checksum differ from what was saved (Kedro shows it as a
            ``DatasetError``).
        """
        from safetensors.numpy import load_file

        try:
            about = json.loads(self._index.read_text())
            texts = pd.read_parquet(self._folder / TEXTS)
            vectors = load_file(self._folder / VECTORS)["vectors"]
            expected = (about["count"], about["width"], about["sha256"])
        except Exception as error:  # each file format has errors of its own
            raise self._damaged(f"{type(error).__name__}: {error}") from error
        if (*vectors.shape, _sha256(vectors)) != expected or len(texts) != about["count"]:
            raise self._damaged(f"{about['count']} texts and vectors of the saved checksum were expected")
        return TextEmbedding(
            keys=tuple(texts["key"]),
            texts=tuple(texts["text"]),
            has_text=texts["has_text"].to_numpy(dtype=bool),
            vectors=vectors,
            encoder=about["encoder"],
            model=about["model"],
            revision=about["revision"],
            truncated=about["truncated"],
        )

    def save(self, data: TextEmbedding) -> None:
        """Save the embedding, in place of one that is there."""
        from safetensors.numpy import save_file

        vectors = np.ascontiguousarray(data.vectors, dtype=np.float32)
        columns = {"key": list(data.keys), "text": list(data.texts), "has_text": data.has_text}
        about = {
            "encoder": data.encoder,
            "model": data.model,
            "revision": data.revision,
            "truncated": data.truncated,
            "width": data.width,
            "count": len(data.keys),
            "sha256": _sha256(vectors),
        }
        with atomic_folder(self._folder) as new:
            save_file({"vectors": vectors}, new / VECTORS)
            pd.DataFrame(columns).to_parquet(new / TEXTS, index=False)
            (new / ENCODER).write_text(json.dumps(about, indent=2) + "\n", encoding="utf8")


def _sha256(vectors: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(vectors).tobytes()).hexdigest()
