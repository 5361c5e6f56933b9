"""Which values of the condition make up the classes, and how their donors are divided."""

import re
from math import isclose
from typing import Literal

import numpy as np
import pandas as pd

from pathlore.config import SplitConfig
from pathlore.errors import shorten
from pathlore.expression.labels import twins, written_twins
from pathlore.expression.populations import partition_names
from pathlore.expression.splits import donor_strata, observations, wants_pairs
from pathlore.inspection.columns import affirmed_control, control_of, controls_of, is_number, words_of
from pathlore.inspection.findings import Choice, DonorFacts, Finding
from pathlore.keys import Obs

CLASSES = "ingestion.cells.classes"
CONTRAST = "ingestion.cells.contrast"
MEASURED = frozenset(
    [
        *("dose", "dosage", "conc", "concentration", "time", "timepoint", "hour", "hours", "day", "days", "week"),
        *("weeks", "month", "months", "passage"),
    ]
)
"""Words of columns whose numbers have an order: amounts and times."""
UNITS = {
    **{unit: (factor, "mol/l") for unit, factor in (("pm", 1e-12), ("nm", 1e-9), ("um", 1e-6), ("mm", 1e-3))},
    **{f"{unit}/ml": (factor, "g/ml") for unit, factor in (("pg", 1e-12), ("ng", 1e-9), ("ug", 1e-6), ("mg", 1e-3))},
    **{
        word: (hours, "h")
        for words, hours in (
            ("min mins minute minutes", 1 / 60), ("h hr hrs hour hours", 1), ("d day days", 24),
            ("w wk wks week weeks", 168),
        )
        for word in words.split()
    },
}  # fmt: skip
"""Units of amounts and times, in small letters: factor and common unit."""
MOST_LEVELS = 8
NAMED = 8
"""Values that a reason names, at most."""
PLAIN = frozenset(["yes", "no", "true", "false", "y", "n", "t", "f"])
"""Values that say nothing without the name of their column."""


def choose_classes(values: np.ndarray, column: str, min_cells: int) -> tuple[Choice | None, list[Finding]]:
    """Compare the most frequent value with a control.

    The control is the value whose words say so (`pathlore.inspection.columns.CONTROL`), else the alphabetically first
    of the two most frequent. Values that differ only by case or separators are one. Further values are left out, and
    named.

    Parameters
    ----------
    values
        (cells,) of the condition, the empty text for what is not known.
    column
        Its name.
    min_cells
        Cells that a value needs.

    Returns
    -------
    choice, findings
        The value of `ingestion.cells.classes`, control first; None where fewer than two values have enough cells.
    """
    written = pd.Series(values[values != ""], dtype=object).value_counts()
    groups = twins(written.index)
    one: dict[str, str] = {}
    for group in groups:
        one |= dict.fromkeys(group, min(group, key=lambda name: (-written[name], name)))
    counts = written.groupby([one.get(value, value) for value in written.index]).sum()
    counts = counts.iloc[np.lexsort((counts.index.astype(str), -counts.to_numpy()))]
    enough = [str(value) for value in counts.index[counts >= min_cells]]
    listed = ", ".join(f"{value} ({n:,})" for value, n in counts.head(NAMED).items()) or "no value"
    if len(enough) < 2:
        text = f"`{column}` has {listed}: at least two values with {min_cells} cells were expected"
        return None, [Finding(level="problem", text=text, parameter=CLASSES)]
    control, why, told = _control(enough, column)
    others = [value for value in enough if value != control]
    case = next((value for value in others if value not in controls_of(enough)), others[0])
    reason = f"the first class is the control. `{column}` has {listed}; {why}"
    said = f"classes: {control} (control) and {case}, by `{column}`; {why}"
    findings = [Finding(level="ok" if told else "warning", text=said, parameter=CLASSES)]
    findings += _left_out(counts, (control, case), min_cells)
    unknown = int((values == "").sum())
    if unknown:
        text = f"{unknown:,} cells ({unknown / len(values):.0%}) have no known value of `{column}` and are left out"
        findings.append(Finding(level="warning" if unknown >= min_cells else "note", text=text, parameter=CLASSES))
    if groups:
        text = f"values of `{column}` differ only by case or separators ({written_twins(groups)}): taken as one each"
        findings.append(Finding(level="warning", text=text, parameter=CLASSES))
    names = _names([control, case], column)
    chosen = {names[value]: sorted(w for w in written.index if one.get(w, w) == value) for value in (control, case)}
    return Choice(value=chosen, reason=f"{reason}. {' '.join(f.text for f in findings[1:])}".strip(". ")), findings


