"""Every mode against plain recursion, the filters, and the user's own paths."""

from itertools import pairwise

import pandas as pd
import pytest
from blocks import network_of, path_block
from brute_force import all_paths
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pathlore.config import PathConfig
from pathlore.errors import PathloreError
from pathlore.graph.interactions import ligand_receptor_steps
from pathlore.graph.paths import find_paths, user_file
from pathlore.schemas import LigandReceptorSteps, PathReport, SignalingPaths

HUGE = dict.fromkeys(
    ("labels_per_gene", "receptors_per_target", "tfs_per_receptor", "paths_per_pair", "max_paths"), 10_000
)


def bounds(**changes: object) -> PathConfig:
    return path_block(**{**HUGE, "max_edges": 5, **changes})


@st.composite
def networks(draw: st.DrawFn) -> pd.DataFrame:
    """A few genes in any role, edges in none, one or two of three pathways; one path is sure."""
    end = st.sampled_from("ABCDEF")
    kind = st.sampled_from(["signaling"] * 4 + ["tf_target"] * 2 + ["ligand_receptor"])
    ends = st.tuples(end, end, kind).filter(lambda e: e[0] != e[1] and e[1:] != ("B", "ligand_receptor"))
    values = st.tuples(st.integers(1, 9), st.sampled_from([None, "P", "Q", "P;Q", "R"]))
    edges = draw(st.dictionaries(ends, values, max_size=20)) | {
        ("Z", "A", "ligand_receptor"): (1, "P"),
        ("A", "B", "signaling"): (4, "P;Q"),
        ("B", "C", "tf_target"): (2, "P"),
    }
    columns = ["source", "target", "kind", "n_evidence", "pathway"]
    return network_of(pd.DataFrame([(*e, *v) for e, v in edges.items()], columns=columns))


def genes_of(network: pd.DataFrame) -> set[str]:
    return set(network["source"]) | set(network["target"])


def found(network: pd.DataFrame, config: PathConfig) -> pd.DataFrame:
    paths, report = find_paths(network, genes_of(network), config, "all")
    PathReport.validate(report)
    return SignalingPaths.validate(paths)


def as_genes(paths: pd.DataFrame) -> set[tuple[str, ...]]:
    return {tuple(path.split(">")) for path in paths["path"]}


@settings(max_examples=60, deadline=None)
@given(networks(), st.integers(3, 5))
def test_all_simple_lists_every_path_and_k_shortest_with_huge_bounds_too(network: pd.DataFrame, min_nodes: int) -> None:
    every = all_paths(network, genes_of(network), bounds(min_nodes=min_nodes))
    assume(every)
    for mode in ("all_simple", "k_shortest"):
        paths = found(network, bounds(mode=mode, min_nodes=min_nodes))
        assert as_genes(paths) == set(every), mode
        for row in paths.itertuples():
            assert row.cost == pytest.approx(every[tuple(row.path.split(">"))])


@settings(max_examples=60, deadline=None)
@given(networks())
def test_shortest_takes_the_fewest_steps_and_then_the_least_cost(network: pd.DataFrame) -> None:
    every = all_paths(network, genes_of(network), bounds())
    ways: dict[tuple[str, str], list[tuple[int, float]]] = {}
    signaling = network[network["kind"] == "signaling"].set_index(["source", "target"])["n_evidence"]
    costs = {}
    for genes in every:
        costs[genes] = sum(signaling[step] ** -0.5 + 0.2 for step in pairwise(genes[:-1]))
        ways.setdefault((genes[0], genes[-2]), []).append((len(genes), costs[genes]))
    for row in found(network, bounds(mode="shortest")).itertuples():
        genes = tuple(row.path.split(">"))
        fewest, least = min(ways[genes[0], genes[-2]])
        assert len(genes) == fewest
        assert costs[genes] == pytest.approx(least)


@settings(max_examples=60, deadline=None)
@given(networks())
def test_pathway_paths_stay_within_one_named_pathway(network: pd.DataFrame) -> None:
    names = {(row.source, row.target, row.kind): set((row.pathway or "").split(";")) for row in network.itertuples()}
    expected: set[tuple[str, ...]] = set()
    for name in "PQR":
        part = network[[name in names[row.source, row.target, row.kind] for row in network.itertuples()]]
        # who is a receptor is known from the whole network
        part = pd.concat([part, network[network["kind"] == "ligand_receptor"]]).drop_duplicates(
            ["source", "target", "kind"]
        )
        expected |= set(all_paths(part, genes_of(network), bounds()))
    paths = found(network, bounds(mode="pathway"))
    assert as_genes(paths) == expected
    for row in paths.itertuples():
        genes = row.path.split(">")
        steps = [(*step, "signaling") for step in pairwise(genes[:-1])] + [(*genes[-2:], "tf_target")]
        assert all(row.pathway in names[step] for step in steps)


