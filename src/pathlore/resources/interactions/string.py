"""STRING: links between proteins with their scores, and actions with their direction.

Documentation: https://string-db.org/help/faq and https://string-db.org/cgi/download (protein.links, .detailed, .full;
protein.actions up to version 11.0; protein.info). Licence: CC BY 4.0.

Proteins are Ensembl protein ids after the taxon, 9606.ENSP00000269305; their symbols stand in protein.info, which is
given beside.
"""

import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.errors import PathloreError
from pathlore.keys import Kind
from pathlore.resources.interactions.drop_counts import DropCounts
from pathlore.resources.interactions.fields import column, numbers, sign_of, truth
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.records import directed, records
from pathlore.resources.raw import Raw, has_columns

COLUMNS = (
    "protein1", "protein2", "combined_score", "item_id_a", "item_id_b", "mode", "action", "is_directional",
    "a_is_acting", "score", "preferred_name", "#string_protein_id", "string_protein_id", "protein_external_id",
)  # fmt: skip
UNREAD = ("protein_size", "annotation", "homology", "cooccurence", "coexpression", "coexpression_transferred")
HUMAN = "9606."
INFO_IDS = ("#string_protein_id", "string_protein_id", "protein_external_id")
MODES = ("activation", "inhibition", "ptmod", "binding", "expression")
"""Other modes, catalysis and reaction, are steps of metabolism or of a complex."""


def recognises(raw: Raw) -> bool:
    """Whether the table holds links or actions."""
    return has_columns(raw, "protein1", "protein2", "combined_score") or has_columns(
        raw, "item_id_a", "item_id_b", "mode", "action", "is_directional", "a_is_acting", "score"
    )


def accompanies(raw: Raw) -> bool:
    """Whether the table is protein.info."""
    return has_columns(raw, "preferred_name") and any(has_columns(raw, name) for name in INFO_IDS)


def read(source: Source) -> pd.DataFrame:
    """Read human associations with at least ``min_string_score`` (0 to 1000).

    Links have no direction and no sign; they are ``signaling``. Actions on expression are ``tf_target``, those by
    activation, inhibition, modification and binding ``signaling``; where the direction is known, the row of the acting
    partner is read and its mirror image is not. A pair that is listed both ways is one association.

    Raises
    ------
    PathloreError
        No protein.info is given, and the table of gene names does not know the ids either.
    """
    counts = source.counts
    links = has_columns(source.raw, "protein1", "protein2")
    table = source.table.rename(columns={"protein1": "source", "protein2": "target", "combined_score": "score"})
    table = table.rename(columns={"item_id_a": "source", "item_id_b": "target"})
    table = _scored(table, source.config, counts)
    human = table["source"].str.startswith(HUMAN) & table["target"].str.startswith(HUMAN)
    table = counts.keep(table, human, "other species")
    if links:
        found = table[["source", "target"]].assign(kind=Kind.SIGNALING, sign=0, known=False)
    else:
        found = _actions(table, counts)
    for end in ("source", "target"):
        found[end] = _symbols(found[end], source)
    found = directed(found, found["known"], source.config, counts)
    found = counts.keep(found, ~found.duplicated(), "listed twice (both ways)")
    return records(found.assign(resources="STRING"), counts)


def _scored(table: pd.DataFrame, config: NetworkConfig, counts: DropCounts) -> pd.DataFrame:
    score = numbers(table, "score", 0)
    rule = f"with a score below {config.min_string_score} (ingestion.network.min_string_score)"
    return counts.keep(table, score >= config.min_string_score, rule)


def _actions(table: pd.DataFrame, counts: DropCounts) -> pd.DataFrame:
    """Kinds and signs of actions, and whether their direction is known."""
    table = counts.keep(table, column(table, "mode").isin(MODES), "of other modes")
    table = counts.keep(
        table, ~truth(table, "is_directional") | truth(table, "a_is_acting"), "mirror images of directed actions"
    )
    action = column(table, "action")
    found = table[["source", "target"]].copy()
    found["kind"] = (column(table, "mode") == "expression").map({True: Kind.TF_TARGET, False: Kind.SIGNALING})
    found["sign"] = sign_of(action == "activation", action == "inhibition")
    return found.assign(known=truth(table, "is_directional"))


def _symbols(ids: pd.Series, source: Source) -> pd.Series:
    """Symbols by protein.info."""
    known: dict[str, str] = {}
    for table in source.tables_beside(accompanies):
        name = next(name for name in INFO_IDS if name in table)
        known |= dict(zip(column(table, name), column(table, "preferred_name"), strict=True))
    if known:
        found = ids.map(known).fillna("")
        return found.mask(found.str.startswith(("ENSP", HUMAN)), "")
    raise PathloreError(
        f"{source.file} names its proteins by Ensembl protein ids alone, and no table says their symbols; expected "
        "STRING's 9606.protein.info file beside it: add it to the files of the parameter `network`"
    )


STRING = Reader(
    "STRING",
    "protein1, protein2, combined_score; or item_id_a, item_id_b, mode, ...",
    recognises,
    read,
    accompanies,
    COLUMNS,
    UNREAD,
)
