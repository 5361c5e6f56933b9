"""Which column of ``obs`` tells condition, donor, cell type, library and sex, judged by names and values."""

from itertools import pairwise

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.expression.labels import label_texts
from pathlore.inspection.findings import ColumnFacts
from pathlore.inspection.values import control_of, missing_among, words_of

CONDITION, DONOR, CELL_TYPE, LIBRARY, BATCH, SEX = "condition", "donor", "cell_type", "library", "batch", "sex"
ROLES = (CONDITION, DONOR, CELL_TYPE, LIBRARY, BATCH, SEX)

WORDS: dict[str, dict[str, float]] = {
    CONDITION: {
        **dict.fromkeys(["condition"], 6),
        **dict.fromkeys(["disease", "diagnosis", "genotype"], 5),
        **dict.fromkeys(["treatment", "stim", "stimulation", "response", "phenotype", "perturbation", "infection"], 4),
        **dict.fromkeys(["status", "group", "outcome", "severity", "arm", "exposure", "therapy", "treated"], 3),
        **dict.fromkeys(["dose", "dosage", "concentration", "conc"], 3),
        **dict.fromkeys(
            ["case", "class", "label", "timepoint", "time", "day", "days", "hours", "week", "weeks", "state"], 2
        ),
    },
    DONOR: {
        **dict.fromkeys(["donor", "patient", "subject"], 6),
        **dict.fromkeys(["individual", "participant", "animal"], 5),
        **dict.fromkeys(["mouse", "person", "ind", "replicate"], 4),
        **dict.fromkeys(["sample"], 2),
    },
    CELL_TYPE: {
        **dict.fromkeys(["celltype", "celltypes", "celltypist"], 7),
        **dict.fromkeys(["annotation", "annot", "annotated", "subtype", "lineage", "compartment"], 4),
        **dict.fromkeys(["cluster", "clusters", "population", "leiden", "louvain", "seurat"], 3),
        **dict.fromkeys(["labels", "ident"], 2),
    },
    LIBRARY: {
        **dict.fromkeys(["library", "sample"], 6),
        **dict.fromkeys(["channel", "orig", "gsm", "srr"], 5),
    },
    BATCH: {
        **dict.fromkeys(["batch"], 6),
        **dict.fromkeys(["run", "lane", "chip", "plate", "pool", "flowcell", "chemistry", "site"], 4),
        **dict.fromkeys(["center", "centre", "hospital", "technology", "sequencing", "dataset", "study", "assay"], 3),
    },
    SEX: dict.fromkeys(["sex", "gender"], 7),
}
BESIDE_THE_POINT = {"source", "prob", "probability", "score", "confidence", "color", "colors", "colour", "n", "qc"}
"""Words of columns that are about a column, and are not it."""
OF_CELLS = {
    *("cell", "cells", "monocyte", "monocytes", "macrophage", "macrophages", "neuron", "neurons", "astrocyte"),
    *("astrocytes", "microglia", "fibroblast", "fibroblasts", "endothelial", "epithelial", "dendritic", "nk", "cd4"),
    *("cd8", "hepatocyte", "hepatocytes", "oligo", "opc", "ductal", "acinar", "stellate", "lymphocyte", "lymphocytes"),
    *("b", "t", "treg", "cd14", "cd19", "cd34", "cd56"),
}
"""Words of cell types among values."""
MOST_CONDITIONS, MOST_TYPES, SHOWN = 12, 200, 12
LEAST = 3.0
"""Score that a candidate needs."""


def inspect_columns(obs: pd.DataFrame) -> list[ColumnFacts]:
    """Describe each column of ``obs`` and score it for each role; columns of one name are numbered."""
    names = [str(name) for name in obs.columns]
    return [
        _inspect(f"{name} ({i + 1})" if names.count(name) > 1 else name, obs.iloc[:, i]) for i, name in enumerate(names)
    ]


def _inspect(name: str, column: pd.Series) -> ColumnFacts:
    texts = label_texts(column)
    missing = missing_among(texts)
    known = pd.Series([text for text in texts if text not in missing], dtype=object)
    counts = known.value_counts()
    n = len(counts)
    numbers = pd.to_numeric(pd.Series(counts.index, dtype=object), errors="coerce")
    numeric = numbers.notna().all()
    fractions = numeric and bool((numbers % 1 != 0).any())
    kind = "categories"
    if n < 2:
        kind = "constant"
    elif numeric and (fractions or n > MOST_TYPES):
        kind = "numbers"
    elif n > max(len(texts) / 2, MOST_CONDITIONS):
        kind = "names"
    scores = _scores(name, list(counts.index), len(texts)) if kind in ("categories", "constant") and n else {}
    return ColumnFacts(
        name=name,
        kind=kind,
        n_values=n,
        n_missing=len(texts) - len(known),
        frequent=[(str(value), int(count)) for value, count in counts.head(SHOWN).items()],
        scores=scores,
    )


