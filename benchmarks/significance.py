"""How many planted paths the test over donors finds, and how many runs show any path where labels are exchanged.

    python benchmarks/significance.py [--scenario main] [--cohorts 24] [--paths 600] [--exchanged 5]

Each cohort is simulated (6 against 6 donors, 10 planted paths) on the built-in network. Its donors are tested as a run
tests them; then their classes are exchanged at random, so that there is nothing to find, as often as `--exchanged`
says. One row for each cohort, then the means and the shares of exchanged runs with any q, or any max-T p, at 5 %.
"""

import argparse
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from pathlore.config import Parameters, check
from pathlore.evaluation.cohort import SCENARIOS, scenario, simulated_cohort
from pathlore.evaluation.execution import SIMULATED
from pathlore.explain.importance import families
from pathlore.explain.significance import LEVEL, adjusted
from pathlore.expression.prepare import prepare_cells
from pathlore.graph.network import build_network
from pathlore.graph.paths import find_paths
from pathlore.graph.text_numeric_graph import path_steps
from pathlore.resources.interactions import read_interactions
from pathlore.settings import CONFIG_LOADER_ARGS, CONFIG_LOADER_CLASS
from pathlore.training.data import CellSet
from pathlore.training.path_statistics import path_statistics
from pathlore.training.relabelling import exchangeable, family_p, pooled_p, relabellings
from pathlore.training.replicates import DonorMeans, donor_means

ROOT = Path(__file__).parents[1]


def tested(donors: DonorMeans, nodes: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P pooled over the paths, and by max-T, (P,) each."""
    groups = exchangeable(donors.classes, donors.donors)
    statistics, _, _ = path_statistics(donors, relabellings(donors.classes, groups), groups, nodes, signs, 2)
    return pooled_p(statistics), family_p(statistics)


def places(paths: list[list[str]], genes: list[str], network: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Gene at each place (P, L), -1 behind the end; and product of the signs of the steps to it, 0 behind the end."""
    sign = network.set_index(["source", "target", "kind"])["sign"].to_dict()
    position = {gene: i for i, gene in enumerate(genes)}
    nodes = np.full((len(paths), max(map(len, paths))), -1)
    signs = np.zeros(nodes.shape)
    for row, path in enumerate(paths):
        nodes[row, : len(path)] = [position[gene] for gene in path]
        signs[row, : len(path)] = np.cumprod([1, *(sign[step] or 1 for step in path_steps(path))])
    return nodes, signs


def main() -> None:
    """Print the rows and the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="main", choices=[*SCENARIOS])
    for name, number in (("cohorts", 24), ("paths", 600), ("exchanged", 5)):
        parser.add_argument(f"--{name}", type=int, default=number)
    options = parser.parse_args()
    loader = CONFIG_LOADER_CLASS(conf_source=str(ROOT / "conf"), env="simulated", **CONFIG_LOADER_ARGS)
    base = check(Parameters, loader["parameters"], "parameters")
    bounds = base.graph_construction.paths.model_copy(update={"max_paths": options.paths})
    quality = base.ingestion.quality.model_copy(
        update={"min_genes": 0, "max_mitochondrial_percent": 100.0, "scale": "counts"}
    )
    with files("pathlore").joinpath("knowledge", "interactions.csv").open() as file:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    records = read_interactions({"interactions.csv": table}, None, base.ingestion.network)
    network = build_network(records, base.ingestion.network)
    rows, null = [], []
    for seed in range(options.cohorts):
        raw = simulated_cohort(network, bounds, scenario(options.scenario, seed))
        planted = {str(path) for path in raw.uns["planted_paths"]}
        cells = prepare_cells(raw[raw.obs["cell_type"].astype(str) == "receiver"].copy(), SIMULATED, quality)
        found, _ = find_paths(network, set(cells.var_names), bounds, "receiver")
        genes = sorted({gene for path in found["path"] for gene in path.split(">")})
        labels = (cells.obs["condition"].astype(str) == "case").to_numpy().astype(int)
        own = CellSet(cells[:, genes].X, labels, list(cells.obs_names), list(cells.obs["donor"].astype(str)))
        donors, paths = donor_means([own]), [path.split(">") for path in found["path"]]
        nodes, signs = places(paths, genes, network)
        p, family = tested(donors, nodes, signs)
        sure, is_planted = adjusted(p) < LEVEL, found["path"].isin(planted).to_numpy()
        alike = [any(2 * len(set(path) & set(one.split(">"))) >= len(path) for one in planted) for path in paths]
        kin = len(set(families(paths, np.argsort(p, kind="stable"))[sure]))
        rows.append((sure.sum(), (sure & is_planted).sum(), (sure & alike).sum(), kin, (family <= LEVEL).sum()))
        print(f"cohort {seed}: {rows[-1][0]} paths with q < {LEVEL}, {rows[-1][1]} of {len(planted)} planted")
        for draw in range(options.exchanged):
            exchanged = np.random.default_rng(100 * seed + draw).permutation(donors.classes)
            p, family = tested(donors._replace(classes=exchanged), nodes, signs)
            null.append(((adjusted(p) < LEVEL).any(), (family <= LEVEL).any()))
    names = ["found", "planted", "share half their genes with a planted one", "families", "by max-T"]
    print("; ".join(f"{name} {mean:.1f}" for name, mean in zip(names, np.mean(rows, axis=0), strict=True)))
    if null:
        by_q, by_family = np.mean(null, axis=0)
        print(f"{len(null)} runs with exchanged labels: any q {by_q:.3f}, any max-T p {by_family:.3f}")


if __name__ == "__main__":
    main()
