"""What readers of networks share: interaction records, cells as values, and complexes as their members."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.errors import PathloreError, shorten
from pathlore.keys import Kind
from pathlore.missing import known_texts

if TYPE_CHECKING:
    from pathlore.genes.names import GeneNames


class DropCounts:
    """Rows dropped, by the rule that dropped them, in the order of the rules.

    Examples
    --------
    >>> counts = DropCounts()
    >>> table = pd.DataFrame({"species": ["human", "mouse", "human"]})
    >>> len(counts.keep(table, table["species"] == "human", "other species"))
    2
    >>> counts.drop(0, "never met")
    >>> str(counts)
    '1 other species'
    """

    def __init__(self) -> None:
        self.dropped: dict[str, int] = {}

    def drop(self, amount: int, rule: str) -> None:
        """Note that so many rows were dropped by a rule."""
        if amount:
            self.dropped[rule] = self.dropped.get(rule, 0) + int(amount)

    def keep(self, table: pd.DataFrame, wanted: pd.Series, rule: str) -> pd.DataFrame:
        """Keep the wanted rows, numbered anew, and count the others."""
        self.drop(int((~wanted).sum()), rule)
        return table[wanted].reset_index(drop=True)

    def __str__(self) -> str:
        return ", ".join(f"{amount} {rule}" for rule, amount in self.dropped.items()) or "nothing"


TRUE = ("true", "t", "1", "1.0", "yes", "y")
FALSE = ("false", "f", "0", "0.0", "no", "n", "")

PUBMED = r"^(?!\s*PMC)(?:.*:)?\s*(\d{1,8})(?:\.0)?\s*$"
"""``123``, ``PMID: 123`` or ``SIGNOR:123``; numbers with letters, or of PubMed Central, are not read."""


def column(table: pd.DataFrame, name: str) -> pd.Series:
    """A column without white space around its cells; empty where nothing is known (NA), or no such column exists."""
    if name in table:
        return known_texts(table[name])
    return pd.Series("", index=table.index, dtype=object)


def as_written(table: pd.DataFrame, name: str) -> pd.Series:
    """A column in which ``-`` has a meaning: without white space around its cells, and otherwise as it is written."""
    if name in table:
        return table[name].fillna("").str.strip()
    return pd.Series("", index=table.index, dtype=object)


def truth(table: pd.DataFrame, name: str) -> pd.Series:
    """A column of truth values (`TRUE` and `FALSE`, in any case); false where the table does not have it.

    Raises
    ------
    PathloreError
        Other words.
    """
    words = column(table, name).str.lower()
    wrong = words[~words.isin(TRUE + FALSE)]
    if len(wrong):
        raise PathloreError(
            f"the column {name} of a network table has the value(s) {shorten(wrong.unique(), 3)}; expected true or "
            "false, 1 or 0: correct that column of the file behind `network`"
        )
    return words.isin(TRUE)


def sign_of(activates: pd.Series, inhibits: pd.Series) -> pd.Series:
    """1 where an effect only activates, -1 where it only inhibits, 0 where it does both or neither.

    Examples
    --------
    >>> sign_of(pd.Series([True, False, True, False]), pd.Series([False, True, True, False])).tolist()
    [1, -1, 0, 0]
    """
    return activates.astype(int) - inhibits.astype(int)


def numbers(table: pd.DataFrame, name: str, otherwise: float) -> pd.Series:
    """A column of numbers; ``otherwise`` where nothing is written.

    Raises
    ------
    PathloreError
        Something else is written, such as a number with a decimal comma.

    Examples
    --------
    >>> numbers(pd.DataFrame({"weight": ["0.5", "NA"]}), "weight", 0).tolist()
    [0.5, 0.0]
    """
    text = column(table, name)
    found = pd.to_numeric(text.where(text != "", str(otherwise)), errors="coerce")
    wrong = text[~np.isfinite(found)]
    if len(wrong):
        comma = wrong.str.fullmatch(r"[-+]?\d*,\d+").all()
        raise PathloreError(
            f"the column {name} of a network table has the value(s) {shorten(wrong.unique(), 3)}; expected are numbers "
            f"{'with a decimal point instead of a decimal comma' if comma else 'such as 1, -1 or 0.5'}: correct that "
            "column of the file behind `network`"
        )
    return found.astype(float)


def pubmed(text: pd.Series) -> pd.DataFrame:
    """PubMed ids in cells that list references, divided by ``;``, ``,`` or ``|``.

    Parameters
    ----------
    text
        For example ``SIGNOR:9405660;HPRD:9405660`` or ``PMID: 9405660; KEGG: hsa04350``.

    Returns
    -------
    ``references`` (each id once, ``PMID:9405660``, ``;``-joined) and ``n_evidence`` (how many they are, at least 1),
    on the index of ``text``.

    Examples
    --------
    >>> pubmed(pd.Series(["A:12;B:12;B:7", "Other"])).to_numpy().tolist()
    [['PMID:12;PMID:7', 2], ['', 1]]
    """
    tokens = text.reset_index(drop=True).str.split(r"[;,|]", regex=True).explode()
    ids = tokens.str.extract(PUBMED, expand=False).dropna().rename("id").rename_axis("row").reset_index()
    ids = ids.drop_duplicates()
    each = ("PMID:" + ids["id"]).groupby(ids["row"])
    rows = pd.RangeIndex(len(text))
    found = pd.DataFrame(
        {
            "references": each.agg(";".join).reindex(rows, fill_value=""),
            "n_evidence": each.size().reindex(rows, fill_value=1),
        }
    )
    return found.set_index(text.index)


Contents = Mapping[str, Sequence[str]]
"""Name of a complex or family -> its members, which may be complexes themselves."""

ENDS = {"source": "source_complex", "target": "target_complex"}
"""End of an association -> column of the members of the complex that it was read from."""

JOIN = "_"
"""Between the members of a complex, ITGAV_ITGB3."""


def members(name: str, contents: Contents) -> list[str]:
    """Members of a complex, of its complexes, and so on, each once; of what is no complex, itself.

    Examples
    --------
    >>> members("C", {"C": ["A", "D"], "D": ["B", "A", "C"]})
    ['A', 'B']
    """
    found: dict[str, None] = {}
    waiting, seen = [name], set()
    while waiting:
        entry = waiting.pop(0)
        if entry in seen:
            continue
        seen.add(entry)
        if entry in contents:
            waiting = [*contents[entry], *waiting]
        elif entry:
            found[entry] = None
    return list(found)


def each_member(names: pd.Series, contents: Contents) -> pd.Series:
    """The `members` of each name of a column."""
    return names.map({name: members(name, contents) for name in names.unique()})


def without_prefix(names: pd.Series) -> pd.Series:
    """Names without the word COMPLEX by which OmniPath and others mark a complex.

    Examples
    --------
    >>> without_prefix(pd.Series(["COMPLEX:ITGAV_ITGB3", "complex: A_B", "TP53"])).tolist()
    ['ITGAV_ITGB3', 'A_B', 'TP53']
    """
    return names.str.replace(r"^complex:\s*", "", case=False, regex=True)


def split(names: pd.Series, pattern: str) -> pd.Series:
    """Names that hold a separator (a pattern without groups) as lists of their parts, each once; others as they are."""
    several = names.str.contains(pattern)
    found = names.astype(object)
    found[several] = pd.Series(
        [list(dict.fromkeys(filter(None, re.split(pattern, name)))) for name in names[several]],
        index=names.index[several],
        dtype=object,
    )
    return found


def pairs(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each member of the source with each member of the target, where these are lists.

    ``source_complex`` and ``target_complex`` hold all members of the partner, none where it is one gene.

    Examples
    --------
    >>> pairs(pd.DataFrame({"source": [["A", "B"]], "target": ["C"]})).to_numpy().tolist()
    [['A', 'C', ('A', 'B'), ()], ['B', 'C', ('A', 'B'), ()]]
    """
    whole = {
        name: pd.Series(
            [tuple(partner) if isinstance(partner, list) else () for partner in table[end]], table.index, dtype=object
        )
        for end, name in ENDS.items()
    }
    return table.assign(**whole).explode("source").explode("target").reset_index(drop=True)


