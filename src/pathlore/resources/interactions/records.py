"""Interaction records: the one form to which every reader brings its associations."""

import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.keys import Kind
from pathlore.missing import known_texts
from pathlore.resources.interactions import complexes
from pathlore.resources.interactions.drop_counts import DropCounts

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
    for name in complexes.ENDS.values():
        wholes = table[name].where(bound, "") if name in table else pd.Series("", index=table.index)
        table[name] = pd.Series(complexes.written(wholes), index=table.index, dtype=object)
    return table[list(COLUMNS)]


def directed(table: pd.DataFrame, known: pd.Series, config: NetworkConfig, counts: DropCounts) -> pd.DataFrame:
    """Deal with associations whose direction is not known: drop them, or read them both ways.

    Parameters
    ----------
    table
        With ``source`` and ``target``.
    known
        Whether the row's direction, from source to target, is known.
    config
        ``undirected``: drop, or both.
    counts
        Counts the dropped rows.
    """
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
