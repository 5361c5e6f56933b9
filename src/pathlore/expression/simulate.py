"""A cohort of simulated cells whose changed paths are known."""

import json
import logging

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.config import SimulationConfig
from pathlore.errors import PathloreError
from pathlore.expression.scale import resolve_scale
from pathlore.expression.simulation_changes import draw_truth
from pathlore.expression.simulation_counts import drawn_counts, real_counts
from pathlore.expression.simulation_truth import Truth

logger = logging.getLogger(__name__)

CLASSES = ("control", "case")
SILENT_MEAN = 0.01  # counts per cell, at most, of a gene on the unexpressed path


def simulate_cells(
    network: pd.DataFrame, paths: pd.DataFrame, config: SimulationConfig, background: AnnData | None = None
) -> AnnData:
    r"""Draw the counts of a cohort in which some of the listed paths are changed, and decoys beside them.

    .. math:: k_{cg} \sim \mathrm{Binomial}\bigl(z_{cg}\, n_{cg},\; q_{cg}\bigr), \quad
              n_{cg} \sim \mathrm{NB}(\mu_{cg}, \phi), \quad
              z_{cg} \sim \mathrm{Bernoulli}\Bigl(1 - \frac{\delta}{1 + \mu_{cg}}\Bigr), \quad
              \mu_{cg} = \ell_c \frac{\lambda_{cg}}{\sum_{g'} \lambda_{cg'}}, \quad
              \log \lambda_{cg} = b_g + d_{g,\mathrm{donor}(c)} + t_{g,\mathrm{population}(c)} + a_{g,\mathrm{batch}(c)}

    l: library size of cell c, log-normal; b, d, t, a: base level, donor, population and batch effect of gene g, normal;
    phi: ``dispersion``; delta: ``dropout``, logistic in the log mean. The changes come last, by thinning with chance q:
    a gene of log2 fold change s > 0 is thinned in controls by 2^-s, one of s < 0 in cases by 2^s, so that the mean
    differs by just the fold that was asked for; the genes of the unexpressed path are thinned in all cells to a mean
    of 0.01 counts.

    With real cells as background, n z is a count of a cell that is drawn without replacement and dealt to a donor and
    a population at random; the donor, population and batch effects are then thinned in too, by exp(e - max e) with e
    their sum. Real cells keep their own library sizes and dropout.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`; ``source``, ``target``, ``kind`` and, if known, ``sign`` are read.
    paths
        The list that planted paths are chosen from, as `pathlore.schemas.SignalingPaths`.
    config
        Design, truth and noise.
    background
        Control cells with raw counts in ``X``, genes as symbols; None: counts are drawn.

    Returns
    -------
    ``X`` (cells, G) CSR float32 counts; G: the genes on the listed paths, the ligands of the axes and the genes off
    the network. ``obs`` condition, donor, batch (spread evenly over both classes) and cell_type; ``uns`` the slots of
    `pathlore.expression.simulation_truth.Truth` and ``simulation``, the parameters as JSON.

    Raises
    ------
    PathloreError
        More is asked for than the list, the network or the background have.
    """
    if background is not None:
        measured = set(expressed_genes(background, config))
        off_the_network = measured - set(network["source"]) - set(network["target"])
        paths = paths[[measured.issuperset(path.split(">")) for path in paths["path"]]].reset_index(drop=True)
        network = network[network["source"].isin(measured) & network["target"].isin(measured)]
    rng = np.random.default_rng(config.seed)
    truth = draw_truth(network, paths, config, rng)
    known = sorted({gene for path in paths["path"] for gene in path.split(">")} | set(truth.axes["ligand"]))
    obs = _design(config)
    if background is None:
        genes = [*known, *(f"BACKGROUND{i + 1}" for i in range(config.n_background_genes))]
        counts = drawn_counts(obs, len(genes), config, rng)
    else:
        genes = [*known, *_others(off_the_network, config, rng)]
        counts = real_counts(background[:, genes], obs, config, rng)
    counts = rng.binomial(counts, _silencing(counts, genes, truth))
    counts = rng.binomial(counts, _changes(obs, genes, truth))
    logger.info(
        "Simulated cohort, seed %d: %d cells of %d donors x %d genes; of %d listed paths %d planted (%d genes), "
        "%d decoy genes, %d decoy edges, %d hubs, %d axes",
        config.seed,
        len(obs),
        obs["donor"].nunique(),
        len(genes),
        len(paths),
        len(truth.planted_paths),
        len({gene for path in truth.planted_paths for gene in path.split(">")}),
        len(truth.decoy_genes),
        len(truth.decoy_edges),
        len(truth.hubs),
        len(truth.axes),
    )
    return AnnData(
        X=sparse.csr_matrix(counts, dtype=np.float32),
        obs=obs,
        var=pd.DataFrame(index=genes),
        uns=truth.to_uns() | {"simulation": json.dumps(config.model_dump())},
    )


