import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.explain.core_network import core_network, edge_importance, gene_importance, to_cytoscape
from pathlore.graph.network import edge_types
from pathlore.graph.text_numeric_graph import TextNumericGraph

EDGES = [
    ("R", "S", "signaling", 1),
    ("S", "T", "signaling", -1),
    ("R", "T", "signaling", 0),
    ("T", "X", "tf_target", 1),
    ("T", "Y", "tf_target", -1),
    ("S", "X", "tf_target", 0),
    ("T", "S", "tf_target", 1),
    ("S", "X", "signaling", 1),
    ("X", "Y", "tf_target", 1),
]
PATHS = {"R>S>T>X": 0.8, "R>T>Y": 0.6, "R>S>X": 0.5, "R>T>S": 0.3, "R>S>X>Y": 0.1}


@pytest.fixture
def graph():
    entities = pd.DataFrame({"gene": list("RSTXY"), "text": ["receptor R", "signal S", "factor T", "target X", ""],
                             "log_fold_change": [1.0, -0.5, 0.0, 2.0, np.nan], "fraction_expressed": 0.5})  # fmt: skip
    associations = pd.DataFrame(EDGES, columns=["source", "target", "kind", "sign"]).assign(resources="OmniPath;SIGNOR")
    associations["type"] = edge_types(associations["kind"], associations["sign"])
    return TextNumericGraph(entities, associations, pd.DataFrame({"path": list(PATHS)}))


@pytest.fixture
def importance():
    table = pd.DataFrame({"path": list(PATHS), "importance": list(PATHS.values())})
    table["rank"] = range(1, len(table) + 1)
    return table.sample(frac=1, random_state=0)


def test_the_top_paths_are_united(importance, graph):
    network = core_network(importance, graph, n_paths=2)
    assert set(network.edges) == {("R", "S"), ("S", "T"), ("T", "X"), ("R", "T"), ("T", "Y")}
    assert network.graph["n_paths"] == 2


def test_importance_is_the_sum_over_the_chosen_paths(importance, graph):
    network = core_network(importance, graph, n_paths=3)
    assert dict(network.nodes("importance")) == pytest.approx({"R": 1.9, "S": 1.3, "T": 1.4, "X": 1.3, "Y": 0.6})
    assert dict(network.nodes("n_paths")) == {"R": 3, "S": 2, "T": 2, "X": 2, "Y": 1}
    assert network.edges["R", "S"]["importance"] == pytest.approx(1.3)
    assert network.edges["R", "S"]["n_paths"] == 2


def test_layer_is_the_most_frequent_place_and_the_earlier_of_two(importance, graph):
    assert dict(core_network(importance, graph, 2).nodes("layer")) == {
        "R": "receptor", "S": "signal", "T": "tf", "X": "target", "Y": "target",
    }  # fmt: skip
    assert core_network(importance, graph, 3).nodes["S"]["layer"] == "signal"  # once signal, once tf


def test_interactions_name_kind_and_sign(importance, graph):
    network = core_network(importance, graph, n_paths=4)
    assert {(a, b): name for a, b, name in network.edges(data="interaction")} == {
        ("R", "S"): "activates", ("S", "T"): "inhibits", ("R", "T"): "acts on", ("T", "X"): "transcribes",
        ("T", "Y"): "represses", ("S", "X"): "acts on", ("T", "S"): "transcribes",
    }  # fmt: skip


def test_two_kinds_between_two_genes_become_one_edge(importance, graph):
    edge = core_network(importance, graph, n_paths=5).edges["S", "X"]
    assert edge["kind"] == "tf_target"  # 0.5 against 0.1
    assert edge["importance"] == pytest.approx(0.6)
    assert edge["n_paths"] == 2


def test_attributes_are_plain_and_unknown_ones_are_left_out(importance, graph):
    network = core_network(importance, graph, n_paths=5)
    values = [v for _, data in network.nodes(data=True) for v in data.values()]
    values += [v for *_, data in network.edges(data=True) for v in data.values()]
    assert {type(value) for value in values} == {str, int, float}
    assert set(network.nodes["R"]) == {
        "gene", "layer", "importance", "n_paths", "log_fold_change", "fraction_expressed", "text",
    }  # fmt: skip
    assert set(network.nodes["R"]) - set(network.nodes["Y"]) == {"log_fold_change", "text"}
    assert set(network.edges["R", "S"]) == {"kind", "sign", "interaction", "importance", "n_paths", "resources"}


def test_graphml_comes_back_equal(importance, graph, tmp_path):
    network = core_network(importance, graph, n_paths=5)
    nx.write_graphml(network, tmp_path / "core.graphml")
    again = nx.read_graphml(tmp_path / "core.graphml")
    assert dict(again.nodes(data=True)) == dict(network.nodes(data=True))
    assert list(again.edges(data=True)) == list(network.edges(data=True))
    assert again.graph["n_paths"] == 5


def test_cytoscape_is_json(importance, graph):
    network = core_network(importance, graph, n_paths=5)
    data = json.loads(json.dumps(to_cytoscape(network), allow_nan=False))
    assert {node["data"]["gene"] for node in data["elements"]["nodes"]} == set("RSTXY")
    assert len(data["elements"]["edges"]) == network.number_of_edges()


def test_genes_and_edges_are_summed_over_all_paths(importance, graph):
    genes = gene_importance(importance, graph)
    assert genes["importance"].is_monotonic_decreasing
    assert genes["gene"][0] == "R"  # on every path
    row = genes.set_index("gene").loc["X"]
    assert (row["importance"], row["n_paths"]) == (pytest.approx(1.4), 3)
    assert row["mean_importance"] == pytest.approx(1.4 / 3)
    edges = edge_importance(importance, graph).set_index(["source", "target", "kind"])
    assert edges.loc[("S", "X", "tf_target"), "importance"] == pytest.approx(0.5)
    assert edges.loc[("S", "X", "signaling"), "importance"] == pytest.approx(0.1)
    assert edges["importance"].is_monotonic_decreasing
    assert len(edges) == len(EDGES)


def test_no_paths_make_an_empty_network(importance, graph):
    assert len(core_network(importance.head(0), graph, 3)) == 0
    assert gene_importance(importance.head(0), graph).empty
    assert edge_importance(importance.head(0), graph).empty


def test_bad_input_is_refused(importance, graph):
    with pytest.raises(PathloreError, match="core_paths"):
        core_network(importance, graph, 0)
    with pytest.raises(PathloreError, match=r"1 gene.*UNKNOWN"):
        gene_importance(pd.DataFrame({"path": ["R>T>UNKNOWN"], "importance": [0.5]}), graph)
    with pytest.raises(PathloreError, match="Y>R"):
        edge_importance(pd.DataFrame({"path": ["Y>R>T"], "importance": [0.5]}), graph)
