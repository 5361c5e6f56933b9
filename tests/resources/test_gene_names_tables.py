import logging

import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.resources.names import read_gene_names

HGNC_COLUMNS = (
    "hgnc_id symbol name locus_group locus_type status alias_symbol prev_symbol entrez_id ensembl_gene_id uniprot_ids"
)
HGNC = pd.DataFrame(
    [
        "HGNC:11998,TP53,tumor protein p53,p,g,Approved,p53|LFS1,,7157,ENSG00000141510,P04637",
        "HGNC:25565,FIRRM,FIGNL1 regulator,p,g,Approved,FLIP|FLJ10706,C1orf112,55732,ENSG00000000460,Q9NSG2",
        "HGNC:4392,GNAS,GNAS complex locus,p,g,Approved,,GNAS1,2778,ENSG00000087460,O95467|P63092",
        "HGNC:1,OLD1,withdrawn entry,p,w,Entry Withdrawn,ZZZ,,,,",
    ]
)[0].str.split(",", expand=True)
HGNC.columns = HGNC_COLUMNS.split()

GENE_INFO_COLUMNS = (
    "#tax_id GeneID Symbol LocusTag Synonyms dbXrefs chromosome map_location description type_of_gene "
    "Symbol_from_nomenclature_authority Full_name_from_nomenclature_authority Nomenclature_status Other_designations "
    "Modification_date Feature_type"
)
GENE_INFO = pd.DataFrame(
    [
        "9606\t7157\tTP53\t-\tBCC7|P53\tMIM:191170|HGNC:HGNC:11998|Ensembl:ENSG00000141510|AllianceGenome:HGNC:11998\t17\t"
        "17p13.1\ttumor protein p53\tprotein-coding\tTP53\ttumor protein p53\tO\t-\t20240101\t-",
        "9606\t55732\tC1orf112\t-\t-\tEnsembl:ENSG00000000460\t1\t-\tunknown\tprotein-coding\t-\t-\t-\t-\t20100101\t-",
        "9606\t4549\tRNR1\t-\tMTRNR1\tEnsembl:ENSG00000211459\tMT\t-\trRNA\trRNA\tMT-RNR1\t12S\tO\t-\t20240101\t-",
        "10090\t22059\tTrp53\t-\tp53\tEnsembl:ENSMUSG00000059552\t-\t-\tp53\tprotein-coding\tTrp53\tp53\tO\t-\t20240101\t-",
    ]
)[0].str.split("\t", expand=True)
GENE_INFO.columns = GENE_INFO_COLUMNS.split()

BIOMART = pd.DataFrame(
    [
        ("ENSG00000141510", "TP53", "7157", "P53"),
        ("ENSG00000141510", "TP53", "7157", "LFS1"),
        ("ENSG00000087460", "GNAS", "2778", ""),
        ("ENSG00000999999", "", "", ""),
        ("ENSMUSG00000059552", "Trp53", "22059", "p53"),
    ],
    columns=["Gene stable ID", "Gene name", "NCBI gene (formerly Entrezgene) ID", "Gene Synonym"],
)

PLAIN = pd.DataFrame(
    [("TP53", "tumor protein p53", "P53;LFS1", "nucleus"), ("C1orf112", "", "", "")],
    columns=["symbol", "name", "synonyms", "location"],
)


def symbols(names, kind, *identifiers):
    return [names.to_symbol(identifier, kind) for identifier in identifiers]


def test_hgnc_complete_set():
    names = read_gene_names({"hgnc_complete_set.txt": HGNC})
    assert list(names.symbols) == ["TP53", "FIRRM", "GNAS"]
    assert symbols(names, "alias", "LFS1", "C1orf112", "FLJ10706", "ZZZ") == ["TP53", "FIRRM", "FIRRM", None]
    assert symbols(names, "previous", "C1orf112", "LFS1") == ["FIRRM", None]
    assert symbols(names, "ensembl", "ENSG00000000460.17") == ["FIRRM"]
    assert symbols(names, "entrez", "2778") == ["GNAS"]
    assert symbols(names, "uniprot", "P63092", "O95467") == ["GNAS", "GNAS"]