def translated(table: pd.DataFrame, symbols: Callable[[pd.Series], pd.Series]) -> pd.DataFrame:
    """Give both ends of `pairs`, and the members of their complexes, the names that a function has for a column.

    Empty or missing is no name. A member without one is left out of its complex, as its own row is left out later: a
    subunit that no table of genes knows cannot be measured.
    """
    for end, name in ENDS.items():
        members = pd.Series(sorted({member for whole in table[name] for member in whole}), dtype=object)
        known = dict(zip(members, symbols(members).fillna(""), strict=True))
        table[name] = [tuple(known[member] for member in whole if known[member]) for whole in table[name]]
        table[end] = symbols(table[end])
    return table


def written(wholes: pd.Series) -> list[str]:
    """Members of each complex joined by `JOIN`, each once; empty where it has fewer than two.

    Examples
    --------
    >>> written(pd.Series([("ITGAV", "ITGB3"), ("A", "A"), ()]))
    ['ITGAV_ITGB3', '', '']
    """
    each = [list(dict.fromkeys(whole)) for whole in wholes]
    return [JOIN.join(whole) if len(whole) > 1 else "" for whole in each]


def listed(table: pd.DataFrame, name: str, columns: Sequence[str]) -> dict[str, list[str]]:
    """Contents from a table of texts with a complex a row, its name in ``name``, and a member, or none, a column."""
    rows = zip(table[name], table[list(columns)].itertuples(index=False), strict=True)
    return {key.strip(): [cell.strip() for cell in cells if cell.strip()] for key, cells in rows}


