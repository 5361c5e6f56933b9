from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from blocks import base, path_block

from pathlore.config import DiscoveryConfig
from pathlore.explain.discovery import _choose, propose_paths
from pathlore.explain.relevance import FLOOR, relevance
from pathlore.graph.paths import find_paths
from pathlore.schemas import ProposedPaths


def config(**changes):
    return DiscoveryConfig.model_validate(base("interpretation", "discovery", **changes))


EVERYTHING = config(beam=1000, new_paths=1000, per_receptor=1000)


@pytest.fixture
def statistics(small_statistics):
    return small_statistics.assign(log_fold_change_class="ill")


@pytest.fixture
def importance(small_graph):
    return pd.DataFrame({"path": small_graph.paths["path"], "importance": np.linspace(0.9, 0.02, 7)})


@pytest.fixture
def propose(small_network, small_graph, importance, statistics):
    def propose(config=EVERYTHING, statistics=statistics, **bounds):
        bounds = path_block(**{"max_edges": 5} | bounds)
        return propose_paths(small_network, small_graph, importance, statistics, config, bounds)

    return propose


def by_hand(path, network, found):
    """The best of a path's four scores, in plain loops."""
    genes = path.split(">")
    kinds = ["signaling"] * (len(genes) - 2) + ["tf_target"]
    signs = network.set_index(["source", "target", "kind"])["sign"]
    totals = []
    for direction, signed in product((1, -1), (True, False)):
        total = np.log(found.gene(genes[0], direction))
        for edge in zip(genes, genes[1:], kinds, strict=False):
            following = direction * ((signs[edge] or 1) if signed else 1)
            total += np.log(found.edge(edge, direction, following)) + np.log(found.gene(edge[1], following))
            direction = following
        totals.append(total / (2 * len(genes) - 1))
    return max(totals)


def test_a_wide_beam_finds_every_path_beyond_the_list_with_its_score(
    propose, small_network, small_graph, importance, statistics
):
    table = propose()
    ProposedPaths.validate(table)
    every, _ = find_paths(
        small_network, set(statistics["gene"]), path_block(mode="all_simple", max_edges=5, max_paths=1000), "pooled"
    )
    listed = set(small_graph.paths["path"])
    assert len(listed & set(every["path"])) > 3
    assert set(table["path"]) == set(every["path"]) - listed
    found = relevance(small_graph, importance, statistics, config().learned_share)
    for row in table.itertuples():
        assert row.score == pytest.approx(by_hand(row.path, small_network, found))
    assert table["score"].is_monotonic_decreasing
    same = every.set_index("path").loc[table["path"]].reset_index()[list(every.columns)]
    pd.testing.assert_frame_equal(table[list(every.columns)], same)


def test_without_novelty_the_best_are_taken_and_no_receptor_takes_all(propose):
    whole = propose()
    first = propose(config(beam=1000, new_paths=4, per_receptor=1000, novelty=0.0))
    pd.testing.assert_frame_equal(first, whole.head(4))
    few = propose(config(beam=1000, new_paths=1000, per_receptor=2, novelty=0.0))
    best = whole.groupby("receptor").head(2).reset_index(drop=True)
    pd.testing.assert_frame_equal(few, best)


def chosen_by_hand(scores, explained, novelty, per_receptor):
    """One after the other, from the scores of all paths; a chosen path explains its genes for those after it."""
    chosen, explained, left = [], dict(explained), dict(sorted(scores.items()))
    while left:
        worth = {}
        for path, score in left.items():
            genes = path.split(">")
            known = [explained.get(gene, 0.0) for gene in genes]
            worth[path] = score + novelty * np.log(FLOOR + (1 - FLOOR) * (1 - sum(known) / len(known)))
        best = max(worth, key=worth.__getitem__)
        chosen.append(best)
        explained |= dict.fromkeys(best.split(">"), 1.0)
        del left[best]
        receptors = [path.split(">")[0] for path in chosen]
        left = {path: score for path, score in left.items() if receptors.count(path.split(">")[0]) < per_receptor}
    return chosen


def explained_by_the_list(importance):
    largest, explained = importance["importance"].max(), {}
    for row in importance.itertuples():
        for gene in row.path.split(">"):
            explained[gene] = max(explained.get(gene, 0.0), row.importance / largest)
    return explained