@settings(max_examples=40, deadline=None)
@given(networks(), st.integers(1, 3))
def test_paths_per_pair_takes_the_cheapest_of_every_receptor_tf_and_target(network: pd.DataFrame, k: int) -> None:
    every = all_paths(network, genes_of(network), bounds())
    ranked: dict[tuple[str, str, str], list[float]] = {}
    for genes, cost in every.items():
        ranked.setdefault((genes[0], genes[-2], genes[-1]), []).append(cost)
    paths = found(network, bounds(paths_per_pair=k))
    for ends, group in paths.groupby(["receptor", "tf", "target"]):
        assert sorted(group["cost"]) == pytest.approx(sorted(ranked[ends])[:k])
    assert len(paths) == sum(min(k, len(costs)) for costs in ranked.values())


def test_the_pathway_is_that_of_most_steps_and_of_several_the_one_nearest_to_the_receptor() -> None:
    edges = [("L", "R", "ligand_receptor", None), ("R", "A", "signaling", "Z"), ("A", "T", "signaling", "B"),
             ("T", "X", "tf_target", "B;Z")]  # fmt: skip
    network = network_of(pd.DataFrame(edges, columns=["source", "target", "kind", "pathway"]))
    assert found(network, bounds())["pathway"].tolist() == ["Z"]


def test_too_many_simple_paths_are_an_error_not_a_hang(small_network: pd.DataFrame) -> None:
    with pytest.raises(PathloreError, match=r"more than 3 simple paths .*max_edges.*enumeration_limit.*k_shortest"):
        found(small_network, bounds(mode="all_simple", enumeration_limit=3))


# --------------------------------------------------------------------------------------------------------- filters


@pytest.mark.parametrize(
    ("filters", "keeps"),
    [
        ({"receptors": ["R2"]}, lambda genes: genes[0] == "R2"),
        ({"tfs": ["T2"]}, lambda genes: genes[-2] == "T2"),
        ({"genes": ["S4", "X1"]}, lambda genes: {"S4", "X1"} & set(genes)),
        ({"receptors": ["R1"], "genes": ["S3"]}, lambda genes: genes[0] == "R1" and "S3" in genes),
    ],
)
def test_filters_keep_what_they_name(small_network: pd.DataFrame, filters: dict[str, object], keeps: object) -> None:
    everything = as_genes(found(small_network, bounds()))
    assert as_genes(found(small_network, bounds(**filters))) == {genes for genes in everything if keeps(genes)}


def test_a_receptor_that_is_asked_for_has_its_paths_although_others_are_cheaper() -> None:
    """The search is for it alone, so that the caps on candidates do not leave it out."""
    edges = [("L", r, "ligand_receptor", 1) for r in ("A", "B", "C")]
    edges += [("A", "T", "signaling", 9), ("B", "T", "signaling", 9), ("C", "T", "signaling", 1)]
    edges += [("T", "X", "tf_target", 1), ("T", "Y", "tf_target", 1)]
    network = network_of(pd.DataFrame(edges, columns=["source", "target", "kind", "n_evidence"]))
    caps = {"receptors_per_target": 2, "tfs_per_receptor": 1, "paths_per_pair": 1}
    assert as_genes(found(network, path_block(**caps))) & {("C", "T", "X"), ("C", "T", "Y")} == {("C", "T", "X")}
    asked = as_genes(found(network, path_block(**caps, receptors=["C"])))
    assert asked == {("C", "T", "X"), ("C", "T", "Y")}


@pytest.mark.parametrize("parameter", ["receptors", "tfs", "genes", "pathways"])
def test_a_filter_for_what_is_not_there_is_an_error(small_network: pd.DataFrame, parameter: str) -> None:
    with pytest.raises(
        PathloreError, match=rf"graph_construction\.paths\.{parameter} are not in the network \(NOBODY;"
    ):
        found(small_network, bounds(**{parameter: ["NOBODY"]}))


