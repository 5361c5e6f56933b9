"""Plots of a study, each a matplotlib Figure that nothing has saved or shown."""

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pathlore.api.study import Study


class StudyPlots:
    """Plots of a fitted study.

    Parameters
    ----------
    study
        After `pathlore.Study.fit`.
    """

    def __init__(self, study: "Study") -> None:
        self._study = study

    def paths(self, top: int = 20, *, population: str | None = None) -> "Figure":
        """Draw the importance of the first paths as bars, in the colour of the class in which each is more active.

        Parameters
        ----------
        top
            Number of paths.
        population
            Its name; None: the only one.

        Returns
        -------
        Figure; see `pathlore.plot.importance.importance_bars`.

        Raises
        ------
        PathloreError
            The study is not fitted, or has no such population.
        """
        from pathlore.plot.importance import importance_bars

        name = self._study.population(population)
        return importance_bars(self._study.paths(name), top, name, self._study.class_names)

    def network(self, top: int = 25, *, population: str | None = None) -> "Figure":
        """Draw the network of the first paths in layers from receptor to target.

        Parameters
        ----------
        top
            Number of paths that are united.
        population
            Its name; None: the only one.

        Returns
        -------
        Figure; the colour of a gene is its log2 fold change, case against control.

        Raises
        ------
        PathloreError
            The study is not fitted, or has no such population.
        """
        from pathlore.explain.core_network import core_network
        from pathlore.plot.network import core_network_figure

        name = self._study.population(population)
        network = core_network(self._study.paths(name), self._study.graphs[name], top)
        return core_network_figure(network, name, *self._ends())

    def metrics(self) -> "Figure":
        """Draw the metrics of the held-out cells of all populations, the model beside the baselines.

        Returns
        -------
        Figure.
        """
        from pathlore.plot.metrics import metrics_dots

        return metrics_dots(pd.concat([fitted.metrics for fitted in self._study.fits.values()], ignore_index=True))

    def curves(self, *, population: str | None = None) -> "Figure":
        """Draw ROC and precision-recall curves of the held-out cells, with intervals.

        Parameters
        ----------
        population
            Its name; None: the only one.

        Returns
        -------
        Figure.
        """
        from pathlore.plot.curves import held_out_curves

        name = self._study.population(population)
        return held_out_curves(self._study.fits[name].predictions, self._study.class_names, name)

    def training(self, *, population: str | None = None) -> "Figure":
        """Draw the loss and the validation AUROC of each epoch.

        Parameters
        ----------
        population
            Its name; None: the only one.

        Returns
        -------
        Figure.
        """
        from pathlore.plot.training import training_curves

        name = self._study.population(population)
        return training_curves(self._study.fits[name].history, name)

    def _ends(self) -> tuple[str, str]:
        """Names for the two ends of a fold change."""
        control, *cases = self._study.class_names
        return (control, cases[0]) if len(cases) == 1 else ("the other classes", "the class with the largest change")

    def __repr__(self) -> str:
        return "StudyPlots: .paths() .network() .metrics() .curves() .training()"
