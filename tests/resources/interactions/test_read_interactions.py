import re

import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.resources.interactions import READERS
from pathlore.resources.interactions.records import COLUMNS

HEADERS = {
    "our own form": "source,target,kind,sign,n_evidence,resources,references,pathway",
    "PathFinder": "from,to,edge_type",
    "NicheNet": "from,to,source,database",
    "OmniPath": "source,target,source_genesymbol,target_genesymbol,is_directed,is_stimulation,is_inhibition,type",
    "SIGNOR": "ENTITYA,TYPEA,IDA,DATABASEA,ENTITYB,TYPEB,IDB,DATABASEB,EFFECT,MECHANISM,TAX_ID,PMID",
    "Reactome FI": "Gene1,Gene2,Annotation,Direction,Score",
    "STRING": "item_id_a,item_id_b,mode,action,is_directional,a_is_acting,score",
    "CollecTRI or DoRothEA": "source,target,weight,resources,references,sign_decision",
    "CellPhoneDB": "partner_a,partner_b,source,is_ppi,directionality",
    "CellChatDB": "interaction_name,pathway_name,ligand,receptor,evidence,annotation,interaction_name_2",
    "LIANA": "source,target,source_genesymbol,target_genesymbol,resource",
}
BESIDE = {
    "gene_input.csv": "gene_name,uniprot,hgnc_symbol",
    "complex_input.csv": "complex_name,uniprot_1,receptor",
    "protein_input.csv": "uniprot,receptor",
    "info.txt": "#string_protein_id,preferred_name\n9606.ENSP1,A",
}


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_every_format_is_known_by_one_reader_and_may_hold_nothing(reader, table, read) -> None:
    raw = table(HEADERS[reader.name]) if reader.known_by else '<pathway org="hsa"/>'
    first = next(other for other in READERS if other.recognises(raw))
    assert first is reader
    assert not any(other.accompanies(raw) for other in READERS)
    beside = {file: table(text) for file, text in BESIDE.items()}
    for undirected in ("drop", "both"):
        found = read({"gr_network": raw, **beside}, undirected=undirected)
        assert tuple(found.columns) == COLUMNS
        assert found.empty


@pytest.mark.parametrize("file", BESIDE)
def test_companions_are_known_by_one_reader_and_hold_no_associations(file: str, table) -> None:
    raw = table(BESIDE[file])
    assert sum(reader.accompanies(raw) for reader in READERS) == 1
    assert not any(reader.recognises(raw) for reader in READERS)


def test_a_table_of_associations_is_never_taken_for_a_companion(table, read, edges) -> None:
    own = table("source,target,kind,uniprot,receptor\nA,B,signaling,P1,no")
    assert edges(read({"own.csv": own})) == ["A>B signaling +0"]


def test_files_of_several_formats_become_one_table_and_a_line_of_the_log_each(
    table, read, edges, caplog, names
) -> None:
    caplog.set_level("INFO")
    found = read(
        {
            "own.csv": table("source,target,kind\nERK2,TP53,signaling\nTP53,TP53,tf_target\nunknown,EGFR,signaling"),
            "lr.csv": table("ligand,receptor\nEGF,EGFR\nEGF,EGFR"),
        },
        names,
    )
    assert edges(found) == [
        "MAPK1>TP53 signaling +0",
        "TP53>TP53 tf_target +0",
        "unknown>EGFR signaling +0",
        "EGF>EGFR ligand_receptor +0",
        "EGF>EGFR ligand_receptor +0",
    ]
    assert caplog.messages == [
        "Network file own.csv (our own form): 3 rows read, 3 interaction records (1 former symbols, aliases or ids "
        "renamed); dropped: nothing",
        "Network file lr.csv (LIANA): 2 rows read, 2 interaction records (1 of them repeats, whose evidence is added "
        "up); dropped: nothing",
    ]


def test_the_given_tables_are_left_alone(table, read, names) -> None:
    raw = table("source,target,kind\nERK2,TP53,signaling")
    before = raw.copy()
    read({"own.csv": raw}, names)
    pd.testing.assert_frame_equal(raw, before)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"x.csv": "gene_1,gene_2\nA,B"},
            ["x.csv", "gene_1, gene_2", "source, target, kind", "from, to, edge_type", "OmniPath", "`network`"],
        ),
        ({"x.csv": "source,target\nA,B"}, ["the columns source, target,", "no known format", "--params network="]),
        ({"info.txt": BESIDE["info.txt"]}, ["no associations are in the 1 file(s) info.txt", "`network`"]),
        ({}, ["no associations are in the 0 file(s)"]),
    ],
)
def test_errors_say_what_was_found_and_what_is_understood(table, read, files: dict[str, str], said: list[str]) -> None:
    with pytest.raises(PathloreError) as error:
        read({file: table(text) for file, text in files.items()})
    for words in said:
        assert re.search(re.escape(words), str(error.value)), f"{words!r} not in {error.value}"
    assert "\n" not in str(error.value)


def test_members_of_complexes_get_their_approved_symbols_too(table, read, names) -> None:
    found = read({"lr.csv": table("source,target,kind\nEGF,ERBB_ITGB1,ligand_receptor")}, names)
    assert found["target"].tolist() == ["EGFR", "ITGB1"]
    assert found["target_complex"].tolist() == ["EGFR_ITGB1"] * 2
