import pytest

from pathlore.errors import PathloreError

HEADER = (
    "source\ttarget\tsource_genesymbol\ttarget_genesymbol\tis_directed\tis_stimulation\tis_inhibition\t"
    "consensus_direction\tconsensus_stimulation\tconsensus_inhibition\tsources\treferences\tomnipath\tligrecextra\t"
    "dorothea\tcollectri\ttf_target\tdorothea_level\ttype\tncbi_tax_id_source\tncbi_tax_id_target\n"
)
ROWS = """
P00533\tP28482\tEGFR\tMAPK1\tTrue\tTrue\tTrue\tTrue\tTrue\tFalse\tSIGNOR;SPIKE\tSIGNOR:11;SPIKE:11;SPIKE:12\tTrue\tFalse\tFalse\tFalse\tFalse\t\tpost_translational\t9606\t9606
P01133\tP00533\tEGF\tEGFR\t1\t1\t0\t1\t0\t0\tRamilowski2015\t\tFalse\tTrue\tFalse\tFalse\tFalse\t\tpost_translational\t9606\t9606
P04637\tP38936\tTP53\tCDKN1A\tTrue\tTrue\tTrue\tTrue\tTrue\tTrue\tTRRUST_CollecTRI\tCollecTRI:7\tFalse\tFalse\tTrue\tTrue\tFalse\tD\ttranscriptional\t9606\t9606
P01133\tCOMPLEX:P05556_P56199\tEGF\tITGA1_ITGB1\tTrue\tFalse\tTrue\tTrue\tFalse\tTrue\tCellPhoneDB\tHPRD:x\tTrue\tTrue\tFalse\tFalse\tFalse\t\tpost_translational\t9606\t9606
P04637\tP00533\tTP53\tEGFR\tTrue\tFalse\tFalse\tTrue\tFalse\tFalse\tDoRothEA\t\tFalse\tFalse\tTrue\tFalse\tFalse\tD\ttranscriptional\t9606\t9606
P04637\tP28482\tTP53\tMAPK1\tTrue\tFalse\tFalse\tTrue\tFalse\tFalse\tDoRothEA\t\tFalse\tFalse\tTrue\tFalse\tFalse\tA;D\ttranscriptional\t9606\t9606
P28482\tP27361\tMAPK1\tMAPK3\tFalse\tFalse\tFalse\tFalse\tFalse\tFalse\tHPRD\t\tTrue\tFalse\tFalse\tFalse\tFalse\t\tpost_translational\t9606\t9606
P28482\tP27361\tMapk1\tMapk3\tTrue\tFalse\tFalse\tFalse\tFalse\tFalse\tHPRD\t\tTrue\tFalse\tFalse\tFalse\tFalse\t\tpost_translational\t10090\t10090
MIMAT1\tP27361\tmiR-1\tMAPK3\tTrue\tFalse\tFalse\tFalse\tFalse\tFalse\tmiRTarBase\t\tFalse\tFalse\tFalse\tFalse\tFalse\t\tpost_transcriptional\t9606\t9606
P28482\tP27361\t\tMAPK3\tTrue\tFalse\tFalse\tFalse\tFalse\tFalse\tX\t\tTrue\tFalse\tFalse\tFalse\tFalse\t\tpost_translational\t9606\t9606
"""


def test_every_rule_of_the_full_table(table, read, edges, dropped) -> None:
    found = read({"omnipath.tsv": table(HEADER + ROWS.strip(), sep="\t")})
    assert edges(found) == [
        "EGFR>MAPK1 signaling +1",  # the consensus, though members disagree
        "EGF>EGFR ligand_receptor +0",  # the consensus says nothing
        "TP53>CDKN1A tf_target +0",  # both effects; CollecTRI has it too, so DoRothEA's level D does not matter
        "EGF>ITGA1 ligand_receptor -1",
        "EGF>ITGB1 ligand_receptor -1",
        "TP53>MAPK1 tf_target +0",
    ]
    assert found["n_evidence"].tolist() == [2, 1, 1, 1, 1, 1]
    assert found["references"].tolist() == ["PMID:11;PMID:12", "", "PMID:7", "", "", ""]
    assert found.loc[0, "resources"] == "OmniPath;SIGNOR;SPIKE"
    assert found["pathway"].isna().all()
    assert dropped() == (
        "1 other species, 1 of RNAs or small molecules, 1 DoRothEA level (ingestion.network.regulon_levels), "
        "1 without a direction (ingestion.network.undirected: drop), 1 without a known gene name"
    )


def test_undirected_interactions_are_read_both_ways_if_wanted(table, read, edges) -> None:
    found = read({"omnipath.tsv": table(HEADER + ROWS.strip(), sep="\t")}, undirected="both")
    assert {"MAPK1>MAPK3 signaling +0", "MAPK3>MAPK1 signaling +0"} <= set(edges(found))


FEW = """
source\ttarget\tis_directed\tis_stimulation\tis_inhibition
P00533\tP28482\t1\t0\t1
P01133\tCOMPLEX:P05556_P56199\t1\t1\t0
P00533\tQ00000\t1\t0\t0
"""


def test_uniprot_ids_are_translated_where_symbols_were_not_asked_for(table, read, edges, names, dropped) -> None:
    found = read({"few.tsv": table(FEW, sep="\t")}, names, untyped_kind="signaling")
    assert edges(found) == ["EGFR>MAPK1 signaling -1", "EGF>ITGB1 signaling +1", "EGF>ITGA1 signaling +1"]
    assert found["resources"].unique().tolist() == ["OmniPath"]
    assert set(found["target_complex"]) == {""}  # signaling: no receptor's subunits
    assert dropped() == "1 without a known gene name"


def test_complexes_of_receptors_are_translated_whole(table, read, names) -> None:
    text = FEW.replace("is_directed", "is_directed\tligrecextra").replace("\t1\t", "\t1\t1\t", 3)
    text = text.replace("P05556_P56199", "P05556_P56199_Q00000")
    found = read({"few.tsv": table(text, sep="\t")}, names)
    assert found["target_complex"].tolist() == ["", "ITGB1_ITGA1", "ITGB1_ITGA1"]  # one subunit has no known name


def test_uniprot_ids_alone_need_a_table_of_names(table, read) -> None:
    with pytest.raises(PathloreError, match=r"few.tsv .* UniProt ids .*HGNC complete set.*`gene_names`"):
        read({"few.tsv": table(FEW, sep="\t")}, untyped_kind="signaling")


def test_without_a_column_of_types_the_datasets_tell_the_kind(table, read, edges, dropped) -> None:
    text = """
    source_genesymbol,target_genesymbol,source,target,is_directed,collectri,mirnatarget
    A,B,P1,P2,1,True,False
    A,C,P1,P3,1,False,False
    m,C,M1,P3,1,False,True
    """
    assert edges(read({"o.csv": table(text)})) == ["A>B tf_target +0", "A>C signaling +0"]
    assert dropped() == "1 of RNAs or small molecules"
