"""Our own form: ``source,target,kind``, and ``sign,n_evidence,resources,references,pathway`` where they are known.

A ligand or receptor of several subunits is written with underscores, ``ITGAV_ITGB3``; a complex in any row as
``COMPLEX:ITGAV_ITGB3``. Where a column ``directed`` (or ``is_directed``) says no, the direction is not known.

Anything can be brought into it with a spreadsheet, and the project's built-in table is written in it. Other columns
are not read, and the log names them.

Documentation: docs, "your own data". Licence: that of whoever made the table.
"""

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.keys import Kind
from pathlore.missing import SIGNS
from pathlore.resources.interactions import complexes
from pathlore.resources.interactions.fields import as_written, column, numbers, truth
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.records import directed, records
from pathlore.resources.raw import Raw, has_columns

UNNAMED_RESOURCE = "not named"
FLAGS = ("directed", "is_directed")
COLUMNS = ("source", "target", "kind", "sign", "n_evidence", "resources", "references", "pathway", *FLAGS)
UNREAD = ("n_resources", "n_references", "sign_conflict", "evidence_type")


def recognises(raw: Raw) -> bool:
    """Whether the table names source, target and kind."""
    return has_columns(raw, "source", "target", "kind")


def read(source: Source) -> pd.DataFrame:
    """Read the table as it stands; what is missing in a row becomes the neutral value, complexes become their subunits.

    Raises
    ------
    PathloreError
        A kind is not one of `pathlore.keys.Kind`, or a sign is not 1, -1, 0 or empty.
    """
    table = source.table
    written = as_written(table, "sign")
    sign = pd.to_numeric(column(table, "sign").mask(written.isin(SIGNS), written).replace("", "0"), errors="coerce")
    wrong = written[~sign.isin([-1, 0, 1])]
    if len(wrong):
        raise PathloreError(
            f"the network table {source.file} has the sign(s) {shorten(set(wrong))}; expected 1 (activates), -1 "
            "(inhibits) or 0 (not known): check the column sign of the file behind `network`"
        )
    found = pd.DataFrame(
        {
            "source": table["source"],
            "target": table["target"],
            "kind": known_kinds(column(table, "kind"), source.file),
            "sign": sign,
            "n_evidence": numbers(table, "n_evidence", 1).clip(lower=1),
            "resources": column(table, "resources").replace("", UNNAMED_RESOURCE),
            "references": column(table, "references"),
            "pathway": column(table, "pathway"),
        }
    )
    bound = found["kind"] == Kind.LIGAND_RECEPTOR
    for end in ("source", "target"):
        names = column(found, end)
        bare = complexes.without_prefix(names)
        found[end] = complexes.split(bare, complexes.JOIN).where(bound | (bare != names), names)
    found = directed(found, _is_directed(table), source.config, source.counts)
    return records(complexes.pairs(found), source.counts)


def _is_directed(table: pd.DataFrame) -> pd.Series:
    """True where no flag says otherwise."""
    flags = [truth(table, name) | (column(table, name) == "") for name in FLAGS if name in table]
    return pd.concat(flags, axis=1).all(axis=1) if flags else pd.Series(data=True, index=table.index)


def known_kinds(kinds: pd.Series, file: str) -> pd.Series:
    """The same kinds, if every one of them is known.

    Raises
    ------
    PathloreError
        One of them is not.
    """
    unknown = set(kinds) - set(Kind.ALL)
    if unknown:
        named = {kind or "(empty)" for kind in unknown}
        raise PathloreError(
            f"the network table {file} has the kind(s) {shorten(named)}; expected {', '.join(Kind.ALL)}: "
            "check the column kind (or edge_type) of the file behind `network`"
        )
    return kinds


PLAIN = Reader("our own form", "source, target, kind", recognises, read, columns=COLUMNS, unread=UNREAD)
