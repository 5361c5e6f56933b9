import logging

import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.resources.annotations import plain_function, read_annotations, recommended_name
from pathlore.schemas import GeneAnnotations


def rows(tables):
    return GeneAnnotations.validate(read_annotations(tables)).to_numpy().tolist()


def test_several_files_first_non_empty_wins_name_and_description_separately():
    first = pd.DataFrame({"symbol": ["B", "A"], "name": ["b", ""], "summary": ["", ""]})
    second = pd.DataFrame({"gene": ["A", "B"], "description": ["about A", "about B"]})
    third = pd.DataFrame({"gene": ["A", "B", "C"], "name": ["late a", "late b", "c"], "text": ["late"] * 3})
    expected = [["B", "b", "about B"], ["A", "late a", "about A"], ["C", "c", "late"]]
    assert rows({"1": first, "2": second, "3": third}) == expected


def test_repeated_symbols_are_counted_and_rows_without_left_out(caplog):
    caplog.set_level(logging.INFO)
    table = pd.DataFrame(
        {
            "symbol": ["B", "A", "A", "A", " ", None],
            "name": ["b", None, "first", "second", "x", "y"],
            "summary": ["", "", "", "late", "x", "y"],
        },
        index=[3, 3, 1, 0, 7, 8],
    )
    assert rows({"x": table}) == [["B", "b", ""], ["A", "first", "late"]]
    assert "2 genes, 2 named, 1 described; 2 rows of repeated and 2 without symbols left out" in caplog.text


def test_no_table_no_texts():
    assert rows({}) == []


def test_credit_lines_are_cut_everywhere():
    table = pd.DataFrame({"gene": ["A"], "summary": ["A kinase. [provided by RefSeq, Jul 2008]"]})
    assert rows({"x": table}) == [["A", "", "A kinase."]]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (
            pd.DataFrame([["A", "1", "x"]], columns=["symbol", "length", "x"]),
            "x.csv has the columns length, symbol, x;",
        ),
        (pd.DataFrame([["A", "B"]], columns=["id", "description"]), "x.csv has the columns description, id;"),
        ("<pathway/>", "x.csv has no table; expected .*BioMedGraphica"),
        (pd.DataFrame({"symbol": [None], "text": ["x"]}), "none of the 1 rows of x.csv has a human gene symbol"),
    ],
)
def test_errors_name_file_and_parameter(raw, words):
    with pytest.raises(PathloreError, match=f"{words}.*`gene_text`"):
        read_annotations({"x.csv": raw})


@pytest.mark.shared
def test_real_table(shared_data):
    genes = read_annotations({"gene_text.parquet": pd.read_parquet(shared_data / "genes" / "gene_text.parquet")})
    assert len(genes) == 24_266
    assert genes.set_index("symbol").loc["TP53", "name"] == "tumor protein p53"
    assert (genes["description"] != "").sum() > 20_000
    assert not genes["description"].str.contains("provided by RefSeq").any()


