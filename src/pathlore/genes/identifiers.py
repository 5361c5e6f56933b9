"""What a gene name looks like: which kind of identifier, and of which species."""

import re
from collections.abc import Iterable

import pandas as pd

from pathlore.genes.spelling import plain_names

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
    ``id``, the name without what `pathlore.genes.spelling.plain_names` takes off, the prefix of an assembly, the
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
