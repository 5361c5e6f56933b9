import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathlore.errors import PathloreError
from pathlore.expression.folds import fold_splits

COLUMNS = ["cell", "condition", "label", "donor", "cell_type", "population", "split"]
SETS = {"train", "validation", "test"}
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
        assert list(table.columns) == COLUMNS
        assert table.groupby("donor")["split"].nunique().max() == 1
        assert (table.groupby("label")["split"].agg(set) == SETS).all()
    everyone = [donor for table in found for donor in held_out(table, "donor")]
    assert sorted(everyone) == sorted(name for name, _, _ in TEN)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
        assert (table.groupby("label")["split"].agg(set) == SETS).all()


def test_two_folds_of_three_donors_become_three(labelled, split_config):
    """Half of three donors would leave one, who cannot train and validate."""
    found, by = tables(labelled([(f"p{i}", i // 3, 12) for i in range(6)]), split_config(), 2, folds=3)
    assert by == {"donor"}
    assert all((table.groupby("label")["split"].agg(set) == SETS).all() for table in found)
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
