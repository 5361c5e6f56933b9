"""What of the design of a cohort makes its result doubtful: confounding, silent genes, labels in two writings."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.config import CellsConfig, GeneFilterConfig
from pathlore.expression.labels import twins, written_twins
from pathlore.expression.matrix import BLOCK_VALUES
from pathlore.expression.statistics import silent_genes, silent_sentence
from pathlore.inspection import columns as roles_of
from pathlore.inspection.classes import NUMBERED, REPLICATE
from pathlore.inspection.columns import BATCH, CELL_TYPE, CONDITION, DONOR, LIBRARY, SEX, words_of
from pathlore.inspection.findings import LEVELS, Association, ColumnFacts, Finding
from pathlore.keys import Obs
from pathlore.schemas import DesignFindings

STRONG, NOTABLE = 0.7, 0.3
"""Cramér's V from which an association is called strong, or worth a note."""
MOST_VALUES = 200
REPLICATES = 3
"""Values of a nested column that each class needs to be told apart from it."""
TECHNICAL = (LIBRARY, BATCH, DONOR)
CELL_NAMES = "(names of the cells)"
"""Stands for a column that the names of the cells tell."""


def associations(
    condition: np.ndarray, others: Mapping[str, np.ndarray], columns: list[ColumnFacts], roles: Mapping[str, str]
) -> list[Association]:
    r"""Measure how each column goes along with the condition.

    .. math:: V = \sqrt{\frac{\chi^2 / n}{\min(r, c) - 1}}

    chi^2 of the table of r values against c classes over n cells (Cramér 1946): 0 where they are independent, 1 where
    one determines the other.

    Parameters
    ----------
    condition
        (cells,) class of each cell; the empty text for a cell of none, which does not count.
    others
        Column -> (cells,) values, the empty text for what is not known.
    columns
        Of `pathlore.inspection.columns.inspect_columns`.
    roles
        Role -> chosen column.

    Returns
    -------
    One entry per column with at least two values in cells of a class, the strongest first.
    """
    from scipy.stats.contingency import association

    scores = {facts.name: facts.scores for facts in columns}
    chosen = {column: role for role, column in roles.items()}
    found = []
    for name, values in others.items():
        known = (condition != "") & (values != "")
        table = pd.crosstab(values[known], condition[known])
        if min(table.shape) < 2 or len(table) > MOST_VALUES:
            continue
        present = table.to_numpy() > 0
        nested = bool((present.sum(axis=1) == 1).all())
        found.append(
            Association(
                column=name,
                role=chosen.get(name)
                or max(scores.get(name, {}), key=scores.get(name, {}).__getitem__, default="other"),
                cramers_v=round(float(np.clip(association(table.to_numpy(), method="cramer"), 0, 1)), 3),
                nested=nested,
                fewest=int(present.sum(axis=0).min()),
            )
        )
    return sorted(found, key=lambda one: (-one.cramers_v, one.role not in TECHNICAL, one.role == DONOR))


def judge(found: list[Association], condition: str, *, unpaired: bool) -> list[Finding]:
    """Say which associations make a result doubtful.

    A column is **confounded** with the condition where each of its values lies in one class, and a class has a single
    value: whatever differs may come from either. With two values it is nearly so. Donors, and libraries of donors, of
    which each class has three or more, are replicates and no trouble.

    Parameters
    ----------
    found
        From `associations`.
    condition
        Column that was chosen as the condition.
    unpaired
        Whether each donor belongs to one class: then libraries and batches of donors may do so too.
    """
    types = [one for one in found if one.role == CELL_TYPE][1:]  # the strongest one speaks for all
    return [finding for one in found if one not in types for finding in _judge(one, condition, unpaired=unpaired)]