def choose_levels(values: np.ndarray, column: str, min_cells: int) -> tuple[dict[str, Choice], list[Finding]]:
    """Take every dose or time as a class, in order, where the condition is one.

    Parameters
    ----------
    values, column, min_cells
        As of `choose_classes`.

    Returns
    -------
    choices, findings
        Values of `ingestion.cells.classes` and `ingestion.cells.contrast`; nothing where the column's name says neither
        amount nor time, fewer than three or more than `MOST_LEVELS` amounts have enough cells, or not each value is
        a number in units that can be converted to each other (`UNITS`). Values of one amount (``d14``, ``wk 2``) are
        one class. The control, such as ``vehicle``, comes first.
    """
    if not MEASURED & set(words_of(column)):
        return {}, []
    counts = pd.Series(values[values != ""], dtype=object).value_counts()
    levels = [str(value) for value in counts.index[counts >= min_cells]]
    found = {value: _amount(value) for value in levels}
    without = [value for value in levels if found[value] is None]
    amounts = {value: amount for value, amount in found.items() if amount is not None}
    units = {unit for amount, unit in amounts.values() if amount or unit}
    if len(units) > 1 or (without and (len(without) > 1 or control_of(levels) != without[0])):
        return {}, []
    groups: dict[float, list[str]] = {}
    for value in sorted(amounts, key=lambda value: (amounts[value][0], value)):
        last = next(reversed(groups), None)
        amount = amounts[value][0]
        groups.setdefault(last if last is not None and isclose(last, amount) else amount, []).append(value)
    members = {values[0]: values for values in [*([without] if without else []), *groups.values()]}
    if not 3 <= len(members) <= MOST_LEVELS:
        return {}, []
    ordered = list(members)
    listed = ", ".join(f"{value} ({counts[value]:,})" for values in members.values() for value in values)
    names = _names(ordered, column)
    classes = Choice(
        value={names[first]: own for first, own in members.items()}, reason=f"`{column}` in its order: {listed}"
    )
    contrast = Choice(
        value="trend", reason="effects are slopes over the order of the classes; reference: each against the first"
    )
    findings = [
        Finding(
            level="note",
            text=f"`{column}` is taken as ordered ({', '.join(' = '.join(own) for own in members.values())}): "
            "effects over donors are a trend",
            parameter=CONTRAST,
        )
    ]
    others = counts.drop(levels)
    if len(others):
        few = ", ".join(f"{value} ({n:,})" for value, n in others.items())
        findings.append(Finding(level="warning", text=f"left out, with too few cells: {few}", parameter=CLASSES))
    return {CLASSES: classes, CONTRAST: contrast}, findings


def _amount(value: str) -> tuple[float, str] | None:
    """The number in a value and its unit, a common one where it is known.

    Examples
    --------
    >>> _amount("day 7"), _amount("10 drops"), _amount("1e-3 uM"), _amount("1 nM"), _amount("vehicle")
    ((168.0, 'h'), (10.0, 'drops'), (1e-09, 'mol/l'), (1e-09, 'mol/l'), None)
    """
    found = re.fullmatch(r"\s*([^\d.+-]*?)[\s_]*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)[\s_]*([^\d]*?)\s*", value)
    if not found:
        return None
    unit = f"{found[1]} {found[3]}".strip().lower().replace("\u00b5", "u").replace("\u03bc", "u")
    factor, common = UNITS.get(unit, (1.0, unit))
    return float(found[2]) * factor, common


def _control(enough: list[str], column: str) -> tuple[str, str, bool]:
    """The control among the values with enough cells, why, and whether that is beyond doubt."""
    named = affirmed_control(enough, column)
    if named is not None:
        return named, f"`{column}` names a control, so that {named} is taken, check it", False
    control = control_of(enough)
    if control is not None:
        return control, f"{control} sounds like a control", True
    several = controls_of(enough)
    if several:
        return several[0], f"{shorten(several)} sound like controls: {several[0]} is taken, check it", False
    control = min(enough[:2], key=lambda value: (value.casefold(), value))
    if all(is_number(value) for value in enough):
        return control, f"numbers do not show which class is the control: {control} is taken, check it", False
    return control, f"no value sounds like a control; {control} comes first", False


