"""What is written about genes: NCBI Gene, UniProt, HGNC, Ensembl, BioMedGraphica, and plain tables."""

import html
import logging
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import pandas as pd

from pathlore.errors import PathloreError
from pathlore.genes.columns import has, has_any, text
from pathlore.genes.identifiers import ENSEMBL, ENTREZ
from pathlore.genes.names import GeneNames
from pathlore.resources.raw import RawTables, format_of, known_genes
from pathlore.schemas import GeneAnnotations

logger = logging.getLogger(__name__)

CREDIT = re.compile(r"\s*\[?(?:provided|supplied) by [^\[\]]*\]")
"""Who provided a summary; the bracket that opens may be missing."""
SOURCE = re.compile(r"\s*\[Source:[^\]]*\]")
TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>")
"""A tag of HTML; p<0.05 is none."""
HUMAN = "9606"

Links = Mapping[str, str]
"""Symbol of each NCBI Gene id and each BioMedGraphica id that some table names."""


class Form(NamedTuple):
    """How one kind of table is known, what it tells of other tables' ids, and how it is read."""

    fits: Callable[[pd.DataFrame], bool]
    links: Callable[[pd.DataFrame], dict[str, str]]
    read: Callable[[pd.DataFrame, Links], pd.DataFrame]  # -> symbol, name, description


def no_links(table: pd.DataFrame) -> dict[str, str]:
    """A table that names no ids."""
    return {}


def pairs(ids: pd.Series, symbols: pd.Series) -> dict[str, str]:
    """Ids with their symbols, where there are both.

    Examples
    --------
    >>> pairs(pd.Series(["7157", ""]), pd.Series(["TP53", "MYC"]))
    {'7157': 'TP53'}
    """
    return {key: symbol for key, symbol in zip(ids, symbols, strict=True) if key and symbol}


def genes(
    symbol: pd.Series, *, name: pd.Series | str = "", description: pd.Series | str = "", split: str | None = None
) -> pd.DataFrame:
    """Put columns together; a cell with several symbols (parted by ``split``) makes several rows of one index.

    Examples
    --------
    >>> genes(pd.Series(["GENEA; GENEB"]), name="twin", split=";").to_numpy().tolist()
    [['GENEA', 'twin', ''], ['GENEB', 'twin', '']]
    """
    table = pd.DataFrame({"symbol": symbol}, dtype=object).assign(name=name, description=description)
    if split is not None:
        table = table.assign(symbol=table["symbol"].str.split(split)).explode("symbol")
        table["symbol"] = table["symbol"].str.strip()
    return table


def cut_each(column: pd.Series, pattern: re.Pattern[str]) -> pd.Series:
    """Cut what a pattern finds, wherever it stands.

    Examples
    --------
    >>> cut_each(pd.Series(["A kinase. [provided by RefSeq, Jul 2008]"]), CREDIT).tolist()
    ['A kinase.']
    """
    return column.str.replace(pattern, "", regex=True).str.strip()


def without_html(column: pd.Series) -> pd.Series:
    """Texts without tags and with characters in place of their names; two spaces in a row become one.

    Examples
    --------
    >>> without_html(pd.Series(["Binds <i>JAK1</i> &amp; STAT1,<br/>p<0.05", "IFN-&gamma; <sup>+</sup>"])).tolist()
    ['Binds JAK1 & STAT1, p<0.05', 'IFN-γ +']
    """
    coded = column.str.contains("[<&]", regex=True)
    cleaned = column[coded].str.replace(r"<(?:br|p|li|/p|/li)\s*/?>", " ", regex=True)
    cleaned = cleaned.str.replace(TAG, "", regex=True).map(html.unescape)
    return column.mask(coded, cleaned.str.replace(r"\s+", " ", regex=True).str.strip())


def _human(table: pd.DataFrame) -> pd.DataFrame:
    return table[(text(table, "tax_id") == HUMAN).to_numpy()] if has(table, "tax_id") else table


