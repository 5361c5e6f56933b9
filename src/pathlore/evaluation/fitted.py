"""What every method of an evaluation gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

ALONE = "_alone"
"""Ends the level of the metrics, and the name of the note, of what a branch of the model answers alone."""

STRENGTH = "strength"
"""Score of the paths that fits share a scale of, see `pathlore.training.trained_model.TrainedModel.strength`: what is
tested against permuted labels. It orders the paths of one fit as the importance does, and stands in no other table."""


@dataclass(frozen=True)
class Fitted:
    """What a method makes of a case.

    Attributes
    ----------
    probabilities
        (n, C) class probabilities of the validation and of the test cells, by split; empty for a method that ranks
        alone.
    rankings
        (P,) scores of the graph's paths, the highest the most important, by name of the score; empty for a method that
        predicts alone.
    notes
        Anything else in one number: epochs, parameters, seconds.
    """

    probabilities: Mapping[str, np.ndarray] = field(default_factory=dict)
    rankings: Mapping[str, np.ndarray] = field(default_factory=dict)
    notes: Mapping[str, float] = field(default_factory=dict)
