"""Regulons: CollecTRI and DoRothEA.

CollecTRI: https://github.com/saezlab/CollecTRI and https://zenodo.org/records/8192729 (source, target, weight;
resources, references and sign_decision in the full table), CC BY 4.0.
DoRothEA: https://saezlab.github.io/dorothea/ (tf, confidence, target, mor; or source, confidence, target, weight as
decoupler gives it), GPL-3 and the academic terms of its members.
"""

import pandas as pd

from pathlore.keys import Kind
from pathlore.resources.interactions import complexes
from pathlore.resources.interactions.cells import column, pubmed, sign_of_number
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.statements import joined, statements
from pathlore.resources.raw import Raw, has_columns

DIMERS = {"AP1": ["FOS", "JUN"], "NFKB": ["NFKB1", "RELA"]}
"""Names that CollecTRI gives to all dimers of a family, as the dimer after which the family is called."""


def recognises(raw: Raw) -> bool:
    """Whether the table holds factors, targets and weights."""
    return has_columns(raw, "source", "target", "weight") or has_columns(raw, "tf", "confidence", "target", "mor")


def read(source: Source) -> pd.DataFrame:
    """Read targets of transcription factors.

    The sign is that of the weight or mode of regulation; where CollecTRI took activation by default, it is 0. A level
    of confidence must be among ``regulon_levels``. ``resources`` are CollecTRI and its members, or DoRothEA.
    """
    tally = source.tally
    table = source.table.rename(columns={"tf": "source", "mor": "weight"})
    if "confidence" in table:
        wanted = column(table, "confidence").str.upper().isin(source.config.regulon_levels)
        table = tally.keep(table, wanted, "of other levels (ingestion.network.regulon_levels)")
    found = pubmed(column(table, "references"))
    by_default = column(table, "sign_decision").str.lower().str.startswith("default")
    found["sign"] = sign_of_number(table["weight"]).mask(by_default, 0)
    found["kind"] = Kind.TF_TARGET
    found["resources"] = (
        "DoRothEA" if "confidence" in table else joined("CollecTRI", column(table, "resources").str.replace(",", ";"))
    )
    factors = column(table, "source")
    dimers = {name: complexes.members(name, DIMERS) for name in factors.unique()}
    found["source"] = complexes.split(factors, "_").where(~factors.isin(DIMERS), factors.map(dimers))
    found["target"] = table["target"]
    return statements(complexes.pairs(found), tally)


REGULONS = Reader("CollecTRI or DoRothEA", "source, target, weight; or tf, confidence, target, mor", recognises, read)
