"""Columns, classes, donors, associations and cost by themselves."""

import numpy as np
import pandas as pd
import pytest
from blocks import whole
from scipy import sparse
from toy_truth import toy_world

from pathlore.config import Parameters
from pathlore.inspection.classes import choose_classes
from pathlore.inspection.columns import choose_columns, inspect_columns
from pathlore.inspection.design import associations, judge
from pathlore.inspection.environment import Written
from pathlore.inspection.genes import GeneKnowledge
from pathlore.inspection.matrix import inspect_matrices
from pathlore.inspection.reach import estimate, inspect_network
from pathlore.inspection.report import report


def obs(**columns):
    return pd.DataFrame(columns)


def roles(table, **wanted):
    return choose_columns(inspect_columns(table), wanted)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"stim": ["ctrl", "stim"] * 20, "ind": list("abcd") * 10}, {"condition": "stim", "donor": "ind"}),
        (
            {"Diagnosis": ["AD", "Control"] * 20, "PatientID": list("abcd") * 10},
            {"condition": "Diagnosis", "donor": "PatientID"},
        ),
        ({"x": ["WT", "KO"] * 20}, {"condition": "x"}),
        ({"seurat_clusters": list("0123") * 10}, {}),
        ({"annot": ["T cells", "B cells"] * 20, "leiden": list("0123") * 10}, {"cell_type": "annot"}),
        ({"gender": ["M", "F"] * 20}, {"sex": "gender"}),
        ({"orig.ident": list("abcd") * 10, "batch": ["1", "2"] * 20}, {"library": "orig.ident", "batch": "batch"}),
        ({"n_counts": np.linspace(0, 1, 40), "barcode": [f"c{i}" for i in range(40)]}, {}),
        ({"condition": ["a"] * 40}, {}),
        ({"cell_type_score": ["1", "2"] * 20}, {}),
    ],
)
def test_roles(columns, expected):
    assert roles(obs(**columns)) == expected


def test_two_columns_of_one_name():
    table = obs(a=["ctrl", "stim"] * 5, b=["x", "y"] * 5).set_axis(["group", "group"], axis=1)
    assert [facts.name for facts in inspect_columns(table)] == ["group (1)", "group (2)"]


def test_classes_take_the_two_most_frequent_and_name_the_rest():
    values = np.array(["severe"] * 40 + ["healthy"] * 35 + ["mild"] * 50 + ["rare"] * 3 + [""] * 9, dtype=object)
    choice, findings = choose_classes(values, "status", 30)
    assert choice.value == {"healthy": ["healthy"], "mild": ["mild"]}
    assert list(choice.value) == ["healthy", "mild"]
    assert "43 cells (34%) are in neither class and left out: severe (40), rare (3)" in choice.reason
    assert findings[0].level == "ok"
    assert choose_classes(values[:40], "status", 30)[0] is None


def test_names_of_classes_differ_where_their_letters_do_not():
    choice, _ = choose_classes(np.array(["CD4+", "CD4-"] * 30, dtype=object), "x", 30)
    assert len(choice.value) == 2


def found(condition, **others):
    others = {name: np.array(values, dtype=object) for name, values in others.items()}
    columns = inspect_columns(pd.DataFrame({"condition": condition, **others}))
    given = choose_columns(columns, {"condition": "condition"})
    return associations(np.array(condition, dtype=object), others, columns, given)


def test_cramers_v_is_that_of_the_table():
    condition = ["a"] * 30 + ["b"] * 10
    sex = ["m"] * 20 + ["f"] * 10 + ["m"] * 2 + ["f"] * 8
    table = np.array([[20, 2], [10, 8]])
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / 40
    v = np.sqrt(((table - expected) ** 2 / expected).sum() / 40)
    assert found(condition, sex=sex)[0].cramers_v == pytest.approx(v, abs=1e-3)


CONDITION = ["a"] * 30 + ["b"] * 30


