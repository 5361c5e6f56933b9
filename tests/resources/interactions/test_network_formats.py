"""Each format of networks, read from files written by hand."""

import re
from importlib.resources import files

import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.keys import Kind
from pathlore.resources.interactions.formats import PREDECESSOR_KINDS
from pathlore.resources.raw import Raw


def test_three_columns_are_enough(table, read) -> None:
    found = read({"own.csv": table("source,target,kind\nA,B,signaling")})
    assert found.iloc[0].tolist() == ["A", "B", "signaling", 0, 1, "not named", "", None, "", ""]


def test_complexes_of_ligands_and_receptors_become_their_subunits(table, read) -> None:
    text = """
    source,target,kind
    TGFB1,ITGAV_ITGB8,ligand_receptor
    A_B,C,signaling
    """
    found = read({"own.csv": table(text)})
    assert found[["source", "target", "source_complex", "target_complex"]].to_numpy().tolist() == [
        ["TGFB1", "ITGAV", "", "ITGAV_ITGB8"],
        ["TGFB1", "ITGB8", "", "ITGAV_ITGB8"],
        ["A_B", "C", "", ""],
    ]


def test_all_columns_are_kept_and_others_ignored(table, read, dropped) -> None:
    text = """
    source,target,kind,sign,n_evidence,resources,references,pathway,conflict,type,note
     A ,B,signaling,-1,3,X;Y,PMID:1;PMID:2,p;q,True,4,?
    B,B,tf_target,1.0,0,,,,False,1,
    C,A,ligand_target,,,,,,,,
    ,A,signaling,,,,,,,,
    """
    found = read({"own.csv": table(text)})
    assert found.to_numpy().tolist() == [
        ["A", "B", "signaling", -1, 3, "X;Y", "PMID:1;PMID:2", "p;q", "", ""],
        ["B", "B", "tf_target", 1, 1, "not named", "", None, "", ""],  # a self loop is for the graph to drop
        ["C", "A", "ligand_target", 0, 1, "not named", "", None, "", ""],
    ]
    assert dropped() == "1 without a known gene name"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source,target,kind\nA,B,phospho", ["own.csv", "kind(s) phospho", "signaling", "column kind", "`network`"]),
        ("source,target,kind\nA,B,", ["kind(s) (empty)", "column kind"]),
        ("source,target,kind,sign\nA,B,signaling,2", ["sign(s) 2", "column sign", "`network`"]),
        ("source,target,kind,sign\nA,B,signaling,+", ["sign(s) +", "column sign"]),
        ("source,target,kind,sign\nA,B,signaling,0.5", ["sign(s) 0.5", "1 (activates)"]),
    ],
)
def test_errors_say_what_was_found_and_what_to_change(table, read, text: str, said: list[str]) -> None:
    with pytest.raises(PathloreError) as error:
        read({"own.csv": table(text)})
    for words in said:
        assert re.search(re.escape(words), str(error.value)), f"{words!r} not in {error.value}"
    assert "\n" not in str(error.value)


def test_the_built_in_table_is_read(read) -> None:
    with files("pathlore").joinpath("knowledge/interactions.csv").open() as file:
        raw = pd.read_csv(file, dtype=str, keep_default_na=False)
    found = read({"interactions.csv": raw})
    assert found[["source", "target", "kind"]].equals(raw[["source", "target", "kind"]])
    assert found["sign"].astype(str).tolist() == raw["sign"].tolist()


@pytest.mark.shared
def test_the_real_table_is_read(shared_data, read) -> None:
    raw = pd.read_csv(shared_data / "network" / "interactions_curated.csv.gz", dtype=str, keep_default_na=False)
    found = read({"interactions_curated.csv.gz": raw})
    assert len(found) == len(raw)
    assert found["n_evidence"].astype(str).tolist() == raw["n_evidence"].tolist()
    assert found["resources"].tolist() == raw["resources"].tolist()


