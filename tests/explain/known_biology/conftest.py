"""A made network whose paths, scores and sets are known."""

import numpy as np
import pandas as pd
import pytest

from pathlore.config import KnownBiologyConfig
from pathlore.graph.network import edge_types
from pathlore.graph.text_numeric_graph import TextNumericGraph, path_steps


@pytest.fixture
def config():
    """Make parameters, all sets allowed."""

    def make(**changes):
        base = {
            "top_paths": 5, "min_set": 2, "max_set": 100, "random_draws": 4, "permutations": 100,
            "exclude_named": False, "seed": 0,
        }  # fmt: skip
        return KnownBiologyConfig.model_validate(base | changes)

    return make


@pytest.fixture
def graph():
    """40 paths of 4 genes: receptor R0..R9, signal S0..S19, factor T0..T9, target X0..X19; and 20 genes off them."""
    rng = np.random.default_rng(0)
    paths: dict[str, None] = {}
    while len(paths) < 40:
        r, s, t, x = rng.integers([10, 20, 10, 20])
        paths.setdefault(f"R{r}>S{s}>T{t}>X{x}")
    steps = sorted({step for path in paths for step in path_steps(path.split(">"))})
    associations = pd.DataFrame(steps, columns=["source", "target", "kind"]).assign(sign=1)
    associations["type"] = edge_types(associations["kind"], associations["sign"])
    on_paths = sorted({gene for path in paths for gene in path.split(">")})
    genes = [*on_paths, *(f"o{i}" for i in range(20))]
    texts = [f"Gene {gene} of the WNT canonical cascades" if gene.startswith("R") else "" for gene in genes]
    return TextNumericGraph(
        pd.DataFrame({"gene": genes, "text": texts}), associations, pd.DataFrame({"path": list(paths)})
    )


@pytest.fixture
def importance(graph):
    """Distinct scores; the prior says the opposite."""
    n = len(graph.paths)
    table = pd.DataFrame({"path": graph.paths["path"], "importance": np.linspace(0.95, 0.01, n)})
    return table.assign(rank=range(1, n + 1), prior=table["importance"].to_numpy()[::-1], prior_rank=range(n, 0, -1))


@pytest.fixture
def gene_sets(graph, importance):
    """One set of the first paths, one of the last, random ones, one off the graph, one too large, one too small."""
    rng = np.random.default_rng(1)
    first = {gene for path in importance["path"].head(4) for gene in path.split(">")}
    last = {gene for path in importance["path"].tail(4) for gene in path.split(">")} - first
    sets = {
        "MINE_FIRST": [*first, "UNKNOWN1", "UNKNOWN2"],
        "MINE_LAST": list(last),
        "MINE_OFF_THE_GRAPH": ["Q1", "Q2", "Q3"],
        "MINE_LARGE": [*graph.genes, *(f"Z{i}" for i in range(60))],
        "MINE_SMALL": [graph.genes[0], "Q1"],
    } | {f"MINE_RANDOM{i}": list(rng.choice(graph.genes, 8, replace=False)) for i in range(10)}
    rows = [("mine", name, gene) for name, genes in sets.items() for gene in genes]
    rows += [("other", "WNT_CANONICAL_CASCADE", gene) for gene in ("R0", "R1", "S0", "S1", "T0", "T2")]
    return pd.DataFrame(rows, columns=["collection", "set_name", "gene"])
