"""A perceptron on genes: a network that knows nothing of paths, edges or texts."""

from torch import nn

from pathlore.evaluation.baselines.choice import WORST
from pathlore.evaluation.baselines.network_fit import Schedule, fit_network
from pathlore.evaluation.fitted import Fitted
from pathlore.study.case import Case

WIDTH = 64
DROPOUT = 0.3
"""Fraction of the hidden units."""
WEIGHT_DECAYS = (0.001, 0.1, 1.0)
"""In multiples of the learning rate, per step."""


def perceptron(case: Case, seed: int) -> Fitted:
    """One hidden layer on the standardised genes of the graph; weight decay chosen by the validation cells."""

    def build() -> nn.Module:
        return nn.Sequential(
            nn.Linear(len(case.graph.genes), WIDTH),
            nn.GELU(),
            nn.Dropout(DROPOUT),
            nn.Linear(WIDTH, len(case.class_names)),
        )

    best, best_score = Fitted(), WORST
    for decay in WEIGHT_DECAYS:
        schedule = Schedule(epochs=30, patience=6, batch_size=32, learning_rate=0.001, weight_decay=decay)
        fitted, found = fit_network(build, case, seed, schedule)
        if found > best_score:
            notes = {**fitted.notes, "weight_decay": decay}
            best, best_score = Fitted(fitted.probabilities, notes=notes), found
    return best
