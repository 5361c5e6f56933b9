from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from blocks import network_of, path_block

from pathlore.explain.known_biology.coherence import path_coherence
from pathlore.graph.text_numeric_graph import TextNumericGraph, path_steps
from pathlore.schemas import PathCoherence


@pytest.fixture
def network():
    """Four layers of ten genes; a third of all steps from layer to layer."""
    rng = np.random.default_rng(0)
    layers = [[f"{letter}{i}" for i in range(10)] for letter in "RSTX"]
    rows = [("L0", gene, "ligand_receptor") for gene in layers[0]]
    for (place, sources), kind in zip(enumerate(layers[:-1]), ["signaling", "signaling", "tf_target"], strict=True):
        rows += [(a, b, kind) for a in sources for b in layers[place + 1] if rng.random() < 0.35]
    return network_of(pd.DataFrame(rows, columns=["source", "target", "kind"]))


@pytest.fixture
def graph(network):
    inner = network[network["kind"] != "ligand_receptor"].reset_index(drop=True)
    following = {}
    for row in inner.itertuples():
        following.setdefault(row.source, []).append(row.target)
    paths = [
        f"{r}>{s}>{t}>{x}"
        for r in following
        if r.startswith("R")
        for s in following[r]
        for t in following.get(s, [])
        for x in following.get(t, [])
    ]
    chosen = sorted(np.random.default_rng(1).choice(paths, 30, replace=False))
    genes = sorted(set(inner["source"]) | set(inner["target"]))
    return TextNumericGraph(pd.DataFrame({"gene": genes}), inner, pd.DataFrame({"path": chosen}))


@pytest.fixture
def importance(graph):
    n = len(graph.paths)
    return pd.DataFrame({"path": graph.paths["path"], "importance": 0.5, "rank": range(n, 0, -1)})


def sets_of(*members):
    rows = [("c", f"SET{i}", gene) for i, genes in enumerate(members) for gene in genes]
    return pd.DataFrame(rows, columns=["collection", "set_name", "gene"])


def test_coherence_is_the_share_of_pairs_in_a_common_set(graph, network, importance, config):
    rng = np.random.default_rng(2)
    sets = [set(rng.choice(graph.genes, 7, replace=False)) for _ in range(6)]
    found = path_coherence(importance, graph, network, sets_of(*sets), config(), path_block()).set_index("path")
    for path in graph.paths["path"]:
        pairs = list(combinations(path.split(">"), 2))
        together = [any({a, b} <= one for one in sets) for a, b in pairs]
        assert found.loc[path, "coherence"] == pytest.approx(np.mean(together))
    assert list(found["rank"]) == sorted(found["rank"])


def test_a_planted_path_stands_out_and_the_others_do_not(graph, network, importance, config):
    planted = importance["path"][3]
    sets = sets_of([*planted.split(">"), "Q1"], ["R0", "S1"], ["T0", "X9"])
    found = path_coherence(importance, graph, network, sets, config(permutations=400), path_block())
    PathCoherence.validate(found)
    row = found.set_index("path").loc[planted]
    assert row["coherence"] == 1
    assert row["sets"].startswith("SET0 (4/4)")
    assert row["p"] < 0.02
    assert row["z"] > 3
    apart = found[[not set(p.split(">")) & set(planted.split(">")) for p in found["path"]]]
    assert len(apart) > 3
    assert apart["p"].min() > 0.02


def test_random_paths_run_along_the_network(graph, network, importance, config):
    """Sets that are the network's own steps: every path is coherent along its steps, and so is every random one."""
    steps = [step[:2] for path in graph.path_genes for step in path_steps(path)]
    every = [(a, b) for a, b in zip(graph.associations["source"], graph.associations["target"], strict=True)]
    found = path_coherence(importance, graph, network, sets_of(*every), config(permutations=300), path_block())
    assert len(steps) == 3 * len(graph.paths)
    assert found["coherence"].min() >= 0.5  # three of six pairs are steps
    assert found["random_mean"].min() >= 0.5
    assert (found["q"] > 0.05).all()
    assert all(list(pairwise(p.split(">"))) for p in found["path"])


def test_sets_too_large_and_genes_unknown_do_not_count(graph, network, importance, config):
    found = path_coherence(
        importance, graph, network, sets_of([*graph.genes, "Q1"], ["Q2", "Q3"]), config(max_set=10), path_block()
    )
    assert found.empty
    PathCoherence.validate(found)


def test_without_receptors_there_is_nothing_to_compare_with(graph, network, importance, config):
    alone = network[network["kind"] != "ligand_receptor"]
    found = path_coherence(importance, graph, alone, sets_of(graph.genes[:4]), config(), path_block())
    assert found[["random_mean", "z", "p", "q"]].isna().all(axis=None)
    assert found["coherence"].notna().all()
