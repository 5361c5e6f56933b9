"""A whole run in small: counts of 14 genes of a graph and 46 others, prepared, split, fitted and bundled."""

from collections.abc import Callable

import numpy as np
import pytest
from anndata import AnnData
from small_bundles import counts, make

from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.scoring import Bundle


@pytest.fixture(scope="session")
def bundle_of(
    small_graph: TextNumericGraph, gene_vectors: np.ndarray, path_vectors: np.ndarray
) -> Callable[..., Bundle]:
    """``make`` with graph and vectors filled in; each bundle is made once."""
    made: dict[str, Bundle] = {}

    def build(**changes: object) -> Bundle:
        key = str(sorted(changes.items()))
        if key not in made:
            made[key] = make(small_graph, gene_vectors, path_vectors, **changes)
        return made[key]

    return build


@pytest.fixture(scope="session")
def bundle(bundle_of: Callable[..., Bundle]) -> Bundle:
    """Two classes, additive read-out, branches on genes beside the paths."""
    return bundle_of()


@pytest.fixture
def cells(small_graph: TextNumericGraph) -> AnnData:
    """60 cells of six donors that trained nothing, as counts."""
    return counts(small_graph.genes, donors=6, seed=9, prefix="new")
