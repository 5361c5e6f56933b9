"""Gene names without what programs add to them: assemblies, ids, chromosomes, dots for hyphens, numbers of repeats."""

import re
from collections import Counter
from collections.abc import Sequence

from pathlore.genes.builtin import builtin_symbols

ENSEMBL_ID = r"ENS[A-Z]{0,4}G\d{11}(?:\.\d+)?(?:_PAR_Y)?"
IS_ID = re.compile(ENSEMBL_ID)
ID_FIRST = re.compile(rf"(?P<id>{ENSEMBL_ID})[|_:;,./ -]+(?P<symbol>.*[A-Za-z].*)")
ID_LAST = re.compile(rf"(?P<symbol>.*[A-Za-z0-9].*?)[|_:;,./ (\[-]+(?P<id>{ENSEMBL_ID})[)\]]?")
REFSEQ_LAST = re.compile(r"(?P<symbol>[^|]+)[|](?P<id>[NX][MR]_\d+(?:\.\d+)?)(?:[|].*)?")
ENTREZ_FIRST = re.compile(r"(?P<id>\d+)[|](?P<symbol>.*)")
ENTREZ_LAST = re.compile(r"(?P<symbol>.*)[|](?P<id>\d+)")
ON_CHROMOSOME = re.compile(r"(?P<symbol>.+?)(?:_{1,2}|[:|])chr(?:\d\d?|X|Y|MT?|Un)(?:[_:.].*)?")
NOT_KNOWN = frozenset(["", "?", "NA", "nan", "None", "-"])

FAMILY = re.compile(r"(HLA|MT|mt|H2|NKX\d+|Nkx\d+|KRTAP\d+|Krtap\d+|ERV\w*|TRNA)[._](.+)")
OF_FAMILY = re.compile(r"(?:HLA|MT|mt|H2|RP\d+|NKX\d+|Nkx\d+|KRTAP\d+|Krtap\d+)-")
CLONE = re.compile(r"([A-Za-z]+\d*c?)\.([A-Z]?\d+[A-Z]\d+)\.(\d+)")
ENDING = re.compile(r"(.+)\.((?:AS|IT|OT|DT|ps)\d*)")
"""Names that R writes with dots in place of hyphens."""
RIKEN = re.compile(r"X\d{7}[A-Z]\d\dRik")
REPEAT = re.compile(r"(?P<base>.+)[.-]\d+")
AFFIX = re.compile(r"(?P<first>[A-Za-z0-9]+[-_:|.]+).+")
SUFFIX = re.compile(r".+?(?P<last>[-_:|.]+[A-Za-z0-9]+)")
FEWEST, MOST = 20, 0.95
"""Names that are needed to see a pattern, and the fraction of them that has to have it."""
SEPTEMBER, MARCH = re.compile(r"(\d+)-Sep|Sept?-(\d+)"), re.compile(r"(\d+)-Mar|Mar-(\d+)")
"""Genes that spreadsheets turn into dates; the first and second of March may be MARCHF or MTARC."""


def plain_names(names: Sequence[str]) -> list[str]:
    """Take off what programs add to names of genes, as far as each name, or all of them together, show it.

    Parameters
    ----------
    names
        As measured.

    Examples
    --------
    >>> plain_names(["ENSG00000141510.18|TP53", "TP53_ENSG00000141510", "TP53__chr17", "TP53|7157", "?|7157"])
    ['TP53', 'TP53', 'TP53', 'TP53', '7157']
    >>> plain_names(["HLA.DRA", "MT.CO1", "RP11.34P13.7", "MATN1.AS1", "AC012345.1", "TP53"])
    ['HLA-DRA', 'MT-CO1', 'RP11-34P13.7', 'MATN1-AS1', 'AC012345.1', 'TP53']
    >>> plain_names(["STAT1", "STAT1.1", "2-Sep"])
    ['STAT1', 'STAT1', 'SEPTIN2']
    """
    plain = [_without_id(name.strip().strip("\"'").rstrip("|:;,")) for name in names]
    plain = [_without_id(name) for name in _without_affix(plain)]
    if not any("-" in name for name in plain):
        plain = [_hyphens(name) for name in plain]
    numbers = [name[:1] == "X" and name[1:].isdigit() for name in plain]  # what R makes of a number
    if sum(numbers) > len(plain) / 2:
        plain = [name[1:] if is_number else name for name, is_number in zip(plain, numbers, strict=True)]
    plain = [name[1:] if name[:1] == "X" and RIKEN.fullmatch(name) else _of_date(name) for name in plain]
    there = set(plain)
    return [_without_number(name, there) for name in plain]


def _without_id(name: str) -> str:
    """The symbol of a name that has an id or a place in the genome too; the id, where it has no symbol."""
    if name.isalnum() or IS_ID.fullmatch(name):
        return name
    for pattern in (ID_FIRST, ID_LAST, REFSEQ_LAST, ENTREZ_FIRST, ENTREZ_LAST):
        found = pattern.fullmatch(name)
        if found:
            symbol = found["symbol"].strip(" \"'")
            return found["id"] if symbol in NOT_KNOWN or IS_ID.fullmatch(symbol) else symbol
    found = ON_CHROMOSOME.fullmatch(name)
    return found["symbol"] if found else name


def _without_affix(names: list[str]) -> list[str]:
    """Names without a beginning, or an end, that nearly all have, if more of them are known then."""
    if len(names) < FEWEST or sum(not name.isalnum() for name in names[:FEWEST]) < MOST * FEWEST:
        return names
    for pattern, group in ((AFFIX, "first"), (SUFFIX, "last")):
        found = Counter(match[group] for match in map(pattern.fullmatch, names) if match)
        affix, amount = found.most_common(1)[0] if found else ("", 0)
        if amount < MOST * len(names) or OF_FAMILY.fullmatch(affix):
            continue
        shorter = [name.removeprefix(affix) if group == "first" else name.removesuffix(affix) for name in names]
        if _known(shorter) > _known(names):
            names = shorter
    return names


def _known(names: list[str]) -> int:
    return sum(name.upper() in builtin_symbols() for name in names)


def _hyphens(name: str) -> str:
    """A name with its hyphens, where R or another program wrote dots or underscores."""
    if name.isalnum() or IS_ID.fullmatch(name):
        return name
    for sign in "._":
        hyphened = name.replace(sign, "-")
        if sign in name and hyphened.upper() in builtin_symbols():
            return hyphened
    if family := FAMILY.fullmatch(name):
        return f"{family[1]}-{family[2].replace('.', '-')}"
    if clone := CLONE.fullmatch(name):
        return f"{clone[1]}-{clone[2]}.{clone[3]}"
    ending = ENDING.fullmatch(name)
    return f"{ending[1].replace('.', '-')}-{ending[2]}" if ending else name


def _without_number(name: str, there: set[str]) -> str:
    """A known symbol without the number that R or scanpy write behind a repeated name."""
    found = None if name.isalnum() else REPEAT.fullmatch(name)
    if not found or found["base"] not in there or name.upper() in builtin_symbols():
        return name
    return found["base"] if found["base"].upper() in builtin_symbols() else name


def _of_date(name: str) -> str:
    """A gene of September or March, of which a spreadsheet made a date."""
    if name.isalnum():
        return name
    if found := SEPTEMBER.fullmatch(name):
        return f"SEPTIN{int(found[1] or found[2])}"
    found = MARCH.fullmatch(name)
    number = int(found[1] or found[2]) if found else 0
    return f"MARCHF{number}" if number > 2 else name
