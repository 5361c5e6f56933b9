"""Is the answer ever worse than a plain method? Real cohorts and a simulated one, donors held out pair by pair.

    python benchmarks/prediction.py --data FOLDER [--cohorts melanoma pdac ...] [--epochs 10] [--out prediction.csv]

FOLDER is that of the environments' raw files (docs/reproducing.md); simulated cohorts need none. Each donor is
tested once in a deal; where donors are unknown or a class has one, cells are, and the table says so. Prints a row per
cohort: mean over folds of the AUROC of cells by each method, the difference of the answer and the best plain method,
and what the paths add, each with the 95 % interval over test donors. Rows of single folds go to the file.
"""

import argparse
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd

from pathlore.config import CellsConfig, Parameters, check
from pathlore.evaluation.baselines import BASELINES
from pathlore.evaluation.cohort import scenario, simulated_cohort
from pathlore.expression.prepare import prepare_cells
from pathlore.genes.mapping import map_genes
from pathlore.keys import Method, Obs, Split
from pathlore.study.fit import fitted_case
from pathlore.study.knowledge import load_knowledge
from pathlore.study.prepare import prepare
from pathlore.study.sources import Sources
from pathlore.training.intervals import donor_weights, percentiles, repeat_counts

COHORTS: dict[str, dict[str, Any]] = {
    "kang, two donors": {
        "file": "kang2018_pbmc_ifnb_2donors_1267genes.h5ad", "classes": {"control": ["ctrl"], "interferon": ["stim"]},
        "donor": "donor", "paired_donors": True, "folds": 2,
    },
    "kang": {
        "file": "kang2018_pbmc_ifnb.h5ad", "classes": {"control": ["ctrl"], "interferon": ["stim"]}, "donor": "donor",
        "paired_donors": True, "folds": 3,
    },
    "melanoma": {
        "file": "sadefeldman2018_melanoma_icb_tcells_lognorm.h5ad", "donor": "donor", "folds": 9,
        "classes": {"non_responder": ["Non-responder"], "responder": ["Responder"]},
    },
    "microglia": {
        "file": "nugent2020_microglia_trem2ko_cuprizone_mouse.h5ad", "donor": None, "folds": 3, "cell_type": None,
        "classes": {"wild_type": ["WT"], "knockout": ["KO"]},
    },
    "pdac": {
        "file": "lin2020_pdac_primary_vs_metastasis_5samples.h5ad", "donor": "donor", "folds": 2, "deals": 3,
        "classes": {"primary": ["primary"], "metastasis": ["metastasis"]},
    },
    **{
        name: {
            "file": None, "scenario": own, "donor": "donor", "folds": 3, "deals": 3,
            "classes": {"control": ["control"], "case": ["case"]},
            "changes": {
                "graph_construction.paths.max_paths": 240, "ingestion.gene_filter.min_fraction": 0.0,
                "ingestion.population.mode": "per_cell_type", "ingestion.population.include": ["receiver"],
            },
        }
        for name, own in (("simulated", "main"), ("simulated, small changes", "weak"))
    },
}  # fmt: skip
PLAIN = ("logistic_regression", "logistic_regression_wide", Method.GRAPH_GENES, Method.WIDE, Method.WITHOUT_PATHS)


