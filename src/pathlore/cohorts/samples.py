"""What a recipe says of each sample, and the counts of one."""

import logging
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from pathlore.config import CohortConfig, RecipeConfig
from pathlore.errors import PathloreError, shorten
from pathlore.genes.faults import DATES_ADVICE, is_spreadsheet_date
from pathlore.genes.identifiers import describe
from pathlore.missing import known_texts

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sample:
    """One library of a series."""

    name: str
    donor: str
    condition: str  # as the cells are to say it; empty: the table of covariates says it
    leave_out: str  # the reason; empty: it is used


def recipe_of(config: CohortConfig) -> RecipeConfig:
    """The recipe of the run.

    Raises
    ------
    PathloreError
        There is none.
    """
    if config.recipe is None:
        raise PathloreError(
            "`cohort.recipe` is empty, a published series was expected: choose an environment that names one (--env "
            "cirrhosis, docs/cohorts.md), or write one in conf/<your environment>/parameters.yml"
        )
    return config.recipe


def sample_of(name: str, recipe: RecipeConfig) -> Sample:
    """Say what a recipe knows of a sample by the name that its files, or its cells, bear.

    Parameters
    ----------
    name
        Of a file without its role, such as ``GSM4041150_healthy1_cd45+``, or of a cell of a table.
    recipe
        Rules and corrections.

    Raises
    ------
    PathloreError
        No rule matches, the rule that matches gives no donor, or the condition is not among those of the recipe.
    """
    for rule in recipe.samples:
        match = re.search(rule.pattern, name)
        if match:
            break
    else:
        raise PathloreError(
            f"{recipe.series}: no rule matches {name}, one for each sample was expected: add one to "
            "`cohort.recipe.samples`, with `leave_out` if the sample is not to be used"
        )
    groups = {key: value for key, value in match.groupdict().items() if value}
    sample = groups.get("sample", name)
    correction = recipe.corrections.get(sample)
    corrected = {} if correction is None else {key: value for key, value in correction if value is not None}
    said = {key: value for key, value in rule if value is not None} | groups | corrected
    leave_out = said.get("leave_out", "")
    donor, condition = said.get("donor", ""), said.get("condition", "")
    if leave_out:
        return Sample(sample, donor, recipe.conditions.get(condition, condition), leave_out)
    if not donor:
        raise PathloreError(
            f"{recipe.series}: the donor of {sample} is not said: give the pattern {rule.pattern} of "
            "`cohort.recipe.samples` a group (?P<donor>...), or the sample a line in `cohort.recipe.corrections`"
        )
    return Sample(sample, donor, named_condition(condition, sample, recipe) if condition else "", "")


def named_condition(written: str, sample: str, recipe: RecipeConfig) -> str:
    """A condition, as the cells are to say it.

    Raises
    ------
    PathloreError
        The recipe does not know it.
    """
    if written not in recipe.conditions:
        raise PathloreError(
            f"{recipe.series}: {sample} has the condition '{written}', the recipe knows "
            f"{shorten(recipe.conditions)}: add it to `cohort.recipe.conditions`, or leave the sample out by "
            "`cohort.recipe.samples`"
        )
    return recipe.conditions[written]


def check_expected(found: set[str], recipe: RecipeConfig, places: str) -> None:
    """Refuse a series that lacks a sample.

    Raises
    ------
    PathloreError
        A sample of ``expected`` is not there.
    """
    missing = set(recipe.expected) - found
    if missing:
        raise PathloreError(
            f"{recipe.series}: {len(missing)} of {len(recipe.expected)} samples are missing in {places}: "
            f"{shorten(missing)}; found are {shorten(found) or 'none'}: fetch the file again (delete it, and its line "
            "in checksums.json), or correct `cohort.recipe.expected` or the patterns of `cohort.recipe.samples`"
        )


