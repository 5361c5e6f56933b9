"""Formats of networks: how the files of each are known and read. A new one ends in a `Reader` in `READERS`."""

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
import pandas as pd

from pathlore.config import NetworkConfig
from pathlore.errors import PathloreError, shorten
from pathlore.keys import Kind
from pathlore.missing import SIGNS
from pathlore.resources.interactions.records import (
    JOIN,
    Contents,
    DropCounts,
    as_written,
    column,
    directed,
    each_member,
    joined,
    listed,
    members,
    numbers,
    pairs,
    pubmed,
    records,
    required,
    sign_of,
    split,
    to_symbols,
    translated,
    truth,
    turned,
    with_ids,
    without_prefix,
)
from pathlore.resources.raw import Raw, RawTables, has_columns

if TYPE_CHECKING:
    from pathlore.genes.names import GeneNames


@dataclass(frozen=True)
class Source:
    """One file that holds associations, with all that its reader may look at."""

    file: str
    raw: Raw
    beside: RawTables  # every file that was given, this one included
    names: "GeneNames | None"
    config: NetworkConfig
    counts: DropCounts = field(default_factory=DropCounts)

    @property
    def table(self) -> pd.DataFrame:
        """The file as a table with rows numbered from 0."""
        assert isinstance(self.raw, pd.DataFrame)  # as the columns that its reader is known by
        return self.raw.reset_index(drop=True)

    def tables_beside(self, *names: str) -> list[pd.DataFrame]:
        """The tables with these columns among all given files, such as the members of complexes."""
        tables = self.beside.values()
        return [
            raw.reset_index(drop=True) for raw in tables if isinstance(raw, pd.DataFrame) and has_columns(raw, *names)
        ]


Columns: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Reader:
    """A format: how its files are known, and how they become interaction records.

    ``read`` returns the columns of `pathlore.resources.interactions.records.COLUMNS` and tells the counts of its
    source what it dropped, and by which rule.
    """

    name: str
    read: Callable[[Source], pd.DataFrame]
    known_by: tuple[Columns, ...]  # a table with all columns of one of these is of this format
    beside: tuple[Columns, ...] = ()  # so are tables that hold no associations and are read beside one that does
    columns: Columns = ()  # all that it reads, as its functions call them
    unread: Columns = ()  # further columns of published files, which nearly have the name of one that is read
    also: Callable[[Raw], bool] = lambda raw: False  # what else is of this format
    note: str = ""  # what its files look like besides, for the message about a file that nobody knows

    @property
    def form(self) -> str:
        """What its files look like."""
        return "; or ".join(", ".join(names) for names in self.known_by) + self.note

    def recognises(self, raw: Raw) -> bool:
        """Whether a file holds associations in this format."""
        return any(has_columns(raw, *names) for names in self.known_by) or self.also(raw)

    def accompanies(self, raw: Raw) -> bool:
        """Whether a file is only read beside one that holds associations."""
        return any(has_columns(raw, *names) for names in self.beside)

    def adapted(self, raw: Raw) -> Raw:
        """A table with the columns of this format as the reader calls them, whatever letters and blanks a file has.

        A column whose name is right as it is stays the one that is read.
        """
        if not isinstance(raw, pd.DataFrame):
            return raw
        exact = set(raw.columns)
        wanted = {name.lower(): name for name in self.columns if name not in exact}
        names: dict[object, str] = {}
        for name in raw.columns:
            folded = " ".join(str(name).split()).lower()
            if folded in wanted and name not in self.columns:
                names[name] = wanted.pop(folded)
        return raw.rename(columns=names) if names else raw


def untyped_kind(source: Source, lacks: str) -> str:
    """What the parameters say of a file.

    Parameters
    ----------
    source
        With ``untyped_kind``: one kind for all such files, or a kind for each part of a file's name.
    lacks
        What the table would need to tell it by itself, for the message.

    Raises
    ------
    PathloreError
        Nothing, or two things.
    """
    said = source.config.untyped_kind
    kinds = {kind for part, kind in said.items() if part in source.file} if isinstance(said, dict) else {said} - {None}
    if len(kinds) == 1:
        return str(kinds.pop())
    found = f"says {shorten(kinds)} of it" if kinds else "does not say it either"
    raise PathloreError(
        f"the network file {source.file} does not tell of which kind its interactions are (it lacks {lacks}), and "
        f"`ingestion.network.untyped_kind` {found}; expected {', '.join(Kind.ALL)}: set that parameter to one of them, "
        f"or to {{part of the file's name: one of them}} where files differ, or fetch the table with these columns"
    )


RESULTS = frozenset(
    ["p_value", "p.value", "pvalue", "pval", "p_val", "padj", "p_adj", "p_val_adj", "fdr", "qvalue", "prob",
     "magnitude_rank", "specificity_rank", "aggregate_rank", "lr_means", "lr_logfc", "lrscore", "cellphone_pvals"]
)  # fmt: skip
"""Columns that say how an association came out in some cells; no resource has any of them."""


def refuse_results(file: str, columns: Iterable[object], expected: str) -> None:
    """Refuse a table of results, whose rows are no prior knowledge.

    Raises
    ------
    PathloreError
        It has a column of `RESULTS`.
    """
    found = [str(name) for name in columns if str(name).strip().lower() in RESULTS]
    if found:
        raise PathloreError(
            f"the network table {file} has the column(s) {shorten(found)}: it holds the results of an analysis or the "
            f"responses to pathways (as PROGENy's), not a resource; expected are {expected} as a database lists them: "
            "take it out of the files of the parameter `network`"
        )


