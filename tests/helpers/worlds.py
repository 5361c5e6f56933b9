"""A world whose truth is known: invented cells on a part of the built-in network, as a case of any list of paths."""

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData
from blocks import base, network_of, path_block

import pathlore
from pathlore.config import (
    CellsConfig,
    GeneFilterConfig,
    GraphConfig,
    PathConfig,
    QualityConfig,
    SentenceConfig,
    SplitConfig,
)
from pathlore.expression.fabricate import fabricate_cells
from pathlore.expression.prepare import prepare_cells
from pathlore.expression.splits import split_cells
from pathlore.expression.statistics import training_statistics
from pathlore.graph.paths import find_paths
from pathlore.graph.text_numeric_graph import build_graph
from pathlore.study.case import Case
from pathlore.text.sentences import association_sentences, gene_sentences, path_sentences
from pathlore.training.data import cell_sets

PATHWAYS = (
    "Type I and III interferon",
    "TGF-beta signaling",
    "Notch signaling",
    "IL-6 and gp130 cytokines",
    "Hedgehog signaling",
)
CLASSES = ["control", "case"]
TEXT_WIDTH = 6


@dataclass(frozen=True)
class World:
    """Cells with planted paths, and all that a case is made from."""

    seed: int = 0
    n_cells: int = 400
    n_planted: int = 4
    effect: float = 1.0
    max_paths: int = 60

    @cached_property
    def network(self) -> pd.DataFrame:
        table = pd.read_csv(Path(pathlore.__file__).parent / "knowledge" / "interactions.csv")
        named = [bool(set(PATHWAYS) & set(str(names).split(";"))) for names in table["pathway"]]
        return network_of(table[named].assign(n_evidence=1, references="").reset_index(drop=True)).assign(via="")

    @cached_property
    def raw(self) -> AnnData:
        return fabricate_cells(
            self.network, n_cells=self.n_cells, n_planted=self.n_planted, effect=self.effect, seed=self.seed
        )

    @property
    def planted(self) -> list[str]:
        return self.raw.uns["planted_paths"]

    @cached_property
    def cells(self) -> AnnData:
        classes = {name: [name] for name in CLASSES}
        config = CellsConfig.model_validate(base("ingestion", "cells", classes=classes, cell_type="cell_type"))
        return prepare_cells(self.raw, config, QualityConfig.model_validate(base("ingestion", "quality", min_genes=0)))

    @cached_property
    def splits(self) -> pd.DataFrame:
        config = SplitConfig.model_validate(base("ingestion", "split"))
        return split_cells(self.cells.obs, config, paired_donors=False, population="pooled")

    @cached_property
    def statistics(self) -> pd.DataFrame:
        return training_statistics(
            self.cells, self.splits, GeneFilterConfig(min_fraction=0.05, silent_fraction=0.5), CLASSES
        )

    @property
    def bounds(self) -> PathConfig:
        return path_block(max_paths=self.max_paths)

    @cached_property
    def paths(self) -> pd.DataFrame:
        """Those that the search finds, and the planted ones."""
        genes = set(self.statistics.loc[self.statistics["passes"], "gene"])
        found, _ = find_paths(self.network, genes, self.bounds, "pooled")
        given = pd.DataFrame({"path": self.planted})
        planted, _ = find_paths(self.network, genes, path_block(mode="file", max_edges=10), "pooled", given)
        return pd.concat([planted, found], ignore_index=True).drop_duplicates("path", ignore_index=True)

    def case(self, paths: pd.DataFrame) -> Case:
        """The case of a list of paths; the texts are random vectors that belong to their gene or path."""
        genes = sorted(set(self.network["source"]) | set(self.network["target"]))
        words = SentenceConfig.model_validate(base("graph_construction", "sentences"))
        annotations = pd.DataFrame({"symbol": genes, "name": genes, "description": ""})
        graph = build_graph(
            self.network,
            paths,
            self.statistics,
            gene_sentences(genes, annotations, words.gene),
            path_sentences(paths, self.network, annotations, words),
            partial(association_sentences, config=words),
            GraphConfig(genes="paths"),
        )
        data = cell_sets(self.cells, self.splits, graph.genes, wide=list(self.statistics["gene"]))
        types = dict(zip(self.splits["cell"], self.splits["cell_type"], strict=True))
        return Case(
            population="pooled",
            fold=0,
            seed=self.seed,
            graph=graph,
            gene_vectors=_vectors(graph.genes),
            path_vectors=_vectors(list(paths["path"])),
            data=data,
            class_names=CLASSES,
            cell_types={split: [types[cell] for cell in part.cells] for split, part in data.items()},
            truth=frozenset(self.planted),
        )


def _vectors(keys: list[str]) -> np.ndarray:
    """(n, T), the same for the same key in any list."""
    seeds = [list(key.encode()) for key in keys]
    return np.stack([np.random.default_rng(seed).normal(size=TEXT_WIDTH) for seed in seeds]).astype(np.float32)
