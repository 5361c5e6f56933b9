"""Terms of a design: how they are coded, and which designs are refused."""

import numpy as np
import pandas as pd
import pytest

from pathlore.config import CellsConfig
from pathlore.errors import PathloreError
from pathlore.expression.design import check_design, design_terms
from pathlore.expression.observations import label_cells
from pathlore.expression.splits import split_cells


def obs(**columns):
    """Five cells of each of eight donors."""
    table = pd.DataFrame({name: np.repeat(values, 5) for name, values in columns.items()})
    return table.set_axis([f"cell {i}" for i in range(len(table))], axis=0)


DONORS = {"condition": list("aabbaabb"), "donor": [f"d{i}" for i in range(8)]}


def config(**changes):
    return CellsConfig(classes={"control": ["a"], "case": ["b"]}, **changes)


def test_categories_and_numbers():
    table = obs(**DONORS, batch=list("xyxyxyxy"), age=[30, 41, 52, 28, 66, 39, 47, 51], sex=list("fmfmmfmf"))
    found = design_terms(table, config(batch="batch", covariates=["age", "sex", "np.log(age)"]))
    assert list(found) == ["term batch[T.y]", "term age", "term sex[T.m]", "term np.log(age)"]
    assert found["term batch[T.y]"].tolist() == [0.0] * 5 + [1.0] * 5 + ([0.0] * 5 + [1.0] * 5) * 3
    np.testing.assert_allclose(found["term age"], table["age"])
    np.testing.assert_allclose(found.iloc[:, 3], np.log(table["age"]))
    assert design_terms(table, config()).shape == (40, 0)


def test_numbers_that_are_text_are_numbers_unless_they_may_be_codes(caplog):
    ages, sites = ["30", "41.5", "52", "28", "66", "39", "47", "51"], list("12341234")
    found = design_terms(obs(**DONORS, age=pd.Categorical(ages), site=sites), config(covariates=["age", "site"]))
    assert list(found) == ["term age", "term site[T.2]", "term site[T.3]", "term site[T.4]"]
    assert found["term age"].tolist() == [float(age) for age in ages for _ in range(5)]
    assert "'age' is text that reads as numbers from 28 to 66" in caplog.text
    assert "site" not in caplog.text
    assert design_terms(obs(**DONORS, age=ages), config(covariates=["C(age)"])).shape == (40, 7)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch": "run"}, r"column 'run' not found.*ingestion\.cells\.batch"),
        ({"covariates": ["weight"]}, r"'weight' is neither a column.*ingestion\.cells\.covariates"),
        ({"covariates": ["age"]}, r"5 of 40 cells have no value in 'age'"),
    ],
)
def test_what_is_absent_is_named(changes, message):
    table = obs(**DONORS, age=[np.nan, 41, 52, 28, 66, 39, 47, 51])
    with pytest.raises(PathloreError, match=message):
        label_cells(table, config(**changes))


@pytest.mark.parametrize(
    ("columns", "changes", "named"),
    [
        ({"batch": list("xxyyxxyy")}, {"batch": "batch"}, "condition and batch are confounded"),
        ({"run": list("stuvwxyz")}, {"batch": "run"}, "batch has a value of its own for each of 8 donors"),
        (
            {"batch": list("xyxyxyxy"), "site": list("kkllkkll")},
            {"batch": "batch", "covariates": ["site"]},
            "and site are",
        ),
        ({"dose": [0, 0, 1, 1, 0, 0, 1, 1]}, {"covariates": ["dose"]}, "condition and dose are confounded"),
    ],
)
def test_a_condition_that_another_term_explains_is_refused_and_the_term_named(split_config, columns, changes, named):
    labelled = label_cells(obs(**DONORS, **columns), config(**changes))
    with pytest.raises(PathloreError, match=named):
        split_cells(labelled, split_config(), paired_donors=False, population="T")


def test_a_design_that_can_be_estimated_passes_and_goes_into_the_splits(split_config):
    labelled = label_cells(obs(**DONORS, batch=list("xyxyxyxy")), config(batch="batch"))
    splits = split_cells(labelled, split_config(), paired_donors=False, population="T")
    assert splits.set_index("cell")["term batch[T.y]"].to_dict() == labelled["term batch[T.y]"].to_dict()


def test_two_terms_that_only_together_explain_the_condition_are_both_named():
    labelled = label_cells(
        obs(condition=list("aabb"), donor=list("pqrs"), u=[0, 1, 2, 3], v=[0, 1, 1, 2]), config(covariates=["u", "v"])
    )
    with pytest.raises(PathloreError, match="condition and u and v are confounded"):
        check_design(labelled, "T")


def test_more_terms_than_donors_are_refused():
    labelled = label_cells(obs(condition=list("aabb"), donor=list("pqrs"), u=[0, 1, 0, 2], v=[3, 1, 1, 4]), config())
    terms = label_cells(
        obs(condition=list("aabb"), donor=list("pqrs"), u=[0, 1, 0, 2], v=[3, 1, 1, 4]), config(covariates=["u", "v"])
    )
    check_design(labelled, "T")
    with pytest.raises(PathloreError, match="leave no degree of freedom"):
        check_design(terms, "T")
