"""The page of results of several cohorts, and the report of one."""

from collections.abc import Sequence

import pandas as pd

from pathlore.evaluation.report.questions import mechanism_sections, question_sections
from pathlore.evaluation.report.results import CohortResults
from pathlore.evaluation.report.sentences import UNITS, listed, signed
from pathlore.evaluation.report.short import short_section
from pathlore.evaluation.report.tables import (
    interval_notes,
    method_table,
    populations_of,
    recovery_table,
    significance_table,
    stability_table,
)

NAMES = {
    "deterministic": "of the importance where every gene says the class",
    "importance": "of the importance as it is",
    "corrected": "of the importance corrected by the former",
}
FEATURES = {
    "degree": "neighbours of a path's genes",
    "overlap": "other paths through its genes",
    "length": "number of its genes",
}


def shape_sentences(results: CohortResults) -> str:
    """One sentence for each population and property of a path, as a list; or that nothing was run."""
    if results.shape is None:
        return "Not run."
    lines = [
        f"{population}, Spearman correlation with the {FEATURES[feature]}: "
        + "; ".join(_said(row) for row in rows.itertuples(index=False))
        + "."
        for (population, feature), rows in results.shape.groupby(["population", "feature"], sort=False)
        if rows["spearman"].notna().any()
    ]
    return listed(lines)


def _said(row: object) -> str:
    values = pd.Series(row._asdict())  # type: ignore[attr-defined]
    if pd.isna(values["spearman"]):
        return f"not defined for that {NAMES[values['ranking']].removeprefix('of ')}"
    sd = f" ± {values['sd']:.3f}" if pd.notna(values["sd"]) else ""
    return f"{signed(values['spearman'])}{sd} ({values['n']}) {NAMES[values['ranking']]}"


SPLITS = {
    "donor": "Split by donor: no donor of the test cells was trained on.",
    "cell": "**Split by cell**: cells of one donor are on both sides, so the metrics say nothing about a new donor.",
}
READING = """
How to read it: mean ± standard deviation over repeats, the number of repeats in brackets. A difference is paired,
repeat by repeat. Its interval draws the donors of the test cells again (simulated scenarios: Student's t over
simulations); p comes from the paired t test over repeats, adjusted by Holm among the variants that change the same
thing. "An effect is shown", and bold numbers, need both: an interval without 0, and an adjusted p below 0.05. Repeats
share training cells, so p is rather too small. Which training donors there were is not in the interval, and with fewer
than five donors of a class it is too narrow.
""".strip()
REAL_TRUTH = (
    "What follows is about cells of two classes, and planted paths. Whether the receptors of ligands are found that "
    "were really given stands in [Real truth](real-truth.md)."
)
KNOWN = "A path counts as known if its target lies in the named sets (`evaluation.known_sets`)."


def results_page(cohorts: Sequence[CohortResults], commands: Sequence[str]) -> str:
    """Write the page of results.

    Parameters
    ----------
    cohorts
        In the order of their sections.
    commands
        What a reader types to get the same tables and the same page.

    Returns
    -------
    Markdown. Every number and every verdict comes from the tables; what is missing is said to be not run.
    """
    parts = [
        "# Results",
        "This page is generated from the tables of the evaluation, and so is each of its sentences:",
        _commands(commands),
        REAL_TRUTH,
        READING,
        "## In short",
        short_section(cohorts),
        "## What the paper's mechanisms are worth",
        mechanism_sections(cohorts),
        "## The paper's open questions",
        question_sections(cohorts),
        *[cohort_section(results) for results in cohorts],
    ]
    return "\n\n".join(parts) + "\n"


def cohort_report(results: CohortResults, commands: Sequence[str] = ()) -> str:
    """Write the report of one cohort: its tables, then the mechanisms and questions as far as it can speak of them."""
    parts = [f"# Evaluation: {results.name}", *([_commands(commands)] if commands else []), READING]
    parts += [cohort_section(results), "## What the paper's mechanisms are worth", mechanism_sections([results])]
    parts += ["## The paper's open questions", question_sections([results])]
    return "\n\n".join(parts) + "\n"


def cohort_section(results: CohortResults) -> str:
    """Write the tables of a cohort under its caveats."""
    parts = [f"## Cohort: {results.name}", caveats(results)]
    for population in populations_of(results):
        levels = set(results.summary.loc[results.summary["population"] == population, "level"])
        for level, unit in UNITS.items():
            parts.append(f"### {population}: {unit}")
            parts.append(method_table(results.summary, population, level) if level in levels else "Not run.")
        parts.append(interval_notes(results.summary, population))
    parts += [
        "### Planted paths found",
        "Not run." if results.recovery is None else recovery_table(results.recovery),
        *([] if results.known is None else ["### Known biology found", KNOWN, recovery_table(results.known)]),
        "### Stability of the rankings",
        "Not run." if results.stability is None else stability_table(results.stability),
        "### The most important paths, against permuted labels",
    ]
    if results.significance is None:
        parts.append("Not run.")
    else:
        for population in dict.fromkeys(results.significance["population"]):
            parts += [f"{population}:", significance_table(results.significance, population)]
    parts += ["### How far the importance follows the shape of the network", shape_sentences(results)]
    return "\n\n".join(part for part in parts if part)


def caveats(results: CohortResults) -> str:
    """Say how cells were split, how many repeats there are, and what else has to be known."""
    cohort = results.summary[results.summary["scenario"].isna()]
    parts = []
    for population, rows in cohort.groupby("population", sort=False):
        for split_by in rows["split_by"].dropna().unique():
            parts.append(f"{population}: {SPLITS.get(split_by, f'Split by {split_by}.')}")
        few = int(rows["n"].max())
        if few < 3:
            parts.append(f"{population}: {few} repeat{'' if few == 1 else 's'}: far too few for a spread.")
    if results.caveat:
        parts.append(results.caveat)
    return "\n".join(f"- {part}" for part in parts)


def _commands(commands: Sequence[str]) -> str:
    return "\n".join(["```bash", *commands, "```"])
