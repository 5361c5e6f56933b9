"""What is to change in a simulated cohort, and what only looks as if it were changed."""

import logging
import math
from itertools import pairwise

import numpy as np
import pandas as pd

from pathlore.config import SimulationConfig
from pathlore.errors import PathloreError
from pathlore.expression.directions import directions, edge_signs, step_signs
from pathlore.expression.planting import completed, plant_listed
from pathlore.expression.simulation_truth import AXIS_COLUMNS, Truth
from pathlore.keys import Kind

logger = logging.getLogger(__name__)

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
