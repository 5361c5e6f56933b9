import re

import pytest

from pathlore.errors import PathloreError

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
