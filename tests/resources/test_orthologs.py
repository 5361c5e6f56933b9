import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.genes.names import GeneNames
from pathlore.resources.orthologs import read_orthologs

COLUMNS = ["mouse", "human", "mouse_ensembl", "mouse_entrez"]
NAMES = GeneNames(pd.DataFrame({"symbol": ["TP53"], "ensembl": ["ENSG00000141510"], "entrez": ["7157"]}))


def rows(*tables, gene_names=None):
    pairs = read_orthologs({f"{i}.txt": table for i, table in enumerate(tables)}, gene_names)
    assert list(pairs.columns) == COLUMNS
    return pairs.to_numpy().tolist()


MGI = pd.DataFrame(
    [
        ("45916481", "mouse, laboratory", "10090", "Trp53", "22059", "MGI:98834"),
        ("45916481", "human", "9606", "TP53", "7157", ""),
        ("2", "mouse, laboratory", "10090", "Ccl3", "20302", ""),
        ("2", "human", "9606", "CCL3", "6348", ""),
        ("2", "human", "9606", "CCL3L3", "414062", ""),
        ("3", "mouse, laboratory", "10090", "Gm1", "1", ""),
        ("4", "human", "9606", "ABC", "2", ""),
    ],
    columns=["DB Class Key", "Common Organism Name", "NCBI Taxon ID", "Symbol", "EntrezGene ID", "Mouse MGI ID"],
)


def test_mgi():
    assert rows(MGI) == [
        ["Trp53", "TP53", "", "22059"],
        ["Ccl3", "CCL3", "", "20302"],
        ["Ccl3", "CCL3L3", "", "20302"],
    ]


BIOMART = pd.DataFrame(
    [
        ("ENSMUSG00000059552", "Trp53", "ENSG00000141510", "TP53", "ortholog_one2one"),
        ("ENSMUSG00000059552", "Trp53", "ENSG00000141510", "TP53", "ortholog_one2one"),
        ("ENSMUSG00000000001", "Gm1", "", "", ""),
        ("ENSMUSG00000000002", "", "ENSG00000136997", "MYC", "ortholog_one2many"),
        ("ENSRNOG00000010756", "Tp53", "ENSG00000141510", "TP53", "ortholog_one2one"),
    ],
    columns=["Gene stable ID", "Gene name", "Human gene stable ID", "Human gene name", "Human homology type"],
)


def test_biomart_of_the_mouse():
    expected = [["Trp53", "TP53", "ENSMUSG00000059552", ""], ["", "MYC", "ENSMUSG00000000002", ""]]
    assert rows(BIOMART) == expected
    assert rows(BIOMART[["Gene name", "Human gene name", "Human homology type"]].iloc[:3]) == [
        ["Trp53", "TP53", "", ""]
    ]


def test_biomart_of_the_human():
    table = pd.DataFrame(
        [("ENSG00000141510", "TP53", "ENSMUSG00000059552", "Trp53", "ortholog_one2one")],
        columns=["Gene stable ID", "Gene name", "Mouse gene stable ID", "Mouse gene name", "Mouse homology type"],
    )
    assert rows(table) == [["Trp53", "TP53", "ENSMUSG00000059552", ""]]


HCOP_COLUMNS = """
human_entrez_gene human_ensembl_gene hgnc_id human_name human_symbol human_chr human_assert_ids
mouse_entrez_gene mouse_ensembl_gene mgi_id mouse_name mouse_symbol mouse_chr mouse_assert_ids support
"""
HCOP = pd.DataFrame(
    [
        "7157;ENSG00000141510;HGNC:11998;tumor protein p53;TP53;17;-;22059;ENSMUSG00000059552;MGI:98834;p53;Trp53;11;-;"
        "Ensembl,HGNC,NCBI,OMA,Panther",
        "8626;ENSG00000073282;HGNC:15979;tumor protein p63;TP63;3;-;22059;ENSMUSG00000059552;MGI:98834;p53;Trp53;11;-;"
        "Ensembl,OMA,Panther",
        "1;-;-;-;AAA;-;-;11;-;-;-;Aaa;-;-;Ensembl,OMA",
        "2;-;-;-;-;-;-;12;-;-;-;Bbb;-;-;Ensembl,OMA,HGNC",
        "3;-;-;-;CCC;-;-;13;-;-;-;-;-;-;Ensembl,OMA,HGNC",
    ]
)[0].str.split(";", expand=True)
HCOP.columns = HCOP_COLUMNS.split()


