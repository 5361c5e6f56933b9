"""What each gene's expression looks like in the training cells, and which genes may enter the graph."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.config import GeneFilterConfig
from pathlore.errors import PathloreError, shorten
from pathlore.keys import Obs, Split
from pathlore.schemas import GeneStatistics

logger = logging.getLogger(__name__)

BLOCK_CELLS = 4096
RARER, CHANCE = 10, 0.01
"""A gene is absent from a class if one that is rarer by this factor would be missed there by less than this chance."""
SEVERAL, LESS_COMMON = 3, 0.4
"""With so many silent genes, those count too that are this fraction as common."""
LEVEL, ENOUGH = 0.002, 3.0
"""A gene at this fraction of its level elsewhere would be found in so many cells: regulation alone does not hide it."""


def training_statistics(
    cells: AnnData, splits: pd.DataFrame, config: GeneFilterConfig, class_names: Sequence[str]
) -> pd.DataFrame:
    """`population_statistics` of one population."""
    return population_statistics(cells, {"": splits}, config, class_names)[""]


def population_statistics(
    cells: AnnData, splits: Mapping[str, pd.DataFrame], config: GeneFilterConfig, class_names: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Statistics of the genes over the training cells of each population; other cells are never looked at.

    The cells, in memory or on disk, are read once for all populations, by blocks.

    Parameters
    ----------
    cells
        Prepared cells, X log(1 + normalised).
    splits
        Table :class:`~pathlore.schemas.Splits` of each population.
    config
        The bounds for ``passes``.
    class_names
        Names of the classes in the order of the labels.

    Raises
    ------
    PathloreError
        A training cell is not among ``cells``, a class has no training cell, or no gene passes.
    """
    labels, sums = {}, {}
    for name, table in splits.items():
        train = table[table[Obs.SPLIT] == Split.TRAIN]
        rows = cells.obs_names.get_indexer(train[Obs.CELL])
        if (rows < 0).any():
            raise PathloreError(
                f"{(rows < 0).sum()} of {len(rows)} training cells are not among the prepared cells: `splits` is of "
                "another run, run the ingestion pipeline again"
            )
        sums[name] = _Sums(train[Obs.LABEL].to_numpy(), len(class_names), cells.n_vars)
        labels[name] = np.full(cells.n_obs, -1)
        labels[name][rows] = train[Obs.LABEL]
    for start in range(0, cells.n_obs, BLOCK_CELLS):
        block = sparse.csr_matrix(cells.X[start : start + BLOCK_CELLS])
        for name, own in labels.items():
            inside = own[start : start + BLOCK_CELLS]
            sums[name].add(block[inside >= 0], inside[inside >= 0])
    return {name: _judged(one, cells.var_names, config, class_names) for name, one in sums.items()}


def _judged(sums: "_Sums", genes: pd.Index, config: GeneFilterConfig, class_names: Sequence[str]) -> pd.DataFrame:
    table = sums.table(genes, class_names, config.min_fraction, config.silent_fraction)
    if not table["passes"].any():
        raise PathloreError(
            f"none of {len(table)} genes is expressed in {config.min_fraction:.0%} of the training cells of a class: "
            "lower `ingestion.gene_filter.min_fraction`"
        )
    logger.info(
        "%d of %d genes are expressed in %.3g %% of a class' training cells or more (%d cells)",
        table["passes"].sum(),
        len(table),
        100 * config.min_fraction,
        sums.sizes.sum(),
    )
    return table


