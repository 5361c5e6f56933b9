"""A cohort of simulated cells whose changed paths are known."""

import json
import logging
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from anndata import AnnData
from scipy import sparse

from pathlore.config import SimulationConfig
from pathlore.errors import PathloreError
from pathlore.expression.planting import completed, directions, edge_signs, plant_listed, step_signs
from pathlore.expression.scale import resolve_scale
from pathlore.keys import Kind

logger = logging.getLogger(__name__)

AXIS_COLUMNS = ["ligand", "receptor", "sender", "receiver", "path"]


@dataclass(frozen=True)
class Truth:
    """The changes of a simulated cohort; paths and edges are genes joined by '>'.

    Attributes
    ----------
    planted_paths
        Paths of the list all of whose genes are shifted in the cases of the receiving population.
    decoy_genes, decoy_edges, hubs
        Single genes, connected pairs, and the genes of the most listed paths that are shifted as much; no listed path
        but a planted one lies wholly on shifted genes.
    unexpressed_path
        A listed path whose genes are silent in both classes.
    axes
        Table ligand, receptor, sender, receiver, path: the ligand goes up in the cases of the sending population alone.
    shift
        Population -> gene -> log2 fold change of cases against controls.
    """

    planted_paths: list[str]
    decoy_genes: list[str]
    decoy_edges: list[str]
    hubs: list[str]
    unexpressed_path: str
    axes: pd.DataFrame
    shift: dict[str, dict[str, float]]

    def to_uns(self) -> dict[str, Any]:
        """Slots of ``AnnData.uns`` that an h5ad file can hold."""
        rows = [(population, gene, fold) for population, folds in self.shift.items() for gene, fold in folds.items()]
        shift = pd.DataFrame(rows, columns=["population", "gene", "log2_fold_change"])
        return vars(self) | {"shift": shift.astype({"log2_fold_change": float})}


def simulation_truth(cells: AnnData) -> dict[str, Any]:
    """Read the truth of simulated cells, drawn or read from a file, as plain lists, texts and numbers for JSON.

    Returns
    -------
    The slots of `Truth`, ``axes`` as a list of mappings, and ``simulation``, the parameters.

    Raises
    ------
    PathloreError
        The cells hold no truth.
    """
    if "planted_paths" not in cells.uns or "simulation" not in cells.uns:
        raise PathloreError(
            f"the truth of a simulation was expected in uns, which holds {sorted(cells.uns)}: the cells must come from "
            "`simulate_cells` (environment `simulated`)"
        )
    shift: dict[str, dict[str, float]] = {}
    for row in cells.uns["shift"].itertuples():
        shift.setdefault(str(row.population), {})[str(row.gene)] = float(row.log2_fold_change)
    names = ("planted_paths", "decoy_genes", "decoy_edges", "hubs")
    return {
        **{name: [str(value) for value in cells.uns[name]] for name in names},
        "unexpressed_path": str(cells.uns["unexpressed_path"]),
        "axes": [{name: str(row[name]) for name in AXIS_COLUMNS} for _, row in cells.uns["axes"].iterrows()],
        "shift": shift,
        "simulation": json.loads(str(cells.uns["simulation"])),
    }


LEAST_DECOYS = 0.5
"""Fraction of the wanted decoys of each kind that a list must offer: how many it does changes with the network."""

Candidate = tuple[tuple[str, ...], list[int]]
"""Connected genes that may be shifted, and the signs of the steps between them."""