def expressed_genes(background: AnnData, config: SimulationConfig) -> list[str]:
    """Genes found in at least ``min_fraction`` of the background's cells, from which the listed paths may be made.

    Raises
    ------
    PathloreError
        The values are no raw counts, or a gene occurs twice.
    """
    if resolve_scale(sparse.csr_matrix(background.X), "auto") != "counts":
        raise PathloreError(
            "the background's X is no table of raw counts, whole numbers were expected: give raw counts"
        )
    if not background.var_names.is_unique:
        raise PathloreError("a gene occurs twice in the background: make var_names unique")
    found = np.asarray((background.X > 0).mean(axis=0)).ravel()
    return [str(gene) for gene in background.var_names[found >= config.min_fraction]]


def _design(config: SimulationConfig) -> pd.DataFrame:
    """One row per cell: population by population, donor by donor."""
    donors = np.arange(2 * config.donors_per_class)
    label, number = divmod(donors, config.donors_per_class)
    names = np.array([f"{CLASSES[y]}_{i + 1}" for y, i in zip(label, number, strict=True)])
    batches = np.array([f"batch_{i % config.n_batches + 1}" for i in number])
    donor = np.tile(np.repeat(donors, config.cells_per_donor), len(config.populations))
    population = np.repeat(np.arange(len(config.populations)), len(donors) * config.cells_per_donor)
    return pd.DataFrame(
        {
            "condition": pd.Categorical.from_codes(label[donor], CLASSES),
            "donor": pd.Categorical(names[donor]),
            "batch": pd.Categorical(batches[donor]),
            "cell_type": pd.Categorical.from_codes(population, config.populations),
        },
        index=[f"cell_{i + 1}" for i in range(len(donor))],
    )


def _others(names: set[str], config: SimulationConfig, rng: np.random.Generator) -> list[str]:
    """Draw genes off the network, all where there are fewer than asked for."""
    size = min(config.n_background_genes, len(names))
    return sorted(str(gene) for gene in rng.choice(sorted(names), size, replace=False)) if size else []


def _silencing(counts: np.ndarray, genes: list[str], truth: Truth) -> np.ndarray:
    """Chance of a count to stay that makes the unexpressed path silent, (G,)."""
    silent = np.isin(genes, truth.unexpressed_path.split(">"))
    return np.where(silent, SILENT_MEAN / np.maximum(counts.mean(axis=0), SILENT_MEAN), 1.0)


def _changes(obs: pd.DataFrame, genes: list[str], truth: Truth) -> np.ndarray:
    """Chance of a count to stay that makes the fold changes, (cells, G)."""
    fold = pd.DataFrame(truth.shift).reindex(genes).fillna(0.0)  # (G, populations) log2
    cells = fold[obs["cell_type"].astype(str)].to_numpy().T  # (cells, G)
    case = (obs["condition"] == CLASSES[1]).to_numpy()[:, None]
    return np.exp2(-np.where(case, np.maximum(-cells, 0), np.maximum(cells, 0)))
