"""Tests of `pathlore.evaluation.recovery`."""

import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.evaluation.recovery import known_biology, named_genes

SETS = {"sets.parquet": pd.DataFrame({"set_name": ["A", "A", "A", "B"], "gene": ["R", "S", "T", "X"]})}
PATHS = ["X>Y>T", "Y>S", "R>S>Y", "R>S>Z"]


def rankings(values: list[float], score: str = "importance") -> pd.DataFrame:
    table = pd.DataFrame({"path": PATHS, "value": values, "score": score})
    return table.assign(
        scenario=None, population="pooled", fold=0, seed=0, variant="pathlore", planted=pd.array([None] * 4, "boolean")
    )


def test_paths_that_end_in_the_sets_are_known() -> None:
    found = known_biology(rankings([0.9, 0.8, 0.2, 0.1]), SETS, ["A"]).set_index("metric")["mean"]
    assert found["auroc"] == 1  # the first two
    found = known_biology(rankings([0.9, 0.1, 0.2, 0.8]), SETS, ["A"]).set_index("metric")["mean"]
    assert found["auroc"] == pytest.approx(0.5)  # of the pairs of one known and one other path, two of four are right


def test_without_sets_nothing_is_judged() -> None:
    assert known_biology(rankings([1, 2, 3, 4]), {}, []).empty


def test_scenarios_take_no_part() -> None:
    both = pd.concat([rankings([0.9, 0.8, 0.2, 0.1]), rankings([0.1, 0.2, 0.8, 0.9]).assign(scenario="main")])
    assert known_biology(both, SETS, ["A"]).set_index("metric").loc["auroc", ["mean", "n"]].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("sets", "names", "message"),
    [
        (SETS, ["C"], "known_sets. names C, the 2 sets"),
        ({}, ["A"], "the 0 sets"),
        ({"x.csv": pd.DataFrame({"name": []})}, ["A"], "x.csv has the columns name; expected set_name and gene"),
    ],
)
def test_wrong_sets_are_named(sets: dict[str, pd.DataFrame], names: list[str], message: str) -> None:
    with pytest.raises(PathloreError, match=message):
        named_genes(sets, names)
