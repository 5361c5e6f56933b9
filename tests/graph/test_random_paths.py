from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from blocks import network_of, path_block

from pathlore.config import GraphConfig, PathConfig
from pathlore.errors import PathloreError
from pathlore.graph.network import KEYS
from pathlore.graph.paths import find_paths
from pathlore.graph.paths.random_control import random_paths, with_random_steps
from pathlore.graph.text_numeric_graph import build_graph, path_steps
from pathlore.keys import RANDOM_STEP
from pathlore.schemas import Network, PathReport, SignalingPaths


def at_random(**changes: object) -> PathConfig:
    return path_block(**{"mode": "random", "max_edges": 5, **changes})


def layered(n: int = 12, seed: int = 0) -> pd.DataFrame:
    """Ligand, n receptors, two layers of n signals, n TFs and n targets; each gene acts on three of the next layer."""
    rng = np.random.default_rng(seed)
    layers = [[f"{letter}{i:02d}" for i in range(n)] for letter in ("R", "S", "U", "T", "X")]
    rows = [("L", receptor, "ligand_receptor") for receptor in layers[0]]
    for near, far in pairwise(layers):
        kind = "tf_target" if far is layers[-1] else "signaling"
        rows += [(a, str(b), kind) for a in near for b in rng.choice(far, 3, replace=False)]
    table = pd.DataFrame(rows, columns=["source", "target", "kind"])
    return network_of(table.assign(sign=rng.choice([1, -1, 0], len(table)), n_evidence=3, pathway="P"))


@pytest.fixture(scope="module")
def network() -> pd.DataFrame:
    return layered()


@pytest.fixture(scope="module")
def genes(network: pd.DataFrame) -> set[str]:
    return set(network["source"]) | set(network["target"])


def test_they_look_like_the_real_ones_and_no_step_is_known(network: pd.DataFrame, genes: set[str]) -> None:
    real, _ = find_paths(network, genes, at_random(mode="k_shortest"), "all")
    drawn, report = find_paths(network, genes, at_random(), "all")
    SignalingPaths.validate(drawn)
    PathReport.validate(report)
    assert len(real) > 20
    assert drawn["n_genes"].tolist() == real["n_genes"].tolist()
    known = set(network[KEYS].itertuples(index=False, name=None))
    for path in drawn["path"]:
        names = path.split(">")
        assert len(set(names)) == len(names)
        assert (names[0][0], names[-2][0], names[-1][0]) == ("R", "T", "X")
        assert {name[0] for name in names[1:-2]} <= {"S", "U"}
        assert known.isdisjoint(path_steps(names))
    for column in ("receptor", "tf", "target"):
        assert set(drawn[column]) <= set(real[column])
    assert drawn["pathway"].isna().all()
    assert report.iloc[-1][["rule", "kept", "dropped"]].tolist() == ["paths drawn anew at random", len(real), 0]
    assert drawn["cost"].tolist() == pytest.approx([(n - 1) * 1.2 for n in drawn["n_genes"]])


def test_genes_are_drawn_in_their_roles_as_often_as_they_are_there() -> None:
    hub = [f"R{i}>H>T{i % 7}>X{i % 11}" for i in range(300)]
    rare = [f"R{i}>S{i}>T{i % 7}>X{i % 11}" for i in range(100)]
    none = network_of(pd.DataFrame([("L", "R0", "ligand_receptor")], columns=["source", "target", "kind"]))
    drawn = [path.split(">") for path in random_paths(hub + rare, none, at_random())]
    assert len(drawn) == 400
    assert all([name[0] for name in names] in (["R", "H", "T", "X"], ["R", "S", "T", "X"]) for names in drawn)
    assert 0.65 < np.mean([names[1] == "H" for names in drawn]) < 0.85


def test_the_seed_decides(network: pd.DataFrame, genes: set[str]) -> None:
    one, again, other = (find_paths(network, genes, at_random(random_seed=s), "all")[0] for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert set(one["path"]).isdisjoint(other["path"]) or set(one["path"]) != set(other["path"])


def test_steps_are_added_as_associations_without_evidence(network: pd.DataFrame, genes: set[str]) -> None:
    config = at_random()
    paths, _ = find_paths(network, genes, config, "all")
    whole = with_random_steps(network, paths["path"], config)
    Network.validate(whole)
    added = whole[whole["resources"] == RANDOM_STEP]
    steps = {step for path in paths["path"] for step in path_steps(path.split(">"))}
    assert set(added[KEYS].itertuples(index=False, name=None)) == steps
    assert len(whole) == len(network) + len(steps)
    assert set(added["references"]) == {""}
    assert set(added["sign"]) == {-1, 0, 1}
    signs = added.set_index(KEYS)["sign"]
    for path, sign in zip(paths["path"], paths["sign"], strict=True):
        assert np.prod([signs[step] for step in path_steps(path.split(">"))]) == sign
    few = with_random_steps(network, paths["path"].head(5), config)  # of fewer paths: the same signs
    few = few[few["resources"] == RANDOM_STEP].set_index(KEYS)["sign"]
    assert few.to_dict() == signs[few.index].to_dict()
    assert with_random_steps(network, paths["path"], at_random(mode="k_shortest")) is network


def test_a_graph_has_the_random_steps_of_its_own_paths_alone(network: pd.DataFrame, genes: set[str]) -> None:
    config = at_random()
    paths, _ = find_paths(network, genes, config, "all")
    whole = with_random_steps(network, paths["path"], config)
    numbers = dict.fromkeys(("mean", "sd", "fraction_expressed", "log_fold_change"), 1.0)
    statistics = pd.DataFrame({"gene": sorted(genes), "passes": True, **numbers})
    texts = [pd.DataFrame({"key": keys, "text": "a", "has_text": True}) for keys in (sorted(genes), paths["path"])]
    config = GraphConfig(genes="edges")
    graph = build_graph(whole, paths.head(9), statistics, *texts, lambda edges: ["a"] * len(edges), config)
    steps = {step for path in paths["path"].head(9) for step in path_steps(path.split(">"))}
    made = graph.associations[graph.associations["resources"] == RANDOM_STEP]
    assert set(made[KEYS].itertuples(index=False, name=None)) == steps
    assert len(graph.associations) == len(network) + len(steps)


def test_where_every_step_is_known_nothing_can_be_drawn() -> None:
    rows = [("L", "R", "ligand_receptor"), ("R", "T", "signaling"), ("T", "X", "tf_target"), ("T", "Y", "tf_target")]
    network = network_of(pd.DataFrame(rows, columns=["source", "target", "kind"]))
    with pytest.raises(PathloreError, match=r"none of 2 random paths.*graph_construction\.paths\.mode"):
        find_paths(network, {"R", "T", "X", "Y"}, at_random(), "all")
