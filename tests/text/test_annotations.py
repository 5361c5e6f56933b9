import logging

import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.schemas import GeneAnnotations
from pathlore.text.annotations import gene_annotations


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
    genes = GeneAnnotations.validate(gene_annotations(table)).set_index("symbol")
    assert genes["description"].tolist() == ["Summary of a.", "Protein B. Keywords: Kinase, Membrane.", "", ""]
    assert genes["name"].tolist() == ["gene a", "", "", "gene d"]


def test_atlas_table():
    table = pd.DataFrame(
        {
            "symbol": ["TP53"],
            "name": ["tumor protein p53"],
            "synonyms": ["P53"],
            "role": ["tf"],
            "location": ["nucleus"],
            "description": ["Stops the cell cycle."],
        }
    )
    assert gene_annotations(table).to_numpy().tolist() == [["TP53", "tumor protein p53", "Stops the cell cycle."]]


@pytest.mark.parametrize("symbol", ["symbol", "gene", "Gene"])
@pytest.mark.parametrize("text", ["description", "summary", "text", "Summary"])
def test_any_table_with_one_text_column(symbol, text):
    genes = gene_annotations(pd.DataFrame({symbol: ["A"], text: [" one\n two "], "other": [1]}))
    assert genes.to_numpy().tolist() == [["A", "", "one two"]]


def test_names_alone_will_do():
    assert gene_annotations(pd.DataFrame({"gene": ["A"], "name": ["gene a"]}))["name"].tolist() == ["gene a"]


def test_first_non_empty_of_a_repeated_symbol_wins_and_is_counted(caplog):
    caplog.set_level(logging.INFO)
    table = pd.DataFrame(
        {
            "symbol": ["B", "A", "A", "A", " ", None],
            "name": ["b", None, "first", "second", "x", "y"],
            "summary": ["", "", "", "late", "x", "y"],
        },
        index=[3, 3, 1, 0, 7, 8],
    )
    genes = gene_annotations(table)
    assert genes.to_numpy().tolist() == [["B", "b", ""], ["A", "first", "late"]]
    assert "2 rows of repeated and 2 without symbols left out" in caplog.text


@pytest.mark.parametrize("columns", [["symbol", "length"], ["id", "description"]])
def test_unknown_columns_are_listed(columns):
    with pytest.raises(PathloreError, match=f"{sorted(columns)[0]}, {sorted(columns)[1]}.*gene_text"):
        gene_annotations(pd.DataFrame([["A", "B"]], columns=columns))


def test_no_symbols():
    with pytest.raises(PathloreError, match="none of the 1 rows"):
        gene_annotations(pd.DataFrame({"symbol": [None], "text": ["x"]}))
