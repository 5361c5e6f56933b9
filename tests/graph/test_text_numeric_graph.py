import numpy as np
import pandas as pd
import pytest

from pathlore.config import GraphConfig
from pathlore.errors import PathloreError
from pathlore.graph.text_numeric_graph import TextNumericGraph, build_graph
from pathlore.keys import Role


def step_rows(graph: TextNumericGraph, path: str) -> list[dict[str, object]]:
    """The association of each step of a path, by search through all rows."""
    names, rows = path.split(">"), graph.associations.to_dict("records")
    steps = []
    for place in range(1, len(names)):
        kind = "tf_target" if place == len(names) - 1 else "signaling"
        wanted = {"source": names[place - 1], "target": names[place], "kind": kind}
        (row,) = [row for row in rows if wanted.items() <= row.items()]
        steps.append(row)
    return steps


# ---------------------------------------------------------------------------------------------- arrays from tables


def test_sizes(small_graph: TextNumericGraph) -> None:
    assert (len(small_graph.genes), small_graph.longest_path) == (14, 6)
    assert small_graph.edge_index.shape == (2, 28)
    assert small_graph.edge_index.dtype == small_graph.edge_type.dtype == np.int64


def test_edges_agree_with_the_table(small_graph: TextNumericGraph) -> None:
    for edge, row in enumerate(small_graph.associations.itertuples()):
        source, target = small_graph.edge_index[:, edge]
        assert (small_graph.genes[source], small_graph.genes[target]) == (row.source, row.target)
        assert small_graph.edge_type[edge] == row.type >= 1


def test_path_arrays_agree_with_loops(small_graph: TextNumericGraph) -> None:
    nodes, types, signs = small_graph.path_nodes(), small_graph.path_edge_types(), small_graph.path_signs()
    assert nodes.shape == types.shape == signs.shape == (7, 6)
    for p, path in enumerate(small_graph.paths["path"]):
        names = path.split(">")
        n = len(names)
        assert [small_graph.genes[node] for node in nodes[p, :n]] == names
        assert (types[p, 0], signs[p, 0]) == (0, 1)
        sign = 1
        for place, row in enumerate(step_rows(small_graph, path), start=1):
            sign *= -1 if row["sign"] == -1 else 1
            assert types[p, place] == row["type"]
            assert signs[p, place] == sign
        assert nodes[p, n:].tolist() == [-1] * (6 - n)
        assert types[p, n:].tolist() == signs[p, n:].tolist() == [0] * (6 - n)


def test_the_last_step_is_the_regulation_where_a_pair_is_also_signaling(small_graph: TextNumericGraph) -> None:
    """T2 -> X2 exists as both; on the path its type is that of tf_target."""
    (row,) = [p for p, path in enumerate(small_graph.paths["path"]) if path == "R1>S1>T2>X2"]
    assert small_graph.path_edge_types()[row].tolist() == [0, 5, 5, 8, 0, 0]


def test_edge_type_zero_never_stands_for_an_edge(small_graph: TextNumericGraph) -> None:
    steps = small_graph.path_nodes()[:, 1:] >= 0
    assert small_graph.path_edge_types()[:, 1:][steps].min() >= 1
    assert small_graph.edge_type.min() >= 1


# ------------------------------------------------------------------------------------------------------ consistency


def test_entities_must_be_distinct(small_graph: TextNumericGraph) -> None:
    twice = pd.concat([small_graph.entities, small_graph.entities.iloc[:1]])
    with pytest.raises(PathloreError, match="distinct"):
        TextNumericGraph(twice, small_graph.associations, small_graph.paths)


@pytest.mark.parametrize("gene", ["S5", "S1", "L1"])
def test_genes_of_edges_must_be_entities(small_graph: TextNumericGraph, gene: str) -> None:
    entities = small_graph.entities[small_graph.entities["gene"] != gene]
    with pytest.raises(PathloreError, match=f"1 gene.* no entities: {gene}"):
        TextNumericGraph(entities, small_graph.associations, small_graph.paths)


def test_genes_of_paths_must_be_entities(small_graph: TextNumericGraph) -> None:
    paths = small_graph.paths.assign(path=["R1>XX>T1>X1", *small_graph.paths["path"][1:]])
    with pytest.raises(PathloreError, match="XX"):
        TextNumericGraph(small_graph.entities, small_graph.associations, paths)


@pytest.mark.parametrize("path", ["R1>S4>T2>X2", "R1>T1>X1", "S1>R1>T2>X2", "R1>S1>T2>X1", "R1>S1>T2>T1"])
def test_steps_of_paths_must_be_associations(small_graph: TextNumericGraph, path: str) -> None:
    """A missing edge, one against its direction, and one of the wrong kind."""
    paths = small_graph.paths.assign(path=[path, *small_graph.paths["path"][1:]])
    with pytest.raises(PathloreError, match=r"no associations?: "):
        TextNumericGraph(small_graph.entities, small_graph.associations, paths)


@pytest.mark.parametrize("number", [0, -1, 13])
def test_types_of_associations_must_name_an_edge(small_graph: TextNumericGraph, number: int) -> None:
    """Type 0 would silently take the last row of the model's tables."""
    edges = small_graph.associations.assign(type=[number, *small_graph.associations["type"][1:]])
    with pytest.raises(PathloreError, match="type"):
        TextNumericGraph(small_graph.entities, edges, small_graph.paths)


