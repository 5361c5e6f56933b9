"""From prepared cells to cases: the chain of the pipelines, on one fold's training cells."""

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from pathlore.config import Parameters, TextParameters
from pathlore.evaluation.case import Case
from pathlore.evaluation.sources import Sources
from pathlore.expression.folds import fold_splits
from pathlore.expression.populations import populations
from pathlore.expression.statistics import training_statistics
from pathlore.graph.bridge import bridge_network
from pathlore.graph.paths import find_paths
from pathlore.graph.paths.random_control import with_random_steps
from pathlore.graph.rewire import rewire
from pathlore.graph.text_numeric_graph import TextNumericGraph, build_graph, collect_sentences
from pathlore.keys import Obs, Split
from pathlore.text.controls import controlled
from pathlore.text.embedding import TextEmbedding, embed_sentences
from pathlore.text.sentences import association_sentences, gene_sentences, path_sentences
from pathlore.training.data import cell_sets, class_names


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
        Which fold is held out for the test, see `pathlore.expression.folds.fold_splits`.
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
    cells, network = sources.cells, working_network(sources, parameters)
    folds = {
        name: training_fold(sources, parameters, name, fold, n_folds)
        for name in populations(cells.obs, parameters.ingestion.population)
        if only in (None, name)
    }
    graphs = {name: _graph(network, own.statistics, sources, parameters, name) for name, own in folds.items()}
    genes, paths = _embeddings(graphs.values(), parameters.text_embedding)
    result = {}
    for name, graph in graphs.items():
        splits, statistics, split_by = folds[name]
        wide = _with_variable(graph.genes, statistics, parameters.evaluation.wide_genes)
        result[name] = Case(
            population=name,
            fold=fold,
            seed=seed,
            graph=graph,
            gene_vectors=genes.rows(graph.genes),
            path_vectors=paths.rows(graph.paths["path"]),
            data=cell_sets(cells, splits, graph.genes),
            wide=cell_sets(cells, splits, wide),
            class_names=class_names(splits),
            cell_types={split: _types(splits, split) for split in Split.ALL},
            truth=sources.truth.get(name),
            split_by=split_by,
        )
    return result


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
    rewired = rewire(sources.network, parameters.ingestion.network)
    return bridge_network(rewired, set(sources.cells.var_names), parameters.graph_construction.paths)


def _graph(
    network: pd.DataFrame, statistics: pd.DataFrame, sources: Sources, parameters: Parameters, population: str
) -> TextNumericGraph:
    """The graph of one population; the texts of the genes are those of the whole network."""
    construction = parameters.graph_construction
    passing = set(statistics.loc[statistics["passes"], "gene"])
    paths, _ = find_paths(network, passing, construction.paths, population, sources.given)
    network = with_random_steps(network, paths["path"], construction.paths)
    every = sorted(set(network["source"]) | set(network["target"]))
    return build_graph(
        network,
        paths,
        statistics,
        gene_sentences(every, sources.annotations, construction.sentences.gene),
        path_sentences(paths, network, sources.annotations, construction.sentences),
        association_sentences(network, construction.sentences),
        construction.graph,
    )


def _embeddings(graphs: Iterable[TextNumericGraph], config: TextParameters) -> tuple[TextEmbedding, TextEmbedding]:
    """Vectors of all populations' genes and paths, or what takes their place."""
    genes, paths = embed_sentences(*collect_sentences(graphs), config.encoder)
    control = config.control
    return controlled(genes, control.genes, control.seed), controlled(paths, control.paths, control.seed)


def _with_variable(genes: list[str], statistics: pd.DataFrame, number: int) -> list[str]:
    """The graph's genes, then the others among those that vary most in the training cells."""
    variable = statistics.sort_values(["sd", "gene"], ascending=[False, True])["gene"].head(number)
    return [*genes, *(gene for gene in variable if gene not in set(genes))]


def _types(splits: pd.DataFrame, split: str) -> list[str | None]:
    kinds: Iterable[object] = splits.loc[splits[Obs.SPLIT] == split, Obs.CELL_TYPE]
    return [kind if isinstance(kind, str) else None for kind in kinds]
