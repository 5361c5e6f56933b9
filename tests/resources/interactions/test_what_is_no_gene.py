"""Names that are no gene, columns that are misspelt, kinds that nobody tells: in every format, with the right count."""

import re

import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.genes.names import GeneNames
from pathlore.missing import WORDS

TABLES = {  # one row of each format, with the ends written as SOURCE and TARGET
    "own.csv": "source,target,kind\nSOURCE,TARGET,signaling",
    "predecessor.csv": "from,to,edge_type\nSOURCE,TARGET,sig_sig",
    "lr_network.csv": "from,to,source,database\nSOURCE,TARGET,x,y",
    "omnipath.csv": "source,target,source_genesymbol,target_genesymbol,is_directed,type,omnipath\n"
    "P1,P2,SOURCE,TARGET,1,post_translational,1",
    "reactome.csv": "Gene1,Gene2,Annotation,Direction\nSOURCE,TARGET,activate,->",
    "collectri.csv": "source,target,weight\nSOURCE,TARGET,1",
    "dorothea.csv": "tf,confidence,target,mor\nSOURCE,A,TARGET,1",
    "cellchat.csv": "pathway_name,ligand,receptor\np,SOURCE,TARGET",
    "liana.csv": "ligand,receptor\nSOURCE,TARGET",
    "string.csv": "protein1,protein2,combined_score\n9606.ENSP1,9606.ENSP2,900",
    "signor.csv": "ENTITYA,TYPEA,IDA,ENTITYB,TYPEB,IDB,EFFECT,MECHANISM,TAX_ID,PMID\n"
    "SOURCE,protein,P1,TARGET,protein,P2,up-regulates,phosphorylation,9606,1",
    "cellphonedb.csv": "partner_a,partner_b,directionality\nP1,P2,Ligand-Receptor",
}
BESIDE = {
    "string.csv": {"info.csv": "#string_protein_id,preferred_name\n9606.ENSP1,SOURCE\n9606.ENSP2,TARGET"},
    "cellphonedb.csv": {
        "gene_input.csv": "gene_name,uniprot,hgnc_symbol\n,P1,SOURCE\nNA,P2,TARGET",
        "complex_input.csv": "complex_name,uniprot_1,receptor",
        "protein_input.csv": "uniprot,receptor",
    },
}


def files_of(file, source, target, table):
    texts = {file: TABLES[file], **BESIDE.get(file, {})}
    return {name: table(text.replace("SOURCE", source).replace("TARGET", target)) for name, text in texts.items()}


@pytest.mark.parametrize("file", TABLES)
def test_each_format_reads_its_row(file, table, read, dropped):
    found = read(files_of(file, "EGF", "NANOG", table), undirected="both")
    assert ("EGF", "NANOG") in set(zip(found["source"], found["target"], strict=True))
    assert dropped() == "nothing"


@pytest.mark.parametrize("file", TABLES)
@pytest.mark.parametrize("word", ["NA", "nan", "None", "N/A", "NULL", "-", "#N/A", " NA "])
def test_a_missing_word_never_becomes_a_gene(file, word, table, read, dropped):
    found = read(files_of(file, "EGF", word, table), undirected="both")
    assert found.empty
    assert re.search(r"\d without a known gene", dropped())


def test_genes_that_look_like_missing_words_stay(table, read, dropped):
    symbols = ["NAT1", "NANOG", "NAN1", "NAA10", "NULL1", "NONO", "ND1", "T", "C3"]
    assert not {symbol.lower() for symbol in symbols} & WORDS
    text = "source,target,kind\n" + "".join(f"{symbol},TP53,signaling\n" for symbol in symbols)
    assert read({"own.csv": table(text)})["source"].tolist() == symbols
    assert dropped() == "nothing"


