import pytest

VERSION_1 = """
"",interaction_name,pathway_name,ligand,receptor,evidence,annotation,interaction_name_2
a,TGFB1_TGFBR1_TGFBR2,TGFb,TGFB1,TGFbR1_R2,KEGG: hsa04350,Secreted Signaling,TGFB1 - (TGFBR1+TGFBR2)
b,INHBA_ACVR1B,ACTIVIN,Activin AB,ACVR1B,PMID: 11; PMID: 12,Secreted Signaling,(INHBA+INHBB) - ACVR1B
c,CD99_CD99,CD99,CD99,CD99,PMID:11;PMC: 3,Cell-Cell Contact,CD99 - CD99
"""
COMPLEXES = '"",subunit_1,subunit_2,subunit_3\nTGFbR1_R2,TGFBR1,TGFBR2,\nActivin AB,INHBA,INHBB,'
COFACTORS = '"",cofactor1,cofactor2\nTGFb antagonist,LTBP1,'
EXPECTED = [
    "TGFB1>TGFBR1 ligand_receptor +0",
    "TGFB1>TGFBR2 ligand_receptor +0",
    "INHBA>ACVR1B ligand_receptor +0",
    "INHBB>ACVR1B ligand_receptor +0",
    "CD99>CD99 ligand_receptor +0",
]


@pytest.mark.parametrize("with_complexes", [True, False])
def test_version_1_with_and_without_the_table_of_complexes(table, read, edges, with_complexes: bool) -> None:
    files = {"interaction.csv": table(VERSION_1), "cofactor.csv": table(COFACTORS)}
    if with_complexes:
        files["complex.csv"] = table(COMPLEXES)
        files["interaction.csv"] = files["interaction.csv"].drop(columns="interaction_name_2")
    found = read(files)
    assert edges(found) == EXPECTED
    assert found["pathway"].tolist() == ["TGFb", "TGFb", "ACTIVIN", "ACTIVIN", "CD99"]
    assert found["references"].tolist() == ["", "", "PMID:11;PMID:12", "PMID:11;PMID:12", "PMID:11"]
    assert found["n_evidence"].tolist() == [1, 1, 2, 2, 1]
    assert found["source_complex"].tolist() == ["", "", "INHBA_INHBB", "INHBA_INHBB", ""]
    assert found["target_complex"].tolist() == ["TGFBR1_TGFBR2", "TGFBR1_TGFBR2", "", "", ""]


VERSION_2 = """
interaction_name,pathway_name,ligand,receptor,evidence,annotation,ligand.symbol,receptor.symbol
TGFB1_TGFBR1_TGFBR2,TGFb,TGFB1,TGFbR1_R2,KEGG: hsa04350,Secreted Signaling,TGFB1,"TGFBR1, TGFBR2"
E2_ESR1,Estradiol,Estradiol-CYP19A1,ESR1,HMDB,Non-protein Signaling,"CYP19A1",ESR1
X_Y,X,X,Y,,ECM-Receptor,,
"""


def test_version_2_has_symbols_and_non_protein_signaling(table, read, edges, dropped) -> None:
    found = read({"interaction.csv": table(VERSION_2)})
    assert edges(found) == [*EXPECTED[:2], "X>Y ligand_receptor +0"]
    assert set(found["resources"]) == {"CellChatDB"}
    assert dropped() == "1 of non-protein signaling"
