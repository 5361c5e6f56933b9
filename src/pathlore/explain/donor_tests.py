"""Whether a path's activity differs between the classes from donor to donor."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import comb

import numpy as np
import pandas as pd

from pathlore.explain.donor_activity import WAYS
from pathlore.explain.significance import LEVEL, adjusted
from pathlore.schemas import DonorTests

logger = logging.getLogger(__name__)

MANN_WHITNEY, WILCOXON = "Mann-Whitney U", "Wilcoxon signed-rank"
KRUSKAL_WALLIS, FRIEDMAN = "Kruskal-Wallis", "Friedman"
LEAST_DONORS = 4
"""Of each class: with three, the smallest two-sided p of a rank test is .10."""
LEAST_PAIRS = 6
"""With five, the smallest two-sided p of a signed-rank test is .0625."""
MOST_EXACT = 50
"""Donors of a class up to which the null distribution is counted out."""
UNCHANGED = 1e-12
"""Differences of rounding."""


@dataclass(frozen=True)
class Groups:
    """The donors that a test compares; values (C, n_c, P) as a list over classes, paired ones in the same order."""

    names: list[str]
    donors: list[list[str]]
    paired: bool

    @property
    def test(self) -> str:
        """Name of the test."""
        if len(self.names) == 2:
            return WILCOXON if self.paired else MANN_WHITNEY
        return FRIEDMAN if self.paired else KRUSKAL_WALLIS

    @property
    def sizes(self) -> str:
        """Donors of each class, or pairs, in words."""
        if self.paired:
            return f"{len(self.donors[0])} {'pairs' if len(self.names) == 2 else 'donors with cells of every class'}"
        return ", ".join(f"{name} {len(members)}" for name, members in zip(self.names, self.donors, strict=True))

    @property
    def enough(self) -> bool:
        """Whether a rank test can say anything."""
        least = LEAST_PAIRS if self.paired else LEAST_DONORS
        return min(map(len, self.donors)) >= least

    @property
    def note(self) -> str:
        """What a reader must know, empty if nothing."""
        if not self.enough:
            if self.paired:
                return f"too few donors for a test: {self.sizes}, at least {LEAST_PAIRS} needed"
            return f"too few donors for a test: {self.sizes}, at least {LEAST_DONORS} of each class needed"
        least = self.smallest_p
        return "" if least < LEVEL else f"with {self.sizes} no p below {least:.3f} is possible, whatever the effect"

    @property
    def smallest_p(self) -> float:
        """Smallest p that so many donors can give, both ways counted; 0 where the test is not exact."""
        if self.test == WILCOXON:
            return 4 / 2 ** len(self.donors[0])
        return 4 / comb(sum(map(len, self.donors)), len(self.donors[0])) if self.test == MANN_WHITNEY else 0.0


def donor_tests(activity: pd.DataFrame, class_names: Sequence[str], *, paired: bool) -> pd.DataFrame:
    r"""Test each path's activity between the classes, over donors.

    Two classes: Mann-Whitney U, or Wilcoxon's signed ranks where donors are paired; more: Kruskal-Wallis, or Friedman.
    Both are two-sided; null distributions are counted out unless values are tied or a class has more than 50 donors. A
    path is tested in two ways, all its genes alike and by the signs of its steps, so that

    .. math:: p = \min(1,\; 2 \min(p_{one}, p_{signs}))

    and q is Benjamini-Hochberg's over the paths. Where fewer than four donors of a class, or six pairs, are known, no
    rank test can reach p < .05: there is no p then, and ``note`` says what is missing.

    Parameters
    ----------
    activity
        `pathlore.schemas.PathActivityByDonor`, whose values know nothing of the classes.
    class_names
        The control first.
    paired
        Donors have cells of every class (``ingestion.cells.paired_donors``); a donor that lacks one is left out.

    Returns
    -------
    `pathlore.schemas.DonorTests`, in the order of the paths. ``effect`` is the difference of the mean activity, case -
    control, in standard deviations over donors; with more classes, the largest difference of a class from the mean of
    the others. Empty where no donor is known: `why_no_donors` has the reason, which is logged.
    """
    reason = why_no_donors(activity)
    if reason:
        logger.info("Donor tests: none, %s", reason)
        return DonorTests.empty()
    groups = _groups(activity, class_names, paired=paired)
    paths = list(dict.fromkeys(activity["path"]))
    found = {way: _tested(_values(activity, groups, paths, way), groups) for way in WAYS}
    by_p = np.array([found[way][2] for way in WAYS])  # (2, P)
    by_effect = -np.abs([found[way][0] for way in WAYS])
    chosen = np.where(np.isnan(by_p).all(axis=0), _first(by_effect), _first(by_p))
    table = pd.DataFrame({"path": paths, "test": groups.test, "way": np.array(WAYS)[chosen]})
    for place, column in enumerate(("effect", "statistic")):
        table[column] = np.choose(chosen, [found[way][place] for way in WAYS])
    table["n_donors"] = groups.sizes
    table["p"] = np.minimum(1.0, 2 * np.choose(chosen, by_p))
    table["q"] = adjusted(table["p"].to_numpy())
    table["note"] = groups.note
    logger.info(
        "Donor tests: %s (%s), %d of %d paths with q < %.2f%s",
        groups.test,
        groups.sizes,
        int((table["q"] < LEVEL).sum()),
        len(table),
        LEVEL,
        f"; {groups.note}" if groups.note else "",
    )
    return DonorTests.validate(table)


def with_donor_tests(importance: pd.DataFrame, tests: pd.DataFrame) -> pd.DataFrame:
    """Set p and q over donors beside each path, NaN where none was tested.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance`.
    tests
        `pathlore.schemas.DonorTests` of the same population.
    """
    found = tests.set_index("path").reindex(importance["path"])
    return importance.assign(donor_p=found["p"].to_numpy(dtype=float), donor_q=found["q"].to_numpy(dtype=float))


def why_no_donors(activity: pd.DataFrame) -> str:
    """The reason why nothing can be tested, in words; empty where it can."""
    if len(activity):
        return ""
    return (
        "no donor is known, or none has enough cells (`ingestion.cells.donor`, `interpretation.donors.min_cells`): "
        "cells of one donor are no independent samples"
    )


def _groups(activity: pd.DataFrame, class_names: Sequence[str], *, paired: bool) -> Groups:
    units = activity[["donor", "condition"]].drop_duplicates()
    members = [sorted(units.loc[units["condition"] == name, "donor"]) for name in class_names]
    groups = Groups(list(class_names), members, paired)
    if paired:
        every = sorted(set.intersection(*map(set, members)))
        groups = replace(groups, donors=[every] * len(members))
    return groups


def _values(activity: pd.DataFrame, groups: Groups, paths: list[str], way: str) -> list[np.ndarray]:
    """Activities of each class's donors, C x (n_c, P)."""
    wide = activity.pivot_table(index=["condition", "donor"], columns="path", values=way, sort=False)[paths]
    return [
        wide.reindex([(name, donor) for donor in donors]).to_numpy(dtype=float).reshape(len(donors), len(paths))
        for name, donors in zip(groups.names, groups.donors, strict=True)
    ]


def _tested(values: list[np.ndarray], groups: Groups) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Effect, statistic and p of each path, (P,) each."""
    effect = _effect(values)
    statistic, p = np.full(len(effect), np.nan), np.full(len(effect), np.nan)
    if not groups.enough:
        return effect, statistic, p
    p[:] = 1.0  # where nothing changes, nothing speaks against chance
    changes = np.ptp(np.concatenate(values), axis=0) > UNCHANGED
    if groups.paired:
        changes &= (np.abs(np.diff(values, axis=0)) > UNCHANGED).any(axis=(0, 1))
    test = {MANN_WHITNEY: _mann_whitney, WILCOXON: _wilcoxon}.get(groups.test)
    parts = [part[:, changes] for part in values]
    if changes.any():
        statistic[changes], p[changes] = test(parts) if test else _several(parts, groups.test)
    return effect, statistic, p


def _effect(values: list[np.ndarray]) -> np.ndarray:
    if not all(map(len, values)):
        return np.full(values[0].shape[1], np.nan)
    means = np.stack([part.mean(axis=0) for part in values])  # (C, P)
    if len(means) == 2:
        return np.asarray(means[1] - means[0])
    rest = (means.sum(axis=0) - means) / (len(means) - 1)
    difference = means - rest
    largest = np.abs(difference).argmax(axis=0)
    return np.asarray(np.take_along_axis(difference, largest[None], axis=0)[0])


def _mann_whitney(values: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """U of the case, and its two-sided p."""
    from scipy.stats import mannwhitneyu

    control, case = values
    exact = ~_tied(np.concatenate(values)) & (max(len(control), len(case)) <= MOST_EXACT)
    found = np.empty((2, len(exact)))
    for method, columns in (("exact", exact), ("asymptotic", ~exact)):
        if columns.any():
            found[:, columns] = mannwhitneyu(case[:, columns], control[:, columns], axis=0, method=method)
    return found[0], found[1]


def _wilcoxon(values: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the ranks on the rarer side, and its two-sided p."""
    from scipy.stats import wilcoxon

    difference = values[1] - values[0]
    tied = _tied(np.abs(difference)) | (difference == 0).any(axis=0)
    exact = ~tied & (len(difference) <= MOST_EXACT)
    found = np.empty((2, len(exact)))
    for method, columns in (("exact", exact), ("asymptotic", ~exact)):
        if columns.any():
            result = wilcoxon(difference[:, columns], axis=0, method=method)
            found[:, columns] = result.statistic, result.pvalue
    return found[0], found[1]


def _several(values: list[np.ndarray], test: str) -> tuple[np.ndarray, np.ndarray]:
    """Statistic and p of more than two classes, by the chi-squared distribution."""
    from scipy.stats import friedmanchisquare, kruskal

    function = kruskal if test == KRUSKAL_WALLIS else friedmanchisquare
    results = [function(*(part[:, path] for part in values)) for path in range(values[0].shape[1])]
    return np.array([result.statistic for result in results]), np.array([result.pvalue for result in results])


def _tied(values: np.ndarray) -> np.ndarray:
    """Whether a column has equal values, (P,)."""
    return np.asarray((np.diff(np.sort(values, axis=0), axis=0) == 0).any(axis=0))


def _first(scores: np.ndarray) -> np.ndarray:
    """Row of the least score, the first of equal ones; NaN counts as the largest; (2, P) -> (P,)."""
    return np.asarray(np.where(np.isnan(scores), np.inf, scores).argmin(axis=0))
