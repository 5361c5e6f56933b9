"""The results in short: prediction, planted paths and known biology, and what they are compared with."""

from collections.abc import Sequence

import pandas as pd

from pathlore.evaluation.recovery import ONE_COHORT, PRIOR
from pathlore.evaluation.report.effects import effect
from pathlore.evaluation.report.results import CohortResults
from pathlore.evaluation.report.sentences import UNITS, known, markdown_table, mean_sd
from pathlore.evaluation.report.tables import populations_of
from pathlore.evaluation.scores import MAIN
from pathlore.keys import Method

LINEAR = ("logistic_regression", "logistic_regression_l1", "logistic_regression_wide", "paths_l1", "paths_l2")
ON_PATHS = ("paths_l1", "paths_l2")
PAPER = "paper"
RECOVERED = ("auroc", "aupr", "precision_at_10")


def prediction_table(cohorts: Sequence[CohortResults]) -> str:
    """AUROC of the default beside the published form, the best linear method and chance, by cohort and population."""
    rows = []
    for results in cohorts:
        summary = results.summary[(results.summary["metric"] == "auroc") & results.summary["scenario"].isna()]
        for population in populations_of(results):
            for level in ("cell", "donor"):
                methods = summary[(summary["population"] == population) & (summary["level"] == level)]
                methods = methods.drop_duplicates("variant").set_index("variant", drop=False)
                if Method.MODEL in methods.index:
                    rows.append({"cohort": results.name, "population": population} | _row(results, methods, level))
    return markdown_table(pd.DataFrame(rows)) if rows else "Not run."


def _row(results: CohortResults, methods: pd.DataFrame, level: str) -> dict[str, str]:
    default = methods.loc[Method.MODEL]
    row = {"AUROC of": f"{UNITS[level]}, split by {default['split_by']}", "pathlore": _spread(methods, Method.MODEL)}
    row["95 % interval"] = f"{default['low']:.3f} to {default['high']:.3f}" if known(default["low"]) else "-"
    row["published form"] = _spread(methods, PAPER)
    linear = methods.reindex(LINEAR).dropna(subset="mean").sort_values(["mean", "difference"], ascending=False)
    if linear.empty:
        return row | {"best linear method": "-", "pathlore - best linear": "-"}
    best = str(linear.index[0])
    found = methods.loc[best]
    gain = str(effect(results.name, level, found, "p_adjusted")) if known(found["difference"]) else "-"
    return row | {"best linear method": f"{_spread(methods, best)} `{best}`", "pathlore - best linear": gain}


def _spread(methods: pd.DataFrame, name: str) -> str:
    if name not in methods.index:
        return "-"
    return mean_sd(*methods.loc[name, ["mean", "sd"]])


def planted_table(cohorts: Sequence[CohortResults]) -> str:
    """How well each scenario's planted paths are found, by the default and by what it has to beat."""
    rows = []
    for results in cohorts:
        if results.recovery is None:
            continue
        table = results.recovery[results.recovery["scenario"] != ONE_COHORT]
        for scenario, group in table.groupby("scenario", sort=False):
            metrics = {name: _metrics(group, name) for name in (Method.MODEL, PRIOR, PAPER, *ON_PATHS)}
            default = metrics[Method.MODEL]
            if default is None:
                continue
            first = default.loc["auroc"]
            row = {"cohort": results.name, "scenario": str(scenario).replace("_", " "), "simulations": int(first["n"])}
            row |= {f"pathlore, {label}": _spread(default, metric) for label, metric in _LABELS.items()}
            row |= {"better than the prior in": f"{first['wins']} of {first['compared']}"}
            for label, name in (("prior", PRIOR), ("published form", PAPER)):
                row[f"{label}, {' / '.join(_LABELS)}"] = _three(metrics[name], first["n"])
            linear = [found for found in (metrics[name] for name in ON_PATHS) if found is not None]
            best = max(linear, key=lambda found: found.loc["auroc", "mean"], default=None)
            row[f"best linear method on paths, {' / '.join(_LABELS)}"] = _three(best, first["n"])
            rows.append(row)
    return markdown_table(pd.DataFrame(rows)) if rows else "Not run."


_LABELS = {"AUROC": "auroc", "AUPR": "aupr", "precision at 10": "precision_at_10"}


def _metrics(group: pd.DataFrame, name: str) -> pd.DataFrame | None:
    """The rows of a method's main score, by metric."""
    mine = group[(group["variant"] == name) & group["score"].isin(MAIN)]
    return mine.drop_duplicates("metric").set_index("metric") if len(mine) else None


def _three(metrics: pd.DataFrame | None, simulations: int) -> str:
    if metrics is None:
        return "-"
    said = " / ".join(f"{metrics.loc[metric, 'mean']:.3f}" for metric in RECOVERED)
    n = int(metrics.loc["auroc", "n"])
    return said if n == simulations else f"{said} (in {n})"


def known_table(cohorts: Sequence[CohortResults]) -> str:
    """How far paths of named gene sets come out on top, by each score of the default and by what it has to beat."""
    rows = []
    for results in cohorts:
        if results.known is None:
            continue
        found = results.known[results.known["metric"] == "auroc"].set_index(["variant", "score"])["mean"]
        row = {"cohort": results.name}
        for label, key in _SCORES.items():
            row[label] = f"{found[key]:.3f}" if key in found.index else "-"
        rows.append(row)
    return markdown_table(pd.DataFrame(rows)) if rows else "Not run."


_SCORES = {
    "importance": (Method.MODEL, "importance"),
    "path activity": (Method.MODEL, "activity_auroc"),
    "mean rank of both": (Method.MODEL, "mean_rank"),
    "prior": (PRIOR, "importance"),
    "published form": (PAPER, "importance"),
    "random": ("random", "importance"),
}
