"""Cases in which nothing is to be learned, or every path alike: what a method makes of them is its own doing."""

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.special import logit

from pathlore.errors import PathloreError
from pathlore.expression.statistics import gene_statistics
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.keys import Split
from pathlore.study.case import Case
from pathlore.training.data import CellSet

LEVEL = 1.0
"""Expression of every gene in a control cell of the deterministic case, log1p; each further class adds 1."""
NOISE = 0.01
"""Standard deviation of a gene within a class of the deterministic case, log1p."""
NUMBERS = ("mean", "sd", "fraction_expressed", "log_fold_change")
"""What a graph's entities say of the training cells."""


def permuted_labels(data: dict[str, CellSet], seed: int, *, by_donor: bool) -> dict[str, CellSet]:
    """Shuffle the labels of the training and of the validation cells; those of the test cells stay.

    Each set keeps its number of units of each class, so that a method can be fitted as before. A method that finds the
    true labels of the test cells all the same has seen them.

    Parameters
    ----------
    data
        `CellSet` of train, validation and test.
    seed
        Of the draws.
    by_donor
        True: the unit is what the label belongs to. Where every donor of a set has one label, whole donors change
        places, so that what the cells of a donor have in common stays beside one label; where a donor has several
        (treated and untreated), cells change places within their donor. False: cells change places within their set.
        Cells without a known donor change places among themselves.
    """
    rng = np.random.default_rng(seed)
    shuffle = _shuffled_by_donor if by_donor else _shuffled_cells
    return {
        split: replace(cells, labels=shuffle(cells, rng)) if split in (Split.TRAIN, Split.VALIDATION) else cells
        for split, cells in data.items()
    }


def permuted_case(case: Case, seed: int) -> Case:
    """The case with permuted labels, and all that was computed from labels anew.

    Donors change places where the sets were made of whole donors; cells within their donor where a donor has several
    labels; else cells within their set: one donor for each class leaves no other permutation than the exchange of both.

    The graph's entities carry the log fold change of the training cells, which the prior and other methods read; with
    the true labels' it would leak. Topology, paths and texts stay: of the labels they know only which genes pass the
    filter, which asks for a share of one class.

    Parameters
    ----------
    case
        The case as it is.
    seed
        Of the draws.
    """
    train = case.data[Split.TRAIN]
    several = len(set(zip(train.donors, train.labels.tolist(), strict=True))) > len(set(train.donors))
    data = permuted_labels(case.data, seed, by_donor=case.split_by == "donor" or several)
    return replace(case, data=data, graph=_described(case.graph, data[Split.TRAIN], case.class_names))


def deterministic_case(case: Case, seed: int) -> Case:
    r"""The case with deterministic inputs: in every cell, every gene says the class, and nothing else.

    .. math:: x_{cg} = 1 + y_c + \varepsilon_{cg}, \qquad \varepsilon_{cg} \sim \mathrm{N}(0, 0.01^2)

    The noise is there so that a standard deviation within the classes exists. All genes, and so all paths, predict
    alike; whatever a method prefers among them comes from its random start or from the shape of the graph (hubs,
    lengths, texts), and fits with several seeds tell the two apart: `corrected`. The signs of the steps count as not
    known here, since a path that inhibits halfway would cancel itself if all of its genes rise.

    Parameters
    ----------
    case
        The case as it is; of its expression nothing is left.
    seed
        Of the noise.

    Source: Esser-Skala and Fortelny 2023 (10.1038/s41540-023-00310-8).
    """
    rng = np.random.default_rng(seed)
    data = {split: _deterministic(cells, rng) for split, cells in case.data.items()}
    unsigned = replace(
        case.graph,
        associations=case.graph.associations.assign(sign=0),
        paths=case.graph.paths.assign(sign=0),
    )
    return replace(case, data=data, graph=_described(unsigned, data[Split.TRAIN], case.class_names))


