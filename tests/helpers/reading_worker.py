"""Reads a file of cells in another process, which may die of it."""

import traceback
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from pathlore.errors import user_error


def read_everything(path: str, backed: bool) -> tuple[str, str]:
    """``taken``, with the shapes of what was read; ``refused``, with the line for the user; or ``traceback``."""
    from pathlore.datasets.raw_cells import RawCellsDataset
    from pathlore.errors import PathloreError
    from pathlore.expression.matrix import read_rows, sample_rows, select_matrix

    try:
        cells = RawCellsDataset(filepath=Path(path), backed=backed).load()
        names = ["X"] if cells.X is not None else []
        names += ["raw"] if cells.raw is not None else []
        said, shapes = [], []
        for name in [*names, *cells.layers]:
            try:
                matrix = select_matrix(cells, name)
                rows = read_rows(matrix, 0, cells.n_obs)
                assert sample_rows(matrix, 6).shape[1] == len(matrix.var) == rows.shape[1]
                shapes.append((name, rows.toarray().shape, float(np.nansum(rows.sum(axis=0)))))
            except PathloreError as error:
                said.append(str(error))
        return ("refused", said[0]) if said else ("taken", repr(shapes))
    except Exception as error:
        ours = user_error(error)
        return ("refused", str(ours)) if ours is not None else ("traceback", traceback.format_exc())


class Reader:
    """One process that reads; a new one after each that died."""

    def __init__(self) -> None:
        self.pool = self._pool()

    def _pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    def read(self, path: Path, backed: bool = True, limit: float = 60) -> tuple[str, str]:
        """Do as `read_everything`; ``killed`` where the process ended."""
        try:
            return self.pool.submit(read_everything, str(path), backed).result(limit)
        except BrokenProcessPool:
            self.pool = self._pool()
            return "killed", ""

    def close(self) -> None:
        self.pool.shutdown(cancel_futures=True)