def _judge(one: Association, condition: str, *, unpaired: bool) -> list[Finding]:
    word = f"`{one.column}`" if one.role == "other" else one.role.replace("_", " ")
    where = f"`{one.column}`, Cramér's V with `{condition}` {one.cramers_v:.2f}"
    if one.role == CONDITION:
        if not one.nested:
            return []
        text = f"`{one.column}` says the same as `{condition}` or divides it further"
        return [Finding(level="note", text=text, parameter="ingestion.cells.condition")]
    if one.role == CELL_TYPE:
        if one.cramers_v < NOTABLE:
            return []
        if one.nested:
            text = (
                f"condition and {word} are confounded: each value lies in one class ({where}). Their effects "
                "cannot be separated"
            )
            return [Finding(level="problem", text=text)]
        text = f"the classes differ in their composition of cell types ({where}): a pooled model learns that too"
        return [Finding(level="warning", text=text, parameter="ingestion.population.mode")]
    if one.nested and one.fewest < REPLICATES:
        if one.fewest == 1:
            text = (
                f"condition and {word} are confounded: each value lies in one class, and a class has a single one "
                f"({where}). Their effects cannot be separated"
            )
            return [Finding(level="problem" if one.role in TECHNICAL else "warning", text=text)]
        text = f"condition and {word} are nearly confounded: {one.fewest} values in a class ({where})"
        return [Finding(level="warning", text=text)]
    if one.nested and (one.role in (DONOR, LIBRARY) and unpaired):
        words = {DONOR: "donors", LIBRARY: "libraries"}[one.role]
        return [Finding(level="ok", text=f"{one.fewest} or more {words} in each class ({where})")]
    if one.nested and one.role in (BATCH, LIBRARY):
        text = f"each {word} has cells of one class only ({where}): its effects are hard to separate from the condition"
        return [Finding(level="warning" if one.role == BATCH else "note", text=text)]
    if one.cramers_v >= STRONG and one.role in (*TECHNICAL, SEX):
        return [Finding(level="warning", text=f"condition and {word} are strongly associated ({where})")]
    if one.cramers_v >= NOTABLE and one.role in (*TECHNICAL, SEX, "other"):
        return [Finding(level="note", text=f"condition and {word} are associated ({where})")]
    return []


def from_names(cell_names: pd.Index) -> np.ndarray | None:
    """The library that the names of cells tell: what stands before and behind the barcode.

    Returns
    -------
    (cells,) texts, or None where the names have no barcodes or one library.

    Examples
    --------
    >>> from_names(pd.Index(["WT_AAACCTGAGAAACC-1", "KO_AAACCTGAGAAACC-1"])).tolist()
    ['WT -1', 'KO -1']
    >>> from_names(pd.Index(["AAACCTGAGAAACC-1", "AAACCTGAGAAACG-1"])) is None
    True
    """
    parts = cell_names.astype(str).to_series().str.extract(r"^(.*?)[ACGT]{10,}(.*)$")
    if parts[0].isna().any() or not len(parts):
        return None
    texts = (parts[0].str.strip("_-.: ") + " " + parts[1]).str.strip().to_numpy(dtype=object)
    different = len(set(texts))
    return texts if 1 < different <= max(len(texts) / 10, 2) else None


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

    Numbers that are counted anew for each value (``ctrl_1``, ``stim_1``) are taken for different donors. Texts of
    unknown donors and values are empty.

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