# our own form: source,target,kind, and sign,n_evidence,resources,references,pathway where they are known
# A ligand or receptor of several subunits is written with underscores, ITGAV_ITGB3; a complex in any row as
# COMPLEX:ITGAV_ITGB3. Where a column directed (or is_directed) says no, the direction is not known. Anything can be
# brought into it with a spreadsheet; the built-in table is written in it. Documentation: docs, "your own data".

UNNAMED_RESOURCE = "not named"
FLAGS = ("directed", "is_directed")
PLAIN_COLUMNS = ("source", "target", "kind", "sign", "n_evidence", "resources", "references", "pathway", *FLAGS)
PLAIN_UNREAD = ("n_resources", "n_references", "sign_conflict", "evidence_type")


def read_plain(source: Source) -> pd.DataFrame:
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
        bare = without_prefix(names)
        found[end] = split(bare, JOIN).where(bound | (bare != names), names)
    found = directed(found, _is_directed(table), source.config, source.counts)
    return records(pairs(found), source.counts)


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


PLAIN = Reader("our own form", read_plain, (("source", "target", "kind"),), columns=PLAIN_COLUMNS, unread=PLAIN_UNREAD)


# PathFinder's from,to,edge_type: https://github.com/fuhaililab/PathFinder (data/network), MIT licence. NicheNet's
# from,to,source,database: https://github.com/saeyslab/nichenetr, https://zenodo.org/records/7074291, GPL-3 and the
# licences of its members. Its three networks come as R files with the same columns once they are saved as text, so the
# kind is told by the file's name: lr_network, signaling_network (or sig_network) or gr_network.

PREDECESSOR_KINDS = {
    "directional": Kind.LIGAND_RECEPTOR,
    "undirectional": Kind.LIGAND_RECEPTOR,
    "receptor_sig": Kind.SIGNALING,
    "receptor_tf": Kind.SIGNALING,
    "sig_sig": Kind.SIGNALING,
    "sig_tf": Kind.SIGNALING,
    "tf_regulation": Kind.TF_TARGET,
    "receptor_regulation": Kind.LIGAND_TARGET,
    "ligand_regulation": Kind.LIGAND_TARGET,
}
"""``edge_type`` of the predecessor's tables -> our kind. A receptor or ligand that regulates a gene without a known
transcription factor between them is the same, indirect kind of record."""

NICHENET_KINDS = {
    "lr_network": Kind.LIGAND_RECEPTOR,
    "signaling_network": Kind.SIGNALING,
    "sig_network": Kind.SIGNALING,
    "gr_network": Kind.TF_TARGET,
}
"""Part of the file's name -> our kind."""

PREDICTED = "ppi_prediction"
"""``database`` of the ligand-receptor pairs that NicheNet's first version predicted from protein interactions."""


def read_predecessor(source: Source) -> pd.DataFrame:
    """Read a table of the predecessor; its signs are not known.

    Raises
    ------
    PathloreError
        An edge_type is neither the predecessor's nor one of our kinds.
    """
    table = source.table
    types = column(table, "edge_type")
    kinds = known_kinds(types.map(PREDECESSOR_KINDS).fillna(types), source.file)
    found = pd.DataFrame({"source": table["from"], "target": table["to"], "kind": kinds, "resources": "PathFinder"})
    return records(found, source.counts)


def read_nichenet(source: Source) -> pd.DataFrame:
    """Read one of NicheNet's networks; predicted ligand-receptor pairs are dropped, signs are not known.

    ``resources`` are NicheNet and the row's database.

    Raises
    ------
    PathloreError
        Neither the file's name nor ``untyped_kind`` tells which network it is.
    """
    kind = next((kind for part, kind in NICHENET_KINDS.items() if part in source.file.lower()), None)
    if kind is None:
        kind = untyped_kind(source, f"one of {', '.join(NICHENET_KINDS)} in its name, as NicheNet's networks need")
    table = source.table
    database = column(table, "database")
    table = source.counts.keep(table, ~database.str.startswith(PREDICTED), "predicted")
    found = pd.DataFrame(
        {
            "source": table["from"],
            "target": table["to"],
            "kind": kind,
            "resources": joined("NicheNet", column(table, "database")),
        }
    )
    return records(found, source.counts)


FROM_TO_TYPE, FROM_TO_DATABASE = ("from", "to", "edge_type"), ("from", "to", "source", "database")
PREDECESSOR = Reader("PathFinder", read_predecessor, (FROM_TO_TYPE,), columns=FROM_TO_TYPE)
NICHENET = Reader(
    "NicheNet",
    read_nichenet,
    (FROM_TO_DATABASE,),
    columns=FROM_TO_DATABASE,
    note=", the network in the file's name",
)


# OmniPath: https://omnipathdb.org/queries/interactions and
# https://r.omnipathdb.org/reference/omnipath-interactions.html. Licence: each member's own; the web service's license=
# restricts a query to academic or commercial use. resources are OmniPath and after it every member in sources as
# OmniPath writes it, so resources: [SIGNOR] selects what OmniPath has from SIGNOR, and [OmniPath] selects all. The web
# service names the type of an interaction and its datasets only if fields=type,datasets asks for them; a table without
# them does not tell ligands and receptors or targets from the rest: ingestion.network.untyped_kind says it.

