import itertools

import pandas as pd
import pytest
from blocks import network_of

from pathlore.errors import PathloreError
from pathlore.graph.network import N_EDGE_TYPES, NO_EDGE, edge_type, edge_types, restrict, roles
from pathlore.keys import Kind
from pathlore.schemas import Network


def rows(*edges: tuple[object, ...], columns: str = "source target kind sign n_evidence resources") -> pd.DataFrame:
    return pd.DataFrame(edges, columns=columns.split())


def test_types_are_those_of_kind_and_sign(small_network: pd.DataFrame) -> None:
    assert small_network["type"].min() >= 1
    for row in small_network.itertuples():
        assert row.type == edge_type(row.kind, row.sign)


def test_rows_are_sorted_and_self_loops_and_nameless_rows_dropped() -> None:
    table = rows(
        ("B", "A", "signaling", 1, 1, "X"),
        ("A", "A", "signaling", 1, 1, "X"),
        ("A", "B", "signaling", 1, 1, "X"),
        ("", "B", "signaling", 1, 1, "X"),
        ("C", "", "signaling", 1, 1, "X"),
        ("L", "R", "ligand_receptor", 1, 1, "X"),
    )
    found = network_of(table)
    assert found[["source", "target"]].to_numpy().tolist() == [["L", "R"], ["A", "B"], ["B", "A"]]
    assert found.index.tolist() == [0, 1, 2]


def test_a_pair_may_have_several_kinds_but_each_once() -> None:
    table = rows(
        ("A", "B", "signaling", 1, 2, "X"),
        ("A", "B", "tf_target", -1, 1, "X"),
        ("A", "B", "signaling", 0, 3, "Y;X"),
        ("B", "A", "signaling", 1, 1, "Z"),
    )
    found = network_of(table).set_index(["source", "target", "kind"])
    assert len(found) == 3
    merged = found.loc[("A", "B", "signaling")]
    assert (merged["sign"], merged["n_evidence"], merged["resources"], merged["type"]) == (1, 5, "X;Y", 5)


@pytest.mark.parametrize(
    ("signs", "agreed"), [((1, 1), 1), ((-1, 0), -1), ((1, -1), 0), ((0, 0), 0), ((1, 0, -1), 0), ((-1, -1, -1), -1)]
)
def test_a_sign_is_kept_only_if_no_row_contradicts_it(signs: tuple[int, ...], agreed: int) -> None:
    found = network_of(rows(*[("A", "B", "signaling", sign, 1, "X") for sign in signs]))
    assert found[["sign", "type"]].to_numpy().tolist() == [[agreed, edge_type("signaling", agreed)]]


def test_kinds_resources_and_evidence_are_filtered(small_network: pd.DataFrame) -> None:
    assert set(network_of(small_network, kinds=["signaling"])["kind"]) == {"signaling"}
    assert network_of(small_network, min_evidence=4)["n_evidence"].min() == 4
    table = rows(
        ("A", "B", "signaling", 1, 1, "X;Y"), ("B", "C", "signaling", 1, 1, "Z"), ("C", "D", "signaling", 1, 1, "XY")
    )
    assert network_of(table, resources=["X", "W"])["source"].tolist() == ["A"]


def test_evidence_of_several_rows_counts_together() -> None:
    table = rows(
        ("A", "B", "signaling", 1, 1, "X"), ("A", "B", "signaling", 1, 1, "Y"), ("B", "C", "signaling", 1, 1, "X")
    )
    assert network_of(table, min_evidence=2)["source"].tolist() == ["A"]


def test_a_resource_that_is_not_wanted_says_nothing() -> None:
    """Its sign must not contradict, and its evidence must not count."""
    table = rows(("A", "B", "signaling", 1, 2, "X"), ("A", "B", "signaling", -1, 5, "Y"))
    found = network_of(table, resources=["X"])
    assert found[["sign", "n_evidence", "resources"]].to_numpy().tolist() == [[1, 2, "X"]]


def test_the_order_of_rows_does_not_matter(small_network: pd.DataFrame) -> None:
    doubled = pd.concat([small_network, small_network.assign(resources="Other", sign=0)], ignore_index=True)
    doubled["pathway"] = [f"pathway {i % 3}" if i % 4 else None for i in range(len(doubled))]
    doubled = doubled.drop(columns="type")
    first = network_of(doubled)
    for seed in range(3):
        shuffled = doubled.sample(frac=1, random_state=seed)
        pd.testing.assert_frame_equal(network_of(shuffled), first)