def corrected(importance: np.ndarray, null_importances: np.ndarray) -> np.ndarray:
    r"""How far the importance of each path lies above what the shape of the network alone gives it.

    .. math:: z_p = \frac{\mathrm{logit}\, I_p - \overline{\mathrm{logit}\, I^0_p}}{s_p + \mathrm{median}_q\, s_q}

    I^0: importances in deterministic cases, s their standard deviation over the fits. The difference is taken on the
    logit scale because that is where the scores M are trained: near 0 and 1 a difference of I itself is bound to be
    small. It is divided by the spread because a path whose importance the null leaves open is not surprising if it
    differs; the median keeps a path whose few null fits happen to agree from coming first (as in SAM, Tusher 2001).

    Parameters
    ----------
    importance
        (P,) I of the fit, between 0 and 1.
    null_importances
        (n, P) I of n fits of deterministic cases, with different seeds; NaN where a fit's list lacks a path.

    Returns
    -------
    (P,); 0: as the null, higher: more than the shape explains.

    Raises
    ------
    PathloreError
        Fewer than two null fits of a path, or other paths.
    """
    null = np.asarray(null_importances, dtype=np.float64)
    known = (~np.isnan(null)).sum(axis=0)
    if null.ndim != 2 or null.shape[1] != len(importance) or known.min(initial=2) < 2:
        raise PathloreError(
            f"null importances of shape {null.shape} for {len(importance)} paths: expected two fits or more of the "
            "deterministic case that list each path"
        )
    scores, null_scores = _logit(importance), _logit(null)
    spread = np.nanstd(null_scores, axis=0, ddof=1)
    scale = spread + np.median(spread)
    difference = scores - np.nanmean(null_scores, axis=0)
    return np.divide(difference, scale, out=np.zeros_like(difference), where=scale > 0)


def _shuffled_cells(cells: CellSet, rng: np.random.Generator) -> np.ndarray:
    return rng.permutation(cells.labels)


def _shuffled_by_donor(cells: CellSet, rng: np.random.Generator) -> np.ndarray:
    donors, labels = np.array(cells.donors, dtype=object), cells.labels.copy()
    unknown = np.flatnonzero([donor is None for donor in donors])
    rows = [np.flatnonzero(donors == donor) for donor in dict.fromkeys(donors) if donor is not None]
    if all(len(np.unique(labels[found])) == 1 for found in rows):
        drawn = rng.permutation([cells.labels[found[0]] for found in rows])
        for label, found in zip(drawn, rows, strict=True):
            labels[found] = label
    else:
        for found in rows:
            labels[found] = rng.permutation(cells.labels[found])
    labels[unknown] = rng.permutation(cells.labels[unknown])
    return labels


def _deterministic(cells: CellSet, rng: np.random.Generator) -> CellSet:
    def drawn(shape: tuple[int, int]) -> sparse.csr_matrix:
        x = LEVEL + cells.labels[:, None] + rng.normal(0.0, NOISE, shape)
        return sparse.csr_matrix(x, dtype=np.float32)

    x = drawn(cells.x.shape)
    wide = None if cells.wide is None else replace(cells.wide, x=drawn(cells.wide.x.shape), stored=None)
    return replace(cells, x=x, stored=None, wide=wide)


def _described(graph: TextNumericGraph, train: CellSet, class_names: list[str]) -> TextNumericGraph:
    """The graph with the numbers of these training cells on its entities."""
    table = gene_statistics(train.x, graph.genes, train.labels, class_names, min_fraction=0.0)
    return replace(graph, entities=graph.entities.assign(**{name: table[name].to_numpy() for name in NUMBERS}))


def _logit(importance: np.ndarray) -> np.ndarray:
    """Logit, finite where single precision has rounded to 0 or 1."""
    return logit(np.clip(np.asarray(importance, dtype=np.float64), 1e-6, 1 - 1e-6))
