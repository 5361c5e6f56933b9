"""The result of a run in one screen of text."""

from collections.abc import Mapping
from textwrap import fill
from typing import Any

import pandas as pd

from pathlore.explain.donor_tests import said
from pathlore.explain.lead import Lead, lead, short_p
from pathlore.explain.path_changes import direction_label
from pathlore.keys import Split
from pathlore.training.intervals import PATHS_ADD, WITHIN_TYPES

WIDTH = 80
OVER = {"donors": "donors", "cells": "groups of cells"}
METRICS = ("auroc", "auprc", "balanced_accuracy", "accuracy", "mcc")


def summary(
    metrics: pd.DataFrame,
    importances: Mapping[str, pd.DataFrame],
    diagnostics: pd.DataFrame,
    n_paths: int,
    caveat: str = "",
    donor_tests: Mapping[str, pd.DataFrame] | None = None,
    receptors: Mapping[str, pd.DataFrame] | None = None,
    out_of_fold: pd.DataFrame | None = None,
) -> str:
    """Write what was found, the metrics on test cells with those of the baselines, and what to check.

    What was found are the first paths, then receptors; receptors first where no path is supported, see `lead`.

    Parameters
    ----------
    metrics
        `pathlore.schemas.Metrics`.
    importances
        `pathlore.schemas.PathImportance` by population.
    diagnostics
        `pathlore.schemas.Diagnostics`; may be empty.
    n_paths
        Paths and receptors to name for each population.
    caveat
        What a reader has to know of the cohort; may be empty.
    donor_tests
        `pathlore.schemas.DonorTests` by population.
    receptors
        `pathlore.schemas.ActiveReceptors` by population.
    out_of_fold
        `pathlore.schemas.EvaluationSummary` of trained refits, in which every donor is tested once.

    Returns
    -------
    Text of at most 80 columns, words longer than that excepted.
    """
    parts = []
    for population, table in importances.items():
        first = lead(population, table, None if receptors is None else receptors.get(population), n_paths)
        found = [_receptors(first)] if first.receptors else []
        ranked = f"{population}: the {min(n_paths, len(table))} most important of {len(table)} signaling paths"
        if first.by_paths:
            parts += [ranked, _paths(first.paths), *found]
        else:
            parts += [*found, _wrapped(f"{population}: {first.support[0].lower()}{first.support[1:]}.")]
            if len(first.paths):
                parts += [f"{population}: {first.heading[0].lower()}{first.heading[1:]}", _paths(first.paths)]
            short = map(_in_short, table.head(n_paths).itertuples())
            parts.append("\n".join([f"{ranked}, by the model alone", *short]))
        if donor_tests is not None and population in donor_tests:
            parts.append(_wrapped(f"{population}, test over donors: {said(donor_tests[population])}."))
        test = metrics[(metrics["population"] == population) & (metrics["split"] == Split.TEST)]
        for level, group in test.groupby("level", sort=True):
            unit = "cells, compared within their type" if level == WITHIN_TYPES else f"{level}s"
            parts.append(f"{population}: test set, {group['n'].iloc[0]} {unit}\n{_metrics(group)}")
        parts += _paths_add(population, test)
        if out_of_fold is not None and len(out_of_fold):
            parts += _pooled(population, out_of_fold[out_of_fold["population"] == population])
    if importances:
        parts.append(_wrapped(LEGEND))
    if caveat:
        parts.append(_wrapped(f"Limitation: {caveat}"))
    if len(diagnostics):
        parts.append("What to check")
        parts += [
            _sign(row.population, row.name, row.found, row.look_at) for row in diagnostics.itertuples(index=False)
        ]
    return "\n\n".join(parts) + "\n"


LEGEND = (
    "How to read: 'alone' is the AUROC of the activity of the path on the test cells. 'Rank by fold change' is the "
    "rank by the mean absolute fold change of its genes. Genes in brackets were not measured."
)


def _wrapped(text: str, indent: str = "", hanging: str = "") -> str:
    """Lines of 80 columns; names of genes and parameters are never broken."""
    return fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )


