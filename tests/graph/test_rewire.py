import time

import numpy as np
import pandas as pd
import pytest
from blocks import network_block, network_of

from pathlore.graph.network import edge_types, roles
from pathlore.graph.rewire import RESOURCE, rewire
from pathlore.schemas import Network

KEPT = ["source", "kind", "sign", "type", "n_evidence", "pathway", "conflict", "via"]


def random_network(n_edges: int, n_genes: int, seed: int = 0) -> pd.DataFrame:
    """Edges of three kinds and all signs between genes of unequal numbers of edges."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, n_genes + 1) ** 0.7
    draw = rng.choice(n_genes, size=(2 * n_edges, 2), p=weights / weights.sum())
    table = pd.DataFrame(draw, columns=["source", "target"]).map("G{:04d}".format)
    table["kind"] = rng.choice(["ligand_receptor", "signaling", "tf_target"], len(table), p=[0.2, 0.5, 0.3])
    table["sign"] = rng.integers(-1, 2, len(table))
    table["n_evidence"] = rng.integers(1, 9, len(table))
    table["pathway"] = rng.choice(["P", "Q"], len(table))
    table["references"] = "PMID:1"
    table = table[table["source"] != table["target"]].drop_duplicates(["source", "target", "kind"])
    return network_of(table.head(n_edges))


def degrees(network: pd.DataFrame, end: str) -> dict[tuple[str, str], int]:
    return network.groupby([end, "kind"]).size().to_dict()


def test_none_leaves_the_network_as_it_is(small_network: pd.DataFrame) -> None:
    assert rewire(small_network, network_block()) is small_network


def test_degrees_signs_and_costs_stay_and_the_topology_goes() -> None:
    network = random_network(1500, 300)
    before = network.copy()
    rewired = rewire(network, network_block(rewire="degree_preserving"))
    pd.testing.assert_frame_equal(network, before)
    Network.validate(rewired)  # no association twice
    assert list(rewired.columns) == list(network.columns)
    assert (rewired["source"] != rewired["target"]).all()
    for end in ("source", "target"):
        assert degrees(rewired, end) == degrees(network, end)
    pd.testing.assert_frame_equal(roles(rewired), roles(network))
    order = [*KEPT]
    left, right = (table[KEPT].fillna("").sort_values(order, ignore_index=True) for table in (rewired, network))
    pd.testing.assert_frame_equal(left, right)
    assert (rewired["type"] == edge_types(rewired["kind"], rewired["sign"])).all()
    keys = ["source", "target", "kind"]
    same = len(rewired.merge(network, on=keys)) / len(network)
    assert same < 0.15
    assert set(rewired["resources"]) == {RESOURCE}
    assert set(rewired["references"]) == {""}
    ordered = rewired.sort_values(["kind", "source", "target"], ignore_index=True)
    pd.testing.assert_frame_equal(rewired, ordered)


def test_the_seed_decides() -> None:
    network = random_network(300, 60)
    one, again, other = (rewire(network, network_block(rewire="degree_preserving", rewire_seed=s)) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert not one["target"].equals(other["target"])


@pytest.mark.parametrize("edges", [["A>B"], ["A>B", "A>C", "A>D"], ["A>B", "B>A"]])
def test_what_allows_no_exchange_stays(edges: list[str]) -> None:
    ends = [edge.split(">") for edge in edges]
    network = network_of(pd.DataFrame(ends, columns=["source", "target"]).assign(kind="signaling"))
    rewired = rewire(network, network_block(rewire="degree_preserving"))
    assert rewired["target"].tolist() == network["target"].tolist()


def test_a_network_of_usual_size_takes_seconds() -> None:
    network = random_network(8000, 2000)
    started = time.perf_counter()
    rewire(network, network_block(rewire="degree_preserving"))
    assert time.perf_counter() - started < 5
