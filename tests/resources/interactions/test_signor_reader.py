import pandas as pd
import pytest

HEADER = (
    "ENTITYA TYPEA IDA DATABASEA ENTITYB TYPEB IDB DATABASEB EFFECT MECHANISM RESIDUE SEQUENCE TAX_ID CELL_DATA "
    "TISSUE_DATA MODULATOR_COMPLEX TARGET_COMPLEX MODIFICATIONA MODASEQ MODIFICATIONB MODBSEQ PMID DIRECT NOTES"
).replace(" ", "\t")


def row(a: str, b: str, effect: str, mechanism: str = "", taxon: str = "9606", pmid: str = "10648409") -> str:
    """``a`` and ``b`` are name/type/id/database."""
    empty = [""] * 8
    cells = [*a.split("/"), *b.split("/"), effect, mechanism, "", "", taxon, *empty, pmid, "YES", "a note"]
    return "\t".join(cells)


EGFR, MAPK1 = "EGFR/protein/P00533/UNIPROT", "MAPK1/protein/P28482/UNIPROT"
TP53, CDKN1A = "TP53/protein/P04637-2/UNIPROT", "CDKN1A/protein/P38936/UNIPROT"
ROWS = [
    row(EGFR, MAPK1, "up-regulates activity", "phosphorylation"),
    row(TP53, CDKN1A, "up-regulates quantity by expression", "transcriptional regulation", taxon="-1", pmid="Other"),
    row(CDKN1A, MAPK1, "down-regulates", "a mechanism of tomorrow"),
    row(CDKN1A, EGFR, "unknown", taxon=""),
    row(EGFR, "integrin/complex/SIGNOR-C1/SIGNOR", "up-regulates"),
    row("ERK1-2/proteinfamily/SIGNOR-PF1/SIGNOR", TP53, "down-regulates quantity", "transcriptional repression"),
    row(EGFR, MAPK1, "up-regulates", taxon="10090"),
    row("Gefitinib/chemical/CHEBI:1/ChEBI", EGFR, "down-regulates"),
    row(EGFR, "Proliferation/phenotype/SIGNOR-PH4/SIGNOR", "up-regulates"),
    row(EGFR, "integrin/complex/SIGNOR-C1/SIGNOR", "form complex", "binding"),
]
COMPLEXES = 'SIGNOR ID;COMPLEX NAME;LIST OF ENTITIES\nSIGNOR-C1;integrin;"P56199,  SIGNOR-C2"\nSIGNOR-C2;b;P05556\n'
FAMILIES = 'SIGNOR ID;PROT. FAMILY NAME;LIST OF ENTITIES\nSIGNOR-PF1;ERK1/2;"P27361,  P28482"\n'
PROTEINS = [
    "EGFR>MAPK1 signaling +1",
    "TP53>CDKN1A tf_target +1",
    "CDKN1A>MAPK1 signaling -1",
    "CDKN1A>EGFR signaling +0",
]


@pytest.fixture
def signor(table) -> pd.DataFrame:
    return table("\n".join([HEADER, *ROWS]), sep="\t")


def test_proteins_alone_need_no_other_table(signor, read, edges, dropped) -> None:
    found = read({"all_data.tsv": signor})
    assert edges(found) == PROTEINS
    assert found["references"].tolist() == ["PMID:10648409", "", "PMID:10648409", "PMID:10648409"]
    assert found["resources"].unique().tolist() == ["SIGNOR"]
    assert dropped() == (
        "1 other species, 1 forming a complex, 2 of no protein, 2 of complexes or families without a table of members"
    )


def test_complexes_and_families_become_their_members(signor, table, read, edges, names) -> None:
    beside = {"complexes.csv": table(COMPLEXES, sep=";"), "families.csv": table(FAMILIES, sep=";")}
    assert edges(read(beside | {"all_data.tsv": signor}, names)) == [
        *PROTEINS,
        "EGFR>ITGA1 signaling +1",
        "EGFR>ITGB1 signaling +1",
        "MAPK3>TP53 tf_target -1",
        "MAPK1>TP53 tf_target -1",
    ]


def test_members_without_a_table_of_names_are_known_from_the_file_itself(signor, table, read, edges, dropped) -> None:
    found = read({"all_data.tsv": signor, "families.csv": table(FAMILIES, sep=";")})
    assert edges(found) == [*PROTEINS, "MAPK1>TP53 tf_target -1"]
    assert "1 without a known gene name" in dropped()  # MAPK3 is no entity of any row


def test_a_file_without_a_header_is_the_same_file(signor, table, read) -> None:
    headless = table("\n".join(ROWS), sep="\t")
    assert len(headless) == len(ROWS) - 1
    assert "UNIPROT.1" in headless
    pd.testing.assert_frame_equal(read({"all_data.tsv": headless}), read({"all_data.tsv": signor}))


def test_former_symbols_become_approved_ones(table, read, edges, names) -> None:
    text = "\n".join([HEADER, row("ERBB/protein/P00533/UNIPROT", MAPK1, "up-regulates")])
    assert edges(read({"s.tsv": table(text, sep="\t")}, names)) == ["EGFR>MAPK1 signaling +1"]
    assert edges(read({"s.tsv": table(text, sep="\t")})) == ["ERBB>MAPK1 signaling +1"]
