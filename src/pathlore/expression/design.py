"""The design of a study: what besides the condition moves genes, as columns of a linear model over donors."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from pathlore.config import CellsConfig
from pathlore.errors import PathloreError, shorten
from pathlore.keys import Obs

TERM = "term "
"""Begins the names of the coded columns."""

BATCH = "batch"

MOST_CODES = 5
"""Different numbers, written as text, that may be codes of a category; more are amounts."""

logger = logging.getLogger(__name__)


def design_terms(obs: pd.DataFrame, config: CellsConfig) -> pd.DataFrame:
    """Code batch and covariates as numbers: a category as one column for each level but the first.

    Parameters
    ----------
    obs
        Of the cells that are used, with the columns that ``config.batch`` and ``config.covariates`` name.
    config
        A covariate is the name of a column (numbers are continuous, anything else is a category), or a term of a
        formula such as ``np.log(age)`` or ``C(site)``. Texts that are all numbers, with more than `MOST_CODES` values,
        are numbers; fewer may be codes, and are categories.

    Returns
    -------
    (cells, k), named ``term <covariate>[level]``; without columns where nothing is named.

    Raises
    ------
    PathloreError
        A column is absent or has missing values, or a term is not understood.
    """
    from formulaic import model_matrix  # type: ignore[import-untyped]
    from formulaic.errors import FormulaicError  # type: ignore[import-untyped]

    named = {BATCH: config.batch} if config.batch else {}
    named |= {term: term for term in config.covariates}
    coded = [pd.DataFrame(index=obs.index)]
    for name, term in named.items():
        parameter = f"ingestion.cells.{BATCH if name == BATCH else 'covariates'}"
        if term in obs.columns:
            values = obs[term].astype(str).where(obs[term].notna()) if name == BATCH else obs[term]
            missing = values.isna() | values.astype(str).isin(config.missing)
            if missing.any():
                raise PathloreError(
                    f"{int(missing.sum())} of {len(obs)} cells have no value in '{term}', one for each cell was "
                    f"expected: fill the column, or take it out of `{parameter}`"
                )
            if name != BATCH:
                values = _numbers(values, term)
            numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
            data = pd.DataFrame({"x": values.astype(float) if numeric else values.astype(str)})
            formula = "x" if numeric else "C(x)"
        elif name == BATCH:
            raise PathloreError(
                f"column '{term}' not found in obs, which has {shorten(obs.columns, 20)}: change `{parameter}`"
            )
        else:
            data, formula = obs, term
        try:
            matrix = pd.DataFrame(model_matrix(f"1 + {formula}", data, na_action="raise")).drop(columns="Intercept")
        except (FormulaicError, ValueError, KeyError, TypeError, NameError, SyntaxError) as error:
            raise PathloreError(
                f"'{term}' is neither a column of obs ({shorten(obs.columns, 20)}) nor a term of a formula "
                f"({' '.join(str(error).split())[:120]}): change `{parameter}`"
            ) from error
        levels = [column.removeprefix("C(x)").removeprefix("x") for column in map(str, matrix.columns)]
        names = [f"{TERM}{name}{level if len(levels) > 1 or level.startswith('[') else ''}" for level in levels]
        coded.append(matrix.astype(float).set_axis(names, axis=1).set_axis(obs.index, axis=0))
    return pd.concat(coded, axis=1)


def _numbers(values: pd.Series, name: str) -> pd.Series:
    """Read texts that are all numbers as such, where there are too many for codes."""
    if pd.api.types.is_numeric_dtype(values):
        return values
    numbers = pd.to_numeric(values.astype(str).str.strip(), errors="coerce")
    if numbers.isna().any() or numbers.nunique() <= MOST_CODES:
        return values
    logger.warning(
        "the covariate '%s' is text that reads as numbers from %g to %g: it is continuous; write C(%s) for categories",
        name, numbers.min(), numbers.max(), name,
    )  # fmt: skip
    return numbers


def term_columns(table: pd.DataFrame) -> list[str]:
    """Names of the coded columns of a table."""
    return [str(name) for name in table.columns if str(name).startswith(TERM)]


def check_design(table: pd.DataFrame, population: str) -> None:
    """Refuse a design in which the condition cannot be told from its other terms.

    Parameters
    ----------
    table
        Label, donor and coded terms of each cell of a population. Donors are the replicates; one with cells of several
        classes is compared with itself.
    population
        Its name.

    Raises
    ------
    PathloreError
        The terms, which it names, explain the condition, or they leave no degree of freedom.
    """
    terms = term_columns(table)
    if not terms:
        return
    known = table[Obs.DONOR].notna()
    rows = table[known].groupby([Obs.DONOR, Obs.LABEL])[terms].mean() if known.any() else table[[Obs.LABEL, *terms]]
    rows = rows.reset_index()
    labels, values = rows[Obs.LABEL].to_numpy(), rows[terms].to_numpy(dtype=float)
    pairs = np.zeros((len(rows), 0))
    if known.any() and rows[Obs.DONOR].duplicated().any():
        pairs = pd.get_dummies(rows[Obs.DONOR]).to_numpy(dtype=float)
    classes = (labels[:, None] == np.unique(labels)[1:]).astype(float)
    nuisance = np.column_stack([np.ones(len(rows)), values, pairs])
    if _rank(np.column_stack([nuisance, classes])) - _rank(nuisance) < classes.shape[1]:
        named = list(dict.fromkeys(_base(term) for term in terms))
        alone = [name for name in named if _explains(values[:, [_base(t) == name for t in terms]], classes)]
        of_donors = [name for name in alone if _rank(values[:, [_base(t) == name for t in terms]]) >= len(rows) - 1]
        if known.any() and of_donors:
            raise PathloreError(
                f"{population}: {of_donors[0]} has a value of its own for each of {len(rows)} donors, so that "
                "nothing is left for the condition, several donors in each were expected: remove it from "
                "`ingestion.cells.batch` or `ingestion.cells.covariates`; what donors differ by is in the variance"
            )
        raise PathloreError(
            f"{population}: the condition and {' and '.join(alone or named)} are confounded: among {len(rows)} "
            f"{'donors' if known.any() else 'cells'} the classes do not differ beyond "
            f"{'it' if len(alone or named) == 1 else 'them'}, so this design cannot be estimated: remove the term from "
            "`ingestion.cells.batch` or `ingestion.cells.covariates`, and read the result as the difference of both"
        )
    if known.any() and len(rows) - _rank(np.column_stack([nuisance, classes])) < 1:
        raise PathloreError(
            f"{population}: {len(rows)} donors and {_rank(nuisance) + classes.shape[1]} terms leave no degree of "
            "freedom for the variance, one or more was expected: remove terms from "
            "`ingestion.cells.covariates` or `ingestion.cells.batch`"
        )


def _explains(values: np.ndarray, classes: np.ndarray) -> bool:
    whole = np.column_stack([np.ones(len(values)), values])
    return _rank(np.column_stack([whole, classes])) - _rank(whole) < classes.shape[1]


def _base(term: str) -> str:
    return term.removeprefix(TERM).partition("[")[0]


def _rank(matrix: np.ndarray) -> int:
    scale = np.abs(matrix).max(axis=0, initial=0)
    return int(np.linalg.matrix_rank(matrix / np.where(scale > 0, scale, 1), tol=1e-8))


def batches(names: Sequence[str], values: np.ndarray) -> list[str] | None:
    """Batch of each replicate, by the coded columns; None: no batch is named. Names k, values (n, k)."""
    own = [name.startswith(f"{TERM}{BATCH}") for name in names]
    return [str(row) for row in values[:, own].round(6).tolist()] if any(own) else None