def _receptors(first: Lead) -> str:
    """The receptors of each class, with ligands and, where donors allow one, p."""
    head = (
        f"{first.population}: receptors whose activity best explains the changed genes (from network and texts, "
        "nothing is trained; ligands in brackets)"
    )
    lines = [_wrapped(f"in {name}: {named}", "  ", "     ") for name, named in first.receptors.items()]
    return "\n".join([_wrapped(head), *lines])


def with_first_line(gravest: str, text: str) -> str:
    """Put the gravest finding about the design before the result; empty: there is none."""
    return f"{_wrapped(gravest)}\n\n{text}" if gravest else text


def _sign(population: str, name: str, found: str, look_at: str) -> str:
    """One sign, wrapped for a terminal."""
    return "\n".join(_wrapped(line, "", "   ") for line in (f"{population}, {name}: {found}.", f"-> {look_at}"))


def _metrics(group: pd.DataFrame) -> str:
    wide = group.pivot_table(index="method", columns="metric", values="value", sort=False, dropna=False)
    shown = [name for name in METRICS if name in wide]
    return wide[shown].dropna(how="all").rename_axis(index=None, columns=None).to_string(float_format="{:.3f}".format)


def _paths_add(population: str, test: pd.DataFrame) -> list[str]:
    """What the paths add to the branches on genes, in one sentence for each level."""
    found = []
    for level, rows in test[test["metric"].str.startswith(PATHS_ADD)].groupby("level"):
        value = rows.set_index("metric")["value"]
        low, high = value[f"{PATHS_ADD}_low"], value[f"{PATHS_ADD}_high"]
        interval = (
            f"95 % interval over donors {low:+.3f} to {high:+.3f}"
            if low == low
            else "no interval: fewer than three test donors of a class are known"
        )
        within = " within cell types" if level == WITHIN_TYPES else ""
        gain = f"AUROC of test cells {value[PATHS_ADD]:+.3f} ({interval})"
        found.append(_wrapped(f"{population}: paths on top of genes{within}, {gain}.", "", "   "))
    return ["\n".join(found)] if found else []


UNITS = {
    "cell": "cells",
    WITHIN_TYPES: "cells within their type",
    "donor": "donors",
    "without_paths_alone": "cells, without the paths",
}


def _pooled(population: str, rows: pd.DataFrame) -> list[str]:
    """Metrics of cells that were each predicted by a refit which their donor took no part in, in one sentence."""
    areas = []
    for row in rows[rows["level"].isin(UNITS)].itertuples():
        interval = f" ({row.low:.3f} to {row.high:.3f})" if row.low == row.low else ""
        areas.append(f"{UNITS[row.level]} {row.mean:.3f}{interval}")
    if not areas:
        return []
    first = rows.iloc[0]
    whole = f"{population}, every {first['split_by']} tested once in {first['n']:.0f} refits"
    return [_wrapped(f"{whole}, AUROC with the 95 % interval over donors: {'; '.join(areas)}.", "", "   ")]


def _paths(table: pd.DataFrame) -> str:
    rows, several = [], len(set(table["comparison"])) > 1
    for path in table.itertuples(index=False):
        compared = f" of {path.comparison}" if several else ""
        pathway = f"  [{path.pathway}]" if isinstance(path.pathway, str) else ""
        rows.append(_wrapped(f"{path.rank:>3}. {path.route}{pathway}", "", "     "))
        lines = [
            f"importance {path.importance:.3f}, {direction_label(path.direction)}; alone: AUROC "
            f"{path.activity_auroc:.3f}; rank by fold change {path.prior_rank}",
            f"genes, moderated t{compared} over {OVER[path.effects_over]}: {path.gene_effects}",
        ]
        donors = [f"over donors p {short_p(path.p)}, q {short_p(path.q)}"] if path.p == path.p else []
        if path.refits:
            donors.append(f"in the top 10 in {path.in_top_10} refits")
        if donors:
            lines.append(f"{'; '.join(donors)}; family {path.family}")
        rows += [_wrapped(line, "     ", "       ") for line in lines]
    return "\n".join(rows)


def _in_short(path: Any) -> str:
    return _wrapped(f"{path.rank:>3}. {path.route} (importance {path.importance:.3f})", "", "     ")