def gene_statistics(
    X_train: sparse.csr_matrix,
    genes: Sequence[str] | pd.Index,
    labels: np.ndarray,
    class_names: Sequence[str],
    *,
    min_fraction: float,
    silent_fraction: float | None = None,
) -> pd.DataFrame:
    r"""Mean, spread, share of expressing cells and fold change of each gene, without making X dense.

    .. math:: \mathrm{lfc}_g(c) = \log_2\bigl(\overline{e^{x_g} - 1}^{\,c} + 1\bigr)
              - \log_2\bigl(\overline{e^{x_g} - 1}^{\,\bar c} + 1\bigr)

    The bars are means over the cells of class c and over all other cells, the 1 is one normalised count. With two
    classes c is the second, so that a positive value means **higher in the case**; with more, c is the class of the
    largest absolute value, named in ``log_fold_change_class``.

    Parameters
    ----------
    X_train
        (n, G) log(1 + normalised), training cells alone.
    genes
        (G,) symbols.
    labels
        (n,) class of each cell, 0 .. C - 1.
    class_names
        (C,) names in the order of the labels.
    min_fraction
        A gene passes if at least this share of the cells of one class or more expresses it and it varies.
    silent_fraction
        Nor does a gene that is silent in a class and common in another, see `silent_genes`. None: such genes pass.

    Returns
    -------
    Table :class:`~pathlore.schemas.GeneStatistics`; ``sd`` is the population's (division by n).

    Raises
    ------
    PathloreError
        A class has no cell.

    Examples
    --------
    >>> X = sparse.csr_matrix(np.log1p([[0.0, 1.0], [0.0, 1.0], [3.0, 1.0], [3.0, 0.0]]))
    >>> table = gene_statistics(X, ["A", "B"], np.array([0, 0, 1, 1]), ["control", "case"], min_fraction=0.1)
    >>> table["log_fold_change"].round(3).tolist()
    [2.0, -0.415]
    """
    sums = _Sums(labels, len(class_names), X_train.shape[1])
    for start in range(0, X_train.shape[0], BLOCK_CELLS):
        sums.add(X_train[start : start + BLOCK_CELLS], labels[start : start + BLOCK_CELLS])
    return sums.table(genes, class_names, min_fraction, silent_fraction)


class _Sums:
    """What `gene_statistics` needs of the cells that were seen."""

    def __init__(self, labels: np.ndarray, n_classes: int, n_genes: int) -> None:
        self.sizes = np.bincount(labels, minlength=n_classes)  # (C,) cells
        if len(self.sizes) > n_classes or 0 in self.sizes:
            found = ", ".join(f"{n} of class {label}" for label, n in enumerate(self.sizes))
            raise PathloreError(
                f"training cells: {found}; at least one of each of {n_classes} classes was expected: change "
                "`ingestion.split` or `ingestion.cells.classes`"
            )
        self.hits, self.counts = np.zeros((2, n_classes, n_genes))  # cells with a value; sums of expm1
        self.values, self.squares = np.zeros((2, n_genes))
        self.kind = np.dtype(np.float32)

    def add(self, rows: sparse.csr_matrix, labels: np.ndarray) -> None:
        """Add cells, (n, G), of the classes (n,)."""
        shape = len(self.sizes), len(labels)
        member = sparse.csr_matrix((np.ones(len(labels)), (labels, np.arange(len(labels)))), shape)
        self.counts += (member @ rows.expm1()).toarray()
        self.hits += (member @ (rows > 0)).toarray()
        self.kind, values, n_genes = rows.dtype, rows.data.astype(np.float64), len(self.values)
        self.values += np.bincount(rows.indices, values, n_genes)
        self.squares += np.bincount(rows.indices, np.square(values), n_genes)

    def table(
        self, genes: Sequence[str] | pd.Index, class_names: Sequence[str], min_fraction: float, silent: float | None
    ) -> pd.DataFrame:
        """The statistics of all cells that were added."""
        sizes, hits, n = self.sizes, self.hits, self.sizes.sum()
        mean, square = self.values / n, self.squares / n
        sd = np.sqrt(np.maximum(square - np.square(mean), 0.0).astype(self.kind))
        mean = mean.astype(self.kind)
        sd[sd < 1e-6 * (mean + 1e-6)] = 0.0  # rounding: a constant gene
        contrast = _contrast(self.counts, sizes)  # (C, G)
        chosen = np.full(len(mean), 1) if len(sizes) == 2 else np.abs(contrast).argmax(axis=0)
        fractions = hits / sizes[:, None]
        unseen = silent_genes(hits, sizes, genes, silent)
        if unseen.any():
            logger.warning("%s", silent_sentence(unseen, genes, class_names))
        table = pd.DataFrame(
            {
                "gene": np.asarray(genes, dtype=object),
                "mean": mean.astype(np.float64),
                "sd": sd.astype(np.float64),
                "fraction_expressed": hits.sum(axis=0) / n,
                "log_fold_change": contrast[chosen, np.arange(len(chosen))],
                "log_fold_change_class": np.asarray(class_names, dtype=object)[chosen],
                **{f"fraction_expressed_in_{name}": fractions[label] for label, name in enumerate(class_names)},
                "passes": (fractions >= min_fraction).any(axis=0) & (sd > 0) & ~unseen.any(axis=0),
            }
        )
        return GeneStatistics.validate(table)


