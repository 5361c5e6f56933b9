"""Steps over unmeasured genes, against plain recursion."""

from itertools import pairwise

import pandas as pd
import pytest
from blocks import network_of, path_block
from hypothesis import given, settings
from hypothesis import strategies as st

from pathlore.graph.bridge import bridge_network
from pathlore.graph.paths import find_paths
from pathlore.schemas import Network

COLUMNS = ["source", "target", "kind", "sign", "n_evidence", "pathway"]
CHAIN = [
    ("L", "R", "ligand_receptor", 1, 1, "P"),
    ("R", "A", "signaling", 1, 1, "P"),
    ("A", "B", "signaling", -1, 4, "P;Q"),
    ("B", "T", "signaling", -1, 1, "Q"),
    ("T", "X", "tf_target", 1, 1, "P"),
]


def chain(*more: tuple[object, ...]) -> pd.DataFrame:
    return network_of(pd.DataFrame([*CHAIN, *more], columns=COLUMNS))


@st.composite
def networks(draw: st.DrawFn) -> tuple[pd.DataFrame, set[str]]:
    end = st.sampled_from("ABCDEFG")
    kind = st.sampled_from(["signaling"] * 6 + ["ligand_receptor"])
    ends = st.tuples(end, end, kind).filter(lambda e: e[0] != e[1])
    values = st.tuples(st.sampled_from([-1, 0, 1]), st.integers(1, 9), st.sampled_from([None, "P", "P;Q"]))
    edges = draw(st.dictionaries(ends, values, min_size=4, max_size=22))
    table = pd.DataFrame([(*e, *v) for e, v in edges.items()], columns=COLUMNS)
    return network_of(table), set(draw(st.lists(st.sampled_from("ABCDEFG"), min_size=2, max_size=5)))


def slowly(network: pd.DataFrame, measured: set[str], most: int) -> dict[tuple[str, str], float]:
    """(source, target) -> least cost over 1 to ``most`` unmeasured genes, by recursion over the rows."""
    rows = network[network["kind"] == "signaling"].to_dict("records")
    receptors = set(network.loc[network["kind"] == "ligand_receptor", "target"])
    direct = {(row["source"], row["target"]) for row in rows}
    found: dict[tuple[str, str], float] = {}

    def walk(genes: tuple[str, ...], cost: float) -> None:
        for row in rows:
            if row["source"] != genes[-1] or row["target"] in genes:
                continue
            total, target = cost + row["n_evidence"] ** -0.5 + 0.2, row["target"]
            ends = genes[0], target
            if target in measured and len(genes) > 1 and ends not in direct:
                found[ends] = min(total, found.get(ends, total))
            elif target not in measured | receptors and len(genes) <= most:
                walk((*genes, target), total)

    for gene in sorted(measured):
        walk((gene,), 0.0)
    return found


@settings(max_examples=80, deadline=None)
@given(networks(), st.integers(1, 3))
def test_every_cheapest_bridge_is_found_and_no_other(drawn: tuple[pd.DataFrame, set[str]], most: int) -> None:
    network, measured = drawn
    expected = slowly(network, measured, most)
    whole = Network.validate(bridge_network(network, measured, path_block(bridge=most)))
    bridges = whole[whole["via"] != ""]
    rows = network[network["kind"] == "signaling"].set_index(["source", "target"])
    costs = {}
    for row in bridges.itertuples():
        genes = [row.source, *row.via.split(";"), row.target]
        parts = rows.loc[list(pairwise(genes))]
        assert row.sign == parts["sign"].prod()
        assert row.n_evidence == parts["n_evidence"].min()
        costs[row.source, row.target] = (parts["n_evidence"] ** -0.5 + 0.2).sum()
    assert costs == pytest.approx(expected)
    pd.testing.assert_frame_equal(whole[whole["via"] == ""].reset_index(drop=True), network)


def test_a_bridge_keeps_what_its_parts_know() -> None:
    bridged = bridge_network(chain(), {"R", "T", "X"}, path_block(bridge=2)).set_index("via")
    assert bridged.loc["A;B", ["source", "target", "kind", "sign", "n_evidence", "pathway"]].tolist() == [
        "R", "T", "signaling", 1, 1, "P;Q",
    ]  # fmt: skip
    paths, _ = find_paths(bridged.reset_index(), {"R", "T", "X"}, path_block(), "all")
    assert paths[["path", "route", "sign"]].to_numpy().tolist() == [["R>T>X", "R > (A, B) > T > X", 1]]
    assert paths["cost"].tolist() == pytest.approx([3 * 1.2 + 1.2])


def test_a_gene_that_is_measured_is_never_passed_over() -> None:
    """Not even where it is measured and not expressed."""
    for measured in ({"R", "B", "T", "X"}, {"R", "A", "T", "X"}):
        bridged = bridge_network(chain(), measured, path_block(bridge=3))
        assert "R>T" not in set(bridged["source"] + ">" + bridged["target"])


def test_a_direct_edge_needs_no_bridge_and_a_receptor_is_none() -> None:
    bridged = bridge_network(chain(("R", "T", "signaling", 0, 1, None)), {"R", "T", "X"}, path_block(bridge=2))
    assert (bridged["via"] == "").all()
    bridged = bridge_network(chain(("M", "B", "ligand_receptor", 1, 1, None)), {"R", "T"}, path_block(bridge=2))
    assert (bridged["via"] == "").all()


def test_without_the_parameter_nothing_changes() -> None:
    network = chain()
    assert bridge_network(network, {"R", "T", "X"}, path_block(bridge=0)) is network
    assert (bridge_network(network, {"R", "T", "X"}, path_block(bridge=1))["via"] == "").all()
