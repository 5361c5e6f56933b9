"""What a gene name looks like, without what programs add to it: which kind of identifier, and of which species."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

import pandas as pd


@cache
def builtin_symbols() -> frozenset[str]:
    """Approved symbols, in capital letters."""
    table = pd.read_csv(str(files("pathlore") / "knowledge" / "genes.csv"), usecols=["symbol"], dtype=str)
    return frozenset(table["symbol"].str.upper())


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
DOTTED_CLONE = re.compile(r"([A-Za-z]+\d*c?)\.([A-Z]?\d+[A-Z]\d+)\.(\d+)")
ENDING = re.compile(r"(.+)\.((?:AS|IT|OT|DT|ps)\d*)")
"""Names that R writes with dots in place of hyphens."""
RIKEN = re.compile(r"X\d{7}[A-Z]\d\dRik")
REPEAT = re.compile(r"(?P<base>.+)[.-]\d+")
AFFIX = re.compile(r"(?P<first>[A-Za-z0-9]+[-_:|.]+).+")
SUFFIX = re.compile(r".+?(?P<last>[-_:|.]+[A-Za-z0-9]+)")
FEWEST_NAMES, MOST_NAMES = 20, 0.95
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
    >>> plain_names(["ENSG00000141510.18|TP53|protein_coding", "TP53|ENSG00000141510|17"])
    ['TP53', 'TP53']
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
    parts = name.split("|")
    if len(parts) > 2 and any(map(IS_ID.fullmatch, parts[:2])):  # more is said of the gene behind them
        name = "|".join(parts[:2])
    for pattern in (ID_FIRST, ID_LAST, REFSEQ_LAST, ENTREZ_FIRST, ENTREZ_LAST):
        found = pattern.fullmatch(name)
        if found:
            symbol = found["symbol"].strip(" \"'")
            return found["id"] if symbol in NOT_KNOWN or IS_ID.fullmatch(symbol) else symbol
    found = ON_CHROMOSOME.fullmatch(name)
    return found["symbol"] if found else name


def _without_affix(names: list[str]) -> list[str]:
    """Names without a beginning, or an end, that nearly all have, if more of them are known then."""
    if (
        len(names) < FEWEST_NAMES
        or sum(not name.isalnum() for name in names[:FEWEST_NAMES]) < MOST_NAMES * FEWEST_NAMES
    ):
        return names
    for pattern, group in ((AFFIX, "first"), (SUFFIX, "last")):
        found = Counter(match[group] for match in map(pattern.fullmatch, names) if match)
        affix, amount = found.most_common(1)[0] if found else ("", 0)
        if amount < MOST_NAMES * len(names) or OF_FAMILY.fullmatch(affix):
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
    if clone := DOTTED_CLONE.fullmatch(name):
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


WORDS = {"symbol": "symbols", "ensembl": "Ensembl ids", "entrez": "Entrez ids"}
"""Kinds of identifier, as messages name them."""
ENSEMBL = re.compile(r"ENS(?P<species>[A-Z]{3,4})?G\d{11}(?:\.\d+)?(?:_PAR_Y)?")
ENTREZ = re.compile(r"\d+(?:\.0)?")
ASSEMBLY = re.compile(r"(?P<human>GRCh\d\d|hg\d\d)[_-]+|(?P<mouse>GRCm\d\d|mm\d\d?)[_-]+")
"""Prefixes that Cell Ranger writes before the genes of a reference of two species."""
CLONE = re.compile(r"[A-Z]{1,4}\d{5,}(?:\.\d+)?")
"""Names of clones and accessions (AL627309.1, BC005537), alike in both species."""
TECHNICAL = re.compile(
    r"(?:blank|hashtag|unassigned|deprecated|intergenic|antisense|neg(?:_?prb|_?ctrl|_?control|_?probe))(?:[-_ ]?\w*)"
    r"|(?:hto|adt|ercc)[-_. ]\w+",
    re.IGNORECASE,
)
"""Antibody tags, spike-ins and control probes."""
OPEN_FRAME = re.compile(r"C(?:\d+|X|Y)orf\d+[A-Z]?(?:-[A-Z0-9]+)?")
MOUSE = re.compile(
    r"[A-Z][a-z0-9-]*[a-z][a-z0-9-]*|[A-Z]?\d[A-Z0-9]*Rik\d*|H2-[A-Z].*|mt-[A-Z][a-z].*|D\d+[A-Z][A-Za-z]+\d+e"
)
"""One capital, then small letters; RIKEN clones; the mouse MHC; mitochondrial genes."""
HUMAN = re.compile(r"[A-Z][A-Z0-9]*[A-Z0-9.-]*")
PREDICTED = re.compile(r"Gm\d+|.*Rik\d*|.*-ps\d*|[A-Z]{1,4}\d{5,}(?:\.\d+)?")
"""Predicted genes, clones and pseudogenes of the mouse: an ortholog is not expected."""


def describe(names: pd.Series, identifier: str = "auto") -> pd.DataFrame:
    """Say of each name what it looks like.

    Parameters
    ----------
    names
        Names as measured, texts.
    identifier
        ``"symbol"``, ``"ensembl"`` or ``"entrez"`` where all names are known to be that; ``"auto"``: each by itself.

    Returns
    -------
    ``id``, the name without what `pathlore.genes.identifiers.plain_names` takes off, the prefix of an assembly, the
    version of an Ensembl id or its ``_PAR_Y``; ``kind``
    (``"symbol"``, ``"ensembl"``, ``"entrez"``); ``species`` (``"human"``, ``"mouse"``, ``"other"``, or ``""`` where
    the name alone does not tell); ``prefixed``, whether an assembly says so. Same index.

    Examples
    --------
    >>> describe(pd.Series(["mm10___Trp53", "ENSG00000141510.18"])).to_numpy().tolist()
    [['Trp53', 'symbol', 'mouse', True], ['ENSG00000141510', 'ensembl', 'human', False]]
    """
    assemblies = [ASSEMBLY.match(name.strip()) for name in names]
    bare = [name.strip()[found.end() :] if found else name for name, found in zip(names, assemblies, strict=True)]
    species = [str(found.lastgroup) if found else "" for found in assemblies]
    rows = [_describe(*one) for one in zip(plain_names(bare), species, strict=True)]
    table = pd.DataFrame(rows, index=names.index, columns=["id", "kind", "species", "prefixed"])
    return table if identifier == "auto" else table.assign(kind=identifier)


def _describe(name: str, of_assembly: str) -> tuple[str, str, str, bool]:
    """Bare id, kind, species, and whether an assembly is named."""
    ensembl = ENSEMBL.fullmatch(name)
    if ensembl:
        species = {None: "human", "MUS": "mouse"}.get(ensembl["species"], "other")
        return name.split(".")[0].removesuffix("_PAR_Y"), "ensembl", of_assembly or species, bool(of_assembly)
    if ENTREZ.fullmatch(name):
        return name.removesuffix(".0"), "entrez", of_assembly, bool(of_assembly)
    return name, "symbol", of_assembly or symbol_species(name), bool(of_assembly)


def symbol_species(symbol: str) -> str:
    """Species that the letters of a symbol speak for; '' where they do not tell.

    Examples
    --------
    >>> [symbol_species(s) for s in ("TP53", "Trp53", "C1orf112", "1700001C02Rik", "AL627309.1", "tp53", "Hashtag1")]
    ['human', 'mouse', 'human', 'mouse', '', '', '']
    """
    if OPEN_FRAME.fullmatch(symbol):
        return "human"
    if CLONE.fullmatch(symbol) or TECHNICAL.fullmatch(symbol):
        return ""
    if HUMAN.fullmatch(symbol) and not symbol.startswith("H2-"):
        return "human" if sum(c.isalpha() for c in symbol) > 1 else ""
    return "mouse" if MOUSE.fullmatch(symbol) else ""


def identifier_kind(names: Iterable[str]) -> str:
    """Say what most of the names look like.

    Returns
    -------
    ``"Ensembl ids"``, ``"mouse symbols"`` (one capital, then lower case), ``"Entrez ids"``, or ``"human symbols"``
    where none of these holds for more than half.

    Examples
    --------
    >>> identifier_kind(["ENSG00000141510.18", "ENSG00000136997"])
    'Ensembl ids'
    >>> identifier_kind(["Trp53", "Myc", "H2-K1"])
    'mouse symbols'
    >>> identifier_kind(["TP53", "C1orf112", "HLA-A"])
    'human symbols'
    """
    table = describe(pd.Series(list(names), dtype=object))
    half = len(table) / 2
    mouse = (table["kind"] == "symbol") & (table["species"] == "mouse")
    for kind, those in (("Ensembl ids", table["kind"] == "ensembl"), ("mouse symbols", mouse)):
        if those.sum() > half:
            return kind
    return "Entrez ids" if (table["kind"] == "entrez").sum() > half else "human symbols"


def identifier_advice(kind: str) -> str:
    """What to do about identifiers that the network does not know."""
    if kind == "human symbols":
        return "check species and gene identifiers, and `ingestion.cells.gene_column`"
    table = "orthologs" if kind == "mouse symbols" else "gene_names"
    return (
        f"give the table `{table}` (`--params {table}=...`), or name the column of var that holds human gene symbols "
        "in `ingestion.cells.gene_column`"
    )
