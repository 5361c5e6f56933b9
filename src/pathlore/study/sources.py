"""What an evaluation begins with: prepared cells and the knowledge about their genes."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.config import PopulationConfig
from pathlore.expression.populations import populations
from pathlore.keys import Obs
from pathlore.training.sampling import evenly

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sources:
    """The inputs that all fits share.

    Attributes
    ----------
    cells
        Prepared cells, X log(1 + normalised).
    network
        `pathlore.schemas.Network`.
    annotations
        `pathlore.schemas.GeneAnnotations`.
    given
        The user's own paths; None where there are none.
    truth
        Population -> the planted paths, of a simulated cohort.
    networks
        What `pathlore.study.prepare.working_network` has made of them, for the folds that follow.
    """

    cells: AnnData
    network: pd.DataFrame
    annotations: pd.DataFrame
    given: pd.DataFrame | None = None
    truth: Mapping[str, frozenset[str]] = field(default_factory=dict)
    networks: dict[tuple[object, ...], pd.DataFrame] = field(default_factory=dict, init=False, repr=False)

    def checksum(self) -> str:
        """SHA-256 over cells, labels and tables."""
        digest = hashlib.sha256()
        x = sparse.csr_matrix(self.cells.X)
        for array in (x.data, x.indices, x.indptr):
            digest.update(np.ascontiguousarray(array).data)
        tables = [self.network, self.annotations, self.cells.obs.astype(str), pd.DataFrame(index=self.cells.var_names)]
        for table in [*tables, *([] if self.given is None else [self.given])]:
            digest.update(table.to_csv().encode())
        digest.update(str(sorted((name, sorted(paths)) for name, paths in self.truth.items())).encode())
        return digest.hexdigest()


def limited(sources: Sources, config: PopulationConfig, max_cells: int, seed: int) -> tuple[Sources, list[str]]:
    """Keep the cells of the populations, and so many of each as hundreds of fits can bear.

    Donors and classes give evenly: one with few cells keeps them all, the others share what is left.

    Parameters
    ----------
    sources
        The cells may lie on disk; what is kept is read into memory.
    config
        Which populations there are.
    max_cells
        Cells of one population, at most.
    seed
        Of the draw.

    Returns
    -------
    sources, names
        The same with fewer cells, and the names of the populations.
    """
    obs = sources.cells.obs
    groups = populations(obs, config)
    rng = np.random.default_rng(seed)
    kept = np.zeros(len(obs), dtype=bool)
    for name, cells in groups.items():
        rows = obs.index.get_indexer(cells)
        unit = obs[Obs.DONOR].astype(object).fillna("").astype(str) + "|" + obs[Obs.CONDITION].astype(str)
        chosen = evenly(rows, unit.to_numpy()[rows], max_cells, rng)
        if len(chosen) < len(rows):
            logger.info("%s: %d of %d cells are evaluated, see `evaluation.*.max_cells`", name, len(chosen), len(rows))
        kept[chosen] = True
    cells = sources.cells[np.flatnonzero(kept)]
    return replace(sources, cells=cells.to_memory() if cells.isbacked else cells.copy()), list(groups)
