import random
from itertools import pairwise

import hypothesis
import numpy as np
import pandas as pd
import pytest
from blocks import network_of, path_block
from brute_force import all_paths, best
from hypothesis import given, settings
from hypothesis import strategies as st

from pathlore.config import PathConfig
from pathlore.errors import PathloreError
from pathlore.graph.paths import find_paths
from pathlore.graph.paths.search import select_paths
from pathlore.schemas import PathReport, SignalingPaths

HUGE = 10_000


def bounds(**changes: object) -> PathConfig:
    """Bounds that cut nothing off, with changes."""
    huge = ("labels_per_gene", "receptors_per_target", "tfs_per_receptor", "max_paths")
    return path_block(**{"max_edges": 6, "step_cost": 0.25} | dict.fromkeys(huge, HUGE) | changes)


def network_from(edges: dict[tuple[str, str, str], tuple[int, int]]) -> pd.DataFrame:
    """(source, target, kind) -> (sign, evidence)."""
    columns = ["source", "target", "kind", "sign", "n_evidence"]
    return network_of(pd.DataFrame([(*ends, *values) for ends, values in edges.items()], columns=columns))


@st.composite
def networks(draw: st.DrawFn) -> pd.DataFrame:
    """A few genes, any of which may be receptor, signal, TF and target at once; the genes of one path are sure."""
    genes = "ABCDEFG"[: draw(st.integers(4, 7))]
    end = st.sampled_from(genes)
    value = st.tuples(st.sampled_from([-1, 0, 1]), st.integers(1, 20))
    edge = st.tuples(end, end, st.sampled_from(["signaling"] * 4 + ["tf_target"] * 2 + ["ligand_receptor"]))
    edges = draw(
        st.dictionaries(edge.filter(lambda e: e[0] != e[1] and e[1:] != ("B", "ligand_receptor")), value, max_size=24)
    )
    sure = {("Z", "A", "ligand_receptor"): (1, 1), ("A", "B", "signaling"): (1, 4), ("B", "C", "tf_target"): (-1, 2)}
    return network_from({**edges, **sure})


def genes_of(network: pd.DataFrame) -> set[str]:
    return set(network["source"]) | set(network["target"])


def found_paths(network: pd.DataFrame, genes: set[str], config: PathConfig) -> dict[tuple[str, ...], float]:
    """The paths of `find_paths`, or none where it says that there are none."""
    try:
        paths, _ = find_paths(network, genes, config, "all")
    except PathloreError:
        return {}
    assert paths["path"].is_unique
    return {tuple(row.path.split(">")): row.cost for row in paths.itertuples()}


# ------------------------------------------------------------------------------------------- against brute force


@settings(max_examples=150, deadline=None)
@given(networks(), st.integers(3, 5), st.integers(2, 6), st.data())
def test_with_huge_bounds_the_best_path_of_every_receptor_tf_and_target_is_found(
    network: pd.DataFrame, min_nodes: int, max_edges: int, data: st.DataObject
) -> None:
    hypothesis.assume(min_nodes <= max_edges + 1)
    config = bounds(min_nodes=min_nodes, max_edges=max_edges)
    genes = genes_of(network) - set(data.draw(st.lists(st.sampled_from("DEFG"), max_size=2)))
    every, found = all_paths(network, genes, config), found_paths(network, genes, config)
    assert set(found) <= set(every)
    for path, cost in found.items():
        assert cost == pytest.approx(every[path])
    exhaustive = best(every, 0, -2, -1)
    assert best(found, 0, -2, -1) == pytest.approx(exhaustive)
    assert len(found) == len(exhaustive)  # one path each


@settings(max_examples=100, deadline=None)
@given(networks(), st.integers(1, 3), st.integers(1, 3), st.integers(1, 4), st.integers(1, 12))
def test_whatever_the_caps_every_path_is_typed_simple_and_within_bounds(
    network: pd.DataFrame, labels: int, receptors: int, tfs: int, max_paths: int
) -> None:
    caps = {"labels_per_gene": labels, "receptors_per_target": receptors, "tfs_per_receptor": tfs}
    config = bounds(**caps, max_paths=max_paths, max_edges=5)
    every, found = all_paths(network, genes_of(network), config), found_paths(network, genes_of(network), config)
    assert len(found) <= max_paths
    for path, cost in found.items():
        assert cost == pytest.approx(every[path])  # in the exhaustive list: typed, simple, bounded, no inner receptor
        assert len(set(path)) == len(path)


@settings(max_examples=75, deadline=None)
@given(networks())
def test_the_best_path_of_every_target_edge_and_of_every_receptor_survives_caps_of_one(network: pd.DataFrame) -> None:
    every = all_paths(network, genes_of(network), bounds())
    found = found_paths(network, genes_of(network), bounds(receptors_per_target=1, tfs_per_receptor=1))
    assert best(found, -2, -1) == pytest.approx(best(every, -2, -1))
    assert best(found, 0) == pytest.approx(best(every, 0))