@dataclass(frozen=True)
class Counts:
    """Counts of the cells of one sample."""

    sample: Sample
    file: str  # where they were read
    X: sparse.csr_matrix  # (cells, genes) float32
    genes: pd.DataFrame  # (genes,) id: of Ensembl, without its version, or the empty text; symbol
    cells: pd.DataFrame  # (cells,) index: barcode; what a table says of them: condition, donor, cell_type
    n_read: int  # barcodes of the matrix

    @property
    def median_counts(self) -> float:
        """Median over the cells of their counts."""
        return float(np.median(np.asarray(self.X.sum(axis=1))))


@dataclass(frozen=True)
class LeftOut:
    """A sample that is not used, and its reason."""

    sample: Sample
    file: str


def counts_of(
    sample: Sample, file: str, X: sparse.csr_matrix, genes: pd.DataFrame, cells: pd.DataFrame, min_genes: int
) -> Counts:
    """Drop empty barcodes.

    Parameters
    ----------
    X
        (barcodes, columns), whole numbers.
    genes
        (columns,) of `named_genes`.
    cells
        (barcodes,)
    min_genes
        Genes with a count that a cell has at least.

    Raises
    ------
    PathloreError
        The shapes differ, the numbers are no counts, or no barcode is left.
    """
    if X.shape != (len(cells), len(genes)):
        raise PathloreError(
            f"{file}: the matrix of {sample.name} is {X.shape[0]} x {X.shape[1]}, but there are {len(cells)} barcodes "
            f"and {len(genes)} genes: fetch the file again, or correct `cohort.recipe.layout`"
        )
    if X.data.size and (X.data.min() < 0 or not np.array_equal(X.data, np.round(X.data))):
        raise PathloreError(
            f"{file}: {sample.name} has values such as {X.data[X.data != np.round(X.data)][:1]}, whole counts were "
            "expected: choose the file with the raw counts in `cohort.recipe.layout`"
        )
    keep = np.flatnonzero(X.getnnz(axis=1) >= max(min_genes, 1))
    if not len(keep):
        raise PathloreError(
            f"{file}: none of the {len(cells)} barcodes of {sample.name} has {min_genes} genes: lower "
            "`cohort.min_genes`, or leave the sample out by `cohort.recipe.samples`"
        )
    kept = sparse.csr_matrix(X[keep].astype(np.float32))
    named = _is_named(genes, file)
    kept, genes = kept[:, named], genes[named].reset_index(drop=True)
    return Counts(sample, file, kept, genes, cells.iloc[keep], len(cells))


def named_genes(ids: pd.Series, symbols: pd.Series | None = None) -> pd.DataFrame:
    """What is known of the columns of a matrix.

    Parameters
    ----------
    ids
        Names of the columns, perhaps Ensembl ids.
    symbols
        Where a file has them besides; None: ``ids`` is all there is.

    Examples
    --------
    >>> named_genes(pd.Series(["ENSG00000141510.18", "TP53"])).to_numpy().tolist()
    [['ENSG00000141510', 'ENSG00000141510'], ['', 'TP53']]
    """
    described = describe(ids.reset_index(drop=True).astype(str))
    ensembl = described["id"].where(described["kind"] == "ensembl", "")
    ids = known_texts(described["id"])
    named = ids if symbols is None else known_texts(symbols.reset_index(drop=True))
    return pd.DataFrame({"id": ensembl, "symbol": named.where(named != "", ids)}, dtype=object)


def _is_named(genes: pd.DataFrame, file: str) -> np.ndarray:
    """Which columns have a gene's name; the others are counted in the log."""
    symbols = genes["symbol"]
    nameless = (symbols == "").to_numpy()
    dates = symbols.map(is_spreadsheet_date).to_numpy(dtype=bool) & (genes["id"] == "").to_numpy()
    if nameless.any():
        logger.warning("%s: %d columns without a gene name (NA) are left out", file, int(nameless.sum()))
    if dates.any():
        logger.warning(
            "%s: %d gene name(s) were made dates by a spreadsheet (%s) and are left out: %s",
            file, int(dates.sum()), shorten(symbols[dates], 4), DATES_ADVICE,
        )  # fmt: skip
    return ~(nameless | dates)
