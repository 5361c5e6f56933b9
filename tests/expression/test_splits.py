import logging

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathlore.errors import PathloreError
from pathlore.expression.splits import (
    as_given,
    digest,
    divided,
    fold_splits,
    given_splits,
    held_out_unit,
    published,
    split_cells,
)

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


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


FOLDS_COLUMNS = ["cell", "condition", "label", "donor", "cell_type", "population", "split"]
FOLDS_SETS = {"train", "validation", "test"}
TEN = [(f"p{i}", i % 2, 10 + 3 * i) for i in range(10)]


def tables(obs, config, n_folds, *, folds=None, paired=False):
    made = [
        fold_splits(obs, config, fold, n_folds, paired_donors=paired, population="T")
        for fold in range(folds or n_folds)
    ]
    return [table for table, _ in made], {by for _, by in made}


def held_out(table, unit):
    return set(table.loc[table["split"] == "test", unit])


def test_each_donor_is_tested_once_and_no_donor_is_on_two_sides(labelled, split_config):
    found, by = tables(labelled(TEN), split_config(), 5)
    assert by == {"donor"}
    for table in found:
        assert list(table.columns) == FOLDS_COLUMNS
        assert table.groupby("donor")["split"].nunique().max() == 1
        assert (table.groupby("label")["split"].agg(set) == FOLDS_SETS).all()
    everyone = [donor for table in found for donor in held_out(table, "donor")]
    assert sorted(everyone) == sorted(name for name, _, _ in TEN)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 30), min_size=6, max_size=14), seed=st.integers(0, 2**31 - 1))