@pytest.mark.parametrize(
    ("column", "values", "level", "text"),
    [
        ("sample", ["1"] * 30 + ["2"] * 30, "problem", "condition and library are confounded"),
        ("batch", ["1"] * 30 + ["2"] * 30, "problem", "condition and batch are confounded"),
        ("sex", ["m"] * 30 + ["f"] * 30, "warning", "condition and sex are confounded"),
        ("batch", list("12" * 15 + "34" * 15), "warning", "nearly confounded: 2 values"),
        ("batch", list("123" * 10 + "456" * 10), "warning", "each batch has cells of one class only"),
        ("donor", list("123" * 10 + "456" * 10), "ok", "3 or more donors in each class"),
        ("hat", ["x"] * 28 + ["y"] * 32, "note", "condition and `hat` are associated"),
        ("batch", list("1" * 27 + "222" + "2" * 27 + "111"), "warning", "condition and batch are strongly associated"),
        ("sex", list("m" * 20 + "f" * 10 + "f" * 20 + "m" * 10), "note", "condition and sex are associated"),
        ("genotype", ["x"] * 30 + ["y"] * 30, "note", "says the same as"),
        ("celltype", ["T"] * 30 + ["B"] * 30, "problem", "condition and cell type are confounded"),
        ("celltype", ["T"] * 27 + ["B"] * 30 + ["T"] * 3, "warning", "composition of cell types"),
    ],
)
def test_what_goes_along_with_the_condition(column, values, level, text):
    findings = judge(found(CONDITION, **{column: values}), "condition", unpaired=True)
    assert [(one.level, text in one.text) for one in findings] == [(level, True)]


def test_what_is_balanced_is_not_mentioned():
    assert judge(found(CONDITION, sex=list("mf" * 30), batch=list("123" * 20)), "condition", unpaired=True) == []


def test_a_larger_run_costs_more():
    parameters = Parameters(**whole({"engine.workers": 2}))
    small, large = (estimate(g, p, n, 10.0, parameters) for g, p, n in ((300, 300, 500), (600, 600, 1500)))
    assert large.seconds_fit > small.seconds_fit
    assert large.seconds_refits > small.seconds_refits
    assert large.gigabytes > small.gigabytes
    without = Parameters(**whole({"interpretation.refits.folds": 0}))
    assert estimate(300, 300, 500, 10.0, without).seconds_refits == 0


def test_a_layer_of_another_kind_is_named_and_not_used(cells):
    cells.layers["nan"] = sparse.csr_matrix(np.full(cells.shape, np.nan, dtype=np.float32))
    facts = inspect_matrices(cells)[1]
    assert facts.scale is None
    assert "NaN" in facts.reason


def test_a_part_of_the_counts_is_not_taken_for_all(look, cells):
    """Files of RNA velocity: X logarithmic, spliced counts in a layer."""
    counts = cells.X
    cells.layers["spliced"] = counts.copy()
    cells.X = sparse.csr_matrix(np.log1p(counts.toarray() / counts.sum(axis=1) * 1e4))
    assert look(cells).layer == "X"
    del cells.X
    inspection = look(cells)
    assert inspection.layer == "spliced"
    assert any(
        "spliced holds a part of the counts" in one.text for one in inspection.findings if one.level == "warning"
    )


def test_imputed_values_are_named(cells):
    X = np.log1p(cells.X.toarray())
    cells.X = 0.7 * X + 0.3 * X.mean(axis=0) + 1e-3
    (facts,) = inspect_matrices(cells)
    assert facts.doubt.startswith("hardly a value is zero")


def test_the_report_begins_with_what_is_worst(look, cells):
    cells.obs["sample"] = cells.obs["condition"].astype(str)
    written = Written(name="lung", folder="conf/lung", files=["globals.yml"])
    text = report(look(cells), written)
    levels = [line.split()[0] for line in text.splitlines() if line.startswith(("PROBLEM", "WARNING", "NOTE", "OK"))]
    assert levels == sorted(levels, key=["PROBLEM", "WARNING", "NOTE", "OK"].index)
    assert levels[0] == "PROBLEM"
    assert "kedro run --env lung" in text
    assert max(map(len, text.splitlines())) <= 120
    assert "WAS LEFT AS IT WAS" in report(look(cells), written.model_copy(update={"files": []}))


def test_a_network_is_measured_by_experiments_that_are_given():
    network, experiments = toy_world()
    annotations = pd.DataFrame({"symbol": ["T0"], "name": [""], "description": [""]})

    def finding(network, *given):
        known = GeneKnowledge(names=None, orthologs=None, network=network, annotations=annotations, experiments=given)
        return inspect_network(known)

    (good,) = finding(network, experiments)
    assert good.level == "ok"
    assert "receptors of 6 ligand(s) with AUROC 1.00, its own rewiring with 0." in good.text
    assert finding(network) == []
    turned, swapped = network["kind"] == "tf_target", network.copy()
    swapped.loc[turned, "target"] = np.roll(network.loc[turned, "target"], 20)  # each factor has another's targets
    (bad,) = finding(swapped, experiments)
    assert bad.level == "warning"
    assert bad.text.endswith("do not explain these experiments")
    assert bad.parameter == "network"
    few = type(experiments)("few", experiments.effects[["S0"]], experiments.ligands[:1], experiments.families[:1])
    (hint,) = finding(network, few)
    assert hint.level == "note"
    assert hint.text.endswith("with so few it is no more than a hint")