@settings(max_examples=50, deadline=None)
@given(networks(), st.integers(0, 999))
def test_the_order_of_the_networks_rows_does_not_matter(network: pd.DataFrame, seed: int) -> None:
    config = bounds(labels_per_gene=2, receptors_per_target=1, tfs_per_receptor=1, max_paths=5)
    genes = sorted(genes_of(network))
    shuffled_genes = random.Random(seed).sample(genes, len(genes))
    first = find_paths(network, genes, config, "all")
    second = find_paths(network.sample(frac=1, random_state=seed), shuffled_genes, config, "all")
    for a, b in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(a, b)


# ------------------------------------------------------------------------------------------------ the small world


def test_paths_of_the_small_world(small_network: pd.DataFrame, path_config: PathConfig) -> None:
    genes = genes_of(small_network)
    paths, report = find_paths(small_network, genes, path_config, "everyone")
    SignalingPaths.validate(paths)
    PathReport.validate(report)
    exhaustive = best(all_paths(small_network, genes, path_config), 0, -2, -1)
    assert {(row.receptor, row.tf, row.target): row.cost for row in paths.itertuples()} == pytest.approx(exhaustive)
    signs = small_network.set_index(["source", "target", "kind"])["sign"]
    for row in paths.itertuples():
        names = row.path.split(">")
        steps = [signs[a, b, "signaling"] for a, b in pairwise(names[:-1])] + [signs[(*names[-2:], "tf_target")]]
        assert row.sign == np.prod(steps)
        assert (row.receptor, row.tf, row.target, row.n_genes) == (names[0], *names[-2:], len(names))
        assert row.receptor in {"R1", "R2"}
        assert not set(names[1:-1]) & {"R1", "R2"}
        assert not set(names) & {"L1", "L2", "S5"}


def test_a_receptor_counts_although_its_ligand_is_not_measured(
    small_network: pd.DataFrame, path_config: PathConfig
) -> None:
    """The ligand may come from another cell: genes of the population do not limit who is a receptor."""
    genes = genes_of(small_network) - {"L1", "L2"}
    paths, _ = find_paths(small_network, genes, path_config, "all")
    assert set(paths["receptor"]) == {"R1", "R2"}


def test_genes_that_are_not_measured_lie_on_no_path(small_network: pd.DataFrame, path_config: PathConfig) -> None:
    paths, _ = find_paths(small_network, genes_of(small_network) - {"S2", "X2"}, path_config, "all")
    assert not {gene for path in paths["path"] for gene in path.split(">")} & {"S2", "X2"}


@pytest.mark.parametrize(("min_nodes", "max_edges"), [(3, 2), (3, 3), (4, 3), (4, 8), (5, 5), (6, 8)])
def test_bounds_on_length_hold(small_network: pd.DataFrame, min_nodes: int, max_edges: int) -> None:
    config = bounds(min_nodes=min_nodes, max_edges=max_edges)
    paths, _ = find_paths(small_network, genes_of(small_network), config, "all")
    assert paths["n_genes"].between(min_nodes, max_edges + 1).all()
    expected = best(all_paths(small_network, genes_of(small_network), config), 0, -2, -1)
    assert len(paths) == len(expected) > 0


def test_a_receptor_that_is_a_tf_is_no_path_of_two_genes() -> None:
    edges = {
        ("L", "R", "ligand_receptor"): (1, 1),
        ("R", "S", "signaling"): (1, 1),
        ("R", "X", "tf_target"): (1, 1),
        ("S", "X", "tf_target"): (1, 1),
    }
    paths, _ = find_paths(network_from(edges), "LRSX", bounds(), "all")
    assert paths["path"].tolist() == ["R>S>X"]


def test_well_evidenced_and_short_ways_come_first() -> None:
    edges = {
        ("L", "R", "ligand_receptor"): (1, 1),
        ("R", "A", "signaling"): (1, 100),
        ("R", "B", "signaling"): (1, 1),
        ("A", "T", "signaling"): (-1, 100),
        ("B", "T", "signaling"): (1, 1),
        ("R", "T", "signaling"): (0, 4),
        ("T", "X", "tf_target"): (1, 25),
    }
    by_evidence, _ = find_paths(network_from(edges), "LRABTX", bounds(step_cost=0.0), "all")
    assert by_evidence[["path", "sign"]].to_numpy().tolist() == [["R>A>T>X", -1]]
    assert by_evidence["cost"].tolist() == pytest.approx([0.1 + 0.1 + 0.2])
    by_length, _ = find_paths(network_from(edges), "LRABTX", bounds(step_cost=5.0), "all")
    assert by_length[["path", "sign"]].to_numpy().tolist() == [["R>T>X", 0]]
    assert by_length["cost"].tolist() == pytest.approx([0.5 + 0.2 + 10])


