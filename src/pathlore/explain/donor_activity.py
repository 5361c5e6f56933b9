"""The activity of each path in each donor, without a look at the classes."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pathlore.config import DonorTestConfig
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.schemas import PathActivityByDonor
from pathlore.training.data import CellSet
from pathlore.training.path_statistics import COHERENT, EDGE_SIGNS


def donor_activity(
    graph: TextNumericGraph, data: Mapping[str, CellSet], class_names: list[str], config: DonorTestConfig
) -> pd.DataFrame:
    r"""Work out the activity of each path in the mean of each donor's cells of a class.

    .. math:: \bar x_{ug} = \frac{1}{n_u} \sum_{c \in u} x_{cg}, \qquad
              z_{ug} = \frac{\bar x_{ug} - \mu_g}{\max(\sigma_g, \sigma_{min})}, \qquad
              a^{one}_{up} = \frac{1}{L_p} \sum_l z_{u p_l}, \qquad
              a^{signs}_{up} = \frac{1}{L_p} \sum_l s_{pl}\, z_{u p_l}

    with u a donor's cells of one class, x their log(1 + normalised) expression, mu and sigma over all u, and s the
    product of the signs of the steps from the receptor (an unknown sign counts as +1). Nothing here knows which class
    is which, so that a test of all donors is fair. The activity that predicts in the model is not: its weights and its
    orientation were fitted to the classes of the training donors.

    Parameters
    ----------
    graph
        The graph of G genes and P paths.
    data
        Cells by split, taken together; those without a donor are left out.
    class_names
        C names, by label.
    config
        ``min_cells`` of a donor in a class, and ``sd_floor``.

    Returns
    -------
    `pathlore.schemas.PathActivityByDonor`; empty where no donor is known or none has enough cells.
    """
    sums, counts = _sums(data)
    means = {unit: sums[unit] / n for unit, n in counts.items() if n >= config.min_cells}
    units = sorted(means)
    if not units:
        return PathActivityByDonor.empty()
    x = np.stack([means[unit] for unit in units])  # (U, G)
    z = (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), config.sd_floor)
    signs = graph.path_signs()  # (P, L)
    paths = list(graph.paths["path"])
    table = pd.DataFrame(
        {
            "path": np.tile(np.array(paths, dtype=object), len(units)),
            "donor": np.repeat([donor for _, donor in units], len(paths)),
            "condition": np.repeat([class_names[label] for label, _ in units], len(paths)),
            "n_cells": np.repeat([counts[unit] for unit in units], len(paths)),
            COHERENT: _along(z, graph.path_nodes(), np.abs(signs)).ravel(),
            EDGE_SIGNS: _along(z, graph.path_nodes(), signs).ravel(),
        }
    )
    return PathActivityByDonor.validate(table)


def _sums(data: Mapping[str, CellSet]) -> tuple[dict[tuple[int, str], np.ndarray], dict[tuple[int, str], int]]:
    """Sum of expression, (G,) float64, and number of cells, by label and donor."""
    from scipy import sparse

    sums: dict[tuple[int, str], np.ndarray] = {}
    counts: dict[tuple[int, str], int] = {}
    for cells in data.values():
        owners = [
            (int(label), donor) if donor else None for label, donor in zip(cells.labels, cells.donors, strict=True)
        ]
        units = sorted({owner for owner in owners if owner is not None})
        place = {unit: i for i, unit in enumerate(units)}
        rows = [(place[owner], i) for i, owner in enumerate(owners) if owner is not None]
        if not rows:
            continue
        index = np.array(rows).T
        members = sparse.csr_matrix((np.ones(len(rows)), index), shape=(len(units), len(cells)))  # (units, n)
        totals, sizes = members @ cells.x, np.bincount(index[0], minlength=len(units))
        dense = totals.toarray() if sparse.issparse(totals) else np.asarray(totals)
        for unit, total, size in zip(units, dense, sizes, strict=True):
            sums[unit] = sums.get(unit, 0.0) + total
            counts[unit] = counts.get(unit, 0) + int(size)
    return sums, counts


def _along(z: np.ndarray, nodes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean over each path; z (U, G), nodes and weights (P, L), weight 0 behind the end -> (U, P)."""
    lengths = (nodes >= 0).sum(axis=1)
    return np.stack([(unit[nodes] * weights).sum(axis=1) for unit in z]) / lengths
