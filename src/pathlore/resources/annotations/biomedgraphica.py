"""BioMedGraphica: entities and their texts in separate files, joined by its ids.

``BioMedGraphica_Gene.csv`` (``HGNC_Symbol``) or ``..._Display_Name.csv`` (``BMG_Gene_Name``) give the symbols;
``..._Description_Combined.csv`` (``Description``, "NCBI Gene: ... | Ensembl: ...") or ``..._Description.csv`` (columns
``NCBI Gene`` and ``Ensembl``) the texts; files of the part named Conn have ``BioMedGraphica_Conn_ID`` instead of
``BioMedGraphica_ID``. https://github.com/FuhaiLiAiLab/BioMedGraphica
"""

import html
import re

import pandas as pd

from pathlore.errors import PathloreError
from pathlore.genes.columns import has_any, text
from pathlore.resources.annotations.forms import SOURCE, Form, Links, cut_each, genes, pairs

ID = ("biomedgraphica_conn_id", "biomedgraphica_id")
SYMBOL = ("hgnc_symbol", "bmg_gene_name", "bmg_protein_name")
LABEL = re.compile(r"^(NCBI Gene|Ensembl|UniProt|RefSeq|HGNC): ")
SEPARATOR = " | "


def split_texts(combined: str) -> tuple[str, str]:
    """Name and description of a gene from what its sources say; the name is what Ensembl says.

    Examples
    --------
    >>> split_texts("NCBI Gene: Stops the cell cycle. | Ensembl: tumor protein p53 [Source:HGNC Symbol;Acc:HGNC:11998]")
    ('tumor protein p53', 'Stops the cell cycle.')
    """
    names: list[str] = []
    texts: list[str] = []
    for part in html.unescape(combined).split(SEPARATOR):
        label = LABEL.match(part)
        told = part[label.end() :] if label else part
        (names if label and label[1] == "Ensembl" else texts).append(told.strip())
    return SOURCE.sub("", names[0] if names else ""), " ".join(dict.fromkeys(filter(None, texts)))


def _links(table: pd.DataFrame) -> dict[str, str]:
    return pairs(text(table, *ID), text(table, *SYMBOL))


def _read(table: pd.DataFrame, links: Links) -> pd.DataFrame:
    ids = text(table, *ID)
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


BIOMEDGRAPHICA = Form(lambda table: has_any(table, *ID), _links, _read)