@pytest.mark.parametrize("file", TABLES)
@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("2-Sep", "with a name that a spreadsheet made a date of (such as 2-Sep)"),
        ("1-Mar", "with a name that a spreadsheet made a date of (such as 1-Mar)"),
        ("ENSMUSG00000059552", "of another species (Ensembl id) (such as ENSMUSG00000059552)"),
        ("two words", "with a name that is no gene symbol (such as two words)"),
        ("A&B", "with a name that is no gene symbol (such as A&B)"),
    ],
)
def test_what_is_no_gene_is_dropped_by_its_kind(file, name, rule, table, read, dropped):
    assert read(files_of(file, "EGF", name, table), undirected="both").empty
    assert re.sub(r"^\d+ ", "", dropped()) == rule


def test_dates_come_with_their_remedy(table, read, caplog):
    read({"own.csv": table("source,target,kind\n1-Mar,TP53,signaling\n2-Sep,TP53,signaling\nSEPT2,TP53,signaling")})
    assert "2 gene name(s) were made dates by a spreadsheet (1-Mar, 2-Sep)" in caplog.text
    assert "2-Sep was SEPTIN2 (SEPT2)" in caplog.text


@pytest.fixture(scope="module")
def names():
    rows = [("TP53", "7157", "ENSG00000141510", "P04637"), ("MDM2", "4193", "ENSG00000135679", "Q00987")]
    return GeneNames(pd.DataFrame(rows, columns=["symbol", "entrez", "ensembl", "uniprot"]))


@pytest.mark.parametrize("file", ["own.csv", "predecessor.csv", "collectri.csv", "liana.csv", "reactome.csv"])
@pytest.mark.parametrize(
    ("source", "target", "kind"),
    [("ENSG00000141510.18", "ENSG00000135679", "Ensembl"), ("7157", "4193", "Entrez"), ("P04637", "Q00987", "UniProt")],
)
def test_ids_are_translated_or_asked_for(file, source, target, kind, table, read, names):
    files = files_of(file, source, target, table)
    found = read(files, names)
    assert found[["source", "target"]].to_numpy().tolist() == [["TP53", "MDM2"]]
    for none in (None, GeneNames(pd.DataFrame({"symbol": ["TP53"]}))):
        with pytest.raises(PathloreError, match=rf"{file} are {kind} ids .*set the parameter `gene_names`"):
            read(files, none)


def test_a_few_ids_that_nobody_knows_are_counted(table, read, names, dropped):
    text = "source,target,kind\n" + "".join(f"G{i},TP53,signaling\n" for i in range(40))
    found = read({"own.csv": table(text + "ENSG00000999999,TP53,signaling\n")}, names)
    assert len(found) == 40
    assert dropped() == "1 with Ensembl ids that `gene_names` does not know (such as ENSG00000999999)"


def test_symbols_that_look_like_uniprot_ids_stay(table, read):
    text = "source,target,kind\nP2RY12,H2AC11,signaling\nTP53,MDM2,signaling\nEGF,EGFR,signaling\n"
    assert len(read({"own.csv": table(text)})) == 3


def test_complexes_with_a_prefix_become_their_members(table, read):
    text = (
        "source,target,kind\nTGFB1,COMPLEX:ITGAV_ITGB8,ligand_receptor\nCOMPLEX:FOS_JUN,IL6,tf_target\nA_B,C,signaling"
    )
    found = read({"own.csv": table(text)})
    assert found[["source", "target", "target_complex"]].to_numpy().tolist() == [
        ["TGFB1", "ITGAV", "ITGAV_ITGB8"], ["TGFB1", "ITGB8", "ITGAV_ITGB8"], ["FOS", "IL6", ""], ["JUN", "IL6", ""],
        ["A_B", "C", ""],
    ]  # fmt: skip


def test_a_member_without_a_name_leaves_its_complex(table, read, dropped):
    found = read({"own.csv": table("source,target,kind\nTGFB1,ITGAV_ITGB8_NA,ligand_receptor")})
    assert found["target_complex"].tolist() == ["ITGAV_ITGB8"] * 2
    assert dropped() == "1 without a known gene name"


