import numpy as np
import pandas as pd
import pytest

from pathlore.explain.lead import lead

RECEPTORS = pd.DataFrame(
    {"active_in": ["case", "case", "control"], "rank": [2, 1, 1], "receptor": ["IFNAR1", "IFNAR2", "TNFRSF1A"],
     "ligands": ["IFNB1;IFNA1;IFNA2", "IFNB1;IFNA1", "TNF"], "p_family": [0.2, 0.0004, np.nan],
     "comparison": "case vs control"}
)  # fmt: skip


def ranking(highest, p=None, q=None, donors=""):
    """Four paths of three receptors; the second and the fourth begin with the same one."""
    receptors = ["EGFR", "IFNAR2", "IFNAR1", "IFNAR2"]
    return pd.DataFrame(
        {"rank": range(1, 5), "path": [f"{name}>STAT{i}" for i, name in enumerate(receptors)], "receptor": receptors,
         "importance": [highest, 0.05, 0.04, 0.03], "p": [np.nan] * 4 if p is None else p,
         "q": [np.nan] * 4 if q is None else q, "best_of_family": [True, True, False, True],
         "direction": ["case", "mixed", "case", "case"], "donors_expressing": donors, "comparison": "case vs control"}
    )  # fmt: skip


def test_paths_lead_where_donors_support_one():
    first = lead("T", ranking(0.7, [0.001, 0.2, 0.3, 0.4], [0.01, 0.3, 0.3, 0.4], "EGFR 6/6"), RECEPTORS, 3)
    assert first.by_paths
    assert list(first.paths["rank"]) == [1, 2, 3]
    assert first.support == "1 of 4 paths have q < 0.05 over donors"
    assert first.names == {"case": ("IFNAR2", "IFNAR1"), "control": ("TNFRSF1A",)}
    assert first.receptors["case"] == "IFNAR2 (IFNB1, IFNA1; p < 0.001), IFNAR1 (IFNB1, IFNA1, ...; p 0.200)"


def test_paths_lead_where_they_could_not_be_tested_and_one_stands_out():
    first = lead("T", ranking(0.51), RECEPTORS, 3, per_family=True)
    assert first.by_paths
    assert list(first.paths["rank"]) == [1, 2, 4]
    assert first.support == "No path could be tested over donors"


def test_of_several_comparisons_each_class_and_direction_names_its_own():
    ranked = ranking(0.9).assign(comparison=["worse vs case", "worse vs case", "case vs control", "case vs control"])
    receptors = pd.concat([RECEPTORS, RECEPTORS.head(1).assign(comparison="worse vs case")])
    first = lead("T", ranked, receptors, 3)
    assert list(first.paths["direction"]) == ["case (worse vs case)", "mixed", "case (case vs control)"]
    assert first.names == {
        "case (case vs control)": ("IFNAR2", "IFNAR1"),
        "control (case vs control)": ("TNFRSF1A",),
        "case (worse vs case)": ("IFNAR1",),
    }


def test_receptors_of_each_comparison_are_named_where_one_comparison_judges_all_paths():
    receptors = pd.concat([RECEPTORS, RECEPTORS.head(1).assign(comparison="worse vs case")])
    first = lead("T", ranking(0.9), receptors, 3)
    assert first.names["case (case vs control)"] == ("IFNAR2", "IFNAR1")
    assert first.names["case (worse vs case)"] == ("IFNAR1",)


def test_receptors_lead_where_no_path_stands_out():
    first = lead("T", ranking(0.066), RECEPTORS, 3)
    assert not first.by_paths
    assert list(first.paths["path"]) == ["IFNAR2>STAT1", "IFNAR1>STAT2"]
    assert first.support.startswith("No single path is supported: no donor is known, and none has an importance above")
    assert first.support.endswith("(highest 0.07)")


def test_receptors_lead_where_donors_are_too_few_for_a_test_however_high_the_importance():
    first = lead("T", ranking(0.93, donors="EGFR 2/2; STAT1 1/2"), RECEPTORS, 3)
    assert not first.by_paths
    assert first.support.startswith("No single path is supported: donors are too few for a test")
    assert first.support.endswith("(highest 0.93)")


@pytest.mark.parametrize(
    ("highest", "q", "said"),
    [
        (0.9, 0.3, "No single path is supported: the lowest q over donors is 0.3"),
        (0.4, 0.01, "4 of 4 paths have q < 0.05 over donors, but none has an importance above 0.5 (highest 0.40)"),
    ],
)
def test_receptors_lead_where_donors_and_model_do_not_agree_on_a_path(highest, q, said):
    first = lead("T", ranking(highest, [0.5, 0.6, 0.7, 0.02], [q] * 4, "EGFR 6/6"), RECEPTORS, 3)
    assert not first.by_paths
    assert first.support == said
    assert list(first.paths["rank"]) == [4, 3], "the path of each receptor with the smallest p, not the first by rank"


def test_without_receptors_the_first_paths_are_named_and_nothing_is_claimed():
    for none in (None, RECEPTORS.head(0)):
        first = lead("T", ranking(0.066), none, 2)
        assert first.by_paths
        assert list(first.paths["rank"]) == [1, 2]
        assert first.support.startswith("No single path is supported")
