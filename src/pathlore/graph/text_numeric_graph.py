"""The text-numeric graph: entities and associations that carry text and numbers, and the paths over them.

A text-omic signaling graph (arXiv 2501.16361) shares its topology and its texts between all samples; only the numbers
on its entities, the expression of one cell, differ. It is therefore one static object, never a part of a batch.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pathlore.config import GraphConfig
from pathlore.errors import PathloreError, shorten
from pathlore.graph.network import KEYS, N_EDGE_TYPES, NO_EDGE, restrict, roles
from pathlore.keys import RANDOM_STEP, Kind, Role

if TYPE_CHECKING:
    from torch_geometric.data import Data


@dataclass(frozen=True)
class TextNumericGraph:
    """Entities, associations and paths, as three tables.

    Attributes
    ----------
    entities
        G rows: ``gene``, one boolean column per role, ``text``, ``has_text``, and any number of numeric columns
        (here the training cells' ``mean``, ``sd``, ``fraction_expressed``, ``log_fold_change``).
    associations
        E rows: ``source``, ``target``, ``kind``, ``type`` (from 1; 0 is "no edge"), ``sign``, ``weight`` (number of
        independent entries), ``text``, ``resources``, and perhaps ``via``, the unmeasured genes that it passes over.
        Both ends are entities.
    paths
        P rows: the columns of `pathlore.schemas.SignalingPaths` and ``text``; every gene is an entity, every step an
        association.
    """

    entities: pd.DataFrame
    associations: pd.DataFrame
    paths: pd.DataFrame

    def __post_init__(self) -> None:
        """Check that the three tables speak of the same genes."""
        known = set(self.entities["gene"])
        if len(known) != len(self.entities):
            raise PathloreError("the entities of a text-numeric graph must have distinct genes")
        ends = set(self.associations["source"]) | set(self.associations["target"])
        on_paths = {gene for path in self.paths["path"] for gene in path.split(">")}
        absent = (ends | on_paths) - known
        if absent:
            raise PathloreError(f"{len(absent)} gene(s) of edges or paths are no entities: {shorten(absent)}")
        wrong = set(self.associations["type"]) - set(range(1, N_EDGE_TYPES))
        if wrong:
            raise PathloreError(
                f"the associations of a text-numeric graph have the type(s) {shorten(wrong)}; expected 1 to "
                f"{N_EDGE_TYPES - 1}, 0 means 'no edge': take the column type that read_network writes"
            )
        edges = set(self.associations[["source", "target", "kind"]].itertuples(index=False, name=None))
        missing = {step for genes in self.path_genes for step in path_steps(genes)} - edges
        if missing:
            names = shorten(f"{source}>{target} ({kind})" for source, target, kind in missing)
            raise PathloreError(
                f"{len(missing)} step(s) of paths are no associations: {names}; expected signaling edges and a last "
                "tf_target edge: find the paths on the network that the graph is built from"
            )

    @property
    def genes(self) -> list[str]:
        """Symbols of the G entities, in order."""
        return list(self.entities["gene"])

    @cached_property
    def position(self) -> dict[str, int]:
        """Index of each gene."""
        return {gene: i for i, gene in enumerate(self.genes)}

    @cached_property
    def edge_index(self) -> np.ndarray:
        """(2, E) int64: source and target of each association."""
        ends = [[self.position[gene] for gene in self.associations[end]] for end in ("source", "target")]
        return np.asarray(ends, dtype=np.int64).reshape(2, -1)

    @property
    def edge_type(self) -> np.ndarray:
        """(E,) int64, from 1 on."""
        return self.associations["type"].to_numpy(dtype=np.int64)

    @cached_property
    def path_genes(self) -> list[list[str]]:
        """The genes of each path, receptor first."""
        return [path.split(">") for path in self.paths["path"]]

    @property
    def longest_path(self) -> int:
        """L, the number of genes on the longest path."""
        return max(map(len, self.path_genes))

    def path_nodes(self) -> np.ndarray:
        """(P, L) int64: the entity at each place of each path, -1 behind its end."""
        nodes = np.full((len(self.paths), self.longest_path), -1, dtype=np.int64)
        for row, genes in zip(nodes, self.path_genes, strict=True):
            row[: len(genes)] = [self.position[gene] for gene in genes]
        return nodes

    def path_edge_types(self) -> np.ndarray:
        """(P, L) int64: the type of the step that arrives at each place; 0 at the receptor and behind the end."""
        return self._per_step("type", first=NO_EDGE)

    def path_signs(self) -> np.ndarray:
        """(P, L) int64: product of the signs of the steps from the receptor to each place; 1 at the receptor.

        A step whose sign is not known counts as +1, and 0 stands behind the end of a path.
        """
        signs = self._per_step("sign", first=1)
        signs[signs == 0] = 1
        return np.where(self.path_nodes() >= 0, np.cumprod(signs, axis=1), 0)

    def _per_step(self, column: str, first: int) -> np.ndarray:
        values = self.associations.set_index(["source", "target", "kind"])[column].to_dict()
        result = np.zeros((len(self.paths), self.longest_path), dtype=np.int64)
        result[:, 0] = first
        for row, genes in zip(result, self.path_genes, strict=True):
            row[1 : len(genes)] = [values[step] for step in path_steps(genes)]
        return result

    def to_pyg(
        self,
        expression: np.ndarray | None = None,
        gene_vectors: np.ndarray | None = None,
        path_vectors: np.ndarray | None = None,
    ) -> "Data":
        """Convert to a PyTorch Geometric ``Data``; `from_pyg` is the way back.

        Parameters
        ----------
        expression
            (G,) numbers of one sample, stored as ``x`` (G, 1).
        gene_vectors, path_vectors
            (G, T) and (P, T) text embeddings, stored as ``gene_text`` and ``path_text``.
        """
        import torch
        from torch_geometric.data import Data

        data = Data(
            edge_index=torch.from_numpy(self.edge_index),
            edge_type=torch.from_numpy(self.edge_type),
            edge_weight=torch.from_numpy(self.associations["weight"].to_numpy(dtype=np.float32)),
            path_index=torch.from_numpy(self.path_nodes()),
            num_nodes=len(self.entities),
            entities=self.entities.to_dict("list"),
            associations=self.associations.to_dict("list"),
            paths=self.paths.to_dict("list"),
        )
        for name, values in (("gene_text", gene_vectors), ("path_text", path_vectors)):
            if values is not None:
                data[name] = torch.as_tensor(values, dtype=torch.float32)
        if expression is not None:
            data.x = torch.as_tensor(expression, dtype=torch.float32).reshape(-1, 1)
        return data

    @classmethod
    def from_pyg(cls, data: "Data") -> "TextNumericGraph":
        """Rebuild the graph that `to_pyg` wrote."""
        return cls(pd.DataFrame(data.entities), pd.DataFrame(data.associations), pd.DataFrame(data.paths))


def path_steps(genes: list[str]) -> list[tuple[str, str, str]]:
    """Source, target and kind of each step of a path: signaling, and at last the regulation of the target."""
    kinds = [Kind.SIGNALING] * (len(genes) - 2) + [Kind.TF_TARGET]
    return [(source, target, kind) for (source, target), kind in zip(pairwise(genes), kinds, strict=True)]


def build_graph(
    network: pd.DataFrame,
    paths: pd.DataFrame,
    statistics: pd.DataFrame,
    gene_texts: pd.DataFrame,
    path_texts: pd.DataFrame,
    association_texts: Callable[[pd.DataFrame], Sequence[str]],
    config: GraphConfig,
) -> TextNumericGraph:
    """Join topology, texts and numbers.

    Parameters
    ----------
    network
        `pathlore.schemas.Network`, whole.
    paths
        `pathlore.schemas.SignalingPaths` of the population.
    statistics
        `pathlore.schemas.GeneStatistics` of the population (training cells only).
    gene_texts, path_texts
        `pathlore.schemas.Sentences`, with at least the genes and paths needed.
    association_texts
        Writes one text per row of those rows of ``network`` that become associations.
    config
        Which genes, see `graph_genes`.
    """
    wanted = graph_genes(paths, statistics, config)
    edges = restrict(network, wanted)
    steps = {step for path in paths["path"] for step in path_steps(path.split(">"))}
    on_a_path = np.array([key in steps for key in edges[KEYS].itertuples(index=False, name=None)], dtype=bool)
    known = (edges["via"] == "") & (edges["resources"] != RANDOM_STEP)
    edges = edges[known | on_a_path]  # a bridge and a random step are there for the paths that use them
    over = [f" (through {', '.join(via.split(';'))})" if via else "" for via in edges["via"]]
    edges = edges.assign(text=list(association_texts(edges)), resources=edges["resources"] + over)
    genes = sorted(wanted if config.genes == "paths" else set(edges["source"]) | set(edges["target"]))
    role_table = roles(network[network["source"].isin(genes) | network["target"].isin(genes)])
    numbers = statistics.set_index("gene").loc[genes, ["mean", "sd", "fraction_expressed", "log_fold_change"]]
    texts = gene_texts.set_index("key").loc[genes]
    entities = pd.concat([role_table.loc[genes, list(Role.ALL)], texts[["text", "has_text"]], numbers], axis=1)
    entities = entities.rename_axis("gene").reset_index()
    associations = edges.rename(columns={"n_evidence": "weight"})[
        ["source", "target", "kind", "type", "sign", "weight", "text", "resources", "via"]
    ]
    path_table = paths.assign(text=path_texts.set_index("key").loc[paths["path"], "text"].to_numpy())
    return TextNumericGraph(entities, associations.reset_index(drop=True), path_table.reset_index(drop=True))


def graph_genes(paths: pd.DataFrame, statistics: pd.DataFrame, config: GraphConfig) -> set[str]:
    """Genes that may be on a graph: with ``genes: paths`` those on a path, with ``edges`` all that pass the filter.

    Of the latter, those that lie on an edge become entities.
    """
    if config.genes == "paths":
        return {gene for path in paths["path"] for gene in path.split(">")}
    return set(statistics.loc[statistics["passes"], "gene"])


def collect_sentences(graphs: Iterable[TextNumericGraph]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Gather the texts of the genes and of the paths of several graphs, each once, in the order of their keys.

    Returns
    -------
    genes, paths
        `pathlore.schemas.Sentences`.
    """
    every = list(graphs)
    genes = pd.concat([graph.entities[["gene", "text", "has_text"]] for graph in every])
    paths = pd.concat([graph.paths[["path", "text"]] for graph in every]).assign(has_text=True)
    return (
        genes.rename(columns={"gene": "key"}).drop_duplicates("key").sort_values("key", ignore_index=True),
        paths.rename(columns={"path": "key"}).drop_duplicates("key").sort_values("key", ignore_index=True),
    )
