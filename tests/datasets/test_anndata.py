import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from kedro.io import DatasetError
from kedro.io.core import AbstractDataset
from scipy import sparse

from pathlore.datasets.anndata import AnnDataDataset
from pathlore.errors import PathloreError


@pytest.fixture
def cells():
    rng = np.random.default_rng(0)
    obs = pd.DataFrame({"condition": ["a", "b", "a", "b"]}, index=list("wxyz"))
    return AnnData(sparse.csr_matrix(rng.poisson(1, (4, 5)), dtype=np.float32), obs=obs, uns={"note": {"n": 3}})


@pytest.mark.parametrize("suffix", [".h5ad", ".zarr"])
def test_round_trip_and_replacement(cells, tmp_path, suffix):
    dataset = AnnDataDataset(filepath=tmp_path / "deep" / f"cells{suffix}")
    assert not dataset.exists()
    dataset.save(cells)
    dataset.save(cells[:2].copy())
    assert dataset.exists()
    again = dataset.load()
    assert again.n_obs == 2
    assert (cells.X[:2] != again.X).nnz == 0
    assert again.uns["note"]["n"] == 3
    assert [path.name for path in (tmp_path / "deep").iterdir()] == [f"cells{suffix}"]


@pytest.mark.parametrize(("most", "expected"), [(200_000, None), (100, "lzf")])
@pytest.mark.parametrize("dense", [False, True])
def test_small_objects_are_not_compressed(cells, tmp_path, monkeypatch, most, expected, dense):
    """4 x 5 numbers of 4 bytes and more: above 100, below 200,000."""
    monkeypatch.setattr("pathlore.datasets.anndata.SMALL", most)
    cells.layers["more"] = cells.X * 2
    if dense:
        cells.X = cells.X.toarray()
    AnnDataDataset(filepath=tmp_path / "cells.h5ad").save(cells)
    with h5py.File(tmp_path / "cells.h5ad") as file:
        assert file["X" if dense else "X/data"].compression == expected
        assert file["layers/more/data"].compression == expected


def test_backed_leaves_the_matrix_on_disk(cells, tmp_path):
    path = tmp_path / "cells.h5ad"
    AnnDataDataset(filepath=path).save(cells)
    backed = AnnDataDataset(filepath=path, backed=True).load()
    assert backed.isbacked
    AnnDataDataset(filepath=tmp_path / "copy.h5ad").save(backed)
    AnnDataDataset(filepath=path).save(backed)
    assert backed.X[:2].shape == (2, 5)
    backed.file.close()
    for name in ("cells", "copy"):
        assert (AnnDataDataset(filepath=tmp_path / f"{name}.h5ad").load().X != cells.X).nnz == 0


def test_of_a_backed_zarr_store_the_matrices_stay_on_disk(cells, tmp_path):
    cells.raw = cells.copy()
    cells.layers["counts"], cells.layers["dense"] = cells.X * 2, cells.X.toarray()
    cells.obsm["umap"] = np.ones((4, 2))
    path = tmp_path / "cells.zarr"
    AnnDataDataset(filepath=path).save(cells)
    opened = AnnDataDataset(filepath=path, backed=True).load()
    matrices = (opened.X, opened.raw.X, opened.layers["counts"], opened.layers["dense"])
    assert not any(isinstance(matrix, np.ndarray) or sparse.issparse(matrix) for matrix in matrices)
    for matrix, expected in zip(matrices[:3], (cells.X, cells.X, cells.layers["counts"]), strict=True):
        assert (matrix[1:3] != expected[1:3]).nnz == 0
    np.testing.assert_array_equal(opened.layers["dense"][1:3], cells.layers["dense"][1:3])
    assert list(opened.raw.var_names) == list(cells.raw.var_names)
    pd.testing.assert_frame_equal(opened.obs, cells.obs)
    assert opened.uns["note"]["n"] == 3
    AnnDataDataset(filepath=tmp_path / "copy.h5ad").save(opened)
    assert (AnnDataDataset(filepath=tmp_path / "copy.h5ad").load().X != cells.X).nnz == 0


def test_a_backed_zarr_store_without_a_matrix(tmp_path):
    dataset = AnnDataDataset(filepath=tmp_path / "cells.zarr", backed=True)
    dataset.save(AnnData(obs=pd.DataFrame(index=list("ab"))))
    assert dataset.load().X is None


@pytest.mark.parametrize("suffix", [".h5ad", ".zarr"])
def test_failure_leaves_the_old_file_and_nothing_else(cells, tmp_path, suffix):
    dataset = AnnDataDataset(filepath=tmp_path / f"cells{suffix}")
    dataset.save(cells)
    broken = cells[:2].copy()
    broken.uns["cannot"] = object()
    with pytest.raises(DatasetError):
        dataset.save(broken)
    assert dataset.load().n_obs == 4
    assert len(list(tmp_path.iterdir())) == 1


def text_file(path):
    path.write_text("not HDF5")


def truncated(path):
    AnnData(np.ones((300, 30), dtype=np.float32)).write_h5ad(path)
    path.write_bytes(path.read_bytes()[:2000])


def empty_folder(path):
    path.mkdir()


@pytest.mark.parametrize(
    ("name", "spoil", "message"),
    [
        ("absent.h5ad", lambda path: None, "no file at"),
        ("text.h5ad", text_file, "cannot be read as AnnData"),
        ("cut.h5ad", truncated, "cannot be read as AnnData .*truncated"),
        ("empty.zarr", empty_folder, "cannot be read as AnnData"),
        ("cells.h5", text_file, r"has the suffix '.h5'.*scanpy.read_10x_h5"),
    ],
)
@pytest.mark.parametrize("backed", [True, False])
def test_what_cannot_be_read(tmp_path, name, spoil, message, backed):
    path = tmp_path / name
    spoil(path)
    with pytest.raises(DatasetError) as caught:
        AnnDataDataset(filepath=path, backed=backed).load()
    cause = caught.value.__cause__
    assert isinstance(cause, PathloreError)
    assert "\n" not in str(cause)
    assert str(path) in str(cause)
    assert "the runtime parameter `cells`" in str(cause)
    with pytest.raises(PathloreError, match=message):
        raise cause


def test_only_anndata_is_saved(tmp_path):
    with pytest.raises(DatasetError, match="DataFrame found, AnnData expected"):
        AnnDataDataset(filepath=tmp_path / "x.h5ad").save(pd.DataFrame())
    assert not list(tmp_path.iterdir())


def test_built_from_a_catalogue_entry(cells, tmp_path):
    config = {
        "type": "pathlore.datasets.anndata.AnnDataDataset",
        "filepath": str(tmp_path / "cells.h5ad"),
        "compression": "lzf",
        "metadata": {"kedro-viz": {"layer": "raw"}},
    }
    dataset = AbstractDataset.from_config("cells", config)
    dataset.save(cells)
    assert isinstance(dataset, AnnDataDataset)
    assert dataset.metadata == {"kedro-viz": {"layer": "raw"}}
    assert "cells.h5ad" in str(dataset)
    assert anndata.read_h5ad(tmp_path / "cells.h5ad").n_obs == 4
