import numpy as np
import pandas as pd
import pandera.errors
import pytest
from kedro.io import DataCatalog, DatasetError

from pathlore import schemas
from pathlore.datasets.csv import CSVDataset
from pathlore.datasets.validation import EachPartition

GOOD = pd.DataFrame({"key": ["A", "B"], "text": ["a", ""], "has_text": [True, False]})
BAD = pd.DataFrame({"key": ["A", "A"], "text": ["a", ""], "has_text": [True, False]})


@pytest.fixture
def catalog(tmp_path):
    return catalog_of(tmp_path)


def catalog_of(tmp_path):
    entry = {
        "type": "partitions.PartitionedDataset",
        "path": str(tmp_path / "sentences"),
        "dataset": {"type": "pandas.ParquetDataset"},
        "filename_suffix": ".parquet",
        "overwrite": True,
        "validator": {
            "class": "pathlore.datasets.validation.EachPartition",
            "options": {"schema": "Sentences"},
        },
    }
    return DataCatalog.from_config({"sentences": entry})


def test_good_tables_go_through(catalog):
    catalog.save("sentences", {"b": GOOD, "t": GOOD})
    loaded = catalog.load("sentences")
    assert sorted(loaded) == ["b", "t"]
    pd.testing.assert_frame_equal(loaded["b"](), GOOD)


def test_a_bad_table_is_not_written(catalog, tmp_path):
    with pytest.raises((DatasetError, pandera.errors.SchemaError), match="key"):
        catalog.save("sentences", {"b": GOOD, "t": BAD})
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_bad_file_is_refused_when_it_is_loaded_and_not_before(catalog, tmp_path):
    catalog.save("sentences", {"b": GOOD, "t": GOOD})
    BAD.to_parquet(tmp_path / "sentences" / "t.parquet", index=False)
    loaded = catalog_of(tmp_path).load("sentences")  # of the next run
    pd.testing.assert_frame_equal(loaded["b"](), GOOD)
    with pytest.raises(pandera.errors.SchemaError, match="key"):
        loaded["t"]()


def test_a_table_is_checked_again_only_if_its_types_changed():
    check = EachPartition("Sentences")
    check.validate({"a": GOOD})
    assert check.validate({"a": lambda: GOOD})["a"]() is GOOD
    as_text = GOOD.assign(has_text=GOOD["has_text"].astype(object))
    assert check.validate({"a": lambda: as_text})["a"]()["has_text"].dtype == bool


def test_tables_and_loaders_are_both_checked():
    check = EachPartition("Sentences")
    assert list(check.validate({"a": GOOD})) == ["a"]
    with pytest.raises(pandera.errors.SchemaError):
        check.validate({"a": BAD})
    with pytest.raises(pandera.errors.SchemaError):
        EachPartition("Sentences").validate({"a": lambda: BAD})["a"]()
    with pytest.raises(pandera.errors.SchemaErrors, match="extra"):
        check.validate({"a": GOOD.assign(extra=1)})


def test_each_loader_loads_its_own():
    tables = {name: (lambda name=name: GOOD.assign(key=[f"{name}1", f"{name}2"])) for name in "xyz"}
    loaded = EachPartition("Sentences").validate(tables)
    assert [loaded[name]()["key"].iloc[0] for name in "xyz"] == ["x1", "y1", "z1"]


def test_an_unknown_schema_is_an_error():
    with pytest.raises(AttributeError):
        EachPartition("Nonsense")


def test_a_receptor_that_no_gene_speaks_for_is_read_again(tmp_path):
    """An empty list of genes is an empty field of CSV, which pandas reads as missing."""
    row = {"comparison": "b vs a", "active_in": "b", "rank": 1, "receptor": "EGFR", "ligands": "EGF", "score": 0.1,
           "p": np.nan, "p_family": np.nan, "walk": 0.1, "network": 0.1, "text": np.nan, "rank_without_text": 1,
           "reaches_tf": True, "complex": "", "genes": "", "over": "donors"}  # fmt: skip
    table = schemas.ActiveReceptors.validate(pd.DataFrame([row]))
    dataset = CSVDataset(filepath=str(tmp_path / "receptors.csv"), save_args={"index": False})
    dataset.save(table)
    assert schemas.ActiveReceptors.validate(dataset.load())["genes"].isna().all()
