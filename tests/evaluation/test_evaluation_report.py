import re
import warnings

import numpy as np
import pandas as pd
import pytest
from evaluations import predictions_of, rankings_of, runs_of

from pathlore import __version__
from pathlore.errors import PathloreError
from pathlore.evaluation.permutation import path_significance
from pathlore.evaluation.recovery import recovery_summary
from pathlore.evaluation.report import CohortResults, cohort_report, condensed, read_results, results_pages
from pathlore.evaluation.report.__main__ import main
from pathlore.evaluation.report.published import worth_table
from pathlore.evaluation.report.sentences import minus
from pathlore.evaluation.stability import stability
from pathlore.evaluation.summary import summarise

AXES = {"text_zero": "text", "per_cell": "importance", "logistic_regression": "baselines"}
PATHS = [f"R{i}>T{i}>G{i}" for i in range(20)]


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module")
def tables():
    cells = predictions_of({"pathlore": 0.8, "text_zero": 0.1, "per_cell": 0.8, "logistic_regression": 0.9})
    summary = summarise(runs_of(cells, AXES, {"logistic_regression": "baseline"}), cells, resamples=200)
    rng = np.random.default_rng(0)

    def ranking(variant, score, scenario, lift, n):
        values = {(0 if scenario else i, i): dict(zip(PATHS, rng.normal(0, 1, 20) + lift * (np.arange(20) < 5),
                  strict=True)) for i in range(n)}  # fmt: skip
        return rankings_of(values, variant, score, scenario, planted=PATHS[:5] if scenario else ())

    simulated = [
        ranking("pathlore", "importance", "main", 3, 6), ranking("per_cell", "attention", "main", 0, 6),
        ranking("prior", "importance", "main", 1, 6), ranking("paper", "importance", "main", 1, 4),
    ]  # fmt: skip
    real = [ranking("pathlore", "importance", None, 2, 4), ranking("per_cell", "attention", None, 0, 4),
            ranking("permuted_labels", "importance", None, 0, 5)]  # fmt: skip
    real = pd.concat(real, ignore_index=True)
    return {
        "summary": summary, "recovery": recovery_summary(pd.concat(simulated, ignore_index=True)),
        "stability": stability(real), "significance": path_significance(real),
    }  # fmt: skip


def new_paths():
    """Four proposals, two of them kept, and four random paths, one of which meets the rules."""
    passes = [True, True, False, False, True, False, False, False]
    return pd.DataFrame({"population": "receiver", "path": [f"A>B>C{i}" for i in range(8)], "pathway": None,
        "origin": ["proposed"] * 4 + ["random"] * 4, "importance": 0.5, "validation_auroc": 0.7, "score": -0.1,
        "test_auroc": [0.8, 0.7, 0.6, 0.5, 0.5, 0.5, 0.5, 0.5], "passes": passes,
        "kept": passes[:4] + [False] * 4})  # fmt: skip


@pytest.fixture(scope="module")
def report(tables):
    return cohort_report(CohortResults("simulated", **tables, caveat="Counts are simulated."))


@pytest.fixture(scope="module")
def pages(tables):
    whole = CohortResults("simulated", **tables, caveat="Counts are simulated.")
    alone = CohortResults("kang", tables["summary"].assign(split_by="cell"))
    return results_pages(condensed([whole, alone], "2026-11-23", "0.1.0"))


def figure(tables, variant, column, metric="auroc"):
    rows = tables["summary"]
    return rows[(rows["variant"] == variant) & (rows["metric"] == metric)][column].item()


def section(page, heading):
    return re.split(r"\n#+ ", page.split(heading, 1)[1])[0]


def row_of(text, *parts):
    return next(line for line in text.split("\n") if all(part in line for part in parts))


def test_sentences_hold_the_numbers(report, tables):
    text = section(report, "### Mechanism 1")
    gain = f"{-figure(tables, 'text_zero', 'difference'):+.3f}"
    low, high = (-figure(tables, "text_zero", name) for name in ("difference_high", "difference_low"))
    assert f"**{gain}** ({low:+.3f} to {high:+.3f}; p " in row_of(text, "| simulated | `text_zero` |")
    assert f"1 comparison: **better with real text in 1** (simulated against `text_zero` {gain})" in text


def test_in_short_the_default_stands_beside_what_it_has_to_beat(pages, tables):
    page = pages["results.md"]
    row = row_of(section(page, "## Prediction"), "| kang |")
    mean, sd = (figure(tables, "logistic_regression", name) for name in ("mean", "sd"))
    assert f"{mean:.3f} ± {sd:.3f} `logistic_regression`" in row
    assert f"{-figure(tables, 'logistic_regression', 'difference'):+.3f}" in row
    assert "split by cell" in row
    planted = section(page, "## Planted paths")
    header, row = row_of(planted, "| scenario |"), row_of(planted, "| main |")
    found = tables["recovery"].query("variant == 'pathlore' and score == 'importance' and metric == 'aupr'").iloc[0]
    assert f"| {found['mean']:.3f} ± {found['sd']:.3f} |" in row
    cells = dict(zip(header.split("|"), row.split("|"), strict=True))
    assert cells[" simulations "] == " 6 "
    assert re.fullmatch(r" 0\.\d{3} / 0\.\d{3} / 0\.\d{3} ", cells[" prior, AUROC / AUPR / precision at 10 "])
    assert cells[" published form, AUROC / AUPR / precision at 10 "].endswith(" (in 4) ")
    assert "Not run." in section(page, "## Known biology")
    assert "**better in 2** (" in row_of(section(page, "## Effect of each part"), "| text | real text |")


