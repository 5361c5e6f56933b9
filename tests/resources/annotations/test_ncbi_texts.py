import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.resources.annotations import read_annotations

INFO = pd.DataFrame(
    [
        ("9606", "7157", "TP53", "tumor protein p53", "TP53", "tumor protein p53 full"),
        ("9606", "100", "LOC100", "uncharacterized LOC100", "-", "-"),
        ("10090", "22059", "Trp53", "mouse p53", "Trp53", "mouse"),
    ],
    columns=[
        "#tax_id", "GeneID", "Symbol", "description", "Symbol_from_nomenclature_authority",
        "Full_name_from_nomenclature_authority",
    ],
)  # fmt: skip
INFO["Synonyms"] = "-"
SUMMARY = pd.DataFrame(
    [
        ("9606", "7157", "OMIM", "From OMIM. [supplied by OMIM, Mar 2008]"),
        ("9606", "7157", "RefSeq", "A tumor suppressor. [provided by RefSeq, Jul 2016]"),
        ("10090", "22059", "RefSeq", "Of the mouse."),
        ("9606", "5", "RefSeq", "Of a gene without symbol."),
    ],
    columns=["#tax_id", "GeneID", "Source", "Summary"],
)
NAMES = [["TP53", "tumor protein p53 full", ""], ["LOC100", "uncharacterized LOC100", ""]]


def rows(tables):
    return read_annotations(tables).to_numpy().tolist()


def test_gene_info_alone_gives_names():
    assert rows({"gene_info": INFO}) == NAMES


@pytest.mark.parametrize("order", [("gene_info", "gene_summary"), ("gene_summary", "gene_info")])
def test_summaries_are_joined_by_gene_id_refseq_first(order):
    tables = {"gene_info": INFO, "gene_summary": SUMMARY}
    expected = [["TP53", "tumor protein p53 full", "A tumor suppressor."], NAMES[1]]
    assert rows({name: tables[name] for name in order}) == expected


def test_hgnc_names_the_gene_ids_as_well():
    hgnc = pd.DataFrame(
        {
            "hgnc_id": ["HGNC:11998", "HGNC:1"],
            "symbol": ["TP53", "OLD"],
            "name": ["tumor protein p53", "withdrawn"],
            "status": ["Approved", "Entry Withdrawn"],
            "alias_symbol": ["", ""],
            "gene_group": ["MicroRNA protein coding host genes", ""],
            "entrez_id": ["7157", ""],
        }
    )
    assert rows({"hgnc": hgnc}) == [["TP53", "tumor protein p53", ""]]
    assert rows({"s": SUMMARY, "hgnc": hgnc}) == [["TP53", "tumor protein p53", "A tumor suppressor."]]


def test_summaries_alone_have_no_symbols():
    with pytest.raises(PathloreError, match=r"3 human summaries .*such as 7157, 7157, 5.*gene_info.*`gene_text`"):
        rows({"gene_summary": SUMMARY})


def test_genes_of_the_mouse_alone():
    with pytest.raises(PathloreError, match="none of the 1 rows of mouse has a human gene symbol"):
        rows({"mouse": INFO.iloc[2:]})
