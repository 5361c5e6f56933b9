"""A saved study, which scores other cells."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from anndata import AnnData

from pathlore.scoring.bundle import Bundle
from pathlore.scoring.folder import read_bundle
from pathlore.scoring.score import Scores, score


@dataclass(frozen=True)
class Scorer:
    """One model of a study with all that other cells need.

    Attributes
    ----------
    bundle
        `pathlore.scoring.bundle.Bundle`.
    """

    bundle: Bundle

    @property
    def paths(self) -> pd.DataFrame:
        """The paths of the model, P rows, the most important first."""
        return self.bundle.paths.sort_values("rank", ignore_index=True)

    def score(self, adata: AnnData, *, min_coverage: float | None = None) -> pd.DataFrame:
        """Score cells; every cell gets a probability, and a remark where it is doubtful.

        Parameters
        ----------
        adata
            Cells as found, counts or log-scale; names of genes in any form that training would have understood.
        min_coverage
            Fraction of the genes on the paths that must have been measured; None: what the model was saved with.

        Returns
        -------
        `pathlore.schemas.CellScores`, one row per cell in their order: the predicted class, the probability of each
        class (0 to 1) as the model gives it and calibrated, and the remarks. Warnings about all cells are in
        ``.attrs["warnings"]`` and in the log.

        Raises
        ------
        PathloreError
            The cells cannot be read, or have too few of the model's genes.
        """
        scores = self.scores(adata, min_coverage=min_coverage)
        table = scores.table()
        table.attrs["warnings"] = list(scores.warnings)
        return table

    def scores(self, adata: AnnData, *, min_coverage: float | None = None) -> Scores:
        """Score cells, and keep what `score` leaves out: contributions, coverage and ranges.

        Parameters
        ----------
        adata, min_coverage
            As in `score`.

        Returns
        -------
        `pathlore.scoring.score.Scores`; its contributions are the parts of the P paths in the logit of each cell.

        Raises
        ------
        PathloreError
            The cells cannot be read, or have too few of the model's genes.
        """
        return score(self.bundle, adata, min_coverage=min_coverage)

    def __repr__(self) -> str:
        facts = self.bundle.facts
        return (
            f"Scorer of {facts.population}: {' against '.join(reversed(facts.class_names))}, "
            f"{len(self.bundle.model.paths)} paths, {len(self.bundle.model.genes)} genes, made {facts.created}"
        )


def load(folder: str | Path, population: str | None = None) -> Scorer:
    """Read what `pathlore.Study.save` has written, or one bundle of a Kedro run.

    Parameters
    ----------
    folder
        Of the study, or of one population in it.
    population
        Name of one of several; None: the only one.

    Returns
    -------
    A model that scores other cells.

    Raises
    ------
    PathloreError
        No complete bundle is there, a file of it was changed, or several are there and none is named.

    Examples
    --------
    >>> load("no/such/folder")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    pathlore.errors.PathloreError: no/such/folder holds no saved study, ...
    """
    from pathlore.errors import PathloreError, shorten
    from pathlore.expression.populations import slug

    place = Path(folder)
    if (place / "bundle.json").exists():
        return Scorer(read_bundle(place))
    inside = sorted(path.parent for path in place.glob("*/bundle.json"))
    chosen = [path for path in inside if population in (None, path.name) or path.name == slug(str(population))]
    if len(chosen) != 1:
        raise PathloreError(
            f"{place} holds {shorten([path.name for path in inside]) or 'no saved study'}, exactly one population was "
            "expected: name it by `population`"
        )
    return Scorer(read_bundle(chosen[0]))
