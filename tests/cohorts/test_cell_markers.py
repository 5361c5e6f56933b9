import pandas as pd
import pytest

from pathlore.cohorts.annotate import read_annotation, read_markers
from pathlore.errors import PathloreError

TABLE = pd.DataFrame(
    [
        ("liver", "T cell", "CD3D"),
        ("liver", "T cell", "CD3E"),
        ("liver", "T cell", "CD3D"),
        ("liver", "B cell", "CD79A"),
        ("liver", "B cell", "MS4A1"),
        ("liver", "mast cell", "KIT"),
        ("brain", "microglia", "CX3CR1"),
    ],
    columns=["tissue", "cell_type", "gene"],
)
MEASURED = pd.Index(["CD3E", "MS4A1", "CD79A", "CD3D", "KIT", "TP53"])
CELLS = pd.Index(["s1:AC-1", "s1:GT-1", "s2:AC-1"])


def own(rows):
    return pd.DataFrame(rows, columns=["cell", "cell_type"])


def test_measured_markers_of_the_tissue():
    assert read_markers({"m.csv": TABLE}, "liver", MEASURED, 2) == {
        "T cell": ["CD3D", "CD3E"],
        "B cell": ["CD79A", "MS4A1"],
    }
    assert list(read_markers({"m.csv": TABLE}, "liver", MEASURED, 1)) == ["T cell", "B cell", "mast cell"]


def test_tables_are_joined():
    both = {"a.csv": TABLE.iloc[:3], "b.csv": TABLE.iloc[3:]}
    assert list(read_markers(both, "liver", MEASURED, 2)) == ["T cell", "B cell"]


@pytest.mark.parametrize(
    ("raw", "tissue", "measured", "said"),
    [
        ({"m.csv": TABLE.drop(columns="gene")}, "liver", MEASURED, "m.csv has cell_type, tissue, the columns"),
        ({"m.gmt": "text"}, "liver", MEASURED, "m.gmt has text"),
        ({"m.csv": TABLE}, "kidney", MEASURED, r"no tissue 'kidney', but brain, liver.*`cohort\.annotation\.tissue`"),
        ({}, "liver", MEASURED, "no tissue 'liver', but none"),
        ({"m.csv": TABLE}, "liver", pd.Index(["ENSG1"]), r"of 3 cell types of liver, none has 2 .*ENSG1.*`markers`"),
    ],
)
def test_tables_that_do_not_do(raw, tissue, measured, said):
    with pytest.raises(PathloreError, match=said):
        read_markers(raw, tissue, measured, 2)


def test_the_user_s_cells():
    told = read_annotation({"mine.csv": own([("s1:AC-1", "T cell"), ("s2:AC-1", ""), ("s9:AC-1", "B cell")])}, CELLS)
    assert told.to_dict() == {"s1:AC-1": "T cell"}
    assert read_annotation({}, CELLS).empty


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"mine.csv": pd.DataFrame({"barcode": ["AC-1"]})}, "mine.csv has barcode, the columns cell, cell_type"),
        ({"mine.csv": own([("AC-1", "T cell")])}, r"mine.csv names no cell .* such as AC-1; .* s1:AC-1, s1:GT-1"),
        ({"mine.csv": own([("s1:AC-1", "T"), ("s1:AC-1", "B")])}, "1 cells have two types, such as s1:AC-1"),
        ({"a": own([("s1:AC-1", "T")]), "b": own([("s1:AC-1", "B")])}, "1 cells have two types"),
    ],
)
def test_annotations_that_do_not_do(raw, said):
    with pytest.raises(PathloreError, match=f"{said}.*`cell_types`"):
        read_annotation(raw, CELLS)