HUMAN_TAXA = ("9606", "9606.0", "")
TRANSCRIPTIONAL, POST_TRANSLATIONAL = "transcriptional", "post_translational"
DATASETS = (
    "omnipath", "kinaseextra", "pathwayextra", "ligrecextra", "dorothea", "collectri", "tf_target", "mirnatarget",
    "lncrna_mrna", "tf_mirna", "small_molecule",
)  # fmt: skip
OMNIPATH_COLUMNS = (
    "source", "target", "source_genesymbol", "target_genesymbol", "is_directed", "is_stimulation", "is_inhibition",
    "consensus_stimulation", "consensus_inhibition", "sources", "references", "type", "dorothea_level",
    "ncbi_tax_id_source", "ncbi_tax_id_target", "entity_type_source", "entity_type_target", *DATASETS,
)  # fmt: skip
OMNIPATH_UNREAD = (
    "consensus_direction", "curation_effort", "n_references", "n_resources", "n_sources", "n_primary_sources",
    "references_stripped", "resources", "databases", "dorothea_curated", "dorothea_chipseq", "dorothea_tfbs",
    "dorothea_coexp", "evidences", "extra_attrs", "datasets", "ligrecextra_score",
)  # fmt: skip
TF_DATASETS = ("dorothea", "collectri", "tf_target")
RNA_AND_SMALL_MOLECULES = ("mirnatarget", "lncrna_mrna", "tf_mirna", "small_molecule")
PARTS = r"_|;\s*"
"""Between the members of a complex (ITGA1_ITGB1), or the genes of one protein."""


def read_omnipath(source: Source) -> pd.DataFrame:
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
    table = _of_human_proteins(source.table, counts)
    lacks = f"the columns {'type, ' * ('type' not in source.table)}ligrecextra or omnipath"
    untyped = untyped_kind(source, lacks) if _is_untyped(table) else None
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
        found[end] = split(without_prefix(ends), PARTS)
    found["known"] = truth(table, "is_directed")
    found = pairs(directed(found, found["known"], source.config, counts))
    if not by_symbol and len(found):
        names = required(source.names, "uniprot", source.file, "UniProt ids (genesymbols=1 was not asked for)")
        found = translated(found, lambda ids: to_symbols(ids, "uniprot", names))
    return records(found, counts)


def _of_human_proteins(table: pd.DataFrame, counts: DropCounts) -> pd.DataFrame:
    """Human interactions between proteins and complexes, with a column ``type`` that is never empty."""
    for end in ("source", "target"):
        table = counts.keep(table, column(table, f"ncbi_tax_id_{end}").isin(HUMAN_TAXA), "other species")
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


OMNIPATH = Reader(
    "OmniPath", read_omnipath, (("source", "target", "is_directed"),), columns=OMNIPATH_COLUMNS, unread=OMNIPATH_UNREAD
)


# SIGNOR, the table of all data: https://signor.uniroma2.it/downloads.php. Licence: CC BY-NC 4.0. Complexes and protein
# families are entities of their own, SIGNOR-C1 or SIGNOR-PF1; they become their members where the tables of complexes
# and families (SIGNOR ID;COMPLEX NAME;LIST OF ENTITIES) are given beside, and are dropped otherwise. The web service
# returns the same columns without a header; that is understood too.

HEADER = (
    "ENTITYA", "TYPEA", "IDA", "DATABASEA", "ENTITYB", "TYPEB", "IDB", "DATABASEB", "EFFECT", "MECHANISM", "RESIDUE",
    "SEQUENCE", "TAX_ID", "CELL_DATA", "TISSUE_DATA", "MODULATOR_COMPLEX", "TARGET_COMPLEX", "MODIFICATIONA", "MODASEQ",
    "MODIFICATIONB", "MODBSEQ", "PMID", "DIRECT", "NOTES", "ANNOTATOR", "SENTENCE", "SIGNOR_ID", "SCORE",
)  # fmt: skip
"""In the order of the file; later columns differ between releases and are not read."""

READ_COLUMNS = HEADER.index("DIRECT") + 1
DATABASES = ("UNIPROT", "SIGNOR", "PUBCHEM", "CHEBI", "MIRBASE", "RNACENTRAL", "DRUGBANK")


def is_headless(table: pd.DataFrame) -> bool:
    """Whether the first row of SIGNOR's data was taken for the header: databases stand where they should."""
    columns = [str(column) for column in table.columns]
    if len(columns) < READ_COLUMNS:
        return False
    names = _without_suffix(columns)
    return names[3].upper() in DATABASES and names[7].upper() in DATABASES


def headed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with SIGNOR's header; if the first row had been taken for one, it is a row again."""
    if not is_headless(table):
        return table
    width = min(len(HEADER), table.shape[1])
    first = _without_suffix([str(column) for column in table.columns])[:width]
    rows = table.iloc[:, :width].set_axis(HEADER[:width], axis=1)
    return pd.concat([pd.DataFrame([first], columns=rows.columns), rows], ignore_index=True)


def _without_suffix(columns: list[str]) -> list[str]:
    """Undo what pandas does to a header: ``Unnamed: 4`` for an empty cell, ``protein.1`` for a repeated one."""
    found = []
    for name in columns:
        base = re.sub(r"\.\d+$", "", name)
        repeated = base != name and base in columns
        found.append("" if name.startswith("Unnamed: ") else base if repeated else name)
    return found


SIGNOR_COLUMNS = (
    "ENTITYA", "TYPEA", "IDA", "ENTITYB", "TYPEB", "IDB", "EFFECT", "MECHANISM", "TAX_ID", "PMID", "SIGNOR ID",
    "LIST OF ENTITIES",
)  # fmt: skip
SIGNOR_UNREAD = (*HEADER, "SIGNOR_ID", "COMPLEX NAME", "PROT. FAMILY NAME", "PATHWAY_ID", "PATHWAY_NAME")
HUMAN_OR_NOT_SAID = ("9606", "9606.0", "-1", "-1.0", "")
SIGNOR_MEMBERS = ("SIGNOR ID", "LIST OF ENTITIES")
GROUPS = ("complex", "proteinfamily")
TRANSCRIPTION = "transcriptional "
"""How the mechanisms of transcription factors begin: regulation, activation, repression."""


