"""What the columns of ``obs`` are, by their names and values."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.expression.labels import label_texts
from pathlore.inspection.findings import ColumnFacts
from pathlore.missing import missing_labels

UNKNOWN = frozenset(
    [
        *("unknown", "unk", "unassigned", "undetermined", "missing", "not_available", "not_applicable"),
        *("not_known", "not_determined", "not_reported", "not_assigned", "unspecified"),
    ]
)
"""Words for "not known" beside those of `pathlore.missing`, in small letters and with ``_`` for a space."""
CONTROL = frozenset(
    [
        *("control", "controls", "ctrl", "ctrls", "ctl", "ctr", "cntrl", "cntl", "con", "healthy", "hc", "hd", "hv"),
        *("nc", "cn", "nd", "normal", "norm", "reference", "baseline", "nondiabetic", "nondemented", "nonlesional"),
        *("wt", "wildtype", "wild", "parental", "naive", "non", "none", "negative", "neg", "before", "pre"),
        *("untreated", "unstim", "unstimulated", "unperturbed", "uninfected", "uninjured", "unexposed", "unaffected"),
        *("unchallenged", "untransduced", "untransfected", "unvaccinated", "nt", "ntc", "nontargeting", "scramble"),
        *("scrambled", "vehicle", "veh", "mock", "placebo", "sham", "dmso", "pbs", "saline", "medium"),
        *("gesund", "gesunde", "kontrolle", "sain", "sano", "témoin", "temoin", "controle", "contrôle"),
    ]
)
"""Words of a control among the values of a condition, in small letters."""
SHORT = frozenset(word for word in CONTROL if len(word) < 3) | {"con"}
"""Those that stand for other things too: HD is a healthy donor, or Huntington's disease."""
OF_TWO = frozenset(["no", "false", "n"])
"""The same where there are two values alone. Numbers do not tell: in some files 0 is the case."""
AFFIRMED = frozenset(["yes", "true", "y"])


def missing_among(texts: Iterable[str]) -> set[str]:
    """Those of the values of a column that say that nothing is known.

    Examples
    --------
    >>> sorted(missing_among(["Unknown", "not available", "", "none", "NK", "N/A"]))
    ['', 'N/A', 'Unknown', 'not available']
    """
    values = set(texts)
    return {text for text in values if text.lower().replace(" ", "_") in UNKNOWN} | missing_labels(values)


def words_of(name: str) -> list[str]:
    """Words of a name, in small letters: cut at signs, between letters and digits, and before inner capitals.

    Examples
    --------
    >>> words_of("orig.ident"), words_of("CellType_2"), words_of("Non-responder"), words_of("WT_12")
    (['orig', 'ident'], ['cell', 'type', '2'], ['non', 'responder'], ['wt', '12'])
    """
    cut = []
    for i, sign in enumerate(name):
        before = name[i - 1] if i else ""
        if (sign.isupper() and before.islower()) or (sign.isdigit() != before.isdigit() and before.isalnum()):
            cut.append(" ")
        cut.append(sign if sign.isalnum() else " ")
    return "".join(cut).lower().split()


def is_number(value: str) -> bool:
    """Whether a label is a number, which does not tell what it stands for.

    Examples
    --------
    >>> [is_number(value) for value in ("0", "2.0", "-1", "P1")]
    [True, True, True, False]
    """
    return re.fullmatch(r"[+-]?\d+([.,]\d+)?", value) is not None


def control_of(values: Iterable[str]) -> str | None:
    """The value that names a control; None where none or several do.

    A value counts by its words; where several values have such a word, the one that has nothing else decides, then the
    one whose word has no other meaning. Of two values that differ by their signs, ``+/+`` is the wild type beside
    ``-/-``, else ``-`` is the control.

    Examples
    --------
    >>> control_of(["stim", "ctrl"]), control_of(["KO", "WT"]), control_of(["a", "b"]), control_of(["0", "1"])
    ('ctrl', 'WT', None, None)
    >>> control_of(["HIV+", "HIV-"]), control_of(["Trem2 -/-", "Trem2 +/+"]), control_of(["HD", "Control"])
    ('HIV-', 'Trem2 +/+', 'Control')
    """
    values = list(values)
    found = controls_of(values)
    return _by_sign(values) if not found else found[0] if len(found) == 1 else None


def controls_of(values: Iterable[str]) -> list[str]:
    """The values that name a control by their words, in their order, see `control_of`.

    Examples
    --------
    >>> controls_of(["untreated", "mock", "virus"]), controls_of(["a", "b"])
    (['untreated', 'mock'], [])
    """
    values = list(values)
    words = CONTROL | OF_TWO if len(values) == 2 else CONTROL
    found = [value for value in values if words & set(words_of(value))]
    alone = [value for value in found if set(words_of(value)) <= words] if len(found) > 1 else found
    plain = [value for value in alone if set(words_of(value)) - SHORT] if len(alone) > 1 else alone
    return plain or alone or found


def affirmed_control(values: Iterable[str], column: str) -> str | None:
    """Of yes and no, the ``yes`` of a column that is named after a control.

    Examples
    --------
    >>> affirmed_control(["False", "True"], "is_control"), affirmed_control(["no", "yes"], "treated")
    ('True', None)
    """
    by_word = {value.lower(): value for value in values}
    if len(by_word) != 2 or not (CONTROL - SHORT) & set(words_of(column)):
        return None
    yes, no = AFFIRMED & set(by_word), OF_TWO & set(by_word)
    return by_word[min(yes)] if yes and no else None


def _by_sign(values: list[str]) -> str | None:
    """Of two values that are one word with different signs, that of the control."""
    cut = [re.fullmatch(r"(.*?)([+-](?:/[+-])?)", plain_signs(value).strip()) for value in values]
    if len(cut) != 2 or cut[0] is None or cut[1] is None or cut[0][1].strip() != cut[1][1].strip():
        return None
    signs = [found[2] for found in cut if found]
    control = "+/+" if any("/" in sign for sign in signs) else "-"
    return values[signs.index(control)] if signs.count(control) == 1 else None


def plain_signs(text: str) -> str:
    """Plus and minus as on a keyboard, whichever of Unicode's a text has.

    Examples
    --------
    >>> plain_signs("CD8\u207b"), plain_signs("HIV\u2212")
    ('CD8-', 'HIV-')
    """
    return re.sub("[\u2010-\u2015\u2212\ufe63]", "-", unicodedata.normalize("NFKC", text))


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
