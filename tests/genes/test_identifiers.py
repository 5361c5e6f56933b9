import pandas as pd
import pytest

from pathlore.genes.identifiers import describe, identifier_advice, identifier_kind, symbol_species


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["Trp53", "Myc", "Cd4", "H2-K1", "1700001C02Rik"], "mouse symbols"),
        (["ENSMUSG00000059552", "ENSMUSG00000022346"], "Ensembl ids"),
        (["7157", "4609"], "Entrez ids"),
        (["TP53", "C1orf112", "MT-CO1", "LINC00115"], "human symbols"),
        ([], "human symbols"),
    ],
)
def test_identifier_kind(names, kind):
    assert identifier_kind(names) == kind


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("TP53", ("TP53", "symbol", "human", False)),
        (" TP53 ", ("TP53", "symbol", "human", False)),
        ("GRCh38_TP53", ("TP53", "symbol", "human", True)),
        ("hg19_TP53", ("TP53", "symbol", "human", True)),
        ("GRCm39_____Trp53", ("Trp53", "symbol", "mouse", True)),
        ("mm10_GFP", ("GFP", "symbol", "mouse", True)),
        ("mm10___ENSMUSG00000059552", ("ENSMUSG00000059552", "ensembl", "mouse", True)),
        ("ENSG00000141510", ("ENSG00000141510", "ensembl", "human", False)),
        ("ENSG00000141510.18", ("ENSG00000141510", "ensembl", "human", False)),
        ("ENSG00000002586.20_PAR_Y", ("ENSG00000002586", "ensembl", "human", False)),
        ("ENSG00000002586_PAR_Y", ("ENSG00000002586", "ensembl", "human", False)),
        ("ENSRNOG00000010756", ("ENSRNOG00000010756", "ensembl", "other", False)),
        ("ENSG00000141510_TP53", ("TP53", "symbol", "human", False)),
        ("7157", ("7157", "entrez", "", False)),
        ("7157.0", ("7157", "entrez", "", False)),
    ],
)
def test_each_name_is_read_by_itself(name, expected):
    assert tuple(describe(pd.Series([name])).iloc[0]) == expected


@pytest.mark.parametrize(
    ("species", "symbols"),
    [
        ("human", ["HLA-A", "MT-CO1", "C1orf112", "CXorf38", "NKX2-1", "RP11-34P13.7", "A1BG"]),
        ("mouse", ["Trp53", "H2-Ab1", "mt-Nd1", "Gm12345", "D3Ertd751e", "A630001G21Rik", "4930404I05Rik"]),
        (
            "",
            [
                "tp53",
                "G1",
                "AL627309.1",
                "BC005537",
                "Blank-1",
                "Hashtag1",
                "NegControlProbe_00042",
                "gene_1",
                "ERCC-1",
            ],
        ),
    ],
)
def test_letters_tell_the_species_or_nothing(species, symbols):
    assert [symbol_species(symbol) for symbol in symbols] == [species] * len(symbols)


def test_the_kind_may_be_said():
    assert describe(pd.Series(["7157", "TP53"]), "symbol")["kind"].tolist() == ["symbol"] * 2


@pytest.mark.parametrize(
    ("kind", "word"), [("mouse symbols", "orthologs"), ("Ensembl ids", "gene_names"), ("human symbols", "species")]
)
def test_advice_names_what_to_give(kind, word):
    assert word in identifier_advice(kind)
    assert "`ingestion.cells.gene_column`" in identifier_advice(kind)
