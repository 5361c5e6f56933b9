"""How much each gene and each association matters, by what a model learned and by the genes' own change."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError
from pathlore.graph.text_numeric_graph import TextNumericGraph, path_steps

FLOOR = 0.01
"""Relevance of what neither changes nor was learned, so that one such gene does not rule out a path."""

Edge = tuple[str, str, str]
"""Source, target and kind."""
Key = TypeVar("Key")


@dataclass(frozen=True)
class Relevance:
    """Relevances of genes and associations for one contrast of the classes; see `relevance`.

    Attributes
    ----------
    changes
        Gene -> its change, signed, over the largest one; from -1 to 1.
    genes, edges
        What the model learned of a listed gene or association, from 0 to 1; what is not on the list is not in them.
    learned_share
        Part of what was learned where it is known.
    """

    changes: Mapping[str, float]
    genes: Mapping[str, float]
    edges: Mapping[Edge, float]
    learned_share: float

    def gene(self, gene: str, direction: int) -> float:
        """Relevance of a gene that a path expects to rise (+1) or fall (-1)."""
        change = direction * self.changes.get(gene, 0.0)
        return self._mixed(change, self.genes.get(gene))

    def edge(self, edge: Edge, direction: int, following: int) -> float:
        """Relevance of an association whose ends are expected to move so."""
        ends = direction * self.changes.get(edge[0], 0.0), following * self.changes.get(edge[1], 0.0)
        change = float(np.sqrt(ends[0] * ends[1])) if min(ends) > 0 else 0.0
        return self._mixed(change, self.edges.get(edge))

    def _mixed(self, change: float, learned: float | None) -> float:
        if change <= 0:  # against the direction of the path, or no change
            return FLOOR
        mixed = change if learned is None else self.learned_share * learned + (1 - self.learned_share) * change
        return FLOOR + (1 - FLOOR) * mixed


def relevance(
    graph: TextNumericGraph,
    importance: pd.DataFrame,
    statistics: pd.DataFrame,
    learned_share: float,
    class_name: str | None = None,
) -> Relevance:
    r"""Work out what matters, from the listed paths and from the training cells.

    .. math:: d_g = \frac{\mathrm{lfc}_g}{\sigma_g + \mathrm{median}_h\, \sigma_h}, \qquad
              \Delta_p = \max_{s} \Bigl|\frac{1}{L_p} \sum_l s_{pl}\, d_{p_l}\Bigr|, \qquad
              \rho_g = \frac{1}{n_g} \sum_{p \ni g} I_p\, \Delta_p

    d is the moderated difference of a gene between the classes of the training cells (the median keeps genes that
    hardly vary from coming first, as in SAM, Tusher 2001); Delta that of a path's activity, where
    s follows the signs of the steps or is 1 throughout, whichever gives more, so that :math:`I_p \Delta_p` is about
    what the path adds to the difference of the logits; rho its mean over the listed paths
    through the gene, which unlike the sum does not grow with the gene's place in the network. rho of an association
    is the same over the paths that take it. d and rho are divided by their largest values. With the share w, a gene
    that moves in the expected direction has

    .. math:: r_g = w\, \rho_g + (1 - w)\, |d_g|,

    one that is on no listed path :math:`|d_g|`, since the model does not see it, and one that moves the other
    way 0.01. An association stands to :math:`\sqrt{|d_a d_b|}` of its ends as a gene to :math:`|d_g|`.

    Parameters
    ----------
    graph
        The graph with the listed paths.
    importance
        Columns ``path`` and ``importance``, such as `pathlore.schemas.PathImportance`.
    statistics
        `pathlore.schemas.GeneStatistics` of the training cells, all measured genes.
    learned_share
        w, from 0 to 1.
    class_name
        With more than two classes: the class that is compared with the rest; genes whose fold change speaks of another
        class count as unchanged.

    Raises
    ------
    PathloreError
        A listed path has no importance: table and graph are of different runs.
    """
    change = _change(statistics, class_name)
    scores = importance.set_index("path")["importance"].reindex(graph.paths["path"])
    if scores.isna().any():
        raise PathloreError(
            f"{int(scores.isna().sum())} of {len(scores)} listed paths have no importance: path_importance and "
            "text_numeric_graph must be of the same population and run"
        )
    along = change.reindex(graph.genes).fillna(0.0).to_numpy()[graph.path_nodes()]  # (P, L)
    lengths = (graph.path_nodes() >= 0).sum(axis=1)
    ways = graph.path_signs(), np.abs(graph.path_signs())
    effect = np.max([np.abs((signs * along).sum(axis=1)) for signs in ways], axis=0) / lengths
    contribution = scores.to_numpy(dtype=float) * effect
    return Relevance(
        changes=change.to_dict(),
        genes=_means((genes, c) for genes, c in zip(graph.path_genes, contribution, strict=True)),
        edges=_means((path_steps(genes), c) for genes, c in zip(graph.path_genes, contribution, strict=True)),
        learned_share=learned_share,
    )


def _change(statistics: pd.DataFrame, class_name: str | None) -> pd.Series:
    """d, over the largest one, by gene."""
    moderated = statistics["log_fold_change"] / (statistics["sd"] + statistics["sd"].median())
    if class_name is not None:
        moderated = moderated.where(statistics["log_fold_change_class"] == class_name, 0.0)
    largest = moderated[statistics["passes"]].abs().max()
    scaled = moderated / largest if largest > 0 else moderated * 0.0
    return pd.Series(scaled.clip(-1, 1).to_numpy(), index=statistics["gene"])


def _means(parts: Iterable[tuple[Iterable[Key], float]]) -> dict[Key, float]:
    """Mean contribution of the paths through each gene or association, over the largest mean."""
    found: dict[Key, list[float]] = defaultdict(list)
    for keys, contribution in parts:
        for key in keys:
            found[key].append(contribution)
    means = {key: float(np.mean(values)) for key, values in found.items()}
    largest = max(means.values(), default=0.0)
    return {key: value / largest if largest else 0.0 for key, value in means.items()}
