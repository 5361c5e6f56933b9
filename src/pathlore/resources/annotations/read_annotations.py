"""One table of gene texts from several."""

import logging

import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.genes.names import GeneNames
from pathlore.resources.annotations.biomedgraphica import BIOMEDGRAPHICA
from pathlore.resources.annotations.forms import CREDIT, Form, cut_each, without_html
from pathlore.resources.annotations.ncbi import INFO, SUMMARY
from pathlore.resources.annotations.plain import BIOMART, PLAIN, TWO_COLUMNS
from pathlore.resources.annotations.uniprot import UNIPROT
from pathlore.resources.gene_column import known_genes
from pathlore.resources.raw import Raw, RawTables
from pathlore.schemas import GeneAnnotations

logger = logging.getLogger(__name__)

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
    known = [(file, *_recognise(file, raw)) for file, raw in tables.items()]
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


def _recognise(file: str, raw: Raw) -> tuple[pd.DataFrame, Form]:
    if isinstance(raw, pd.DataFrame):
        for form in FORMS:
            if form.fits(raw):
                return raw.reset_index(drop=True), form
    found = f"the columns {shorten(raw.columns, 20)}" if isinstance(raw, pd.DataFrame) else "no table"
    raise PathloreError(f"{file} has {found}; expected as a table of gene texts is {EXPECTED}: check `gene_text`")


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
