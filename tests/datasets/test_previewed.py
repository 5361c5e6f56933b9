"""What Kedro-Viz shows of a partitioned dataset."""

import base64
import inspect

import pandas as pd
import pytest
from kedro.io import DataCatalog
from matplotlib.figure import Figure

TABLES = {
    "type": "pathlore.datasets.previewed.PartitionedTables",
    "dataset": {"type": "pathlore.datasets.csv.CSVDataset", "save_args": {"index": False}},
    "filename_suffix": ".csv",
    "overwrite": True,
}


def table(first):
    return pd.DataFrame(
        {"gene": [f"G{i}" for i in range(60)], "path": [f"{first}{i}" for i in range(60)], "q": [0.50049, None] * 30}
    )


@pytest.mark.parametrize(("names", "shown"), [(("b", "pooled"), "pooled"), (("c", "b"), "b")])
def test_a_table_of_one_population_is_shown(tmp_path, names, shown):
    dataset = DataCatalog.from_config({"tables": {**TABLES, "path": str(tmp_path)}})["tables"]
    dataset.save({name: table(name) for name in names})
    found = dataset.preview(nrows=3, columns=["path", "absent"])
    assert found["columns"] == ["path", "gene", "q"]
    assert found["data"] == [[f"{shown}0", "G0", 0.5], [f"{shown}1", "G1", None], [f"{shown}2", "G2", 0.5]]
    assert inspect.signature(dataset.preview).return_annotation.__name__ == "TablePreview"
    assert set(dataset.load()) == set(names)


def test_a_figure_of_one_population_is_shown(tmp_path):
    entry = {
        "type": "pathlore.datasets.previewed.PartitionedFigures",
        "path": str(tmp_path),
        "dataset": {"type": "pathlore.datasets.plots.FigureDataset"},
        "filename_suffix": ".png",
    }
    dataset = DataCatalog.from_config({"figures": entry})["figures"]
    dataset.save({"pooled": Figure(figsize=(1, 1))})
    assert base64.b64decode(dataset.preview()).startswith(b"\x89PNG")
    assert inspect.signature(dataset.preview).return_annotation.__name__ == "ImagePreview"
