import pytest

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


def test_three_columns_are_enough(table, read, edges) -> None:
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
