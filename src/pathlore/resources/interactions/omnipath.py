"""OmniPath: interactions of its web service as a table.

Documentation: https://omnipathdb.org/queries/interactions and
https://r.omnipathdb.org/reference/omnipath-interactions.html. Licence: each member's own; the web service's
``license=`` restricts a query to academic or commercial use.

The reader keeps human proteins. ``resources`` are OmniPath and after it every member in ``sources`` as OmniPath writes
it, so ``resources: [SIGNOR]`` selects what OmniPath has from SIGNOR, and ``[OmniPath]`` selects all.

The web service names the type of an interaction and its datasets only if ``fields=type,datasets`` asks for them. A
table without them does not tell ligands and receptors or targets of transcription factors from the rest, whatever
dataset it was; ``ingestion.network.untyped_kind`` says it.
"""

import numpy as np
import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.keys import Kind
from pathlore.resources.interactions import complexes
from pathlore.resources.interactions.drop_counts import DropCounts
from pathlore.resources.interactions.fields import column, pubmed, sign_of, truth
from pathlore.resources.interactions.identifiers import required, to_symbols
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.records import directed, joined, records
from pathlore.resources.interactions.untyped import untyped_kind
from pathlore.resources.raw import Raw, has_columns

HUMAN = ("9606", "9606.0", "")
TRANSCRIPTIONAL, POST_TRANSLATIONAL = "transcriptional", "post_translational"
DATASETS = (
    "omnipath", "kinaseextra", "pathwayextra", "ligrecextra", "dorothea", "collectri", "tf_target", "mirnatarget",
    "lncrna_mrna", "tf_mirna", "small_molecule",
)  # fmt: skip
COLUMNS = (
    "source", "target", "source_genesymbol", "target_genesymbol", "is_directed", "is_stimulation", "is_inhibition",
    "consensus_stimulation", "consensus_inhibition", "sources", "references", "type", "dorothea_level",
    "ncbi_tax_id_source", "ncbi_tax_id_target", "entity_type_source", "entity_type_target", *DATASETS,
)  # fmt: skip
UNREAD = (
    "consensus_direction", "curation_effort", "n_references", "n_resources", "n_sources", "n_primary_sources",
    "references_stripped", "resources", "databases", "dorothea_curated", "dorothea_chipseq", "dorothea_tfbs",
    "dorothea_coexp", "evidences", "extra_attrs", "datasets", "ligrecextra_score",
)  # fmt: skip
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

    Raises
    ------
    PathloreError
        Nothing in the table, nor the parameter ``untyped_kind``, says which kind its interactions are; or it has
        UniProt ids alone, and no table of names translates them.
    """
    counts = source.counts
    table = _of_proteins(source.table, counts)
    untyped = untyped_kind(source, "the columns type, ligrecextra or omnipath") if _is_untyped(table) else None
    table = counts.keep(
        table, _of_wanted_level(table, source.config), "DoRothEA level (ingestion.network.regulon_levels)"
    )
    consensus = "consensus" if "consensus_stimulation" in table else "is"
    found = pubmed(column(table, "references"))
    found["kind"] = np.select(
        [table["type"] == TRANSCRIPTIONAL, truth(table, "ligrecextra")],
        [Kind.TF_TARGET, Kind.LIGAND_RECEPTOR],
        untyped or Kind.SIGNALING,
    )
    found["sign"] = sign_of(truth(table, f"{consensus}_stimulation"), truth(table, f"{consensus}_inhibition"))
    found["resources"] = joined("OmniPath", column(table, "sources"))
    by_symbol = has_columns(table, "source_genesymbol", "target_genesymbol")
    for end in ("source", "target"):
        ends = column(table, f"{end}_genesymbol" if by_symbol else end)
        found[end] = complexes.split(complexes.without_prefix(ends), PARTS)
    found["known"] = truth(table, "is_directed")
    found = complexes.pairs(directed(found, found["known"], source.config, counts))
    if not by_symbol and len(found):
        names = required(source.names, "uniprot", source.file, "UniProt ids (genesymbols=1 was not asked for)")
        found = complexes.translated(found, lambda ids: to_symbols(ids, "uniprot", names))
    return records(found, counts)


def _of_proteins(table: pd.DataFrame, counts: DropCounts) -> pd.DataFrame:
    """Human interactions between proteins and complexes, with a column ``type`` that is never empty."""
    for end in ("source", "target"):
        table = counts.keep(table, column(table, f"ncbi_tax_id_{end}").isin(HUMAN), "other species")
    wrong = ~column(table, "entity_type_source").isin(["protein", "complex", ""])
    wrong |= ~column(table, "entity_type_target").isin(["protein", "complex", ""])
    if "type" in table:
        types = column(table, "type").str.lower().replace("", POST_TRANSLATIONAL)
        wrong |= ~types.isin([TRANSCRIPTIONAL, POST_TRANSLATIONAL])
    else:
        regulates = _any(table, TF_DATASETS)
        types = pd.Series(np.where(regulates, TRANSCRIPTIONAL, POST_TRANSLATIONAL), index=table.index)
        wrong |= _any(table, RNA_AND_SMALL_MOLECULES) & ~regulates
    return counts.keep(table.assign(type=types), ~wrong, "of RNAs or small molecules")


def _is_untyped(table: pd.DataFrame) -> bool:
    """Whether some rows may be of any kind: neither their type nor a column of datasets tells it."""
    return bool((table["type"] != TRANSCRIPTIONAL).any()) and not any(name in table for name in DATASETS)


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


OMNIPATH = Reader("OmniPath", "source, target, is_directed", recognises, read, columns=COLUMNS, unread=UNREAD)
