import logging

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathlore.errors import PathloreError
from pathlore.expression.folds import fold_splits
from pathlore.expression.splits import held_out_unit, split_cells

COLUMNS = ["cell", "condition", "label", "donor", "cell_type", "population", "split"]
SIX = [(f"p{i}", i % 2, 20 + 3 * i) for i in range(6)]
SETS = {"train", "validation", "test"}


def held(table, key):
    return table.groupby(key)["split"].agg(set)


def test_by_donor_where_three_of_each_class(labelled, split_config, caplog):
    with caplog.at_level(logging.INFO):
        table = split_cells(labelled(SIX), split_config(), paired_donors=False, population="T")
    assert list(table.columns) == COLUMNS
    assert set(table["population"]) == {"T"}
    assert held(table, "donor").map(len).max() == 1
    assert (held(table, "label") == SETS).all()
    assert "T: split by donor" in caplog.text
    assert "WARNING" not in [record.levelname for record in caplog.records]


def test_fractions_in_cells_are_near_the_wanted(labelled, split_config):
    donors = [(f"p{i}", i % 2, 5 + (i * 37) % 60) for i in range(40)]
    table = split_cells(labelled(donors), split_config(), paired_donors=False, population="all")
    shares = pd.crosstab(table["label"], table["split"], normalize="index")
    for name, wanted in (("train", 0.7), ("validation", 0.1), ("test", 0.2)):
        assert shares[name].sub(wanted).abs().max() < 0.06


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(1, 40), min_size=9, max_size=24),
    seed=st.integers(0, 2**31 - 1),
    n_classes=st.integers(2, 3),
)
def test_no_donor_is_in_two_sets(labelled, split_config, sizes, seed, n_classes):
    donors = [(f"p{i}", i % n_classes, n) for i, n in enumerate(sizes)]
    table = split_cells(labelled(donors), split_config(seed=seed), paired_donors=False, population="all")
    assert len(table) == sum(sizes)
    assert held(table, "donor").map(len).max() == 1
    assert (held(table, "label") == SETS).all()


def test_few_donors_of_one_class_beside_many_of_the_other(labelled, split_config):
    donors = [(f"a{i}", 0, 10) for i in range(3)] + [(f"b{i}", 1, 10) for i in range(100)]
    table = split_cells(labelled(donors), split_config(by="donor"), paired_donors=False, population="all")
    shares = table.loc[table["label"] == 1, "split"].value_counts(normalize=True)
    assert shares["test"] == pytest.approx(0.2)
    assert (held(table, "label") == SETS).all()


def test_paired_donors_stay_whole(labelled, split_config):
    donors = [(f"p{i}", label, 10 + i) for i in range(5) for label in (0, 1)]
    table = split_cells(labelled(donors), split_config(), paired_donors=True, population="all")
    assert held(table, "donor").map(len).max() == 1
    assert (held(table, "label") == SETS).all()


def test_same_seed_same_split_other_seed_other_split(labelled, split_config):
    donors = [(f"p{i}", i % 2, 10) for i in range(30)]
    first, again, other = (
        split_cells(labelled(donors), split_config(seed=seed), paired_donors=False, population="all")
        for seed in (0, 0, 1)
    )
    pd.testing.assert_frame_equal(first, again)
    assert (first["split"] != other["split"]).any()


def test_cells_without_a_donor_are_left_out_if_few(labelled, split_config, caplog):
    with caplog.at_level(logging.INFO):
        table = split_cells(labelled([*SIX, (None, 0, 5)]), split_config(), paired_donors=False, population="all")
    assert len(table) == sum(n for *_, n in SIX)
    assert "5 cells without a donor left out" in caplog.text


@pytest.mark.parametrize(
    ("donors", "paired", "reason"),
    [
        ([(None, 0, 20), (None, 1, 20)], False, "no donor is known"),
        ([*SIX, (None, 0, 50)], False, "lack a donor"),
        ([("a", 0, 20), ("b", 1, 20)], False, r"1 in control, 1 in case.*condition and batch"),
        ([("a", 0, 20), ("a", 1, 20)], True, "1 in all classes"),
        ([("a", 0, 20), ("b", 0, 20), ("c", 1, 20)], True, "in none of 20 draws"),
    ],
)
def test_fall_back_to_cells_is_loud_and_refused_on_demand(labelled, split_config, caplog, donors, paired, reason):
    table = split_cells(labelled(donors), split_config(), paired_donors=paired, population="T")
    assert len(table) == sum(n for *_, n in donors)
    assert (held(table, "label") == SETS).all()
    assert "SPLIT BY CELL" in caplog.text
    with pytest.raises(PathloreError, match=rf"{reason}.*`ingestion.split.by: cell`"):
        split_cells(labelled(donors), split_config(by="donor"), paired_donors=paired, population="T")


