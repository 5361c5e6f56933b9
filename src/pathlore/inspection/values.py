"""What values of a column say: nothing, a control, or words."""

import re
import unicodedata
from collections.abc import Iterable

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
    ]
)
"""Words of a control among the values of a condition, in small letters."""
OF_TWO = frozenset(["no", "false", "n"])
"""The same where there are two values alone. Numbers do not tell: in some files 0 is the case."""


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

    A value counts by its words; where several values have such a word, the one that has nothing else decides. Of two
    values that differ by their signs, ``+/+`` is the wild type beside ``-/-``, else ``-`` is the control.

    Examples
    --------
    >>> control_of(["stim", "ctrl"]), control_of(["KO", "WT"]), control_of(["a", "b"]), control_of(["0", "1"])
    ('ctrl', 'WT', None, None)
    >>> control_of(["HIV+", "HIV-"]), control_of(["Trem2 -/-", "Trem2 +/+"])
    ('HIV-', 'Trem2 +/+')
    """
    values = list(values)
    words = CONTROL | OF_TWO if len(values) == 2 else CONTROL
    found = [value for value in values if words & set(words_of(value))]
    alone = [value for value in found if set(words_of(value)) <= words]
    if found:
        return found[0] if len(found) == 1 else alone[0] if len(alone) == 1 else None
    return _by_sign(values)


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
