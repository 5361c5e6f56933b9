"""Splits that a table gives, and the digest that tells whether two runs were judged alike."""

import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.expression.given_splits import as_given, digest, divided, given_splits, published
from pathlore.expression.splits import split_cells

SIX = [(f"p{i}", i % 2, 20 + 3 * i) for i in range(6)]


@pytest.fixture
def drawn(labelled, split_config):
    return split_cells(labelled(SIX), split_config(seed=3), paired_donors=False, population="T")


def test_what_was_published_gives_the_same_splits(labelled, drawn, tmp_path):
    published(drawn).to_csv(tmp_path / "splits.csv", index=False)
    table = given_splits({"splits.csv": pd.read_csv(tmp_path / "splits.csv", dtype=str, keep_default_na=False)})
    again = as_given(labelled(SIX), table, "T")
    pd.testing.assert_frame_equal(again, drawn)
    assert digest(again) == digest(drawn)


def test_a_row_for_each_donor_will_do(labelled, drawn):
    donors = drawn[["donor", "split"]].drop_duplicates()
    pd.testing.assert_frame_equal(as_given(labelled(SIX), given_splits({"d.csv": donors}), "T"), drawn)


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
        as_given(labelled(SIX), given_splits({"own.csv": table}), "T")


def test_populations_of_a_table_and_the_draw_without_one(labelled, split_config, drawn, population_config):
    obs = labelled(SIX)
    given = given_splits({"s.csv": published(drawn).assign(population="pooled")})
    config = population_config(mode="pooled", min_cells_per_class=1)
    found = divided(obs, config, split_config(), given, paired_donors=False)
    assert list(found) == ["pooled"]
    assert found["pooled"]["split"].tolist() == drawn["split"].tolist()
    free = divided(obs, config, split_config(seed=3), None, paired_donors=False)
    assert digest(free["pooled"]) == digest(found["pooled"])