@pytest.mark.parametrize(("name", "kind"), PREDECESSOR_KINDS.items())
def test_every_edge_type_of_the_predecessor_is_understood(table, read, name: str, kind: str) -> None:
    found = read({"sig.csv": table(f"from,to,edge_type\nA,B,{name}")})
    assert found.iloc[0].tolist() == ["A", "B", kind, 0, 1, "PathFinder", "", None, "", ""]


def test_our_own_kinds_are_understood_as_edge_types_too(table, read) -> None:
    assert read({"sig.csv": table("from,to,edge_type\nA,B,signaling")})["kind"].tolist() == ["signaling"]


def test_an_unknown_edge_type_is_an_error(table, read) -> None:
    with pytest.raises(PathloreError, match=r"sig.csv has the kind\(s\) sig_xyz; .* edge_type.*`network`"):
        read({"sig.csv": table("from,to,edge_type\nA,B,sig_xyz")})


NICHENET = """
from,to,source,database
A,B,kegg_cytokines,kegg
A,C,ppi_lr,ppi_prediction
A,D,ppi_lr_go,ppi_prediction_go
,D,x,omnipath
"""


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("lr_network_human_21122021.csv", Kind.LIGAND_RECEPTOR),
        ("signaling_network_human_21122021.csv.gz", Kind.SIGNALING),
        ("sig_network.csv", Kind.SIGNALING),
        ("GR_network.tsv", Kind.TF_TARGET),
    ],
)
def test_the_file_name_tells_nichenets_network(table, read, dropped, file: str, kind: str) -> None:
    found = read({file: table(NICHENET)})
    assert found[["source", "target", "kind", "resources"]].to_numpy().tolist() == [["A", "B", kind, "NicheNet;kegg"]]
    assert dropped() == "2 predicted, 1 without a known gene name"


def test_a_file_name_that_tells_nothing_is_an_error(table, read) -> None:
    with pytest.raises(
        PathloreError, match=r"nichenet.csv .*lr_network, signaling_network.*`ingestion.network.untyped_kind` does not"
    ):
        read({"nichenet.csv": table(NICHENET)})


@pytest.mark.shared
@pytest.mark.parametrize("part", ["lr", "sig", "gr", "lreg"])
def test_the_real_tables_are_read(shared_data, read, part: str) -> None:
    file = shared_data / "network" / f"pathfinder_{part}_network.csv.gz"
    raw = pd.read_csv(file, dtype=str, keep_default_na=False)
    found = read({file.name: raw})
    assert len(found) == len(raw)
    assert found["source"].tolist() == raw["from"].str.strip().tolist()


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


