"""What the result of a population begins with: its paths where one is supported, otherwise its receptors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pathlore.explain.significance import LEVEL
from pathlore.keys import MIXED

HALF = 0.5
"""Importance above which a path stands out: the training donors support it, or they are unknown or too few."""


@dataclass(frozen=True)
class Lead:
    """What is named first of one population.

    Attributes
    ----------
    population
        Its name.
    by_paths
        Whether paths are named first; otherwise receptors are, because no single path is supported.
    paths
        Rows of `pathlore.schemas.PathImportance`: the first ones, or else the best-supported path of each receptor that
        is named, by p over donors and then by rank. Of several comparisons, ``direction`` names its own in brackets.
    receptors
        Class, of several comparisons with its own in brackets -> the first receptors that would be active in it, each
        with ligands and, where donors allow one, p.
    names
        Class -> the same receptors by name alone.
    support
        How far paths are supported, in a sentence without its full stop.
    """

    population: str
    by_paths: bool
    paths: pd.DataFrame
    receptors: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    support: str = ""

    @property
    def heading(self) -> str:
        """What the paths are."""
        return "First paths, by importance" if self.by_paths else "Best-supported paths of these receptors"


def lead(
    population: str, importance: pd.DataFrame, receptors: pd.DataFrame | None, n: int, *, per_family: bool = False
) -> Lead:
    """Choose what is named first.

    Paths are where one has an importance above `HALF` and, where donors are known, one has q below `LEVEL`: with too
    few donors for a test importance is not calibrated, and no path has support. Without a table of receptors they are
    in any case.

    Parameters
    ----------
    population
        Its name.
    importance
        `pathlore.schemas.PathImportance`.
    receptors
        `pathlore.schemas.ActiveReceptors`; None or empty: none were ranked.
    n
        Paths, and receptors of each class, that are named.
    per_family
        Of paths that share genes only the best is named.
    """
    by_class = [] if receptors is None else receptors.groupby(["comparison", "active_in"], sort=False)
    several = len({*importance["comparison"], *(comparison for (comparison, _), _ in by_class)}) > 1
    first = {
        f"{name} ({comparison})" if several else str(name): rows.nsmallest(n, "rank")
        for (comparison, name), rows in by_class
    }
    names = {name: tuple(rows["receptor"]) for name, rows in first.items()}
    donors_known = bool(importance["donors_expressing"].astype(str).str.contains("/").any())
    supported = bool((importance["q"] < LEVEL).any()) or not donors_known
    stands = supported and bool(importance["importance"].max() > HALF)
    if stands or not names:
        best = importance[importance["best_of_family"].astype(bool)] if per_family else importance
        paths = best.nsmallest(n, "rank")
    else:
        own = importance[importance["receptor"].isin({name for all_ in names.values() for name in all_})]
        paths = own.sort_values(["p", "rank"]).drop_duplicates("receptor").head(n)
    if several:
        compared = paths["direction"] + " (" + paths["comparison"] + ")"
        paths = paths.assign(direction=paths["direction"].where(paths["direction"] == MIXED, compared))
    return Lead(
        population,
        stands or not names,
        paths,
        {name: ", ".join(map(_with_ligands, rows.itertuples())) for name, rows in first.items()},
        names,
        _support(importance, donors_known=donors_known, stands=stands),
    )


def _with_ligands(row: Any) -> str:
    """A receptor with two of its ligands and p over all receptors."""
    ligands = row.ligands.split(";")
    more = ", ..." if len(ligands) > 2 else ""
    p = "" if pd.isna(row.p_family) else f"; p {short_p(row.p_family)}"
    return f"{row.receptor} ({', '.join(ligands[:2])}{more}{p})"


def _support(importance: pd.DataFrame, *, donors_known: bool, stands: bool) -> str:
    passed, highest = int((importance["q"] < LEVEL).sum()), float(importance["importance"].max())
    if passed:
        text = f"{passed:,} of {len(importance):,} paths have q < {LEVEL} over donors"
        return text if stands else f"{text}, but none has an importance above {HALF} (highest {highest:.2f})"
    if stands:
        return "No path could be tested over donors"
    if importance["q"].notna().any():
        why = f"the lowest q over donors is {importance['q'].min():.2g}"
    elif donors_known:
        why = f"donors are too few for a test, without which importance is not calibrated (highest {highest:.2f})"
    else:
        why = f"no donor is known, and none has an importance above {HALF} (highest {highest:.2f})"
    return f"No single path is supported: {why}"


def short_p(value: float) -> str:
    """Write a probability.

    Examples
    --------
    >>> short_p(0.0123), short_p(0.00004)
    ('0.012', '< 0.001')
    """
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