@pytest.mark.parametrize("novelty", [0.0, 0.5, 3.0])
@pytest.mark.parametrize("per_receptor", [1, 2, 4])
def test_new_genes_count_as_much_as_novelty_says(propose, importance, per_receptor, novelty):
    scores = propose().set_index("path")["score"].to_dict()
    expected = chosen_by_hand(scores, explained_by_the_list(importance), novelty, per_receptor)
    table = propose(config(beam=1000, new_paths=1000, per_receptor=per_receptor, novelty=novelty))
    assert set(table["path"]) == set(expected)
    assert table.set_index("path")["score"].to_dict() == pytest.approx({path: scores[path] for path in expected})
    if novelty == 3.0 and per_receptor < 4:
        assert set(expected) != set(chosen_by_hand(scores, {}, 0.0, per_receptor)), "the test needs another choice"


def test_a_path_of_unexplained_genes_comes_first():
    """And of two that explain the same, the second has nothing to say any more."""
    scores = {("R1", "A", "T", "X"): -0.5, ("R1", "A", "T", "Y"): -0.6, ("R2", "B", "U", "Z"): -1.5}
    scores[("R2", "C", "U", "Z")] = -1.6
    listed = dict.fromkeys(["R1", "A", "T"], 0.9)
    plain = _choose(scores, listed, config(new_paths=4, per_receptor=4, novelty=0.0))
    assert plain == list(scores)
    novel = _choose(scores, listed, config(new_paths=4, per_receptor=4, novelty=3.0))
    assert novel[0] == ("R2", "B", "U", "Z")
    assert novel[1] == ("R1", "A", "T", "X")  # before the sibling of the one that was chosen
    assert set(novel) == set(scores)
    assert listed == dict.fromkeys(["R1", "A", "T"], 0.9)
    assert _choose(scores, listed, config(new_paths=2, per_receptor=1, novelty=3.0)) == novel[:2]


def test_a_narrow_beam_finds_a_part_of_it(propose):
    whole, narrow = propose(), propose(config(beam=1, new_paths=1000, per_receptor=1000))
    assert 0 < len(narrow) < len(whole)
    scores = whole.set_index("path")["score"]
    lost = scores[narrow["path"]].to_numpy() - narrow["score"].to_numpy()
    assert lost.min() > -1e-9  # it may have met a path in worse directions alone
    assert lost.min() < 1e-9


def test_a_gene_that_does_not_pass_is_on_no_new_path(propose, statistics):
    table = propose(statistics=statistics.assign(passes=statistics["gene"] != "S3"))
    assert len(table)
    assert not any("S3" in path.split(">") for path in table["path"])


def test_filters_on_receptors_and_factors_hold(propose):
    table = propose(receptors=["R2"], tfs=["T1"])
    assert set(table["receptor"]) == {"R2"}
    assert set(table["tf"]) == {"T1"}


def test_a_step_over_unmeasured_genes_counts_less(small_network, small_graph, importance, statistics):
    bounds = path_block(max_edges=5)
    bridged = small_network.assign(
        via=np.where((small_network["source"] == "S4") & (small_network["target"] == "T2"), "U1;U2", "")
    )
    before = propose_paths(small_network, small_graph, importance, statistics, EVERYTHING, bounds).set_index("path")
    after = propose_paths(bridged, small_graph, importance, statistics, EVERYTHING, bounds).set_index("path")
    over = [path for path in before.index if "S4>T2" in path]
    assert over
    for path in before.index:
        lost = np.log(3) / (2 * path.count(">") + 1) if path in over else 0.0
        assert before.loc[path, "score"] - after.loc[path, "score"] == pytest.approx(lost)


def test_each_class_has_a_search_of_its_own(propose, statistics):
    """Genes that change in another class do not count for it, so that no path mixes two stories."""
    split = statistics.assign(
        log_fold_change_class=np.where(statistics["gene"].isin(["R1", "T2", "X3"]), "ill", "worse")
    )
    mixed, apart = propose().set_index("path")["score"], propose(statistics=split).set_index("path")["score"]
    assert (apart < mixed[apart.index] - 1e-9).any()


def test_nothing_beyond_the_list_is_an_empty_table(small_network, small_graph, importance, statistics):
    bounds = path_block(max_edges=5, receptors=["R1"], tfs=["T2"], min_nodes=3)
    first = propose_paths(small_network, small_graph, importance, statistics, EVERYTHING, bounds)
    keep = small_graph.paths.columns
    longer = replace(small_graph, paths=pd.concat([small_graph.paths, first.reindex(columns=keep)], ignore_index=True))
    scores = pd.DataFrame({"path": longer.paths["path"], "importance": 0.5})
    table = propose_paths(small_network, longer, scores, statistics, EVERYTHING, bounds)
    assert table.empty
    ProposedPaths.validate(table)
