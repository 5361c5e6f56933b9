"""Typed paths chosen in a network, or in a list, to carry an invented effect, and what the cells keep of them."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
from anndata import AnnData

from pathlore.config import PopulationConfig, SimulationConfig
from pathlore.errors import PathloreError
from pathlore.expression.populations import populations
from pathlore.keys import Kind, Obs


def directions(
    genes: Sequence[str],
    mode: str,
    steps: Sequence[int],
    rng: np.random.Generator,
    decided: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Draw the direction in which each gene of a path or of a pair is shifted, +1 up or -1 down in the case.

    Parameters
    ----------
    genes
        Connected genes, in order.
    mode
        ``coherent``: one direction for all; ``edges``: each gene's is the one before times the sign of the step, an
        unknown sign counts as +1; ``random``: each gene's own.
    steps
        Sign of each step, as `step_signs` gives them.
    rng
        Source of randomness.
    decided
        Directions that stand already: they stay, and the others follow the first of them.
    """
    decided = decided or {}
    if mode == "random":
        drawn = rng.choice([-1, 1], len(genes))
    else:
        factors = [sign if mode == "edges" else 1 for sign in steps]
        drawn = np.cumprod([int(rng.choice([-1, 1])), *factors])
        for gene, sign in zip(genes, drawn, strict=True):
            if gene in decided:
                drawn = drawn * sign * decided[gene]
                break
    return {gene: decided.get(gene, int(sign)) for gene, sign in zip(genes, drawn, strict=True)}


def step_signs(genes: Sequence[str], signs: Mapping[tuple[str, str, str], int]) -> list[int]:
    """Sign of each step of a path, of which the last is transcription factor -> target; +1 where it is not known."""
    kinds = [Kind.SIGNALING] * (len(genes) - 2) + [Kind.TF_TARGET]
    return [signs[a, b, kind] or 1 for a, b, kind in zip(genes, genes[1:], kinds, strict=False)]


def edge_signs(network: pd.DataFrame) -> dict[tuple[str, str, str], int]:
    """Sign of each association, 0 where it is not known."""
    keys = zip(network["source"], network["target"], network["kind"], strict=True)
    signs = network["sign"].fillna(0) if "sign" in network else [0] * len(network)
    return {key: int(sign) for key, sign in zip(keys, signs, strict=True)}


LARGE_PATHWAY = 4
"""Listed paths of a pathway that is large enough to carry a theme."""

MAX_STEPS = 4
"""Steps from receptor to transcription factor, at most."""


class PlantedPath(NamedTuple):
    """A path receptor -> (signal)* -> TF -> target and the direction in which each gene is shifted in the case."""

    genes: tuple[str, ...]  # (L,)
    signs: tuple[int, ...]  # (L,) +1 up, -1 down


def plant_paths(network: pd.DataFrame, n_planted: int, rng: np.random.Generator) -> list[PlantedPath]:
    """Choose paths that share no gene, each the shortest from its receptor to its transcription factor.

    The genes between the two are neither receptors nor transcription factors. The receptor's direction is drawn; each
    next gene's is the one before times the sign of the step (an unknown sign counts as +1).

    Parameters
    ----------
    network
        ``source``, ``target``, ``kind`` and, if signs are known, ``sign``.
    n_planted
        Number of paths.
    rng
        Source of randomness.

    Raises
    ------
    PathloreError
        The network has fewer such paths.
    """
    signs = edge_signs(network)
    signaling = network[network["kind"] == Kind.SIGNALING]
    receptors = set(network.loc[network["kind"] == Kind.LIGAND_RECEPTOR, "target"])
    regulation = network[network["kind"] == Kind.TF_TARGET]
    targets = {tf: sorted(group) for tf, group in regulation.groupby("source")["target"]}
    free = nx.DiGraph(
        (a, b)
        for a, b in sorted(zip(signaling["source"], signaling["target"], strict=True))
        if b not in receptors and (a in receptors or a not in targets)
    )
    planted: list[PlantedPath] = []
    for receptor in rng.permutation(np.array(sorted(receptors), dtype=object)):
        if len(planted) == n_planted:
            break
        ways = nx.single_source_shortest_path(free, receptor, cutoff=MAX_STEPS) if receptor in free else {}
        ends = sorted(gene for gene in ways if gene in targets and gene != receptor)
        if not ends:
            continue
        route = tuple(ways[rng.choice(ends)])
        taken = {gene for path in planted for gene in path.genes} | set(route)
        choices = [gene for gene in targets[route[-1]] if gene not in taken]
        if not choices:
            continue
        genes = (*route, str(rng.choice(choices)))
        drawn = directions(genes, "edges", step_signs(genes, signs), rng)
        planted.append(PlantedPath(genes, tuple(drawn.values())))
        free.remove_nodes_from(genes)
    if len(planted) < n_planted:
        raise PathloreError(
            f"{len(planted)} disjoint paths receptor -> (signal)* -> tf -> target found in a network of "
            f"{len(network)} associations, {n_planted} wanted: lower `n_planted` or give a larger network"
        )
    return planted