def read_signor(source: Source) -> pd.DataFrame:
    """Read records of human proteins; one of each member of a complex or family.

    A mechanism of transcription makes a ``tf_target``, any other or none ``signaling``. Effects that begin with
    up-regulates have the sign 1, with down-regulates -1, others 0. That two proteins form a complex is no causal
    relation and is dropped. Taxa other than human are dropped, -1 (in vitro) is kept.
    """
    counts = source.counts
    table = headed(source.table)
    table = counts.keep(table, column(table, "TAX_ID").isin(HUMAN_OR_NOT_SAID), "other species")
    table = counts.keep(table, column(table, "EFFECT").str.lower() != "form complex", "forming a complex")
    contents = _signor_members(source)
    table = _of_proteins(table, contents, counts)
    effect = column(table, "EFFECT").str.lower()
    mechanism = column(table, "MECHANISM").str.lower()
    found = pubmed(column(table, "PMID"))
    found["kind"] = mechanism.str.startswith(TRANSCRIPTION).map({True: Kind.TF_TARGET, False: Kind.SIGNALING})
    found["sign"] = sign_of(effect.str.startswith("up-regulates"), effect.str.startswith("down-regulates"))
    found["resources"] = "SIGNOR"
    for end, letter in (("source", "A"), ("target", "B")):
        found[end] = each_member(column(table, f"ID{letter}"), contents)
    found = pairs(found)
    for end in ("source", "target"):
        found[end] = _signor_symbols(found[end].fillna("").astype(str), source)
    return records(found, counts)


def _of_proteins(table: pd.DataFrame, contents: Contents, counts: DropCounts) -> pd.DataFrame:
    """Rows whose ends are proteins, or groups with known members."""
    for letter in ("A", "B"):
        kind = column(table, f"TYPE{letter}").str.lower()
        group = kind.isin(GROUPS)
        table = counts.keep(table, group | (kind == "protein"), "of no protein")
        group = column(table, f"TYPE{letter}").str.lower().isin(GROUPS)
        known = column(table, f"ID{letter}").isin(contents)
        table = counts.keep(table, ~group | known, "of complexes or families without a table of members")
    return table


def _signor_members(source: Source) -> dict[str, list[str]]:
    """Id of a complex or family -> ids of its members, of all tables beside the file."""
    found: dict[str, list[str]] = {}
    for table in source.tables_beside(*SIGNOR_MEMBERS):
        lists = column(table, "LIST OF ENTITIES").str.split(r"\s*,\s*", regex=True)
        found |= dict(zip(column(table, "SIGNOR ID"), lists, strict=True))
    return found


def _signor_symbols(ids: pd.Series, source: Source) -> pd.Series:
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
    "SIGNOR",
    read_signor,
    (("ENTITYA", "IDA", "ENTITYB", "IDB", "EFFECT", "MECHANISM"),),
    (SIGNOR_MEMBERS,),
    SIGNOR_COLUMNS,
    SIGNOR_UNREAD,
    also=lambda raw: isinstance(raw, pd.DataFrame) and is_headless(raw),
)


# KEGG pathways in KGML: https://www.kegg.jp/kegg/xml/docs/. Licence: free for academic use through KEGG's own service;
# not to be passed on. An entry is a box of the map: one gene, several genes that play the same part (hsa:5594
# hsa:5595), or a group of entries that form a complex. A relation between two boxes is one record for each gene with
# each gene.

INTERNAL_SUBSET = re.compile(r"<!ENTITY|<!DOCTYPE[^>\[]*\[")
"""Declarations inside the file, by which a small file can grow without bound. KEGG's own name a DTD elsewhere."""


def _kgml(text: str, file: str) -> Element:
    """The pathway of a KGML file."""
    wrong = None
    if INTERNAL_SUBSET.search(text):
        wrong = "declares XML entities of its own, which KEGG's files never do"
    else:
        try:
            root = ElementTree.fromstring(text.lstrip("\ufeff \n\r\t").encode("utf-8"))
        except ElementTree.ParseError as error:
            wrong = f"is no well-formed XML ({error})"
        else:
            if root.tag == "pathway":
                return root
            wrong = f"has the root <{root.tag}>"
    raise PathloreError(
        f"{file} {wrong}; expected KGML with the root <pathway> as KEGG gives it: fetch the file behind `network` again"
    )


def genes_of_entries(pathway: Element, names: "GeneNames | None") -> dict[str, list[str]]:
    """Id of an entry -> symbols of its genes, by their Entrez ids (``hsa:5594``).

    Without a table of names that has these, only entries of a single gene are known, by the first name that is drawn in
    their box.
    """
    contents: dict[str, list[str]] = {}
    for entry in pathway.iter("entry"):
        number = entry.get("id", "")
        if entry.get("type") == "gene":
            contents[number] = [f"symbol:{symbol}" for symbol in _box_symbols(entry, names)]
        elif entry.get("type") == "group":
            contents[number] = [component.get("id", "") for component in entry.iter("component")]
    return {
        number: [name.removeprefix("symbol:") for name in members(number, contents) if name.startswith("symbol:")]
        for number in contents
    }


def _box_symbols(entry: Element, names: "GeneNames | None") -> list[str]:
    ids = [name.split(":")[-1] for name in entry.get("name", "").split()]
    if known := with_ids(names, "entrez"):
        return [symbol for identifier in ids if (symbol := known.to_symbol(identifier, "entrez"))]
    graphics = entry.find("graphics")
    if len(ids) != 1 or graphics is None:
        return []
    drawn = graphics.get("name", "").split(",")[0].removesuffix("...").strip()
    return [drawn] if drawn else []


