"""The report of one cohort's evaluation."""

import pandas as pd

from pathlore.evaluation.report.questions import mechanism_sections, question_sections
from pathlore.evaluation.report.results import CohortResults
from pathlore.evaluation.report.sentences import UNITS, listed, signed
from pathlore.evaluation.report.tables import (
    interval_notes,
    method_table,
    populations_of,
    recovery_table,
    significance_table,
    stability_table,
)

NAMES = {
    "deterministic": "of the importance with every gene encoding the class",
    "importance": "of the importance as it is",
    "corrected": "of the importance corrected for that",
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
    "cell": "**Split by cell**: cells of one donor are on both sides, so the metrics do not describe new donors.",
}
READING = """
How to read the tables: mean ± standard deviation over repeats, the number of repeats in brackets. Differences are
paired by repeat. Their 95 % interval resamples the donors of the test cells (simulated scenarios: Student's t over
simulations). p is from the paired t test over repeats, adjusted by Holm among the variants that change the same part.
An effect is shown, and printed bold, where the interval excludes 0 and the adjusted p is below 0.05. Repeats share
training cells, so p is anticonservative. The interval leaves out the choice of training donors; with fewer than five
donors in a class it is too narrow.
""".strip()
KNOWN = "A path counts as known if its target lies in the named sets (`evaluation.known_sets`)."


def cohort_report(results: CohortResults) -> str:
    """Write the report of one cohort: its tables, then what they show of the paper's mechanisms and open questions."""
    parts = [f"# Evaluation: {results.name}", READING]
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
