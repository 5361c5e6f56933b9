"""Invented cells whose truth is known: counts with an effect along chosen paths, and decoys beside them."""

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.errors import PathloreError
from pathlore.expression.planting import plant_paths

CLASSES = ("control", "case")
CELL_TYPES = ("lymphocyte", "myeloid")
N_BACKGROUND = 30
COUNTS_PER_GENE = 8.0  # mean library size / number of genes
GENE_SD = 0.7  # sd of the log base level of a gene
LIBRARY_SD = 0.3  # sd of the log library size of a cell
DONOR_SD = 0.15  # sd of the log effect of a donor on a gene
TYPE_SD = 0.4  # sd of the log effect of a cell type on a gene
DISPERSION = 0.3  # of the negative binomial: variance = mean + dispersion * mean^2


def fabricate_cells(
    network: pd.DataFrame,
    *,
    n_cells: int = 400,
    n_donors_per_class: int = 4,
    n_planted: int = 4,
    effect: float = 1.0,
    seed: int = 0,
) -> AnnData:
    r"""Draw counts for the genes of a network, half of the cells from cases with some paths shifted.

    .. math:: k_{cg} \sim \mathrm{NB}\Bigl(\mu = \ell_c \frac{\lambda_{cg}}{\sum_{g'} \lambda_{cg'}},\; 0.3\Bigr),
              \quad \log \lambda_{cg} = b_g + d_{g,\mathrm{donor}(c)} + t_{g,\mathrm{type}(c)}
              + y_c\, \sigma_g\, \mathrm{effect} \log 2

    l: library size of cell c; b, d, t: base level, donor and cell-type effect of gene g; y: 1 in cases;
    sigma: +1 or -1 for genes on a planted path, following the signs of its steps, and for decoys; 0 for the others.

    Parameters
    ----------
    network
        ``source``, ``target``, ``kind`` and, if known, ``sign``.
    n_cells
        Cells in all, shared out evenly among donors.
    n_donors_per_class
        Donors of each class.
    n_planted
        Paths that carry the effect; they share no gene.
    effect
        Size of the shift, log2 fold change.
    seed
        Seed of every draw.

    Returns
    -------
    ``X`` (n_cells, G + 30) CSR float32, whole numbers; ``obs`` condition, donor, cell_type; ``uns["planted_paths"]``
    (genes joined by '>') and ``uns["decoys"]``, half as many genes as lie on planted paths, that change as much but
    lie on none. Thirty background genes are not on the network.

    Raises
    ------
    PathloreError
        Fewer cells than donors, or the network has not that many paths.
    """
    if n_cells < 2 * n_donors_per_class:
        raise PathloreError(f"{n_cells} cells for {2 * n_donors_per_class} donors: raise `n_cells`")
    rng = np.random.default_rng(seed)
    planted = plant_paths(network, n_planted, rng)
    genes = [*sorted(set(network["source"]) | set(network["target"]))]
    on_path = {gene for path in planted for gene in path.genes}
    others = [gene for gene in genes if gene not in on_path]
    decoys = sorted(str(g) for g in rng.choice(others, size=min(max(2, len(on_path) // 2), len(others)), replace=False))
    genes += [f"BACKGROUND{i + 1}" for i in range(N_BACKGROUND)]
    shift = pd.Series(0.0, index=genes)
    for path in planted:
        shift[list(path.genes)] = np.array(path.signs, dtype=float)
    shift[decoys] = rng.choice([-1.0, 1.0], size=len(decoys))

    donor = np.arange(n_cells) * 2 * n_donors_per_class // n_cells  # (n_cells,) first the control donors
    label = donor // n_donors_per_class
    kind = rng.integers(len(CELL_TYPES), size=n_cells)
    level = (
        rng.normal(0, GENE_SD, len(genes))
        + rng.normal(0, DONOR_SD, (2 * n_donors_per_class, len(genes)))[donor]
        + rng.normal(0, TYPE_SD, (len(CELL_TYPES), len(genes)))[kind]
        + label[:, None] * shift.to_numpy() * effect * np.log(2)
    )  # (n_cells, G) log lambda
    library = COUNTS_PER_GENE * len(genes) * rng.lognormal(0, LIBRARY_SD, n_cells)
    share = np.exp(level)
    mu = library[:, None] * share / share.sum(axis=1, keepdims=True)
    counts = rng.poisson(rng.gamma(1 / DISPERSION, mu * DISPERSION))
    obs = pd.DataFrame(
        {
            "condition": pd.Categorical.from_codes(label, CLASSES),
            "donor": pd.Categorical(
                [f"{CLASSES[y]}_{d % n_donors_per_class + 1}" for y, d in zip(label, donor, strict=True)]
            ),
            "cell_type": pd.Categorical.from_codes(kind, CELL_TYPES),
        },
        index=[f"cell_{i + 1}" for i in range(n_cells)],
    )
    return AnnData(
        X=sparse.csr_matrix(counts, dtype=np.float32),
        obs=obs,
        var=pd.DataFrame(index=genes),
        uns={"planted_paths": [">".join(path.genes) for path in planted], "decoys": decoys},
    )