def main() -> None:
    """Run the cohorts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path())
    parser.add_argument("--cohorts", nargs="*", default=list(COHORTS))
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--deals", nargs="*", type=int, default=[], help="of the donors; of simulated cohorts: seeds")
    parser.add_argument("--out", type=Path, default=Path("prediction.csv"))
    options = parser.parse_args()
    tables = []
    for name in options.cohorts:
        found = run(COHORTS[name], options.data, options.epochs, options.deals)
        tables.append(found.assign(cohort=name))
        pd.concat(tables).to_csv(options.out, index=False)
        print(row(name, found), flush=True)


def run(cohort: dict[str, Any], data: Path, epochs: int, deals: list[int]) -> pd.DataFrame:
    """Test cells of every fold by every method: fold, seed (the deal), donor, label, split_by and probabilities."""
    own = {key: cohort[key] for key in ("classes", "donor", "paired_donors") if key in cohort}
    own["cell_type"] = cohort.get("cell_type", "cell_type")
    changes = {
        "ingestion.quality.min_genes": 100 if cohort["file"] else 0,
        "ingestion.split.validation": 0.2,
        "ingestion.split.train": 0.6,
        "text_embedding.encoder.kind": "lsa",
        "modeling.training.epochs": epochs,
        "modeling.training.threads": 1,
        **cohort.get("changes", {}),
    }
    base = Parameters().changed(changes, "benchmark")
    labels = check(CellsConfig, base.ingestion.cells.model_dump() | own, "benchmark")
    ingestion = base.ingestion.model_copy(update={"cells": labels})
    parameters = base.model_copy(update={"ingestion": ingestion})
    file = cohort["file"] or ""
    pairs = data / "genes" / "mouse_human_gene_pairs.csv.gz" if "mouse" in file else None
    known = load_knowledge("builtin", "builtin", "builtin", pairs, ingestion.network)
    rows, sources = [], None
    for deal in deals or range(cohort.get("deals", 1)):
        if sources is None or not file:
            if file:
                raw = anndata.read_h5ad(data / "expression" / file)
            else:
                simulation = scenario(cohort["scenario"], deal)
                raw = simulated_cohort(known.network, parameters.graph_construction.paths, simulation)
            mapping = map_genes(raw.var_names, known.names, known.orthologs, ingestion.genes)
            cells = prepare_cells(raw, ingestion.cells, ingestion.quality, mapping)
            sources = Sources(cells, known.network, known.annotations)
        dealt = parameters.changed({"ingestion.split.seed": deal}, "benchmark")
        for fold in range(cohort["folds"]):
            (case,) = prepare(sources, dealt, fold, cohort["folds"], seed=fold).values()
            fitted = fitted_case(case, dealt)
            plain = BASELINES["logistic_regression_wide"](case, 0).probabilities[Split.TEST]
            test = fitted.predictions[fitted.predictions["split"] == Split.TEST]
            wide = test[test["method"] == Method.MODEL].assign(method="logistic_regression_wide")
            wide[[name for name in wide if name.startswith("probability_of_")]] = plain
            types = dict(zip(case.data[Split.TEST].cells, case.cell_types[Split.TEST], strict=True))
            table = pd.concat([test, wide]).assign(fold=fold, seed=deal, split_by=case.split_by)
            rows.append(table.assign(cell_type=table["cell"].map(types)))
            shares = {name: round(share, 2) for name, share in fitted.model.stack.shares.items()}
            print(file or cohort["scenario"], deal, fold, case.split_by, shares, aucs(rows[-1], "cell"), flush=True)
    return pd.concat(rows)


def aucs(table: pd.DataFrame, level: str) -> dict[str, float]:
    """Mean over folds of the AUROC of each method."""
    return {str(method): round(mean(own, level), 3) for method, own in table.groupby("method", sort=False)}


def mean(own: pd.DataFrame, level: str, donors: list[str] | None = None) -> float:
    """Mean over folds."""
    known = own.assign(donor=own[Obs.DONOR].fillna("unknown"))
    donors = sorted(known[Obs.DONOR].unique()) if donors is None else donors
    every = np.ones((1, len(donors)))
    return float(np.mean([counts.auroc(every)[0] for counts in repeat_counts(known, donors, level).values()]))


def row(name: str, table: pd.DataFrame) -> str:
    """A row of the table in docs/evaluation.md."""
    cell, within = aucs(table, "cell"), aucs(table, "cell_within_type") if table["cell_type"].notna().any() else {}
    best = max(PLAIN, key=lambda method: cell[method])
    parts = [name, f"{table[['fold', 'seed']].drop_duplicates().shape[0]} by {table['split_by'].iloc[0]}"]
    order = ("logistic_regression", "logistic_regression_wide", Method.PATHS, Method.GRAPH_GENES, Method.WIDE)
    parts += [f"{cell[method]:.3f}" for method in (*order, Method.MODEL)]
    parts += [f"{within[Method.MODEL]:.3f}" if within else "-"]
    parts += [difference(table, Method.MODEL, best), difference(table, Method.MODEL, Method.WITHOUT_PATHS)]
    return "| " + " | ".join(parts) + " |"


def difference(table: pd.DataFrame, one: str, other: str) -> str:
    """Mean over folds of the difference, with its interval over donors where there are enough."""
    own = {method: table[table["method"] == method] for method in (one, other)}
    value = mean(own[one], "cell") - mean(own[other], "cell")
    donors, weights, missing = donor_weights(own[one], 1000, 0)
    if missing:
        return f"{value:+.3f} (no interval: {missing})"
    drawn = []
    for method in (one, other):
        counts = list(repeat_counts(own[method], donors, "cell").values())
        drawn.append(sum(counts[1:], start=counts[0]).auroc(weights))
    low, high = percentiles(drawn[0] - drawn[1])
    return f"{value:+.3f} ({low:+.3f} to {high:+.3f})"


if __name__ == "__main__":
    main()