KEGG_HUMAN = "hsa"
EXPRESSION = ("expression", "repression")
ACTIVATES = ("activation", "expression")
INHIBITS = ("inhibition", "repression")
NOT_DIRECTED = {"binding/association", "dissociation"}
RELATION = ("source", "target", "kind", "activates", "inhibits", "known")


def read_kegg(source: Source) -> pd.DataFrame:
    """Read relations between gene products (PPrel) and on the expression of genes (GErel) of one human pathway.

    GErel, and the subtypes expression and repression, are ``tf_target``, the others ``signaling``. Activation and
    expression have the sign 1, inhibition and repression -1, both together or neither 0. Relations that are nothing
    but a binding or dissociation have no direction. Dropped are relations of compounds (PCrel), of enzymes (ECrel),
    to other maps (maplink), and those that are missing in the disease of the map. The title is the pathway.

    Raises
    ------
    PathloreError
        The text is no sound KGML, or of another organism than hsa.
    """
    pathway = _kgml(str(source.raw), source.file)
    organism = pathway.get("org")
    if organism != KEGG_HUMAN:
        raise PathloreError(
            f"{source.file} is a KEGG pathway of the organism {organism}; expected {KEGG_HUMAN} (Homo sapiens), such "
            f"as {KEGG_HUMAN}{pathway.get('number')}: check the parameter `network` "
            "(globals.yml or --params network=...)"
        )
    genes = genes_of_entries(pathway, source.names)
    rows = [row for relation in pathway.iter("relation") for row in _relations(relation, genes, source)]
    found = pd.DataFrame(rows, columns=RELATION).astype(dict.fromkeys(RELATION[3:], bool))
    found = found.assign(
        sign=sign_of(found["activates"], found["inhibits"]), resources="KEGG", pathway=pathway.get("title", "")
    )
    found = directed(found, found["known"], source.config, source.counts)
    return records(found, source.counts)


def _relations(relation: Element, genes: dict[str, list[str]], source: Source) -> list[tuple[object, ...]]:
    """One relation as a row for each gene of its first entry with each of its second."""
    kind = relation.get("type", "")
    names = {subtype.get("name", "") for subtype in relation.iter("subtype")}
    if kind not in ("PPrel", "GErel"):
        source.counts.drop(1, f"of the type {kind or '(none)'}")
        return []
    if "missing interaction" in names:
        source.counts.drop(1, "missing interactions")
        return []
    ends = [genes.get(relation.get(entry, ""), []) for entry in ("entry1", "entry2")]
    if not all(ends):
        source.counts.drop(1, "without a known gene")
        return []
    expression = kind == "GErel" or bool(names & set(EXPRESSION))
    record = (
        Kind.TF_TARGET if expression else Kind.SIGNALING,
        bool(names & set(ACTIVATES)),
        bool(names & set(INHIBITS)),
        not names or not names <= NOT_DIRECTED,
    )
    return [(*pair, *record) for pair in itertools.product(*ends)]


KEGG = Reader(
    "KEGG",
    read_kegg,
    (),
    also=lambda raw: isinstance(raw, str) and "<pathway" in raw,
    note="KGML, <pathway org='hsa'>",
)


# Reactome functional interactions, with annotations and predictions: https://reactome.org/download-data. Licence:
# Reactome CC0; the other databases' own. The direction is drawn: -> the first gene activates or catalyses the second,
# -| it inhibits it, <- and |- the other way round, both together such as <-|, and - where they only meet in a complex.

REACTOME_COLUMNS = ("Gene1", "Gene2", "Annotation", "Direction")
EXPRESSION_FORWARD = r"expression regulates|GErel: (?:expression|repression)(?!\s*by)"
EXPRESSION_BACKWARD = r"expression regulated by|GErel: (?:expression|repression)\s*by"
ONLY_EXPRESSION = r"^(?:expression regulate(?:s|d by)(?:;\s*|$))+$"
"""Annotations from regulons alone, which do not say whether the factor activates or represses."""


def read_reactome_fi(source: Source) -> pd.DataFrame:
    """Read one record for each direction that is drawn.

    A direction for which the annotation names regulated expression is a ``tf_target``, any other ``signaling``. An
    arrowhead has the sign 1 and a bar -1; where nothing but regulated expression is annotated, an arrowhead has the
    sign 0. What is predicted and nothing else is dropped.
    """
    counts = source.counts
    table = source.table
    annotation = column(table, "Annotation")
    table = counts.keep(table, annotation.str.lower() != "predicted", "predicted")
    drawn = as_written(table, "Direction")
    table = counts.keep(table, drawn.str.fullmatch(r"[<|]?-[>|]?"), "with an unknown direction")
    drawn, annotation = as_written(table, "Direction"), column(table, "Annotation")
    pair = pd.DataFrame({"source": table["Gene1"], "target": table["Gene2"], "annotation": annotation, "drawn": drawn})
    forward = _one_way(pair[drawn.str.contains(r"-[>|]")], drawn.str[-1], EXPRESSION_FORWARD)
    backward = _one_way(turned(pair)[drawn.str.contains(r"[<|]-")], drawn.str[0], EXPRESSION_BACKWARD)
    undirected = pair[drawn == "-"].assign(kind=Kind.SIGNALING, sign=0)
    found = pd.concat([forward, backward, undirected], ignore_index=True).assign(resources="ReactomeFI")
    found = directed(found, found["drawn"] != "-", source.config, counts)
    return records(found, counts)


def _one_way(pairs: pd.DataFrame, heads: pd.Series, expression: str) -> pd.DataFrame:
    """Kind and sign of one direction, by the annotation and by the head of the arrow."""
    annotation = pairs["annotation"]
    regulated = annotation.str.contains(expression)
    sign = heads.loc[pairs.index].map({"|": -1, ">": 1, "<": 1}).astype(int)
    unsigned = (sign == 1) & annotation.str.contains(ONLY_EXPRESSION)
    return pairs.assign(
        kind=regulated.map({True: Kind.TF_TARGET, False: Kind.SIGNALING}),
        sign=sign.where(~unsigned, 0),
    )


