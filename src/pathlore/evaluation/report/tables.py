"""The tables of a cohort's section."""

import pandas as pd

from pathlore.evaluation.permutation import in_top
from pathlore.evaluation.report.results import CohortResults
from pathlore.evaluation.report.sentences import METRICS, UNITS, known, markdown_table, mean_sd, p_value, signed, spread
from pathlore.evaluation.scores import shown_scores
from pathlore.keys import Method

SHOWN = ("auroc", "auprc", "balanced_accuracy", "mcc")
KINDS = {"model": 0, "ablation": 1, "baseline": 2, "ranking": 3, "null": 4}
TOP_PATHS = 10


def method_table(summary: pd.DataFrame, population: str, level: str) -> str:
    """Every method of a population: mean ± sd (repeats) of each metric, and the AUROC's difference to the default.

    Returns
    -------
    Markdown; the default first, then variants by axis, baselines, nulls.
    """
    rows = summary[(summary["population"] == population) & (summary["level"] == level) & summary["scenario"].isna()]
    rows = rows[rows["metric"].isin(SHOWN)]
    if rows.empty:
        return "Not run."
    order = rows.drop_duplicates("variant").assign(
        first=lambda table: table["variant"] != Method.MODEL, place=lambda table: table["kind"].map(KINDS).fillna(9)
    )
    order = order.assign(axis=order["axis"].fillna("")).sort_values(["first", "place", "axis"], kind="stable")
    lines = []
    for name in order["variant"]:
        metrics = rows[rows["variant"] == name].set_index("metric")
        axis, kind = metrics["axis"].iloc[0], metrics["kind"].iloc[0]
        changed = isinstance(axis, str) and axis and KINDS.get(kind, 9) <= KINDS["ablation"] and name != Method.MODEL
        line = {"method": f"`{name}`", "kind": kind, "changes": axis.replace("_", " ") if changed else "-"}
        for metric in (metric for metric in SHOWN if metric in set(rows["metric"])):
            found = metric in metrics.index
            line[METRICS[metric]] = spread(*metrics.loc[metric, ["mean", "sd", "n"]]) if found else "-"
        line |= _difference(metrics.loc["auroc"] if "auroc" in metrics.index else None)
        lines.append(line)
    return markdown_table(pd.DataFrame(lines))


def _difference(row: pd.Series | None) -> dict[str, str]:
    """Difference of the AUROC to the default's, its interval and its p values."""
    names = ("AUROC - default", "95 % interval", "p (t)", "p (Wilcoxon)", "p adjusted")
    if row is None or not known(row["difference"]):
        return dict.fromkeys(names, "-")
    interval = f"{signed(row['difference_low'])} to {signed(row['difference_high'])}"
    tests = [p_value(row[name]) for name in ("p_t", "p_wilcoxon", "p_adjusted")]
    return dict(
        zip(names, [signed(row["difference"]), interval if known(row["difference_low"]) else "-", *tests], strict=True)
    )


def interval_notes(summary: pd.DataFrame, population: str) -> str:
    """What the intervals were drawn over, or why there is none."""
    rows = summary[(summary["population"] == population) & summary["scenario"].isna() & (summary["metric"] == "auroc")]
    rows = rows[rows["level"].isin(list(UNITS))]
    said = {
        f"{UNITS[level]}: {' / '.join(sorted(group['interval'].unique()))}" for level, group in rows.groupby("level")
    }
    return "Intervals of the AUROC: " + "; ".join(sorted(said)) + "." if said else ""


def recovery_table(recovery: pd.DataFrame) -> str:
    """Recovery of planted paths: a row for each scenario and ranking, the best first; see `shown_scores`."""
    lines, recovery = [], shown_scores(recovery)
    for (scenario, variant, score), group in recovery.groupby(["scenario", "variant", "score"], sort=False):
        metrics = group.set_index("metric")
        row = metrics.loc["auroc"]
        line: dict[str, object] = {"scenario": scenario.replace("_", " "), "method": f"`{variant}`", "score": score}
        line |= {METRICS[name]: spread(*metrics.loc[name, ["mean", "sd", "n"]]) for name in metrics.index}
        line["on the list"] = f"{row['listed']:.0%}".replace("%", " %")
        interval = f"{signed(row['difference_low'])} to {signed(row['difference_high'])}"
        line["AUROC - default"] = signed(row["difference"]) if known(row["difference"]) else "-"
        line["95 % interval"] = interval if known(row["difference_low"]) else "-"
        line["better than the prior"] = f"{row['wins']} of {row['compared']}" if row["compared"] else "-"
        lines.append((scenario, -row["mean"], line))
    places = {name: i for i, name in enumerate(dict.fromkeys(recovery["scenario"]))}
    ordered = sorted(lines, key=lambda item: (places[item[0]], item[1]))
    return markdown_table(pd.DataFrame([line for _, _, line in ordered]))


def stability_table(stability: pd.DataFrame) -> str:
    """Agreement of repeated rankings: a row for each method, score and source of variation; see `shown_scores`."""
    lines, stability = [], shown_scores(stability)
    for (population, variant, score, over), group in stability.groupby(
        ["population", "variant", "score", "over"], sort=False
    ):
        line: dict[str, object] = {"population": population, "method": f"`{variant}`", "score": score, "over": over}
        metrics = group.set_index("measure")
        for name in metrics.index:
            mean, sd = metrics.loc[name, ["mean", "sd"]]
            line[METRICS.get(name, name)] = mean_sd(mean, sd) if known(mean) else "-"
        row = group.iloc[0]
        lines.append(
            line | {"pairs": int(row["pairs"]), "paths": f"{row['paths']:.0f}", "dropped": f"{row['dropped']:.0f}"}
        )
    return markdown_table(pd.DataFrame(lines))


def significance_table(significance: pd.DataFrame, population: str) -> str:
    """The most important paths of a population, with p and q from permuted labels."""
    rows = significance[significance["population"] == population].head(TOP_PATHS)
    table = pd.DataFrame(
        {
            "path": rows["path"],
            "importance": rows["importance"],
            "sd": rows["importance_sd"],
            "rank": rows["rank"].map("{:.1f}".format),
            "in the top 10": [
                in_top(*row) for row in zip(rows["selection_frequency"], rows["all_repeats"], strict=True)
            ],
            "alone (AUROC)": rows["activity_auroc"],
            "corrected for shape": rows["corrected"],
            "permuted": rows["null_mean"],
            "p": rows["p"].map(p_value),
            "q": rows["q"].map(p_value),
        }
    )
    notes = [note for note in rows["note"].dropna().unique() if note]
    return "\n\n".join([markdown_table(table), *notes])


def populations_of(results: CohortResults) -> list[str]:
    """Populations of the cohort itself, in the order of the table."""
    return list(dict.fromkeys(results.summary.loc[results.summary["scenario"].isna(), "population"]))