# ----------------------------------------------------------------------------------------------- PyTorch Geometric


def test_pyg_round_trip(small_graph: TextNumericGraph, gene_vectors: np.ndarray, path_vectors: np.ndarray) -> None:
    x = np.arange(14.0)
    data = small_graph.to_pyg(expression=x, gene_vectors=gene_vectors, path_vectors=path_vectors)
    assert data.validate(raise_on_error=True)
    assert (data.num_nodes, data.num_edges) == (14, 28)
    assert data.x[:, 0].tolist() == x.tolist()
    assert data.gene_text.shape == (14, 5)
    assert data.path_text.shape == (7, 5)
    assert data.edge_index.tolist() == small_graph.edge_index.tolist()
    assert data.edge_type.tolist() == small_graph.edge_type.tolist()
    assert data.edge_weight.tolist() == small_graph.associations["weight"].tolist()
    back = TextNumericGraph.from_pyg(data)
    for name in ("entities", "associations", "paths"):
        pd.testing.assert_frame_equal(getattr(back, name), getattr(small_graph, name))


def test_pyg_without_numbers_has_none(small_graph: TextNumericGraph) -> None:
    data = small_graph.to_pyg()
    assert data.x is None
    assert "gene_text" not in data
    assert "path_text" not in data


# ------------------------------------------------------------------------------------------------------ build_graph


def sentences(keys: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"key": keys, "text": [f"About {key}" for key in keys], "has_text": True})


def built(
    network: pd.DataFrame, paths: pd.DataFrame, statistics: pd.DataFrame, genes: str, passing: set[str] | None = None
) -> TextNumericGraph:
    if passing is not None:
        statistics = statistics.assign(passes=statistics["gene"].isin(passing))
    # in another order than the graph needs them, and more than it needs
    gene_texts = sentences([*reversed(statistics["gene"]), "EXTRA"])
    path_texts = sentences([*reversed(paths["path"]), "EXTRA>PATH"])

    def edge_texts(edges: pd.DataFrame) -> list[str]:
        return [f"{row.source} {row.kind} {row.target}" for row in edges.itertuples()]

    return build_graph(network, paths, statistics, gene_texts, path_texts, edge_texts, GraphConfig(genes=genes))


def check_joined(graph: TextNumericGraph, network: pd.DataFrame, statistics: pd.DataFrame) -> None:
    """Every text and number stands beside its own gene, edge or path."""
    numbers = statistics.set_index("gene")
    for row in graph.entities.to_dict("records"):
        assert row["text"] == f"About {row['gene']}"
        for column in ("mean", "sd", "fraction_expressed", "log_fold_change"):
            assert row[column] == numbers.loc[row["gene"], column]
    assert graph.genes == sorted(graph.genes)
    known = network.set_index(["source", "target", "kind"])
    for row in graph.associations.to_dict("records"):
        edge = known.loc[(row["source"], row["target"], row["kind"])]
        assert row["text"] == f"{row['source']} {row['kind']} {row['target']}"
        assert (row["type"], row["sign"], row["weight"]) == (edge["type"], edge["sign"], edge["n_evidence"])
    assert graph.paths["text"].tolist() == [f"About {path}" for path in graph.paths["path"]]


def test_build_graph_with_the_genes_of_paths(
    small_network: pd.DataFrame, small_paths: pd.DataFrame, small_statistics: pd.DataFrame
) -> None:
    paths = small_paths.iloc[[1, 0]]
    graph = built(small_network, paths, small_statistics, "paths")
    on_paths = {"R1", "S1", "S2", "T1", "T2", "X1", "X2"}
    assert set(graph.genes) == on_paths
    inside = small_network["source"].isin(on_paths) & small_network["target"].isin(on_paths)
    assert len(graph.associations) == inside.sum()
    assert graph.paths["path"].tolist() == paths["path"].tolist()
    check_joined(graph, small_network, small_statistics)
    assert graph.entities.set_index("gene").loc["S1", [Role.SIGNAL, Role.TARGET, Role.TF]].tolist() == [
        True,
        True,
        False,
    ]


def test_build_graph_with_the_genes_of_edges(
    small_network: pd.DataFrame, small_paths: pd.DataFrame, small_statistics: pd.DataFrame
) -> None:
    passing = set(small_statistics["gene"]) - {"S5", "L2"}
    graph = built(small_network, small_paths, small_statistics, "edges", passing)
    assert set(graph.genes) == passing
    inside = small_network["source"].isin(passing) & small_network["target"].isin(passing)
    assert len(graph.associations) == inside.sum()
    check_joined(graph, small_network, small_statistics)


def test_build_graph_leaves_out_genes_without_an_edge(
    small_network: pd.DataFrame, small_paths: pd.DataFrame, small_statistics: pd.DataFrame
) -> None:
    lonely = small_statistics.iloc[:1].assign(gene="LONELY")
    statistics = pd.concat([small_statistics, lonely], ignore_index=True)
    assert "LONELY" not in built(small_network, small_paths, statistics, "edges").genes


def test_build_graph_leaves_its_inputs_alone(
    small_network: pd.DataFrame, small_paths: pd.DataFrame, small_statistics: pd.DataFrame
) -> None:
    before = [table.copy() for table in (small_network, small_paths, small_statistics)]
    built(small_network, small_paths, small_statistics, "edges")
    for table, copy in zip((small_network, small_paths, small_statistics), before, strict=True):
        pd.testing.assert_frame_equal(table, copy)
