from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pathlore.report import ReportContents, report_page
from pathlore.report.verdict import beside_plain, findings_of, found_sentence, headline, held_out, place


def metrics(model, plain=0.86, low=None, high=None, level="cell", population="pooled", n=74):
    rows = [(population, level, "test", method, "auroc", value, n, low, high)
            for method, value in (("pathlore", model), ("logistic_regression", plain), ("majority", 0.5))]  # fmt: skip
    return pd.DataFrame(rows, columns=["population", "level", "split", "method", "metric", "value", "n", "low", "high"])


@pytest.fixture
def demo():
    return ReportContents("demo", ("monocyte", "dendritic"), "today", "0.1.0")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (None, None, "no interval"),
        (0.51, 0.9, "above chance"),
        (0.5, 0.9, "not above chance"),
        (np.nan, np.nan, "no interval"),
    ],
)
def test_judgement(low, high, expected):
    assert held_out(metrics(0.7, low=low, high=high))[0].judgement == expected


def test_donors_go_before_cells():
    both = pd.concat([metrics(0.9), metrics(0.7, level="donor", n=8)])
    assert (held_out(both)[0].level, held_out(both)[0].n) == ("donor", 8)
    undefined = pd.concat([metrics(0.9), metrics(np.nan, level="donor", n=1)])
    assert held_out(undefined)[0].level == "cell"


def test_one_class_is_not_judged():
    one = held_out(metrics(np.nan, np.nan))[0]
    assert one.judgement == "not defined"


def test_headline_of_one_population(demo):
    said = headline(demo, held_out(metrics(0.9, low=0.8, high=0.96)))
    assert said == (
        "On 74 held-out cells the model distinguishes dendritic from monocyte with AUROC 0.90 (95 % interval 0.80 to "
        "0.96); "
        "logistic regression 0.86 and the majority class 0.50 on the same cells."
    )


def test_headline_of_several(demo):
    both = pd.concat(
        [metrics(0.9, low=0.8, high=0.96, population="T"), metrics(0.6, low=0.4, high=0.8, population="B")]
    )
    said = headline(demo, held_out(both))
    assert said.startswith("In 1 of 2 populations the model predicts better than chance on held-out cells; ")
    assert "from 0.60 (B) to 0.90 (T); logistic regression predicts as well or better in 1" in said


def test_headline_of_several_levels(demo):
    both = pd.concat([metrics(0.9, population="T", level="donor", n=8), metrics(0.6, population="B")])
    said = headline(demo, held_out(both))
    assert said.startswith("The model was evaluated on held-out donors or cells of 2 populations, without intervals; ")


@pytest.mark.parametrize(
    ("model", "low", "said"),
    [
        (0.8, None, "as well or better"),
        (0.9, None, "not tested"),
        (0.9, 0.85, "within the interval of the model"),
        (0.95, 0.9, "not tested"),
    ],
)
def test_beside_logistic_regression(model, low, said):
    assert said in beside_plain(held_out(metrics(model, low=low, high=None if low is None else 0.99))[0])


def test_scale():
    assert (place(0.4), place(0.7), place(1.0), place(0.1)) == (0, 50, 100, 0)


RECEPTORS = pd.DataFrame(
    {"comparison": "cirrhotic vs healthy", "active_in": ["cirrhotic", "cirrhotic", "healthy"],
     "rank": [1, 2, 1], "receptor": ["IFNAR2", "IFNAR1", "EGFR"],
     "ligands": "IFNB1", "p_family": np.nan}
)  # fmt: skip


def weak(one, receptors=RECEPTORS):
    table = one.path_importance.assign(importance=one.path_importance["importance"] / 9, p=np.nan, q=np.nan)
    table.loc[[7, 9], "receptor"] = "IFNAR2"
    return replace(one, path_importance=table, active_receptors=receptors, donor_tests=None)


def test_the_page_begins_with_a_path_that_donors_support(contents):
    one = contents.populations[0]
    genes = one.path_importance["route"][0].split(" > ")
    (found,) = findings_of((one,))
    said = found_sentence((found,), (one,))
    assert said.startswith(f"The most important path runs from {genes[0]} to {genes[-1]} (more active in ")
    assert said.endswith(f"{(one.path_importance['q'] < 0.05).sum()} of 120 paths have q < 0.05 over donors.")
    page = report_page(replace(contents, populations=(replace(one, active_receptors=RECEPTORS),)))
    assert page.index(">First paths, by importance<") < page.index(">Receptors that would explain the changes")


def test_the_page_begins_with_receptors_where_no_path_is_supported(contents):
    one = weak(contents.populations[0])
    found = findings_of((one,))
    said = found_sentence(found, (one,))
    first = "Receptors whose activity best explains the changed genes: IFNAR2, IFNAR1 in cirrhotic; EGFR in healthy."
    assert said.startswith(f"{first} No single path is supported: ")
    assert list(found[0].paths["rank"]) == [8], "of IFNAR2, the better one"
    page = report_page(replace(contents, populations=(one,)))
    heads = [">Receptors that would explain", ">Best-supported paths of these receptors<", "IFNAR2 (IFNB1)"]
    places = [page.index(one) for one in (*heads, ">How sure it is<")]
    assert places == sorted(places)
    assert "First paths, by importance" not in page
    both = (one, replace(weak(contents.populations[1], RECEPTORS.iloc[[0]]), name="B cells"))
    said = found_sentence(findings_of(both), both)
    assert "IFNAR2 (2 of 2 populations), IFNAR1 (1 of 2 populations) in cirrhotic" in said
    assert said.endswith("No single path is supported in any population.")
