"""Whether planted ligand-receptor axes come out on top of the cell-cell interactions, and only where labels are true.

    python benchmarks/planted_axes.py [--seeds 0 1 2 3 4]

Each seed is a simulated cohort (`--env simulated`, scenario main) in which the ligand of two planted paths' receptors
rises in the sender's cells. The default model of that environment is fitted to the receiver's cells, one donor of each
class held out, as in the evaluation; its table of paths and the cells of both populations make the interactions. Then
the same with the classes of half the donors of each class exchanged, so that there is nothing to find. An axis counts
as found if its interaction (ligand in the sender, receptor in the receiver) is among the first ten, and as significant
by q of its change below 0.05.
"""

import argparse
from importlib.resources import files
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from pathlore.config import Parameters, check
from pathlore.evaluation.cohort import scenario, simulated_cohort
from pathlore.evaluation.variants import seeded, sized
from pathlore.explain.cell_communication import cell_communication
from pathlore.explain.importance import path_importance
from pathlore.expression.prepare import prepare_cells
from pathlore.expression.simulate import simulation_truth
from pathlore.graph.interactions import ligand_receptor_pairs
from pathlore.graph.network import build_network
from pathlore.resources.interactions import read_interactions
from pathlore.settings import CONFIG_LOADER_ARGS, CONFIG_LOADER_CLASS
from pathlore.study.prepare import prepare
from pathlore.study.sources import Sources
from pathlore.training.fit import fit

ROOT = Path(__file__).parents[1]
TOP, LEVEL = 10, 0.05


def exchanged(cells: anndata.AnnData, seed: int) -> anndata.AnnData:
    """The same cells, with the classes of half the donors of each class exchanged."""
    rng = np.random.default_rng(seed)
    own = cells.obs[["donor", "condition"]].astype(str).drop_duplicates().set_index("donor")["condition"]
    names = sorted(own.unique())
    labels = own.to_dict()
    for name in names:
        donors = sorted(own.index[own == name])
        for donor in rng.permutation(donors)[: len(donors) // 2]:
            labels[donor] = next(other for other in names if other != name)
    found = cells.copy()
    found.obs["condition"] = found.obs["donor"].astype(str).map(labels)
    return found


def lines_of(
    raw: anndata.AnnData, tables: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], parameters: Parameters, seed: int
) -> pd.DataFrame:
    """Fit the model to the receiver's cells, and list the signals that reach its paths."""
    network, pairs, annotations = tables
    cells = prepare_cells(raw, parameters.ingestion.cells, parameters.ingestion.quality)
    folds = parameters.evaluation.chosen.folds
    case = prepare(Sources(cells, network, annotations), parameters, 0, folds, seed, only="receiver")["receiver"]
    modeling = parameters.modeling
    model, _ = fit(
        case.population, case.graph, case.gene_vectors, case.path_vectors, case.data, case.class_names, modeling.model,
        modeling.training,
    )  # fmt: skip
    importance = path_importance(model, case.graph, case.data, modeling.training.prior_mode)
    config = parameters.interpretation.cell_communication
    return cell_communication(cells, pairs, {"receiver": importance}, list(parameters.ingestion.cells.classes), config)


def main() -> None:
    """Print one row per seed and kind of labels, then the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    seeds = parser.parse_args().seeds
    loader = CONFIG_LOADER_CLASS(conf_source=str(ROOT / "conf"), env="simulated", **CONFIG_LOADER_ARGS)
    base = sized(check(Parameters, loader["parameters"], "parameters"))
    knowledge = files("pathlore").joinpath("knowledge")
    with knowledge.joinpath("interactions.csv").open() as file:
        records = read_interactions(
            {"interactions.csv": pd.read_csv(file, dtype=str, keep_default_na=False)}, None, base.ingestion.network
        )
    with knowledge.joinpath("genes.csv").open() as file:
        annotations = pd.read_csv(file)[["symbol", "name", "description"]].fillna("")
    network = build_network(records, base.ingestion.network)
    tables = network, ligand_receptor_pairs(records, base.ingestion.network), annotations
    rows = []
    for seed in seeds:
        raw = simulated_cohort(network, base.graph_construction.paths, scenario("main", seed))
        axes = {(axis["ligand"], axis["receptor"]) for axis in simulation_truth(raw)["axes"]}
        for labels, cells in {"true": raw, "exchanged": exchanged(raw, seed)}.items():
            interactions = lines_of(cells, tables, seeded(base, seed), seed)
            planted = [
                (row.ligand, row.receptor) in axes and row.sender == "sender" for row in interactions.itertuples()
            ]
            own = interactions[planted]
            row = {"seed": seed, "labels": labels, "interactions": len(interactions), "axes": len(axes)}
            row |= {"ranks": ", ".join(map(str, own["rank"])), "in the first ten": int((own["rank"] <= TOP).sum())}
            row |= {"axes with q < 0.05": int((own["q"] < LEVEL).sum())}
            rows.append(row | {"interactions with q < 0.05": int((interactions["q"] < LEVEL).sum())})
            print(pd.Series(rows[-1]).to_dict(), flush=True)
    table = pd.DataFrame(rows)
    print("\n" + table.to_string(index=False))
    true, null = (table[table["labels"] == labels] for labels in ("true", "exchanged"))
    both = int((true["in the first ten"] == true["axes"]).sum())
    found, significant = null["in the first ten"].sum(), null["axes with q < 0.05"].sum()
    print(f"\nboth axes among the first ten: {both} of {len(true)} seeds; with exchanged labels {found} axes", end=" ")
    print(f"among the first ten, {significant} of them significant")


if __name__ == "__main__":
    main()
