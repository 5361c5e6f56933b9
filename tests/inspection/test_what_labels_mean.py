"""Values that do not say what they seem to: numbers, signs, replicates, a third arm, genes that are silent."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from pathlore.expression.statistics import gene_statistics, silent_genes, unseen_genes
from pathlore.inspection.classes import choose_classes, choose_levels, inspect_donors, judge_donors
from pathlore.inspection.columns import control_of
from pathlore.inspection.design import gravest


def said(inspection, level):
    return [finding.text for finding in inspection.findings if finding.level == level]


def classes_of(*values, column="status", n=40):
    choice, findings = choose_classes(np.repeat(np.array(values, dtype=object), n), column, 30)
    return choice.value, findings


@pytest.mark.parametrize(
    ("values", "control"),
    [
        (("0", "1"), None),
        (("1", "2"), None),
        (("yes", "no"), "no"),
        (("TRUE", "FALSE"), "FALSE"),
        (("KO", "WT"), "WT"),
        (("HIV+", "HIV-"), "HIV-"),
        (("HIV\u2212", "HIV+"), "HIV\u2212"),
        (("+/+", "-/-"), "+/+"),
        (("Trem2 -/-", "Trem2 +/+"), "Trem2 +/+"),
        (("CD8+", "CD8-"), "CD8-"),
        (("AD", "NC"), "NC"),
        (("CN", "MCI"), "CN"),
        (("HD", "SLE"), "HD"),
        (("vehicle", "drug"), "vehicle"),
        (("mock", "SARS-CoV-2"), "mock"),
        (("ND", "T2D"), "ND"),
        (("NT", "sgTP53"), "NT"),
        (("Ctrl", "IFN-\u03b1"), "Ctrl"),
        (("IFN-\u03b1", "IFN-\u03b2"), None),
        (("HD", "Control"), "Control"),
        (("HD", "WT"), None),
        (("gesund", "Sj\u00f6gren"), "gesund"),
    ],
)
def test_controls(values, control):
    assert control_of(values) == control
    assert control_of(reversed(values)) == control


@pytest.mark.parametrize("values", [("0", "1"), ("1", "2"), ("0.0", "1.0"), ("-1", "1")])
def test_numbers_do_not_tell_the_control(values):
    chosen, findings = classes_of(*values, column="diagnosis")
    assert findings[0].level == "warning"
    assert "numbers do not show" in findings[0].text
    assert all(name.startswith("diagnosis_") for name in chosen)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (("HIV-", "HIV+"), ["hiv_neg", "hiv_pos"]),
        (("IFN-\u03b1", "IFN-\u03b2"), ["ifn_alpha", "ifn_beta"]),
        (("no", "yes"), ["infected_no", "infected_yes"]),
        (("+/+", "-/-"), ["pos_pos", "neg_neg"]),
    ],
)
def test_names_of_classes_keep_what_tells_them_apart(values, names):
    assert list(classes_of(*values, column="infected")[0]) == names


def test_a_third_arm_is_a_warning_with_its_cells():
    _, findings = classes_of("ctrl", "IFN", "LPS")
    warning = next(finding for finding in findings if finding.level == "warning")
    assert "40 cells (33%) are in neither class and left out: LPS (40)" in warning.text


@pytest.mark.parametrize(("unknown", "level"), [(30, "warning"), (3, "note")])
def test_cells_without_a_condition_are_counted(unknown, level):
    values = np.array([*["ctrl", "stim"] * 50, *[""] * unknown], dtype=object)
    _, findings = choose_classes(values, "state", 20)
    said = f"{unknown} cells ({unknown / (100 + unknown):.0%}) have no known value of `state` and are left out"
    assert (level, said) in [(one.level, one.text) for one in findings]


def test_a_few_cells_of_another_value_are_a_note():
    values = np.array(["ctrl"] * 40 + ["stim"] * 40 + ["doublet"] * 3, dtype=object)
    _, findings = choose_classes(values, "x", 30)
    assert [finding.level for finding in findings] == ["ok", "note"]


def test_one_class_takes_all_its_writings():
    values = np.array(["ctrl"] * 30 + ["Ctrl"] * 10 + ["stim"] * 40 + ["STIM"] * 3, dtype=object)
    choice, findings = choose_classes(values, "x", 30)
    assert choice.value == {"ctrl": ["Ctrl", "ctrl"], "stim": ["STIM", "stim"]}
    assert any("'Ctrl' and 'ctrl'" in finding.text for finding in findings if finding.level == "warning")


@pytest.mark.parametrize(
    ("column", "names", "paired"),
    [
        ("replicate", ["rep1", "rep2", "rep3", "rep4"], False),
        ("donor", ["1", "2", "3", "4"], False),
        ("mouse", ["m1", "m2", "m3", "m4"], False),
        ("sample_id", ["Sample 1", "Sample 2", "Sample 3", "Sample 4"], False),
        ("replicate", ["a", "b", "c", "d"], False),
        ("donor", ["P1", "P2", "P3", "P4"], True),
        ("donor", ["101", "107", "1015", "1016"], True),
        ("patient", ["patient_1", "patient_2", "patient_3", "patient_4"], True),
    ],
)
def test_numbers_of_replicates_are_no_pairs(look, cells, column, names, paired):
    del cells.obs["donor"]
    cells.obs[column] = np.array(names, dtype=object)[np.arange(cells.n_obs) % 4]
    inspection = look(cells, donor=column)
    assert inspection.choices["ingestion.cells.paired_donors"].value is paired
    own = inspection.choices.get("ingestion.cells.donor_names")
    assert (own is None) is paired
    assert any("numbered alike" in text for text in said(inspection, "warning")) is not paired
    assert inspection.donors.donors == ({"control": 4, "case": 4})


def test_donors_that_differ_by_their_writing_are_a_problem(look, cells):
    donors = cells.obs["donor"].astype(str)
    cells.obs["donor"] = donors.where(np.arange(cells.n_obs) % 2 == 0, donors.str.swapcase())
    assert any("`ingestion.cells.similar_donors" in text for text in said(look(cells), "problem"))


def test_cells_of_no_known_donor_are_counted(look, cells):
    donors = cells.obs["donor"].astype(str)
    cells.obs["donor"] = donors.where(np.arange(cells.n_obs) % 40 > 0, "N/A")
    assert any("; 6 cells have no known donor and are left out" in text for text in said(look(cells), "note"))


def test_white_space_and_twins_are_named(look, cells):
    odd = np.arange(cells.n_obs) % 2 == 0
    for column in ("donor", "condition"):
        labels = cells.obs[column].astype(str)
        cells.obs[column] = labels.where(odd, labels + " ")
    cells.obs["cell_type"] = (
        cells.obs["cell_type"].astype(str).where(odd, cells.obs["cell_type"].astype(str).str.upper())
    )
    cells.obs["batch"] = np.where(odd, "run 1", "Run_1")
    inspection = look(cells)
    warnings = " ".join(said(inspection, "warning"))
    for column in ("donor", "condition"):
        assert f"values of `{column}` have white space around them" in warnings
    for column in ("cell_type", "batch"):
        assert f"values of `{column}` differ only by case" in warnings
    assert inspection.donors.donors == {"control": 4, "case": 4}


def test_a_person_of_several_batches_is_named(look, cells):
    cells.obs["batch"] = np.where(np.arange(cells.n_obs) % 2, "b1", "b2")
    cells.obs["donor"] = cells.obs["donor"].astype(str) + "_" + cells.obs["batch"]
    assert any("without it the 16 donors are 8" in text for text in said(look(cells), "warning"))


def test_condition_and_cell_type_confounded(look, cells):
    cells.obs["cell_type"] = cells.obs["condition"].map({"control": "A", "case": "B"}).astype(str)
    problems = said(look(cells), "problem")
    assert any(text.startswith("condition and cell type are confounded") for text in problems)


def test_cells_of_two_scales_are_a_problem(look, cells):
    X = cells.X.toarray().astype(float)
    case = (cells.obs["condition"] == "case").to_numpy()
    X[case] = np.log1p(1e4 * X[case] / X[case].sum(axis=1, keepdims=True))
    cells.X = sparse.csr_matrix(X, dtype=np.float32)
    assert any("not on one scale" in text for text in said(look(cells), "problem"))


@pytest.mark.parametrize(
    ("column", "values", "control"),
    [
        ("is_control", ("False", "True"), "True"),
        ("healthy", ("no", "yes"), "yes"),
        ("untreated", ("N", "Y"), "Y"),
        ("treated", ("no", "yes"), "no"),
        ("HD", ("no", "yes"), "no"),  # Huntington's disease
    ],
)
def test_yes_is_the_control_in_a_column_that_is_named_after_one(column, values, control):
    chosen, findings = classes_of(*values, column=column)
    assert next(iter(chosen.values())) == [control]
    assert findings[0].level == ("ok" if control == values[0] else "warning")


def test_of_several_controls_none_is_the_case():
    chosen, findings = classes_of(*["untreated", "mock"] * 2, "virus")
    assert list(chosen) == ["mock", "virus"]
    assert "mock, untreated sound like controls: mock is taken, check it" in findings[0].text
    assert [one.level for one in findings] == ["warning", "warning"]  # the other is left out


def test_a_class_sequenced_less_deeply_is_named(look, cells):
    X = cells.X.toarray().astype(int)
    case = (cells.obs["condition"] == "case").to_numpy()
    X[case] = np.random.default_rng(0).binomial(X[case], 0.2)
    cells.X = sparse.csr_matrix(X.astype(np.float32))
    (text,) = [text for text in said(look(cells), "warning") if "median cell" in text]
    assert "in 'case' and" in text


def counted(fractions, n=10_000):
    """Cells of two classes that express genes in these fractions; (2, G) -> hits, sizes."""
    return (np.array(fractions) * n).astype(int), np.array([n, n])


def test_a_gene_silent_in_a_class_and_common_in_the_other_is_found():
    hits, sizes = counted([[0.9, 0.0, 0.0, 0.01], [0.9, 0.6, 0.3, 0.6]])
    assert silent_genes(hits, sizes, list("ABCD"), 0.5)[0].tolist() == [False, True, False, False]
    assert not silent_genes(hits, sizes, list("ABCD"), None).any()


def test_with_several_of_them_less_common_ones_are_of_the_same_kind():
    hits, sizes = counted([[0.0, 0.0, 0.0, 0.0, 0.0], [0.6, 0.7, 0.8, 0.25, 0.1]])
    assert silent_genes(hits, sizes, list("ABCDE"), 0.5)[0].tolist() == [True, True, True, True, False]


def test_the_mitochondrial_genome_goes_as_a_whole():
    genes = ["MT-CO1", "MT-ND6", "A"]
    hits, sizes = counted([[0.0, 0.0, 0.0], [0.9, 0.02, 0.02]])
    assert silent_genes(hits, sizes, genes, 0.5)[0].tolist() == [True, True, False]


def test_a_few_cells_say_nothing_about_a_silent_gene():
    assert not silent_genes(np.array([[0], [80]]), np.array([10, 100]), ["A"], 0.5).any()
    assert not unseen_genes(np.array([[0], [80]]), np.array([10, 100]), 0.5).any()


def test_a_gene_that_few_cells_of_a_class_lack_is_kept_but_seen():
    """As IFIT1 without interferon: 900 cells would show a five-hundredth of it three times, by chance in none."""
    hits, sizes = counted([[0.0, 0.3], [0.8, 0.3]], n=900)
    assert unseen_genes(hits, sizes, 0.5)[0].tolist() == [True, False]
    assert not silent_genes(hits, sizes, ["IFIT1", "A"], 0.5).any()
    hits, sizes = counted([[0.0, 0.3], [0.8, 0.3]], n=950)  # 1.61 each: three at a five-hundredth
    assert silent_genes(hits, sizes, ["IFIT1", "A"], 0.5)[0].tolist() == [True, False]


def test_silent_genes_do_not_pass(caplog):
    rng = np.random.default_rng(0)
    X = rng.poisson(2.0, (4000, 6)).astype(float)
    labels = np.arange(4000) % 2
    X[labels == 1, 2] = 0
    arguments = sparse.csr_matrix(np.log1p(X)), list("ABCDEF"), labels, ["x", "y"]
    table = gene_statistics(*arguments, min_fraction=0.05, silent_fraction=0.5)
    assert table.loc[~table["passes"], "gene"].tolist() == ["C"]
    assert "1 genes are silent in every sample of 'y' and common elsewhere (C)" in caplog.text
    assert gene_statistics(*arguments, min_fraction=0.05)["passes"].all()


def test_few_cells_do_not_show_that_a_gene_is_absent():
    """Of 40 cells, none has a gene of which a tenth as much is left with a chance of (1 - 0.06) ** 40 = 0.08."""
    hits = np.array([[0, 0], [60, 95]])
    assert unseen_genes(hits, np.array([40, 100]), 0.5).tolist() == [[False, False], [False, False]]
    assert unseen_genes(hits, np.array([60, 100]), 0.5).tolist() == [[False, True], [False, False]]
    assert unseen_genes(hits, np.array([90, 100]), 0.5).tolist() == [[True, True], [False, False]]


def test_the_gravest_finding_is_a_sentence():
    table = pd.DataFrame({"level": ["problem", "warning"], "text": ["condition and batch are confounded", "x"]})
    assert gravest(table) == "Condition and batch are confounded."
    assert gravest(table.iloc[:0]) == ""


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("dose", ["10", "0", "1"], ["dose_0", "dose_1", "dose_10"]),
        ("dose_ng", ["vehicle", "10 ng", "2 ng"], ["vehicle", "2_ng", "10_ng"]),
        ("timepoint", ["day 14", "day 0", "day 7"], ["day_0", "day_7", "day_14"]),
        ("time", ["0", "6h", "24h"], ["time_0", "6h", "24h"]),
        ("time", ["2h", "30min", "6h"], ["30min", "2h", "6h"]),
        ("dose", ["1 \u00b5M", "0.1 uM", "10nM"], ["10nm", "0_1_um", "1_mu_m"]),
        ("visit_day", ["wk 2", "d0", "d14", "d7"], ["d0", "d7", "d14"]),
        ("dose", ["1 ng/ml", "2 nM", "0"], None),  # units of two kinds
        ("dose", ["1e-3 uM", "1 nM", "2 nM"], None),  # two amounts
        ("dose", ["low", "high", "0"], None),  # words have no order here
        ("dose", ["0", "10"], None),  # two classes need no trend
        ("cluster", ["0", "1", "2"], None),
    ],
)
def test_doses_and_times_are_classes_in_their_order(column, values, expected):
    choices, findings = choose_levels(np.repeat(np.array(values, dtype=object), 40), column, 30)
    assert ([*choices["ingestion.cells.classes"].value] if choices else None) == expected
    assert [finding.parameter for finding in findings] == (["ingestion.cells.contrast"] if expected else [])
    assert not choices or choices["ingestion.cells.contrast"].value == "trend"


def test_values_of_one_amount_are_one_class():
    choices, findings = choose_levels(np.repeat(np.array(["d0", "d7", "wk 2", "d14"], dtype=object), 40), "day", 30)
    assert choices["ingestion.cells.classes"].value == {"d0": ["d0"], "d7": ["d7"], "d14": ["d14", "wk 2"]}
    assert "(d0, d7, d14 = wk 2)" in findings[0].text


def test_a_level_with_few_cells_is_named():
    values = np.array(["0"] * 40 + ["1"] * 40 + ["5"] * 40 + ["25"] * 3, dtype=object)
    choices, findings = choose_levels(values, "dose", 30)
    assert len(choices["ingestion.cells.classes"].value) == 3
    assert "25 (3)" in findings[1].text


def test_donors_with_a_handful_of_cells_are_named():
    sizes = {("a1", 0): 30, ("a2", 0): 3, ("a3", 0): 30, ("a4", 0): 30, ("b1", 1): 30, ("b2", 1): 30, ("b3", 1): 30}
    rows = [(f"c{d}{i}", "xy"[c], c, d, None) for (d, c), n in sizes.items() for i in range(n)]
    labels = pd.DataFrame(rows, columns=["cell", "condition", "label", "donor", "cell_type"]).set_index("cell")
    facts = inspect_donors(labels, 10)
    assert facts.few == ["a2 3 of x"]
    _, findings = judge_donors(facts, "donor")
    (found,) = [one for one in findings if one.parameter == "interpretation.donors.min_cells"]
    assert found.level == "warning"
    assert "a2 3 of x" in found.text
    assert inspect_donors(labels, 3).few == []
