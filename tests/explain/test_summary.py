import numpy as np
import pandas as pd
import pytest

from pathlore.explain.diagnostics import Diagnostic, diagnostics_table
from pathlore.explain.summary import summary, with_first_line

CLEAN = diagnostics_table({})


@pytest.fixture
def metrics():
    metrics = {
        "accuracy": 0.9,
        "balanced_accuracy": 0.85,
        "auroc": 0.95,
        "auprc": 0.9,
        "mcc": 0.7,
        "f1_a": 0.8,
        "f1_b": 0.92,
    }
    rows = [
        (population, level, split, method, name, value - (method == "majority") / 2 - (split == "validation") / 10, n)
        for population in ("T", "B")
        for level, n in (("cell", 321), ("donor", 7))
        for split in ("validation", "test")
        for method in ("pathlore", "majority")
        for name, value in metrics.items()
    ]
    return pd.DataFrame(rows, columns=["population", "level", "split", "method", "metric", "value", "n"])


@pytest.fixture
def importance():
    rows = [
        (
            i + 1,
            f"R{i}>T>X{i}",
            f"R{i} > T > X{i}",
            0.9 - i / 10,
            "ill" if i < 2 else "mixed",
            0.6,
            9 - i,
            None if i else "Notch signaling",
            f"R{i} ↑ +3.2; T · +0.1; X{i} ↓ -2.0",
        )
        for i in range(8)
    ]
    names = [
        "rank",
        "path",
        "route",
        "importance",
        "direction",
        "activity_auroc",
        "prior_rank",
        "pathway",
        "gene_effects",
    ]
    return pd.DataFrame(rows, columns=names).assign(
        refits=0,
        in_top_10="",
        p=float("nan"),
        q=float("nan"),
        family=1,
        effects_over="donors",
        donors_expressing="",
        comparison="ill vs healthy",
    )


def test_figures_are_those_of_the_test_set_beside_the_baseline(metrics, importance):
    text = summary(metrics, {"T": importance}, CLEAN, 3)
    assert "T: test set, 321 cells" in text
    assert "T: test set, 7 donors" in text
    assert "B:" not in text
    (header,) = {line for line in text.splitlines() if "auroc" in line}
    assert header.split() == ["auroc", "auprc", "balanced_accuracy", "accuracy", "mcc"]
    lines = [line.split() for line in text.splitlines() if line.startswith(("pathlore", "majority"))]
    assert lines[0] == ["pathlore", "0.950", "0.900", "0.850", "0.900", "0.700"]
    assert lines[1][0:2] == ["majority", "0.450"]
    assert len(lines) == 4


def test_what_limits_a_cohort_stands_in_it(metrics, importance):
    assert "Limitation" not in summary(metrics, {"T": importance}, CLEAN, 3)
    assert "Limitation: Library and class are one." in summary(
        metrics, {"T": importance}, CLEAN, 3, "Library and class are one."
    )


def test_refits_are_told_where_there_are_any(metrics, importance):
    assert "refits" not in summary(metrics, {"T": importance}, CLEAN, 3)
    again = importance.assign(refits=7, in_top_10="2 of 7", p=0.0312, q=0.25, family=3)
    text = summary(metrics, {"T": again}, CLEAN, 1)
    assert "     over donors p 0.031, q 0.250; in the top 10 in 2 of 7 refits; family 3\n" in text


def test_what_the_test_over_donors_says(metrics, importance):
    tests = pd.DataFrame({"path": importance["path"], "q": 0.4, "p_family": [0.31, *[0.9] * 7], "note": ""})
    tests = tests.assign(comparison="b vs a", n_donors="a 6, b 6", relabellings=462)
    text = " ".join(summary(metrics, {"T": importance}, CLEAN, 1, donor_tests={"T": tests}).split())
    assert (
        "T, test over donors: 0 of 8 paths with q < 0.05; p of the run's best path 0.31: no path is supported" in text
    )
    few = tests.assign(note="too few donors for a test")
    text = summary(metrics, {"T": importance}, CLEAN, 1, donor_tests={"T": few})
    assert "T, test over donors: too few donors for a test." in text


