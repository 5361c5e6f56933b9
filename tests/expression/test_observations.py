import logging

import numpy as np
import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.expression.observations import label_cells


@pytest.fixture
def obs():
    return pd.DataFrame(
        {
            "group": ["healthy", "mild", "severe", "other", None],
            "patient": ["1", "2", "unknown", "3", "4"],
            "type": ["T", np.nan, "", "B", "B"],
        },
        index=list("abcde"),
    )


def test_classes_donors_and_missing_values(obs, cells_config, caplog):
    with caplog.at_level(logging.INFO):
        table = label_cells(obs, cells_config())
    assert list(table.index) == ["a", "b", "c"]
    assert list(table.columns) == ["condition", "label", "donor", "cell_type"]
    assert table["condition"].tolist() == ["control", "case", "case"]
    assert table["label"].tolist() == [0, 1, 1]
    assert table["label"].dtype == np.int64
    assert table["donor"].tolist() == ["1", "2", None]
    assert table["cell_type"].tolist() == ["T", None, None]
    assert "2 of 5 left out" in caplog.text


def test_numbers_become_text_without_decimals(obs, cells_config):
    obs["patient"] = [101.0, 102.0, np.nan, 103.0, 104.0]
    assert label_cells(obs, cells_config())["donor"].tolist() == ["101", "102", None]


def test_categories_and_unnamed_columns(obs, cells_config):
    obs["group"] = obs["group"].astype("category")
    table = label_cells(obs, cells_config(donor=None, cell_type=None))
    assert table["donor"].isna().all()
    assert table["cell_type"].isna().all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"condition": "status"}, ["'status'", "group, patient, type", "`ingestion.cells.condition`"]),
        ({"donor": "who"}, ["'who'", "`ingestion.cells.donor`"]),
        ({"cell_type": "what"}, ["'what'", "`ingestion.cells.cell_type`"]),
        (
            {"classes": {"control": ["healthy"], "case": ["Mild"]}},
            ["Mild", "healthy (1)", "other (1)", "`ingestion.cells.classes`"],
        ),
        ({"classes": {"control": ["healthy"], "case": []}}, ["case", "at least two", "`ingestion.cells.classes`"]),
    ],
)
def test_error_names_what_was_found_and_what_to_change(obs, cells_config, changes, words):
    with pytest.raises(PathloreError) as caught:
        label_cells(obs, cells_config(**changes))
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_repeated_cell_names(obs, cells_config):
    obs.index = list("aabcd")
    with pytest.raises(PathloreError, match="1 cell names occur more than once"):
        label_cells(obs, cells_config())


def test_donor_of_two_classes_must_be_declared(obs, cells_config):
    obs["patient"] = ["1", "1", "2", "3", "4"]
    with pytest.raises(PathloreError, match=r"1 of 2 donors.*\(1\).*ingestion.cells.paired_donors: true"):
        label_cells(obs, cells_config())
    assert len(label_cells(obs, cells_config(paired_donors=True))) == 3
