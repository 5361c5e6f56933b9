"""What a run found, in one row for each population: its first paths, its first receptors, what donors support."""

from dataclasses import dataclass

import pandas as pd

from pathlore.explain.significance import LEVEL
from pathlore.report.contents import PopulationContents

FIRST = 3
"""Paths and receptors that are named."""


@dataclass(frozen=True)
class FoundPath:
    """One of the first paths: its genes, the class in which it is more active, and its importance."""

    route: str
    direction: str
    importance: float


@dataclass(frozen=True)
class Found:
    """What one population shows.

    Attributes
    ----------
    population
        Its name.
    paths
        The first ones, each of another family where families are known.
    receptors
        Class -> the first receptors that would be active in it.
    supported
        How many paths the donors support, in words.
    """

    population: str
    paths: tuple[FoundPath, ...]
    receptors: dict[str, str]
    supported: str


def findings_of(populations: tuple[PopulationContents, ...]) -> tuple[Found, ...]:
    """Collect what each population with a ranking shows."""
    return tuple(
        Found(one.name, _first_paths(one.path_importance), _first_receptors(one.active_receptors), _supported(one))
        for one in populations
        if one.path_importance is not None and len(one.path_importance)
    )


def found_sentence(found: tuple[Found, ...], populations: tuple[PopulationContents, ...]) -> str:
    """Write the first sentence of the page.

    Returns
    -------
    With one population its first path; with several, in how many of them donors support a path. Empty: no path.
    """
    if not found:
        return "No path was ranked."
    if len(found) == 1 and found[0].paths:
        first = found[0].paths[0]
        genes = first.route.split(" > ")
        side = (
            "its genes disagree on a direction" if first.direction == "mixed" else f"more active in {first.direction}"
        )
        return f"The most important path runs from {genes[0]} to {genes[-1]} ({side}). {found[0].supported}."
    tested = [one for one in populations if one.donor_tests is not None and one.donor_tests["p"].notna().any()]
    if not tested:
        return f"Paths were ranked in {len(found)} populations; none of them could be tested over donors."
    supported = sum(bool((one.donor_tests["q"] < LEVEL).any()) for one in tested if one.donor_tests is not None)
    return f"In {supported} of {len(tested)} populations the test over donors supports at least one path (q < {LEVEL})."


def _first_paths(table: pd.DataFrame) -> tuple[FoundPath, ...]:
    best = table[table["best_of_family"].astype(bool)] if "best_of_family" in table else table
    return tuple(
        FoundPath(row.route, str(row.direction), float(row.importance))
        for row in best.sort_values("rank").head(FIRST).itertuples()
    )


def _first_receptors(table: pd.DataFrame | None) -> dict[str, str]:
    if table is None or table.empty:
        return {}
    return {
        str(name): ", ".join(own.sort_values("rank")["receptor"].head(FIRST))
        for name, own in table.groupby("active_in", sort=False)
    }


def _supported(one: PopulationContents) -> str:
    tests = one.donor_tests
    if tests is None or tests.empty or tests["p"].isna().all():
        return "No path could be tested over donors"
    return f"{int((tests['q'] < LEVEL).sum()):,} of {len(tests):,} paths have q < {LEVEL} over donors"
