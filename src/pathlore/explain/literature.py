"""What is written about the genes, steps and pathways of a result, with the references that can be opened."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from pathlore.graph.text_numeric_graph import path_steps
from pathlore.keys import Kind

MOST_REFERENCES = 12
"""References of one step that are listed, the newest first; how many there are is said beside them."""
MOST_RECEPTORS = 60
"""Receptors of each class, by rank, whose texts and ligands are gathered."""
MOST_WORDS = 8
"""Words that the text of a receptor shares with those of the genes that support it."""
LIST = "[;,]"
WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]{3,}")
COMMON = 0.1
"""A word in a larger fraction of all gene texts does not mark anything."""

TRUE_NAMES = {
    "pathlore": "pathlore's built-in network",
    "nichenetr": "NicheNet",
    "nichenet": "NicheNet",
    "dorothea": "DoRothEA",
    "collectri": "CollecTRI",
    "cosmosr": "COSMOS prior-knowledge network",
    "liana-py": "LIANA consensus",
    "liana": "LIANA consensus",
    "celltalkdb": "CellTalkDB",
    "cellchatdb": "CellChatDB",
    "cellchatdb_v2": "CellChatDB, version 2",
    "cellphonedb": "CellPhoneDB",
    "pathfinder": "PathFinder network (arXiv 2501.16361)",
    "signor": "SIGNOR",
    "omnipath": "OmniPath",
    "kegg": "KEGG",
    "reactome_fi": "Reactome functional interactions",
    "string": "STRING",
    "biomedgraphica": "BioMedGraphica",
}
"""Name of a resource as tables write it, in lower case -> as its authors do."""


@dataclass(frozen=True)
class WrittenKnowledge:
    """The tables that texts and references are taken from.

    Attributes
    ----------
    network
        `pathlore.schemas.Network` before it was bridged: the steps from ligands to receptors.
    bridged
        The network that the paths run on, with steps over unmeasured genes.
    annotations
        `pathlore.schemas.GeneAnnotations`.
    names
        `pathlore.schemas.GeneNamesTable`, for the ids of genes.
    """

    network: pd.DataFrame
    bridged: pd.DataFrame
    annotations: pd.DataFrame
    names: pd.DataFrame


def literature(
    paths: Iterable[str],
    receptors: Iterable[pd.DataFrame],
    pairs: pd.DataFrame,
    known: WrittenKnowledge,
    pathways: Iterable[str] = (),
) -> dict[str, Any]:
    """Gather what is written about the paths, receptors and ligand-receptor pairs of a result.

    Parameters
    ----------
    paths
        Genes joined by ``>``.
    receptors
        Tables of `pathlore.schemas.ActiveReceptors`; the first ranks of each class count.
    pairs
        `pathlore.schemas.CellCommunication`: its ligands and receptors, complexes joined by ``_``.
    known
        Network, texts and names.
    pathways
        Names of pathways whose text is wanted, beside those of the steps.

    Returns
    -------
    Plain JSON. ``genes``: symbol -> ``name``, ``text``, ``entrez``, ``uniprot``, ``ensembl``, each left out where it is
    not known. ``steps``: kind -> ``"SOURCE>TARGET"`` -> ``pmids`` (numbers, the newest first, at most
    `MOST_REFERENCES`), ``n_references``, ``sources`` (names of the resources, see `TRUE_NAMES`), ``pathways``, ``via``.
    ``pathways``: name -> text. ``words``: receptor -> words that its text shares with the texts of the genes that
    support it, the rarest first.
    """
    paths = list(dict.fromkeys(paths))
    first = [table[table["rank"] <= MOST_RECEPTORS] for table in receptors]
    steps = {step for path in paths for step in path_steps(path.split(">"))}
    bound = {
        (ligand, row.receptor, Kind.LIGAND_RECEPTOR)
        for table in first
        for row in table.itertuples()
        for ligand in _split(row.ligands)
    }
    bound |= {
        (ligand, receptor, Kind.LIGAND_RECEPTOR)
        for row in pairs.itertuples()
        for ligand in _split(row.ligand, "_")
        for receptor in _split(row.receptor, "_")
    }
    found = _steps(known.bridged, steps) + _steps(known.network, bound)
    genes = {gene for path in paths for gene in path.split(">")}
    genes |= {gene for source, target, _ in bound for gene in (source, target)}
    genes |= {gene for *_, entry in found for gene in entry.get("via", ())}
    genes |= {gene for table in first for joined in table["genes"] for gene in _split(joined, LIST)}
    by_kind: dict[str, dict[str, Any]] = {kind: {} for kind in Kind.ALL}
    for source, target, kind, entry in found:
        by_kind[kind][f"{source}>{target}"] = entry
    named = {name for *_, entry in found for name in entry.get("pathways", ())} | set(pathways)
    texts = pathway_texts()
    return {
        "genes": _genes(genes, known.annotations, known.names),
        "steps": {kind: entries for kind, entries in by_kind.items() if entries},
        "pathways": {name: texts[name] for name in sorted(named) if name in texts},
        "words": _shared_words(first, known.annotations),
    }


@cache
def pathway_texts() -> dict[str, str]:
    """Read the paragraph on each named pathway of the built-in network."""
    with (files("pathlore.knowledge") / "pathways.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file)
    return dict(zip(table["pathway"], table["description"], strict=True))


def true_name(resource: str) -> str:
    """Write the name of a resource as its authors do.

    Examples
    --------
    >>> true_name("nichenetr"), true_name("My own table")
    ('NicheNet', 'My own table')
    """
    return TRUE_NAMES.get(resource.lower(), resource)


def _steps(network: pd.DataFrame, wanted: set[tuple[str, str, str]]) -> list[tuple[str, str, str, dict[str, Any]]]:
    """What is known of each wanted association that the network has."""
    keys = pd.MultiIndex.from_frame(network[["source", "target", "kind"]])
    found = []
    for row in network[keys.isin(wanted)].itertuples():
        pmids = sorted((int(one) for one in re.findall(r"PMID:(\d+)", _text(row.references))), reverse=True)
        sources = list(dict.fromkeys(true_name(one) for one in _split(row.resources)))
        entry = {
            "pmids": pmids[:MOST_REFERENCES],
            "n_references": len(pmids),
            "sources": sources,
            "pathways": _split(row.pathway),
            "via": _split(row.via),
        }
        found.append((row.source, row.target, row.kind, {key: value for key, value in entry.items() if value}))
    return found


def _genes(wanted: Iterable[str], annotations: pd.DataFrame, names: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Name, text and ids of each gene, what is not known left out."""
    texts = annotations.set_index("symbol")[["name", "description"]].rename(columns={"description": "text"})
    ids = names.drop_duplicates("symbol").set_index("symbol")[["entrez", "uniprot", "ensembl"]]
    table = texts.join(ids, how="outer").reindex(sorted(set(wanted)))
    genes = {}
    for symbol, row in zip(table.index, table.to_dict("records"), strict=True):
        row |= {key: (_split(row[key], "[;|,]") or [""])[0] for key in ids.columns}
        genes[str(symbol)] = {str(key): str(value) for key, value in row.items() if _text(value)}
    return genes


