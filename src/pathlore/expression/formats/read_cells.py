"""Cells in any format: AnnData stores, loom, 10x Genomics, text tables; and what was done to them."""

import gzip
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import anndata
import h5py
import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.errors import PathloreError, shorten
from pathlore.expression.formats.notes import note
from pathlore.expression.formats.table import read_table
from pathlore.expression.structure import as_csr, check_store, check_triplets
from pathlore.genes.features import GENE_EXPRESSION, refuse_other_types

MATRICES = ("X", "layers", "raw")


def read_store(path: Path, *, backed: bool = False) -> AnnData:
    """Read AnnData from a file of HDF5 or a folder of zarr, once its matrices are known to be sound.

    Parameters
    ----------
    path
        A folder is read as zarr.
    backed
        True: the matrices ``X`` and ``raw`` stay on disk until rows are asked for, and so do layers where the store
        is zarr or has no ``X``.

    Raises
    ------
    PathloreError
        From :func:`~pathlore.expression.structure.check_store`. h5py, zarr and anndata raise others of their own.
    """
    if path.is_dir():
        import zarr

        store: Any = zarr.open_group(path, mode="r")
        check_store(store, path, MATRICES if backed else ())
        return _open(store) if backed else anndata.io.read_zarr(path)
    with h5py.File(path, "r") as file:
        check_store(file, path, ("X", "raw/X") if backed else ())
        has_matrix, is_old = "X" in file, "encoding-type" not in file.attrs
    if backed and has_matrix:
        return anndata.io.read_h5ad(path, backed="r")
    return _open(h5py.File(path, "r")) if backed and not is_old else anndata.io.read_h5ad(path)


def _open(store: Any) -> AnnData:
    """Open a store whose matrices stay on disk."""
    parts = {name: anndata.io.read_elem(store[name]) for name in store if name not in MATRICES}
    for name in MATRICES:
        if name in store and store[name].attrs.get("encoding-type") != "null":
            parts[name] = _on_disk(store[name])
    return AnnData(**parts)


def _on_disk(element: Any) -> Any:
    """An element of a store with its matrices, sparse or dense, as handles from which rows are read."""
    kind = element.attrs.get("encoding-type")
    if kind in ("csr_matrix", "csc_matrix"):
        return anndata.io.sparse_dataset(element)
    if kind == "raw":
        return {name: _on_disk(element[name]) for name in element if name != "varm"}
    if kind == "dict":
        return {name: _on_disk(element[name]) for name in element}
    return element if kind == "array" else anndata.io.read_elem(element)


GENES = ("Gene", "gene", "gene_name", "gene_names", "GeneName", "var_names", "symbol", "Symbol", "Accession")
CELLS = ("CellID", "cell_id", "obs_names", "cell_names", "barcode", "barcodes", "Barcode")
"""Attributes that name genes and cells, in this order of preference."""
BLOCK_GENES = 512
"""Genes that are held dense at a time."""


def read_loom(path: Path) -> AnnData:
    """Read ``/matrix`` and ``/layers`` (genes x cells) as CSR of cells x genes, and the attributes of one value each.

    Raises
    ------
    PathloreError
        There is no ``/matrix``.
    """
    with h5py.File(path, "r") as file:
        if "matrix" not in file or not isinstance(file["matrix"], h5py.Dataset):
            raise PathloreError(
                f"{path} has no dataset /matrix, which a loom file has: check the runtime parameter `cells`"
            )
        X = _cells_in_rows(file["matrix"])
        layers = {name: _cells_in_rows(layer) for name, layer in file.get("layers", {}).items()}
        obs = _attributes(file.get("col_attrs"), X.shape[0], CELLS, "cell_")
        var = _attributes(file.get("row_attrs"), X.shape[1], GENES, "gene_")
    return AnnData(X, obs=obs, var=var, layers=layers)


def _cells_in_rows(matrix: Any) -> sparse.csr_matrix:
    blocks = [
        as_csr(np.asarray(matrix[start : start + BLOCK_GENES]), f"{matrix.name} of the loom file").astype(np.float32)
        for start in range(0, matrix.shape[0], BLOCK_GENES)
    ]
    return sparse.vstack(blocks, format="csr").T.tocsr()


