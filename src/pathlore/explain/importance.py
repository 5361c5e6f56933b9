"""The ranking of the paths, each with the evidence that a reader needs beside its score."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pandas as pd
import torch

from pathlore.errors import PathloreError, shorten
from pathlore.explain.path_changes import gene_effects, path_directions
from pathlore.graph.text_numeric_graph import TextNumericGraph, path_steps
from pathlore.keys import Split
from pathlore.model import TextNumericGraphTransformer, path_prior
from pathlore.training.batches import activity_blocks
from pathlore.training.data import CellSet
from pathlore.training.paths import path_log_odds
from pathlore.training.replicates import LEAST_CELLS, training_replicates
from pathlore.training.trained_model import TrainedModel

SHARED = 0.5
"""Share of a path's genes that lie on the best path of a family from which on it belongs to that family."""


def families(paths: Sequence[Sequence[str]], order: np.ndarray) -> np.ndarray:
    """Number of each path's family, (P,), 1 for that of the best path.

    In the order given, a path joins the first family with whose best path it shares at least half of its own genes, or
    begins one.

    Parameters
    ----------
    paths
        P lists of genes.
    order
        (P,) positions of the paths, the best first.

    Examples
    --------
    >>> families([["A", "B", "C"], ["A", "B", "D"], ["X", "Y", "C"]], np.array([1, 0, 2])).tolist()
    [1, 1, 2]
    """
    codes, names = pd.factorize(np.array([gene for genes in paths for gene in genes], dtype=object))
    places = np.split(codes, np.cumsum([len(genes) for genes in paths])[:-1])
    best = np.zeros((len(paths), len(names)), dtype=bool)  # genes of each family's best path
    found, count = np.zeros(len(paths), dtype=int), 0
    for place in order:
        genes = np.unique(places[place])
        alike = np.flatnonzero(best[:count, genes].sum(axis=1) >= SHARED * len(genes))
        if not len(alike):
            best[count, genes] = True
            count += 1
        found[place] = alike[0] + 1 if len(alike) else count
    return found


EXPRESSED = 0.05
"""Share of a donor's cells with a count from which on the donor expresses a gene."""

MOST_VALUES = 2**24
"""Activities of test cells, cells x paths x classes, that are ranked at a time (64 MiB, four times that beside it)."""

AFFINITY = {
    "score": "affinity",
    "walk": "affinity_walk",
    "network": "affinity_network",
    "text": "affinity_text",
    "active_in": "affinity_in",
}
"""Column of `pathlore.schemas.ActiveReceptors` -> column of `pathlore.schemas.PathImportance`."""

NOT_YET = ("importance_mean", "importance_sd", "rank_mean", "rank_sd", "selection_frequency", "p", "q", "p_family")
"""What one fit cannot say; filled from refits and from tests over donors where these were run."""