def test_merging_again_changes_nothing_and_the_input_is_left_alone(small_network: pd.DataFrame) -> None:
    before = small_network.copy()
    pd.testing.assert_frame_equal(network_of(small_network), before)
    pd.testing.assert_frame_equal(small_network, before)


def test_evidence_is_kept_for_each_edge() -> None:
    columns = "source target kind sign n_evidence resources references pathway"
    table = rows(
        ("A", "B", "signaling", 1, 2, "X", "PMID:2;PMID:1", "WNT;Notch"),
        ("A", "B", "signaling", 0, 1, "Y", "", None),
        ("A", "B", "signaling", 1, 1, "Y", "PMID:2", "Notch"),
        ("B", "C", "signaling", 1, 1, "Y", "", None),
        columns=columns,
    )
    merged, single = network_of(table).to_dict("records")
    assert {name: merged[name] for name in ("n_evidence", "resources", "references", "pathway")} == {
        "n_evidence": 4, "resources": "X;Y", "references": "PMID:1;PMID:2", "pathway": "Notch;WNT",
    }  # fmt: skip
    assert (single["references"], single["pathway"]) == ("", None)
    Network.validate(network_of(table))


def test_a_contradiction_is_marked_and_told(caplog: pytest.LogCaptureFixture) -> None:
    table = rows(
        ("A", "B", "signaling", 1, 1, "X"), ("A", "B", "signaling", -1, 1, "Y"),
        ("A", "C", "signaling", 0, 1, "X"), ("A", "C", "signaling", -1, 1, "Y"),
    )  # fmt: skip
    found = network_of(table).set_index("target")
    assert found["conflict"].to_dict() == {"B": True, "C": False}
    assert found["sign"].to_dict() == {"B": 0, "C": -1}
    assert "1 associations have contradictory signs" in caplog.text
    assert "A>B" in caplog.text
    assert "`ingestion.network.resources`" in caplog.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kinds": ["tf_target"]}, "kinds tf_target"),
        ({"resources": ["Nobody"]}, "Nobody"),
        ({"min_evidence": 7}, "min_evidence 7"),
    ],
)
def test_nothing_left_is_an_error_that_names_the_filters(changes: dict[str, object], said: str) -> None:
    table = rows(("A", "B", "signaling"), ("A", "A", "signaling"), columns="source target kind")
    with pytest.raises(PathloreError, match=rf"2 rows in the network table: check ingestion\.network .*{said}"):
        network_of(table, **changes)


def test_restrict_keeps_edges_between_two_genes_of_the_set(small_network: pd.DataFrame) -> None:
    found = restrict(small_network, {"R1", "S1", "T2"})
    assert sorted(zip(found["source"], found["target"], strict=True)) == [("R1", "S1"), ("R1", "T2"), ("S1", "T2")]
    assert found.index.tolist() == [0, 1, 2]


def test_roles_follow_from_the_kinds(small_network: pd.DataFrame) -> None:
    table = roles(small_network)
    assert table.index.tolist() == sorted(table.index)
    assert len(table) == 14
    members = {role: set(table.index[table[role]]) for role in table}
    assert members == {
        "ligand": {"L1", "L2"},
        "receptor": {"R1", "R2"},
        "signal": {"R1", "R2", "S1", "S2", "S3", "S4", "S5", "T1", "T2", "X2"},
        "tf": {"T1", "T2"},
        "target": {"X1", "X2", "X3", "S1", "R1"},
    }
    assert table.dtypes.eq(bool).all()


def test_a_gene_of_ligand_target_edges_alone_has_no_role() -> None:
    network = network_of(rows(("A", "B", "ligand_target"), columns="source target kind"))
    assert not roles(network).to_numpy().any()


ALL = list(itertools.product(Kind.ALL, (0, 1, -1)))


def test_types_are_1_to_12_each_once_and_never_0() -> None:
    assert sorted(edge_type(kind, sign) for kind, sign in ALL) == list(range(1, N_EDGE_TYPES))
    assert NO_EDGE == 0
    assert N_EDGE_TYPES == 13


def test_whole_columns_are_numbered_like_single_edges() -> None:
    kinds, signs = zip(*ALL, strict=True)
    found = edge_types(pd.Series(kinds), pd.Series(signs))
    assert found.tolist() == [edge_type(kind, sign) for kind, sign in ALL]
    assert edge_types(pd.Series([], dtype=object), pd.Series([], dtype=int)).tolist() == []
