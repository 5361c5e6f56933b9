OMNI_RESOURCE = """
"","source","target","source_genesymbol","target_genesymbol","resource"
"1","O00182","P08575","LGALS9","PTPRC","consensus"
"2","O14511","COMPLEX:P04626_P21860","NRG2","ERBB2_ERBB3","cellphonedb"
"3","P00001","P00002","Lgals9","Ptprc","mouseconsensus"
"""


def test_the_collection_keeps_the_names_of_its_resources(table, read, edges, dropped) -> None:
    found = read({"omni_resource.csv": table(OMNI_RESOURCE)})
    assert edges(found) == [
        "LGALS9>PTPRC ligand_receptor +0",
        "NRG2>ERBB2 ligand_receptor +0",
        "NRG2>ERBB3 ligand_receptor +0",
    ]
    assert found["resources"].tolist() == ["LIANA;consensus", "LIANA;cellphonedb", "LIANA;cellphonedb"]
    assert dropped() == "1 other species"


def test_a_resource_of_two_columns(table, read, edges) -> None:
    found = read({"consensus.csv": table("ligand,receptor\nIL6,IL6R_IL6ST\nTGFB1_TGFB1,ENG")})
    assert edges(found) == [
        "IL6>IL6R ligand_receptor +0",
        "IL6>IL6ST ligand_receptor +0",
        "TGFB1>ENG ligand_receptor +0",
    ]
    assert set(found["resources"]) == {"LIANA"}
    assert found["target_complex"].tolist() == ["IL6R_IL6ST", "IL6R_IL6ST", ""]
    assert found["source_complex"].tolist() == ["", "", ""]  # a dimer of one protein is one gene
