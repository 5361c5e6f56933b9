import pytest

from pathlore.errors import PathloreError
from pathlore.resources.raw import Raw

INTERACTIONS = """
id_cp_interaction,partner_a,partner_b,protein_name_a,protein_name_b,annotation_strategy,source,is_ppi,classification,directionality,modulatory_effect
,P1,P2,L_HUMAN,R_HUMAN,curated,PMID: 12;uniprot,TRUE,Signaling by L,Ligand-Receptor,
,integrin,P1,,L_HUMAN,curated,uniprot,TRUE,,Receptor-Ligand,Inhibitory
,integrin,P1,,L_HUMAN,curated,uniprot,TRUE,,,
,P2,integrin,R_HUMAN,,curated,uniprot,TRUE,,Receptor-Receptor,
,P1,P5,L_HUMAN,M_HUMAN,curated,uniprot,TRUE,,Adhesion-Adhesion,
,P1,P5,L_HUMAN,M_HUMAN,curated,uniprot,TRUE,,Ligand-Ligand,Inhibitory
,Estradiol_byCYP19A1,P2,,R_HUMAN,curated,HMRbase,FALSE,Signaling by Steroids,Ligand-Receptor,
,P1,P9,L_HUMAN,,curated,uniprot,TRUE,,Ligand-Receptor,
"""
GENES = "gene_name,uniprot,hgnc_symbol,ensembl\nL,P1,LIG,E1\nR,P2,REC,E2\nA,P3,ITGA,E3\nB,P4,ITGB,E4\nMOD,P5,,E5"
COMPLEXES = "complex_name,uniprot_1,uniprot_2,uniprot_3,receptor\nintegrin,P3,P4,,TRUE\nEstradiol_byCYP19A1,P5,,,FALSE"
PROTEINS = "uniprot,protein_name,secreted,receptor\nP1,L_HUMAN,True,False\nP2,R_HUMAN,False,True\nP5,M_HUMAN,True,False"


@pytest.fixture
def files(table) -> dict[str, Raw]:
    return {
        "complex_input.csv": table(COMPLEXES),
        "gene_input.csv": table(GENES),
        "interaction_input.csv": table(INTERACTIONS),
        "protein_input.csv": table(PROTEINS),
    }


FORWARD = ["LIG>REC ligand_receptor +0", "REC>ITGA ligand_receptor +0", "REC>ITGB ligand_receptor +0"]
BACKWARD = [
    "LIG>ITGA ligand_receptor -1",
    "LIG>ITGB ligand_receptor -1",
    "LIG>ITGA ligand_receptor +0",  # said by the flags
    "LIG>ITGB ligand_receptor +0",
    "ITGA>REC ligand_receptor +0",  # both are receptors
    "ITGB>REC ligand_receptor +0",
]


def test_receptors_are_told_and_complexes_become_their_subunits(files, read, edges, dropped) -> None:
    found = read(files)
    assert edges(found) == FORWARD + BACKWARD
    assert found.loc[0, ["resources", "references", "pathway"]].tolist() == ["CellPhoneDB", "PMID:12", "Signaling by L"]
    assert found.loc[1:, "pathway"].isna().all()
    assert (found.loc[found["target"].str.startswith("ITG"), "target_complex"] == "ITGA_ITGB").all()
    assert (found.loc[found["source"].str.startswith("ITG"), "source_complex"] == "ITGA_ITGB").all()
    assert found.loc[0, ["source_complex", "target_complex"]].tolist() == ["", ""]
    assert dropped() == (
        "1 of small molecules, 1 between two ligands, 1 without a direction (ingestion.network.undirected: drop), "
        "1 without a known gene name"
    )


def test_adhesion_without_receptors_is_read_both_ways_if_wanted(files, read, edges) -> None:
    found = edges(read(files, undirected="both"))
    assert found[-2:] == ["LIG>MOD ligand_receptor +0", "MOD>LIG ligand_receptor +0"]


@pytest.mark.parametrize("missing", ["gene_input", "complex_input", "protein_input"])
def test_the_tables_belong_together(files, read, missing: str) -> None:
    del files[f"{missing}.csv"]
    with pytest.raises(PathloreError, match=rf"but {missing} was not given; .*`network`"):
        read(files)


def test_companions_alone_hold_no_associations(files, read) -> None:
    del files["interaction_input.csv"]
    with pytest.raises(PathloreError, match=r"no associations are in the 3 file\(s\) complex_input.csv, .*`network`"):
        read(files)