@pytest.mark.parametrize("write", [str.upper, str.title, lambda name: f" {name} "])
@pytest.mark.parametrize("file", TABLES)
def test_names_of_columns_in_any_letters(file, write, table, read):
    files = files_of(file, "EGF", "EGFR", table)
    turned = {name: raw.rename(columns=write) for name, raw in files.items()}
    pd.testing.assert_frame_equal(read(turned), read(files))


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("own.csv", "source,target,kind,SIGNX\nA,B,signaling,1", ["SIGNX", "expected sign"]),
        ("own.csv", "source,target,kind,pathways\nA,B,signaling,p", ["pathways", "expected pathway"]),
        ("own.csv", "source,target,kind,reference,evidences\nA,B,signaling,p,1", ["evidences, reference"]),
        ("omnipath.csv", "source,target,is_directed,type,omnipath,is_stimulatio\nA,B,1,,1,1", ["is_stimulation"]),
        ("collectri.csv", "source,target,weight,reference\nA,B,1,1", ["expected references"]),
        ("cellchat.csv", "pathway_name,ligand,receptor,anotation\np,A,B,x", ["expected annotation"]),
        ("liana.csv", "ligand,receptor,resorce\nA,B,x", ["expected resource"]),
    ],
)
def test_a_misspelt_column_is_named_with_the_right_one(file, text, said, table, read):
    with pytest.raises(PathloreError, match=r"`network`") as caught:
        read({file: table(text)})
    assert all(words in str(caught.value) for words in [file, *said])


def test_columns_that_are_not_read_are_said(table, read, caplog):
    caplog.set_level("INFO")
    read({"own.csv": table("source,target,kind,note,weight\nA,B,signaling,x,1")})
    assert "columns not read: note, weight; dropped: nothing" in caplog.text


def test_a_flag_of_direction_is_heeded(table, read, edges, dropped):
    own = table("source,target,kind,directed\nA,B,signaling,True\nC,D,signaling,0\nE,F,signaling,")
    assert edges(read({"own.csv": own})) == ["A>B signaling +0", "E>F signaling +0"]
    assert dropped() == "1 without a direction (ingestion.network.undirected: drop)"
    assert set(edges(read({"own.csv": own}, undirected="both"))) >= {"C>D signaling +0", "D>C signaling +0"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source,target,kind,directed\nA,B,signaling,->", "column directed .* ->; expected true or false"),
        ("source,target,kind,n_evidence\nA,B,signaling,many", "column n_evidence .* many; expected are numbers"),
        ("source,target,weight\nA,B,many", "column weight .* many; expected are numbers"),
        ("source;target;weight\nA;B;0,5", "column weight .* 0,5; .*decimal point instead of a decimal comma"),
        ("source,target,kind,sign\nA,B,signaling,-", r"the sign\(s\) -; expected 1"),
        ("source,target,kind,sign\nA,B,signaling,->", r"the sign\(s\) ->; expected 1"),
    ],
)
def test_values_that_are_not_understood_are_named(text, said, table, read):
    with pytest.raises(PathloreError, match=f"{said}.*`network`"):
        read({"own.csv": table(text, sep=";" if ";" in text else ",")})


def test_a_missing_sign_is_not_known(table, read):
    found = read({"own.csv": table("source,target,kind,sign\nA,B,signaling,NA\nC,D,signaling,-1\nE,F,signaling,+1")})
    assert found["sign"].tolist() == [0, -1, 1]


# ------------------------------------------------------------------------------------------------------------- kinds

OMNIPATH = "source,target,source_genesymbol,target_genesymbol,is_directed\nP1,P2,EGF,EGFR,1"