def test_a_filter_that_leaves_nothing_is_an_error(small_network: pd.DataFrame) -> None:
    with pytest.raises(PathloreError, match=r"none of \d+ paths passes the filters"):
        found(small_network, bounds(receptors=["S1"]))


def test_each_receptor_has_its_cap(small_network: pd.DataFrame) -> None:
    whole, capped = found(small_network, bounds()), found(small_network, bounds(max_per_receptor=2))
    assert capped["receptor"].value_counts().to_dict() == {"R1": 2, "R2": 2}
    assert capped["path"].tolist() == whole.groupby("receptor").head(2)["path"].tolist()


# ---------------------------------------------------------------------------------------------------- user's paths


def given_paths(network: pd.DataFrame, *paths: str, genes: set[str] | None = None) -> pd.DataFrame:
    table = pd.DataFrame({"path": paths})
    return find_paths(network, genes or genes_of(network), bounds(mode="file"), "all", table)[0]


def test_given_paths_are_taken_as_they_are(small_network: pd.DataFrame) -> None:
    paths = given_paths(small_network, "R1>S1>T2>X2", "R2 -> S2 → T1>X1", "R1>S1>T2>X2", "")
    assert set(paths["path"]) == {"R1>S1>T2>X2", "R2>S2>T1>X1"}
    known = found(small_network, bounds()).set_index("path")["cost"]
    assert dict(zip(paths["path"], paths["cost"], strict=True)) == pytest.approx(known[paths["path"]].to_dict())


def test_given_paths_with_genes_that_are_not_expressed_are_dropped(small_network: pd.DataFrame) -> None:
    expressed = genes_of(small_network) - {"S1"}
    paths = given_paths(small_network, "R1>S1>T2>X2", "R2>S2>T1>X1", genes=expressed)
    assert paths["path"].tolist() == ["R2>S2>T1>X1"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            "R1>X1>T1>X2",
            r"1 step\(s\) .* no edges of the network: R1>X1 \(signaling\)|2 step\(s\).*R1>X1 \(signaling\)",
        ),
        ("R1>S1>T2>X1", r"T2>X1 \(tf_target\)"),
        ("R1>S1>T2>NOGENE", r"T2>NOGENE \(tf_target\)"),
        ("R1>S1>S3>S1>T2>X2", r"have a gene twice \(a cycle\)"),
        ("R1>S1", r"fewer than three genes"),
        ("S1>T2>X2", r"do not begin at a receptor"),
    ],
)
def test_wrong_given_paths_are_errors(small_network: pd.DataFrame, path: str, said: str) -> None:
    with pytest.raises(PathloreError, match=said) as error:
        given_paths(small_network, "R2>S2>T1>X1", path)
    assert "`paths`" in str(error.value)


def test_a_table_without_paths_is_an_error(small_network: pd.DataFrame) -> None:
    for table, said in ((pd.DataFrame({"route": ["A>B>C"]}), "columns route; expected `path`"), (None, "no table of")):
        with pytest.raises(PathloreError, match=said):
            find_paths(small_network, genes_of(small_network), bounds(mode="file"), "all", table)


def test_the_files_of_paths_are_joined_and_must_be_tables() -> None:
    one, two = (pd.DataFrame({"path": [path]}) for path in ("R1>S1>T2>X2", "R2>S2>T1>X1"))
    joined = user_file.given_paths({"a.csv": one, "b.csv": two})
    assert joined is not None
    assert joined["path"].tolist() == ["R1>S1>T2>X2", "R2>S2>T1>X1"]
    assert user_file.given_paths({}) is None
    with pytest.raises(PathloreError, match=r"p\.xml is no table of paths.*`paths`"):
        user_file.given_paths({"p.xml": "<paths/>"})


# -------------------------------------------------------------------------------------------------------- ligands


def test_the_ligands_of_the_paths_receptors_are_kept(small_network: pd.DataFrame, small_paths: pd.DataFrame) -> None:
    steps = ligand_receptor_steps(small_network, small_paths, {"L1"}, "all")
    LigandReceptorSteps.validate(steps)
    assert steps[["ligand", "receptor", "sign", "ligand_expressed", "n_paths"]].to_numpy().tolist() == [
        ["L1", "R1", 1, True, 4],
        ["L1", "R2", 0, True, 3],
        ["L2", "R2", -1, False, 3],
    ]
    only = ligand_receptor_steps(small_network, small_paths[small_paths["receptor"] == "R1"], set(), "all")
    assert only["ligand"].tolist() == ["L1"]