REACTOME_FI = Reader("Reactome FI", read_reactome_fi, (REACTOME_COLUMNS,), columns=REACTOME_COLUMNS)


# STRING: https://string-db.org/help/faq and https://string-db.org/cgi/download (protein.links, .detailed, .full;
# protein.actions up to version 11.0; protein.info). Licence: CC BY 4.0. Proteins are Ensembl protein ids after the
# taxon, 9606.ENSP00000269305; their symbols stand in protein.info, which is given beside.

STRING_COLUMNS = (
    "protein1", "protein2", "combined_score", "item_id_a", "item_id_b", "mode", "action", "is_directional",
    "a_is_acting", "score", "preferred_name", "#string_protein_id", "string_protein_id", "protein_external_id",
)  # fmt: skip
STRING_UNREAD = ("protein_size", "annotation", "homology", "cooccurence", "coexpression", "coexpression_transferred")
STRING_HUMAN = "9606."
INFO_IDS = ("#string_protein_id", "string_protein_id", "protein_external_id")
MODES = ("activation", "inhibition", "ptmod", "binding", "expression")
"""Other modes, catalysis and reaction, are steps of metabolism or of a complex."""


def read_string(source: Source) -> pd.DataFrame:
    """Read human associations with at least ``min_string_score`` (0 to 1000).

    Links have no direction and no sign; they are ``signaling``. Actions on expression are ``tf_target``, those by
    activation, inhibition, modification and binding ``signaling``; where the direction is known, the row of the acting
    partner is read_string and its mirror image is not. A pair that is listed both ways is one association.

    Raises
    ------
    PathloreError
        No protein.info is given, and the table of gene names does not know the ids either.
    """
    counts = source.counts
    links = has_columns(source.raw, "protein1", "protein2")
    table = source.table.rename(columns={"protein1": "source", "protein2": "target", "combined_score": "score"})
    table = table.rename(columns={"item_id_a": "source", "item_id_b": "target"})
    table = _string_scored(table, source.config, counts)
    human = table["source"].str.startswith(STRING_HUMAN) & table["target"].str.startswith(STRING_HUMAN)
    table = counts.keep(table, human, "other species")
    if links:
        found = table[["source", "target"]].assign(kind=Kind.SIGNALING, sign=0, known=False)
    else:
        found = _string_actions(table, counts)
    for end in ("source", "target"):
        found[end] = _string_symbols(found[end], source)
    found = directed(found, found["known"], source.config, counts)
    found = counts.keep(found, ~found.duplicated(), "listed twice (both ways)")
    return records(found.assign(resources="STRING"), counts)


def _string_scored(table: pd.DataFrame, config: NetworkConfig, counts: DropCounts) -> pd.DataFrame:
    score = numbers(table, "score", 0)
    rule = f"with a score below {config.min_string_score} (ingestion.network.min_string_score)"
    return counts.keep(table, score >= config.min_string_score, rule)


def _string_actions(table: pd.DataFrame, counts: DropCounts) -> pd.DataFrame:
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


def _string_symbols(ids: pd.Series, source: Source) -> pd.Series:
    """Symbols by protein.info."""
    known: dict[str, str] = {}
    for name in INFO_IDS:
        for table in source.tables_beside(name, "preferred_name"):
            known |= dict(zip(column(table, name), column(table, "preferred_name"), strict=True))
    if known:
        found = ids.map(known).fillna("")
        return found.mask(found.str.startswith(("ENSP", STRING_HUMAN)), "")
    raise PathloreError(
        f"{source.file} names its proteins by Ensembl protein ids alone, and no table says their symbols; expected "
        "STRING's 9606.protein.info file beside it: add it to the files of the parameter `network`"
    )


STRING = Reader(
    "STRING",
    read_string,
    (
        ("protein1", "protein2", "combined_score"),
        ("item_id_a", "item_id_b", "mode", "action", "is_directional", "a_is_acting", "score"),
    ),
    tuple(("preferred_name", name) for name in INFO_IDS),
    STRING_COLUMNS,
    STRING_UNREAD,
)


# CollecTRI: https://github.com/saezlab/CollecTRI and https://zenodo.org/records/8192729 (source, target, weight;
# resources, references and sign_decision in the full table), CC BY 4.0. DoRothEA: https://saezlab.github.io/dorothea/
# (tf, confidence, target, mor; or source, confidence, target, weight as decoupler gives it), GPL-3 and the academic
# terms of its members.

REGULON_COLUMNS = (
    "source", "target", "weight", "tf", "mor", "confidence", "resources", "references", "PMID", "sign_decision",
)  # fmt: skip
REGULON_UNREAD = ("TF.category", "is_stimulation", "is_inhibition", "sources")
FOOTPRINTS = frozenset(
    ["androgen", "estrogen", "hypoxia", "jak-stat", "jak.stat", "mapk", "pi3k", "tgfb", "tnfa", "trail", "vegf",
     "wnt"]
)  # fmt: skip
"""Pathways of PROGENy, as far as they are no genes; CollecTRI has a factor NFKB."""
DIMERS = {"AP1": ["FOS", "JUN"], "NFKB": ["NFKB1", "RELA"]}
"""Names that CollecTRI gives to all dimers of a family, as the dimer after which the family is called."""


def read_regulons(source: Source) -> pd.DataFrame:
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
    found["source"] = split(factors, "_").where(~factors.isin(DIMERS), each_member(factors, DIMERS))
    found["target"] = table["target"]
    return records(pairs(found), counts)