def plant_listed(paths: pd.DataFrame, config: SimulationConfig, rng: np.random.Generator) -> list[tuple[str, ...]]:
    """Choose planted paths from a list.

    A path is taken if at most ``max_shared_genes`` of its genes lie on those taken before it, and if no other listed
    path would then lie wholly on planted genes. The share ``theme`` of them comes from few named pathways: these are
    drawn in turn, those with `LARGE_PATHWAY` listed paths or more before the others, and each gives all it can before
    the next. The rest comes from all paths.

    Parameters
    ----------
    paths
        ``path`` and ``pathway`` as in `pathlore.schemas.SignalingPaths`.
    config
        ``n_planted``, ``max_shared_genes`` and ``theme``.
    rng
        Source of randomness.

    Returns
    -------
    Genes of each path, ``n_planted`` of them.

    Raises
    ------
    PathloreError
        The list has fewer such paths.
    """
    listed = [tuple(path.split(">")) for path in paths["path"]]
    n_themed = round(config.theme * config.n_planted)
    chosen: list[tuple[str, ...]] = []
    themed = _themed(paths, rng) if n_themed else []
    for wanted, order in ((n_themed, themed), (config.n_planted, rng.permutation(len(listed)))):
        for place in order:
            if len(chosen) == wanted:
                break
            path = listed[place]
            taken = {gene for other in chosen for gene in other}
            if path in chosen or len(taken & set(path)) > config.max_shared_genes:
                continue
            if not completed(listed, taken | set(path), [*chosen, path]):
                chosen.append(path)
        if len(chosen) < wanted:
            pool, change = ("named pathways", ", `theme`") if wanted == n_themed else ("list", "")
            raise PathloreError(
                f"{len(chosen)} of the {len(listed)} listed paths can be planted from the {pool} so that each shares "
                f"at most {config.max_shared_genes} genes with those before it, {wanted} wanted: lower `n_planted`"
                f"{change} or raise `max_shared_genes`"
            )
    return chosen


def completed(
    listed: Sequence[tuple[str, ...]], changed: set[str], planted: Sequence[tuple[str, ...]]
) -> list[tuple[str, ...]]:
    """Find the listed paths that are not planted and yet lie wholly on changed genes."""
    return [path for path in listed if changed.issuperset(path) and path not in planted]


def _themed(paths: pd.DataFrame, rng: np.random.Generator) -> list[int]:
    """Places of the paths with a named pathway, pathway by pathway."""
    pathway = paths["pathway"].reset_index(drop=True).dropna()
    sizes = pathway.value_counts().sort_index()
    if sizes.empty:
        return []
    large = sizes.index[sizes >= LARGE_PATHWAY]
    names = [*rng.permutation(large), *rng.permutation(sizes.index.difference(large))]
    return [int(place) for name in names for place in rng.permutation(pathway.index[pathway == name])]


PATHS, CELL_TYPE = "planted_paths", "planted_in"


def planted_slots(raw: AnnData) -> dict[str, object]:
    """Read from raw cells what was planted, for ``uns["pathlore"]`` of the prepared ones; empty for real cells.

    Returns
    -------
    ``planted_paths``, genes joined by '>', and ``planted_in``, the cell type that carries them; empty: every type.
    """
    if PATHS not in raw.uns:
        return {}
    simulation = json.loads(str(raw.uns["simulation"])) if "simulation" in raw.uns else {}
    return {PATHS: [str(path) for path in raw.uns[PATHS]], CELL_TYPE: str((simulation.get("populations") or [""])[0])}


def planted_truth(cells: AnnData, config: PopulationConfig) -> dict[str, frozenset[str]]:
    """Name the planted paths of each population that holds cells with them.

    Parameters
    ----------
    cells
        As `pathlore.expression.prepare.prepare_cells` makes them.
    config
        Which populations there are.

    Returns
    -------
    Population -> planted paths; empty for real cells.
    """
    slots = cells.uns.get("pathlore", {})
    if PATHS not in slots:
        return {}
    truth = frozenset(str(path) for path in slots[PATHS])
    kind = str(slots[CELL_TYPE])
    types = cells.obs[Obs.CELL_TYPE]
    groups = populations(cells.obs, config)
    return {name: truth for name, members in groups.items() if not kind or (types.loc[members] == kind).any()}