def _shared_words(tables: Iterable[pd.DataFrame], annotations: pd.DataFrame) -> dict[str, list[str]]:
    """Words of each receptor's text that stand in the texts of the genes that support it, the rarest first."""
    texts = dict(zip(annotations["symbol"], annotations["description"], strict=True))
    words = {symbol: {word.lower() for word in WORD.findall(text)} for symbol, text in texts.items() if _text(text)}
    counts = pd.Series([word for shared_by in words.values() for word in shared_by], dtype=object).value_counts()
    most = max(2, COMMON * len(words))
    shared: dict[str, set[str]] = {}
    for table in tables:
        for row in table.itertuples():
            supporting = [words.get(gene, set()) for gene in _split(row.genes, LIST) if gene != row.receptor]
            shared_by = words.get(row.receptor, set()) & set().union(*supporting)
            shared.setdefault(row.receptor, set()).update(shared_by)
    return {
        receptor: rare[:MOST_WORDS]
        for receptor, shared_by in shared.items()
        if (rare := sorted((word for word in shared_by if counts[word] <= most), key=lambda word: (counts[word], word)))
    }


def _split(joined: object, separator: str = ";") -> list[str]:
    """Entries of a joined text; none where there is none."""
    return [part.strip() for part in re.split(separator, _text(joined)) if part.strip()]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