def _refuse_footprints(file: str, table: pd.DataFrame, weight: pd.Series) -> None:
    """Refuse the genes that respond to pathways (PROGENy), which have the columns of regulons."""
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
    read_regulons,
    (("source", "target", "weight"), ("tf", "confidence", "target", "mor")),
    columns=REGULON_COLUMNS,
    unread=REGULON_UNREAD,
)


# CellPhoneDB version 5, interaction_input with gene_input, complex_input and protein_input beside it:
# https://github.com/ventolab/CellphoneDB/blob/master/docs/RESULTS-DOCUMENTATION.md#database-input and
# https://github.com/ventolab/cellphonedb-data. Licence: MIT.

CELLPHONEDB_COLUMNS = (
    "partner_a", "partner_b", "source", "is_ppi", "directionality", "modulatory_effect", "classification", "uniprot",
    "hgnc_symbol", "gene_name", "complex_name", "receptor", *(f"uniprot_{i}" for i in range(1, 6)),
)  # fmt: skip
CELLPHONEDB_UNREAD = (
    "protein_name", "protein_name_a", "protein_name_b", "curator", "reactome_complex", "reactome_reaction", "version",
    "annotation_strategy", "sources", "source_interaction", "name", "ensembl", "id_cp_interaction",
)  # fmt: skip

COMPANIONS = {
    "gene_input": ("uniprot", "hgnc_symbol"),
    "complex_input": ("complex_name", "uniprot_1"),
    "protein_input": ("uniprot", "receptor"),
}
"""Table beside interaction_input -> columns by which it is known."""


def read_cellphonedb(source: Source) -> pd.DataFrame:
    """Read ligands and receptors; complexes become their subunits.

    Which partner is the receptor is said by ``directionality`` where that is Ligand-Receptor or Receptor-Ligand, and
    else by the flag ``receptor`` of proteins and complexes; if both are receptors, the association is read both ways;
    if neither is, it has no direction. That two ligands bind is no signal and is dropped, as is what is no interaction
    of proteins (``is_ppi`` false: small molecules, coded by their enzymes). The sign is -1 where the modulatory effect
    is inhibitory, else 0. ``classification`` is the pathway.

    Raises
    ------
    PathloreError
        One of the tables that belong to interaction_input is missing.
    """
    counts = source.counts
    genes, groups, proteins = _companions(source)
    table = source.table
    table = counts.keep(table, truth(table, "is_ppi") | (column(table, "is_ppi") == ""), "of small molecules")
    stated = column(table, "directionality").str.lower()
    table = counts.keep(table, stated != "ligand-ligand", "between two ligands")
    stated = column(table, "directionality").str.lower()
    effect = column(table, "modulatory_effect").str.lower()
    found = pubmed(column(table, "source"))
    found["source"] = column(table, "partner_a").str.replace(r"^(simple|complex):", "", regex=True)
    found["target"] = column(table, "partner_b").str.replace(r"^(simple|complex):", "", regex=True)
    found["kind"], found["resources"] = Kind.LIGAND_RECEPTOR, "CellPhoneDB"
    found["sign"] = sign_of(effect.str.startswith(("activat", "stimul")), effect.str.startswith("inhibit"))
    found["pathway"] = column(table, "classification")
    receptors = set(column(groups, "complex_name")[truth(groups, "receptor")])
    receptors |= set(column(proteins, "uniprot")[truth(proteins, "receptor")])
    unsaid = ~stated.isin(["ligand-receptor", "receptor-ligand"])
    forward = (stated == "ligand-receptor") | (unsaid & found["target"].isin(receptors))
    backward = (stated == "receptor-ligand") | (unsaid & found["source"].isin(receptors))
    neither = ~forward & ~backward
    known = pd.concat([found[forward], turned(found[backward])], ignore_index=True).assign(known=True)
    found = pd.concat([known, found[neither].assign(known=False)], ignore_index=True)
    found = directed(found, found["known"], source.config, counts)
    return records(_cellphonedb_symbols(found, genes, groups), counts)


def _companions(source: Source) -> list[pd.DataFrame]:
    """The tables of genes, complexes and proteins."""
    found = {name: source.tables_beside(*columns) for name, columns in COMPANIONS.items()}
    missing = [name for name, tables in found.items() if not tables]
    if missing:
        raise PathloreError(
            f"{source.file} is CellPhoneDB's interaction_input, but {', '.join(missing)} was not given; expected "
            f"{', '.join(COMPANIONS)} beside it: add them to the files of the parameter `network`"
        )
    return [pd.concat(tables, ignore_index=True).fillna("") for tables in found.values()]


