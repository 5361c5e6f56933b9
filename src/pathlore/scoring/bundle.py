"""A finished model with everything that is needed to use it on other cells, and to judge whether it may be."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from pathlore.scoring.facts import Facts
from pathlore.scoring.familiarity import Familiarity
from pathlore.training.trained_model import TrainedModel


@dataclass(frozen=True, eq=False)
class Bundle:
    """A model, its meaning and its limits; `pathlore.scoring.read_bundle` reads one, `score` uses it.

    Attributes
    ----------
    model
        Weights and form.
    genes
        G rows in the order of the weights: ``gene``, ``mean``, ``sd`` (of log(1 + normalised), training cells),
        ``fraction_expressed``, ``log_fold_change``, ``roles`` (';'-joined), ``text``.
    paths
        P rows in the order of the weights: ``path``, ``route``, ``receptor``, ``tf``, ``target``, ``sign``,
        ``pathway``, ``importance``, ``rank``, ``prior``, ``prior_rank``, ``sentence``.
    gene_names
        `pathlore.schemas.GeneNamesTable`: by which names genes were known in training.
    orthologs
        Pairs of mouse and human genes; empty: the training cells were human.
    facts
        What ``bundle.json`` says.
    profiles
        (K, W) mean expression of the training cells of each class and type, over the genes of the wide branch, or of
        the graph where there is none.
    """

    model: TrainedModel
    genes: pd.DataFrame
    paths: pd.DataFrame
    gene_names: pd.DataFrame
    orthologs: pd.DataFrame
    facts: Facts
    profiles: np.ndarray

    @property
    def familiarity(self) -> Familiarity:
        """How like the training cells a cell must be."""
        return Familiarity(self.profiles, self.facts.limits.familiarity)

    @property
    def class_names(self) -> list[str]:
        """C names, the control first."""
        return self.model.class_names

    @cached_property
    def gene_mean(self) -> np.ndarray:
        """(G,) float32: mean expression of the training cells, exactly as the weights have it."""
        return self.model.state["gene_mean"].numpy()

    @cached_property
    def gene_sd(self) -> np.ndarray:
        """(G,) float32: standard deviation of the training cells; 0 for a gene that does not vary."""
        return self.model.state["gene_sd"].numpy()

    @cached_property
    def path_weight(self) -> np.ndarray:
        """(P,) importance of each path; equal weights where the model has no importance of its own."""
        if self.model.config.importance == "global":
            return self.model.importance
        return np.full(len(self.model.paths), 1.0)