def path_importance(
    model: TrainedModel,
    graph: TextNumericGraph,
    data: dict[str, CellSet],
    prior_mode: str,
    least_cells: int = LEAST_CELLS,
) -> pd.DataFrame:
    """Rank the paths of one population.

    Columns are reported together because they answer different questions: ``importance`` (sigmoid(M_p)) is what
    the model needs given all other paths, ``log_odds`` is what the training cells said of the path as a whole before
    anything was learned, ``activity_auroc`` is how well the path's activity alone tells the classes apart on test
    cells, and ``prior`` is what the fold changes of its genes alone would have said. Whether the receptor was active,
    `with_affinity` adds.

    Parameters
    ----------
    model
        The fit.
    graph
        The graph it was fitted on.
    data
        Cells by split: of all donors, or else of train, come directions, of train the log odds, of test the activity
        AUROC.
    prior_mode
        See `pathlore.model.path_prior`.
    least_cells
        Cells of a class that a donor needs to count for the directions.

    Returns
    -------
    `pathlore.schemas.PathImportance`, best first; equal scores in the order of their paths' names.
    """
    module, prior = model.module(), path_prior(graph, prior_mode)
    changed = gene_effects(data, len(model.class_names), least_cells)
    directions, arrows, comparisons = path_directions(changed, graph, model.class_names)
    table = graph.paths[["path", "route", "receptor", "tf", "target", "sign", "pathway"]].assign(
        importance=model.importance.astype(np.float64),
        log_odds=path_log_odds(training_replicates(data[Split.TRAIN]), graph.path_nodes(), graph.path_signs()),
        prior=prior,
        activity_auroc=activity_auroc(module, data[Split.TEST]),
        direction=directions,
        comparison=comparisons,
        gene_effects=arrows,
        effects_over=changed.over,
        log_fold_change=_per_gene(graph, "log_fold_change", "{:+.2f}"),
        fraction_expressed=_per_gene(graph, "fraction_expressed", "{:.2f}"),
        donors_expressing=donors_expressing(graph, data.values()),
        sources=_sources(graph),
        sentence=graph.paths["text"],
    )
    table["mean_rank"] = table[["importance", "activity_auroc"]].rank().mean(axis=1, skipna=False) / len(table)
    table = table.assign(**dict.fromkeys((*NOT_YET, *AFFINITY.values()), np.nan), refits=0, in_top_10="")
    table["affinity_in"] = ""
    table["prior_rank"] = table.sort_values(["prior", "path"], ascending=[False, True]).assign(
        prior_rank=range(1, len(table) + 1)
    )["prior_rank"]
    table = table.sort_values(["importance", "path"], ascending=[False, True], ignore_index=True)
    table.insert(0, "rank", range(1, len(table) + 1))
    return with_families(table)


def with_affinity(importance: pd.DataFrame, receptors: pd.DataFrame) -> pd.DataFrame:
    """Set beside each path how well the activity of its receptor explains the changes of all measured genes.

    Of several classes the one in which the receptor's score is highest.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance`.
    receptors
        `pathlore.schemas.ActiveReceptors` of the same population.

    Returns
    -------
    The table with the columns of `AFFINITY`; empty for a receptor that no ligand binds in the network.
    """
    best = receptors.sort_values("score", ascending=False, kind="stable").drop_duplicates("receptor")
    found = best.set_index("receptor").rename(columns=AFFINITY).reindex(importance["receptor"])
    numbers = {name: found[name].to_numpy(dtype=float) for name in AFFINITY.values() if name != "affinity_in"}
    return importance.assign(**numbers, affinity_in=found["affinity_in"].fillna("").to_numpy())


def with_families(importance: pd.DataFrame) -> pd.DataFrame:
    """Group siblings, see `families`: the path with the smallest p comes first, or else by rank."""
    order = np.lexsort((importance["rank"], importance["p"].astype(float).fillna(1.0)))
    found = families(importance["path"].str.split(">").tolist(), order)
    shown = np.zeros(len(found), dtype=bool)
    shown[order[np.unique(found[order], return_index=True)[1]]] = True
    return importance.assign(family=found, best_of_family=shown)


def select_paths(
    importance: pd.DataFrame,
    *,
    genes: Collection[str] = (),
    receptors: Collection[str] = (),
    tfs: Collection[str] = (),
    pathways: Collection[str] = (),
) -> pd.DataFrame:
    """Keep paths by what lies on them.

    Parameters
    ----------
    importance
        `pathlore.schemas.PathImportance`; ranks stay those among all paths.
    genes
        One of them anywhere on the path; empty: any.
    receptors, tfs, pathways
        One of them as the path's own; empty: any.

    Raises
    ------
    PathloreError
        A name is on no path.
    """
    on_path = importance["path"].str.split(">")
    columns = {"genes": on_path, "receptors": importance["receptor"], "tfs": importance["tf"]}
    columns["pathways"] = importance["pathway"].fillna("").str.split(";")
    keep = np.ones(len(importance), dtype=bool)
    wanted_names = {"genes": genes, "receptors": receptors, "tfs": tfs, "pathways": pathways}
    for what, wanted in wanted_names.items():
        unknown = set(wanted) - set(columns[what].explode())
        if unknown:
            raise PathloreError(f"{shorten(unknown)} of `{what}` is on no listed path: check the spelling")
        if wanted:
            members = columns[what].explode().isin(list(wanted))
            keep &= members.groupby(level=0).any().to_numpy()
    return importance[keep]


