"""What a user knows of the genes' changes, in whatever form, as one table genes x signatures."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError, shorten
from pathlore.genes.columns import canonical
from pathlore.genes.identifiers import describe
from pathlore.genes.mapping import map_human, map_mouse
from pathlore.genes.names import GeneNames
from pathlore.keys import Mapped

logger = logging.getLogger(__name__)

GENE_COLUMNS = ("gene", "names", "symbol", "gene_symbol", "gene_name", "hgnc_symbol", "gene_id")
STATISTIC_COLUMNS = (
    *("stat", "t", "scores", "score", "effect", "wald"),
    *("logfc", "log2foldchange", "logfoldchanges", "avg_log2fc", "avg_logfc", "log2fc"),
)
P_COLUMNS = (
    *("p", "pval", "pvalue", "p_value", "p.value", "p_val", "pvals", "padj", "fdr"),
    *("adj.p.val", "p_val_adj", "pvals_adj", "qval", "q_value"),
)
"""Beside one of these, a table with genes in its index is one of differential expression."""

SIGNATURE_COLUMNS = ("signature", "contrast", "group", "population")

SELECTED = 0.25
"""A list whose values all exceed this share of their median was cut at a threshold: other genes count as unchanged."""

LOWEST = 0.05
"""Share of the values that may lie nearer to zero."""

FEW = 100
"""Fewer genes are a list too: among so few, no typical gene is found."""

LEAST_KNOWN = 10
"""Known symbols among the columns, and none in the index, by which a table lies on its side."""

ONE_SIGNATURE = "effects"

Effects: TypeAlias = pd.Series | pd.DataFrame | Mapping[str, float] | Iterable[str]
"""Gene -> signed statistic; or genes x signatures; or a table of differential expression; or names of genes."""


@dataclass(frozen=True)
class GeneEffects:
    """Signed statistics of human genes.

    Attributes
    ----------
    table
        Genes (approved symbols) x signatures; NaN where a gene was not measured.
    selected
        (signatures,) bool: the list holds selected genes alone, all other genes count as unchanged.
    several
        Whether the user gave several signatures, so that results name them.
    """

    table: pd.DataFrame
    selected: np.ndarray
    several: bool


def read_effects(effects: Effects, names: GeneNames, orthologs: pd.DataFrame | None = None) -> GeneEffects:
    """Read effects in any of the forms of `Effects`, and bring the genes to approved human symbols.

    Aliases, former symbols, Ensembl and Entrez ids are understood as far as ``names`` knows them. Symbols of the mouse
    are mapped by ``orthologs``; without such a table, by their letters (Stat1 -> STAT1), which a warning says. Of
    several values of one gene the largest in size counts; infinite ones count as the largest finite one.

    Parameters
    ----------
    effects
        A Series or mapping gene -> statistic; a DataFrame with genes in its index and one column per signature; a
        DataFrame with a column ``gene`` (or ``names``, ``symbol``) and a column ``stat`` (or ``t``, ``scores``,
        ``logFC``, ...), perhaps with a column ``signature`` (or ``group``); or names of genes, which count +1.
    names
        Approved symbols and other names.
    orthologs
        ``mouse``, ``human``, perhaps ``mouse_ensembl`` and ``mouse_entrez``.

    Raises
    ------
    PathloreError
        The form is not understood, values are no numbers, or no gene has a value.
    """
    table, several = _as_table(_upright(effects, names) if isinstance(effects, pd.DataFrame) else effects)
    if table.empty or not np.isfinite(table.to_numpy()).any():
        raise PathloreError(
            f"no finite statistic is among the effects ({table.shape[0]} genes, {table.shape[1]} signature(s)); "
            "expected a signed number for each gene: check `effects`"
        )
    table = _finite(table)
    symbols = _symbols(pd.Series(table.index.map(str), dtype=object), names, orthologs)
    known = symbols.notna().to_numpy()
    values = _largest(table[known].set_axis(symbols[known], axis=0))
    if values.empty:
        raise PathloreError(
            f"none of {len(table)} gene names could be understood (such as {shorten(table.index, 3)}); expected human "
            "gene symbols: give a table of names as `gene_names`, or of mouse genes as `orthologs`"
        )
    return GeneEffects(values, np.array([is_selected(values[name]) for name in values]), several)


def is_selected(values: pd.Series) -> bool:
    """Whether these are selected genes alone: no value lies near zero, as many of a transcriptome do, or few are there.

    Examples
    --------
    >>> is_selected(pd.Series([2.1, -3.0] * 99)), is_selected(pd.Series([0.01, -0.4, 0.2, 3.0] * 99))
    (True, False)
    """
    sizes = values.dropna().abs()
    return len(sizes) < FEW or bool(sizes.quantile(LOWEST) > SELECTED * sizes.median())


def _as_table(effects: Effects) -> tuple[pd.DataFrame, bool]:
    """Genes x signatures, names as given."""
    if isinstance(effects, pd.DataFrame):
        return _from_frame(effects)
    if isinstance(effects, str) or not isinstance(effects, Mapping | pd.Series | Iterable):
        raise PathloreError(
            f"`effects` is of type {type(effects).__name__}; expected a Series or DataFrame of signed statistics, or "
            "names of genes"
        )
    if not isinstance(effects, Mapping | pd.Series):
        genes = list(dict.fromkeys(effects))
        if not all(isinstance(gene, str) for gene in genes):
            raise PathloreError(
                f"`effects` holds {shorten(genes, 3)} without names of genes; expected a Series gene -> statistic"
            )
        effects = pd.Series(1.0, index=genes)
    series = pd.Series(effects)
    if len(series) and isinstance(series.index, pd.RangeIndex):
        raise PathloreError(
            f"the {len(series)} effects have row numbers for names; expected genes: set the index to gene symbols"
        )
    return _numbers(series.to_frame(ONE_SIGNATURE)), False


def _upright(frame: pd.DataFrame, names: GeneNames) -> pd.DataFrame:
    """Genes x signatures, also where signatures x genes are given, as activity tools take them.

    Raises
    ------
    PathloreError
        Two columns have one name.
    """
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()].unique()
        raise PathloreError(f"`effects` has several columns named {shorten(twice)}; expected one for each signature")
    columns = frame.columns.astype(str).isin(names.symbols).sum()
    if columns < LEAST_KNOWN or frame.index.astype(str).isin(names.symbols).any():
        return frame
    logger.warning(
        "The effects have %d gene symbols as columns and none in the index: taken as signatures x genes", columns
    )
    return frame.T


def _from_frame(frame: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """A table of differential expression, or genes x signatures."""
    gene = _column(frame, GENE_COLUMNS, numeric=False)
    if gene is None:
        texts = [str(name) for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
        if texts or isinstance(frame.index, pd.RangeIndex):
            found = f"the columns {shorten(frame.columns, 8)}" + (
                f", of which {shorten(texts)} hold text" * bool(texts)
            )
            raise PathloreError(
                f"`effects` has {found}; expected genes in the index and numbers in all columns, or columns gene and "
                "stat: name the columns so"
            )
        statistic = _column(frame, STATISTIC_COLUMNS)
        if statistic is not None and _column(frame, P_COLUMNS) is not None:
            return _numbers(frame[[statistic]].set_axis([ONE_SIGNATURE], axis=1)), False
        return _numbers(frame.rename(columns=str)), frame.shape[1] > 1
    statistic = _column(frame, STATISTIC_COLUMNS)
    if statistic is None:
        raise PathloreError(
            f"`effects` has the columns {shorten(frame.columns, 10)}; expected a signed statistic named stat, t, "
            "scores or logFC beside the genes: name the column so"
        )
    signature = _column(frame, SIGNATURE_COLUMNS, numeric=False)
    rows = frame[frame[gene].notna() & (frame[gene].astype(str).str.strip() != "")]
    if signature is None:
        return _numbers(rows.set_index(gene)[[statistic]].set_axis([ONE_SIGNATURE], axis=1)), False
    parts = {
        str(name): _largest(_numbers(group.set_index(gene)[[statistic]].set_axis([str(name)], axis=1)))
        for name, group in rows.groupby(signature, observed=True)
    }
    return pd.concat(list(parts.values()), axis=1), True


def _column(frame: pd.DataFrame, names: tuple[str, ...], *, numeric: bool | None = None) -> object | None:
    """First of the names that a table has, in any letters; where asked, as a column of numbers or of none."""
    present = {canonical(name): name for name in reversed(frame.columns)}
    for name in names:
        if name in present and (numeric is None or pd.api.types.is_numeric_dtype(frame[present[name]]) == numeric):
            found: object = present[name]
            return found
    return None


def _numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Values as numbers; what is no number is refused, what is missing stays so."""
    numbers = table.apply(pd.to_numeric, errors="coerce").astype(float)
    wrong = numbers.isna() & table.notna()
    if wrong.to_numpy().any():
        value = table.to_numpy()[wrong.to_numpy()][0]
        raise PathloreError(f"the effects hold the value '{value}', a number is expected: check `effects`")
    return numbers


