import numpy as np
import pandas as pd
import pytest

from pathlore.missing import is_missing, known_texts, missing_labels

WRITTEN = [
    "",
    " ",
    "NA",
    "nan",
    "NaN",
    "None",
    "none",
    "N/A",
    "n/a",
    "NULL",
    "null",
    "-",
    "<NA>",
    "#N/A",
    " NA ",
    "NaT",
]


@pytest.mark.parametrize("value", [*WRITTEN, None, np.nan, pd.NA, pd.NaT])
def test_what_programs_write_is_missing(value):
    assert is_missing(value)


@pytest.mark.parametrize("value", ["0", 0, 0.0, False, "NAT1", "NANOG", "NAN1", "-1", "no", "unknown", "NA12878", "+"])
def test_what_only_looks_like_it_is_not(value):
    assert not is_missing(value)


def test_no_gene_is_called_like_a_missing_word(shared_data):
    table = pd.read_parquet(shared_data / "genes" / "gene_text.parquet").fillna("")
    names = {*table["symbol"], *table["canonical_symbol"], *";".join(table["synonyms"]).split(";")}
    assert not [name for name in names if name and is_missing(name)]


def test_texts_keep_their_rows():
    column = pd.Series(["A ", "na", None, 3, pd.NA], index=[5, 6, 7, 8, 9])
    assert known_texts(column).to_dict() == {5: "A", 6: "", 7: "", 8: "3", 9: ""}
    assert known_texts(pd.Series(pd.Categorical(["x", None, "NULL"]))).tolist() == ["x", "", ""]
    assert known_texts(pd.Series(pd.Categorical(["x", None]))).tolist() == ["x", ""]
    assert known_texts(pd.Series([], dtype=object)).tolist() == []


@pytest.mark.parametrize(
    ("labels", "missing"),
    [
        (["C1", "C2", "NA", "nan", "N/A", "NULL", "<NA>"], {"NA", "nan", "N/A", "NULL", "<NA>"}),
        (["C1", "C2", "None"], {"None"}),
        (["None", "IFN"], set()),  # no treatment, and a treatment
        (["none", "IFN", "LPS"], set()),
        (["+", "-"], set()),
        (["HIV", "control", "-"], {"-"}),
        ([np.nan, 1, 2], set()),  # numbers are no words
    ],
)
def test_a_label_may_be_a_word_for_missing(labels, missing):
    assert missing_labels(labels) == missing
