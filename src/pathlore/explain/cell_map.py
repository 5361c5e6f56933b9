"""Cells of a population on a plane, with what the model and the first paths say of each."""

import logging

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.config import CellMapConfig
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.keys import Method, Obs, Split
from pathlore.schemas import CellMap
from pathlore.training.sampling import evenly

logger = logging.getLogger(__name__)

VARIABLE_GENES = 2_000
"""Genes of largest variance in the training cells that the principal components are fitted to."""
REACH = 10.0
"""Standard deviations at which a scaled value is cut."""
ITERATIONS = 500
"""Steps of t-SNE, which begins at principal components and so needs fewer than from random places."""
FLOOR = 0.05
"""Least standard deviation of a gene, log(1 + normalised expression)."""


def cell_map(
    cells: AnnData,
    splits: pd.DataFrame,
    graph: TextNumericGraph,
    importance: pd.DataFrame,
    predictions: pd.DataFrame,
    config: CellMapConfig,
) -> pd.DataFrame:
    r"""Place a sample of cells by t-SNE, and measure the first paths in each.

    Genes are scaled, and principal components fitted, on training cells alone; held-out cells are projected. t-SNE then
    places all sampled cells. The activity of path p in cell c is

    .. math:: a_{cp} = \frac{1}{L_p} \sum_l s_{pl}\, z_{c p_l}, \qquad z_{cg} = \frac{x_{cg} - \mu_g}{\sigma_g}

    with mean and standard deviation over the sampled training cells, and s the product of the signs of the steps from
    the receptor (an unknown sign counts as +1). Classes are not used.

    Parameters
    ----------
    cells
        Log(1 + normalised) expression of all measured genes; in memory or on disk.
    splits
        `pathlore.schemas.Splits` of one population.
    graph
        Its text-numeric graph.
    importance
        `pathlore.schemas.PathImportance`, for the first paths.
    predictions
        `pathlore.schemas.Predictions`, for the model's score of held-out cells.
    config
        Numbers of cells, paths and components, the perplexity and the seed.

    Returns
    -------
    `pathlore.schemas.CellMap`; empty where ``config.cells`` is 0 or there are fewer than three training cells.
    ``score`` is the probability of the case (with more than two classes, of the cell's own class), empty for training
    cells. ``activity_1`` belongs to the path of rank 1, and so on.

    Source: Kobak and Berens, The art of using t-SNE for single-cell transcriptomics, Nature Communications 10 (2019).
    """
    donor, condition, split = (splits[name].fillna("").astype(str) for name in (Obs.DONOR, Obs.CONDITION, Obs.SPLIT))
    units = (donor + "|" + condition + "|" + split).to_numpy()
    chosen = splits.iloc[evenly(np.arange(len(splits)), units, config.cells, np.random.default_rng(config.seed))]
    train = (chosen[Obs.SPLIT] == Split.TRAIN).to_numpy()
    if train.sum() < 3:
        return CellMap.without_cells()
    rows = cells.obs_names.get_indexer(chosen[Obs.CELL])
    chosen, rows, train = chosen.iloc[order := np.argsort(rows)], rows[order], train[order]
    x = _rows(cells, rows)
    mean, sd = _moments(x[train])
    variable = np.sort(np.argsort(-sd, kind="stable")[:VARIABLE_GENES])
    components = _components(_scaled(x[:, variable], mean[variable], sd[variable]), train, config)
    place = tsne(components, config.perplexity, config.seed)
    table = pd.DataFrame(
        {
            "cell": chosen[Obs.CELL].to_numpy(),
            "donor": chosen[Obs.DONOR].to_numpy(),
            "condition": chosen[Obs.CONDITION].to_numpy(),
            "split": chosen[Obs.SPLIT].to_numpy(),
            "tsne_1": place[:, 0],
            "tsne_2": place[:, 1],
            "score": _scores(chosen, predictions),
        }
    )
    signs, nodes = graph.path_signs(), graph.path_nodes()
    position = {path: row for row, path in enumerate(graph.paths["path"])}
    columns = cells.var_names.get_indexer(graph.genes)
    for rank, path in enumerate(importance.sort_values("rank")["path"].head(config.paths), start=1):
        on_path = nodes[position[path]] >= 0
        genes = columns[nodes[position[path]][on_path]]
        z = _scaled(x[:, genes], mean[genes], sd[genes])
        table[f"activity_{rank}"] = z @ signs[position[path]][on_path] / on_path.sum()
    logger.info("Map of cells: %d of %d cells", len(table), len(splits))
    return CellMap.validate(table)


def _rows(cells: AnnData, rows: np.ndarray) -> sparse.csr_matrix:
    """Rows of the matrix, in increasing order, as CSR."""
    part = cells.X[rows]
    return sparse.csr_matrix(part.compute() if hasattr(part, "compute") else part, dtype=np.float32)


def _moments(x: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each gene, the latter at least `FLOOR`."""
    mean = np.asarray(x.mean(axis=0)).ravel()
    square = np.asarray(x.multiply(x).mean(axis=0)).ravel()
    return mean, np.maximum(np.sqrt(np.maximum(square - mean**2, 0)), FLOOR)


def _scaled(x: sparse.csr_matrix, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    return np.clip((x.toarray() - mean) / sd, -REACH, REACH)


def _components(z: np.ndarray, train: np.ndarray, config: CellMapConfig) -> np.ndarray:
    """Principal components of the training cells, and all cells on them."""
    from sklearn.decomposition import PCA

    n = min(config.components, train.sum() - 1, z.shape[1])
    return PCA(int(n), svd_solver="randomized", random_state=config.seed).fit(z[train]).transform(z)


def tsne(components: np.ndarray, perplexity: float, seed: int) -> np.ndarray:
    """Places on a plane, (n, 2), begun from the first two of the components (n, K)."""
    from sklearn.manifold import TSNE

    init = "pca" if components.shape[1] > 1 else "random"
    perplexity = min(perplexity, (len(components) - 1) / 3)
    made = TSNE(perplexity=perplexity, init=init, max_iter=ITERATIONS, random_state=seed, n_jobs=1)
    return np.asarray(made.fit_transform(components), dtype=float)


def _scores(chosen: pd.DataFrame, predictions: pd.DataFrame) -> np.ndarray:
    """The model's probability for each held-out cell, NaN for the others."""
    answers = predictions[predictions["method"] == Method.MODEL].drop_duplicates("cell").set_index("cell")
    columns = [name for name in answers.columns if name.startswith("probability_of_")]
    table = answers.reindex(chosen[Obs.CELL])[columns].to_numpy(dtype=float)
    if len(columns) == 2:
        return table[:, 1]
    return table[np.arange(len(table)), chosen[Obs.LABEL].to_numpy(dtype=int)]