SIGNOR_HEADER = (
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
SIGNOR_ROWS = [
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
    return table("\n".join([SIGNOR_HEADER, *SIGNOR_ROWS]), sep="\t")


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
    headless = table("\n".join(SIGNOR_ROWS), sep="\t")
    assert len(headless) == len(SIGNOR_ROWS) - 1
    assert "UNIPROT.1" in headless
    pd.testing.assert_frame_equal(read({"all_data.tsv": headless}), read({"all_data.tsv": signor}))


def test_former_symbols_become_approved_ones(table, read, edges, names) -> None:
    text = "\n".join([SIGNOR_HEADER, row("ERBB/protein/P00533/UNIPROT", MAPK1, "up-regulates")])
    assert edges(read({"s.tsv": table(text, sep="\t")}, names)) == ["EGFR>MAPK1 signaling +1"]
    assert edges(read({"s.tsv": table(text, sep="\t")})) == ["ERBB>MAPK1 signaling +1"]


KGML = """<?xml version="1.0"?>
<!DOCTYPE pathway SYSTEM "https://www.kegg.jp/kegg/xml/KGML_v0.7.2_.dtd">
<!-- Creation date: Sep 22, 2021 -->
<pathway name="path:hsa04999" org="hsa" number="04999" title="A pathway of tests">
    <entry id="1" name="hsa:1956" type="gene"><graphics name="EGFR, ERBB, ERBB1..." type="rectangle"/></entry>
    <entry id="2" name="hsa:5594 hsa:5595" type="gene"><graphics name="MAPK1, ERK..." type="rectangle"/></entry>
    <entry id="3" name="hsa:7157" type="gene"><graphics name="TP53..." type="rectangle"/></entry>
    <entry id="4" name="hsa:1026" type="gene"><graphics name="CDKN1A, P21"/></entry>
    <entry id="5" name="undefined" type="group"><component id="3"/><component id="4"/></entry>
    <entry id="6" name="cpd:C00076" type="compound"><graphics name="C00076"/></entry>
    <entry id="7" name="path:hsa04110" type="map"><graphics name="Cell cycle"/></entry>
    <entry id="8" name="hsa:99999999" type="gene"><graphics name="GONE"/></entry>
    <relation entry1="1" entry2="2" type="PPrel">
        <subtype name="activation" value="--&gt;"/><subtype name="phosphorylation" value="+p"/></relation>
    <relation entry1="3" entry2="4" type="GErel"><subtype name="expression" value="--&gt;"/></relation>
    <relation entry1="4" entry2="1" type="GErel"><subtype name="repression" value="--|"/></relation>
    <relation entry1="1" entry2="5" type="PPrel"><subtype name="inhibition" value="--|"/></relation>
    <relation entry1="1" entry2="3" type="PPrel"><subtype name="phosphorylation" value="+p"/></relation>
    <relation entry1="3" entry2="1" type="PPrel"><subtype name="binding/association" value="---"/></relation>
    <relation entry1="4" entry2="3" type="PPrel">
        <subtype name="activation" value="--&gt;"/><subtype name="missing interaction" value="-/-"/></relation>
    <relation entry1="6" entry2="1" type="PCrel"><subtype name="activation" value="--&gt;"/></relation>
    <relation entry1="7" entry2="1" type="maplink"><subtype name="compound" value="6"/></relation>
    <relation entry1="7" entry2="1" type="PPrel"><subtype name="activation" value="--&gt;"/></relation>
    <relation entry1="1" entry2="8" type="PPrel"><subtype name="indirect effect" value="..&gt;"/></relation>
</pathway>"""

SURE = [
    "TP53>CDKN1A tf_target +1",
    "CDKN1A>EGFR tf_target -1",
    "EGFR>TP53 signaling -1",
    "EGFR>CDKN1A signaling -1",
    "EGFR>TP53 signaling +0",
]


def test_every_gene_of_an_entry_or_group_takes_part(read, edges, names, dropped) -> None:
    found = read({"hsa04999.xml": KGML}, names)
    assert edges(found) == ["EGFR>MAPK1 signaling +1", "EGFR>MAPK3 signaling +1", *SURE]
    assert set(found["pathway"]) == {"A pathway of tests"}
    assert set(found["resources"]) == {"KEGG"}
    assert dropped() == (
        "1 missing interactions, 1 of the type PCrel, 1 of the type maplink, 2 without a known gene, "
        "1 without a direction (ingestion.network.undirected: drop)"
    )


def test_without_names_single_genes_are_known_by_their_drawn_name(read, edges) -> None:
    assert edges(read({"hsa04999.xml": KGML})) == [*SURE, "EGFR>GONE signaling +0"]


def test_a_binding_has_no_direction(read, edges, names) -> None:
    found = edges(read({"hsa04999.xml": KGML}, names, undirected="both"))
    assert found[-2:] == ["TP53>EGFR signaling +0", "EGFR>TP53 signaling +0"]


def test_a_pathway_without_relations_has_no_statements(read) -> None:
    assert read({"hsa1.xml": '<pathway org="hsa" number="1" title="x"/>'}).empty


BOMB = '<!DOCTYPE pathway [<!ENTITY a "aaaa">]><pathway org="hsa">&a;</pathway>'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (KGML.replace('org="hsa"', 'org="mmu"'), ["mmu04999.xml", "organism mmu", "hsa04999", "`network`"]),
        (BOMB, ["declares XML entities", "`network`"]),
        (BOMB.replace("[<!ENTITY", "SYSTEM 'x' [\n<!ENTITY"), ["declares XML entities"]),
        (KGML[:-20], ["no well-formed XML", "`network`"]),
        ("<map><pathway org='hsa'/></map>", ["root <map>", "<pathway>"]),
        ("<html>not found</html>", ["no <pathway>", "no known format", "`network`"]),
    ],
)
def test_errors_say_what_is_wrong_with_the_file(read, text: str, said: list[str]) -> None:
    with pytest.raises(PathloreError) as error:
        read({"mmu04999.xml": text})
    for words in said:
        assert re.search(re.escape(words), str(error.value)), f"{words!r} not in {error.value}"
    assert "\n" not in str(error.value)


