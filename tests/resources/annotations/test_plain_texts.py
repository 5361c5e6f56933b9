import pandas as pd
import pytest

from pathlore.resources.annotations import read_annotations


def rows(table):
    return read_annotations({"x.csv": table}).to_numpy().tolist()


def test_shared_table_uses_refseq_then_uniprot_and_never_gene_ontology():
    table = pd.DataFrame(
        {
            "symbol": ["A", "B", "C", "D"],
            "name": ["gene a", "", None, "gene d"],
            "refseq_summary": ["Summary of a.", "", None, ""],
            "uniprot_name": ["Protein A", "Protein B (PB) (EC 1.1)", "", ""],
            "uniprot_keywords": ["Kinase", "3D-structure;Kinase;Membrane", "Reference proteome", ""],
            "go_bp": ["response to x"] * 4,
            "text": ["A (gene a). Involved in: response to x."] * 4,
        }
    )
    assert rows(table) == [
        ["A", "gene a", "Summary of a."],
        ["B", "", "Protein B. Keywords: Kinase, Membrane."],
        ["C", "", ""],
        ["D", "gene d", ""],
    ]


def test_built_in_table():
    columns = ["symbol", "name", "synonyms", "role", "location", "description"]
    table = pd.DataFrame(
        [["TP53", "tumor protein p53", "P53", "tf", "nucleus", "Stops the cell cycle."]], columns=columns
    )
    assert rows(table) == [["TP53", "tumor protein p53", "Stops the cell cycle."]]


@pytest.mark.parametrize("symbol", ["symbol", "gene", "Gene", "gene_symbol"])
@pytest.mark.parametrize("text", ["description", "summary", "text", "Summary"])
def test_a_table_with_one_text_column(symbol, text):
    assert rows(pd.DataFrame({symbol: ["A"], text: [" one\n two "], "other": [1]})) == [["A", "", "one two"]]


def test_names_alone_will_do():
    assert rows(pd.DataFrame({"gene": ["A"], "name": ["gene a"]})) == [["A", "gene a", ""]]


def test_ensembl_biomart():
    table = pd.DataFrame(
        {
            "Gene stable ID": ["ENSG00000141510", "ENSMUSG00000059552"],
            "Gene name": ["TP53", "Trp53"],
            "Gene description": ["tumor protein p53 [Source:HGNC Symbol;Acc:HGNC:11998]", "mouse [Source:MGI]"],
        }
    )
    assert rows(table) == [["TP53", "tumor protein p53", ""]]
    assert rows(table.iloc[:1, 1:]) == [["TP53", "tumor protein p53", ""]]


@pytest.mark.parametrize("columns", [("a", "b"), ("Unnamed: 0", "0"), ("genes", "what it does")])
def test_any_two_columns(columns):
    table = pd.DataFrame(
        [("TP53", "Stops the cell cycle."), ("HLA-A", "Shows peptides to T cells."), ("", "of no gene")],
        columns=list(columns),
    )
    expected = [["TP53", "", "Stops the cell cycle."], ["HLA-A", "", "Shows peptides to T cells."]]
    assert rows(table) == expected
    assert rows(table[table.columns[::-1]]) == expected