def test_pathway_of_most_of_the_steps() -> None:
    edges = {
        ("L", "R", "ligand_receptor"): (1, 1),
        ("R", "A", "signaling"): (1, 1),
        ("A", "T", "signaling"): (1, 1),
        ("T", "X", "tf_target"): (1, 1),
    }
    table = network_from(edges).sort_values("source").assign(pathway=["WNT", None, "NOTCH", "WNT"])
    assert find_paths(table, "LRATX", bounds(), "all")[0]["pathway"].tolist() == ["WNT"]
    assert find_paths(table.assign(pathway=None), "LRATX", bounds(), "all")[0]["pathway"].tolist() == [None]


# ------------------------------------------------------------------------------------------------------ selection


def routes(*paths: str) -> list[tuple[float, tuple[str, ...]]]:
    """Paths of one letter per gene, in order of cost."""
    return [(float(cost), tuple(path)) for cost, path in enumerate(paths)]


def test_coverage_comes_before_cost() -> None:
    candidates = routes("RTX", "RaTX", "RTY", "RbTY", "RUX", "QTX")
    order = ["".join(genes) for _, genes in select_paths(set(candidates), HUGE)]
    assert order == ["RTX", "RUX", "QTX", "RTY", "RaTX", "RbTY"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 3)] * 4), min_size=1, max_size=25, unique=True), st.integers(1, 30))
def test_selection_covers_what_can_be_covered(drawn: list[tuple[int, ...]], n: int) -> None:
    candidates = {(float(c), (f"R{r}", f"T{t}", f"X{x}")) for r, t, x, c in drawn}
    chosen = select_paths(candidates, n)
    everything = select_paths(candidates, HUGE)
    assert chosen == everything[:n]
    assert sorted(everything) == sorted(candidates)
    receptors_and_tfs = {genes[i] for _, genes in candidates for i in (0, 1)}
    if n >= len(receptors_and_tfs):
        assert {genes[i] for _, genes in chosen for i in (0, 1)} == receptors_and_tfs
    if n >= len(receptors_and_tfs) + len({genes[2] for _, genes in candidates}):
        assert {genes[2] for _, genes in chosen} == {genes[2] for _, genes in candidates}
    assert chosen[0] == min(candidates)


# --------------------------------------------------------------------------------------------- report and errors


def test_the_report_adds_up(small_network: pd.DataFrame) -> None:
    genes = genes_of(small_network) - {"L2", "S4"}
    paths, report = find_paths(
        small_network, genes, bounds(receptors_per_target=1, tfs_per_receptor=1, max_paths=3), "T"
    )
    assert set(report["population"]) == {"T"}
    by_rule = {row.rule: (row.kept, row.dropped) for row in report.itertuples()}
    assert (report[["kept", "dropped"]] >= 0).all(axis=None)
    inside = small_network["source"].isin(genes) & small_network["target"].isin(genes)
    assert by_rule["edges between two genes of the population"] == (inside.sum(), (~inside).sum())
    assert by_rule["receptors with an outgoing signaling edge"] == (2, 0)
    assert by_rule["of these, receptors that reach a TF"] == (2, 0)
    assert by_rule["TFs reached by a receptor"] == (2, 0)
    candidates = by_rule["candidates: best receptors per target edge, best TFs per receptor"][0]
    assert by_rule["paths within max_paths and max_per_receptor, coverage first"] == (3, candidates - 3)
    assert len(paths) == 3
    for rule, column, total in (("receptors", "receptor", 2), ("TFs", "tf", 2), ("targets", "target", 5)):
        kept, dropped = by_rule[f"{rule} on a path"]
        assert kept == paths[column].nunique()
        assert kept + dropped == total


def test_genes_off_the_network_are_an_error_that_names_the_parameters(
    small_network: pd.DataFrame, path_config: PathConfig
) -> None:
    with pytest.raises(PathloreError, match=r"none of its 2 genes .*`network` and `ingestion\.cells\.gene_column`"):
        find_paths(small_network, ["ENSG1", "ENSG2"], path_config, "all")


def test_no_typed_path_is_an_error_that_names_the_parameters(small_network: pd.DataFrame) -> None:
    with pytest.raises(PathloreError, match=r"population B cells: .*graph_construction\.paths\.max_edges.*`network`"):
        find_paths(small_network, genes_of(small_network), bounds(min_nodes=9, max_edges=9), "B cells")
    with pytest.raises(PathloreError, match=r"no path receptor"):
        find_paths(small_network, {"R1", "S1", "T2"}, bounds(), "all")
