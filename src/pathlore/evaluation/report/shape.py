"""How far rankings follow the shape of the network, before and after it is taken off."""

import pandas as pd

from pathlore.evaluation.report.results import CohortResults
from pathlore.evaluation.report.sentences import listed, signed

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
