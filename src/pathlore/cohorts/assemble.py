"""Samples of a series -> one AnnData object."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.cohorts.count_table import read_table
from pathlore.cohorts.matrices import read_matrices
from pathlore.cohorts.samples import Counts, LeftOut, recipe_of
from pathlore.config import CohortConfig, MatricesConfig, RecipeConfig
from pathlore.errors import PathloreError, shorten
from pathlore.keys import Obs
from pathlore.schemas import CohortSamples

if TYPE_CHECKING:
    from pathlore.genes.names import GeneNames

logger = logging.getLogger(__name__)

IDS = "gene_ids"
"""Column of var as Cell Ranger and scanpy call it."""


def join_genes(
    parts: Sequence[Counts], series: str, names: "GeneNames | None" = None
) -> tuple[list[sparse.csr_matrix], pd.DataFrame, int]:
    """Bring the matrices of all samples to the genes that every one of them counts.

    Samples are often counted with different references, in which one gene has different symbols (IL8, CXCL8). They are
    joined by Ensembl id where each sample has ids, else by approved symbol. A gene that only some samples count would
    be silent in the others, and tell references apart, not conditions; it is left out. Several genes of one symbol are
    added up at the end.

    Returns
    -------
    blocks, var, n_left_out
        One matrix (cells, genes) per sample; index: symbol, in the order of the first sample, and, if the samples have
        ids, ``gene_ids``, those of the symbol, ';'-joined; and how many genes only some of the samples count.
    """
    by_id = all((part.genes["id"] != "").mean() > 0.5 for part in parts)  # antibodies and transgenes have none
    keys = [_keys(part, names, by_id=by_id) for part in parts]
    shared = _shared(keys, parts, series)
    symbols = _symbols(parts, keys, shared, names) if by_id else pd.Series(shared, index=shared)
    blocks = [_summed(part.X, key, shared) for part, key in zip(parts, keys, strict=True)]
    unique = pd.Index(symbols.unique())
    blocks = [_summed(block, pd.Index(symbols), unique) for block in blocks]
    var = pd.DataFrame(index=unique.rename(None))
    if by_id:
        ids = pd.Series(shared.where(shared.str.startswith("ENS"), ""), index=symbols.to_numpy())
        var[IDS] = ids.groupby(level=0, sort=False).agg(lambda each: ";".join(filter(None, each))).reindex(unique)
    left_out = set().union(*keys) - set(shared)
    return blocks, var, len(left_out)


def _keys(part: Counts, names: "GeneNames | None", *, by_id: bool) -> pd.Index:
    """What the columns of a sample are joined by."""
    symbols = part.genes["symbol"]
    if by_id:
        return pd.Index(part.genes["id"].where(part.genes["id"] != "", symbols))
    return pd.Index(symbols if names is None else names.approved(symbols))


def _shared(keys: Sequence[pd.Index], parts: Sequence[Counts], series: str) -> pd.Index:
    """Keys of every sample, in the order of the first."""
    shared = keys[0].unique()
    for key, part in zip(keys[1:], parts[1:], strict=True):
        shared = shared[shared.isin(key)]
        if len(shared) < 0.5 * key.nunique():
            raise PathloreError(
                f"{series}: only {len(shared)} genes are counted in {part.sample.name} ({key.nunique()} genes, such "
                f"as {shorten(key[:3])}) and the samples before it (such as {shorten(keys[0][:3])}): "
                "leave the sample out by `cohort.recipe.samples`, or correct `cohort.recipe.layout.members`"
            )
    return shared


def _symbols(
    parts: Sequence[Counts], keys: Sequence[pd.Index], shared: pd.Index, names: "GeneNames | None"
) -> pd.Series:
    """The symbol of each shared id: by the table of names, else as the sample with the most approved symbols has it."""
    found = [pd.Series(part.genes["symbol"].to_numpy(), index=key) for part, key in zip(parts, keys, strict=True)]
    found = [table[~table.index.duplicated()].reindex(shared) for table in found]
    if names is None or not len(names):
        return found[0]
    newest = max(found, key=lambda table: int(table.isin(names.symbols).sum()))
    by_id = names.to_symbols(pd.Series(shared, index=shared), "ensembl")
    return names.approved(by_id.fillna(newest).astype(object))


def _summed(X: sparse.csr_matrix, columns: pd.Index, wanted: pd.Index) -> sparse.csr_matrix:
    """Columns of one name added up, in the order that is wanted; others are left out."""
    codes = wanted.get_indexer(columns)
    at = np.flatnonzero(codes >= 0)
    ones = np.ones(len(at), dtype=np.float32)
    return sparse.csr_matrix(X @ sparse.csr_matrix((ones, (at, codes[at])), shape=(len(columns), len(wanted))))


def assemble_series(
    files: pd.DataFrame, config: CohortConfig, names: "GeneNames | None" = None
) -> tuple[AnnData, pd.DataFrame]:
    """Read the samples of a series and put their cells together.

    Genes are those that were counted in every sample: `pathlore.cohorts.assemble.join_genes`.

    Parameters
    ----------
    files
        `pathlore.schemas.DownloadReport` of the series.
    config
        Recipe, and the bounds on what is read.
    names
        Table of gene names, by which former symbols become approved ones; None: symbols stay as they are.

    Returns
    -------
    ``X`` (cells, genes) CSR float32 counts; ``obs`` sample, donor, condition and, where a table says it, cell_type
    (the empty text where it does not); ``var`` gene_ids, where the
    samples have Ensembl ids; ``uns`` series and citation; and `pathlore.schemas.CohortSamples`, one row per
    sample.

    Raises
    ------
    PathloreError
        A file cannot be read, a sample is missing, has no rule or no condition, or all samples are left out.
    """
    recipe = recipe_of(config)
    paths = {Path(path).name: Path(path) for path in files["file"]}
    absent = [str(path) for path in paths.values() if not path.exists()] + sorted(
        {file.name for file in recipe.files} - paths.keys()
    )
    if absent:
        raise PathloreError(
            f"{recipe.series}: {shorten(absent)} not found: run the whole pipeline (--pipeline cohort), which fetches "
            "what `cohort.recipe.files` names"
        )
    parts: list[Counts] = []
    left_out: list[LeftOut] = []
    for part in _read(paths, recipe, config):
        if isinstance(part, LeftOut):
            left_out.append(part)
            logger.info("%s: %s is left out: %s", recipe.series, part.sample.name, part.sample.leave_out)
            continue
        parts.append(part)
        logger.info(
            "%s: %s, %d of %d barcodes have %d genes, median %d counts",
            recipe.series, part.sample.name, part.X.shape[0], part.n_read, config.min_genes,
            part.median_counts,
        )  # fmt: skip
    if not parts:
        raise PathloreError(
            f"{recipe.series}: no sample is left of {len(left_out)} found in {shorten(paths)}: check "
            "`cohort.recipe.samples` and `cohort.recipe.layout`"
        )
    cells, dropped = _join(parts, recipe, names)
    amounts = ", ".join(f"{name} {n} cells" for name, n in cells.obs[Obs.CONDITION].value_counts().items())
    logger.info(
        "%s: %d cells x %d genes, joined by %s, of %d samples, %d donors (%s); %d genes that only some samples count "
        "are left out, %d samples too",
        recipe.series, cells.n_obs, cells.n_vars, "Ensembl id" if IDS in cells.var else "symbol", len(parts),
        cells.obs[Obs.DONOR].nunique(), amounts, dropped, len(left_out),
    )  # fmt: skip
    return cells, _report(parts, left_out, cells, files)


def _read(paths: Mapping[str, Path], recipe: RecipeConfig, config: CohortConfig) -> Iterator[Counts | LeftOut]:
    layout = recipe.layout
    if isinstance(layout, MatricesConfig):
        return read_matrices(paths, recipe, layout, config)
    return read_table(paths, recipe, layout, config)


def _join(parts: list[Counts], recipe: RecipeConfig, names: "GeneNames | None") -> tuple[AnnData, int]:
    """Cells of all samples under names of their own, and how many genes only some samples count."""
    blocks, var, n_left_out = join_genes(parts, recipe.series, names)
    tables = []
    for part in parts:
        table = pd.DataFrame(index=[f"{part.sample.name}:{barcode}" for barcode in part.cells.index])
        table["sample"] = part.sample.name
        for column, otherwise in ((Obs.DONOR, part.sample.donor), (Obs.CONDITION, part.sample.condition)):
            table[column] = part.cells[column].to_numpy() if column in part.cells else otherwise
        written = part.cells[Obs.CELL_TYPE].to_numpy() if Obs.CELL_TYPE in part.cells else ""
        table[Obs.CELL_TYPE] = written
        tables.append(table)
    obs = pd.concat(tables)
    obs[Obs.CELL_TYPE] = obs[Obs.CELL_TYPE].replace(recipe.cell_types)
    unsaid = obs[obs[Obs.CONDITION] == ""]["sample"].unique()
    if len(unsaid):
        raise PathloreError(
            f"{recipe.series}: the condition of {shorten(unsaid)} is not said: give it in `cohort.recipe.samples`"
        )
    if obs.index.has_duplicates:
        twice = obs.index[obs.index.duplicated()][:3]
        raise PathloreError(
            f"{recipe.series}: {int(obs.index.duplicated().sum())} cells are there twice, such as {shorten(twice)}, "
            "each once was expected: correct the group `sample` of the patterns in `cohort.recipe.samples`"
        )
    for column in ("sample", Obs.DONOR, Obs.CONDITION):
        obs[column] = obs[column].astype("category")
    uns = {"series": recipe.series, "citation": recipe.citation}
    return AnnData(X=sparse.vstack(blocks, format="csr"), obs=obs, var=var, uns=uns), n_left_out


def _report(parts: list[Counts], left_out: list[LeftOut], cells: AnnData, files: pd.DataFrame) -> pd.DataFrame:
    """One row per sample, those left out at the end."""
    sums = {Path(row.file).name: row.sha256 for row in files.itertuples()}
    rows = []
    for part in parts:
        said = cells.obs[cells.obs["sample"] == part.sample.name]
        donors, conditions = (";".join(sorted(said[name].unique())) for name in (Obs.DONOR, Obs.CONDITION))
        rows.append(
            (part.sample.name, donors, conditions, part.n_read, part.X.shape[0], part.genes["symbol"].nunique(),
             part.median_counts, part.file, sums[part.file], "")
        )  # fmt: skip
    rows += [
        (out.sample.name, out.sample.donor, out.sample.condition, 0, 0, 0, 0.0, out.file, sums[out.file],
         out.sample.leave_out)
        for out in left_out
    ]  # fmt: skip
    return CohortSamples.validate(pd.DataFrame(rows, columns=list(CohortSamples.to_schema().columns)))
