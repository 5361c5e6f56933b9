"""What the search for paths beyond the list has found, and how far it can be trusted."""

import pandas as pd

from pathlore.evaluation.report.results import CohortResults
from pathlore.evaluation.report.sentences import listed, markdown_table

TOP = 10
SHOWN = ("path", "pathway", "importance", "validation_auroc", "test_auroc", "score")
HEADINGS = {"validation_auroc": "alone (AUROC, validation)", "test_auroc": "alone (AUROC, test)"}


def discovery_parts(results: CohortResults) -> list[str]:
    """Sentences on the new paths of a cohort, then the best of those that were kept; empty: not run."""
    lines, tables = [], []
    if results.discovery is not None:
        for population, rows in results.discovery.groupby("population", sort=False):
            where = f"{results.name}, {population}"
            lines += discovery_sentences(where, rows)
            kept = rows[rows["kept"]].head(TOP)
            if len(kept):
                tables += [f"{where}, new paths that were kept:", kept_table(kept)]
    if results.withheld is not None:
        lines.append(f"{results.name}, {withheld_sentence(results.withheld)}")
    return [listed(lines), *tables] if lines else []


def discovery_sentences(where: str, rows: pd.DataFrame) -> list[str]:
    """Say how many proposals were kept, how many random paths would have been, and what is left on the test cells.

    Parameters
    ----------
    where
        Cohort and population.
    rows
        Of `pathlore.schemas.EvaluationDiscovery`, one population.
    """
    proposed, random = (rows[rows["origin"] == origin] for origin in ("proposed", "random"))
    kept, rest = proposed[proposed["kept"]], proposed[~proposed["kept"]]
    lines = [
        f"{where}: {_share(len(kept), len(proposed))} proposed paths kept; by the same rules "
        f"{_share(int(random['passes'].sum()), len(random))} random new paths would be kept (false discoveries)."
    ]
    groups = {"kept": kept, "proposed and not kept": rest, "random": random}
    said = [
        f"{name} {rows['test_auroc'].mean():.3f}" for name, rows in groups.items() if rows["test_auroc"].notna().any()
    ]
    if said:
        lines.append(f"{where}, AUROC of single new paths on test cells, which chose none: {', '.join(said)}.")
    return lines


def withheld_sentence(table: pd.DataFrame) -> str:
    """Say how many planted paths that were taken off the list came back.

    Parameters
    ----------
    table
        `pathlore.schemas.EvaluationWithheld`.
    """
    n, found = len(table), table["rank"].dropna()
    place = f" (median rank {found.median():.0f} of {table['proposed'].median():.0f})" if len(found) else ""
    return (
        f"simulated cohorts of the scenario {', '.join(table['scenario'].unique())}: of {n} planted "
        f"path{'' if n == 1 else 's'}, each taken off the list of its own cohort, {len(found)} "
        f"{'was' if len(found) == 1 else 'were'} proposed{place} and {int(table['kept'].sum())} kept; "
        f"{_share(int(table['kept_in_all'].sum()), int(table['proposed'].sum()))} proposals and "
        f"{_share(int(table['random_passed'].sum()), int(table['random'].sum()))} random new paths were kept in all. "
        f"The nearest proposal shares {table['nearest'].mean():.2f} of its genes with the path that was withheld "
        "(mean Jaccard index)."
    )


def kept_table(kept: pd.DataFrame) -> str:
    """New paths with what speaks for them, in Markdown."""
    shown = kept[list(SHOWN)].astype({"pathway": object}).fillna({"pathway": "-"})
    return markdown_table(shown.rename(columns=HEADINGS))


def _share(part: int, whole: int) -> str:
    """Write a count out of others.

    Examples
    --------
    >>> _share(3, 30), _share(0, 0)
    ('3 of 30 (10 %)', '0 of 0')
    """
    return f"{part} of {whole} ({part / whole:.0%})".replace("%", " %") if whole else f"{part} of {whole}"
