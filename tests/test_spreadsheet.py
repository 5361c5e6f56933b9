from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.io import DataCatalog

from pathlore.spreadsheet import FORMULA, escaped, unescaped

TEXT = st.text(max_size=8) | st.text(alphabet="'=+-@\t1.eA", max_size=6)
HARMFUL = ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://x\")", "-2+3", "''=1"]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.none() | TEXT, max_size=5), TEXT)
def test_every_text_comes_back_and_none_is_a_formula(texts, name):
    table = pd.DataFrame({name: pd.Series(texts, dtype=object), "n": range(len(texts))})
    done = escaped(table)
    pd.testing.assert_frame_equal(unescaped(done), table)
    for text in [*done[done.columns[0]].dropna(), *done.columns]:
        assert len(text) < 2 or text[0] not in "=+-@\t\r\n" or pd.notna(pd.to_numeric(text, errors="coerce"))


def test_categories_and_numbers():
    table = pd.DataFrame({"type": pd.Categorical(["=a", "b", "=a"]), "x": [-1.5, 2, 3], "sign": ["+", "-", "-1e-3"]})
    done = escaped(table)
    assert list(done["type"]) == ["'=a", "b", "'=a"]
    assert list(done["x"]) == [-1.5, 2, 3]
    assert list(done["sign"]) == ["+", "-", "-1e-3"]
    pd.testing.assert_frame_equal(unescaped(done), table)


@pytest.mark.parametrize("text", HARMFUL)
def test_a_saved_table_holds_no_formula(tmp_path, text):
    entry = {
        "type": "pathlore.datasets.csv.CSVDataset",
        "filepath": str(tmp_path / "t.csv"),
        "save_args": {"index": False},
    }
    catalog = DataCatalog.from_config({"t": entry})
    table = pd.DataFrame({"gene": [text, "HLA-A"], text: [-1.0, 2.0]})
    catalog.save("t", table)
    plain = pd.read_csv(tmp_path / "t.csv")
    assert plain["gene"][0] == f"'{text}"
    assert FORMULA.match(plain.columns[1]) and plain.columns[1].startswith("'")  # noqa: PT018
    pd.testing.assert_frame_equal(catalog.load("t"), table)


def test_every_table_of_the_catalogue_is_written_so():
    for path in Path(__file__).parents[1].glob("conf/*/**/catalog.yml"):
        assert "pandas.CSVDataset" not in path.read_text().replace("pathlore.datasets.csv.CSVDataset", "")
        assert "pandas.ExcelDataset" not in path.read_text()
