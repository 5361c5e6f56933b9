"""SIGNOR: causal relations between signaling entities, the table of all data.

Documentation: https://signor.uniroma2.it/downloads.php. Licence: CC BY-NC 4.0.

Complexes and protein families are entities of their own, SIGNOR-C1 or SIGNOR-PF1; they become their members where the
tables of complexes and families (``SIGNOR ID;COMPLEX NAME;LIST OF ENTITIES``) are given beside, and are dropped
otherwise. The web service returns the same columns without a header; that is understood too.
"""

import pandas as pd

from pathlore.keys import Kind
from pathlore.resources.interactions import complexes
from pathlore.resources.interactions.drop_counts import DropCounts
from pathlore.resources.interactions.fields import column, pubmed, sign_of
from pathlore.resources.interactions.identifiers import to_symbols, with_ids
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.records import records
from pathlore.resources.interactions.signor_header import HEADER, headed, is_headless
from pathlore.resources.raw import Raw, has_columns

COLUMNS = (
    "ENTITYA", "TYPEA", "IDA", "ENTITYB", "TYPEB", "IDB", "EFFECT", "MECHANISM", "TAX_ID", "PMID", "SIGNOR ID",
    "LIST OF ENTITIES",
)  # fmt: skip
UNREAD = (*HEADER, "SIGNOR_ID", "COMPLEX NAME", "PROT. FAMILY NAME", "PATHWAY_ID", "PATHWAY_NAME")
HUMAN_OR_NOT_SAID = ("9606", "9606.0", "-1", "-1.0", "")
GROUPS = ("complex", "proteinfamily")
TRANSCRIPTION = "transcriptional "
"""How the mechanisms of transcription factors begin: regulation, activation, repression."""


def recognises(raw: Raw) -> bool:
    """Whether the table has SIGNOR's columns, or their contents without a header."""
    return has_columns(raw, "ENTITYA", "IDA", "ENTITYB", "IDB", "EFFECT", "MECHANISM") or (
        isinstance(raw, pd.DataFrame) and is_headless(raw)
    )


def accompanies(raw: Raw) -> bool:
    """Whether the table lists the members of complexes or families."""
    return has_columns(raw, "SIGNOR ID", "LIST OF ENTITIES")


def read(source: Source) -> pd.DataFrame:
    """Read records of human proteins; one of each member of a complex or family.

    A mechanism of transcription makes a ``tf_target``, any other or none ``signaling``. Effects that begin with
    up-regulates have the sign 1, with down-regulates -1, others 0. That two proteins form a complex is no causal
    relation and is dropped. Taxa other than human are dropped, -1 (in vitro) is kept.
    """
    counts = source.counts
    table = headed(source.table)
    table = counts.keep(table, column(table, "TAX_ID").isin(HUMAN_OR_NOT_SAID), "other species")
    table = counts.keep(table, column(table, "EFFECT").str.lower() != "form complex", "forming a complex")
    contents = _contents(source)
    table = _of_proteins(table, contents, counts)
    effect = column(table, "EFFECT").str.lower()
    mechanism = column(table, "MECHANISM").str.lower()
    found = pubmed(column(table, "PMID"))
    found["kind"] = mechanism.str.startswith(TRANSCRIPTION).map({True: Kind.TF_TARGET, False: Kind.SIGNALING})
    found["sign"] = sign_of(effect.str.startswith("up-regulates"), effect.str.startswith("down-regulates"))
    found["resources"] = "SIGNOR"
    for end, letter in (("source", "A"), ("target", "B")):
        ids = column(table, f"ID{letter}")
        known = {identifier: complexes.members(identifier, contents) for identifier in ids.unique()}
        found[end] = ids.map(known)
    found = complexes.pairs(found)
    for end in ("source", "target"):
        found[end] = _symbols(found[end].fillna("").astype(str), source)
    return records(found, counts)


def _of_proteins(table: pd.DataFrame, contents: complexes.Contents, counts: DropCounts) -> pd.DataFrame:
    """Rows whose ends are proteins, or groups with known members."""
    for letter in ("A", "B"):
        kind = column(table, f"TYPE{letter}").str.lower()
        group = kind.isin(GROUPS)
        table = counts.keep(table, group | (kind == "protein"), "of no protein")
        group = column(table, f"TYPE{letter}").str.lower().isin(GROUPS)
        known = column(table, f"ID{letter}").isin(contents)
        table = counts.keep(table, ~group | known, "of complexes or families without a table of members")
    return table


def _contents(source: Source) -> dict[str, list[str]]:
    """Id of a complex or family -> ids of its members, of all tables beside the file."""
    found: dict[str, list[str]] = {}
    for table in source.tables_beside(accompanies):
        members = column(table, "LIST OF ENTITIES").str.split(r"\s*,\s*", regex=True)
        found |= dict(zip(column(table, "SIGNOR ID"), members, strict=True))
    return found


def _symbols(ids: pd.Series, source: Source) -> pd.Series:
    """UniProt ids (isoforms and chains too) as symbols: by the table of names, else by the file's own entities."""
    if names := with_ids(source.names, "uniprot"):
        return to_symbols(ids.str.replace(r"[-_].*$", "", regex=True), "uniprot", names)
    table = headed(source.table)
    known: dict[str, str] = {}
    for letter in ("A", "B"):
        protein = column(table, f"TYPE{letter}").str.lower() == "protein"
        known |= dict(
            zip(column(table, f"ID{letter}")[protein], column(table, f"ENTITY{letter}")[protein], strict=True)
        )
    return ids.map(known)


SIGNOR = Reader(
    "SIGNOR", "ENTITYA, IDA, ENTITYB, IDB, EFFECT, MECHANISM", recognises, read, accompanies, COLUMNS, UNREAD
)
