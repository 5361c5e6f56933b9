"""Tables of human gene names: HGNC, NCBI Gene, Ensembl BioMart, and plain ones."""

import logging
from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd

from pathlore.errors import PathloreError
from pathlore.genes.columns import exploded, has, has_any, text
from pathlore.genes.names import COLUMNS, GeneNames
from pathlore.resources.raw import Raw, RawTables, format_of, known_genes

logger = logging.getLogger(__name__)

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
    read: Callable[[pd.DataFrame], "Names"]


class Names(NamedTuple):
    """What a table holds: one row per symbol, field and value; and the symbol of each row of the table that is read."""

    rows: pd.DataFrame
    symbols: pd.Series


def _fields(table: pd.DataFrame) -> dict[str, pd.Series]:
    """Further names and ids of each row."""
    columns = {"previous": PREVIOUS, "aliases": ALIASES, "ensembl": ENSEMBL, "entrez": ENTREZ, "uniprot": UNIPROT}
    return {field: text(table, *names) for field, names in columns.items()}


def _rows(symbols: pd.Series, fields: Mapping[str, pd.Series], separators: str) -> Names:
    """Stack the fields; each symbol has at least a row of the field ``symbol``."""
    parts = [exploded(symbols, symbols, "$^").assign(field="symbol")]
    for field, column in fields.items():
        rows = exploded(symbols, column, separators).assign(field=field)
        if field in FORMS:
            rows["value"] = rows["value"].str.extract(rf"^({FORMS[field]})(?:\.\d+)?$", expand=False)
        parts.append(rows.dropna())
    return Names(pd.concat(parts, ignore_index=True), symbols)


def _hgnc(table: pd.DataFrame) -> Names:
    """HGNC complete set, or a custom download of genenames.org, without withdrawn entries.

    https://www.genenames.org/download/statistics-and-files
    """
    status = text(table, "status")
    table = table[((status == "") | (status.str.lower() == "approved")).to_numpy()]
    return _rows(text(table, *SYMBOL), _fields(table), r"\||, ")


def _ncbi(table: pd.DataFrame) -> Names:
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


def _biomart(table: pd.DataFrame) -> Names:
    """Ensembl BioMart: several rows per gene, of which those with a human id are read."""
    table = table[text(table, "gene stable id").str.startswith("ENSG").to_numpy()]
    symbol = text(table, "gene name")
    return _rows(symbol.where(symbol != "", text(table, "hgnc symbol")), _fields(table), r"\|")


def _plain(table: pd.DataFrame) -> Names:
    """Any table with a symbol; ``canonical_symbol``, where there is one, is the approved one."""
    given, symbol = text(table, *SYMBOL), text(table, "canonical_symbol")
    symbol = symbol.where(symbol != "", given)
    fields = _fields(table)
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


IDS = ("ensembl", "entrez", "uniprot")
EXPECTED = (
    "the HGNC complete set (symbol, alias_symbol, prev_symbol, status), NCBI gene_info (GeneID, Symbol, Synonyms), "
    "Ensembl BioMart (Gene stable ID, Gene name), or symbol beside any of name, synonyms, ensembl, entrez, uniprot"
)


def read_gene_names(tables: RawTables) -> GeneNames:
    """Read tables of human gene names, and unite them.

    Understood are the HGNC complete set and custom downloads of genenames.org (withdrawn entries dropped), NCBI
    gene_info (species other than human dropped), Ensembl BioMart, and plain tables such as the built-in one. Where they
    differ, the first of this list is believed: a symbol that it calls a previous one becomes the approved one, and an
    id that it gives to one gene is not given to another.

    Parameters
    ----------
    tables
        File name -> its table; none gives an empty table of names.

    Returns
    -------
    The names, for lookup.

    Raises
    ------
    PathloreError
        A table has unknown columns, or no human gene.

    Examples
    --------
    >>> names = read_gene_names({"genes.csv": pd.DataFrame({"symbol": ["TP53"], "synonyms": ["P53;LFS1"]})})
    >>> names.to_symbol("LFS1", "alias")
    'TP53'
    """
    parts = sorted((_read(file, raw) for file, raw in tables.items()), key=lambda part: part[0])
    united = pd.DataFrame(columns=["symbol", "value", "field"], dtype=object)
    for _, part in parts:
        united = pd.concat([united, _agreeing(part, united)], ignore_index=True) if len(united) else part
    names = GeneNames(_wide(united))
    if tables:
        amounts = united["field"].value_counts()
        counts = ", ".join(f"{amounts.get(field, 0)} {field}" for field in COLUMNS[1:])
        logger.info("Gene names: %d approved symbols with %s, from %d tables", len(names), counts, len(tables))
    return names


def _read(file: str, raw: Raw) -> tuple[int, pd.DataFrame]:
    """Rank of its authority, and what a table holds."""
    table, form = format_of(file, raw, FORMATS, of="gene names", expected=EXPECTED, parameter="gene_names")
    rows, written = form.read(table)
    symbols = known_genes(written, file, "gene_names")
    rows = rows[rows["symbol"].isin(set(symbols) - {""})]
    n_named = int((symbols != "").sum())
    logger.info(
        "Gene names %s: %d rows read; left out: %d of other species or withdrawn, %d without a symbol",
        file, len(table), len(table) - len(written), len(written) - n_named,
    )  # fmt: skip
    if rows.empty:
        raise PathloreError(f"none of the {len(table)} rows of {file} names a human gene: check `gene_names`")
    return FORMATS.index(form), rows


def _agreeing(part: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Rows of a further table, as far as they do not contradict what is known."""
    approved = GeneNames(_wide(known)).to_symbols(part["symbol"], "previous")
    part = part.assign(symbol=approved.fillna(part["symbol"]))
    part.loc[part["field"] == "symbol", "value"] = part["symbol"]
    owners = known[known["field"].isin(IDS)].drop_duplicates(["field", "value"])
    owners = part[["field", "value"]].merge(owners, on=["field", "value"], how="left")["symbol"].to_numpy()
    part = part[pd.isna(owners) | (owners == part["symbol"].to_numpy())]
    rows = pd.concat([known, part], ignore_index=True)
    return rows[~rows.duplicated()].iloc[len(known) :]


def _wide(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per symbol, with lists of values."""
    table = pd.DataFrame(index=pd.Index(rows["symbol"].drop_duplicates(), name="symbol"))
    for field in COLUMNS[1:]:
        of_field = rows[rows["field"] == field]
        table[field] = of_field.groupby("symbol", sort=False)["value"].agg(";".join).reindex(table.index, fill_value="")
    return table.reset_index()