TEXT = """
Gene1\tGene2\tAnnotation\tDirection\tScore
A\tB\tactivate; catalyze\t->\t1.00
A\tC\tinhibit\t-|\t1.00
A\tD\tcatalyzed by; complex; input\t<-\t1.00
A\tE\tinhibited by\t|-\t1.00
A\tF\tactivate; inhibited by\t|->\t1.00
A\tG\texpression regulates\t->\t1.00
A\tH\tcomplex; expression regulated by; input\t<-\t1.00
A\tI\texpression regulated by; expression regulates\t<->\t1.00
A\tJ\tGErel: repression by\t|-\t1.00
A\tK\tcomplex; input\t-\t1.00
A\tL\tpredicted\t-\t0.61
A\tM\tcatalyze; complex; predicted\t->\t1.00
A\tN\tsomething\t=>\t1.00
"""

DIRECTED = [
    "A>B signaling +1",
    "A>C signaling -1",
    "A>F signaling +1",
    "A>G tf_target +0",  # a regulon says no sign
    "A>I tf_target +0",
    "A>M signaling +1",
    "D>A signaling +1",
    "E>A signaling -1",
    "F>A signaling -1",
    "H>A tf_target +1",
    "I>A tf_target +0",
    "J>A tf_target -1",
]


def test_each_drawn_direction_is_one_statement(table, read, edges, dropped) -> None:
    found = read({"FIsInGene.txt": table(TEXT, sep="\t")})
    assert edges(found) == DIRECTED
    assert set(found["resources"]) == {"ReactomeFI"}
    assert dropped() == (
        "1 predicted, 1 with an unknown direction, 1 without a direction (ingestion.network.undirected: drop)"
    )


def test_what_meets_in_a_complex_is_read_both_ways_if_wanted(table, read, edges) -> None:
    found = read({"FIsInGene.txt": table(TEXT, sep="\t")}, undirected="both")
    assert edges(found) == [*DIRECTED, "A>K signaling +0", "K>A signaling +0"]


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


COLLECTRI = """
source,target,weight,resources,references,sign_decision
MYC,TERT,1.0,ExTRI;HTRI;TRRUST,10022128;10491298;10491298,PMID
MYC,CDKN1A,-1,ExTRI,1,PMID
MYC,EGFR,1,ExTRI,,default activation
NFKB,IL6,1,ExTRI,2,PMID
AP1,IL6,-1,ExTRI,3,PMID
FOS_JUND,IL6,1,,,PMID
,IL6,1,ExTRI,3,PMID
"""


def test_collectri(table, read, edges, dropped) -> None:
    found = read({"CollecTRI.csv": table(COLLECTRI)})
    assert edges(found) == [
        "MYC>TERT tf_target +1",
        "MYC>CDKN1A tf_target -1",
        "MYC>EGFR tf_target +0",  # activation was taken by default
        "NFKB1>IL6 tf_target +1",
        "RELA>IL6 tf_target +1",
        "FOS>IL6 tf_target -1",
        "JUN>IL6 tf_target -1",
        "FOS>IL6 tf_target +1",
        "JUND>IL6 tf_target +1",
    ]
    assert found.loc[0, ["n_evidence", "resources", "references"]].tolist() == [
        2,
        "CollecTRI;ExTRI;HTRI;TRRUST",
        "PMID:10022128;PMID:10491298",
    ]
    assert found.loc[8, "resources"] == "CollecTRI"
    assert dropped() == "1 without a known gene name"