def _names(values: list[str], column: str) -> dict[str, str]:
    """Names of the classes; a value that says nothing by itself stands behind the name of its column."""
    bare = {value: f"{column} {value}" if is_number(value) or value.lower() in PLAIN else value for value in values}
    names = partition_names(bare.values())
    return {value: names[bare[value]] for value in values}


def _left_out(counts: pd.Series, used: tuple[str, str], min_cells: int) -> list[Finding]:
    """Say what is in neither class; an arm that could be a class is worth a warning."""
    others = counts.drop(list(used))
    if others.empty:
        return []
    listed = ", ".join(f"{value} ({n:,})" for value, n in others.head(NAMED).items())
    more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    share = others.sum() / counts.sum()
    text = (
        f"{others.sum():,} cells ({share:.0%}) are in neither class and left out: {listed}{more}; each may be a class, "
        "compared as `ingestion.cells.contrast` says (reference, all_pairs)"
    )
    return [Finding(level="warning" if others.max() >= min_cells else "note", text=text, parameter=CLASSES)]


FEW_SHARED = 0.2
"""With cells of several classes, a smaller share of the donors than this looks like a slip."""
MANY = 15
"""Donors of a class from which the default fractions give enough validation donors."""
LEAST = 5
NUMBERED = re.compile(r"(\D*?)[\s._#-]*(\d{1,3})")
REPLICATE = frozenset(
    [
        *("rep", "reps", "replicate", "replicates", "r", "biorep", "bioreplicate", "biologicalreplicate", "br"),
        *("mouse", "mice", "m", "animal", "rat", "sample", "s", "well", "culture", "pool", "litter", "n"),
    ]
)
"""Words before a number that is counted anew in each arm."""
MOST_SKIPPED = 2
"""Numbers up to so many times their amount are counted, greater ones are names."""


def inspect_donors(labels: pd.DataFrame, min_cells: int) -> DonorFacts:
    """Count donors and cells.

    Parameters
    ----------
    labels
        Of `pathlore.expression.observations.label_cells`.
    min_cells
        Cells of a class from which on a donor counts there (`interpretation.donors.min_cells`).
    """
    known = labels.dropna(subset=[Obs.DONOR])
    counts = known.groupby([Obs.DONOR, Obs.CONDITION], observed=True).size()
    names = list(labels.sort_values(Obs.LABEL)[Obs.CONDITION].unique())
    donors = known.groupby(Obs.CONDITION)[Obs.DONOR].nunique()
    classes = known.groupby(Obs.DONOR)[Obs.LABEL].nunique()
    shared = int(classes.gt(1).sum())
    sizes = known[Obs.DONOR].value_counts()
    table = observations(labels)
    _, _, reason = donor_strata(table, paired=shared > 0)
    split: Literal["donor", "pair", "cell"] = "cell" if reason else "donor"
    if wants_pairs(table, SplitConfig(), paired=shared > 0):
        split = "pair"
    return DonorFacts(
        cells={name: int((labels[Obs.CONDITION] == name).sum()) for name in names},
        donors={name: int(donors.get(name, 0)) for name in names},
        shared=shared,
        without=len(labels) - len(known),
        cells_per_donor=(int(sizes.min()), float(sizes.median()), int(sizes.max())) if len(sizes) else (0, 0.0, 0),
        few=[f"{donor} {n} of {name}" for (donor, name), n in counts[counts < min_cells].items()],
        split=split,
        reason=reason,
    )


def choose_population(labels: pd.DataFrame, min_cells: int) -> Choice:
    """One model on all cells; the reason names the cell types that could have one each."""
    counts = pd.crosstab(labels[Obs.CELL_TYPE], labels[Obs.LABEL]).reindex(columns=sorted(labels[Obs.LABEL].unique()))
    enough = counts.index[(counts.fillna(0) >= min_cells).all(axis=1)]
    reason = "pooled: one model on all cells, for which a difference in cell types is a signal like any other"
    if len(enough) > 1:
        reason += (
            f". per_cell_type: one model for each of {shorten(enough)}, which have {min_cells} cells of each class"
        )
    return Choice(value="pooled", reason=reason)


