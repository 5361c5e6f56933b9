from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from blocks import path_block

from pathlore.graph.paths import find_paths
from pathlore.graph.paths.random_control import _Walker, random_walks
from pathlore.graph.paths.search import ways_among


def every(network):
    """All typed paths of the small world, by the exhaustive search."""
    genes = set(network["source"]) | set(network["target"])
    bounds = path_block(mode="all_simple", max_edges=5, max_paths=1000)
    paths, _ = find_paths(network, genes, bounds, "pooled")
    return ways_among(network, genes, 0.5), bounds, set(paths["path"])


def test_walks_are_typed_paths_and_reach_them_all(small_network):
    ways, bounds, paths = every(small_network)
    drawn = random_walks(ways, bounds, [], len(paths), seed=0)
    assert len(drawn) == len(set(drawn))
    assert set(drawn) == paths


def test_one_seed_one_draw_and_nothing_that_is_taken(small_network):
    ways, bounds, paths = every(small_network)
    first = random_walks(ways, bounds, [], 8, seed=1)
    assert len(first) == 8
    assert random_walks(ways, bounds, [], 8, seed=1) == first
    assert random_walks(ways, bounds, [], 8, seed=2) != first
    assert set(random_walks(ways, bounds, first, 8, seed=1)).isdisjoint(first)
    assert random_walks(ways, bounds, paths, 8, seed=1) == []


def test_lengths_stay_within_the_bounds(small_network):
    ways, bounds, _ = every(small_network)
    narrow = bounds.model_copy(update={"min_nodes": 4, "max_edges": 4})
    assert {path.count(">") + 1 for path in random_walks(ways, narrow, [], 10, seed=0)} == {4, 5}


def test_each_next_gene_is_drawn_evenly(small_network):
    """A path comes as often as the draws of its length, its receptor and each of its steps say."""
    ways, bounds, paths = every(small_network)
    lengths = bounds.max_edges + 2 - bounds.min_nodes
    n = 200_000
    count = Counter(">".join(walk) for walk in _Walker(ways).walks(n, bounds, np.random.default_rng(0)))
    assert set(count) == paths
    for path in paths:
        genes = path.split(">")
        choices = [lengths, len(ways.heads), *(len(ways.signaling[gene]) for gene, _ in pairwise(genes[:-1]))]
        expected = n / np.prod([*choices, len(ways.regulation[genes[-2]])])
        assert count[path] == pytest.approx(expected, abs=5 * np.sqrt(expected))
