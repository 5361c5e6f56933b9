"""The network that the most important paths form, and what a gene or an association gathers from its paths."""

import networkx as nx
import numpy as np
import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.graph.text_numeric_graph import TextNumericGraph, path_steps
from pathlore.keys import Kind, Role

LAYERS = (Role.RECEPTOR, Role.SIGNAL, Role.TF, Role.TARGET)
"""Places of a gene on a path, in the order of the signal."""

INTERACTIONS = {
    (Kind.SIGNALING, 1): "activates",
    (Kind.SIGNALING, -1): "inhibits",
    (Kind.SIGNALING, 0): "acts on",
    (Kind.TF_TARGET, 1): "transcribes",
    (Kind.TF_TARGET, -1): "represses",
    (Kind.TF_TARGET, 0): "acts on",
}
"""Kind and sign of an association -> the verb that a reader sees."""


def core_network(importance: pd.DataFrame, graph: TextNumericGraph, n_paths: int) -> nx.DiGraph:
    r"""Unite the most important paths to one network.

    With the chosen paths p in 1..n (by rank) and their importances I_p, a gene v and an association e have

    .. math:: a_v = \sum_{p \le n,\; v \in p} I_p \qquad a_e = \sum_{p \le n,\; e \in p} I_p

    A high sum means many or important paths; ``importance / n_paths`` is the mean importance of the paths.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance` of a population.
    graph
        The text-numeric graph of the same population.
    n_paths
        Number of top-ranked paths; all, where there are fewer.

    Returns
    -------
    Directed graph that GraphML, JSON and Cytoscape can hold: each attribute is a str, int or float, and one that is
    not known (no fold change, no text) is left out. The graph has ``n_paths``.
    Nodes: ``gene``, ``layer`` (receptor, signal, tf or target: the gene's most frequent place on the chosen paths, the
    earlier of two that are equal), ``importance`` (a_v), ``n_paths``, ``log_fold_change``, ``fraction_expressed``,
    ``text``.
    Edges: ``kind``, ``sign``, ``interaction`` (activates, inhibits, acts on, transcribes, represses), ``importance``
    (a_e), ``n_paths``, ``resources``. Two genes that are joined by a signaling and a tf_target step have one edge with
    both sums, named after the more important one.

    Raises
    ------
    PathloreError
        ``n_paths`` is below 1, or the paths do not belong to the graph.

    Examples
    --------
    >>> import pandas as pd
    >>> entities = pd.DataFrame({"gene": ["R", "T", "X"], "log_fold_change": [1.0, 0.0, -2.0]})
    >>> steps = {"source": ["R", "T"], "target": ["T", "X"], "kind": ["signaling", "tf_target"], "sign": [1, -1]}
    >>> associations = pd.DataFrame(steps).assign(type=[5, 9], resources="SIGNOR")
    >>> graph = TextNumericGraph(entities, associations, pd.DataFrame({"path": ["R>T>X"]}))
    >>> ranking = pd.DataFrame({"rank": [1], "path": ["R>T>X"], "importance": [0.9]})
    >>> network = core_network(ranking, graph, n_paths=10)
    >>> network.nodes["T"]["layer"], network.edges["T", "X"]["interaction"]
    ('tf', 'represses')
    """
    if n_paths < 1:
        raise PathloreError(
            f"a core network of {n_paths} paths was requested, at least 1 is needed: "
            "change `interpretation.report.core_paths`"
        )
    top = importance.sort_values(["rank", "path"]).head(n_paths)
    genes = gene_importance(top, graph)
    texts = graph.entities.set_index("gene")["text"].to_dict() if "text" in graph.entities else {}
    network = nx.DiGraph(n_paths=len(top))
    for row in genes.drop(columns="mean_importance").to_dict("records"):
        network.add_node(row["gene"], **_known(row | {"text": texts.get(row["gene"])}))
    for row in edge_importance(top, graph).drop(columns="mean_importance").to_dict("records"):
        ends = row.pop("source"), row.pop("target")
        if network.has_edge(*ends):  # the more important kind came first
            for amount in ("importance", "n_paths"):
                network.edges[ends][amount] += row[amount]
        else:
            network.add_edge(*ends, **_known(row))
    return network


def core_paths(importance: pd.DataFrame, frequency: float | None) -> pd.DataFrame:
    """Keep the paths that refits choose often enough to stand in a core network.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance`.
    frequency
        Least ``selection_frequency``; None: all paths, as where no refit was made.
    """
    if frequency is None or importance["selection_frequency"].isna().all():
        return importance
    return importance[importance["selection_frequency"] >= frequency]


