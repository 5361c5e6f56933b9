"""What limits a result, written from its own tables."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathlore.explain.donor_tests import overall
from pathlore.explain.lead import HALF
from pathlore.explain.significance import LEVEL
from pathlore.keys import Method
from pathlore.report.contents import Caveat, Level, PopulationContents
from pathlore.report.verdict import Held, held_out

FEW_DONORS = 10
"""Donors in the test set, below which one of them moves a figure by a large step."""
FEW_CELLS = 100
"""Cells in the test set, the same."""
FEW_REFITS = 5
"""Refits, below which a share of them is coarse."""
LIKE_THE_PRIOR = 0.9
"""Spearman correlation of importance and prior, above which the ranking adds little to the fold changes."""
SEVERE = frozenset({"chance", "one class", "other paths", "importances alike"})
"""Signs of failure that leave a ranking without meaning."""
ORDER: tuple[Level, ...] = ("stop", "caution", "note")


@dataclass(frozen=True)
class CaveatPart:
    """A sentence that holds for one population (empty: the run), with its number there."""

    level: Level
    text: str
    population: str = ""
    number: str = ""


def write_caveats(
    metrics: pd.DataFrame | None,
    populations: tuple[PopulationContents, ...],
    diagnostics: pd.DataFrame | None,
    split_by: str,
    donors: int | None,
    stated: str = "",
    design: pd.DataFrame | None = None,
) -> tuple[Caveat, ...]:
    """Write the caveats of a run, the weightiest first; what holds for several populations is said once.

    Parameters
    ----------
    metrics
        `pathlore.schemas.Metrics`; columns ``low`` and ``high``, where there, are the ends of 95 % intervals.
    populations
        With their tables.
    diagnostics
        `pathlore.schemas.Diagnostics`; None: they were not looked for.
    split_by
        What is never on two sides: ``donor`` or ``cell``.
    donors
        Donors that are known; None or 0: none.
    stated
        What the environment says of the cohort, ``caveat`` in globals.yml.
    design
        `pathlore.schemas.DesignFindings`; None: it was not judged.
    """
    rows = [] if design is None else design.to_dict("records")
    found = [CaveatPart("stop" if row["level"] == "problem" else "caution", f"{row['text']}.") for row in rows]
    found += [CaveatPart("caution", stated)] if stated else []
    found += [*_signs(diagnostics), *_design(split_by, donors)]
    for held in held_out(metrics):
        found += _prediction(held)
    for one in populations:
        found += [*_ranking(one), *_donor_tests(one)]
    return tuple(sorted(_joined(found), key=lambda caveat: ORDER.index(caveat.level)))


def _joined(found: list[CaveatPart]) -> list[Caveat]:
    """One caveat for each sentence, before it the populations that it holds for, each with its number."""
    holders: dict[tuple[Level, str], list[str]] = {}
    for one in found:
        held = f"{one.population} ({one.number})" if one.number else one.population
        holders.setdefault((one.level, one.text), []).append(held)
    caveats = []
    for (level, text), names in holders.items():
        owners = ", ".join(dict.fromkeys(name for name in names if name))
        caveats.append(Caveat(level, f"{owners}: {text}" if owners else text[:1].upper() + text[1:]))
    return caveats


def _signs(diagnostics: pd.DataFrame | None) -> list[CaveatPart]:
    if diagnostics is None:
        return [CaveatPart("note", "the fit was not checked for signs of failure.")]
    return [
        CaveatPart(
            "stop" if row["name"] in SEVERE else "caution",
            f"{row['found']}. Look at: {row['look_at']}",
            str(row["population"]),
            str(row["name"]),
        )
        for row in diagnostics.to_dict("records")
    ]


def _design(split_by: str, donors: int | None) -> list[CaveatPart]:
    found = []
    if split_by == "cell":
        found.append(
            CaveatPart(
                "caution",
                "split by cell: training and test cells come from the same donors. The metrics hold for cells of "
                "these donors; for a new donor they are not known.",
            )
        )
    if not donors:
        found.append(
            CaveatPart(
                "caution",
                "donors are not known: there is no p-value over donors, and the result cannot be generalised to "
                "other donors.",
            )
        )
    elif donors == 1:
        found.append(
            CaveatPart(
                "caution",
                "a single donor: there is no p-value over donors, and the result cannot be generalised to other "
                "donors.",
            )
        )
    return found


def _prediction(one: Held) -> list[CaveatPart]:
    """What the test set of a population leaves open."""
    if Method.MODEL not in one.scores:
        return [
            CaveatPart(
                "stop",
                "the test set contains a single class, so the quality of the model is not known.",
                one.population,
            )
        ]
    found = []
    model, plain = one.scores[Method.MODEL], one.scores.get(Method.LOGISTIC_REGRESSION)
    if one.judgement == "not above chance":
        text = (
            "the interval of the test AUROC includes 0.5; the ranking of a model that does not predict has no meaning."
        )
        found.append(CaveatPart("stop", text, one.population, f"{model.low:.2f} to {model.high:.2f}"))
    if one.n < (FEW_DONORS if one.level == "donor" else FEW_CELLS):
        text = f"few {one.level}s in the test set; a single one changes the metrics considerably."
        found.append(CaveatPart("caution", text, one.population, f"{one.n:,}"))
    if plain is not None and plain.value >= model.value:
        text = "logistic regression on the same genes predicts as well or better."
        found.append(CaveatPart("caution", text, one.population, f"{plain.value:.3f} against {model.value:.3f}"))
    if one.judgement == "no interval":
        found.append(CaveatPart("note", "the test AUROC has no interval.", one.population))
    return found


def _ranking(one: PopulationContents) -> list[CaveatPart]:
    """How firm the importances are."""
    table = one.path_importance
    if table is None or table.empty:
        return [CaveatPart("stop", "no path was ranked.", one.name)]
    found = []
    refits = _most(table, "refits")
    if refits <= 1:
        text = "importance comes from one fit: how much the ranking depends on the donors is not known."
        found.append(CaveatPart("caution", text, one.name))
    elif refits < FEW_REFITS:
        found.append(CaveatPart("note", "few refits: frequencies over them are coarse.", one.name, f"{refits}"))
    highest = float(table["importance"].max())
    if table["p"].isna().all() and highest <= HALF:
        text = "no path has an importance above 0.5, and donors are unknown or too few to test one."
        found.append(CaveatPart("caution", text, one.name, f"highest {highest:.2f}"))
    elif table["p"].isna().all():
        text = (
            "importance is not calibrated, because donors are unknown or too few: the first paths have a high "
            "importance in any run, even without a signal."
        )
        found.append(CaveatPart("note", text, one.name))
    elif highest <= HALF:
        text = (
            "no path has an importance above 0.5: over the training donors the best path is no better than the "
            "best paths under permuted labels."
        )
        found.append(CaveatPart("caution", text, one.name, f"highest {highest:.2f}"))
    if np.ptp(table["importance"]) > 0 and np.ptp(table["prior"]) > 0:
        like = table["importance"].corr(table["prior"], method="spearman")
        if like > LIKE_THE_PRIOR:
            text = "the ranking is close to that by fold change; the model adds little."
            found.append(CaveatPart("caution", text, one.name, f"Spearman {like:.2f}"))
    return found


def _donor_tests(one: PopulationContents) -> list[CaveatPart]:
    """What the test over donors leaves open, and a run in which it supports no path."""
    if one.donor_tests is None or one.donor_tests.empty:
        return []
    table = overall(one.donor_tests)
    notes = [str(note).strip().rstrip(".") for note in table["note"].dropna().unique()]
    found = [CaveatPart("caution", f"{note}.", one.name) for note in notes if note]
    untested = one.donor_tests.groupby("comparison", sort=False)["p"].count()
    if untested.any() and not untested.all():
        text = f"too few donors for a p of {', '.join(map(str, untested.index[untested == 0]))} alone."
        found.append(CaveatPart("note", text, one.name))
    if table["p"].notna().any() and not (table["q"] < LEVEL).any():
        text = (
            "no path is supported: none has q below 0.05 over donors. Any run has first paths, even without a signal."
        )
        least = f"lowest q {table['q'].min():.2g}, p of the whole run {table['p_family'].min():.2g}"
        found.append(CaveatPart("stop", text, one.name, least))
    return found


def _most(table: pd.DataFrame, column: str) -> int:
    return 0 if column not in table or table[column].isna().all() else int(table[column].max())