def donors_expressing(graph: TextNumericGraph, data: Iterable[CellSet]) -> list[str]:
    """For each path, of each gene the donors that express it and all donors, as text; empty where none is known.

    A donor expresses a gene that has a count in `EXPRESSED` of the donor's cells or more, whatever their split.
    """
    found: dict[str, np.ndarray] = {}
    cells: dict[str, int] = {}
    for split in data:
        donors = np.array([donor or "" for donor in split.donors], dtype=object)
        for donor in sorted(set(donors) - {""}):
            rows = split.x[np.flatnonzero(donors == donor)]
            found.setdefault(donor, np.zeros(len(graph.genes)))
            found[donor] += np.asarray((rows > 0).sum(axis=0)).ravel()
            cells[donor] = cells.get(donor, 0) + rows.shape[0]
    if not found:
        return [""] * len(graph.path_genes)
    counts = np.sum([found[donor] >= EXPRESSED * cells[donor] for donor in found], axis=0)
    text = {gene: f"{gene} {count}/{len(found)}" for gene, count in zip(graph.genes, counts, strict=True)}
    return ["; ".join(text[gene] for gene in genes) for genes in graph.path_genes]


@torch.inference_mode()
def activity_auroc(module: TextNumericGraphTransformer, cells: CellSet) -> np.ndarray:
    r"""AUROC of each path's oriented activity alone, (P,); NaN where the cells are of one class.

    The orientation comes from the training cells, so a value under 0.5 says that the path behaves the other way round
    in the held-out cells. With more than two classes it is the mean over the classes against the rest. All paths are
    ranked at once, :math:`(\sum_{i \in c} r_i - n_c (n_c + 1) / 2) / (n_c (n - n_c))` for the n_c cells of a class.
    """
    from scipy.stats import rankdata

    n_paths, contrasts = module.activity.orientation.shape
    inside = [cells.labels == c for c in ([1] if contrasts == 1 else range(contrasts))]
    if any(members.all() or not members.any() for members in inside):
        return np.full(n_paths, np.nan)
    areas, step = np.empty((contrasts, n_paths)), max(1, MOST_VALUES // (len(cells) * contrasts))
    for start in range(0, n_paths, step):
        part = slice(start, start + step)
        oriented = (module.activity(block, part) for block in activity_blocks(module, cells.x, part))
        activity = np.concatenate([block.cpu().numpy() for block in oriented])  # (n, paths of the part, contrasts)
        for i, of_class in enumerate(inside):
            areas[i, part] = _auroc(rankdata(activity[..., i], axis=0), of_class)
    return areas.mean(axis=0)


def _auroc(ranks: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """AUROC, (P,), from the ranks, (n, P), of all cells and the cells of one class, (n,)."""
    size = int(inside.sum())
    pairs = size * (len(inside) - size)
    return np.asarray((ranks[inside].sum(axis=0) - size * (size + 1) / 2) / pairs)


def _per_gene(graph: TextNumericGraph, column: str, form: str) -> list[str]:
    values = graph.entities.set_index("gene")[column].to_dict()
    return ["; ".join(f"{gene} {form.format(values[gene])}" for gene in genes) for genes in graph.path_genes]


def _sources(graph: TextNumericGraph) -> list[str]:
    resources = graph.associations.set_index(["source", "target", "kind"])["resources"].to_dict()
    return [" | ".join(resources[step] for step in path_steps(genes)) for genes in graph.path_genes]
