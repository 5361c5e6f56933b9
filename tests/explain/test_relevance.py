import numpy as np
import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.explain.relevance import FLOOR, relevance

SCORES = [0.9, 0.1, 0.02, 0.3, 0.02, 0.5, 0.02]


@pytest.fixture
def importance(small_graph):
    return pd.DataFrame({"path": small_graph.paths["path"], "importance": SCORES})


@pytest.fixture
def statistics(small_statistics):
    return small_statistics.assign(log_fold_change_class="ill")


def by_hand(graph, statistics):
    """d of each gene and I Delta of each path, in plain loops."""
    table = statistics.set_index("gene")
    d = table["log_fold_change"] / (table["sd"] + np.median(table["sd"]))
    d = d / d.abs().max()
    signs = graph.associations.set_index(["source", "target", "kind"])["sign"]
    contributions = []
    for path, score in zip(graph.path_genes, SCORES, strict=True):
        sign, total, plain = 1, d[path[0]], sum(d[gene] for gene in path)
        for place in range(1, len(path)):
            kind = "tf_target" if place == len(path) - 1 else "signaling"
            sign *= signs[path[place - 1], path[place], kind] or 1
            total += sign * d[path[place]]
        contributions.append(score * max(abs(total), abs(plain)) / len(path))
    return d, contributions


def test_evidence_and_what_was_learned_by_hand(small_graph, importance, statistics):
    d, contributions = by_hand(small_graph, statistics)
    found = relevance(small_graph, importance, statistics, 0.25)
    assert found.changes == pytest.approx(d.to_dict())
    genes, edges = {}, {}
    for path, part in zip(small_graph.path_genes, contributions, strict=True):
        for place, gene in enumerate(path):
            genes.setdefault(gene, []).append(part)
            if place:
                kind = "tf_target" if place == len(path) - 1 else "signaling"
                edges.setdefault((path[place - 1], gene, kind), []).append(part)
    for learned, parts in ((found.genes, genes), (found.edges, edges)):
        means = {key: np.mean(values) for key, values in parts.items()}
        assert learned == pytest.approx({key: mean / max(means.values()) for key, mean in means.items()})


def test_a_gene_counts_in_the_direction_that_it_takes(small_graph, importance, statistics):
    found = relevance(small_graph, importance, statistics, 0.25)
    for gene in small_graph.genes:
        change = found.changes[gene]
        along = 1 if change > 0 else -1
        mixed = 0.25 * found.genes[gene] + 0.75 * abs(change) if gene in found.genes else abs(change)
        assert found.gene(gene, along) == pytest.approx(FLOOR + (1 - FLOOR) * mixed)
        assert found.gene(gene, -along) == FLOOR
    assert found.gene("NOT_MEASURED", 1) == FLOOR


def test_a_step_counts_where_both_ends_go_along(small_graph, importance, statistics):
    found = relevance(small_graph, importance, statistics, 0.25)
    edge = ("S4", "S5", "signaling")  # on no listed path
    first, second = (1 if found.changes[gene] > 0 else -1 for gene in edge[:2])
    both = np.sqrt(abs(found.changes["S4"] * found.changes["S5"]))
    assert found.edge(edge, first, second) == pytest.approx(FLOOR + (1 - FLOOR) * both)
    for wrong in ((first, -second), (-first, second), (-first, -second)):
        assert found.edge(edge, *wrong) == FLOOR


def test_of_several_classes_one_is_spoken_of(small_graph, importance, statistics):
    classes = np.where(statistics["gene"].isin(["R1", "S1", "T2", "X2"]), "worse", "ill")
    found = relevance(small_graph, importance, statistics.assign(log_fold_change_class=classes), 0.0, "worse")
    assert {gene for gene, value in found.changes.items() if value} == {"R1", "S1", "T2", "X2"}
    assert max(map(abs, found.changes.values())) == 1.0


def test_an_importance_of_another_run_is_refused(small_graph, importance, statistics):
    with pytest.raises(PathloreError, match="2 of 7 listed paths have no importance"):
        relevance(small_graph, importance.head(5), statistics, 0.5)
