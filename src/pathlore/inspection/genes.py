"""What the genes are called, of which species, and how many of them the knowledge reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pathlore.config import GenesConfig
from pathlore.errors import PathloreError
from pathlore.expression.labels import label_texts
from pathlore.expression.prepare import gene_labels
from pathlore.genes.faults import dates_sentence, is_spreadsheet_date
from pathlore.genes.identifiers import describe
from pathlore.genes.mapping import map_genes
from pathlore.genes.names import GeneNames
from pathlore.inspection.findings import Choice, Finding, GeneFacts
from pathlore.signals.truth import Experiments

DIFFERENT = 0.5
"""Share of the rows of a column of ``var`` that must differ for it to hold names of genes."""
PREFERRED = 0.9
"""The index is taken where it reaches this part of what the best column reaches."""
FEW = 0.2
"""Share of the network that the data are expected to reach."""
DESCRIBED = 0.5
"""Share of the measured network genes that are expected to have a text."""
FETCH = "kedro run --pipeline resources --params resources.download={}"


@dataclass(frozen=True)
class GeneKnowledge:
    """What is known about genes: names, orthologs, network, texts."""

    names: GeneNames
    orthologs: pd.DataFrame  # empty: none is given
    network: pd.DataFrame  # `pathlore.schemas.Network`
    annotations: pd.DataFrame  # `pathlore.schemas.GeneAnnotations`
    experiments: Sequence[Experiments] = ()  # with a known ligand, to measure the network by


def inspect_genes(
    var: pd.DataFrame, knowledge: GeneKnowledge, config: GenesConfig
) -> tuple[list[GeneFacts], dict[str | None, pd.DataFrame]]:
    """Try the index of ``var``, and each of its columns that may hold names of genes, as a run would.

    Returns
    -------
    facts, mappings
        The index first; and `pathlore.schemas.GeneMapping` of each that can be used, by column.
    """
    columns: list[str | None] = [None]
    names = [str(name) for name in var.columns]
    for i, name in enumerate(names):
        texts = label_texts(var.iloc[:, i])
        is_text = not pd.api.types.is_numeric_dtype(var.iloc[:, i].dtype)
        if names.count(name) == 1 and is_text and len({*texts}) > DIFFERENT * len(texts):
            columns.append(name)
    facts, mappings = [], {}
    for column in columns:
        found, mapping = _inspect(var, column, knowledge, config)
        facts.append(found)
        if mapping is not None:
            mappings[column] = mapping
    return facts, mappings


def _inspect(
    var: pd.DataFrame, column: str | None, knowledge: GeneKnowledge, config: GenesConfig
) -> tuple[GeneFacts, pd.DataFrame | None]:
    network = set(knowledge.network["source"]) | set(knowledge.network["target"])
    found: dict[str, Any] = {
        "column": column,
        "species": "",
        "kind": "symbol",
        "examples": [],
        "n_names": 0,
        "repeated": 0,
    }
    found |= {"understood": 0, "on_network": 0, "network": len(network), "with_name": 0, "with_description": 0}
    try:
        labels = gene_labels(var, column)
        labels = labels[labels != ""]
        described = describe(labels)
        species = described["species"].value_counts().drop("", errors="ignore")
        found |= {
            "species": str(species.index[0]) if len(species) else "",
            "kind": str(described["kind"].mode().iloc[0]),
            "examples": [str(name) for name in labels.iloc[:3]],
            "n_names": len(labels),
            "repeated": int(labels.duplicated().sum()),
        }
        mapping = map_genes(labels.unique(), knowledge.names, knowledge.orthologs, config)
    except PathloreError as error:
        return GeneFacts(**found, trouble=str(error)), None
    symbols = set(mapping["symbol"].dropna())
    on_network = symbols & network
    texts = knowledge.annotations.set_index("symbol").reindex(sorted(on_network)).fillna("")
    found |= {"dates": tuple(sorted(filter(is_spreadsheet_date, symbols)))}
    found |= {"understood": int(mapping["symbol"].notna().sum()), "on_network": len(on_network)}
    found |= {"with_name": int((texts["name"] != "").sum())}
    found |= {"with_description": int((texts["description"] != "").sum())}
    return GeneFacts(**found, trouble=""), mapping


def choose_gene_column(facts: list[GeneFacts]) -> tuple[Choice | None, list[Finding]]:
    """Take the index where it does nearly as well as the best column, else that column.

    Returns
    -------
    choice, findings
        None where no names can be used.
    """
    index = facts[0]
    findings = _of_index(index)
    best = max(facts, key=lambda one: one.on_network)
    if not best.on_network:
        findings = [one for one in findings if one.text != best.trouble]
        why = best.trouble or f"none of {best.n_names} names (such as {', '.join(best.examples)}) is on the network"
        findings.append(Finding(level="problem", text=why, parameter="ingestion.cells.gene_column"))
        return None, findings
    if not index.trouble and index.on_network >= PREFERRED * best.on_network:
        best = index
    level = "ok" if best.on_network >= FEW * best.network else "warning"
    share = f"{best.on_network:,} of the {best.network:,} genes of the network are measured"
    texts = f"{best.with_description:,} of them have a description, {best.with_name:,} a name"
    findings.append(Finding(level=level, text=f"{share}; {texts}", parameter="network" * (level == "warning")))
    if best.with_description < DESCRIBED * best.on_network:
        text = "few of these genes have a description: give a fuller table of texts (docs/resources.md)"
        findings.append(Finding(level="note", text=text, parameter="gene_text"))
    if best is index:
        return Choice(value=None, reason=f"null: the index of var. {share}"), findings
    findings = [one.model_copy(update={"level": "note"}) if one.level == "warning" else one for one in findings]
    instead = (
        "the index needs a table that is not given" if index.trouble else f"the index reaches {index.on_network:,}"
    )
    findings.append(
        Finding(
            level="note",
            text=f"the names are taken from the column `{best.column}` of var; {instead}",
            parameter="ingestion.cells.gene_column",
        )
    )
    return Choice(value=best.column, reason=f"this column of var: {share}; {instead}"), findings


def _of_index(index: GeneFacts) -> list[Finding]:
    such = ", ".join(index.examples)
    findings = []
    if index.repeated:
        text = (
            f"{index.repeated:,} of {index.n_names:,} names of genes occur more than once; their columns are added up"
        )
        findings.append(Finding(level="note", text=text))
    if index.dates:
        findings.append(Finding(level="warning", text=dates_sentence(index.dates), parameter="cells"))
    if index.species == "mouse" and "`orthologs`" in index.trouble:
        text = (
            f"mouse genes ({such}), and no table of orthologs is given: `{FETCH.format('mgi_orthologs')}` fetches one, "
            'then add --params "orthologs=data/01_raw/resources/mgi_orthologs/*"'
        )
        findings.append(Finding(level="warning", text=text, parameter="orthologs"))
    elif index.kind in ("ensembl", "entrez") and "`gene_names`" in index.trouble:
        text = (
            f"ids instead of symbols ({such}), which the table of gene names does not have: `{FETCH.format('hgnc')}` "
            "fetches one, then add --params gene_names=data/01_raw/resources/hgnc/hgnc_complete_set.txt"
        )
        findings.append(Finding(level="warning", text=text, parameter="gene_names"))
    elif index.trouble:
        findings.append(Finding(level="warning", text=index.trouble, parameter="ingestion.cells.gene_column"))
    return findings
