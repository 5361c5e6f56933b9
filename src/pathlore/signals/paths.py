"""What the activity of its receptor, and of the genes on its way, says about each path."""

from pathlib import Path

import numpy as np
import pandas as pd

from pathlore.genes.names import GeneNames
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.resources.given import BUILTIN, GivenTable
from pathlore.signals.effects import Effects
from pathlore.signals.inputs import Encoder, Network, Texts
from pathlore.signals.rank import SignatureBlock, rank_receptors, study_of
from pathlore.signals.scores import activation, standardised

FOUND = {"score": "affinity", "walk": "affinity_walk", "network": "affinity_network", "text": "affinity_text"}


def path_affinity(
    graph: TextNumericGraph | pd.DataFrame,
    effects: Effects,
    *,
    network: Network = BUILTIN,
    texts: Texts = BUILTIN,
    encoder: Encoder = "lsa",
    gene_names: GivenTable | GeneNames = BUILTIN,
    orthologs: pd.DataFrame | None = None,
    cache: str | Path | None = "user",
) -> pd.DataFrame:
    """Give each path the affinity of its receptor, and of its route, to the changes of genes.

    Parameters
    ----------
    graph
        A text-numeric graph, or `pathlore.schemas.SignalingPaths` (columns ``path`` and ``receptor``).
    effects
        Of one signature, as for `rank_receptors`.
    network, texts, encoder, gene_names, orthologs, cache
        As for `rank_receptors`; the network needs its ligand -> receptor associations, which a graph does not keep.

    Returns
    -------
    One row per path, in their order: ``path``; ``affinity`` (the receptor's score), ``affinity_walk``,
    ``affinity_network``, ``affinity_text``; ``affinity_route``, the mean affinity of the genes between the receptor and
    the target by place in the network, in standard deviations over genes (0 without such a gene); ``reaches_tf``; and
    ``known``, False where the network does not have the receptor as one: its affinities are then 0, those of a typical
    receptor.
    """
    paths = graph.paths if isinstance(graph, TextNumericGraph) else graph
    study = study_of(effects, network, texts, encoder, "up", gene_names, orthologs, cache)
    ranked = rank_receptors(study.effects.table.iloc[:, 0], network=study.profiles, gene_names=gene_names).set_index(
        "receptor"
    )
    receptors = paths["receptor"]
    table = pd.DataFrame({"path": paths["path"].to_numpy()})
    for column, name in FOUND.items():
        table[name] = ranked[column].astype(float).reindex(receptors).fillna(0.0).to_numpy()
    block = next(study.blocks())
    place = {gene: i for i, gene in enumerate(study.profiles.genes)}
    near = gene_affinity(study.profiles.vectors, place, block)
    inner = [[near[place[gene]] for gene in path.split(">")[1:-1] if gene in place] for path in paths["path"]]
    table["affinity_route"] = [float(np.mean(found)) if found else 0.0 for found in inner]
    table["reaches_tf"] = ranked["reaches_tf"].reindex(receptors, fill_value=False).to_numpy(dtype=bool)
    table["known"] = receptors.isin(ranked.index).to_numpy()
    return table


def gene_affinity(vectors: np.ndarray, place: dict[str, int], block: SignatureBlock) -> np.ndarray:
    r"""How near each gene of the network lies to the genes that rose, itself left out; (n,), standardised.

    .. math:: a_h = x_h \cdot \sum_{g \neq h} (y_g - \bar y)\, x_g

    with the network vectors x and the activation y of `pathlore.signals.scores`.
    """
    rows = [i for i, gene in enumerate(block.genes) if gene in place]
    at = [place[block.genes[i]] for i in rows]
    active = activation(block.changes[:, :1])[rows, 0]
    active = active - active.mean()
    values = vectors @ (vectors[at].T @ active)
    values[at] -= active * (vectors[at] ** 2).sum(axis=1)
    known = np.abs(vectors).sum(axis=1) > 0
    return np.asarray(standardised(values[:, None].astype(np.float64), known)[:, 0])
