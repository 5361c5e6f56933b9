"""Formats of tables of gene names, each brought to one row per symbol, field and value."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd

from pathlore.genes.columns import exploded, has, has_any, text

SYMBOL = (
    "symbol", "approved symbol", "gene", "gene_symbol", "gene symbol", "hgnc_symbol", "hgnc symbol",
    "external_gene_name",
)  # fmt: skip
PREVIOUS = ("prev_symbol", "previous symbols", "previous symbol", "previous")
ALIASES = ("alias_symbol", "alias symbols", "alias symbol", "aliases", "synonyms", "alias", "gene synonym")
ENSEMBL = (
    "ensembl_gene_id", "ensembl gene id", "ensembl id(supplied by ensembl)", "ensembl_id", "ensembl", "gene stable id",
)  # fmt: skip
ENTREZ = (
    "entrez_id", "ncbi gene id", "ncbi gene id(supplied by ncbi)", "entrez_gene_id", "entrez", "gene_id", "geneid",
    "ncbi gene (formerly entrezgene) id", "entrezgene id",
)  # fmt: skip
UNIPROT = ("uniprot_ids", "uniprot id(supplied by uniprot)", "uniprot", "uniprotkb/swiss-prot id")
HUMAN = "9606"
FORMS = {"ensembl": r"ENSG\d{11}", "entrez": r"\d+"}
"""What ids of a kind look like; what does not is left out."""


class Format(NamedTuple):
    """How one kind of table is known and read."""

    fits: Callable[[pd.DataFrame], bool]
    read: Callable[[pd.DataFrame], "Read"]


class Read(NamedTuple):
    """What a table holds: one row per symbol, field and value; and the symbol of each row of the table that is read."""

    rows: pd.DataFrame
    symbols: pd.Series


def _rows(symbols: pd.Series, fields: Mapping[str, pd.Series], separators: str) -> Read:
    """Stack the fields; each symbol has at least a row of the field ``symbol``."""
    parts = [exploded(symbols, symbols, "$^").assign(field="symbol")]
    for field, column in fields.items():
        rows = exploded(symbols, column, separators).assign(field=field)
        if field in FORMS:
            rows["value"] = rows["value"].str.extract(rf"^({FORMS[field]})(?:\.\d+)?$", expand=False)
        parts.append(rows.dropna())
    return Read(pd.concat(parts, ignore_index=True), symbols)


def _hgnc(table: pd.DataFrame) -> Read:
    """HGNC complete set, or a custom download of genenames.org, without withdrawn entries.

    https://www.genenames.org/download/statistics-and-files
    """
    status = text(table, "status")
    table = table[((status == "") | (status.str.lower() == "approved")).to_numpy()]
    columns = {"previous": PREVIOUS, "aliases": ALIASES, "ensembl": ENSEMBL, "entrez": ENTREZ, "uniprot": UNIPROT}
    fields = {field: text(table, *names) for field, names in columns.items()}
    return _rows(text(table, *SYMBOL), fields, r"\||, ")


def _ncbi(table: pd.DataFrame) -> Read:
    """NCBI gene_info: human rows; the symbol of the nomenclature authority, where it has one.

    https://ftp.ncbi.nlm.nih.gov/gene/DATA/README
    """
    if has(table, "tax_id"):
        table = table[(text(table, "tax_id") == HUMAN).to_numpy()]
    given = text(table, "symbol")
    symbol = text(table, "symbol_from_nomenclature_authority")
    symbol = symbol.where(symbol != "", given)
    references = text(table, "dbxrefs")
    fields = {
        "aliases": text(table, "synonyms") + "|" + given.where(given != symbol, ""),
        "ensembl": references.str.findall(r"Ensembl:(ENSG\d+)").str.join("|"),
        "entrez": text(table, "geneid"),
    }
    return _rows(symbol, fields, r"\|")


def _biomart(table: pd.DataFrame) -> Read:
    """Ensembl BioMart: several rows per gene, of which those with a human id are read."""
    table = table[text(table, "gene stable id").str.startswith("ENSG").to_numpy()]
    columns = {"aliases": ALIASES, "ensembl": ("gene stable id",), "entrez": ENTREZ, "uniprot": UNIPROT}
    fields = {field: text(table, *names) for field, names in columns.items()}
    symbol = text(table, "gene name")
    return _rows(symbol.where(symbol != "", text(table, "hgnc symbol")), fields, r"\|")


def _plain(table: pd.DataFrame) -> Read:
    """Any table with a symbol; ``canonical_symbol``, where there is one, is the approved one."""
    given, symbol = text(table, *SYMBOL), text(table, "canonical_symbol")
    symbol = symbol.where(symbol != "", given)
    columns = {"previous": PREVIOUS, "aliases": ALIASES, "ensembl": ENSEMBL, "entrez": ENTREZ, "uniprot": UNIPROT}
    fields = {field: text(table, *names) for field, names in columns.items()}
    fields["aliases"] = fields["aliases"] + "|" + given.where(given != symbol, "")
    return _rows(symbol, fields, r"[;|]|, ?")


def _is_plain(table: pd.DataFrame) -> bool:
    others = (*PREVIOUS, *ALIASES, *ENSEMBL, *ENTREZ, *UNIPROT, "name")
    return has_any(table, *SYMBOL) and has_any(table, *others)


FORMATS = (
    Format(lambda table: any(has(table, symbol, "status") for symbol in SYMBOL[:2]), _hgnc),
    Format(lambda table: has(table, "symbol", "alias_symbol", "prev_symbol"), _hgnc),
    Format(lambda table: has(table, "geneid", "symbol", "synonyms"), _ncbi),
    Format(lambda table: has(table, "gene stable id") and has_any(table, "gene name", "hgnc symbol"), _biomart),
    Format(_is_plain, _plain),
)
"""In the order of their authority."""
