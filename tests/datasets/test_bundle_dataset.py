import pytest
import torch
from kedro.io import DatasetError
from kedro_datasets.partitions import PartitionedDataset

from pathlore.datasets.bundle import BundleDataset


@pytest.mark.parametrize("place", ["pooled", "pooled/bundle.json"])
def test_round_trip_by_folder_or_index(bundle, tmp_path, place):
    dataset = BundleDataset(filepath=str(tmp_path / place))
    assert not dataset.exists()
    dataset.save(bundle)
    assert dataset.exists()
    again = dataset.load()
    assert again.facts == bundle.facts
    assert all(torch.equal(value, bundle.model.state[name]) for name, value in again.model.state.items())
    assert str(tmp_path / "pooled" / "bundle.json") in str(dataset)


def test_one_per_population(bundle, tmp_path):
    dataset = PartitionedDataset(
        path=str(tmp_path / "bundles"), dataset=BundleDataset, filename_suffix="/bundle.json", overwrite=True
    )
    dataset.save({"b_cells": bundle, "t_cells": bundle})
    assert sorted(dataset.load()) == ["b_cells", "t_cells"]
    dataset.save({"t_cells": bundle})
    assert sorted(dataset.load()) == ["t_cells"]
    assert dataset.load()["t_cells"]().facts == bundle.facts


def test_what_is_damaged_is_named(bundle, tmp_path):
    dataset = BundleDataset(filepath=str(tmp_path / "pooled"))
    dataset.save(bundle)
    (tmp_path / "pooled" / "paths.csv").write_text("path\n")
    with pytest.raises(DatasetError, match=r"paths\.csv of the bundle"):
        dataset.load()
    with pytest.raises(DatasetError, match="runtime parameter `bundle`"):
        BundleDataset(filepath=str(tmp_path / "elsewhere")).load()