def test_by_cell_is_stratified(labelled, split_config, caplog):
    table = split_cells(
        labelled([(None, 0, 100), (None, 1, 50)]), split_config(by="cell"), paired_donors=False, population="all"
    )
    sizes = pd.crosstab(table["label"], table["split"])
    assert sizes.loc[0].to_dict() == {"train": 70, "validation": 10, "test": 20}
    assert sizes.loc[1].to_dict() == {"train": 35, "validation": 5, "test": 10}
    assert not [record for record in caplog.records if record.levelname != "INFO"]


def test_by_cell_with_known_donors_says_what_it_means(labelled, split_config, caplog):
    split_cells(labelled(SIX), split_config(by="cell"), paired_donors=False, population="all")
    assert "as `ingestion.split.by` says" in caplog.text


def test_too_few_cells(labelled, split_config):
    with pytest.raises(PathloreError, match=r"'case' has 2 cell\(s\).*min_cells_per_class"):
        split_cells(labelled([(None, 0, 9), (None, 1, 2)]), split_config(), paired_donors=False, population="all")


def test_categories_are_accepted(labelled, split_config):
    obs = labelled(SIX).astype({"condition": "category", "donor": "category", "cell_type": "category"})
    table = split_cells(obs, split_config(), paired_donors=False, population="all")
    assert table["cell_type"].isna().all()


TWO = [("a1", 0, 30), ("a2", 0, 20), ("b1", 1, 25), ("b2", 1, 40)]


@pytest.mark.parametrize("donors", [TWO, [*TWO, ("b3", 1, 10), ("b4", 1, 30)]])
def test_with_two_donors_in_a_class_one_pair_is_tested_and_the_line_is_loud(labelled, split_config, caplog, donors):
    table = split_cells(labelled(donors), split_config(), paired_donors=False, population="T")
    assert "ONE PAIR IS TESTED" in caplog.text
    assert "of the donors that train" in caplog.text
    test = table[table["split"] == "test"]
    assert test.groupby("label")["donor"].nunique().tolist() == [1, 1 if len(donors) == 4 else 2]
    assert not set(test["donor"]) & set(table.loc[table["split"] != "test", "donor"])
    assert (held(table, "label") == SETS).all()
    assert held_out_unit(table) == "donor"
    rest = table[table["split"] != "test"]
    assert (rest.groupby(["donor", "label"])["split"].nunique() == 2).all()  # each trains and validates


def test_every_donor_is_tested_once_over_the_pairs(labelled, split_config):
    donors = [*TWO, ("b3", 1, 10), ("b4", 1, 30)]
    tested = []
    for pair in range(2):
        table = split_cells(labelled(donors), split_config(pair=pair), paired_donors=False, population="T")
        tested += sorted(table.loc[table["split"] == "test", "donor"].unique())
        again, by = fold_splits(labelled(donors), split_config(), pair, 5, paired_donors=False, population="T")
        assert by == "donor"
        pd.testing.assert_frame_equal(table, again)
    assert sorted(tested) == sorted(name for name, _, _ in donors)


def test_two_paired_donors(labelled, split_config):
    donors = [(name, label, 20) for name in ("p", "q") for label in (0, 1)]
    table = split_cells(labelled(donors), split_config(), paired_donors=True, population="T")
    assert len(set(table.loc[table["split"] == "test", "donor"])) == 1
    assert (held(table, "label") == SETS).all()
    lacking = [("p", 0, 20), ("p", 1, 20), ("q", 0, 20)]  # q was never treated: no test of q holds both classes
    assert held_out_unit(split_cells(labelled(lacking), split_config(), paired_donors=True, population="T")) == "cell"


def test_pairs_of_many_donors_have_a_pair_for_validation(labelled, split_config):
    donors = [(f"p{i}", i % 2, 10) for i in range(8)]
    table = split_cells(labelled(donors), split_config(mode="pairs", pair=1), paired_donors=False, population="T")
    assert table.groupby("split")["donor"].nunique().to_dict() == {"test": 2, "train": 4, "validation": 2}
    assert held(table, "donor").map(len).max() == 1


def test_pairs_that_are_not_there_are_refused_and_fractions_go_on_by_cell(labelled, split_config):
    with pytest.raises(PathloreError, match=r"`ingestion\.split\.mode` is pairs.*1 in"):
        split_cells(labelled(TWO[1:]), split_config(mode="pairs"), paired_donors=False, population="T")
    table = split_cells(labelled(TWO), split_config(mode="fractions"), paired_donors=False, population="T")
    assert held_out_unit(table) == "cell"


def test_pairs_follow_from_names_not_from_the_order_of_cells(labelled, split_config):
    cells = labelled(TWO)
    one = split_cells(cells, split_config(), paired_donors=False, population="T")
    other = split_cells(cells.sample(frac=1, random_state=1), split_config(), paired_donors=False, population="T")
    assert dict(zip(one["cell"], one["split"], strict=True)) == dict(zip(other["cell"], other["split"], strict=True))
