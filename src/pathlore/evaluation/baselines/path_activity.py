"""The activity of each path in each cell, with no weights to learn."""

import numpy as np
from scipy import sparse

from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.keys import Split
from pathlore.training.data import CellSet


def path_activities(graph: TextNumericGraph, data: dict[str, CellSet], *, signed: bool) -> dict[str, np.ndarray]:
    r"""Mean over a path of its genes' z-scores, in the cells of every split.

    .. math:: a_p = \frac{1}{L_p} \sum_l s_{pl}\, \frac{x_{p_l} - \mu_{p_l}}{\sigma_{p_l}}

    :math:`\mu` and :math:`\sigma` are those of the training cells; a gene that does not vary there counts as 0. It is
    the activity that the additive read-out weights, taken from the cells themselves.

    Parameters
    ----------
    graph
        Of G genes and P paths.
    data
        Cells of each split over the graph's genes.
    signed
        True: :math:`s_{pl}` is the product of the steps' signs from the receptor to place l (an unknown sign counts as
        +1); False: all are +1.

    Returns
    -------
    (n, P) float64 by split.
    """
    from sklearn.utils.sparsefuncs import mean_variance_axis

    nodes = graph.path_nodes()  # (P, L)
    there = nodes >= 0
    signs = graph.path_signs() if signed else there.astype(np.int64)
    shares = (signs / there.sum(axis=1, keepdims=True))[there]
    shape = len(graph.paths), len(graph.genes)
    weights = sparse.csr_matrix((shares, (np.nonzero(there)[0], nodes[there])), shape)  # (P, G)
    mean, variance = mean_variance_axis(data[Split.TRAIN].x.astype(np.float64), axis=0)
    varies = variance > 1e-12 * (mean**2 + 1e-6)  # not by rounding alone
    weights = weights @ sparse.diags_array(np.where(varies, 1 / np.sqrt(np.where(varies, variance, 1.0)), 0.0))
    return {split: (cells.x.astype(np.float64) @ weights.T).toarray() - weights @ mean for split, cells in data.items()}
