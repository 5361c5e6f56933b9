import logging

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathlore.errors import PathloreError
from pathlore.expression.labels import bare, label_texts, likeness, twins
from pathlore.expression.observations import label_cells
from pathlore.expression.splits import split_cells
from pathlore.scoring.labels import known_labels


def cohort(donors, groups=("healthy", "mild")):
    """Ten cells of each donor, the first half of them healthy."""
    half = len(donors) // 2
    rows = [(donor, groups[i >= half]) for i, donor in enumerate(donors) for _ in range(10)]
    obs = pd.DataFrame(rows, columns=["patient", "group"], index=[f"c{i}" for i in range(len(rows))])
    return obs.assign(type="T")


TWO = {"control": ["healthy"], "case": ["mild"]}


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\t", "\u200b", "\ufeff", "\u3000", "\r"])
def test_white_space_makes_no_second_donor(cells_config, split_config, blank):
    obs = cohort([f"C{i}" for i in range(4)] + [f"S{i}" for i in range(4)])
    odd = np.arange(len(obs)) % 2 == 1
    obs["patient"] = np.where(odd, obs["patient"] + blank, obs["patient"])
    table = label_cells(obs, cells_config(classes=TWO))
    assert table["donor"].nunique() == 8
    splits = split_cells(table, split_config(), paired_donors=False, population="all")
    assert splits.groupby("donor")["split"].nunique().max() == 1


PAIRS = [("p1", "P1"), ("Donor 1", "donor1"), ("Donor 1", "donor_1"), ("AD-1", "ad 1"), ("Ş1", "ş1"), ("p\u00b9", "p1")]
PAIRS += [("O'Neil", "O\u2019Neil"), ("1", "1.0"), ("P01", "P1"), ("AD-1", "AD\u20131")]


@pytest.mark.parametrize("pair", PAIRS)
def test_donors_that_differ_by_their_writing_stop_a_run(cells_config, pair):
    obs = cohort([*pair, "x", "y"])
    with pytest.raises(PathloreError, match=r"differ only by case.*`ingestion.cells.similar_donors: same`") as caught:
        label_cells(obs, cells_config(classes=TWO))
    assert repr(pair[0]) in str(caught.value)
    assert label_cells(obs, cells_config(classes=TWO, similar_donors="same"))["donor"].nunique() == 3
    assert label_cells(obs, cells_config(classes=TWO, similar_donors="different"))["donor"].nunique() == 4


@pytest.mark.parametrize(
    "pair",
    [
        ("P1", "P2"),
        ("1 1", "11"),
        ("1.1", "11"),
        ("1.05", "1.5"),
        ("10", "1"),
        ("CD8+", "CD8-"),
        ("CD8+", "CD8\u2212"),
        ("HIV", "HIV-"),
        ("S1a", "S1b"),
        ("\u03b1", "\u03b2"),
    ],
)
def test_other_names_are_no_twins(pair):
    assert twins(pair) == []


def test_the_most_frequent_writing_is_kept(cells_config):
    obs = cohort(["p1", "p1", "P1", "x", "y", "z"])
    found = label_cells(obs, cells_config(classes=TWO, similar_donors="same"))["donor"]
    assert set(found) == {"p1", "x", "y", "z"}


def test_twins_among_conditions_and_types_are_named(cells_config, caplog):
    obs = cohort(["a", "b", "c", "d"])
    obs.loc["c0", "group"], obs.loc["c1", "group"], obs.loc["c2", "type"] = "Healthy", " healthy ", "t"
    with caplog.at_level(logging.WARNING):
        table = label_cells(obs, cells_config(classes=TWO))
    assert len(table) == len(obs) - 1
    assert "'Healthy' and 'healthy'" in caplog.text
    assert "'T' and 't'" in caplog.text


def test_words_for_not_known_are_no_donor(cells_config):
    obs = cohort(["NA", "nan", "Unknown", "a", "N/A", "None", "b", "NULL"])
    table = label_cells(obs, cells_config(classes=TWO))
    assert set(table["donor"].dropna()) == {"a", "b"}


def test_a_class_may_be_called_like_nothing(cells_config):
    obs = cohort(["a", "b", "c", "d"], groups=("-", "+"))
    table = label_cells(obs, cells_config(classes={"neg": ["-"], "pos": ["+"]}))
    assert table["condition"].value_counts().to_dict() == {"neg": 20, "pos": 20}


def test_numbers_of_replicates_are_donors_of_their_class(cells_config):
    obs = cohort(["rep1", "rep2", "rep3", "rep1", "rep2", "rep3"])
    with pytest.raises(PathloreError, match="donor_names: per_class"):
        label_cells(obs, cells_config(classes=TWO))
    config = cells_config(classes=TWO, donor_names="per_class")
    donors = label_cells(obs, config)["donor"]
    assert sorted(donors.unique()) == [f"{c} rep{i}" for c in ("case", "control") for i in (1, 2, 3)]
    assert known_labels(obs, config, ["control", "case"])["donor"].tolist() == donors.tolist()


def test_paired_donors_have_one_name_each(cells_config):
    with pytest.raises(ValueError, match="donor_names: global expected"):
        cells_config(paired_donors=True, donor_names="per_class")


ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=300, deadline=None)
@given(st.lists(ANY, min_size=1, max_size=8))
def test_texts_are_their_own_bare_form(values):
    texts = label_texts(pd.Series(values, dtype=object))
    assert texts.tolist() == [bare(value) for value in values]
    assert label_texts(pd.Series(texts)).tolist() == texts.tolist()
    kinds = list(dict.fromkeys(values))  # by codes, since pandas' own table ends a text at its first NUL
    codes = pd.Categorical.from_codes([kinds.index(value) for value in values], pd.Index(kinds, dtype=object))
    assert label_texts(pd.Series(codes)).tolist() == texts.tolist()


@settings(max_examples=300, deadline=None)
@given(ANY)
def test_writing_in_other_letters_is_alike(value):
    assert likeness(f" {value}\u00a0") == likeness(value)
    if value.isascii():
        assert likeness(value.upper()) == likeness(value.lower()) == likeness(value)
