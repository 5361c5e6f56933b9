"""One table of counts for all cells, and perhaps one with what is known of each."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from pathlore.cohorts.samples import Counts, LeftOut, check_expected, counts_of, named_condition, named_genes, sample_of
from pathlore.config import CohortConfig, CountTableConfig, RecipeConfig
from pathlore.errors import PathloreError, shorten
from pathlore.keys import Obs
from pathlore.missing import known_texts

logger = logging.getLogger(__name__)

ROWS_AT_ONCE = 500


def read_table(
    files: Mapping[str, Path], recipe: RecipeConfig, layout: CountTableConfig, config: CohortConfig
) -> Iterator[Counts | LeftOut]:
    """Read a table of counts, a block of rows at a time, and deal its cells to their samples.

    The sample of a cell is what the rules of the recipe find in its name.

    Parameters
    ----------
    files
        Name -> path.

    Yields
    ------
    Samples in the order in which their first cells stand in the table.

    Raises
    ------
    PathloreError
        A file is no such table, a column or the cells of the covariates are missing, a sample is missing or has no
        rule, or a condition is not known.
    """
    X, genes, cells = _counts(files[layout.counts], layout)
    told = _covariates(files, layout, cells)
    named = named_genes(pd.Series(genes))
    samples = [sample_of(cell, recipe) for cell in cells]
    names = np.array([sample.name for sample in samples])
    order = dict(zip(names, samples, strict=True))
    check_expected(set(order), recipe, layout.counts)
    for name, sample in order.items():
        if sample.leave_out:
            yield LeftOut(sample, layout.counts)
            continue
        at = np.flatnonzero(names == name)
        known = told.iloc[at]
        if Obs.CONDITION in known:
            renamed = {value: named_condition(value, name, recipe) for value in known[Obs.CONDITION].unique()}
            known = known.assign(**{Obs.CONDITION: known[Obs.CONDITION].map(renamed)})
        yield counts_of(sample, layout.counts, X[at], named, known, config.min_genes)


def _counts(path: Path, layout: CountTableConfig) -> tuple[sparse.csr_matrix, pd.Index, pd.Index]:
    """Cells x genes, genes, cells."""
    blocks, rows, columns = [], [], pd.Index([])
    try:
        with pd.read_csv(path, index_col=0, chunksize=ROWS_AT_ONCE, sep=_separator(path), na_filter=False) as reader:
            for block in reader:
                columns = block.columns
                rows.extend(block.index.astype(str))
                blocks.append(sparse.csr_matrix(block.to_numpy(dtype=np.float32)))
    except (ValueError, EOFError, OSError) as error:
        raise PathloreError(
            f"{path} cannot be read as a table of counts ({' '.join(str(error).split())}): delete it and fetch it "
            "again, or correct `cohort.recipe.layout.counts`"
        ) from error
    if not rows or not len(columns):
        raise PathloreError(
            f"{path} has {len(rows)} rows and {len(columns)} columns of counts, genes and cells were expected: "
            "correct `cohort.recipe.layout.counts`"
        )
    matrix = sparse.vstack(blocks, format="csr")
    if layout.rows == "genes":
        return matrix.T.tocsr(), pd.Index(rows), columns.astype(str)
    return matrix, columns.astype(str), pd.Index(rows)


def _covariates(files: Mapping[str, Path], layout: CountTableConfig, cells: pd.Index) -> pd.DataFrame:
    """What a table says of the cells, under our names; without one, nothing."""
    wanted = {
        name: column
        for name, column in (
            (Obs.DONOR, layout.donor),
            (Obs.CONDITION, layout.condition),
            (Obs.CELL_TYPE, layout.cell_type),
        )
        if column
    }
    if layout.covariates is None:
        if wanted:
            raise PathloreError(
                f"the columns {shorten(wanted.values())} are asked for, but `cohort.recipe.layout.covariates` names no "
                "file that has them"
            )
        return pd.DataFrame(index=cells)
    path = files[layout.covariates]
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, sep=_separator(path))
    except (ValueError, EOFError, OSError) as error:
        raise PathloreError(f"{path} cannot be read as a table ({error}): delete it and fetch it again") from error
    key = layout.cell or table.columns[0]
    absent = {key, *wanted.values()} - set(table.columns)
    if absent:
        raise PathloreError(
            f"{path} has no column {shorten(absent)}, but {shorten(table.columns, 20)}: correct `cohort.recipe.layout`"
        )
    table = table[[key, *wanted.values()]].drop_duplicates()
    twice = table[key][table[key].duplicated()]
    if len(twice):
        raise PathloreError(
            f"{path} says two things of {twice.nunique()} cells, such as {shorten(twice, 2)}; one row for each was "
            "expected: correct the file, or `cohort.recipe.layout.cell`"
        )
    table = table.set_index(key)
    known = cells.isin(table.index)
    if not known.all():
        raise PathloreError(
            f"{path} tells nothing of {int((~known).sum())} of {len(cells)} cells, such as "
            f"{shorten(cells[~known][:2])} (it has cells such as {shorten(table.index[:2])}): correct "
            "`cohort.recipe.layout.cell`"
        )
    told = table.loc[cells, list(wanted.values())].set_axis(list(wanted), axis=1)
    return told.apply(known_texts)


def _separator(path: Path) -> str:
    """What stands between the fields, by the name of the file."""
    return "\t" if {".tsv", ".txt"} & set(path.suffixes) else ","