def _approved(table: pd.DataFrame) -> pd.Series:
    """Symbol of the nomenclature authority, where it has one."""
    approved = text(table, "symbol_from_nomenclature_authority")
    return approved.where(approved != "", text(table, "symbol"))


def _info_links(table: pd.DataFrame) -> dict[str, str]:
    human = _human(table)
    return pairs(text(human, "geneid"), _approved(human))


def _read_info(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    """The full name of the nomenclature authority, else the description, which is NCBI's name of the gene."""
    human = _human(table)
    name = text(human, "full_name_from_nomenclature_authority")
    return genes(_approved(human), name=name.where(name != "", text(human, "description")))


def _read_summary(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    """Summaries by gene id; those of RefSeq before those of other sources."""
    human = _human(table)
    ids = text(human, "geneid")
    symbol = ids.map(links).fillna("")
    if len(human) and not (symbol != "").any():
        raise PathloreError(
            f"the gene ids of {len(human)} human summaries of NCBI gene_summary (such as {', '.join(ids.iloc[:3])}) "
            "stand for symbols in no other table: give NCBI gene_info (GeneID, Symbol) beside it in `gene_text`"
        )
    summaries = genes(symbol, description=text(human, "summary"))
    not_refseq = text(human, "source").str.lower() != "refseq"
    return summaries.loc[not_refseq.sort_values(kind="stable").index]


INFO = Form(lambda table: has(table, "geneid", "symbol", "description"), _info_links, _read_info)
SUMMARY = Form(lambda table: has(table, "geneid", "summary") and not has(table, "symbol"), no_links, _read_summary)


PRIMARY = ("gene names (primary)", "gene names (primary )")
EVIDENCE = re.compile(r"\s*\{ECO:[^}]*\}")
REFERENCE = r"(?:PubMed:\d+|Ref\.\s?\d+|By similarity|Probable|Potential)"
CITATION = re.compile(rf"\s*\({REFERENCE}(?:,\s*{REFERENCE})*\)")


def plain_function(text_: str) -> str:
    """Sentences of a FUNCTION comment, without its label, evidence and citations.

    Examples
    --------
    >>> plain_function("FUNCTION: Binds DNA (PubMed:1, PubMed:2). {ECO:0000269|PubMed:1}.; FUNCTION: Bends it.")
    'Binds DNA. Bends it.'
    """
    parts = CITATION.sub("", EVIDENCE.sub("", text_)).split("FUNCTION:")
    sentences = (" ".join(part.split()).strip(" ;.") for part in parts)
    told = " ".join(f"{sentence}." for sentence in sentences if sentence)
    return re.sub(r"\s+([.,;:])", r"\1", re.sub(r"\.(?:\s*\.)+", ".", told))


def recommended_name(names: str) -> str:
    """Protein name that comes first, without the alternatives in brackets.

    Examples
    --------
    >>> recommended_name("Cellular tumor antigen p53 (Antigen NY-CO-13) (Phosphoprotein p53)")
    'Cellular tumor antigen p53'
    """
    return re.split(r" [(\[]", names, maxsplit=1)[0].rstrip(".")


def _read_uniprot(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    """Human entries, reviewed ones first; the first of the gene names where no primary one is told apart."""
    if has_any(table, "organism (id)", "organism id"):
        table = table[(text(table, "organism (id)", "organism id") == HUMAN).to_numpy()]
    elif has(table, "organism"):
        table = table[text(table, "organism").str.contains("Homo sapiens", regex=False).to_numpy()]
    unreviewed = text(table, "reviewed", "status").str.lower() == "unreviewed"
    table = table.iloc[unreviewed.reset_index(drop=True).sort_values(kind="stable").index]
    symbol = text(table, *PRIMARY)
    if not has_any(table, *PRIMARY):
        symbol = text(table, "gene names").str.split().str[0].fillna("")
    return genes(
        symbol,
        name=text(table, "protein names").map(recommended_name),
        description=text(table, "function [cc]", "function").map(plain_function),
        split=";",
    )


UNIPROT = Form(
    lambda table: has(table, "entry") and has_any(table, *PRIMARY, "gene names"),
    no_links,
    _read_uniprot,
)


BMG_ID = ("biomedgraphica_conn_id", "biomedgraphica_id")
BMG_SYMBOL = ("hgnc_symbol", "bmg_gene_name", "bmg_protein_name")
LABEL = re.compile(r"^(NCBI Gene|Ensembl|UniProt|RefSeq|HGNC): ")
BMG_SEPARATOR = " | "


def split_texts(combined: str) -> tuple[str, str]:
    """Name and description of a gene from what its sources say; the name is what Ensembl says.

    Examples
    --------
    >>> split_texts("NCBI Gene: Stops the cell cycle. | Ensembl: tumor protein p53 [Source:HGNC Symbol;Acc:HGNC:11998]")
    ('tumor protein p53', 'Stops the cell cycle.')
    """
    names: list[str] = []
    texts: list[str] = []
    for part in html.unescape(combined).split(BMG_SEPARATOR):
        label = LABEL.match(part)
        told = part[label.end() :] if label else part
        (names if label and label[1] == "Ensembl" else texts).append(told.strip())
    return SOURCE.sub("", names[0] if names else ""), " ".join(dict.fromkeys(filter(None, texts)))


def _bmg_links(table: pd.DataFrame) -> dict[str, str]:
    return pairs(text(table, *BMG_ID), text(table, *BMG_SYMBOL))


def _read_bmg(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    ids = text(table, *BMG_ID)
    symbol = ids.map(links).fillna("")
    if not (symbol != "").any():
        raise PathloreError(
            f"the BioMedGraphica ids of {len(ids)} texts (such as {', '.join(ids.iloc[:3])}) stand for symbols in no "
            "other table: give BioMedGraphica_Conn_Gene.csv (HGNC_Symbol) beside it in `gene_text`"
        )
    split = text(table, "description").map(split_texts)
    name, description = split.str[0], split.str[1]
    name = name.where(name != "", cut_each(text(table, "ensembl"), SOURCE))
    name = name.where(name != "", text(table, "gene_name"))
    description = description.where(description != "", text(table, "ncbi gene", "uniprot").map(html.unescape))
    return genes(symbol, name=name, description=description, split=";")


BIOMEDGRAPHICA = Form(lambda table: has_any(table, *BMG_ID), _bmg_links, _read_bmg)


SYMBOL = ("symbol", "gene", "gene_symbol", "gene symbol", "hgnc_symbol", "approved symbol")
TEXTS = ("description", "summary", "text")
NAME = ("name", "gene_name", "approved name")
REFSEQ = "refseq_summary"
ENTREZ_ID = ("entrez", "entrez_id", "ncbi gene id")
UNINFORMATIVE_KEYWORDS = frozenset(
    {"3d-structure", "alternative splicing", "complete proteome", "direct protein sequencing", "reference proteome"}
)
"""UniProt keywords that speak of how a protein was studied, not of what it does."""
SYMBOL_LIKE = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._/-]{0,29}")
MOSTLY = 0.9


def _plain_links(table: pd.DataFrame) -> dict[str, str]:
    return pairs(text(table, *ENTREZ_ID), text(table, *SYMBOL))


def _read_plain(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    """Symbol, perhaps a name, and the first column of texts; of ``refseq_summary`` empty cells are filled by UniProt.

    Gene Ontology terms (``go_bp``) are never used: they repeat the pathways that the results are later compared with.
    Of HGNC, whose table is of this form too, withdrawn entries are dropped.
    """
    withdrawn = text(table, "status").str.lower().str.contains("withdrawn", regex=False)
    table = table[~withdrawn.to_numpy()]
    description = text(table, REFSEQ) if has(table, REFSEQ) else text(table, *TEXTS)
    if has(table, REFSEQ):
        names, keywords = text(table, "uniprot_name"), text(table, "uniprot_keywords")
        fallback = [_protein(*row) for row in zip(names, keywords, strict=True)]
        description = description.where(description != "", pd.Series(fallback, index=table.index, dtype=object))
    return genes(text(table, *SYMBOL), name=text(table, *NAME), description=description)


def _protein(name: str, keywords: str) -> str:
    """UniProt's recommended name and its informative keywords.

    Examples
    --------
    >>> _protein("Kelch-like protein 35 (KL35)", "Reference proteome;Kelch repeat")
    'Kelch-like protein 35. Keywords: Kelch repeat.'
    """
    words = [word.strip() for word in keywords.split(";")]
    told = ", ".join(word for word in words if word and word.lower() not in UNINFORMATIVE_KEYWORDS)
    recommended = recommended_name(name)
    parts = [recommended and f"{recommended}.", told and f"Keywords: {told}."]
    return " ".join(part for part in parts if part)


def _read_biomart(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    """Ensembl's description of a human gene is its name, with a note on where it comes from."""
    if has(table, "gene stable id"):
        table = table[text(table, "gene stable id").str.startswith("ENSG").to_numpy()]
    return genes(text(table, "gene name", "hgnc symbol"), name=cut_each(text(table, "gene description"), SOURCE))


def _symbol_column(table: pd.DataFrame) -> int | None:
    """Which of two columns holds symbols, the other one holding texts; None where that is not clear."""
    if table.shape[1] != 2 or table.empty:
        return None
    sides = [position for position in (0, 1) if _like_symbols(table, position) and _like_texts(table, 1 - position)]
    return sides[0] if len(sides) == 1 else None


def _like_symbols(table: pd.DataFrame, position: int) -> bool:
    told = _told(table, position)
    ids = told.str.fullmatch(ENSEMBL) | told.str.fullmatch(ENTREZ)
    return len(told) > 0 and bool((told.str.fullmatch(SYMBOL_LIKE) & ~ids).mean() >= MOSTLY)


def _like_texts(table: pd.DataFrame, position: int) -> bool:
    """Whether most values are more than one word."""
    told = _told(table, position)
    return len(told) > 0 and bool(told.str.contains(" ", regex=False).mean() > 0.5)


def _told(table: pd.DataFrame, position: int) -> pd.Series:
    """The values of one column that are not empty."""
    values = text(table.iloc[:, [position]].set_axis(["values"], axis=1), "values")
    return values[values != ""]


def _read_two_columns(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    """Symbols and texts, whatever the columns are called."""
    position = _symbol_column(table)
    columns = table.set_axis(["text", "symbol"] if position else ["symbol", "text"], axis=1)
    return genes(text(columns, "symbol"), description=text(columns, "text"))


PLAIN = Form(lambda table: has_any(table, *SYMBOL) and has_any(table, *TEXTS, REFSEQ, *NAME), _plain_links, _read_plain)
BIOMART = Form(
    lambda table: has(table, "gene description") and has_any(table, "gene name", "hgnc symbol"), no_links, _read_biomart
)
TWO_COLUMNS = Form(lambda table: _symbol_column(table) is not None, no_links, _read_two_columns)


FORMS = (BIOMEDGRAPHICA, SUMMARY, INFO, UNIPROT, BIOMART, PLAIN, TWO_COLUMNS)
EXPECTED = (
    "NCBI gene_info (GeneID, Symbol, description) and gene_summary (GeneID, Summary), a UniProt TSV (Entry, Gene Names "
    "(primary), Function [CC]), the HGNC complete set, Ensembl BioMart (Gene name, Gene description), BioMedGraphica, "
    "a table with symbol or gene and any of description, summary, text, refseq_summary, name, or two columns of gene "
    "symbols and texts"
)


def read_annotations(tables: RawTables, names: GeneNames | None = None) -> pd.DataFrame:
    """Read what is written about each gene.

    Understood are NCBI gene_info, with gene_summary beside it; the UniProt TSV; names of the HGNC complete set and of
    Ensembl BioMart; BioMedGraphica's tables of genes and descriptions; tables with columns ``symbol`` or ``gene`` and
    ``description``, ``summary``, ``text``, ``refseq_summary`` or ``name``; and any two columns of gene symbols and
    texts. Notes on who provided a text, and evidence tags, are cut.

    Parameters
    ----------
    tables
        File name -> its table. Of several texts of one gene, the first that is not empty wins, in the order of the
        files; names and descriptions each by themselves.
    names
        Former symbols become the approved ones, as in the network and the cells; None: they stay.

    Returns
    -------
    Table :class:`~pathlore.schemas.GeneAnnotations`, in the order of the tables; missing texts are empty.

    Raises
    ------
    PathloreError
        A table has unknown columns or no symbol of a human gene, or its ids stand for no symbol.

    Examples
    --------
    >>> table = pd.DataFrame({"gene": ["TP53", "TP53"], "summary": ["", "A tumor  suppressor."]})
    >>> read_annotations({"texts.csv": table}).to_dict("records")
    [{'symbol': 'TP53', 'name': '', 'description': 'A tumor suppressor.'}]
    """
    said = {"of": "gene texts", "expected": EXPECTED, "parameter": "gene_text"}
    known = [(file, *format_of(file, raw, FORMS, **said)) for file, raw in tables.items()]
    links: dict[str, str] = {}
    for _, table, form in known:
        links = form.links(table) | links
    parts = []
    for file, table, form in known:
        part = form.read(table, links)
        part["symbol"] = known_genes(part["symbol"], file, "gene_text")
        n_named = part.index[part["symbol"] != ""].nunique()
        logger.info(
            "Gene texts %s: %d rows read; left out: %d of other species or withdrawn, %d without a symbol",
            file, len(table), len(table) - part.index.nunique(), part.index.nunique() - n_named,
        )  # fmt: skip
        if not n_named:
            raise PathloreError(f"none of the {len(table)} rows of {file} has a human gene symbol: check `gene_text`")
        parts.append(part)
    empty = pd.DataFrame(columns=["symbol", "name", "description"], dtype=object)
    genes = pd.concat([empty, *parts], ignore_index=True)
    if names is not None:
        genes["symbol"] = names.approved(genes["symbol"])
    return GeneAnnotations.validate(_one_row_per_symbol(genes))


def _one_row_per_symbol(genes: pd.DataFrame) -> pd.DataFrame:
    """First non-empty name and description of each symbol; rows without a symbol are left out."""
    named = genes[genes["symbol"] != ""]
    read = {column: without_html(named[column].astype(str)) for column in ("name", "description")}
    coded = sum((read[column] != named[column]).sum() for column in read)
    named = named.assign(name=read["name"], description=cut_each(read["description"], CREDIT))
    unique = named[["symbol"]].drop_duplicates(ignore_index=True)
    for column in ("name", "description"):
        filled = named.loc[named[column] != "", ["symbol", column]].drop_duplicates("symbol")
        unique[column] = unique["symbol"].map(filled.set_index("symbol")[column]).fillna("")
    told = unique.loc[unique["description"] != "", "description"]
    shared = told[told.duplicated(keep=False)]
    if len(shared):
        logger.warning(
            "%d genes have the same description as another gene (such as '%s'): texts cannot distinguish them",
            len(shared), shared.iloc[0][:60],
        )  # fmt: skip
    logger.info(
        "Gene annotations: %d genes, %d named, %d described; %d rows of repeated and %d without symbols left out; "
        "%d texts freed of HTML",
        len(unique),
        (unique["name"] != "").sum(),
        (unique["description"] != "").sum(),
        len(named) - len(unique),
        len(genes) - len(named),
        coded,
    )
    return unique.astype(object)
