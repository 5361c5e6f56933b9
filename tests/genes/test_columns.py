import numpy as np
import pandas as pd

from pathlore.genes.columns import exploded, find, has, has_any, text


def test_columns_are_found_in_any_letters_and_in_the_order_asked_for():
    table = pd.DataFrame(columns=["#tax_id", " Gene  Name ", "text", 5])
    assert (find(table, "tax_id"), find(table, "summary", "text", "gene name"), find(table, "5")) == (0, 2, 3)
    assert find(table, "gene") is None
    assert has(table, "tax_id", "gene name")
    assert not has(table, "tax_id", "gene")
    assert has_any(table, "gene", "text")
    assert not has_any("<pathway/>", "gene")


def test_cells_are_clean_texts():
    table = pd.DataFrame({"a": [" one\n two ", None, np.nan, pd.NA, "-"], "b": [1.0, np.nan, 3, 4, 5], "c": [0.5] * 5})
    assert text(table, "a").tolist() == ["one two", "", "", "", ""]
    assert text(table, "b").tolist() == ["1", "", "3", "4", "5"]
    assert text(table, "c").iloc[0] == "0.5"
    assert text(table, "d").tolist() == [""] * 5
    assert text(pd.DataFrame({"a": pd.Categorical(["x", None])}), "a").tolist() == ["x", ""]


def test_lists_become_rows():
    rows = exploded(pd.Series(["A", "", "B", "B"]), pd.Series(['"x|y"', "z", "", "y;;y"]))
    assert rows.to_numpy().tolist() == [["A", "x"], ["A", "y"], ["B", "y"]]
    assert exploded(pd.Series([], dtype=object), pd.Series([], dtype=object)).empty