def test_hcop_keeps_the_pairs_that_most_databases_agree_on():
    assert rows(HCOP) == [["Trp53", "TP53", "ENSMUSG00000059552", "22059"], ["", "CCC", "", "13"]]


def test_hcop_of_all_species():
    columns = {c: c.replace("mouse_", "ortholog_species_") for c in HCOP if c.startswith("mouse_")}
    table = HCOP.rename(columns=columns).assign(ortholog_species=["10090", "10090", "10090", "10090", "10116"])
    assert rows(table) == [["Trp53", "TP53", "ENSMUSG00000059552", "22059"]]


def test_hcop_of_six_columns_needs_the_names_of_the_human_genes():
    ids = ["human_entrez_gene", "human_ensembl_gene", "hgnc_id", "mouse_entrez_gene", "mouse_ensembl_gene", "support"]
    assert rows(HCOP[ids].iloc[:1], gene_names=NAMES) == [["", "TP53", "ENSMUSG00000059552", "22059"]]
    with pytest.raises(PathloreError, match="give `gene_names` too"):
        rows(HCOP[ids])


@pytest.mark.parametrize(
    "columns",
    [
        ("mouse_gene", "human_gene"),
        ("mouse", "human"),
        ("MGI.symbol", "HGNC.symbol"),
        ("mouse_symbol", "human_symbol"),
        ("gene_mouse", "gene_human"),
        ("mmusculus_gene", "hsapiens_gene"),
    ],
)
def test_any_two_columns(columns):
    table = pd.DataFrame([("Trp53", "TP53"), ("Trp53", "TP53"), ("", "MYC"), ("Gm1", None)], columns=list(columns))
    assert rows(table) == [["Trp53", "TP53", "", ""]]
    assert rows(table[table.columns[::-1]]) == [["Trp53", "TP53", "", ""]]


def test_columns_of_ids_are_not_taken_for_symbols():
    table = pd.DataFrame(
        [("E", "1", "Trp53", "TP53")], columns=["mouse_ensembl", "human_id", "mouse_gene", "human_gene"]
    )
    assert rows(table) == [["Trp53", "TP53", "", ""]]


def test_several_tables_unite_and_collect_ids():
    assert rows(MGI, BIOMART)[0] == ["Trp53", "TP53", "ENSMUSG00000059552", "22059"]
    other = BIOMART.iloc[:1].replace("ENSMUSG00000059552", "ENSMUSG00000099999")
    assert rows(BIOMART, other)[0][2] == "ENSMUSG00000059552;ENSMUSG00000099999"


def test_no_table_no_pairs():
    assert rows() == []


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (pd.DataFrame({"a": ["A"], "b": ["B"]}), "x.csv has the columns a, b; expected .*HOM_MouseHumanSequence"),
        ("<pathway/>", "x.csv has no table"),
        (pd.DataFrame({"mouse": [""], "human": ["TP53"]}), "none of the 1 rows of x.csv pairs"),
    ],
)
def test_errors_name_file_and_parameter(raw, words):
    with pytest.raises(PathloreError, match=f"{words}.*`orthologs`"):
        read_orthologs({"x.csv": raw})


@pytest.mark.shared
def test_real_table(shared_data):
    table = pd.read_csv(shared_data / "genes" / "mouse_human_gene_pairs.csv.gz", dtype=str, keep_default_na=False)
    assert len(rows(table)) == 17_321
