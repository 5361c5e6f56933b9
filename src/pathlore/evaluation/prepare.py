"""From prepared cells to cases: the chain of the pipelines, on one fold's training cells."""

from collections.abc import Iterable

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
    ingestion, construction = parameters.ingestion, parameters.graph_construction
    cells, names = sources.cells, list(ingestion.cells.classes)
    splits, units, statistics = {}, {}, {}
    for name, members in populations(cells.obs, ingestion.population).items():
        if only not in (None, name):
            continue
        splits[name], units[name] = fold_splits(
            cells.obs.loc[members],
            ingestion.split,
            fold,
            n_folds,
            paired_donors=ingestion.cells.paired_donors,
            population=name,
        )
        statistics[name] = training_statistics(cells, splits[name], ingestion.gene_filter, names)
    network = bridge_network(rewire(sources.network, ingestion.network), set(cells.var_names), construction.paths)
    graphs = {name: _graph(network, table, sources, parameters, name) for name, table in statistics.items()}
    genes, paths = _embeddings(graphs.values(), parameters.text_embedding)
    result = {}
    for name, graph in graphs.items():
        wide = _with_variable(graph.genes, statistics[name], parameters.evaluation.wide_genes)
        result[name] = Case(
            population=name,
            fold=fold,
            seed=seed,
            graph=graph,
            gene_vectors=genes.rows(graph.genes),
            path_vectors=paths.rows(graph.paths["path"]),
            data=cell_sets(cells, splits[name], graph.genes),
            wide=cell_sets(cells, splits[name], wide),
            class_names=class_names(splits[name]),
            cell_types={split: _types(splits[name], split) for split in Split.ALL},
            truth=sources.truth.get(name),
            split_by=units[name],
        )
    return result


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
