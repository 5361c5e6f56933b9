"""Path search against networkx on real cells' genes, for the same set of paths; and how its time grows.

    python benchmarks/paths.py --data ../shared/data [--quick]

The genes are those of the Kang cells (9,015 measured) that more than 5 % of cells express, the network is the curated
table. ``--quick`` leaves out the longest bound of the reference. Ratios are of the least of several interleaved runs.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import anndata
import networkx as nx
import numpy as np
import pandas as pd
import yaml
from measure import interleaved, peak_megabytes

from pathlore.config import NetworkConfig, PathConfig
from pathlore.graph.network import build_network
from pathlore.graph.paths import find_paths
from pathlore.graph.paths.search import Bounds, Ways, k_shortest, ways_among
from pathlore.resources.interactions import read_interactions

CONF = Path(__file__).parents[1] / "conf" / "base"
K = 3


def base(pipeline: str, block: str, **changes: object) -> dict[str, object]:
    """A block of the base configuration, with changes."""
    return yaml.safe_load((CONF / pipeline / "parameters.yml").read_text())[pipeline][block] | changes


def kang(data: Path) -> tuple[pd.DataFrame, set[str]]:
    """The curated network, and the genes that more than 5 % of the Kang cells express."""
    config = NetworkConfig.model_validate(base("ingestion", "network"))
    raw = pd.read_csv(data / "network" / "interactions_curated.csv.gz", dtype=str, keep_default_na=False)
    cells = anndata.read_h5ad(data / "expression" / "kang2018_pbmc_ifnb.h5ad")
    expressed = np.asarray((cells.X > 0).mean(axis=0)).ravel() > 0.05
    return build_network(read_interactions({"curated": raw}, None, config), config), set(cells.var_names[expressed])


def ours(steps: Ways, bounds: Bounds) -> set[tuple[str, ...]]:
    """The K cheapest ways of each length from every receptor to every transcription factor."""
    return {genes for head in steps.heads for found in k_shortest(steps, head, bounds).values() for _, genes in found}


def reference(steps: Ways, bounds: Bounds) -> set[tuple[str, ...]]:
    """The same set by networkx: of all simple paths up to the length, the K cheapest of each length."""
    chosen: set[tuple[str, ...]] = set()
    for head in steps.heads:
        # no receptor between the ends: a factor that is a receptor may be entered, but not left
        graph = nx.DiGraph(
            (a, b, {"cost": step.cost})
            for a, following in steps.signaling.items()
            if a == head or a not in steps.receptors
            for b, step in following.items()
        )
        factors = [tf for tf in steps.tfs if tf in graph and tf != head]
        best: dict[tuple[str, int], list[tuple[float, tuple[str, ...]]]] = {}
        for path in nx.all_simple_paths(graph, head, factors, cutoff=bounds.limit):
            cost = sum(graph[a][b]["cost"] for a, b in pairwise(path))
            best.setdefault((path[-1], len(path)), []).append((cost, tuple(path)))
        chosen |= {genes for found in best.values() for _, genes in sorted(found)[:K]}
    return chosen


def bounds_of(steps: Ways, max_edges: int) -> tuple[PathConfig, Bounds]:
    """Bounds of a search."""
    config = PathConfig.model_validate(base("graph_construction", "paths", max_edges=max_edges, labels_per_gene=K))
    return config, Bounds.of(steps, config)


def main(data: Path, *, quick: bool) -> None:
    """Print the tables."""
    network, genes = kang(data)
    steps = ways_among(network, genes, step_cost=0.2)
    n_steps = sum(map(len, steps.signaling.values()))
    print(f"{len(genes)} genes, {n_steps} signaling steps, {len(steps.heads)} receptors, {len(steps.tfs)} TFs\n")

    print("edges | ways, ours | ways, networkx | in both | networkx / ours, seconds | ratio")
    ratio = 0.0
    for max_edges in (4, 5, 6) if quick else (4, 5, 6, 7):
        _, bounds = bounds_of(steps, max_edges)
        mine, theirs = ours(steps, bounds), reference(steps, bounds)
        best = interleaved(
            {"nx": lambda b=bounds: reference(steps, b), "ours": lambda b=bounds: ours(steps, b)},
            1 if max_edges > 5 else 3,
        )
        ratio = best["nx"] / best["ours"]
        print(
            f"{max_edges} | {len(mine)} | {len(theirs)} | {len(mine & theirs)} | "
            f"{best['nx']:.2f} / {best['ours']:.3f} | {ratio:.0f}x"
        )

    print("\nedges | paths asked for | paths | receptors | seconds | Python memory, MB")
    for max_edges in (5, 7, 9):
        for wanted in (1000, 5000):
            config = PathConfig.model_validate(
                base(
                    "graph_construction",
                    "paths",
                    max_edges=max_edges,
                    receptors_per_target=6,
                    tfs_per_receptor=25,
                    max_paths=wanted,
                )
            )
            paths, _ = find_paths(network, genes, config, "Kang")
            seconds = interleaved({"ours": lambda c=config: find_paths(network, genes, c, "Kang")}, 3)["ours"]
            memory = peak_megabytes(lambda c=config: find_paths(network, genes, c, "Kang"))
            print(
                f"{max_edges} | {wanted} | {len(paths)} | {paths['receptor'].nunique()} | {seconds:.2f} | {memory:.0f}"
            )
    print(f"\nratio networkx / ours at the longest bound: {ratio:.0f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real data")
    parser.add_argument("--quick", action="store_true", help="leave out the longest bound")
    arguments = parser.parse_args()
    main(arguments.data, quick=arguments.quick)