def test_three_columns_are_enough_of_regulons(table, read, edges) -> None:
    assert edges(read({"n.csv": table("source,target,weight\nA,B,-0.5\nA,C,NA")})) == [
        "A>B tf_target -1",
        "A>C tf_target +0",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "tf,confidence,target,mor\nA,A,B,1\nA,D,C,1\nA,C,D,-1",
        "source,confidence,target,weight\nA,A,B,0.5\nA,D,C,1\nA,C,D,-0.3",
    ],
)
def test_dorothea_in_either_form_has_levels(table, read, edges, dropped, text: str) -> None:
    found = read({"dorothea.csv": table(text)})
    assert edges(found) == ["A>B tf_target +1", "A>D tf_target -1"]
    assert set(found["resources"]) == {"DoRothEA"}
    assert dropped() == "1 of other levels (ingestion.network.regulon_levels)"
    assert len(read({"dorothea.csv": table(text)}, regulon_levels=["D"])) == 1


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
CELLPHONEDB_COMPLEXES = (
    "complex_name,uniprot_1,uniprot_2,uniprot_3,receptor\nintegrin,P3,P4,,TRUE\nEstradiol_byCYP19A1,P5,,,FALSE"
)
CELLPHONEDB_PROTEINS = (
    "uniprot,protein_name,secreted,receptor\nP1,L_HUMAN,True,False\nP2,R_HUMAN,False,True\nP5,M_HUMAN,True,False"
)


@pytest.fixture
def cellphonedb(table) -> dict[str, Raw]:
    return {
        "complex_input.csv": table(CELLPHONEDB_COMPLEXES),
        "gene_input.csv": table(GENES),
        "interaction_input.csv": table(INTERACTIONS),
        "protein_input.csv": table(CELLPHONEDB_PROTEINS),
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


def test_receptors_are_told_and_complexes_become_their_subunits(cellphonedb, read, edges, dropped) -> None:
    found = read(cellphonedb)
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


def test_adhesion_without_receptors_is_read_both_ways_if_wanted(cellphonedb, read, edges) -> None:
    found = edges(read(cellphonedb, undirected="both"))
    assert found[-2:] == ["LIG>MOD ligand_receptor +0", "MOD>LIG ligand_receptor +0"]


@pytest.mark.parametrize("missing", ["gene_input", "complex_input", "protein_input"])
def test_the_tables_belong_together(cellphonedb, read, missing: str) -> None:
    del cellphonedb[f"{missing}.csv"]
    with pytest.raises(PathloreError, match=rf"but {missing} was not given; .*`network`"):
        read(cellphonedb)


def test_companions_alone_hold_no_associations(cellphonedb, read) -> None:
    del cellphonedb["interaction_input.csv"]
    with pytest.raises(PathloreError, match=r"no associations are in the 3 file\(s\) complex_input.csv, .*`network`"):
        read(cellphonedb)


VERSION_1 = """
"",interaction_name,pathway_name,ligand,receptor,evidence,annotation,interaction_name_2
a,TGFB1_TGFBR1_TGFBR2,TGFb,TGFB1,TGFbR1_R2,KEGG: hsa04350,Secreted Signaling,TGFB1 - (TGFBR1+TGFBR2)
b,INHBA_ACVR1B,ACTIVIN,Activin AB,ACVR1B,PMID: 11; PMID: 12,Secreted Signaling,(INHBA+INHBB) - ACVR1B
c,CD99_CD99,CD99,CD99,CD99,PMID:11;PMC: 3,Cell-Cell Contact,CD99 - CD99
"""
CELLCHATDB_COMPLEXES = '"",subunit_1,subunit_2,subunit_3\nTGFbR1_R2,TGFBR1,TGFBR2,\nActivin AB,INHBA,INHBB,'
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
        files["complex.csv"] = table(CELLCHATDB_COMPLEXES)
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
