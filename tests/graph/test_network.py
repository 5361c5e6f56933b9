import re

import numpy as np
import pandas as pd
import pytest

from pathlore.config import IngestionParameters, NetworkConfig
from pathlore.errors import PathloreError
from pathlore.graph.edge_types import edge_type
from pathlore.graph.network import PREDECESSOR_KINDS, read_network, restrict, roles
from pathlore.keys import Kind
from pathlore.schemas import Network

PARAMETER = f"{'ingestion' if 'network' in IngestionParameters.model_fields else 'graph_construction'}.network"
"""Where the block really stands in parameters.yml."""


def configured(**changes: object) -> NetworkConfig:
    return NetworkConfig.model_validate({"kinds": list(Kind.ALL), "resources": [], "min_evidence": 1} | changes)


def rows(*edges: tuple[object, ...], columns: str = "source target kind sign n_evidence resources") -> pd.DataFrame:
    return pd.DataFrame(edges, columns=columns.split())


def test_three_columns_are_enough() -> None:
    found = read_network(rows(("A", "B", "signaling"), columns="source target kind"), configured())
    assert found.to_dict("records") == [
        {
            "source": "A",
            "target": "B",
            "kind": "signaling",
            "sign": 0,
            "type": 4,
            "n_evidence": 1,
            "resources": "not named",
            "pathway": None,
        }
    ]


@pytest.mark.parametrize(("name", "kind"), PREDECESSOR_KINDS.items())
def test_every_edge_type_of_the_predecessor_is_understood(name: str, kind: str) -> None:
    found = read_network(rows(("A", "B", name), columns="from to edge_type"), configured())
    assert found.loc[0, ["source", "target", "kind", "resources"]].tolist() == ["A", "B", kind, "PathFinder"]
    assert found.loc[0, "type"] == edge_type(kind, 0)


def test_both_forms_pass_the_schema(small_network: pd.DataFrame) -> None:
    predecessor = read_network(rows(("A", "B", "sig_tf"), columns="from to edge_type"), configured())
    for table in (small_network, predecessor):
        pd.testing.assert_frame_equal(Network.validate(table), table, check_dtype=False)


def test_types_are_those_of_kind_and_sign(small_network: pd.DataFrame) -> None:
    assert small_network["type"].min() >= 1
    for row in small_network.itertuples():
        assert row.type == edge_type(row.kind, row.sign)


def test_rows_are_sorted_and_self_loops_and_nameless_rows_dropped() -> None:
    table = rows(
        ("B", "A", "signaling", 1, 1, "X"),
        ("A", "A", "signaling", 1, 1, "X"),
        (" A ", "B", "signaling", 1, 1, "X"),
        (None, "B", "signaling", 1, 1, "X"),
        ("C", np.nan, "signaling", 1, 1, "X"),
        ("C", " ", "signaling", 1, 1, "X"),
        ("L", "R", "ligand_receptor", 1, 1, "X"),
    )
    found = read_network(table, configured())
    assert found[["source", "target"]].to_numpy().tolist() == [["L", "R"], ["A", "B"], ["B", "A"]]
    assert found.index.tolist() == [0, 1, 2]


def test_a_pair_may_have_several_kinds_but_each_once() -> None:
    table = rows(
        ("A", "B", "signaling", 1, 2, "X"),
        ("A", "B", "tf_target", -1, 1, "X"),
        ("A", "B", "signaling", 0, 3, "Y;X"),
        ("B", "A", "signaling", 1, 1, "Z"),
    )
    found = read_network(table, configured()).set_index(["source", "target", "kind"])
    assert len(found) == 3
    merged = found.loc[("A", "B", "signaling")]
    assert (merged["sign"], merged["n_evidence"], merged["resources"], merged["type"]) == (1, 5, "X;Y", 5)


@pytest.mark.parametrize(
    ("signs", "agreed"), [((1, 1), 1), ((-1, 0), -1), ((1, -1), 0), ((0, 0), 0), ((1, 0, -1), 0), ((-1, -1, -1), -1)]
)
def test_a_sign_is_kept_only_if_no_row_contradicts_it(signs: tuple[int, ...], agreed: int) -> None:
    found = read_network(rows(*[("A", "B", "signaling", sign, 1, "X") for sign in signs]), configured())
    assert found[["sign", "type"]].to_numpy().tolist() == [[agreed, edge_type("signaling", agreed)]]


def test_missing_signs_and_evidence_have_defaults() -> None:
    found = read_network(
        rows(("A", "B", "signaling", np.nan, np.nan, None), ("B", "C", "signaling", "-1", 0, "X")), configured()
    )
    assert found[["sign", "n_evidence", "resources"]].to_numpy().tolist() == [[0, 1, "not named"], [-1, 1, "X"]]