def test_any_donors_of_two_classes(labelled, split_config, sizes, seed):
    donors = [(f"p{i}", i % 2, n) for i, n in enumerate(sizes)]
    folds = min(5, len(sizes) // 2)
    found, by = tables(labelled(donors), split_config(seed=seed), 5, folds=folds)
    assert by == {"donor"}
    everyone = [donor for table in found for donor in held_out(table, "donor")]
    assert sorted(everyone) == sorted(f"p{i}" for i in range(len(sizes)))
    for table in found:
        assert len(table) == sum(sizes)
        assert table.groupby("donor")["split"].nunique().max() == 1
        assert (table.groupby("label")["split"].agg(set) == FOLDS_SETS).all()


def test_two_folds_of_three_donors_become_three(labelled, split_config):
    """Half of three donors would leave one, who cannot train and validate."""
    found, by = tables(labelled([(f"p{i}", i // 3, 12) for i in range(6)]), split_config(), 2, folds=3)
    assert by == {"donor"}
    assert all((table.groupby("label")["split"].agg(set) == FOLDS_SETS).all() for table in found)
    assert sorted(donor for table in found for donor in held_out(table, "donor")) == [f"p{i}" for i in range(6)]


def test_fewer_donors_than_folds_then_a_new_deal(labelled, split_config):
    """Three donors of a class make three folds; the fourth begins another deal."""
    six = [(f"p{i}", i % 2, 12) for i in range(6)]
    found, _ = tables(labelled(six), split_config(), 5, folds=6)
    first, second = ([held_out(table, "donor") for table in part] for part in (found[:3], found[3:]))
    assert len(set.union(*first)) == len(set.union(*second)) == 6
    assert all(len(donors) == 2 for donors in (*first, *second))


def test_paired_donors_are_dealt_together(labelled, split_config):
    pairs = [(f"p{i}", label, 15) for i in range(5) for label in (0, 1)]
    found, by = tables(labelled(pairs), split_config(), 5, paired=True)
    assert by == {"donor"}
    assert sorted(donor for table in found for donor in held_out(table, "donor")) == [f"p{i}" for i in range(5)]


def test_too_few_donors_are_split_by_cell_and_repeats_differ(labelled, split_config):
    obs = labelled([("a", 0, 40), ("b", 1, 40)])
    found, by = tables(obs, split_config(), 5, folds=7)
    assert by == {"cell"}
    every = [cell for table in found[:5] for cell in held_out(table, "cell")]
    assert sorted(every) == sorted(obs.index)
    assert held_out(found[5], "cell") not in [held_out(table, "cell") for table in found[:5]]
    with pytest.raises(PathloreError, match=r"too few donors.*ingestion\.split\.by: cell"):
        tables(obs, split_config(by="donor"), 5)


def test_the_validation_set_has_the_wanted_fraction(labelled, split_config):
    donors = [(f"p{i}", i % 2, 20) for i in range(20)]
    for wanted in (0.1, 0.2):
        table, _ = fold_splits(
            labelled(donors), split_config(train=0.8 - wanted, validation=wanted), 0, 5, paired_donors=False,
            population="T",
        )  # fmt: skip
        share = pd.crosstab(table["label"], table["split"], normalize="index")["validation"]
        assert (share - wanted).abs().max() < 1e-9


def test_the_seed_decides(labelled, split_config):
    obs = labelled(TEN)
    one, again, other = (tables(obs, split_config(seed=seed), 5, folds=1)[0][0] for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert not one["split"].equals(other["split"])


def test_a_class_of_two_cells(labelled, split_config):
    with pytest.raises(PathloreError, match="has 2 cell"):
        tables(labelled([(None, 0, 40), (None, 1, 2)]), split_config(), 5)


GIVEN_SPLITS_SIX = [(f"p{i}", i % 2, 20 + 3 * i) for i in range(6)]


@pytest.fixture
def drawn(labelled, split_config):
    return split_cells(labelled(GIVEN_SPLITS_SIX), split_config(seed=3), paired_donors=False, population="T")


def test_what_was_published_gives_the_same_splits(labelled, drawn, tmp_path):
    published(drawn).to_csv(tmp_path / "splits.csv", index=False)
    table = given_splits({"splits.csv": pd.read_csv(tmp_path / "splits.csv", dtype=str, keep_default_na=False)})
    again = as_given(labelled(GIVEN_SPLITS_SIX), table, "T")
    pd.testing.assert_frame_equal(again, drawn)
    assert digest(again) == digest(drawn)


def test_a_row_for_each_donor_will_do(labelled, drawn):
    donors = drawn[["donor", "split"]].drop_duplicates()
    pd.testing.assert_frame_equal(as_given(labelled(GIVEN_SPLITS_SIX), given_splits({"d.csv": donors}), "T"), drawn)


def test_the_digest_knows_sets_and_not_the_order_of_rows(drawn):
    assert digest(drawn.sample(frac=1, random_state=0)) == digest(drawn)
    other = drawn.assign(split=drawn["split"].replace({"train": "test", "test": "train"}))
    assert digest(other) != digest(drawn)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"cell": ["x"], "fold": ["1"]}), "no table of splits.*change `splits`"),
        (pd.DataFrame({"cell": ["x"], "split": ["held out"]}), "no table of splits"),
        (pd.DataFrame({"donor": ["p0", "p0"], "split": ["train", "test"]}), "p0 are in two sets"),
        (pd.DataFrame({"donor": ["q9"], "split": ["train"]}), "none of the 1 donors"),
        (pd.DataFrame({"donor": ["p0", "p1"], "split": ["train", "test"]}), "no cell for"),
    ],
)
def test_tables_that_divide_nothing_are_refused(labelled, table, message):
    with pytest.raises(PathloreError, match=message):
        as_given(labelled(GIVEN_SPLITS_SIX), given_splits({"own.csv": table}), "T")


def test_populations_of_a_table_and_the_draw_without_one(labelled, split_config, drawn, population_config):
    obs = labelled(GIVEN_SPLITS_SIX)
    given = given_splits({"s.csv": published(drawn).assign(population="pooled")})
    config = population_config(mode="pooled", min_cells_per_class=1)
    found = divided(obs, config, split_config(), given, paired_donors=False)
    assert list(found) == ["pooled"]
    assert found["pooled"]["split"].tolist() == drawn["split"].tolist()
    free = divided(obs, config, split_config(seed=3), None, paired_donors=False)
    assert digest(free["pooled"]) == digest(found["pooled"])
