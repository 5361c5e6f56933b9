"""AnnData files (``.h5ad``, ``.zarr``) as a Kedro dataset."""

import logging
import os
from pathlib import Path
from typing import Any, Literal

import anndata
import h5py
import numpy as np
from anndata import AnnData
from kedro.io import AbstractDataset
from scipy import sparse

from pathlore.errors import PathloreError
from pathlore.expression.formats.read_cells import read_store
from pathlore.files import atomic_file

logger = logging.getLogger(__name__)

SMALL = 200_000_000
"""Bytes of all matrices up to which compressing takes longer than it is worth, and a file is put together in memory."""

ADVICE = "set the runtime parameter `cells` to an AnnData file (.h5ad or .zarr)"


def _nbytes(matrix: Any) -> int:
    """Bytes that a matrix takes in memory, dense or sparse."""
    parts = [getattr(matrix, name, None) for name in ("data", "indices", "indptr")]
    return sum(part.nbytes for part in parts if part is not None)


def _is_small(data: AnnData) -> bool:
    matrices = [data.X, *data.layers.values(), None if data.raw is None else data.raw.X]
    in_memory = all(isinstance(one, np.ndarray) or sparse.issparse(one) for one in matrices if one is not None)
    return in_memory and sum(map(_nbytes, matrices)) <= SMALL


def _image(data: AnnData) -> bytes:
    """The h5ad file as bytes: as HDF5 closes a file on a full disk the process can crash, writing bytes cannot."""
    data.strings_to_categoricals()  # as anndata.io.write_h5ad does
    with h5py.File("cells.h5ad", "w", driver="core", backing_store=False) as file:
        anndata.io.write_elem(file, "/", data)
        if data.raw is None:
            file.pop("raw", None)  # a file with an empty one cannot be opened backed and copied
        file.flush()
        return bytes(file.id.get_file_image())


class AnnDataDataset(AbstractDataset[AnnData, AnnData]):
    """Read and write one AnnData object, ``.h5ad`` or ``.zarr`` by the suffix of the path.

    Parameters
    ----------
    filepath
        Path of the file (h5ad) or directory (zarr).
    backed
        True: the matrices (``X``, layers, ``raw``) stay on disk until rows are asked for. An h5ad file is opened in
        mode ``"r"``; of a zarr store, all but the matrices is read.
    compression
        Compression of the arrays in an h5ad file; zarr compresses by its own default. ``auto``: none for small objects,
        else lzf, which takes a third of the time of gzip and is known to h5py and to rhdf5.
    metadata
        Ignored here; for plugins such as Kedro-Viz.

    Notes
    -----
    Saving is atomic: an interrupted run leaves the old file or the new one, never half of one.

    Examples
    --------
    .. code-block:: yaml

        cells_raw:
          type: pathlore.datasets.anndata.AnnDataDataset
          filepath: data/01_raw/cells.h5ad
          backed: true
    """

    def __init__(
        self,
        *,
        filepath: str | os.PathLike[str],
        backed: bool = False,
        compression: Literal["auto", "gzip", "lzf"] | None = "auto",
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._filepath = Path(filepath)
        self._backed = backed
        self._compression = compression
        self.metadata = metadata

    def load(self) -> AnnData:
        """Read the object.

        Raises
        ------
        PathloreError
            The path does not exist, has another suffix, or cannot be read as AnnData. Kedro wraps it as
            ``DatasetError`` with this error as its cause.
        """
        path = self._filepath
        is_zarr = self._is_zarr()
        if not path.exists():
            raise PathloreError(f"no file at {path}, an AnnData file was expected there: {ADVICE}")
        try:
            if path.is_dir() != is_zarr:
                raise ValueError(f"it is a {'folder' if path.is_dir() else 'file'}")
            cells = read_store(path, backed=self._backed)
            _ = cells.X, None if cells.raw is None else cells.raw.X  # a backed matrix is looked for here
        except PathloreError:
            raise
        except Exception as error:  # h5py and zarr raise a dozen kinds for what is one thing to the user
            reason = " ".join(str(error).split())[:300]
            raise PathloreError(
                f"{path} cannot be read as AnnData ({reason}), a complete {path.suffix} file was expected: "
                f"write or download it again, or {ADVICE}"
            ) from error
        logger.info("%s: %d cells x %d genes", path.name, cells.n_obs, cells.n_vars)
        return cells

    def save(self, data: AnnData) -> None:
        """Write the object to a temporary sibling, then move it into place.

        Raises
        ------
        PathloreError
            The path has another suffix, or ``data`` is no AnnData object.
        """
        if not isinstance(data, AnnData):
            raise PathloreError(f"{type(data).__name__} found, AnnData expected for {self._filepath}")
        path = self._filepath
        is_zarr = self._is_zarr()
        with atomic_file(path) as partial:
            if is_zarr:
                anndata.io.write_zarr(partial, data)
            elif self._compression == "auto" and _is_small(data):
                partial.write_bytes(_image(data))
            else:
                chosen = "lzf" if self._compression == "auto" else self._compression
                anndata.io.write_h5ad(partial, data, compression=chosen)

    def _is_zarr(self) -> bool:
        suffix = self._filepath.suffix.lower()
        if suffix not in {".h5ad", ".zarr"}:
            raise PathloreError(
                f"{self._filepath} has the suffix '{suffix}', .h5ad or .zarr was expected: convert the file "
                f"(for 10x .h5: scanpy.read_10x_h5(path).write_h5ad(...)), then {ADVICE}"
            )
        return suffix == ".zarr"

    def _exists(self) -> bool:
        return self._filepath.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath), "backed": self._backed, "compression": self._compression}