def names_per_class(labels: pd.DataFrame, column: str | None) -> bool:
    """Whether the classes seem to number their donors alike, so that one name stands for several donors.

    So it is where names that several classes have are bare numbers, or numbers of replicates, samples or animals:
    1 to n, in every class. Numbers of persons (``P1``, ``patient 2``) are taken as they are: each was measured twice.

    Parameters
    ----------
    labels
        Of `pathlore.expression.observations.label_cells`, ``donor_names: global``.
    column
        Name of the donors' column.

    Examples
    --------
    >>> def cells(donors):
    ...     return pd.DataFrame({"condition": ["a", "a", "b", "b"], "donor": donors})
    >>> names_per_class(cells(["rep1", "rep2", "rep1", "rep2"]), "replicate"), names_per_class(cells(list("1212")), "d")
    (True, True)
    >>> names_per_class(cells(["P1", "P2", "P1", "P2"]), "donor"), names_per_class(cells(list("1234")), "d")
    (False, False)
    """
    known = labels.dropna(subset=[Obs.DONOR])
    sets = [set(names.astype(str)) for _, names in known.groupby(Obs.CONDITION, observed=True)[Obs.DONOR]]
    shared = set.intersection(*sets) if len(sets) > 1 else set()
    if column is None or not shared:
        return False
    parts = [NUMBERED.fullmatch(name) for name in set.union(*sets)]
    if not all(parts):
        return bool(set(words_of(column)) & REPLICATE)
    words = {"".join(words_of(part[1])) for part in parts if part}
    if len(words) > 1:
        return bool(set(words_of(column)) & REPLICATE)
    word = words.pop() or "".join(w for w in words_of(column) if w in REPLICATE)
    numbers = sorted(int(part[2]) for part in parts if part)
    counted = numbers[0] in (0, 1) and numbers[-1] - numbers[0] < MOST_SKIPPED * len(numbers)
    return word in REPLICATE or (word == "" and counted)


def judge_donors(facts: DonorFacts, column: str | None) -> tuple[dict[str, Choice], list[Finding]]:
    """Say how the cells will be split, and set fractions that leave enough validation donors."""
    findings: list[Finding] = []
    n = sum(facts.donors.values()) - facts.shared
    each = ", ".join(f"{facts.donors[name]} of {name} ({cells:,} cells)" for name, cells in facts.cells.items())
    if column is None:
        sizes = ", ".join(f"{cells:,} cells of {name}" for name, cells in facts.cells.items())
        text = f"no donor is known ({sizes}): cells are split, and no figure speaks of a new donor"
        findings.append(Finding(level="warning", text=text, parameter="ingestion.cells.donor"))
    else:
        low, middle, high = facts.cells_per_donor
        per = f"cells per donor {low:,} to {high:,}, median {middle:,.0f}"
        text = f"donors: {each}; {per}" + (
            f"; {facts.shared} donors have cells of several classes" * (facts.shared > 0)
        )
        if facts.without:
            text += f"; {facts.without:,} cells have no known donor" + " and are left out" * (facts.split != "cell")
        sound = facts.split == "donor" and not facts.without
        findings.append(Finding(level="ok" if sound else "note", text=text))
        if facts.few:
            text = (
                f"too few cells to count in tests over donors: {shorten(facts.few)}. In the validation or the test set "
                "such a donor says little; named in `ingestion.cells.missing` it counts as unknown"
            )
            findings.append(Finding(level="warning", text=text, parameter="interpretation.donors.min_cells"))
        if facts.split == "pair":
            text = f"{facts.reason}: one pair of donors is tested at a time, and a single pair says little of others"
            findings.append(Finding(level="warning", text=text, parameter="ingestion.split.mode"))
        if facts.split == "cell":
            text = f"no split by donor: {facts.reason}. Cells are split instead, and no figure speaks of a new donor"
            findings.append(Finding(level="warning", text=text, parameter="ingestion.cells.donor"))
        if 0 < facts.shared < FEW_SHARED * n:
            text = f"only {facts.shared} donors have cells of several classes: is `{column}` the donor?"
            findings.append(Finding(level="warning", text=text, parameter="ingestion.cells.paired_donors"))
    paired = facts.shared > 0
    why = f"{facts.shared} of {n} donors have cells of several classes" if column else "donors are not known"
    choices = {"ingestion.cells.paired_donors": Choice(value=paired, reason=why)}
    few = n if paired else min(facts.donors.values(), default=0)
    if facts.split == "donor" and LEAST <= few < MANY:
        reason = f"fractions of the donors. With {n} donors the usual 0.7, 0.1, 0.2 leave too few to choose an epoch by"
        choices["ingestion.split.train"] = Choice(value=0.6, reason=reason)
        choices["ingestion.split.validation"] = Choice(value=0.2, reason="")
        choices["ingestion.split.test"] = Choice(value=0.2, reason="")
    return choices, findings