COLUMNS = (
    "source", "target", "kind", "sign", "n_evidence", "resources", "references", "pathway", "source_complex",
    "target_complex",
)  # fmt: skip

DEFAULTS = {"sign": 0, "n_evidence": 1, "references": "", "pathway": None}


def records(table: pd.DataFrame, counts: DropCounts) -> pd.DataFrame:
    """Bring a table to exactly the columns of an interaction record.

    Parameters
    ----------
    table
        With ``source``, ``target``, ``kind`` and ``resources``; other columns of a record may be missing. An end
        that is empty or missing (NA, `pathlore.missing`) has no gene name, and its row is dropped.
    counts
        Counts the dropped rows.

    Returns
    -------
    `COLUMNS`, with ``sign`` and ``n_evidence`` as integers and None where no pathway is named. The complexes of ligands
    and receptors are their members, joined by '_', and '' where the partner is one gene. Other kinds have none: what
    stands there for several genes is often a family, whose members stand for each other.
    """
    table = table.assign(**{name: value for name, value in DEFAULTS.items() if name not in table})
    for end in ("source", "target"):
        table[end] = known_texts(table[end])
    table = counts.keep(table, (table["source"] != "") & (table["target"] != ""), "without a known gene name")
    table = table.astype({"sign": int, "n_evidence": int, "pathway": object})
    pathway = table["pathway"]
    table["pathway"] = pathway.where(pathway.notna() & (pathway != ""), None)
    bound = table["kind"] == Kind.LIGAND_RECEPTOR
    for name in ENDS.values():
        wholes = table[name].where(bound, "") if name in table else pd.Series("", index=table.index)
        table[name] = pd.Series(written(wholes), index=table.index, dtype=object)
    return table[list(COLUMNS)]


def directed(table: pd.DataFrame, known: pd.Series, config: NetworkConfig, counts: DropCounts) -> pd.DataFrame:
    """Deal with associations whose direction, from source to target, is not known: ``undirected`` is drop, or both."""
    if config.undirected == "drop":
        return counts.keep(table, known, "without a direction (ingestion.network.undirected: drop)")
    return pd.concat([table, turned(table[~known])], ignore_index=True)


def turned(table: pd.DataFrame) -> pd.DataFrame:
    """The same associations from target to source."""
    return table.rename(columns={"source": "target", "target": "source"})


def joined(first: str, others: pd.Series) -> pd.Series:
    """Name a collection first and its members after it, so that either may be asked for in ``resources``.

    Examples
    --------
    >>> joined("OmniPath", pd.Series(["SIGNOR;SPIKE", ""])).tolist()
    ['OmniPath;SIGNOR;SPIKE', 'OmniPath']
    """
    return (first + ";" + others).str.rstrip(";")


def to_symbols(identifiers: pd.Series, kind: str, names: "GeneNames") -> pd.Series:
    """Symbols of a column of "ensembl", "entrez" or "uniprot" ids, each looked up once; empty where not known."""
    different = pd.Series(identifiers.unique(), dtype=object)
    known = dict(zip(different, names.to_symbols(different, kind).fillna(""), strict=True))
    return identifiers.map(known).astype(object)


def with_ids(names: "GeneNames | None", kind: str) -> "GeneNames | None":
    """The table of gene names if it has ids of a kind; the built-in one has none."""
    return names if names is not None and names.knows(kind) else None


def required(names: "GeneNames | None", kind: str, file: str, identifiers: str) -> "GeneNames":
    """The table of gene names, for a file that cannot be read without ids of this kind.

    Raises
    ------
    PathloreError
        It has none.
    """
    found = with_ids(names, kind)
    if found is None:
        raise PathloreError(
            f"{file} names its genes by {identifiers} alone, and no table of gene names that has them was given; "
            "expected the HGNC complete set: set the parameter `gene_names` (globals.yml or --params gene_names=...)"
        )
    return found