def draw_truth(network: pd.DataFrame, paths: pd.DataFrame, config: SimulationConfig, rng: np.random.Generator) -> Truth:
    r"""Draw what is changed.

    The absolute log2 fold change of a shifted gene is ``effect`` x U(0.6, 1.4), its direction that of
    `pathlore.expression.planting.directions`. Where two planted paths share a gene, the first decides; the second
    takes its direction from there. A decoy, of whatever kind, is passed over if with it a listed path that is not
    planted would lie wholly on shifted genes. Where fewer than wanted can be shifted, those are, and a warning says so.

    Parameters
    ----------
    network
        ``source``, ``target``, ``kind`` and, if known, ``sign``; with the ligands of the receptors.
    paths
        The list, as `pathlore.schemas.SignalingPaths`.
    config
        How many of each kind.
    rng
        Source of randomness.

    Raises
    ------
    PathloreError
        The list or the network has too few paths, ligands, or less than half of the decoys of a kind.
    """
    listed = [tuple(path.split(">")) for path in paths["path"]]
    signs = edge_signs(network)
    planted = plant_listed(paths, config, rng)
    sign: dict[str, int] = {}  # of each gene shifted in the receiver
    for path in planted:
        sign |= directions(path, config.signs, step_signs(path, signs), rng, sign)
    axes = _axes(network, planted, sign, config, rng)
    silent = _silent(listed, set(sign) | set(axes["ligand"]), rng)
    free = {gene for path in listed for gene in path} - set(sign) - set(axes["ligand"]) - set(silent)
    n_decoys = math.floor(config.decoy_genes_per_planted * len(sign) + 0.5)

    def add(candidates: list[Candidate], wanted: int, what: str, change: str) -> list[str]:
        """Shift the first candidates that are free and complete no listed path."""
        taken: list[str] = []
        for genes, steps in candidates:
            if len(taken) == wanted:
                break
            if free.issuperset(genes) and not completed(listed, set(sign) | set(genes), planted):
                sign.update(directions(genes, config.signs, steps, rng))
                free.difference_update(genes)
                taken.append(">".join(genes))
        if len(taken) < wanted:
            said = (
                f"{len(taken)} {what} can be shifted without completing one of the {len(listed)} listed paths, "
                f"{wanted} wanted"
            )
            if len(taken) < LEAST_DECOYS * wanted:
                raise PathloreError(f"{said}: lower `{change}` or raise `graph_construction.paths.max_paths`")
            logger.warning("Simulated cohort, seed %d: %s", config.seed, said)
        return taken

    count = pd.Series([gene for path in listed for gene in path]).value_counts()
    by_count = sorted(count.index, key=lambda gene: (-count[gene], gene))
    hubs = add([((gene,), []) for gene in by_count], config.n_hubs, "hubs", "n_hubs")
    steps = {
        step: [sign] for path in listed for step, sign in zip(pairwise(path), step_signs(path, signs), strict=True)
    }
    pairs = sorted(steps.items())
    shuffled = [pairs[place] for place in rng.permutation(len(pairs))]
    decoy_edges = add(shuffled, config.n_decoy_edges, "decoy edges", "n_decoy_edges")
    others: list[Candidate] = [((str(gene),), []) for gene in rng.permutation(sorted(free))]
    decoy_genes = add(others, n_decoys, "decoy genes", "decoy_genes_per_planted")
    receiver, *rest = config.populations
    shift: dict[str, dict[str, float]] = {population: {} for population in config.populations}
    shift[receiver] = _folds(sign, config, rng)
    if rest:
        shift[rest[0]] = _folds(dict.fromkeys(axes["ligand"], 1), config, rng)
    return Truth([">".join(path) for path in planted], decoy_genes, decoy_edges, hubs, ">".join(silent), axes, shift)


def _folds(sign: dict[str, int], config: SimulationConfig, rng: np.random.Generator) -> dict[str, float]:
    """Log2 fold change of each gene with a sign."""
    sizes = config.effect * rng.uniform(0.6, 1.4, len(sign))
    return {gene: direction * float(size) for (gene, direction), size in zip(sign.items(), sizes, strict=True)}


def _axes(
    network: pd.DataFrame,
    planted: list[tuple[str, ...]],
    sign: dict[str, int],
    config: SimulationConfig,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """One ligand for the receptors of some planted paths, those that go up first; no ligand is itself on one."""
    edges = network[(network["kind"] == Kind.LIGAND_RECEPTOR) & ~network["source"].isin(sign)]
    order = sorted(rng.permutation(len(planted)), key=lambda place: -sign[planted[place][0]])
    rows: list[tuple[str, ...]] = []
    for place in order:
        receptor = planted[place][0]
        ligands = sorted(set(edges.loc[edges["target"] == receptor, "source"]) - {row[0] for row in rows})
        if len(rows) < config.n_axes and ligands and receptor not in {row[1] for row in rows}:
            ends = config.populations[1], config.populations[0]
            rows.append((str(rng.choice(ligands)), receptor, *ends, ">".join(planted[place])))
    if len(rows) < config.n_axes:
        raise PathloreError(
            f"{len(rows)} of {len(planted)} planted paths begin at a receptor with a ligand of its own that is on no "
            f"planted path, {config.n_axes} wanted: lower `n_axes` or raise `n_planted`"
        )
    return pd.DataFrame(rows, columns=AXIS_COLUMNS)


def _silent(listed: list[tuple[str, ...]], taken: set[str], rng: np.random.Generator) -> tuple[str, ...]:
    """Draw a path off the taken genes, among the quarter that shares genes with the fewest other paths."""
    free = [path for path in listed if taken.isdisjoint(path)]
    if not free:
        raise PathloreError(
            f"each of the {len(listed)} listed paths shares a gene with a planted one, a path without was expected to "
            "stay silent: lower `n_planted` or raise `graph_construction.paths.max_paths`"
        )
    others = [sum(not set(path).isdisjoint(other) for other in listed) for path in free]
    rare = np.argsort(others, kind="stable")[: math.ceil(len(free) / 4)]
    return free[int(rng.choice(rare))]


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
    `pathlore.expression.simulate.Truth` and ``simulation``, the parameters as JSON.

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