def test_of_several_comparisons_each_is_named(metrics, importance):
    compared = ["ill vs healthy", "worse vs healthy", "worse vs ill", *["ill vs healthy"] * 5]
    tests = pd.DataFrame({"path": importance["path"], "q": 0.01, "p": 0.01, "p_family": 0.02, "note": ""})
    tests = tests.assign(n_donors="healthy 6, ill 6, worse 6", relabellings=10_000)
    none = tests.assign(comparison="worse vs ill", p=np.nan, q=np.nan, p_family=np.nan, note="too few")
    tests = pd.concat([tests.assign(comparison="any of 3"), tests.assign(comparison="ill vs healthy"), none])
    receptors = pd.DataFrame(
        {"comparison": ["ill vs healthy", "worse vs ill"], "active_in": "ill", "rank": 1, "receptor": ["R1", "R2"],
         "ligands": "L", "p_family": 0.02}
    )  # fmt: skip
    whole = summary(
        metrics,
        {"T": importance.assign(comparison=compared)},
        CLEAN,
        2,
        donor_tests={"T": tests},
        receptors={"T": receptors},
    )
    text = " ".join(whole.split())
    assert "genes, moderated t of worse vs healthy over donors: R1" in text
    assert "in ill (ill vs healthy): R1 (L; p 0.020)" in text
    assert "in ill (worse vs ill): R2 (L; p 0.020)" in text
    assert "any of 3 comparisons: 8 of 8 paths with q < 0.05" in text
    assert "Alone: ill vs healthy 8 paths, p of the best 0.02; worse vs ill no p, too few donors." in text


def test_a_path_whose_genes_disagree_has_no_direction(metrics, importance):
    text = summary(metrics, {"T": importance}, CLEAN, 3)
    assert "importance 0.700, mixed: its genes disagree; alone" in text
    assert "     genes, moderated t over donors: R2 ↑ +3.2; T · +0.1; X2 ↓ -2.0\n" in text


def test_without_donors_no_effect_is_one_over_donors(metrics, importance):
    text = summary(metrics, {"T": importance.assign(effects_over="cells")}, CLEAN, 3)
    assert "     genes, moderated t over groups of cells: R2 ↑ +3.2; T · +0.1; X2 ↓ -2.0\n" in text
    assert "over donors" not in text


def test_paths_stand_beside_their_prior_rank(metrics, importance):
    text = summary(metrics, {"T": importance}, CLEAN, 3)
    assert "T: the 3 most important of 8 signaling paths" in text
    assert "  1. R0 > T > X0  [Notch signaling]\n     importance 0.900, more active in ill;" in text
    assert "  2. R1 > T > X1\n" in text
    assert "alone: AUROC 0.600; rank by fold change 9" in " ".join(text.split())
    assert "R3" not in text


def test_each_population_has_its_own_part(metrics, importance):
    text = summary(metrics, {"B": importance, "T": importance.head(2)}, CLEAN, 5)
    assert text.index("B: test set") < text.index("T: test set")
    assert text.index("T: the 2 most important") < text.index("T: test set")  # what was found, then how sure
    assert "T: the 2 most important of 2 signaling paths" in text


def test_it_fits_a_terminal_and_hides_no_gap(metrics, importance):
    metrics.loc[metrics["metric"] == "auroc", "value"] = float("nan")
    text = summary(metrics, {"T": importance}, CLEAN, 5)
    assert "NaN" in text
    assert max(map(len, text.splitlines())) <= 80
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_nothing_is_to_be_checked_in_a_clean_run(metrics, importance):
    assert "What to check" not in summary(metrics, {"T": importance}, CLEAN, 5)


