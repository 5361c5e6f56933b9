"""Cells of one population over the graph's genes, one bundle per split; sparse, in memory or on disk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.errors import PathloreError, shorten
from pathlore.expression.design import term_columns
from pathlore.expression.streaming import SparseRows, SparseWriter, is_mapped, scratch_folder
from pathlore.keys import Obs, Split
from pathlore.training.checkpoint import fingerprint

CELLS_PER_BLOCK = 2048
"""Cells that are read from a file, or made dense, at a time."""

STREAMS: dict[str, dict[str, SparseRows]] = {}
"""What was streamed of which file, cells and genes: the steps of a run read a large file once. Emptied at its end."""


class _Stored:
    """Cells whose matrix ``x`` may map files, ``stored``."""

    stored: SparseRows | None

    def __getstate__(self) -> dict[str, Any]:
        """What is sent to another process: of streamed cells, where they lie."""
        return vars(self) | ({"x": None} if self.stored else {})

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Open the files anew."""
        vars(self).update(state)
        if self.stored:
            vars(self)["x"] = self.stored.open()


@dataclass(frozen=True)
class WideCells(_Stored):
    """The same cells over more genes than those of the graph.

    Attributes
    ----------
    genes
        W names.
    x
        (n, W) CSR float32, as `CellSet.x`.
    stored
        The files that ``x`` maps, if it does.
    """

    genes: list[str]
    x: sparse.csr_matrix
    stored: SparseRows | None = None


@dataclass(frozen=True)
class Terms:
    """What besides the class moves the genes of the cells: batch and covariates, coded as numbers.

    Attributes
    ----------
    names
        k names, see `pathlore.expression.design.design_terms`.
    numbers
        (n, k).
    """

    names: list[str]
    numbers: np.ndarray


@dataclass(frozen=True)
class CellSet(_Stored):
    """The cells of one split.

    Attributes
    ----------
    x
        (n, G) CSR float32 log1p-normalised expression, genes in the order of the graph. Its arrays are maps of files
        where the cells are streamed; `blocks` makes a few rows dense at a time. Of `cells_to_sum` a `RowsOfFile`.
    labels
        (n,) int64 class indices.
    cells
        n cell names.
    donors
        n donor names, None where not known.
    stored
        The files that ``x`` maps, if it does; another process opens them for itself.
    wide
        The same cells over the genes of the wide branch; None: there are none.
    terms
        Batch and covariates of the design; None: none is named.
    contrast
        What the classes are compared with, see `pathlore.training.path_statistics.contrasts`.
    """

    x: sparse.csr_matrix
    labels: np.ndarray
    cells: list[str]
    donors: list[str | None]
    stored: SparseRows | None = None
    wide: WideCells | None = None
    terms: Terms | None = None
    contrast: str = "others"

    def __len__(self) -> int:
        return len(self.cells)


def blocks(x: sparse.csr_matrix | np.ndarray, size: int = CELLS_PER_BLOCK) -> Iterator[np.ndarray]:
    """Rows of a matrix in their order, so many at a time, as dense float32 (rows, G)."""
    for start in range(0, x.shape[0], size):
        yield dense(x[start : start + size])


def dense(rows: sparse.csr_matrix | np.ndarray) -> np.ndarray:
    """A few rows as a dense float32 array of their own."""
    values = np.array(rows) if isinstance(rows, np.ndarray) else rows.toarray()
    return np.ascontiguousarray(values, dtype=np.float32)