def test_omnipath_without_types_asks_for_the_kind(table, read, edges):
    raw = table(OMNIPATH)
    with pytest.raises(
        PathloreError, match=r"omnipath_x.tsv does not tell .*`ingestion.network.untyped_kind`.*ligand_rec"
    ):
        read({"omnipath_x.tsv": raw})
    for kind in ("ligand_receptor", "tf_target", "signaling"):
        assert edges(read({"o.tsv": raw}, untyped_kind=kind)) == [f"EGF>EGFR {kind} +0"]
    both = read({"collectri.tsv": raw, "lr.tsv": raw}, untyped_kind={"collectri": "tf_target", "lr": "ligand_receptor"})
    assert edges(both) == ["EGF>EGFR tf_target +0", "EGF>EGFR ligand_receptor +0"]
    with pytest.raises(PathloreError, match="says signaling, tf_target of it"):
        read({"collectri.tsv": raw}, untyped_kind={"collectri": "tf_target", "tsv": "signaling"})


def test_omnipath_with_types_but_no_datasets_asks_for_what_types_do_not_tell(table, read, edges):
    typed = table(
        "source,target,source_genesymbol,target_genesymbol,is_directed,type\nP1,P2,EGF,EGFR,1,post_translational"
    )
    with pytest.raises(PathloreError, match="untyped_kind"):
        read({"o.tsv": typed})
    assert edges(read({"o.tsv": typed}, untyped_kind="ligand_receptor")) == ["EGF>EGFR ligand_receptor +0"]
    regulation = typed.assign(type="transcriptional")
    assert edges(read({"o.tsv": regulation})) == ["EGF>EGFR tf_target +0"]


def test_nichenet_under_another_name_may_be_told_its_kind(table, read, edges):
    raw = table("from,to,source,database\nEGF,EGFR,x,y")
    assert edges(read({"n.csv": raw}, untyped_kind="ligand_receptor")) == ["EGF>EGFR ligand_receptor +0"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source,target,weight,p_value\nEGFR,DUSP6,4.2,0.01", "column.s. p_value.*PROGENy"),
        ("source,target,weight,padj\nEGFR,DUSP6,0.2,0.01", "column.s. padj"),
        (
            "source,target,weight\nEGFR,DUSP6,0.2\nHypoxia,CA9,0.9\nJAK-STAT,IRF1,0.8",
            "sources such as Hypoxia, JAK-STAT",
        ),
        ("source,target,weight\nEGFR,DUSP6,4.2", "weights up to 4.2"),
        ("source,target,ligand,receptor,magnitude_rank\nT,B,EGF,EGFR,0.1", "magnitude_rank.*results of an analysis"),
        ("pathway_name,ligand,receptor,prob,pval\np,EGF,EGFR,0.1,0", "prob, pval.*results of an analysis"),
    ],
)
def test_responses_and_results_are_no_prior_knowledge(text, said, table, read):
    with pytest.raises(PathloreError, match=f"{said}.*`network`"):
        read({"t.csv": table(text)})


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "right"),
    [
        ("interactions_NA_signaling.csv", (7471, "120 without a known gene name")),
        ("interactions_NA_signaling_control.csv", (7471, "120 without a known gene name")),
        ("omnipath_with_type_control.tsv", (8, "nothing")),
        ("omnipath_collectri_default_fields.tsv", "untyped_kind"),
        ("omnipath_ligrecextra_default_fields.tsv", "untyped_kind"),
        ("progeny_top.csv", "responses to pathways"),
    ],
)
def test_files_as_people_have_them(shared_data, read, dropped, file, right):
    from pathlore.datasets.raw_tables import RawTablesDataset

    raw = RawTablesDataset(files=str(shared_data / "field" / "net" / file), parameter="network").load()
    if isinstance(right, str):
        with pytest.raises(PathloreError, match=right):
            read(raw)
        return
    found = read(raw)
    assert (len(found), dropped()) == right
    assert "NA" not in {*found["source"], *found["target"]}
    assert not found["references"].isin(["NA"]).any()