def test_recovery_and_stability_speak_of_their_mechanism(report, pages, tables):
    text = section(report, "### Mechanism 2")
    row = tables["recovery"].query("variant == 'per_cell' and metric == 'auroc'").iloc[0]
    assert f"simulated, scenario main against `per_cell` {-row['difference']:+.3f}" in text
    assert f"{-row['difference']:+.3f}" in row_of(section(pages["results/ablations.md"], "## Planted"), "`per_cell`")
    rows = tables["stability"].query("over == 'donors'").set_index(["variant", "measure"])["mean"]
    said = [rows[name, "spearman"] for name in ("pathlore", "per_cell")]
    assert f"one global score per path {said[0]:.3f} (6 pairs), `per_cell` {said[1]:.3f}" in text
    shown = f"| {said[1]:.3f} / {rows['per_cell', 'overlap_top_10']:.3f} |"
    assert shown in row_of(pages["results/rankings.md"], "| `per_cell` | attention | donors |")


def test_what_was_not_run_is_said(tables):
    kang = cohort_report(CohortResults("kang", tables["summary"].assign(split_by="cell")))
    assert section(kang, "### Mechanism 3").strip().endswith("text\n\nNot run.")
    for heading in ("### Planted paths found", "### Stability", "### The most", "test donors", "### Question 2"):
        assert "Not run." in section(kang, heading)
    assert "**Split by cell**" in kang
    pages = results_pages(condensed([CohortResults("kang", tables["summary"])], "2026-11-23"))
    assert "Not run." in section(pages["results/planted.md"], "## Scenarios")
    assert "Not run." in section(pages["results/rankings.md"], "## Stability")


def test_caveats_and_versions_come_from_the_tables(report, pages):
    assert "no donor of the test cells was trained on" in report
    assert "- Counts are simulated." in report
    limits = section(pages["results.md"], "## Limits")
    assert "Counts are simulated." in row_of(limits, "**simulated**")
    assert "5 repeats, split by cell" in row_of(limits, "**kang**")
    assert all("Measured with version 0.1.0 on 2026-11-23: simulated, kang." in page for page in pages.values())


def test_every_method_has_its_row(report, pages, tables):
    table = section(report, "### receiver: test cells")
    rows = [line for line in table.split("\n") if line.startswith("| `")]
    assert [line.split("`")[1] for line in rows] == ["pathlore", "per_cell", "text_zero", "logistic_regression"]
    mean, sd = (figure(tables, "logistic_regression", name, "mcc") for name in ("mean", "sd"))
    assert f"| {mean:.3f} ± {sd:.3f} (5) |" in rows[-1]
    assert {line.count("|") for line in table.split("\n") if line.startswith("|")} == {rows[0].count("|")}
    mean, sd = (figure(tables, "logistic_regression", name) for name in ("mean", "sd"))
    cell = f"{mean:.3f} ± {sd:.3f}"
    assert f"| baseline | {cell} | {cell} |" in row_of(pages["results/prediction.md"], "`logistic_regression`")


def test_other_data_are_set_beside_the_best_baseline(report, tables):
    text = section(report, "### Question 1")
    assert f"`logistic_regression` with {figure(tables, 'logistic_regression', 'mean'):.3f}" in text
    assert f"{-figure(tables, 'logistic_regression', 'difference'):+.3f}" in text


def test_new_paths_are_counted_on_their_page(tables):
    results = CohortResults("melanoma", tables["summary"], discovery=new_paths())
    text = results_pages(condensed([results], "2026-11-23"))["results/rankings.md"]
    assert "| melanoma | 2 of 4 | 1 of 4 | 0.750 | 0.550 | 0.500 |" in text
    assert "| A>B>C1 |" in text
    assert "| A>B>C2 |" not in text


def test_the_report_of_one_cohort(tables):
    report = cohort_report(CohortResults("melanoma", tables["summary"], discovery=new_paths()))
    assert report.startswith("# Evaluation: melanoma\n")
    text = section(report, "### Question 3")
    said = "melanoma, receiver: 2 of 4 (50 %) proposed paths kept; by the same rules 1 of 4 (25 %) random"
    assert said in text
    assert "which chose none: kept 0.750, proposed and not kept 0.550, random 0.500." in text
    assert "| A>B>C0 |" in text
    assert "| A>B>C2 |" not in text