def rows_of_plain(table):
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
    assert rows_of_plain(table) == [
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
    assert rows_of_plain(table) == [["TP53", "tumor protein p53", "Stops the cell cycle."]]


@pytest.mark.parametrize("symbol", ["symbol", "gene", "Gene", "gene_symbol"])
@pytest.mark.parametrize("text", ["description", "summary", "text", "Summary"])
def test_a_table_with_one_text_column(symbol, text):
    assert rows_of_plain(pd.DataFrame({symbol: ["A"], text: [" one\n two "], "other": [1]})) == [["A", "", "one two"]]


def test_names_alone_will_do():
    assert rows_of_plain(pd.DataFrame({"gene": ["A"], "name": ["gene a"]})) == [["A", "gene a", ""]]


def test_ensembl_biomart():
    table = pd.DataFrame(
        {
            "Gene stable ID": ["ENSG00000141510", "ENSMUSG00000059552"],
            "Gene name": ["TP53", "Trp53"],
            "Gene description": ["tumor protein p53 [Source:HGNC Symbol;Acc:HGNC:11998]", "mouse [Source:MGI]"],
        }
    )
    assert rows_of_plain(table) == [["TP53", "tumor protein p53", ""]]
    assert rows_of_plain(table.iloc[:1, 1:]) == [["TP53", "tumor protein p53", ""]]


@pytest.mark.parametrize("columns", [("a", "b"), ("Unnamed: 0", "0"), ("genes", "what it does")])
def test_any_two_columns(columns):
    table = pd.DataFrame(
        [("TP53", "Stops the cell cycle."), ("HLA-A", "Shows peptides to T cells."), ("", "of no gene")],
        columns=list(columns),
    )
    expected = [["TP53", "", "Stops the cell cycle."], ["HLA-A", "", "Shows peptides to T cells."]]
    assert rows_of_plain(table) == expected
    assert rows_of_plain(table[table.columns[::-1]]) == expected


NCBI_INFO = pd.DataFrame(
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
NCBI_INFO["Synonyms"] = "-"
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


def rows_of_ncbi(tables):
    return read_annotations(tables).to_numpy().tolist()


def test_gene_info_alone_gives_names():
    assert rows_of_ncbi({"gene_info": NCBI_INFO}) == NAMES


@pytest.mark.parametrize("order", [("gene_info", "gene_summary"), ("gene_summary", "gene_info")])
def test_summaries_are_joined_by_gene_id_refseq_first(order):
    tables = {"gene_info": NCBI_INFO, "gene_summary": SUMMARY}
    expected = [["TP53", "tumor protein p53 full", "A tumor suppressor."], NAMES[1]]
    assert rows_of_ncbi({name: tables[name] for name in order}) == expected


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
    assert rows_of_ncbi({"hgnc": hgnc}) == [["TP53", "tumor protein p53", ""]]
    assert rows_of_ncbi({"s": SUMMARY, "hgnc": hgnc}) == [["TP53", "tumor protein p53", "A tumor suppressor."]]


def test_summaries_alone_have_no_symbols():
    with pytest.raises(PathloreError, match=r"3 human summaries .*such as 7157, 7157, 5.*gene_info.*`gene_text`"):
        rows_of_ncbi({"gene_summary": SUMMARY})


def test_genes_of_the_mouse_alone():
    with pytest.raises(PathloreError, match="none of the 1 rows of mouse has a human gene symbol"):
        rows_of_ncbi({"mouse": NCBI_INFO.iloc[2:]})


ID = "BioMedGraphica_Conn_ID"
GENES = pd.DataFrame(
    [("BMGC_GN1", "TP53", "7157", "ENSG00000141510"), ("BMGC_GN2", "RNA5-8SN5", "", ""), ("BMGC_GN3", "", "9", "")],
    columns=[ID, "HGNC_Symbol", "NCBI_Gene_ID", "Ensembl_Gene_ID"],
)
COMBINED = pd.DataFrame(
    [
        (
            "BMGC_GN1",
            "NCBI Gene: A tumor suppressor. [provided by RefSeq, Jul 2016] | "
            "Ensembl: tumor protein p53 [Source:HGNC Symbol;Acc:HGNC:11998]",
        ),
        ("BMGC_GN2", "NCBI Gene: From 60 to &gt;800 units."),
        ("BMGC_GN3", "Ensembl: novel transcript"),
    ],
    columns=[ID, "Description"],
)
EXPECTED = [["TP53", "tumor protein p53", "A tumor suppressor."], ["RNA5-8SN5", "", "From 60 to >800 units."]]


def sorted_rows(tables):
    return sorted(read_annotations(tables).to_numpy().tolist(), reverse=True)


@pytest.mark.parametrize("reverse", [False, True])
def test_descriptions_are_joined_to_symbols_by_id(reverse):
    tables = [("Gene.csv", GENES), ("Gene_Description_Combined.csv", COMBINED)]
    assert sorted_rows(dict(tables[::-1] if reverse else tables)) == EXPECTED


def test_display_names_and_separate_columns_under_the_other_name_of_the_id():
    names = GENES[[ID, "HGNC_Symbol"]].set_axis(["BioMedGraphica_ID", "BMG_Gene_Name"], axis=1)
    texts = pd.DataFrame(
        [
            (
                "BMGC_GN1",
                "A tumor suppressor. [provided by RefSeq, Jul 2016]",
                "tumor protein p53 [Source:HGNC Symbol;Acc:1]",
            ),
            ("BMGC_GN2", "From 60 to &gt;800 units.", None),
        ],
        columns=["BioMedGraphica_ID", "NCBI Gene", "Ensembl"],
    )
    assert sorted_rows({"names": names, "texts": texts}) == EXPECTED


def test_descriptions_alone_have_no_symbols():
    with pytest.raises(PathloreError, match=r"ids of 3 texts \(such as BMGC_GN1, .*HGNC_Symbol.*`gene_text`"):
        read_annotations({"x": COMBINED})


UNIPROT = pd.DataFrame(
    [
        ("Q00001", "unreviewed", "TP53", "Fragment", "", "Homo sapiens (Human)"),
        (
            "P04637",
            "reviewed",
            "TP53",
            "Cellular tumor antigen p53 (Antigen NY-CO-13)",
            "FUNCTION: Acts as a tumor suppressor (PubMed:11025664, PubMed:12524540). {ECO:0000269|PubMed:11025664}.",
            "Homo sapiens (Human)",
        ),
        ("P02340", "reviewed", "Tp53", "Cellular tumor antigen p53", "FUNCTION: Of the mouse.", "Mus musculus (Mouse)"),
        ("P0CG47", "reviewed", "GENEA; GENEB", "Twin [Cleaved into: Part]", "", "Homo sapiens (Human)"),
        ("Q11111", "reviewed", "", "Orphan", "FUNCTION: x.", "Homo sapiens (Human)"),
    ],
    columns=["Entry", "Reviewed", "Gene Names (primary)", "Protein names", "Function [CC]", "Organism"],
)
UNIPROT_EXPECTED = [
    ["TP53", "Cellular tumor antigen p53", "Acts as a tumor suppressor."],
    ["GENEA", "Twin", ""],
    ["GENEB", "Twin", ""],
]


def test_human_entries_reviewed_first():
    assert read_annotations({"uniprot.tsv": UNIPROT}).to_numpy().tolist() == UNIPROT_EXPECTED


def test_organism_by_id_or_not_at_all():
    by_id = UNIPROT.drop(columns="Organism").assign(**{"Organism (ID)": ["9606", "9606", "10090", "9606", "9606"]})
    assert read_annotations({"uniprot.tsv": by_id}).to_numpy().tolist() == UNIPROT_EXPECTED
    human = UNIPROT.drop(index=2).drop(columns="Organism")
    assert read_annotations({"uniprot.tsv": human}).to_numpy().tolist() == UNIPROT_EXPECTED


def test_gene_names_without_a_primary_one():
    table = UNIPROT.iloc[[1]].drop(columns="Gene Names (primary)").assign(**{"Gene Names": "TP53 P53"})
    assert read_annotations({"uniprot.tsv": table})["symbol"].tolist() == ["TP53"]


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("", ""),
        ("FUNCTION: Kinase.", "Kinase."),
        ("FUNCTION: Kinase (PubMed:1). Binds X (By similarity). {ECO:0000250|UniProtKB:P1, ECO:0000269|PubMed:1}.",
         "Kinase. Binds X."),
        ("FUNCTION: [Isoform 1]: Kinase. {ECO:0000305}.; FUNCTION: [Isoform 2]: Inactive. {ECO:0000305}.",
         "[Isoform 1]: Kinase. [Isoform 2]: Inactive."),
        ("FUNCTION: Takes up Fe(2+) (PubMed:1, Ref.5), and NAD(P)H (PubMed:22).", "Takes up Fe(2+), and NAD(P)H."),
    ],
)  # fmt: skip
def test_function(comment, told):
    assert plain_function(comment) == told


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ("Insulin [Cleaved into: Insulin B chain; Insulin A chain]", "Insulin"),
        ("NAD(P)H dehydrogenase (EC 1.6.5.2)", "NAD(P)H dehydrogenase"),
        ("", ""),
    ],
)
def test_name(names, name):
    assert recommended_name(names) == name
