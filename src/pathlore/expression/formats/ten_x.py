"""What Cell Ranger writes: an HDF5 file, or a folder with a sparse matrix and two lists."""

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.errors import PathloreError, shorten
from pathlore.expression.formats.notes import note
from pathlore.expression.structure import check_triplets

GENE_EXPRESSION = "Gene Expression"
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

    The three names may have a prefix that they share, such as ``GSM4041150_healthy1_``. Of features of several types,
    those of gene expression are kept.

    Parameters
    ----------
    path
        The folder, or the matrix in it where the folder has several.

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
