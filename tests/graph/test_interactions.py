import pandas as pd
from blocks import network_block

from pathlore.graph.interactions import ligand_receptor_pairs, members
from pathlore.schemas import LigandReceptorPairs

COLUMNS = [
    "source", "target", "source_complex", "target_complex", "sign", "n_evidence", "resources", "references", "kind",
]  # fmt: skip
LR = "ligand_receptor"
RECORDS = pd.DataFrame(
    [
        ("L", "A", "", "A_B", 0, 2, "X", "PMID:1", LR),
        ("L", "B", "", "A_B", 0, 2, "X", "PMID:1", LR),
        ("L", "B", "", "B_A", 1, 3, "Y", "PMID:2", LR),  # the same complex, its members in another order
        ("L", "A", "", "B_A", 1, 3, "Y", "PMID:2", LR),
        ("L", "A", "", "", -1, 1, "Y", "", LR),  # one member alone is another receptor
        ("L", "A", "", "", 1, 1, "Z", "", LR),
        ("C", "C", "", "", 0, 1, "X", "", LR),
        ("L", "A", "", "", 0, 9, "X", "", "signaling"),
    ],
    columns=COLUMNS,
)


def rows(table):
    return table.to_numpy().tolist()


def test_members_of_a_complex_stay_together_and_count_once():
    assert rows(ligand_receptor_pairs(RECORDS)) == [
        ["L", "A", 0, 2, "Y;Z", ""],
        ["L", "A_B", 1, 5, "X;Y", "PMID:1;PMID:2"],
    ]


def test_resources_and_evidence_are_chosen_as_for_the_network():
    found = ligand_receptor_pairs(RECORDS, network_block(resources=["Y"], min_evidence=2))
    assert rows(found) == [["L", "B_A", 1, 3, "Y", "PMID:2"]]


def test_nothing_between_cells_is_an_empty_table():
    found = ligand_receptor_pairs(RECORDS[RECORDS["kind"] == "signaling"])
    assert found.empty
    assert list(found.columns) == list(LigandReceptorPairs.to_schema().columns)


def test_members():
    assert members("A") == ["A"]
