import numpy as np
import pandas as pd
import pytest
from blocks import network_of, path_block

from pathlore.config import GraphConfig
from pathlore.explain.core_network import core_network
from pathlore.graph.paths import find_paths
from pathlore.graph.text_numeric_graph import TextNumericGraph, build_graph

EDGES = """
ANXA1 FPR1 ligand_receptor 1
IFNG IFNGR1 ligand_receptor 1
TGFB1 TGFBR2 ligand_receptor 1
FPR1 GNAI2 signaling 1
GNAI2 SPI1 signaling 0
GNAI2 NFKBIA signaling -1
NFKBIA NFKB1 signaling -1
IFNGR1 JAK1 signaling 1
JAK1 STAT1 signaling 1
IFNGR1 STAT1 signaling 1
TGFBR2 SMAD3 signaling 1
STAT1 SPI1 signaling 1
SPI1 IL1B tf_target 1
SPI1 HLA-DRB1 tf_target 1
NFKB1 IL1B tf_target 1
NFKB1 NFKBIA tf_target 1
STAT1 IRF1 tf_target 1
SMAD3 IL1B tf_target -1
SMAD3 COL1A1 tf_target 0
"""


def frame_of_edges(text: str) -> pd.DataFrame:
    rows = [line.split() for line in text.split("\n") if line]
    return (
        pd.DataFrame(rows, columns=["source", "target", "kind", "sign"])
        .astype({"sign": int})
        .assign(resources="OmniPath")
    )


def build(edges: pd.DataFrame) -> TextNumericGraph:
    network = network_of(edges)
    genes = sorted(set(network["source"]) | set(network["target"]))
    rng = np.random.default_rng(7)
    statistics = pd.DataFrame({"gene": genes, "mean": 1.0, "sd": 1.0, "passes": True})
    statistics["fraction_expressed"] = rng.uniform(0.1, 0.9, len(genes)).round(3)
    statistics["log_fold_change"] = rng.normal(0, 1, len(genes)).round(3)
    bounds = path_block(max_edges=6, labels_per_gene=8, receptors_per_target=8, tfs_per_receptor=8, max_paths=500)
    paths, _ = find_paths(network, genes, bounds, "T cells")
    texts = [pd.DataFrame({"key": keys, "text": [f"{key}, its text" for key in keys], "has_text": True})
             for keys in (genes, list(paths["path"]))]  # fmt: skip
    config = GraphConfig(genes="paths")
    return build_graph(network, paths, statistics, *texts, lambda edges: ["a text"] * len(edges), config)


def rank(graph: TextNumericGraph) -> pd.DataFrame:
    changes = graph.entities.set_index("gene")["log_fold_change"].to_dict()
    own = [[changes[gene] for gene in genes] for genes in graph.path_genes]
    prior = np.array([np.mean(np.abs(path)) for path in own])
    prior = (prior - prior.min()) / np.ptp(prior)
    table = graph.paths[["path", "route", "receptor", "tf", "target", "sign", "pathway"]].assign(
        importance=0.1 + 0.5 * prior + 0.3 * np.random.default_rng(1).uniform(size=len(prior)),
        prior=prior,
        prior_rank=pd.Series(-prior).rank(method="first").astype(int),
        activity_auroc=0.5,
        comparison="cirrhotic vs healthy",
        direction=["cirrhotic" if place % 2 else "healthy" for place in range(len(own))],
        gene_effects=["; ".join(f"{g} ↑ +2.0" for g in genes) for genes in graph.path_genes],
        effects_over="donors",
        log_fold_change=["; ".join(f"{value:+.2f}" for value in path) for path in own],
        fraction_expressed=["; ".join(["0.50"] * len(path)) for path in own],
        sources=[" | ".join(["OmniPath"] * (len(path) - 1)) for path in own],
        sentence=[f"A <path> of {len(path)} genes. " + "It says much about them. " * 8 for path in own],
    )
    table = table.sort_values(["importance", "path"], ascending=[False, True], ignore_index=True)
    table.insert(0, "rank", range(1, len(table) + 1))
    return table


@pytest.fixture(scope="session")
def graph():
    return build(frame_of_edges(EDGES))


@pytest.fixture
def importance(graph):
    return rank(graph)


@pytest.fixture
def network(importance, graph):
    return core_network(importance, graph, n_paths=8)


@pytest.fixture(scope="session")
def crowded():
    """A network of some 70 genes, drawn at random between layers."""
    rng = np.random.default_rng(3)
    layers = {"RECEPTOR": 14, "SIGNAL": 10, "TF": 9, "TARGETGENE": 40}
    names = {layer: [f"{layer}{i}" for i in range(count)] for layer, count in layers.items()}
    rows = [f"LIG{i} {receptor} ligand_receptor 1" for i, receptor in enumerate(names["RECEPTOR"])]
    for left, right, kind, each in (
        ("RECEPTOR", "SIGNAL", "signaling", 2), ("SIGNAL", "SIGNAL", "signaling", 1), ("SIGNAL", "TF", "signaling", 2),
        ("RECEPTOR", "TF", "signaling", 1), ("TF", "TARGETGENE", "tf_target", 9),
    ):  # fmt: skip
        for source in names[left]:
            for target in rng.choice(names[right], each, replace=False):
                rows.append(f"{source} {target} {kind} {rng.choice([-1, 0, 1, 1, 1])}")
    graph = build(frame_of_edges("\n".join(rows)))
    return core_network(rank(graph), graph, n_paths=90)


@pytest.fixture(autouse=True)
def no_leak():
    """No test leaves a pyplot figure or another style behind."""
    import matplotlib
    from matplotlib import pyplot

    style, figures = dict(matplotlib.rcParams), pyplot.get_fignums()
    yield
    assert pyplot.get_fignums() == figures
    assert dict(matplotlib.rcParams) == style
