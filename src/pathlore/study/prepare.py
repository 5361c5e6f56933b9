"""From prepared cells to cases: the chain of the pipelines, on one fold's training cells."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from pathlore.config import Parameters
from pathlore.expression.populations import populations
from pathlore.expression.splits import divided, fold_splits, held_out_unit
from pathlore.expression.statistics import population_statistics, training_statistics
from pathlore.graph.bridge import bridge_network
from pathlore.graph.rewire import rewire
from pathlore.keys import Obs, Split
from pathlore.study.case import Case
from pathlore.study.graphs import assemble_graph, embed_graphs, find_population_paths
from pathlore.study.sources import Sources
from pathlore.training.data import cell_sets, class_names, wide_genes


class Fold(NamedTuple):
    """One population with some donors held out: `pathlore.schemas.Splits`, ``GeneStatistics``, unit of the split."""

    splits: pd.DataFrame
    statistics: pd.DataFrame
    split_by: str


def prepare(
    sources: Sources, parameters: Parameters, fold: int, n_folds: int, seed: int, *, only: str | None = None
) -> dict[str, Case]:
    """Make the case of each population for one fold of its donors.

    The functions are those of the pipelines ``ingestion`` (from the splits on), ``graph_construction`` and
    ``text_embedding``; whatever is fitted sees the fold's training cells alone.

    Parameters
    ----------
    sources
        Cells and knowledge.
    parameters
        All of them; a variant's changes are in them already.
    fold, n_folds
        Which fold is held out for the test, see `pathlore.expression.splits.fold_splits`.
    seed
        Written into the cases; what is fitted draws from it.
    only
        One population, where no other is wanted.

    Returns
    -------
    Population -> case.

    Raises
    ------
    PathloreError
        From any of the steps.
    """
    names = populations(sources.cells.obs, parameters.ingestion.population)
    folds = {name: training_fold(sources, parameters, name, fold, n_folds) for name in names if only in (None, name)}
    return build_cases(sources, parameters, folds, fold=fold, seed=seed)


def build_cases(
    sources: Sources, parameters: Parameters, folds: Mapping[str, Fold], *, fold: int = 0, seed: int = 0
) -> dict[str, Case]:
    """Find the paths, join the graphs, embed the texts and cut the cells of populations that are split already.

    Parameters
    ----------
    sources
        Cells and knowledge.
    parameters
        All of them.
    folds
        Population -> its splits and the statistics of its training cells.
    fold, seed
        Written into the cases.

    Raises
    ------
    PathloreError
        From any of the steps.
    """
    construction = parameters.graph_construction
    network = working_network(sources, parameters)
    statistics = {name: one.statistics for name, one in folds.items()}
    found = find_population_paths(network, statistics, construction.paths, sources.given).paths
    graphs = {
        name: assemble_graph(network, paths, statistics[name], sources.annotations, construction)
        for name, paths in found.items()
    }
    genes, paths = embed_graphs(graphs.values(), parameters.text_embedding)
    result = {}
    for name, graph in graphs.items():
        splits, described, split_by = folds[name]
        wide = wide_genes(graph.genes, described, parameters.modeling.model.wide_genes)
        result[name] = Case(
            population=name,
            fold=fold,
            seed=seed,
            graph=graph,
            gene_vectors=genes.rows(graph.genes),
            path_vectors=paths.rows(graph.paths["path"]),
            data=cell_sets(sources.cells, splits, graph.genes, parameters.modeling.training.scratch, wide),
            class_names=class_names(splits),
            cell_types={split: _types(splits, split) for split in Split.ALL},
            truth=sources.truth.get(name),
            split_by=split_by,
            encoder=genes.encoder,
            text_model=genes.model,
        )
    return result


def case_splits(sources: Sources, parameters: Parameters, given: pd.DataFrame | None = None) -> dict[str, Fold]:
    """Divide each population as the pipelines do: once, by donor where donors allow it, or as a table says."""
    ingestion, cells = parameters.ingestion, sources.cells
    paired = ingestion.cells.paired_donors
    tables = divided(cells.obs, ingestion.population, ingestion.split, given, paired_donors=paired)
    statistics = population_statistics(cells, tables, ingestion.gene_filter, list(ingestion.cells.classes))
    return {name: Fold(splits, statistics[name], held_out_unit(splits)) for name, splits in tables.items()}


def training_fold(sources: Sources, parameters: Parameters, population: str, fold: int, n_folds: int) -> Fold:
    """Divide the cells of one population, and describe its genes by the training cells."""
    ingestion, cells = parameters.ingestion, sources.cells
    splits, split_by = fold_splits(
        cells.obs.loc[populations(cells.obs, ingestion.population)[population]],
        ingestion.split,
        fold,
        n_folds,
        paired_donors=ingestion.cells.paired_donors,
        population=population,
    )
    statistics = training_statistics(cells, splits, ingestion.gene_filter, list(ingestion.cells.classes))
    return Fold(splits, statistics, split_by)


def working_network(sources: Sources, parameters: Parameters) -> pd.DataFrame:
    """The network that paths are looked for on: rewired as a control, bridged over what was not measured."""
    config, paths = parameters.ingestion.network, parameters.graph_construction.paths
    key = (config.model_dump_json(), paths.bridge, paths.step_cost)
    if key not in sources.networks:
        rewired = rewire(sources.network, config)
        sources.networks[key] = bridge_network(rewired, set(sources.cells.var_names), paths)
    return sources.networks[key]


def _types(splits: pd.DataFrame, split: str) -> list[str | None]:
    kinds: Iterable[object] = splits.loc[splits[Obs.SPLIT] == split, Obs.CELL_TYPE]
    return [kind if isinstance(kind, str) else None for kind in kinds]
