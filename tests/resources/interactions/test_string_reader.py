import pytest

from pathlore.errors import PathloreError

INFO = """
#string_protein_id\tpreferred_name\tprotein_size\tannotation
9606.ENSP01\tEGFR\t1210\tEpidermal growth factor receptor
9606.ENSP02\tMAPK1\t360\tKinase
9606.ENSP03\tTP53\t393\tTumor protein
9606.ENSP05\tENSP05\t10\tannotation not available
"""
LINKS = """
protein1 protein2 experimental database textmining combined_score
9606.ENSP01 9606.ENSP02 0 0 128 900
9606.ENSP02 9606.ENSP01 0 0 128 900
9606.ENSP01 9606.ENSP03 0 0 128 700
9606.ENSP02 9606.ENSP03 0 0 128 699
9606.ENSP02 9606.ENSP04 0 0 128 999
9606.ENSP02 9606.ENSP05 0 0 128 999
10090.ENSMUSP1 10090.ENSMUSP2 0 0 128 999
"""
ACTIONS = """
item_id_a\titem_id_b\tmode\taction\tis_directional\ta_is_acting\tscore
9606.ENSP01\t9606.ENSP02\tactivation\tactivation\tt\tt\t900
9606.ENSP02\t9606.ENSP01\tactivation\tactivation\tt\tf\t900
9606.ENSP03\t9606.ENSP02\tinhibition\tinhibition\tt\tt\t800
9606.ENSP03\t9606.ENSP01\texpression\tinhibition\tt\tt\t800
9606.ENSP02\t9606.ENSP03\tptmod\t\tt\tt\t800
9606.ENSP01\t9606.ENSP03\tbinding\t\tf\tf\t800
9606.ENSP03\t9606.ENSP01\tbinding\t\tf\tf\t800
9606.ENSP01\t9606.ENSP03\treaction\t\tt\tt\t800
9606.ENSP01\t9606.ENSP03\tactivation\tactivation\tt\tt\t150
"""


def test_links_have_no_direction(table, read, dropped) -> None:
    assert read({"links.txt": table(LINKS, sep=" "), "info.txt": table(INFO, sep="\t")}).empty
    assert dropped() == (
        "1 with a score below 700 (ingestion.network.min_string_score), 1 other species, "
        "5 without a direction (ingestion.network.undirected: drop)"
    )


def test_links_are_read_both_ways_once_each(table, read, edges, dropped) -> None:
    files = {"info.txt": table(INFO, sep="\t"), "links.txt": table(LINKS, sep=" ")}
    assert sorted(edges(read(files, undirected="both"))) == [
        "EGFR>MAPK1 signaling +0",
        "EGFR>TP53 signaling +0",
        "MAPK1>EGFR signaling +0",
        "TP53>EGFR signaling +0",
    ]
    assert "without a known gene name" in dropped()
    assert len(read(files, undirected="both", min_string_score=0)) == 6


def test_actions_have_directions_kinds_and_signs(table, read, edges, dropped) -> None:
    files = {"actions.txt": table(ACTIONS, sep="\t"), "info.txt": table(INFO, sep="\t")}
    directed = [
        "EGFR>MAPK1 signaling +1",
        "TP53>MAPK1 signaling -1",
        "TP53>EGFR tf_target -1",
        "MAPK1>TP53 signaling +0",
    ]
    assert edges(read(files)) == directed
    assert dropped() == (
        "1 with a score below 700 (ingestion.network.min_string_score), 1 of other modes, "
        "1 mirror images of directed actions, 2 without a direction (ingestion.network.undirected: drop)"
    )
    assert edges(read(files, undirected="both")) == [*directed, "EGFR>TP53 signaling +0", "TP53>EGFR signaling +0"]


def test_ids_need_a_table_that_knows_them(table, read, names) -> None:
    for known in (None, names):
        with pytest.raises(PathloreError, match=r"links.txt .*9606.protein.info file beside it.*`network`"):
            read({"links.txt": table(LINKS, sep=" ")}, known, undirected="both")