def _cellphonedb_symbols(table: pd.DataFrame, genes: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Pairs of symbols, for pairs of UniProt ids or names of complexes."""
    ids = [name for name in groups if name.startswith("uniprot_")]
    contents = listed(groups, "complex_name", ids)
    symbol = column(genes, "hgnc_symbol")
    symbols = dict(zip(column(genes, "uniprot"), symbol.where(symbol != "", column(genes, "gene_name")), strict=True))
    for end in ("source", "target"):
        table[end] = each_member(table[end], contents)
    return translated(pairs(table), lambda ids: ids.map(symbols))


CELLPHONEDB = Reader(
    "CellPhoneDB",
    read_cellphonedb,
    (("partner_a", "partner_b"),),
    tuple(COMPANIONS.values()),
    CELLPHONEDB_COLUMNS,
    CELLPHONEDB_UNREAD,
)


# CellChatDB versions 1 and 2, the table of interactions, saved as text, with that of complexes beside it:
# https://github.com/jinworks/CellChat (tutorial "Update CellChatDB"). Licence: GPL-3. A name such as TGFbR1_R2 may be a
# complex. Its subunits are taken from version 2's ligand.symbol and receptor.symbol ("TGFBR1, TGFBR2"), else from the
# table of complexes (subunit_1, subunit_2, ... after their names), else from interaction_name_2
# ("TGFB1 - (TGFBR1+TGFBR2)").

CELLCHATDB_COLUMNS = (
    "pathway_name", "ligand", "receptor", "annotation", "evidence", "interaction_name_2", "ligand.symbol",
    "receptor.symbol", "subunit_1", "subunit_2", "cofactor1", "cofactor2",
)  # fmt: skip
CELLCHATDB_UNREAD = (
    "interaction_name", "agonist", "antagonist", "co_A_receptor", "co_I_receptor", "ligand.keyword", "ligand.family",
    "ligand.location", "ligand.surfaceome", "ligand.transmembrane", "ligand.secreted_type", "receptor.keyword",
    "receptor.family", "receptor.location", "receptor.surfaceome_main", "receptor.surfaceome_sub", "receptor.adhesome",
    "receptor.secreted_type", "receptor.transmembrane", *(f"subunit_{i}" for i in range(3, 10)),
    *(f"cofactor{i}" for i in range(3, 20)), "version",
)  # fmt: skip
SUBUNITS = ("subunit_1", "subunit_2")
NOT_OF_PROTEINS = "non-protein signaling"


def read_cellchatdb(source: Source) -> pd.DataFrame:
    """Read ligands and receptors; complexes become their subunits, and signs are not known.

    Non-protein signaling is dropped. ``pathway_name`` is the pathway, ``n_evidence`` the number of PubMed ids in
    ``evidence``, at least 1.
    """
    table = source.table
    refuse_results(source.file, table, "ligands and receptors")
    protein = column(table, "annotation").str.lower() != NOT_OF_PROTEINS
    table = source.counts.keep(table, protein, "of non-protein signaling")
    found = pubmed(column(table, "evidence"))
    found["kind"], found["resources"] = Kind.LIGAND_RECEPTOR, "CellChatDB"
    found["pathway"] = column(table, "pathway_name")
    contents = _cellchatdb_complexes(source)
    sides = column(table, "interaction_name_2").str.extract(r"^(?P<ligand>.+?)\s+-\s+(?P<receptor>.+)$").fillna("")
    for end, partner in (("source", "ligand"), ("target", "receptor")):
        rows = zip(column(table, f"{partner}.symbol"), column(table, partner), sides[partner], strict=True)
        found[end] = [_cellchatdb_subunits(symbols, name, drawn, contents) for symbols, name, drawn in rows]
    return records(pairs(found), source.counts)


def _cellchatdb_subunits(symbols: str, name: str, drawn: str, contents: Contents) -> list[str]:
    """Symbols of one partner, by the first of the three that says them; else its name."""
    if symbols:
        parts = symbols.split(",")
    elif name in contents:
        parts = members(name, contents)
    elif drawn.startswith("("):
        parts = drawn.strip("()").split("+")
    else:
        parts = [name]
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _cellchatdb_complexes(source: Source) -> dict[str, list[str]]:
    """Name of a complex -> symbols of its subunits; the names stand in the first column that holds no subunits."""
    found: dict[str, list[str]] = {}
    for table in source.tables_beside(*SUBUNITS):
        subunits = [name for name in table if str(name).startswith("subunit_")]
        others = [name for name in table if name not in subunits]
        if others:
            found |= listed(table, others[0], subunits)
    return found


CELLCHATDB = Reader(
    "CellChatDB",
    read_cellchatdb,
    (("pathway_name", "ligand", "receptor"),),
    (SUBUNITS, ("cofactor1", "cofactor2")),
    CELLCHATDB_COLUMNS,
    CELLCHATDB_UNREAD,
)


# LIANA, its consensus and the resources it collects: https://liana-py.readthedocs.io (resources;
# liana/resource/omni_resource.csv). Licence: GPL-3, and each resource's own. Complexes are written with underscores,
# ITGA1_ITGB1. resources are LIANA and the row's resource, if it is named.

MOUSE = "mouse"
LIANA_COLUMNS = ("source_genesymbol", "target_genesymbol", "ligand", "receptor", "resource")
LIANA_UNREAD = ("resources", "source", "target", "sources")


def read_liana(source: Source) -> pd.DataFrame:
    """Read ligands and receptors; complexes become their subunits, signs are not known, mouse resources are dropped."""
    table = source.table
    refuse_results(source.file, table, "ligands and receptors")
    table = source.counts.keep(table, ~column(table, "resource").str.lower().str.startswith(MOUSE), "other species")
    ligand, receptor = (
        ("source_genesymbol", "target_genesymbol") if "source_genesymbol" in table else ("ligand", "receptor")
    )
    found = pd.DataFrame({"kind": Kind.LIGAND_RECEPTOR, "resources": joined("LIANA", column(table, "resource"))})
    for end, name in (("source", ligand), ("target", receptor)):
        found[end] = split(without_prefix(column(table, name)), "_")
    return records(pairs(found), source.counts)


LIANA = Reader(
    "LIANA",
    read_liana,
    (("source_genesymbol", "target_genesymbol"), ("ligand", "receptor")),
    columns=LIANA_COLUMNS,
    unread=LIANA_UNREAD,
)


READERS = (
    PLAIN, PREDECESSOR, NICHENET, OMNIPATH, SIGNOR, KEGG, REACTOME_FI, STRING, REGULONS, CELLPHONEDB, CELLCHATDB, LIANA,
)  # fmt: skip
"""A table that has the columns of several formats is read as the first of them."""