def design_findings(
    obs: pd.DataFrame, cells: AnnData, config: CellsConfig, gene_filter: GeneFilterConfig
) -> pd.DataFrame:
    """Judge whether the condition can be told from cell type, library, batch, donor, and the genes that were counted.

    Labels that are one value in two writings, and names of donors that hold that of a batch, are named too.

    Parameters
    ----------
    obs
        Of the cells as found, with every column that they came with.
    cells
        Prepared cells of the classes.
    config, gene_filter
        Where the labels lie, and when a gene counts as silent.

    Returns
    -------
    Table `pathlore.schemas.DesignFindings`: problems before warnings.
    """
    named = {config.condition, config.donor, config.cell_type}
    measured = [pd.api.types.is_numeric_dtype(kind.dtype) and kind.nunique() > MOST_VALUES for _, kind in obs.items()]
    obs = obs.loc[:, [name in named or not number for name, number in zip(obs.columns, measured, strict=True)]]
    columns = roles_of.inspect_columns(obs)
    wanted = {"condition": config.condition, "donor": config.donor or "none", "cell_type": config.cell_type or "none"}
    roles = roles_of.choose_columns(columns, wanted)
    condition = np.full(len(obs), "", dtype=object)
    rows = cells.obs_names.get_indexer(obs.index.astype(str))
    condition[rows >= 0] = cells.obs[Obs.CONDITION].astype(str).to_numpy()[rows[rows >= 0]]
    donors = cells.obs.dropna(subset=[Obs.DONOR])
    shared = donors.groupby(Obs.DONOR, observed=True)[Obs.LABEL].nunique().gt(1).any()
    found = associated(obs, columns, condition, config.condition, roles)
    findings = judge(found, config.condition, unpaired=len(donors) > 0 and not shared)
    findings += judge_writing(obs, columns, roles)
    findings += _judge_order(config.classes)
    silent = _silent(cells, list(config.classes), gene_filter.silent_fraction)
    findings += [Finding(level="warning", text=silent)] if silent else []
    grave = [one for one in findings if one.level in ("problem", "warning")]
    grave.sort(key=lambda one: LEVELS.index(one.level))
    return DesignFindings.validate(pd.DataFrame([(one.level, one.text) for one in grave], columns=["level", "text"]))


def _judge_order(classes: Mapping[str, list[str]]) -> list[Finding]:
    """Say that a class sounds like a control but is not the first."""
    first, *others = classes.items()
    control = roles_of.control_of([value for values in classes.values() for value in values])
    if not others or control is None or control in first[1]:
        return []
    text = (
        f"'{control}' sounds like the control, but the first class, which counts as the control, is '{first[0]}' "
        f"({', '.join(first[1])}): write the control first in `ingestion.cells.classes`"
    )
    return [Finding(level="warning", text=text, parameter="ingestion.cells.classes")]


def associated(
    obs: pd.DataFrame, columns: list[ColumnFacts], condition: np.ndarray, own: str, roles: Mapping[str, str]
) -> list[Association]:
    """`pathlore.inspection.design.associations` of the columns of ``obs``."""
    others = {
        facts.name: roles_of.column_of(obs, columns, facts.name)
        for facts in columns
        if facts.kind == "categories" and facts.name != own
    }
    roles = dict(roles)
    named = from_names(obs.index)
    if named is not None and roles_of.LIBRARY not in roles:
        others[CELL_NAMES], roles[roles_of.LIBRARY] = named, CELL_NAMES
    return associations(condition, others, columns, roles)


def _silent(cells: AnnData, class_names: list[str], fraction: float | None) -> str:
    """Genes that are silent in a class, over all cells, read by blocks; empty: none."""
    labels = cells.obs[Obs.LABEL].to_numpy(dtype=int)
    hits = np.zeros((len(class_names), cells.n_vars))
    step = max(1, BLOCK_VALUES // max(cells.n_vars, 1))
    for start in range(0, cells.n_obs, step):
        block = sparse.csr_matrix(cells.X[start : start + step]) > 0
        inside = labels[start : start + step]
        for label in range(len(class_names)):
            hits[label] += np.asarray(block[np.flatnonzero(inside == label)].sum(axis=0)).ravel()
    sizes = np.bincount(labels, minlength=len(class_names))
    silent = silent_genes(hits, sizes, cells.var_names, fraction)
    return silent_sentence(silent, cells.var_names, class_names) if silent.any() else ""


def gravest(findings: pd.DataFrame) -> str:
    """The first of `DesignFindings` as a sentence; empty: there is none."""
    if findings.empty:
        return ""
    text = str(findings["text"].iloc[0]).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