def test_what_to_check_comes_last_and_fits_a_terminal(metrics, importance):
    long = " > ".join(f"GENE-{place}" for place in range(30))
    importance = importance.assign(
        route=long, gene_effects="; ".join(f"GENE-{place} ↑ +3.2" for place in range(30)), pathway="Long name " * 9
    )
    sign = Diagnostic("chance", "test AUROC 0.512 " * 9, "ingestion.quality.scale, " * 9)
    receptors = pd.DataFrame(
        {"comparison": "ill vs healthy", "active_in": "ill", "rank": range(1, 6), "receptor": "HLA-DRA-RECEPTOR",
         "ligands": "LIGAND-A;LIGAND-B;C", "p_family": 0.02}
    )  # fmt: skip
    signs = diagnostics_table({"T": [sign]})
    text = summary(metrics, {"T": importance}, signs, 5, "Library and class are one. " * 9, None, {"T": receptors})
    assert all(f"GENE-{place} " in text for place in range(29))  # no name is broken
    assert text.index("What to check") > text.index("most important")
    assert "\nT, chance: test AUROC 0.512" in text
    assert "\n-> ingestion.quality.scale," in text
    assert max(map(len, text.splitlines())) <= 80


def test_receptors_come_first_where_no_path_is_supported(metrics, importance):
    receptors = pd.DataFrame(
        {"comparison": "ill vs healthy", "active_in": "ill", "rank": [1, 2], "receptor": ["R7", "R3"],
         "ligands": ["IFNB1;IFNA1;IFNA2", "TNF"],
         "p_family": float("nan")}
    )  # fmt: skip
    found = importance.assign(receptor=[f"R{i}" for i in range(8)])
    text = summary(metrics, {"T": found}, CLEAN, 2, receptors={"T": receptors})
    assert text.index("T: the 2 most important of 8") < text.index("in ill: R7 (IFNB1, IFNA1, ...), R3 (TNF)")
    weak = found.assign(importance=found["importance"] / 10)
    text = summary(metrics, {"T": weak}, CLEAN, 2, receptors={"T": receptors})
    assert text.startswith("T: receptors whose activity best explains the changed genes")
    said = text.index("T: no single path is supported: no donor is known, and none has an importance")
    assert text.index("  in ill: R7 (IFNB1, IFNA1, ...), R3 (TNF)\n") < said
    named = text.index("T: best-supported paths of these receptors\n")
    assert said < named < text.index("  4. R3 > T > X3\n") < text.index("  8. R7 > T > X7\n")
    last = "T: the 2 most important of 8 signaling paths, by the model alone\n  1. R0 > T > X0 (importance 0.090)\n"
    assert text.index("  8. R7 > T > X7\n") < text.index(last)


def test_the_gravest_finding_is_the_first_line():
    assert with_first_line("Condition and batch are confounded.", "result\n").startswith("Condition and batch")
    assert with_first_line("", "result\n") == "result\n"


def test_what_the_paths_add_stands_beside_the_metrics_with_its_interval(metrics, importance):
    added = [
        ("T", level, "test", "pathlore", name, value, 321)
        for level, values in (
            ("cell", (0.012, -0.004, 0.03)),
            ("cell_within_type", (0.002, float("nan"), float("nan"))),
        )
        for name, value in zip(("paths_add", "paths_add_low", "paths_add_high"), values, strict=True)
    ]
    twin = [("T", "cell_within_type", "test", "pathlore", "auroc", 0.93, 321)]
    whole = pd.concat([metrics, pd.DataFrame(added + twin, columns=metrics.columns)], ignore_index=True)
    text = " ".join(summary(whole, {"T": importance}, CLEAN, 3).split())
    assert "paths on top of genes, AUROC of test cells +0.012 (95 % interval over donors -0.004 to +0.030)" in text
    assert "paths on top of genes within cell types, AUROC of test cells +0.002 (no interval" in text
    assert "T: test set, 321 cells, compared within their type" in text
    assert "paths_add" not in text


def test_pooled_metrics_of_refits_in_which_every_donor_is_tested_once(metrics, importance):
    rows = [("cell", 0.81, 0.7, 0.9), ("donor", 0.9, 0.75, 1.0), ("fit", 3.0, float("nan"), float("nan"))]
    pooled = pd.DataFrame(rows, columns=["level", "mean", "low", "high"])
    pooled = pooled.assign(population="T", split_by="donor", n=5)
    text = " ".join(summary(metrics, {"T": importance}, CLEAN, 3, out_of_fold=pooled).split())
    assert "T, every donor tested once in 5 refits, AUROC with the 95 % interval over donors: cells 0.810" in text
    assert "donors 0.900 (0.750 to 1.000)." in text