def cell_sets(
    cells: AnnData,
    splits: pd.DataFrame,
    genes: Sequence[str],
    scratch: str | None = None,
    wide: Sequence[str] = (),
) -> dict[str, CellSet]:
    """Cut a population's cells into its splits, sparse, over the graph's genes alone.

    Cells whose matrix lies on disk (``backed="r"``, a lazily opened zarr store, or a map of a file) stay there: their
    rows are read once, in the order of the file, and what concerns the graph's genes is written to uncompressed files,
    from which the system serves any row without holding all of them. These files serve all steps of a run and are
    removed at its end, see `STREAMS`; those of a zarr store or a map when the cells are used no longer.

    Parameters
    ----------
    cells
        Log1p-normalised, sparse; in memory or on disk.
    splits
        `pathlore.schemas.Splits` of one population.
    genes
        The G genes of its graph.
    scratch
        Folder for the files of streamed cells; None: the system's folder of temporary files.
    wide
        Genes that the wide branch reads; without any, the cells have no ``wide``.

    Returns
    -------
    One `CellSet` for each of train, validation and test.

    Raises
    ------
    PathloreError
        A gene of the graph or a cell of the splits is not in ``cells``: the inputs belong to different runs.
    """
    parts = [list(genes), list(wide)] if len(wide) else [list(genes)]
    columns = [cells.var_names.get_indexer(names) for names in parts]
    for names, places in zip(parts, columns, strict=True):
        if (places < 0).any():
            absent = [gene for gene, place in zip(names, places, strict=True) if place < 0]
            raise PathloreError(
                f"{len(absent)} gene(s) of the graph are not in `cells` ({shorten(absent)}): run ingestion"
            )
    members, rows = _members(cells, splits)
    stored: list[dict[str, SparseRows]] | list[dict[str, None]]
    if isinstance(cells.X, np.ndarray) or (sparse.issparse(cells.X) and not is_mapped(cells.X)):
        stored = [dict.fromkeys(members) for _ in parts]
        whole = {split: cells.X[found] for split, found in rows.items()}
        x = [{split: _columns(part, places) for split, part in whole.items()} for places in columns]
    else:
        stored = _streamed(cells, rows, columns, scratch)
        x = [{split: part.open() for split, part in own.items()} for own in stored]
    found = _described(cells, members, x[0], stored[0])
    if not len(wide):
        return found
    beside = {split: WideCells(list(wide), x[1][split], stored[1][split]) for split in members}
    return {split: replace(part, wide=beside[split]) for split, part in found.items()}


@dataclass(frozen=True)
class RowsOfFile:
    """Some rows of a matrix of all measured genes that is left where it is, in memory or on disk.

    Attributes
    ----------
    matrix
        (all cells, genes).
    rows
        (n,) their places, in any order.
    """

    matrix: Any
    rows: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows), self.matrix.shape[1]


def cells_to_sum(cells: AnnData, splits: pd.DataFrame) -> dict[str, CellSet]:
    """A population's cells by split over all measured genes, which are not copied: for sums over donors alone.

    Their ``x`` is a `RowsOfFile`, which `pathlore.training.replicates` reads once, in the order of the file.
    """
    members, rows = _members(cells, splits)
    return _described(cells, members, {split: RowsOfFile(cells.X, found) for split, found in rows.items()}, {})


def _members(cells: AnnData, splits: pd.DataFrame) -> tuple[dict[str, pd.DataFrame], dict[str, np.ndarray]]:
    """Rows of the table of splits, and places of their cells, by split."""
    members = {split: splits[splits[Obs.SPLIT] == split] for split in Split.ALL}
    rows = {split: cells.obs_names.get_indexer(table[Obs.CELL]) for split, table in members.items()}
    unknown = sum(int((found < 0).sum()) for found in rows.values())
    if unknown:
        raise PathloreError(f"{unknown} cell(s) of `splits` are not in `cells`: run ingestion again")
    return members, rows


def _described(
    cells: AnnData, members: dict[str, pd.DataFrame], x: Mapping[str, Any], stored: Mapping[str, SparseRows | None]
) -> dict[str, CellSet]:
    terms = {split: term_columns(table) for split, table in members.items()}
    return {
        split: CellSet(
            x[split],
            table[Obs.LABEL].to_numpy(dtype=np.int64),
            list(table[Obs.CELL]),
            [donor if isinstance(donor, str) else None for donor in table[Obs.DONOR]],
            stored.get(split),
            terms=Terms(terms[split], table[terms[split]].to_numpy(dtype=float)) if terms[split] else None,
            contrast=str(cells.uns.get("pathlore", {}).get("contrast", "others")),
        )
        for split, table in members.items()
    }


def subset(cells: CellSet, rows: np.ndarray) -> CellSet:
    """Some of the cells, by a mask (n,) or by places, in memory."""
    places = np.flatnonzero(rows) if rows.dtype == bool else rows
    wide, terms = cells.wide, cells.terms
    return CellSet(
        cells.x[places],
        cells.labels[places],
        [cells.cells[i] for i in places],
        [cells.donors[i] for i in places],
        wide=None if wide is None else WideCells(wide.genes, wide.x[places]),
        terms=None if terms is None else Terms(terms.names, terms.numbers[places]),
        contrast=cells.contrast,
    )


def over_wide_genes(cells: CellSet) -> CellSet:
    """The same cells with the genes of the wide branch in place of the graph's; as they are where there are none."""
    wide = cells.wide
    return cells if wide is None else replace(cells, x=wide.x, stored=wide.stored, wide=None)