def gene_importance(importance: pd.DataFrame, graph: TextNumericGraph) -> pd.DataFrame:
    """Sum the importance of all paths through each gene.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance`.
    graph
        The text-numeric graph of the same population.

    Returns
    -------
    Columns ``gene``, ``layer``, ``importance`` (sum over the paths through the gene), ``n_paths``, ``mean_importance``
    (their quotient, which unlike the sum does not grow with the gene's place in the prior network) and, where the graph
    has them, ``log_fold_change`` and ``fraction_expressed``. The highest sum comes first.

    Raises
    ------
    PathloreError
        A gene of the paths is not an entity of the graph.
    """
    places = pd.DataFrame(
        [
            (gene, _layer(place, len(genes)), score)
            for genes, score in _scored(importance)
            for place, gene in enumerate(genes)
        ],
        columns=["gene", "layer", "importance"],
    )
    absent = set(places["gene"]) - set(graph.genes)
    if absent:
        raise PathloreError(
            f"{len(absent)} gene(s) of the ranked paths are not in the graph: {shorten(absent)}; "
            "path_importance and text_numeric_graph must be of the same population and run"
        )
    table = _sums(places, ["gene"])
    frequency = (
        places.value_counts(["gene", "layer"]).reset_index().sort_values(["count", "layer"], ascending=[False, True])
    )
    most_frequent = frequency.drop_duplicates("gene").set_index("gene")["layer"]
    table.insert(1, "layer", [LAYERS[layer] for layer in most_frequent.loc[table["gene"]]])
    numbers = graph.entities.set_index("gene")
    for column in ("log_fold_change", "fraction_expressed"):
        if column in numbers:
            table[column] = numbers.loc[table["gene"], column].to_numpy(dtype=float)
    return table


def edge_importance(importance: pd.DataFrame, graph: TextNumericGraph) -> pd.DataFrame:
    """Sum the importance of all paths over each association.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance`.
    graph
        The text-numeric graph of the same population.

    Returns
    -------
    Columns ``source``, ``target``, ``kind``, ``importance`` (sum over the paths that take the step), ``n_paths``,
    ``mean_importance``, ``sign``, ``interaction``, ``resources``, ``via`` (the unmeasured genes that the step passes
    over, ``;``-joined). The highest sum comes first.

    Raises
    ------
    PathloreError
        A step of the paths is not an association of the graph.
    """
    keys = ["source", "target", "kind"]
    steps = pd.DataFrame(
        [(*step, score) for genes, score in _scored(importance) for step in path_steps(genes)],
        columns=[*keys, "importance"],
    )
    known = graph.associations.reindex(columns=[*keys, "sign", "resources", "via"]).fillna({"via": ""})
    table = _sums(steps, keys).merge(known, on=keys, how="left")
    absent = table.loc[table["sign"].isna(), "source"] + ">" + table.loc[table["sign"].isna(), "target"]
    if len(absent):
        raise PathloreError(
            f"{len(absent)} step(s) of the ranked paths are no associations of the graph: {shorten(absent)}; "
            "path_importance and text_numeric_graph must be of the same population and run"
        )
    table["sign"] = table["sign"].astype(int)
    interaction = [INTERACTIONS[pair] for pair in zip(table["kind"], table["sign"], strict=True)]
    table.insert(table.columns.get_loc("resources"), "interaction", interaction)
    return table


def to_cytoscape(network: nx.DiGraph) -> dict[str, object]:
    """Convert to the JSON of Cytoscape and Cytoscape.js.

    Examples
    --------
    >>> network = nx.DiGraph([("R", "T")])
    >>> [edge["data"]["target"] for edge in to_cytoscape(network)["elements"]["edges"]]
    ['T']
    """
    return dict(nx.cytoscape_data(network))


def _scored(importance: pd.DataFrame) -> list[tuple[list[str], float]]:
    """The genes and the importance of each path."""
    return [(path.split(">"), score) for path, score in zip(importance["path"], importance["importance"], strict=True)]


def _layer(place: int, length: int) -> int:
    """Index in `LAYERS` of a place on a path of ``length`` genes."""
    if place == 0:
        return 0
    return max(1, place - length + len(LAYERS))


def _sums(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Sum, count and mean of ``importance`` by the keys, the highest sum first, then in the order of the keys."""
    table = rows.groupby(keys, as_index=False).agg(
        importance=("importance", "sum"), n_paths=("importance", "size"), mean_importance=("importance", "mean")
    )
    order = ["importance", *keys]
    return table.sort_values(order, ascending=[False, *[True] * len(keys)], ignore_index=True)


def _known(attributes: dict[str, object]) -> dict[str, str | int | float]:
    """The attributes that have a value, as plain Python objects: GraphML knows neither NaN nor an empty text."""
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in attributes.items()}
    return {name: v for name, v in plain.items() if isinstance(v, str | int | float) and v == v and v != ""}
