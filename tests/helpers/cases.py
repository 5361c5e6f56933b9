"""Cases of an evaluation, made of fabricated cells by the functions that the pipelines call."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData
from blocks import network_of, path_block

from pathlore.config import GeneFilterConfig, GraphConfig
from pathlore.expression.fabricate import CLASSES, fabricate_cells
from pathlore.expression.statistics import training_statistics
from pathlore.graph.paths import find_paths
from pathlore.graph.text_numeric_graph import build_graph
from pathlore.keys import Obs, Split
from pathlore.study.case import Case
from pathlore.training.data import cell_sets

PATHWAYS = ("TGF-beta signaling", "IL-6 and gp130 cytokines", "Notch signaling", "Type I and III interferon")
WIDTH = 6


@cache
def _network(pathways: tuple[str, ...]) -> pd.DataFrame:
    table = pd.read_csv(Path(__file__).parents[2] / "src" / "pathlore" / "knowledge" / "interactions.csv")
    return network_of(table[table["pathway"].isin(pathways)].drop_duplicates(["source", "target", "kind"]))


def fabricated_case(
    *,
    cells: int = 480,
    donors: int = 8,
    effect: float = 1.5,
    planted: int = 4,
    paths: int = 60,
    seed: int = 0,
    pathways: Sequence[str] = PATHWAYS,
) -> Case:
    """A case of two classes; the last two donors of each are test donors, the two before validation donors."""
    network = _network(tuple(pathways))
    adata = fabricate_cells(
        network, n_cells=cells, n_donors_per_class=donors, n_planted=planted, effect=effect, seed=seed
    )
    adata.X = normalised(adata)
    return case_of(adata, network, adata.uns["planted_paths"], paths=paths, seed=seed)


def normalised(adata: AnnData) -> object:
    """Log(1 + counts of 10,000)."""
    scaled = adata.X.multiply(1e4 / adata.X.sum(axis=1).reshape(-1, 1)).tocsr()
    return scaled.log1p().astype(np.float32)


def case_of(adata: AnnData, network: pd.DataFrame, truth: Sequence[str], *, paths: int, seed: int) -> Case:
    """Split, describe the genes, find the paths, build the graph: all on the training cells."""
    splits = _splits(adata)
    statistics = training_statistics(adata, splits, GeneFilterConfig(min_fraction=0.05, silent_fraction=None), CLASSES)
    passing = set(statistics.loc[statistics["passes"], "gene"])
    listed, _ = find_paths(network, passing, path_block(max_paths=paths), "pooled")
    graph = build_graph(
        network,
        listed,
        statistics,
        _texts(sorted(set(network["source"]) | set(network["target"]))),
        _texts(listed["path"]),
        lambda edges: [""] * len(edges),
        GraphConfig(genes="paths"),
    )
    rng = np.random.default_rng(seed)
    wide = [*graph.genes, *(gene for gene in adata.var_names if gene not in graph.position)]
    types = {split: list(rows[Obs.CELL_TYPE]) for split, rows in splits.groupby(Obs.SPLIT)}
    return Case(
        population="pooled",
        fold=0,
        seed=seed,
        graph=graph,
        gene_vectors=rng.normal(size=(len(graph.genes), WIDTH)),
        path_vectors=rng.normal(size=(len(graph.paths), WIDTH)),
        data=cell_sets(adata, splits, graph.genes, wide=wide),
        class_names=list(CLASSES),
        cell_types=types,
        truth=frozenset(truth),
    )


def with_labels(case: Case, labels: dict[str, np.ndarray], class_names: Sequence[str] | None = None) -> Case:
    """The same cells under other labels; the graph keeps its numbers."""
    data = {split: replace(cells, labels=labels[split]) for split, cells in case.data.items()}
    return replace(case, data=data, class_names=list(class_names or case.class_names))


def _splits(adata: AnnData) -> pd.DataFrame:
    obs = adata.obs
    number = obs[Obs.DONOR].astype(str).str.rsplit("_", n=1).str[1].astype(int)
    split = np.select(
        [number > number.max() - 2, number > number.max() - 4], [Split.TEST, Split.VALIDATION], Split.TRAIN
    )
    return pd.DataFrame(
        {
            Obs.CELL: obs.index,
            Obs.CONDITION: obs[Obs.CONDITION].astype(str).to_numpy(),
            Obs.LABEL: obs[Obs.CONDITION].cat.codes.to_numpy(dtype=np.int64),
            Obs.DONOR: obs[Obs.DONOR].astype(str).to_numpy(),
            Obs.CELL_TYPE: obs[Obs.CELL_TYPE].astype(str).to_numpy(),
            Obs.POPULATION: "pooled",
            Obs.SPLIT: split,
        }
    )


def _texts(keys: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame({"key": list(keys), "text": [f"What is known about {key}." for key in keys], "has_text": True})
