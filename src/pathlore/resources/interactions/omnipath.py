"""OmniPath: interactions of its web service as a table.

Documentation: https://omnipathdb.org/queries/interactions and https://r.omnipathdb.org/reference/omnipath-interactions.html.
Licence: each member's own; the web service's ``license=`` restricts a query to academic or commercial use.

The reader keeps human proteins. ``resources`` are OmniPath and after it every member in ``sources`` as OmniPath writes
it, so ``resources: [SIGNOR]`` selects what OmniPath has from SIGNOR, and ``[OmniPath]`` selects all.
"""

import numpy as np
import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.keys import Kind
from pathlore.resources.interactions import complexes
from pathlore.resources.interactions.cells import column, pubmed, sign_of, truth
from pathlore.resources.interactions.identifiers import required, to_symbols
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.statements import directed, joined, statements
from pathlore.resources.interactions.tally import Tally
from pathlore.resources.raw import Raw, has_columns

HUMAN = "9606"
TRANSCRIPTIONAL, POST_TRANSLATIONAL = "transcriptional", "post_translational"
TF_DATASETS = ("dorothea", "collectri", "tf_target")
RNA_AND_SMALL_MOLECULES = ("mirnatarget", "lncrna_mrna", "tf_mirna", "small_molecule")
PARTS = r"_|;\s*"
"""Between the members of a complex (ITGA1_ITGB1), or the genes of one protein."""


def recognises(raw: Raw) -> bool:
    """Whether the table has ends and says whether they are directed."""
    return has_columns(raw, "source", "target", "is_directed")


def read(source: Source) -> pd.DataFrame:
    """Read interactions between human proteins.

    Transcriptional interactions are ``tf_target``, those of the dataset ligrecextra ``ligand_receptor``, other
    post-translational ones ``signaling``; interactions of RNAs and small molecules are dropped. The sign is the
    consensus of the members where that column was asked for, and 0 where they name both effects. ``n_evidence`` is
    the number of different PubMed references, at least 1. Interactions that only DoRothEA has are subject to
    ``regulon_levels``. Complexes become their members.
    """
    tally = source.tally
    table = _of_proteins(source.table, tally)
    table = tally.keep(
        table, _of_wanted_level(table, source.config), "DoRothEA level (ingestion.network.regulon_levels)"
    )
    consensus = "consensus" if "consensus_stimulation" in table else "is"
    found = pubmed(column(table, "references"))
    found["kind"] = np.select(
        [table["type"] == TRANSCRIPTIONAL, truth(table, "ligrecextra")],
        [Kind.TF_TARGET, Kind.LIGAND_RECEPTOR],
        Kind.SIGNALING,
    )
    found["sign"] = sign_of(truth(table, f"{consensus}_stimulation"), truth(table, f"{consensus}_inhibition"))
    found["resources"] = joined("OmniPath", column(table, "sources"))
    by_symbol = has_columns(table, "source_genesymbol", "target_genesymbol")
    for end in ("source", "target"):
        ends = column(table, f"{end}_genesymbol" if by_symbol else end).str.removeprefix("COMPLEX:")
        found[end] = complexes.split(ends, PARTS)
    found["known"] = truth(table, "is_directed")
    found = complexes.pairs(directed(found, found["known"], source.config, tally))
    if not by_symbol and len(found):
        names = required(source.names, "uniprot", source.file, "UniProt ids (genesymbols=1 was not asked for)")
        found = complexes.translated(found, lambda ids: to_symbols(ids, "uniprot", names))
    return statements(found, tally)


def _of_proteins(table: pd.DataFrame, tally: Tally) -> pd.DataFrame:
    """Human interactions between proteins and complexes, with a column ``type`` that is never empty."""
    for end in ("source", "target"):
        table = tally.keep(table, column(table, f"ncbi_tax_id_{end}").isin([HUMAN, ""]), "other species")
    wrong = ~column(table, "entity_type_source").isin(["protein", "complex", ""])
    wrong |= ~column(table, "entity_type_target").isin(["protein", "complex", ""])
    if "type" in table:
        types = column(table, "type").replace("", POST_TRANSLATIONAL)
        wrong |= ~types.isin([TRANSCRIPTIONAL, POST_TRANSLATIONAL])
    else:
        regulates = _any(table, TF_DATASETS)
        types = pd.Series(np.where(regulates, TRANSCRIPTIONAL, POST_TRANSLATIONAL), index=table.index)
        wrong |= _any(table, RNA_AND_SMALL_MOLECULES) & ~regulates
    return tally.keep(table.assign(type=types), ~wrong, "of RNAs or small molecules")


def _of_wanted_level(table: pd.DataFrame, config: NetworkConfig) -> pd.Series:
    """False for what only DoRothEA has, on none of the wanted levels; ``dorothea_level`` may be A or A;D."""
    levels = column(table, "dorothea_level")
    only_there = truth(table, "dorothea") & ~_any(table, ("collectri", "tf_target"))
    wanted = ~only_there | (levels == "")
    for level in config.regulon_levels:
        wanted |= levels.str.contains(level, regex=False)
    return wanted


def _any(table: pd.DataFrame, datasets: tuple[str, ...]) -> pd.Series:
    return pd.concat([truth(table, name) for name in datasets], axis=1).any(axis=1)


OMNIPATH = Reader("OmniPath", "source, target, is_directed", recognises, read)
