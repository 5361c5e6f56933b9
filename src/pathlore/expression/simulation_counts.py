"""Counts before anything is changed in them: drawn, or those of real cells."""

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.config import SimulationConfig
from pathlore.errors import PathloreError


def _effects(obs: pd.DataFrame, n_genes: int, config: SimulationConfig, rng: np.random.Generator) -> np.ndarray:
    """Sum of donor, population and batch effects on the log mean, (cells, G)."""
    total = np.zeros((len(obs), n_genes))
    for column, sd in (("donor", config.donor_sd), ("cell_type", config.population_sd), ("batch", config.batch_sd)):
        codes = obs[column].cat.codes.to_numpy()
        total += rng.normal(0, sd, (codes.max() + 1, n_genes))[codes]
    return total


def drawn_counts(obs: pd.DataFrame, n_genes: int, config: SimulationConfig, rng: np.random.Generator) -> np.ndarray:
    """Negative binomial counts with dropout, (cells, G)."""
    share = np.exp(rng.normal(0, config.gene_sd, n_genes) + _effects(obs, n_genes, config, rng))
    library = config.counts_per_gene * n_genes * rng.lognormal(0, config.library_sd, len(obs))
    mu = library[:, None] * share / share.sum(axis=1, keepdims=True)
    counts = rng.poisson(rng.gamma(1 / config.dispersion, mu * config.dispersion))
    return counts * (rng.random(mu.shape) >= config.dropout / (1 + mu))


def real_counts(
    background: AnnData, obs: pd.DataFrame, config: SimulationConfig, rng: np.random.Generator
) -> np.ndarray:
    """Counts of real cells with the effects thinned in, (cells, G)."""
    if background.n_obs < len(obs):
        raise PathloreError(
            f"the background has {background.n_obs} cells, {len(obs)} are drawn ({2 * config.donors_per_class} donors "
            f"x {len(config.populations)} populations x {config.cells_per_donor}): lower `cells_per_donor` to "
            f"{background.n_obs * config.cells_per_donor // len(obs)}"
        )
    rows = rng.choice(background.n_obs, len(obs), replace=False)
    counts = sparse.csr_matrix(background.X)[rows].toarray().astype(np.int64)
    effects = _effects(obs, counts.shape[1], config, rng)
    return rng.binomial(counts, np.exp(effects - effects.max(axis=0)))
