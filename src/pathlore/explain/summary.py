"""The result of a run in one screen of text."""

from collections.abc import Mapping

import pandas as pd

from pathlore.keys import Split

FIGURES = ("auroc", "auprc", "balanced_accuracy", "accuracy", "mcc")


def summary(metrics: pd.DataFrame, importances: Mapping[str, pd.DataFrame], n_paths: int) -> str:
    """Write the figures on test cells beside the baselines', and the top paths beside their prior ranks.

    Parameters
    ----------
    metrics
        `pathlore.schemas.Metrics`.
    importances
        `pathlore.schemas.PathImportance` by population.
    n_paths
        Paths to name for each population.
    """
    parts = []
    for population, table in importances.items():
        test = metrics[(metrics["population"] == population) & (metrics["split"] == Split.TEST)]
        for level, group in test.groupby("level", sort=True):
            parts.append(f"{population}: test set, {group['n'].iloc[0]} {level}s")
            parts.append(_figures(group))
        parts.append(
            f"{population}: the {min(n_paths, len(table))} most important of {len(table)} signaling paths\n"
            "(alone: the path's activity by itself, on the test cells; by fold change: its rank if that alone\n"
            "decided; in brackets: genes that were not measured)"
        )
        parts.append(_paths(table.head(n_paths)))
    return "\n\n".join(parts) + "\n"


def _figures(group: pd.DataFrame) -> str:
    wide = group.pivot_table(index="method", columns="metric", values="value", sort=False, dropna=False)
    others = [name for name in wide.columns if name.startswith("f1_")]
    return wide[[*FIGURES, *others]].rename_axis(index=None, columns=None).to_string(float_format="{:.3f}".format)


def _paths(top: pd.DataFrame) -> str:
    rows = []
    for path in top.itertuples(index=False):
        pathway = f"  [{path.pathway}]" if isinstance(path.pathway, str) else ""
        rows.append(
            f"{path.rank:>3}. {path.route}{pathway}\n"
            f"     importance {path.importance:.3f}, signed activity higher in {path.direction}; "
            f"alone: AUROC {path.marginal_effect:.3f}; by fold change: number {path.prior_rank}"
        )
    return "\n".join(rows)
