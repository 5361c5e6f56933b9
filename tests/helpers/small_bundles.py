"""Bundles of a second: every step of a run, on cells made for it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from anndata import AnnData
from blocks import base
from scipy import sparse
from small_fits import model_config, training_config

from pathlore.config import BaselineConfig, BundleConfig, CellsConfig, GenesConfig, QualityConfig
from pathlore.expression.prepare import prepare_cells
from pathlore.expression.statistics import gene_statistics
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.scoring import Bundle
from pathlore.scoring.make import BundleKnowledge, Origin, make_bundle
from pathlore.text.embedding import TextEmbedding
from pathlore.training.data import cell_sets
from pathlore.training.fit import fit
from pathlore.training.metrics import metrics_table
from pathlore.training.predictions import predictions

CELLS_PER_DONOR = 10
OTHERS = [f"OTHER{i}" for i in range(46)]
SPLIT_OF = ("train", "train", "train", "validation", "test")
"""Split of each pair of donors in turn."""

CELLS = CellsConfig.model_validate(
    base(
        "ingestion",
        "cells",
        condition="condition",
        classes={"control": ["healthy"], "case": ["ill"]},
        donor="donor",
        cell_type="cell_type",
    )
)
QUALITY = QualityConfig.model_validate(base("ingestion", "quality", min_genes=5))
GENES = GenesConfig.model_validate(base("ingestion", "genes"))
BUNDLE = BundleConfig(
    cohort="made", calibration="temperature", min_coverage=0.6, range_quantile=0.99, decision_threshold=0.5
)


def counts(genes: Sequence[str], donors: int, seed: int = 0, prefix: str = "old", classes: int = 2) -> AnnData:
    """Counts of ten cells of each donor, classes in turn; a class lifts a third of the graph's genes."""
    rng = np.random.default_rng(seed)
    n = donors * CELLS_PER_DONOR
    label = np.repeat(np.arange(donors) % classes, CELLS_PER_DONOR)
    mean = np.tile(np.r_[np.full(len(genes), 6.0), np.full(len(OTHERS), 10.0)], (n, 1))
    for one in range(1, classes):
        mean[label == one, one : len(genes) : 3] *= 3
    obs = pd.DataFrame({"condition": np.array(["healthy", "ill", "worse"])[label]})
    obs["donor"] = [f"{prefix} donor {i // CELLS_PER_DONOR}" for i in range(n)]
    obs["cell_type"] = np.where(np.arange(n) % 2, "T", "B")
    obs.index = [f"{prefix} cell {i}" for i in range(n)]
    return AnnData(sparse.csr_matrix(rng.poisson(mean), dtype=np.float32), obs, pd.DataFrame(index=[*genes, *OTHERS]))


def make(
    graph: TextNumericGraph,
    gene_vectors: np.ndarray,
    path_vectors: np.ndarray,
    *,
    classes: int = 2,
    calibration: str = "temperature",
    **model: object,
) -> Bundle:
    """Prepare, split by donor, fit, predict and bundle."""
    named = {"control": ["healthy"], "case": ["ill"], "worst": ["worse"]}
    config = CELLS.model_copy(update={"classes": dict(list(named.items())[:classes])})
    raw = counts(graph.genes, donors=5 * classes, classes=classes)
    cells = prepare_cells(raw, config, QUALITY)
    splits = split_table(cells, classes)
    names = list(config.classes)
    data = cell_sets(cells, splits, graph.genes, wide=[*graph.genes, *OTHERS])
    own = with_statistics(graph, cells, splits, names)
    settings = training_config(epochs=3)
    fitted, _ = fit("pooled", own, gene_vectors, path_vectors, data, names, model_config(**model), settings)
    held_out = predictions(fitted, data, BaselineConfig(strengths=[0.1], max_iterations=500), 32, "pooled")
    trained = set(splits.loc[splits["split"] == "train", "donor"])
    symbols = [*graph.genes, *OTHERS]
    return make_bundle(
        fitted,
        own,
        data,
        splits,
        held_out,
        metrics_table(held_out, names, "pooled", trained),
        BundleKnowledge(
            names_table(symbols), pd.DataFrame(columns=["mouse", "human"]), mapping(symbols), "made", "made"
        ),
        Origin("made", "counts", config, QUALITY, GENES),
        BUNDLE.model_copy(update={"calibration": calibration}),
        "deg",
    )


def split_table(cells: AnnData, classes: int) -> pd.DataFrame:
    table = cells.obs.astype(object).reset_index(names="cell")
    donor = table["donor"].str.split().str[-1].astype(int)
    return table.assign(
        population="pooled", split=[SPLIT_OF[i // classes] for i in donor], label=table["label"].astype(int)
    )


def with_statistics(
    graph: TextNumericGraph, cells: AnnData, splits: pd.DataFrame, names: list[str]
) -> TextNumericGraph:
    """The graph with the mean and sd of these training cells."""
    train = splits[splits["split"] == "train"]
    x = sparse.csr_matrix(cells[list(train["cell"]), graph.genes].X)
    table = gene_statistics(x, graph.genes, train["label"].to_numpy(), names, min_fraction=0.0)
    numbers = table[["mean", "sd", "fraction_expressed", "log_fold_change"]].to_numpy()
    entities = graph.entities.copy()
    entities[["mean", "sd", "fraction_expressed", "log_fold_change"]] = numbers
    return TextNumericGraph(entities, graph.associations, graph.paths)


def names_table(symbols: list[str]) -> pd.DataFrame:
    table = pd.DataFrame({"symbol": symbols, "previous": "", "aliases": "", "entrez": "", "uniprot": ""})
    return table.assign(ensembl=[f"ENSG{i:011d}" for i in range(len(symbols))])


def mapping(symbols: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"name": symbols, "symbol": symbols, "how": "approved symbol"})


def embedding(graph: TextNumericGraph) -> TextEmbedding:
    n = len(graph.genes)
    return TextEmbedding(
        tuple(graph.genes), tuple(graph.genes), np.ones(n, bool), np.zeros((n, 5), np.float32), "made", "made", None, 0
    )
