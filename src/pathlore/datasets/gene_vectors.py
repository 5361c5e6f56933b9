"""Vectors of genes as one file that others can read, and that can be used in place of an encoder."""

import os
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from pathlore.text.vectors_file import GeneVectors, read_vectors, write_vectors


class GeneVectorsDataset(AbstractDataset[GeneVectors, GeneVectors]):
    """`GeneVectors` in a file of any form of `pathlore.text.vectors_file.read_vectors`.

    Parameters
    ----------
    filepath
        Saved as parquet, safetensors (with a JSON beside it) or CSV, by its ending.
    metadata
        Anything; Kedro ignores it.

    Examples
    --------
    .. code-block:: yaml

        gene_vectors:
          type: pathlore.datasets.gene_vectors.GeneVectorsDataset
          filepath: data/05_model_input/gene_vectors.parquet
    """

    def __init__(self, *, filepath: str | os.PathLike[str], metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> GeneVectors:
        """Load the vectors.

        Raises
        ------
        PathloreError
            The file holds no vectors of genes (Kedro shows it as a ``DatasetError``).
        """
        return read_vectors(self._filepath)

    def save(self, data: GeneVectors) -> None:
        """Save the vectors, in place of those that are there."""
        write_vectors(data, self._filepath)

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