def wide_genes(genes: Sequence[str], statistics: pd.DataFrame, number: int) -> list[str]:
    """The graph's genes, then the others among those that vary most in the training cells.

    Parameters
    ----------
    genes
        Of the graph.
    statistics
        `pathlore.schemas.GeneStatistics`; genes that do not pass, such as those silent in a class, are left out.
    number
        Of the most variable genes.
    """
    passing = statistics[statistics["passes"]].sort_values(["sd", "gene"], ascending=[False, True])
    in_graph = set(genes)
    return [*genes, *(gene for gene in passing["gene"].head(number) if gene not in in_graph)]


def class_ranks(labels: np.ndarray, classes: int) -> np.ndarray:
    """Place of each class in the order in which the cells show them, (C,).

    Cells are sorted by name, so that this order does not hang on which class is called the control: what is drawn at
    random for a class is drawn in this order, and a run with the classes exchanged mirrors the first.

    Examples
    --------
    >>> class_ranks(np.array([1, 1, 0, 1, 2]), 3).tolist()
    [1, 0, 2]
    """
    first = np.full(classes, len(labels))
    seen, where = np.unique(labels, return_index=True)
    first[seen] = where
    return np.argsort(np.argsort(first, kind="stable"), kind="stable")


def class_names(splits: pd.DataFrame) -> list[str]:
    """Names of the classes, by label."""
    pairs = splits[[Obs.LABEL, Obs.CONDITION]].drop_duplicates().sort_values(Obs.LABEL)
    return list(pairs[Obs.CONDITION])


def _columns(rows: Any, columns: np.ndarray) -> sparse.csr_matrix:
    """Some columns of a matrix as CSR float32 of its own, in one form whatever it comes from."""
    chosen = sparse.csr_matrix(sparse.csr_matrix(rows)[:, columns], dtype=np.float32)
    chosen.sort_indices()
    return chosen


def _streamed(
    cells: AnnData, rows: dict[str, np.ndarray], columns: list[np.ndarray], scratch: str | None
) -> list[dict[str, SparseRows]]:
    """Write the rows of each split to disk, once for each set of columns, or take what was written before."""
    file = Path(cells.filename) if cells.filename else None
    state = f"{file} {file.stat().st_mtime_ns} {file.stat().st_size} " if file else ""
    digests = [fingerprint([state], [places, *rows.values()]) for places in columns]
    missing = [i for i, digest in enumerate(digests) if digest not in STREAMS]
    written = _stream(cells, rows, [columns[i] for i in missing], scratch) if missing else []
    found = {digests[i]: own for i, own in zip(missing, written, strict=True)}
    if file:
        STREAMS.update(found)
    return [found[digest] if digest in found else STREAMS[digest] for digest in digests]


def _stream(
    cells: AnnData, rows: dict[str, np.ndarray], columns: list[np.ndarray], scratch: str | None
) -> list[dict[str, SparseRows]]:
    """Write the rows of each split to disk, in one pass over the file."""
    folders = [scratch_folder(scratch) for _ in columns]
    sorted_rows = {split: np.sort(found) for split, found in rows.items()}
    writers = [
        {split: SparseWriter(folder, split, len(places)) for split in rows}
        for folder, places in zip(folders, columns, strict=True)
    ]
    for start in range(0, cells.n_obs, CELLS_PER_BLOCK):
        stop = min(start + CELLS_PER_BLOCK, cells.n_obs)
        inside = {split: found[slice(*np.searchsorted(found, [start, stop]))] for split, found in sorted_rows.items()}
        if any(len(found) for found in inside.values()):
            read = sparse.csr_matrix(in_memory(cells.X[start:stop]))
            for places, own in zip(columns, writers, strict=True):
                block = _columns(read, places)
                for split, found in inside.items():
                    own[split].add(block[found - start])
    result = []
    for folder, own in zip(folders, writers, strict=True):
        stored = {split: writer.close() for split, writer in own.items()}
        for split, found in rows.items():
            if not np.array_equal(found, sorted_rows[split]):  # the cells have another order than in the file
                stored[split] = _reorder(stored[split], np.searchsorted(sorted_rows[split], found), folder, split)
        result.append(stored)
    return result


def _reorder(stored: SparseRows, order: np.ndarray, folder: Any, split: str) -> SparseRows:
    matrix = stored.open()
    writer = SparseWriter(folder, f"{split}_in_order", matrix.shape[1])
    for start in range(0, len(order), CELLS_PER_BLOCK):
        writer.add(matrix[order[start : start + CELLS_PER_BLOCK]])
    stored.remove()
    return writer.close()


def in_memory(rows: Any) -> Any:
    """Rows of a file as an array; a lazy zarr store gives dask arrays."""
    return rows.compute() if hasattr(rows, "compute") else rows