def _scores(name: str, values: list[str], n_cells: int) -> dict[str, float]:
    words = words_of(name)
    joined = {*words, "".join(words), *(a + b for a, b in pairwise(words))}
    scores = {role: max((WORDS[role].get(word, 0.0) for word in joined), default=0.0) for role in ROLES}
    n, of_cells = len(values), sum(_is_type(value) for value in values)
    if 2 * of_cells > n and n <= MOST_TYPES:
        scores[CELL_TYPE] += 3
        scores[CONDITION] = 0.0
    elif all(value.isdecimal() for value in values) and scores[CELL_TYPE]:
        scores[CELL_TYPE] -= 2  # numbers of clusters
    elif n <= MOST_CONDITIONS:
        scores[CONDITION] += 4.0 * (control_of(values) is not None) + 1.0 * (n <= 4 and scores[CONDITION] > 0)
    if {value.lower() for value in values} <= {"m", "f", "male", "female", "w", "man", "woman"}:
        scores[SEX] += 7
    for role, most in ((CONDITION, MOST_CONDITIONS), (DONOR, n_cells / 4), (CELL_TYPE, MOST_TYPES), (SEX, 4)):
        scores[role] = 0.0 if n > most else scores[role]
    for role in ROLES:
        scores[role] += 3.0 * (scores[role] > 0 and "".join(words) in WORDS[role])  # nothing but the word
    if n == 1:
        scores = {role: scores[role] for role in (DONOR, CELL_TYPE)}
    if BESIDE_THE_POINT & set(words):
        return {}
    return {role: score for role, score in scores.items() if score > 0}


def _is_type(value: str) -> bool:
    return bool(OF_CELLS & {*words_of(value), *_plain(value)})


def _plain(value: str) -> list[str]:
    """Words of a value with their digits, as in CD14."""
    return "".join(c if c.isalnum() else " " for c in value).lower().split()


def choose_columns(columns: list[ColumnFacts], wanted: dict[str, str]) -> dict[str, str]:
    """Give each role the column that fits it best; a column has one role, the one that it fits best.

    Parameters
    ----------
    columns
        From `inspect_columns`.
    wanted
        Role -> column that the user names; empty: judged; ``none``: there is none.

    Returns
    -------
    Role -> column, for the roles that have one.

    Raises
    ------
    PathloreError
        A column that the user names is not there.
    """
    names = [facts.name for facts in columns]
    for role, column in wanted.items():
        if column and column != "none" and column not in names:
            raise PathloreError(
                f"column '{column}' not found in obs, which has {shorten(names, 20) or 'no column'}: change "
                f"`inspection.{role}`"
            )
    chosen = {role: column for role, column in wanted.items() if column and column != "none"}
    for role in ROLES:
        if wanted.get(role):
            continue
        found = [facts for facts in candidates(columns, role) if facts.name not in chosen.values()]
        fitting = [facts for facts in found if facts.scores[role] >= max(facts.scores.values())]
        if fitting:
            chosen[role] = fitting[0].name
    return chosen


def alternatives(columns: list[ColumnFacts], roles: dict[str, str], role: str) -> list[str]:
    """Names of columns that fit a role best and have not been given one, the best first."""
    found = [facts for facts in candidates(columns, role) if facts.name not in roles.values()]
    return [facts.name for facts in found if facts.scores[role] >= max(facts.scores.values())]


def candidates(columns: list[ColumnFacts], role: str) -> list[ColumnFacts]:
    """Columns that may have a role, the best first."""
    found = [facts for facts in columns if facts.scores.get(role, 0.0) >= LEAST]
    return sorted(found, key=lambda facts: -facts.scores[role])


def column_of(obs: pd.DataFrame, columns: list[ColumnFacts], name: str) -> np.ndarray:
    """Values of a column of `inspect_columns` as text, the empty text for what is not known."""
    position = [facts.name for facts in columns].index(name)
    texts = label_texts(obs.iloc[:, position])
    missing = missing_among(texts)
    return np.array(["" if text in missing else text for text in texts], dtype=object)