def test_hgnc_custom_download():
    columns = {
        "HGNC ID": ["HGNC:11998", "HGNC:2"],
        "Approved symbol": ["TP53", "OLD~withdrawn"],
        "Approved name": ["tumor protein p53", "entry withdrawn"],
        "Status": ["Approved", "Entry Withdrawn"],
        "Previous symbols": ["TRP53", ""],
        "Alias symbols": ["p53, LFS1", ""],
        "NCBI Gene ID": ["7157", ""],
        "Ensembl gene ID": ["ENSG00000141510", ""],
    }
    names = read_gene_names({"custom.txt": pd.DataFrame(columns)})
    assert list(names.symbols) == ["TP53"]
    assert symbols(names, "alias", "p53", "LFS1", "TRP53") == ["TP53"] * 3
    assert symbols(names, "entrez", "7157") == ["TP53"]


def test_ncbi_gene_info():
    names = read_gene_names({"Homo_sapiens.gene_info": GENE_INFO})
    assert list(names.symbols) == ["TP53", "C1orf112", "MT-RNR1"]
    assert symbols(names, "alias", "BCC7", "RNR1", "MTRNR1", "-") == ["TP53", "MT-RNR1", "MT-RNR1", None]
    assert symbols(names, "ensembl", "ENSG00000141510", "ENSMUSG00000059552") == ["TP53", None]
    assert symbols(names, "entrez", "4549", "22059") == ["MT-RNR1", None]


def test_ensembl_biomart():
    names = read_gene_names({"mart_export.txt": BIOMART})
    assert list(names.symbols) == ["TP53", "GNAS"]
    assert symbols(names, "alias", "P53", "LFS1") == ["TP53", "TP53"]
    assert symbols(names, "ensembl", "ENSG00000087460") == ["GNAS"]
    assert symbols(names, "entrez", "2778") == ["GNAS"]


def test_built_in_form():
    names = read_gene_names({"genes.csv": PLAIN})
    assert list(names.symbols) == ["TP53", "C1orf112"]
    assert symbols(names, "alias", "LFS1") == ["TP53"]


def test_a_canonical_symbol_is_the_approved_one():
    table = pd.DataFrame({"symbol": ["AARS", "TP53"], "canonical_symbol": ["AARS1", None], "entrez": [16.0, None]})
    names = read_gene_names({"gene_text.parquet": table})
    assert list(names.symbols) == ["AARS1", "TP53"]
    assert symbols(names, "alias", "AARS") == ["AARS1"]
    assert symbols(names, "entrez", "16") == ["AARS1"]


def test_an_id_in_the_wrong_column_is_left_out():
    table = pd.DataFrame({"symbol": ["TP53"], "gene_id": ["ENSG00000141510"], "ensembl": ["ENSG00000141510.18"]})
    names = read_gene_names({"x.csv": table})
    assert names.table.iloc[0][["ensembl", "entrez"]].tolist() == ["ENSG00000141510", ""]


@pytest.mark.parametrize("reverse", [False, True])
def test_tables_unite_and_the_authority_is_believed(reverse, caplog):
    caplog.set_level(logging.INFO)
    wrong = pd.DataFrame({"symbol": ["NEW1"], "ensembl": ["ENSG00000141510"], "synonyms": ["NW"]})
    tables = {"info": GENE_INFO, "plain": PLAIN, "hgnc": HGNC, "wrong": wrong}
    names = read_gene_names(dict(reversed(tables.items())) if reverse else tables)
    assert list(names.symbols) == ["TP53", "FIRRM", "GNAS", "MT-RNR1", "NEW1"]  # C1orf112 is FIRRM
    assert symbols(names, "ensembl", "ENSG00000141510") == ["TP53"]
    assert symbols(names, "alias", "BCC7", "LFS1", "NW", "C1orf112") == ["TP53", "TP53", "NEW1", "FIRRM"]
    assert "5 approved symbols with 2 previous" in caplog.text
    assert "from 4 tables" in caplog.text


def test_no_table_no_names():
    assert len(read_gene_names({})) == 0


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (pd.DataFrame({"source": ["A"], "target": ["B"]}), "x.csv has the columns source, target; expected .*HGNC"),
        ("<pathway/>", "x.csv has no table"),
        (GENE_INFO[GENE_INFO["#tax_id"] == "10090"], "none of the 1 rows of x.csv names a human gene"),
    ],
)
def test_errors_name_file_and_parameter(raw, words):
    with pytest.raises(PathloreError, match=f"{words}.*`gene_names`"):
        read_gene_names({"x.csv": raw})


@pytest.mark.shared
def test_real_table(shared_data):
    names = read_gene_names({"gene_text.parquet": pd.read_parquet(shared_data / "genes" / "gene_text.parquet")})
    assert len(names) > 20_000
    assert symbols(names, "entrez", "7157") == ["TP53"]
    assert symbols(names, "uniprot", "P04637") == ["TP53"]
