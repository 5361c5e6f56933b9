"""CellPhoneDB version 5: interaction_input with gene_input, complex_input and protein_input beside it.

Documentation: https://github.com/ventolab/CellphoneDB/blob/master/docs/RESULTS-DOCUMENTATION.md#database-input and
https://github.com/ventolab/cellphonedb-data. Licence: MIT.
"""

from functools import partial

import pandas as pd

from pathlore.errors import PathloreError
from pathlore.keys import Kind
from pathlore.resources.interactions import complexes
from pathlore.resources.interactions.fields import column, pubmed, sign_of, truth
from pathlore.resources.interactions.reader import Reader, Source
from pathlore.resources.interactions.records import directed, records, turned
from pathlore.resources.raw import Raw, has_columns

COLUMNS = (
    "partner_a", "partner_b", "source", "is_ppi", "directionality", "modulatory_effect", "classification", "uniprot",
    "hgnc_symbol", "gene_name", "complex_name", "receptor", *(f"uniprot_{i}" for i in range(1, 6)),
)  # fmt: skip
UNREAD = (
    "protein_name", "protein_name_a", "protein_name_b", "curator", "reactome_complex", "reactome_reaction", "version",
    "annotation_strategy", "sources", "source_interaction", "name", "ensembl", "id_cp_interaction",
)  # fmt: skip

COMPANIONS = {
    "gene_input": ("uniprot", "hgnc_symbol"),
    "complex_input": ("complex_name", "uniprot_1"),
    "protein_input": ("uniprot", "receptor"),
}
"""Table beside interaction_input -> columns by which it is known."""


def recognises(raw: Raw) -> bool:
    """Whether the table is interaction_input."""
    return has_columns(raw, "partner_a", "partner_b")


def accompanies(raw: Raw) -> bool:
    """Whether the table is one of those that belong to interaction_input."""
    return any(_is(name, raw) for name in COMPANIONS)


def read(source: Source) -> pd.DataFrame:
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
    return records(_subunits(found, genes, groups), counts)


def _companions(source: Source) -> list[pd.DataFrame]:
    """The tables of genes, complexes and proteins."""
    found = {name: list(source.tables_beside(partial(_is, name))) for name in COMPANIONS}
    missing = [name for name, tables in found.items() if not tables]
    if missing:
        raise PathloreError(
            f"{source.file} is CellPhoneDB's interaction_input, but {', '.join(missing)} was not given; expected "
            f"{', '.join(COMPANIONS)} beside it: add them to the files of the parameter `network`"
        )
    return [pd.concat(tables, ignore_index=True).fillna("") for tables in found.values()]


def _is(name: str, raw: Raw) -> bool:
    return has_columns(raw, *COMPANIONS[name])


def _subunits(table: pd.DataFrame, genes: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Pairs of symbols, for pairs of UniProt ids or names of complexes."""
    ids = [name for name in groups if name.startswith("uniprot_")]
    contents = complexes.listed(groups, "complex_name", ids)
    symbol = column(genes, "hgnc_symbol")
    symbols = dict(zip(column(genes, "uniprot"), symbol.where(symbol != "", column(genes, "gene_name")), strict=True))
    for end in ("source", "target"):
        known = {name: complexes.members(name, contents) for name in table[end].unique()}
        table[end] = table[end].map(known)
    return complexes.translated(complexes.pairs(table), lambda ids: ids.map(symbols))


CELLPHONEDB = Reader("CellPhoneDB", "partner_a, partner_b", recognises, read, accompanies, COLUMNS, UNREAD)