def test_kinds_resources_and_evidence_are_filtered(small_network: pd.DataFrame) -> None:
    assert set(read_network(small_network, configured(kinds=["signaling"]))["kind"]) == {"signaling"}
    assert read_network(small_network, configured(min_evidence=4))["n_evidence"].min() == 4
    table = rows(
        ("A", "B", "signaling", 1, 1, "X;Y"), ("B", "C", "signaling", 1, 1, "Z"), ("C", "D", "signaling", 1, 1, "XY")
    )
    assert read_network(table, configured(resources=["X", "W"]))["source"].tolist() == ["A"]


def test_evidence_of_several_rows_counts_together() -> None:
    table = rows(
        ("A", "B", "signaling", 1, 1, "X"), ("A", "B", "signaling", 1, 1, "Y"), ("B", "C", "signaling", 1, 1, "X")
    )
    assert read_network(table, configured(min_evidence=2))["source"].tolist() == ["A"]


def test_a_resource_that_is_not_wanted_says_nothing() -> None:
    """Its sign must not contradict, and its evidence must not count."""
    table = rows(("A", "B", "signaling", 1, 2, "X"), ("A", "B", "signaling", -1, 5, "Y"))
    found = read_network(table, configured(resources=["X"]))
    assert found[["sign", "n_evidence", "resources"]].to_numpy().tolist() == [[1, 2, "X"]]


def test_the_order_of_rows_does_not_matter(small_network: pd.DataFrame) -> None:
    doubled = pd.concat([small_network, small_network.assign(resources="Other", sign=0)], ignore_index=True)
    doubled["pathway"] = [f"pathway {i % 3}" if i % 4 else None for i in range(len(doubled))]
    doubled = doubled.drop(columns="type")
    first = read_network(doubled, configured())
    for seed in range(3):
        shuffled = doubled.sample(frac=1, random_state=seed)
        pd.testing.assert_frame_equal(read_network(shuffled, configured()), first)


def test_reading_a_network_again_changes_nothing_and_the_input_is_left_alone(small_network: pd.DataFrame) -> None:
    before = small_network.copy()
    pd.testing.assert_frame_equal(read_network(small_network, configured()), before)
    pd.testing.assert_frame_equal(small_network, before)


@pytest.mark.parametrize(
    ("table", "config", "said"),
    [
        (rows(("A", "B"), columns="gene_1 gene_2"), {}, ["gene_1, gene_2", "source, target, kind", "`network`"]),
        (
            rows(("A", "B", "phospho"), columns="source target kind"),
            {},
            ["phospho", "signaling", "column kind", "`network`"],
        ),
        (rows(("A", "B", "sig_xyz"), columns="from to edge_type"), {}, ["sig_xyz", "edge_type"]),
        (rows(("A", "B", "signaling", 2), columns="source target kind sign"), {}, ["sign(s) 2", "column sign"]),
        (rows(("A", "B", "signaling", "+"), columns="source target kind sign"), {}, ["sign(s) +", "column sign"]),
        (rows(("A", "B", "signaling", 0.5), columns="source target kind sign"), {}, ["0.5"]),
        (rows(("A", "B", None), columns="source target kind"), {}, ["kind"]),
        (rows(columns="source target kind"), {}, ["0 rows", PARAMETER]),
        (rows(("A", "A", "signaling"), columns="source target kind"), {}, ["1 rows", PARAMETER]),
        (
            rows(("A", "B", "signaling"), columns="source target kind"),
            {"kinds": ["tf_target"]},
            [PARAMETER, "kinds tf_target"],
        ),
        (
            rows(("A", "B", "signaling"), columns="source target kind"),
            {"resources": ["Nobody"]},
            [PARAMETER, "Nobody"],
        ),
        (
            rows(("A", "B", "signaling"), columns="source target kind"),
            {"min_evidence": 7},
            [PARAMETER, "min_evidence 7"],
        ),
    ],
)
def test_errors_say_what_was_found_and_which_parameter_to_change(
    table: pd.DataFrame, config: dict[str, object], said: list[str]
) -> None:
    with pytest.raises(PathloreError) as error:
        read_network(table, configured(**config))
    for words in said:
        assert re.search(re.escape(words), str(error.value)), f"{words!r} not in {error.value}"
    assert "\n" not in str(error.value)


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
    network = read_network(rows(("A", "B", "ligand_target"), columns="source target kind"), configured())
    assert not roles(network).to_numpy().any()


@pytest.mark.shared
def test_the_real_tables_are_read(shared_data: object) -> None:
    folder = shared_data / "network"  # type: ignore[operator]
    parts = [pd.read_csv(folder / f"pathfinder_{name}_network.csv.gz") for name in ("lr", "sig", "gr", "lreg")]
    found = read_network(pd.concat(parts, ignore_index=True), configured())
    assert len(found) > 10_000
    assert not found.duplicated(["source", "target", "kind"]).any()
    assert int(found["type"].min()) >= 1
