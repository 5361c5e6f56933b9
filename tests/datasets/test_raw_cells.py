import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from kedro.io import DatasetError

from pathlore.datasets.raw_cells import RawCellsDataset
from pathlore.errors import PathloreError


@pytest.fixture
def cells():
    names = [f"cell_{i}" for i in range(4)]
    return AnnData(np.ones((4, 2), dtype=np.float32), pd.DataFrame(index=names), pd.DataFrame(index=["STAT1", "MYC"]))


@pytest.mark.parametrize("suffix", [".h5ad", ".csv"])
def test_annotations_reach_any_format(cells, tmp_path, suffix):
    path = tmp_path / f"c{suffix}"
    cells.write_h5ad(path) if suffix == ".h5ad" else cells.to_df().to_csv(path)
    pd.DataFrame({"cell": cells.obs_names, "condition": list("abab")}).to_csv(
        tmp_path / "about.tsv", sep="\t", index=False
    )
    dataset = RawCellsDataset(filepath=path, annotations=str(tmp_path / "about.tsv"))
    assert dataset.exists()
    loaded = dataset.load()
    assert list(loaded.obs["condition"]) == list("abab")
    assert loaded.isbacked == (suffix == ".h5ad")
    assert dataset._describe()["filepath"] == str(path)


@pytest.mark.parametrize(("file", "said"), [("absent.csv", "no file at"), ("absent.h5ad", "no file at")])
def test_what_is_not_there(tmp_path, file, said):
    with pytest.raises(DatasetError) as caught:
        RawCellsDataset(filepath=tmp_path / file).load()
    assert isinstance(caught.value.__cause__, PathloreError)
    assert said in str(caught.value.__cause__)


def test_raw_files_are_not_written(cells, tmp_path):
    with pytest.raises(DatasetError, match="not written"):
        RawCellsDataset(filepath=tmp_path / "c.h5ad").save(cells)
