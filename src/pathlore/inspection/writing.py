"""Labels whose writing hides what they are: one value written in two ways, one person under several names."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pathlore.expression.labels import twins, written_twins
from pathlore.inspection import columns as roles_of
from pathlore.inspection.donors import NUMBERED, REPLICATE
from pathlore.inspection.findings import ColumnFacts, Finding
from pathlore.inspection.values import words_of


def judge_writing(obs: pd.DataFrame, columns: list[ColumnFacts], roles: Mapping[str, str]) -> list[Finding]:
    """Name values of a cell type, library or batch that differ only by case or separators, and donors counted twice.

    Parameters
    ----------
    obs, columns
        The cells' columns, and what `pathlore.inspection.columns.inspect_columns` says of them.
    roles
        Role -> column.
    """
    findings = []
    for role in (roles_of.CELL_TYPE, roles_of.LIBRARY, roles_of.BATCH):
        column = roles.get(role)
        if column is None or column == roles.get(roles_of.DONOR):
            continue
        groups = twins(set(roles_of.column_of(obs, columns, column)))
        if groups:
            text = f"values of `{column}` differ only by case or separators ({written_twins(groups)})"
            parameter = "ingestion.cells.cell_type" * (role == roles_of.CELL_TYPE)
            findings.append(Finding(level="warning", text=f"{text}: they count as different", parameter=parameter))
    donor = roles.get(roles_of.DONOR)
    if donor is not None:
        names = roles_of.column_of(obs, columns, donor)
        for facts in columns:
            if facts.kind == "categories" and facts.name != donor:
                values = roles_of.column_of(obs, columns, facts.name)
                if said := counted_twice(names, values, donor, facts.name):
                    findings.append(Finding(level="warning", text=said, parameter="ingestion.cells.donor"))
    return findings


def counted_twice(donors: np.ndarray, values: np.ndarray, donor: str, column: str) -> str:
    """Say that names of donors hold another column's value, without which several are one; empty: they do not.

    Numbers that are counted anew for each value (``ctrl_1``, ``stim_1``) are taken for different donors.

    Parameters
    ----------
    donors, values
        (n,) text of each cell, empty where not known.
    donor, column
        Names of the two columns.

    Examples
    --------
    >>> donors, runs = np.array(["P1_a", "P1_b", "P2_b"]), np.array(["a", "b", "b"])
    >>> counted_twice(donors, runs, "donor", "run").partition(":")[0]
    "names of `donor` hold the value of `run` ('P1_a' and 'P1_b')"
    >>> counted_twice(np.array(["1_a", "1_b"]), np.array(["a", "b"]), "donor", "run")
    ''
    """
    persons: dict[str, set[str]] = {}
    pairs = {(str(name), str(value)) for name, value in zip(donors, values, strict=True) if name}
    for name, value in pairs:
        person = _without(name, value)
        if not person:
            return ""
        persons.setdefault(person, set()).add(name)
    several = sorted(sorted(names) for names in persons.values() if len(names) > 1)
    if not several or _numbered(list(persons)):
        return ""
    total = len({name for name, _ in pairs})
    return (
        f"names of `{donor}` hold the value of `{column}` ({written_twins(several, 3)}): without it the {total} donors "
        f"are {len(persons)}. A person with several names is counted several times, and may be in the training and in "
        "the test set: name the column of the persons, or join the names; with cells of one person in every class set "
        "`ingestion.cells.paired_donors: true`"
    )


def _without(name: str, value: str) -> str:
    """A name without a value at its end or beginning, set off by a separator; empty: it is not there."""
    if not value or len(name) < len(value) + 2:
        return ""
    low, part = name.casefold(), value.casefold()
    if low.endswith(part) and not name[-len(value) - 1].isalnum():
        return name[: -len(value) - 1]
    if low.startswith(part) and not name[len(value)].isalnum():
        return name[len(value) + 1 :]
    return ""


def _numbered(persons: list[str]) -> bool:
    """Whether all are numbers, or numbers of replicates, samples or animals."""
    parts = [NUMBERED.fullmatch(person) for person in persons]
    return all(part is not None and set(words_of(part[1])) <= REPLICATE for part in parts)