def _attributes(group: Any, n: int, names: tuple[str, ...], word: str) -> pd.DataFrame:
    """Attributes as a table, indexed by the first of ``names`` that is there, else numbered."""
    columns = {
        name: _texts(values[:])
        for name, values in (group.items() if group is not None else ())
        if isinstance(values, h5py.Dataset) and values.shape == (n,)
    }
    index = next((columns.pop(name) for name in names if name in columns), None)
    labels = [f"{word}{i + 1}" for i in range(n)] if index is None else [str(value) for value in index]
    return pd.DataFrame(columns, index=pd.Index(labels, dtype=object))


def _texts(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind not in "OS":
        return values
    texts = [v.decode("utf8", "replace") if isinstance(v, bytes) else str(v) for v in values]
    return np.array(texts, dtype=object)


MATRIX = ("matrix.mtx", "matrix.mtx.gz")


def read_ten_x_h5(path: Path) -> AnnData:
    """Read a 10x HDF5 file (Cell Ranger 2 and later): counts of the genes, other features left out.

    ``var`` is indexed by symbol, its column ``gene_ids`` has the Ensembl ids.
    """
    import scanpy as sc

    with h5py.File(path, "r") as file:
        check_triplets(file, path)
    cells = sc.read_10x_h5(path, gex_only=False)
    cells.var_names = cells.var_names.astype(str)
    cells.X = sparse.csr_matrix(cells.X, dtype=np.float32)
    return _genes_alone(cells, cells.var.get("feature_types"), path)


def read_ten_x_folder(path: Path) -> AnnData:
    """Read ``matrix.mtx`` (genes x cells), ``barcodes.tsv``, and ``features.tsv`` or ``genes.tsv``, compressed or not.

    The path is the folder, or the matrix in it where the folder has several. The three names may have a prefix that
    they share, such as ``GSM4041150_healthy1_``. Of features of several types, those of gene expression are kept.

    Raises
    ------
    PathloreError
        There is no matrix, more than one, no list beside it, or a list of another length.
    """
    from scipy.io import mmread

    matrix = _matrix(path)
    prefix = matrix.name[: matrix.name.lower().rindex("matrix.mtx")]
    barcodes = _list(matrix, prefix, ["barcodes"])
    features = _list(matrix, prefix, ["features", "genes"])
    X = sparse.csr_matrix(mmread(matrix)).T.tocsr().astype(np.float32)
    if X.shape != (len(barcodes), len(features)):
        raise PathloreError(
            f"{matrix} is {X.shape[1]} genes x {X.shape[0]} cells, but the lists beside it have {len(features)} genes "
            f"and {len(barcodes)} cells: the three files must be of one sample, check the runtime parameter `cells`"
        )
    symbols = features[1] if features.shape[1] > 1 else features[0]
    var = pd.DataFrame({"gene_ids": features[0].to_numpy()}, index=pd.Index(symbols.to_numpy(), dtype=object))
    cells = AnnData(X, obs=pd.DataFrame(index=pd.Index(barcodes[0].to_numpy(), dtype=object)), var=var)
    return _genes_alone(cells, features[2] if features.shape[1] > 2 else None, matrix)


def _genes_alone(cells: AnnData, types: pd.Series | None, path: Path) -> AnnData:
    """Without features of other types than genes, with a line that counts them."""
    if types is not None:
        refuse_other_types(types, path.name)
    genes = np.ones(cells.n_vars, dtype=bool) if types is None else (types.astype(str) == GENE_EXPRESSION).to_numpy()
    if genes.all() or not genes.any():
        return cells
    kept = cells[:, genes].copy()
    kinds = shorten(set(types[~genes].astype(str)))  # type: ignore[index]
    note(kept, f"{path.name}: {int((~genes).sum())} features that are no genes ({kinds}) are left out")
    return kept


def _matrix(path: Path) -> Path:
    if path.is_file():
        return path
    found = sorted(file for file in path.iterdir() if file.name.lower().endswith(MATRIX))
    if len(found) == 1:
        return found[0]
    names = shorten(file.name for file in path.iterdir()) or "nothing"
    raise PathloreError(
        f"{path} has {len(found) or 'no'} file(s) named ...matrix.mtx[.gz] (it holds {names}), one was expected: set "
        "the runtime parameter `cells` to the folder of one sample, or to its matrix"
    )


def _list(matrix: Path, prefix: str, names: list[str]) -> pd.DataFrame:
    for name in names:
        for suffix in (".tsv.gz", ".tsv"):
            file = matrix.with_name(f"{prefix}{name}{suffix}")
            if file.is_file():
                return pd.read_csv(file, sep="\t", header=None, dtype=str, keep_default_na=False)
    raise PathloreError(
        f"{prefix}{' or '.join(names)}.tsv[.gz] was expected beside {matrix}, and is not there: put the three files of "
        "a sample into one folder, and name it in `cells`"
    )


FORMATS = ".h5ad, .zarr, 10x .h5, a folder with matrix.mtx, .loom, .csv, .tsv or .txt (each may end in .gz)"
TABLES = (".csv", ".tsv", ".tab", ".txt")
WHOLE_FILES = (".h5ad", ".h5", ".hdf5", ".loom")
"""Formats that cannot be read through gzip: they are unpacked first."""


def read_cells(path: Path, decimal: Literal["auto", "point", "comma"] = "auto", encoding: str = "auto") -> AnnData:
    """Read cells from a file or folder, into memory, by what it is.

    ===================================  ===============================================================================
    what is there                        becomes
    ===================================  ===============================================================================
    ``.h5ad``, ``.zarr``                 as it is
    ``.h5``, ``.hdf5``                   10x Genomics (Cell Ranger 2 and later, CellBender), or AnnData
    folder with ``matrix.mtx``           10x Genomics: barcodes, and features or genes, beside it; a prefix is allowed
    ``.loom``                            layers, row and column attributes, turned to cells in rows
    ``.csv``, ``.tsv``, ``.txt``         cells in rows or in columns, judged by which axis has the names of genes
    ===================================  ===============================================================================

    Parameters
    ----------
    path
        The file, the folder, or the ``matrix.mtx`` in it.
    decimal, encoding
        Of text tables, see `pathlore.expression.formats.table.read_table`.

    Raises
    ------
    PathloreError
        Nothing is there, the suffix is not known, or the content is not what the suffix says.
    """
    if not path.exists():
        raise PathloreError(
            f"no file at {path}, one of these was expected there: {FORMATS}: change the runtime parameter `cells`"
        )
    name = path.name.lower()
    try:
        if name.endswith(".gz") and name.removesuffix(".gz").endswith(WHOLE_FILES):
            return _unpacked(path)
        if name.removesuffix(".gz").endswith(TABLES) and path.is_file():
            return read_table(path, decimal, encoding)
        return _reader(path, name.removesuffix(".gz"))(path)
    except PathloreError:
        raise
    except Exception as error:  # each library has a dozen kinds for what is one thing to the user
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise PathloreError(
            f"{path} cannot be read ({reason}), a complete file was expected: write or download it again, or set the "
            f"runtime parameter `cells` to one of {FORMATS}"
        ) from error


def _reader(path: Path, name: str) -> Callable[[Path], AnnData]:
    if name.endswith(".h5ad"):
        return read_store
    if path.is_dir():
        return read_store if name.endswith(".zarr") else read_ten_x_folder
    if name.endswith(".mtx"):
        return read_ten_x_folder
    if name.endswith(".loom"):
        return read_loom
    if name.endswith((".h5", ".hdf5")):
        return _read_hdf5
    raise PathloreError(
        f"{path} has a suffix that is not known, one of these was expected: {FORMATS}: convert the file, and set the "
        "runtime parameter `cells`"
    )


def _read_hdf5(path: Path) -> AnnData:
    with h5py.File(path, "r") as file:
        is_anndata = "obs" in file and "var" in file
    return read_store(path) if is_anndata else read_ten_x_h5(path)


def _unpacked(path: Path) -> AnnData:
    """Read a compressed file of a format that needs random access."""
    with tempfile.TemporaryDirectory(prefix="pathlore") as folder:
        plain = Path(folder) / path.name[: -len(".gz")]
        with gzip.open(path) as packed, plain.open("wb") as file:
            shutil.copyfileobj(packed, file)
        return read_cells(plain)
