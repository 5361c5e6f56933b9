from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import sparse

from pathlore.evaluation.baselines.path_activity import path_activities
from pathlore.graph.text_numeric_graph import path_steps
from pathlore.keys import Split
from pathlore.model.graph_tensors import graph_tensors


@pytest.mark.parametrize("signed", [False, True])
def test_slow_and_obvious(case, signed):
    graph = case.graph
    train, test = (case.data[split].x.toarray().astype(np.float64) for split in (Split.TRAIN, Split.TEST))
    z = (test - train.mean(axis=0)) / train.std(axis=0)
    signs = graph.associations.set_index(["source", "target", "kind"])["sign"].to_dict()
    expected = np.zeros((len(test), len(graph.paths)))
    for p, genes in enumerate(graph.path_genes):
        factor, parts = 1, [z[:, graph.position[genes[0]]]]
        for step in path_steps(genes):
            factor *= (signs[step] or 1) if signed else 1
            parts.append(factor * z[:, graph.position[step[1]]])
        expected[:, p] = np.mean(parts, axis=0)
    found = path_activities(graph, case.data, signed=signed)
    assert set(found) == set(Split.ALL)
    np.testing.assert_allclose(found[Split.TEST], expected, atol=1e-9)


def test_signed_activities_are_those_of_the_transformer(case):
    """The numbers on the graph's entities are those of the same training cells."""
    tensors = graph_tensors(case.graph, case.gene_vectors, case.path_vectors)
    x = torch.from_numpy(case.data[Split.TEST].x.toarray())
    z = (x - tensors.gene_mean) / tensors.gene_sd
    expected = (z[:, tensors.path_nodes] * tensors.path_signs).sum(dim=-1)
    found = path_activities(case.graph, case.data, signed=True)[Split.TEST]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_gene_that_does_not_vary_counts_as_zero(case):
    gene = case.graph.position[case.graph.path_genes[0][0]]
    constant, absent = {}, {}
    for split, cells in case.data.items():
        x = cells.x.toarray()
        x[:, gene] = 0.1 if split == Split.TRAIN else x[:, gene]
        constant[split] = replace(cells, x=sparse.csr_matrix(x))
        absent[split] = replace(cells, x=sparse.csr_matrix(np.where(np.arange(x.shape[1]) == gene, 0, x)))
    first, second = (path_activities(case.graph, data, signed=True)[Split.TEST] for data in (constant, absent))
    assert np.isfinite(first).all()
    np.testing.assert_allclose(first, second)