def _finite(table: pd.DataFrame) -> pd.DataFrame:
    """Infinite statistics as the largest finite one of their signature."""
    finite = table.where(np.isfinite(table))
    largest = finite.abs().max().fillna(1.0)
    return table.clip(lower=-largest, upper=largest, axis=1)


def _largest(table: pd.DataFrame) -> pd.DataFrame:
    """One row per gene: of several values the one that is largest in size."""
    table = table[~table.isna().all(axis=1)]
    if table.index.is_unique:
        return table
    columns = {}
    for name in table:
        ordered = table[name].dropna()
        ordered = ordered.iloc[np.argsort(-ordered.abs().to_numpy(), kind="stable")]
        columns[name] = ordered[~ordered.index.duplicated()]
    return pd.DataFrame(columns).reindex(table.index.unique())


def _symbols(given: pd.Series, names: GeneNames, orthologs: pd.DataFrame | None) -> pd.Series:
    """Approved human symbol of each name; None: lost."""
    distinct = given.drop_duplicates()
    genes = describe(distinct.str.strip())
    like_mouse = int((genes["species"] == "mouse").sum()) > int((genes["species"] == "human").sum())
    if like_mouse and orthologs is not None and len(orthologs):
        mapped = map_mouse(genes, orthologs, names)
    else:
        if like_mouse:
            genes = genes.assign(id=genes["id"].str.upper())
            logger.warning(
                "The %d genes look like those of the mouse and are taken for the human genes of the same letters; give "
                "pairs of genes as `orthologs` to map them",
                len(genes),
            )
        mapped = map_human(genes, names)
    lost = mapped["symbol"].isna()
    ids = (genes["kind"] != "symbol") & lost
    if ids.sum() > len(genes) / 2:
        raise PathloreError(
            f"{ids.sum()} of {len(genes)} gene names are ids that the table of names does not know (such as "
            f"{shorten(distinct[ids], 3)}); expected human gene symbols: give a table with their symbols as "
            "`gene_names`, or of mouse genes as `orthologs`"
        )
    n_other = int((~mapped["how"].isin([Mapped.SYMBOL, Mapped.AS_GIVEN])).sum() - lost.sum())
    logger.info("Effects: %d gene names, %d by another name than the symbol, %d lost", len(genes), n_other, lost.sum())
    return given.map(dict(zip(distinct, mapped["symbol"], strict=True)))