def test_withheld_paths_are_counted(tables):
    """Two of three were proposed, one of them kept."""
    withheld = pd.DataFrame({"scenario": "main", "simulation": [0, 1, 2], "path": "A>B>C", "rank": [3, None, 1],
        "kept": [True, False, False], "proposed": 30, "kept_in_all": [4, 0, 5], "random": 30,
        "random_passed": [1, 0, 2], "nearest": [1.0, 0.2, 1.0]})  # fmt: skip
    report = cohort_report(CohortResults("simulated", tables["summary"], withheld=withheld))
    assert (
        "of 3 planted paths, each taken off the list of its own cohort, 2 were proposed (median rank 2 of 30) and 1 "
        "kept; 9 of 90 (10 %) proposals and 3 of 90 (3 %) random new paths were kept in all. The nearest proposal "
        "shares 0.73 of its genes"
    ) in section(report, "### Question 3")


def test_the_shape_of_the_network_is_said_before_and_after(tables):
    shape = pd.DataFrame({"population": "receiver", "ranking": ["deterministic", "importance", "corrected"],
        "feature": "degree", "spearman": [0.61, 0.32, -0.05], "sd": [0.1, np.nan, 0.02], "n": [5, 1, 5]})  # fmt: skip
    constant = shape.assign(feature="length", spearman=np.nan)
    whole = pd.concat([shape, constant], ignore_index=True)
    report = cohort_report(CohortResults("simulated", tables["summary"], shape=whole))
    assert section(report, "### How far the importance follows").strip().split("\n\n")[1] == (
        "- receiver, Spearman correlation with the neighbours of a path's genes: +0.610 ± 0.100 (5) of the importance "
        "with every gene encoding the class; +0.320 (1) of the importance as it is; -0.050 ± 0.020 (5) of the "
        "importance corrected for that."
    )


def test_empty_tables_were_not_run(tables):
    assert CohortResults("a", tables["summary"], tables["recovery"].head(0)).recovery is None


def test_equal_answers_are_void_and_not_counted(tables):
    """A text of which the answer makes no use is no evidence that texts have no effect."""
    summary = tables["summary"].copy()
    own = summary["variant"] == "text_zero"
    summary.loc[own, ["difference", "difference_sd", "difference_low", "difference_high"]] = 0.0
    summary.loc[own, "p_adjusted"] = 1.0
    results = CohortResults("simulated", summary)
    assert "AUROC of test cells: 1 is void (equal in every repeat)." in section(
        cohort_report(results), "### Mechanism 1"
    )
    assert row_of(worth_table([results]), "| text |").split("|")[3].strip() == "void in 1"


@pytest.mark.parametrize(
    ("bounds", "p", "said"),
    [
        ((-0.05, -0.01), 0.01, "an effect is shown."),
        ((-0.05, 0.01), 0.01, "a hint: interval and test disagree."),
        ((-0.05, 0.01), 0.3, "no effect shown."),
        ((0.0, 0.0), 1.0, "void (equal in every repeat)."),
        ((np.nan, np.nan), 0.3, "no effect shown."),
        ((np.nan, np.nan), np.nan, "not judged: 1 repeat, no interval."),
        ((-0.05, -0.01), np.nan, "a hint: the interval alone, no test on so few repeats."),
    ],
)
def test_verdicts(bounds, p, said):
    row = pd.Series({"difference": -0.03, "difference_low": bounds[0], "difference_high": bounds[1], "pairs": 1,
                     "p_adjusted": p})  # fmt: skip
    text = minus("real text", "`zero`", row)
    assert text.startswith("real text minus `zero`: +0.030 (")
    assert text.endswith(said)


def test_the_command_keeps_tables_and_writes_pages_from_them(tmp_path, tables, pages):
    for name, kind in {"simulated": "csv", "kang": "parquet"}.items():
        folder = tmp_path / name / "evaluation"
        folder.mkdir(parents=True)
        tables["summary"].to_csv(folder / "evaluation_summary.csv", index=False) if kind == "csv" else tables[
            "summary"
        ].assign(split_by="cell").to_parquet(folder / "evaluation_summary.parquet")
    simulated = tmp_path / "simulated" / "evaluation"
    tables["recovery"].to_csv(simulated / "recovery_summary.csv", index=False)
    tables["stability"].to_csv(simulated / "evaluation_stability.csv", index=False)
    tables["significance"].to_csv(simulated / "path_significance.csv", index=False)
    (simulated / "caveat.txt").write_text("Counts are simulated.\n")
    out = tmp_path / "docs"
    shared = ["--out", str(out), "--reports", str(tmp_path), "--measured", "2026-11-23"]
    main(["simulated", *shared])
    main(["kang", *shared])
    written = {name: (out / name).read_text(encoding="utf-8") for name in pages}
    assert {name: text.replace(__version__, "0.1.0") for name, text in written.items()} == pages
    (out / "results.md").unlink()
    main(["--out", str(out)])
    assert (out / "results.md").read_text(encoding="utf-8") == written["results.md"]


def test_without_a_summary_the_pipeline_is_named(tmp_path):
    with pytest.raises(PathloreError, match=r"evaluation_summary\.csv: run the pipeline `evaluation`"):
        read_results(tmp_path, "kang")