def silent_genes(
    hits: np.ndarray, sizes: np.ndarray, genes: Sequence[str] | pd.Index, fraction: float | None
) -> np.ndarray:
    """Find the genes that a class cannot have shown: no cell expresses them, though they are common in another class.

    A reference without these genes looks so, and so does a gene that was knocked out; either tells the classes apart
    without biology. In few cells a gene that is strongly regulated looks so too, as those of interferon do. So a gene
    counts only if the class would have shown it in three cells at a five-hundredth of its level elsewhere; or if it is
    mitochondrial and no such gene was found in the class, since every cell expresses them. With several such genes,
    those that are less common are of the same kind.

    Parameters
    ----------
    hits
        (C, G) cells of each class that express each gene.
    sizes
        (C,) cells.
    genes
        (G,) symbols.
    fraction
        Of the cells of another class, from which a gene is common there. None: no gene is.

    Returns
    -------
    (C, G) bool: the gene is silent in that class.

    Examples
    --------
    >>> hits = np.array([[4000, 0, 3], [5000, 9000, 0]])
    >>> silent_genes(hits, np.array([10_000, 10_000]), ["A", "B", "C"], 0.5).tolist()
    [[False, True, False], [False, False, False]]
    >>> silent_genes(hits // 100, np.array([100, 100]), ["A", "B", "C"], 0.5).any()
    np.False_
    """
    silent = unseen_genes(hits, sizes, fraction)
    if fraction is None:
        return silent
    mitochondrial = np.array([str(gene).upper().startswith("MT-") for gene in genes], dtype=bool)
    elsewhere = _elsewhere(hits, sizes)
    expected = -np.log1p(-elsewhere) * sizes[:, None]  # counts, of a Poisson law, at the level elsewhere
    for label, found in enumerate(silent):
        none = hits[label] == 0
        genome = (found & mitochondrial).any() and none[mitochondrial].all()
        found &= LEVEL * expected[label] >= ENOUGH
        if genome:
            found |= mitochondrial & (elsewhere[label] > 0)
        if found.sum() >= SEVERAL:
            found |= none & (elsewhere[label] >= LESS_COMMON * fraction)
    return silent


def unseen_genes(hits: np.ndarray, sizes: np.ndarray, fraction: float | None) -> np.ndarray:
    """Find the genes that no cell of a class expresses though they are common in another, for whatever reason.

    Parameters and result are those of `silent_genes`. In few cells a gene that is ten times rarer could be missed:
    there none is found.
    """
    if fraction is None:
        return np.zeros(hits.shape, dtype=bool)
    elsewhere = _elsewhere(hits, sizes)
    seen_if_rarer = (1 - elsewhere / RARER) ** sizes[:, None] < CHANCE
    return (hits == 0) & (elsewhere >= fraction) & seen_if_rarer


def _elsewhere(hits: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Greatest fraction of the cells of another class that express each gene, (C, G), below 1."""
    fractions = np.minimum(hits / np.maximum(sizes, 1)[:, None], 1 - 0.5 / np.maximum(sizes, 1)[:, None])
    return np.array([np.delete(fractions, label, axis=0).max(axis=0, initial=0) for label in range(len(sizes))])


def silent_sentence(silent: np.ndarray, genes: Sequence[str] | pd.Index, class_names: Sequence[str]) -> str:
    """Name the genes that are silent in each class, in one sentence."""
    names = np.asarray(genes, dtype=object)
    parts = [
        f"{row.sum()} genes are silent in every sample of '{name}' and common elsewhere ({shorten(names[row], 6)})"
        for name, row in zip(class_names, silent, strict=True)
        if row.any()
    ]
    return (
        "; ".join(parts) + ": another reference, a filter or a knock-out separates the classes there, not biology. "
        "They are left out of paths, baselines and all branches (`ingestion.gene_filter.silent_fraction`)"
    )


def _contrast(sums: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Log2 fold change of each class against all others, (C, G)."""
    inside = sums / sizes[:, None]
    outside = (sums.sum(axis=0) - sums) / (sizes.sum() - sizes)[:, None]
    return np.log2(inside + 1) - np.log2(np.maximum(outside, 0) + 1)
