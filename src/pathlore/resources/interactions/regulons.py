"""Regulons: CollecTRI and DoRothEA.

CollecTRI: https://github.com/saezlab/CollecTRI and https://zenodo.org/records/8192729 (source, target, weight;
resources, references and sign_decision in the full table), CC BY 4.0.
DoRothEA: https://saezlab.github.io/dorothea/ (tf, confidence, target, mor; or source, confidence, target, weight as
decoupler gives it), GPL-3 and the academic terms of its members.
"""

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.keys import Kind
from pathlore.resources.interactions import complexes
from pathlore.resources.interactions.fields import column, numbers, pubmed
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.records import joined, records
from pathlore.resources.interactions.results import refuse_results
from pathlore.resources.raw import Raw, has_columns

COLUMNS = (
    "source", "target", "weight", "tf", "mor", "confidence", "resources", "references", "PMID", "sign_decision",
)  # fmt: skip
UNREAD = ("TF.category", "is_stimulation", "is_inhibition", "sources")
FOOTPRINTS = frozenset(
    ["androgen", "estrogen", "hypoxia", "jak-stat", "jak.stat", "mapk", "pi3k", "tgfb", "tnfa", "trail", "vegf",
     "wnt"]
)  # fmt: skip
"""Pathways of PROGENy, as far as they are no genes; CollecTRI has a factor NFKB."""
DIMERS = {"AP1": ["FOS", "JUN"], "NFKB": ["NFKB1", "RELA"]}
"""Names that CollecTRI gives to all dimers of a family, as the dimer after which the family is called."""


def recognises(raw: Raw) -> bool:
    """Whether the table holds factors, targets and weights."""
    return has_columns(raw, "source", "target", "weight") or has_columns(raw, "tf", "confidence", "target", "mor")


def read(source: Source) -> pd.DataFrame:
    """Read targets of transcription factors.

    The sign is that of the weight or mode of regulation; where CollecTRI took activation by default, it is 0. A level
    of confidence must be among ``regulon_levels``. ``resources`` are CollecTRI and its members, or DoRothEA.

    Raises
    ------
    PathloreError
        The table holds responses to pathways, or results of an analysis.
    """
    counts = source.counts
    table = source.table.rename(columns={"tf": "source", "mor": "weight"})
    refuse_results(source.file, table, "transcription factors and their targets")
    weight = numbers(table, "weight", 0)
    _refuse_footprints(source.file, table, weight)
    table = table.assign(weight=np.sign(weight).astype(int))
    if "confidence" in table:
        wanted = column(table, "confidence").str.upper().isin(source.config.regulon_levels)
        table = counts.keep(table, wanted, "of other levels (ingestion.network.regulon_levels)")
    found = pubmed(column(table, "references" if "references" in table else "PMID"))
    by_default = column(table, "sign_decision").str.lower().str.startswith("default")
    found["sign"] = table["weight"].mask(by_default, 0)
    found["kind"] = Kind.TF_TARGET
    found["resources"] = (
        "DoRothEA" if "confidence" in table else joined("CollecTRI", column(table, "resources").str.replace(",", ";"))
    )
    factors = column(table, "source")
    dimers = {name: complexes.members(name, DIMERS) for name in factors.unique()}
    found["source"] = complexes.split(factors, "_").where(~factors.isin(DIMERS), factors.map(dimers))
    found["target"] = table["target"]
    return records(complexes.pairs(found), counts)


def _refuse_footprints(file: str, table: pd.DataFrame, weight: pd.Series) -> None:
    """Refuse the genes that respond to pathways (PROGENy), which have the columns of regulons.

    Raises
    ------
    PathloreError
        Sources are called like pathways, or weights are no modes of regulation between -1 and 1.
    """
    sources = column(table, "source")
    pathways = sources[sources.str.lower().isin(FOOTPRINTS)].unique()
    large = weight.abs().max() if len(weight) else 0
    if len(pathways) or large > 1:
        why = f"sources such as {shorten(pathways, 4)}" if len(pathways) else f"weights up to {large:g}"
        raise PathloreError(
            f"the network table {file} has {why}: it holds the genes that respond to a pathway (as PROGENy's do), not "
            "targets of transcription factors; expected are factors and weights from -1 to 1, as in CollecTRI and "
            "DoRothEA: take it out of the files of the parameter `network`"
        )


REGULONS = Reader(
    "CollecTRI or DoRothEA",
    "source, target, weight; or tf, confidence, target, mor",
    recognises,
    read,
    columns=COLUMNS,
    unread=UNREAD,
)
