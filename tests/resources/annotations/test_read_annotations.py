import logging

import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.resources.annotations import read_annotations
from pathlore.schemas import GeneAnnotations


def rows(tables):
    return GeneAnnotations.validate(read_annotations(tables)).to_numpy().tolist()


def test_several_files_first_non_empty_wins_name_and_description_separately():
    first = pd.DataFrame({"symbol": ["B", "A"], "name": ["b", ""], "summary": ["", ""]})
    second = pd.DataFrame({"gene": ["A", "B"], "description": ["about A", "about B"]})
    third = pd.DataFrame({"gene": ["A", "B", "C"], "name": ["late a", "late b", "c"], "text": ["late"] * 3})
    expected = [["B", "b", "about B"], ["A", "late a", "about A"], ["C", "c", "late"]]
    assert rows({"1": first, "2": second, "3": third}) == expected


def test_repeated_symbols_are_counted_and_rows_without_left_out(caplog):
    caplog.set_level(logging.INFO)
    table = pd.DataFrame(
        {
            "symbol": ["B", "A", "A", "A", " ", None],
            "name": ["b", None, "first", "second", "x", "y"],
            "summary": ["", "", "", "late", "x", "y"],
        },
        index=[3, 3, 1, 0, 7, 8],
    )
    assert rows({"x": table}) == [["B", "b", ""], ["A", "first", "late"]]
    assert "2 genes, 2 named, 1 described; 2 rows of repeated and 2 without symbols left out" in caplog.text


def test_no_table_no_texts():
    assert rows({}) == []


def test_credit_lines_are_cut_everywhere():
    table = pd.DataFrame({"gene": ["A"], "summary": ["A kinase. [provided by RefSeq, Jul 2008]"]})
    assert rows({"x": table}) == [["A", "", "A kinase."]]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (
            pd.DataFrame([["A", "1", "x"]], columns=["symbol", "length", "x"]),
            "x.csv has the columns length, symbol, x;",
        ),
        (pd.DataFrame([["A", "B"]], columns=["id", "description"]), "x.csv has the columns description, id;"),
        ("<pathway/>", "x.csv has no table; expected .*BioMedGraphica"),
        (pd.DataFrame({"symbol": [None], "text": ["x"]}), "none of the 1 rows of x.csv has a human gene symbol"),
    ],
)
def test_errors_name_file_and_parameter(raw, words):
    with pytest.raises(PathloreError, match=f"{words}.*`gene_text`"):
        read_annotations({"x.csv": raw})


@pytest.mark.shared
def test_real_table(shared_data):
    genes = read_annotations({"gene_text.parquet": pd.read_parquet(shared_data / "genes" / "gene_text.parquet")})
    assert len(genes) == 24_266
    assert genes.set_index("symbol").loc["TP53", "name"] == "tumor protein p53"
    assert (genes["description"] != "").sum() > 20_000
    assert not genes["description"].str.contains("provided by RefSeq").any()
