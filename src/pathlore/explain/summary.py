"""The result of a run in one screen of text."""

from collections.abc import Mapping
from textwrap import fill

import pandas as pd

from pathlore.explain.donor_tests import said
from pathlore.explain.path_changes import direction_label
from pathlore.keys import Split

WIDTH = 100
OVER = {"donors": "donors", "cells": "groups of cells"}
METRIC_COLUMNS = ("auroc", "auprc", "balanced_accuracy", "accuracy", "mcc")


def summary(
    metrics: pd.DataFrame,
    importances: Mapping[str, pd.DataFrame],
    diagnostics: pd.DataFrame,
    n_paths: int,
    caveat: str = "",
    donor_tests: Mapping[str, pd.DataFrame] | None = None,
    receptors: Mapping[str, pd.DataFrame] | None = None,
) -> str:
    """Write the metrics on test cells beside the baselines', the top paths beside their prior ranks, what to check.

    Parameters
    ----------
    metrics
        `pathlore.schemas.Metrics`.
    importances
        `pathlore.schemas.PathImportance` by population.
    diagnostics
        `pathlore.schemas.Diagnostics`; where there is none, nothing is said.
    n_paths
        Paths to name for each population.
    caveat
        What a reader has to know of the cohort; empty: nothing is said.
    donor_tests
        `pathlore.schemas.DonorTests` by population.
    receptors
        `pathlore.schemas.ActiveReceptors` by population.
    """
    parts = []
    for population, table in importances.items():
        test = metrics[(metrics["population"] == population) & (metrics["split"] == Split.TEST)]
        for level, group in test.groupby("level", sort=True):
            parts.append(f"{population}: test set, {group['n'].iloc[0]} {level}s")
            parts.append(_metrics(group))
        parts.append(
            f"{population}: the {min(n_paths, len(table))} most important of {len(table)} signaling paths\n"
            "(alone: AUROC of the path's activity on the test cells; by fold change: its rank by mean absolute\n"
            "fold change; in brackets: genes that were not measured)"
        )
        parts.append(_paths(table.head(n_paths)))
        if receptors is not None and population in receptors:
            parts.append(_receptors(population, receptors[population], n_paths))
        if donor_tests is not None and population in donor_tests:
            parts.append(fill(f"{population}, over donors: {said(donor_tests[population])}.", WIDTH))
    if caveat:
        parts.append(fill(f"What limits it: {caveat}", WIDTH, break_long_words=False))
    if len(diagnostics):
        parts.append("What to check")
        parts += [
            _sign(row.population, row.name, row.found, row.look_at) for row in diagnostics.itertuples(index=False)
        ]
    return "\n\n".join(parts) + "\n"


def _receptors(population: str, table: pd.DataFrame, n: int) -> str:
    """The receptors of each class, with a ligand and, where donors allow one, p."""
    lines = [
        f"{population}: receptors whose activity would explain the changed genes best (by network and texts; nothing\n"
        "is trained; in brackets: ligands of the receptor)"
    ]
    for name, own in table.groupby("active_in", sort=False):
        named = []
        for row in own.nsmallest(n, "rank").itertuples():
            ligands = row.ligands.split(";")
            more = ", ..." if len(ligands) > 2 else ""
            p = "" if pd.isna(row.p_family) else f"; p {_small(row.p_family)}"
            named.append(f"{row.receptor} ({', '.join(ligands[:2])}{more}{p})")
        lines.append(fill(f"  in {name}: {', '.join(named)}", WIDTH, subsequent_indent="     ", break_long_words=False))
    return "\n".join(lines)


def with_first_line(gravest: str, text: str) -> str:
    """Put the gravest finding about the design before the result; empty: there is none."""
    return f"{fill(gravest, WIDTH, break_long_words=False)}\n\n{text}" if gravest else text


def _sign(population: str, name: str, found: str, look_at: str) -> str:
    """One sign, wrapped for a terminal."""
    lines = [f"{population}, {name}: {found}.", f"-> {look_at}"]
    return "\n".join(fill(line, WIDTH, subsequent_indent="   ", break_long_words=False) for line in lines)


def _metrics(group: pd.DataFrame) -> str:
    wide = group.pivot_table(index="method", columns="metric", values="value", sort=False, dropna=False)
    others = [name for name in wide.columns if name.startswith("f1_")]
    return (
        wide[[*METRIC_COLUMNS, *others]].rename_axis(index=None, columns=None).to_string(float_format="{:.3f}".format)
    )


def _paths(top: pd.DataFrame) -> str:
    rows = []
    for path in top.itertuples(index=False):
        pathway = f"  [{path.pathway}]" if isinstance(path.pathway, str) else ""
        rows.append(
            f"{path.rank:>3}. {path.route}{pathway}\n"
            f"     importance {path.importance:.3f}, {direction_label(path.direction)}; "
            f"alone: AUROC {path.activity_auroc:.3f}; by fold change: number {path.prior_rank}"
        )
        rows.append(f"     genes, moderated t over {OVER[path.effects_over]}: {path.gene_effects}")
        beside = [f"over donors p {_small(path.p)}, q {_small(path.q)}"] if path.p == path.p else []
        if path.refits:
            beside.append(f"among the first ten in {path.in_top_10} refits")
        if beside:
            rows.append(f"     {'; '.join(beside)}; family {path.family}")
    return "\n".join(rows)


def _small(value: float) -> str:
    """Write a probability.

    Examples
    --------
    >>> _small(0.0123), _small(0.00004)
    ('0.012', '< 0.001')
    """
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
