import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData, read_h5ad
from blocks import network_of, path_block
from pydantic import ValidationError
from scipy import sparse

from pathlore.config import SimulationConfig
from pathlore.errors import PathloreError
from pathlore.expression.planting import completed, directions, edge_signs, step_signs
from pathlore.expression.simulate import draw_truth, simulate_cells, simulation_truth
from pathlore.graph.paths import find_paths

SMALL = {"n_planted": 4, "n_decoy_edges": 3, "n_hubs": 2, "cells_per_donor": 20}
EXACT = {"donor_sd": 0.0, "batch_sd": 0.0, "gene_sd": 0.3, "dispersion": 0.05, "dropout": 0.2, "library_sd": 0.1}


@pytest.fixture(scope="module")
def network():
    """Ligands, receptors, signals, TFs and targets, thirty of each; each receptor has a ligand of its own."""
    rng = np.random.default_rng(4)
    layers = [[f"{name}{i:02d}" for i in range(30)] for name in ("REC", "SIG", "TF", "TGT")]
    kinds = ["signaling", "signaling", "tf_target"]
    rows = [(f"LIG{i:02d}", f"REC{i:02d}", "ligand_receptor", 1, None) for i in range(30)]
    for upper, lower, kind in zip(layers, layers[1:], kinds, strict=False):
        for i, source in enumerate(upper):
            for target in rng.choice(lower, 2, replace=False):
                rows.append((source, str(target), kind, int(rng.integers(-1, 2)), f"pathway {i % 6}"))
    return network_of(pd.DataFrame(rows, columns=["source", "target", "kind", "sign", "pathway"]))


@pytest.fixture(scope="module")
def paths(network):
    genes = set(network["source"]) | set(network["target"])
    return find_paths(network, genes, path_block(max_paths=80), "receiver")[0]


@pytest.fixture(scope="module")
def cells(network, paths):
    return simulate_cells(network, paths, SimulationConfig(**SMALL, seed=3))


def listed(paths):
    return [tuple(path.split(">")) for path in paths["path"]]


def folds(cells, population):
    """Log2 ratio of the classes' mean counts per gene."""
    part = cells[cells.obs["cell_type"] == population]
    case = (part.obs["condition"] == "case").to_numpy()
    counts = part.X.toarray()
    means = np.maximum([counts[rows].mean(axis=0) for rows in (case, ~case)], 1e-3)  # a silent gene may have no count
    return pd.Series(np.log2(means[0] / means[1]), index=part.var_names)


def test_what_is_made(cells, paths):
    genes = {gene for path in listed(paths) for gene in path}
    ligands = set(cells.uns["axes"]["ligand"])
    assert set(cells.var_names) == genes | ligands | {f"BACKGROUND{i + 1}" for i in range(30)}
    assert cells.var_names.is_unique
    assert cells.n_obs == 2 * 12 * 20
    assert isinstance(cells.X, sparse.csr_matrix)
    assert cells.X.dtype == np.float32
    np.testing.assert_array_equal(cells.X.data, np.rint(cells.X.data))
    assert cells.X.data.min() >= 1
    assert cells.obs.groupby(["donor", "cell_type"], observed=True).size().tolist() == [20] * 24
    assert cells.obs.groupby("donor", observed=True)["condition"].nunique().max() == 1
    assert list(cells.obs["condition"].cat.categories) == ["control", "case"]


@pytest.mark.parametrize(("n_batches", "donors"), [(2, 6), (3, 4)])
def test_batches_hold_both_classes_alike(network, paths, n_batches, donors):
    config = SimulationConfig(**SMALL | {"cells_per_donor": 2}, n_batches=n_batches, donors_per_class=donors)
    obs = simulate_cells(network, paths, config).obs
    assert obs.groupby("donor", observed=True)["batch"].nunique().max() == 1
    table = pd.crosstab(obs["batch"], obs["condition"])
    assert len(table) == n_batches
    assert (table["control"] == table["case"]).all()


def test_same_seed_same_cells(cells, network, paths):
    again, other = (simulate_cells(network, paths, SimulationConfig(**SMALL, seed=seed)) for seed in (3, 4))
    assert (cells.X != again.X).nnz == 0
    assert simulation_truth(cells) == simulation_truth(again)
    assert simulation_truth(other)["planted_paths"] != simulation_truth(cells)["planted_paths"]


def test_folds_are_those_asked_for_and_only_there(network, paths):
    config = SimulationConfig(**SMALL | {"cells_per_donor": 300, "n_background_genes": 10} | EXACT, seed=1)
    cells = simulate_cells(network, paths, config)
    truth = simulation_truth(cells)
    shift = truth["shift"]
    planted = {gene for path in truth["planted_paths"] for gene in path.split(">")}
    changed = planted | {*truth["decoy_genes"], *truth["hubs"]}
    changed |= {gene for edge in truth["decoy_edges"] for gene in edge.split(">")}
    assert changed == set(shift["receiver"])
    assert all(0.6 * config.effect <= abs(fold) <= 1.4 * config.effect for fold in shift["receiver"].values())
    silent = truth["unexpressed_path"].split(">")
    for population in ("receiver", "sender"):
        expected = pd.Series(shift[population]).reindex(cells.var_names).fillna(0.0)
        found = folds(cells, population)
        assert (found - expected).drop(silent).abs().max() < 0.15, population
    mean = pd.Series(np.asarray(cells.X.mean(axis=0)).ravel(), index=cells.var_names)
    assert mean[silent].between(0.005, 0.015).all()
    assert mean.drop(silent).min() > 0.2


def test_the_ligands_of_the_axes_go_up_in_the_sender_alone(network, paths):
    truth = simulation_truth(simulate_cells(network, paths, SimulationConfig(**SMALL, seed=2)))
    assert len(truth["axes"]) == 2
    for axis in truth["axes"]:
        assert axis["path"] in truth["planted_paths"]
        assert axis["path"].startswith(f"{axis['receptor']}>")
        edge = network[(network["source"] == axis["ligand"]) & (network["target"] == axis["receptor"])]
        assert edge["kind"].tolist() == ["ligand_receptor"]
        assert (axis["sender"], axis["receiver"]) == ("sender", "receiver")
        assert truth["shift"]["sender"][axis["ligand"]] > 0
        assert axis["ligand"] not in truth["shift"]["receiver"]
    assert set(truth["shift"]["sender"]) == {axis["ligand"] for axis in truth["axes"]}


@pytest.mark.parametrize("signs", ["coherent", "edges", "random"])
@pytest.mark.parametrize("seed", range(8))
def test_no_path_but_the_planted_ones_is_wholly_shifted(network, paths, signs, seed):
    config = SimulationConfig(**SMALL, signs=signs)
    truth = draw_truth(network, paths, config, np.random.default_rng(seed))
    shifted = set(truth.shift["receiver"])
    planted = [tuple(path.split(">")) for path in truth.planted_paths]
    whole = [path for path in listed(paths) if shifted.issuperset(path)]
    assert sorted(whole) == sorted(planted)
    assert len(planted) == 4
    for decoys in (truth.decoy_genes, truth.decoy_edges, truth.hubs):
        for decoy in decoys:
            assert all(set(decoy.split(">")).isdisjoint(path) for path in planted)
    steps = {step for path in listed(paths) for step in pairwise(path)}
    assert {tuple(edge.split(">")) for edge in truth.decoy_edges} <= steps
    assert shifted.isdisjoint(truth.unexpressed_path.split(">"))
    assert len(truth.decoy_genes) == round(
        config.decoy_genes_per_planted * len({gene for path in planted for gene in path}) + 1e-9
    )


@pytest.mark.parametrize("seed", range(6))
def test_directions_follow_the_mode(network, paths, seed):
    signs = edge_signs(network)
    for mode in ("coherent", "edges"):
        truth = draw_truth(network, paths, SimulationConfig(**SMALL, signs=mode), np.random.default_rng(seed))
        up = {gene: np.sign(fold) for gene, fold in truth.shift["receiver"].items()}
        for path in [path.split(">") for path in truth.planted_paths]:
            factors = step_signs(path, signs) if mode == "edges" else [1] * (len(path) - 1)
            assert [up[after] / up[before] for before, after in pairwise(path)] == factors
    truth = draw_truth(network, paths, SimulationConfig(**SMALL, signs="random"), np.random.default_rng(seed))
    up = {gene: np.sign(fold) for gene, fold in truth.shift["receiver"].items()}
    assert {len({up[gene] for gene in path.split(">")}) for path in truth.planted_paths} != {1}


def test_the_first_path_decides_on_a_shared_gene():
    for seed in range(5):
        rng = np.random.default_rng(seed)
        assert directions("ABC", "coherent", [1, -1], rng, {"B": -1}) == {"A": -1, "B": -1, "C": -1}
        assert directions("ABC", "edges", [1, -1], rng, {"C": 1}) == {"A": -1, "B": -1, "C": 1}
        assert directions("ABC", "random", [1, -1], rng, {"B": 1})["B"] == 1


def test_completed_paths():
    paths = [("A", "B", "C"), ("A", "D", "C"), ("E", "B", "C")]
    assert completed(paths, set("ABCE"), paths[:1]) == [("E", "B", "C")]
    assert completed(paths, set("ABD"), []) == []


def test_planted_paths_share_few_genes(network, paths):
    for limit in (0, 1):
        config = SimulationConfig(**SMALL, max_shared_genes=limit)
        truth = draw_truth(network, paths, config, np.random.default_rng(0))
        before: set[str] = set()
        for path in truth.planted_paths:
            assert len(before & set(path.split(">"))) <= limit
            before |= set(path.split(">"))


def test_the_theme_gathers_planted_paths_in_few_pathways(network, paths):
    pathway = paths.set_index("path")["pathway"]

    def number(theme):
        drawn = [
            draw_truth(network, paths, SimulationConfig(**SMALL, theme=theme), np.random.default_rng(seed))
            for seed in range(12)
        ]
        return np.mean([pathway[truth.planted_paths].nunique() for truth in drawn])

    assert number(1.0) < number(0.5) < number(0.0)


def test_dropout_takes_counts_of_rare_genes_first(network, paths):
    full, lossy = (
        simulate_cells(network, paths, SimulationConfig(**SMALL, seed=1, dropout=dropout)).X.toarray()
        for dropout in (0.0, 1.0)
    )
    found, kept = (full > 0).mean(axis=0), (lossy > 0).mean(axis=0)
    rare, common = (found > 0.1) & (found < 0.5), found > 0.9
    assert kept[rare].mean() / found[rare].mean() < 0.6
    assert kept[common].mean() / found[common].mean() > 0.8


def test_donors_differ_as_much_as_asked(network, paths):
    def spread(donor_sd):
        config = SimulationConfig(**SMALL | EXACT | {"donor_sd": donor_sd, "cells_per_donor": 60}, seed=0)
        cells = simulate_cells(network, paths, config)
        still = [gene for gene in cells.var_names if gene.startswith("BACKGROUND")]
        part = cells[cells.obs["cell_type"] == "sender", still].to_df()
        means = part.groupby(cells.obs.loc[part.index, "donor"].astype(str)).mean()
        return float(np.log(means).std().mean())

    assert spread(0.0) < 0.1
    assert spread(0.6) == pytest.approx(0.6, abs=0.15)


def test_the_truth_survives_a_file(cells, tmp_path):
    cells.write_h5ad(tmp_path / "cells.h5ad")
    truth = simulation_truth(read_h5ad(tmp_path / "cells.h5ad"))
    assert truth == simulation_truth(cells)
    assert json.loads(json.dumps(truth)) == truth
    assert truth["simulation"] == SimulationConfig(**SMALL, seed=3).model_dump()
    with pytest.raises(PathloreError, match="truth of a simulation was expected in uns"):
        simulation_truth(AnnData(np.ones((2, 2))))


def test_nothing_but_planted_paths(network, paths, tmp_path):
    none = {"n_decoy_edges": 0, "n_hubs": 0, "n_axes": 0, "decoy_genes_per_planted": 0.0, "n_background_genes": 0}
    config = SimulationConfig(**SMALL | none, populations=["receiver"])
    cells = simulate_cells(network, paths, config)
    cells.write_h5ad(tmp_path / "cells.h5ad")
    truth = simulation_truth(read_h5ad(tmp_path / "cells.h5ad"))
    assert truth["decoy_genes"] == truth["decoy_edges"] == truth["hubs"] == truth["axes"] == []
    assert set(cells.obs["cell_type"]) == {"receiver"}


@pytest.fixture(scope="module")
def background(network):
    """600 cells; one receptor is not measured, one hardly ever found; 12 genes are off the network."""
    rng = np.random.default_rng(9)
    genes = sorted(set(network["source"]) | set(network["target"])) + [f"OTHER{i}" for i in range(12)]
    counts = rng.negative_binomial(3, 3 / (3 + rng.uniform(2, 8, len(genes))), (600, len(genes)))
    counts[:, genes.index("REC05")] = rng.random(600) < 0.01
    cells = AnnData(sparse.csr_matrix(counts, dtype=np.float32), var=pd.DataFrame(index=genes))
    return cells[:, cells.var_names != "REC04"].copy()


def test_changes_in_real_cells(network, paths, background):
    config = SimulationConfig(
        **SMALL | {"cells_per_donor": 25, "donor_sd": 0.0, "batch_sd": 0.0, "n_background_genes": 8}, seed=5
    )
    cells = simulate_cells(network, paths, config, background)
    assert cells.n_obs == 600
    assert not {"REC04", "REC05"} & set(cells.var_names)
    assert cells.var_names.str.startswith("OTHER").sum() == 8
    truth = simulation_truth(cells)
    for population in ("receiver", "sender"):
        shift = pd.Series(truth["shift"][population])
        found = folds(cells, population)[shift.index]
        assert (found - shift).abs().mean() < 0.25
        assert (np.sign(found) == np.sign(shift)).all()
    rest = folds(cells, "receiver").drop([*truth["shift"]["receiver"], *truth["unexpressed_path"].split(">")])
    assert rest.abs().mean() < 0.2
    assert simulate_cells(network, paths, config, background).X.sum() == cells.X.sum()


def test_real_cells_that_cannot_be_used(network, paths, background):
    config = SimulationConfig(**SMALL | {"cells_per_donor": 26})
    with pytest.raises(PathloreError, match=r"has 600 cells, 624 are drawn .* lower `cells_per_donor` to 25"):
        simulate_cells(network, paths, config, background)
    scaled = background.copy()
    scaled.X = scaled.X * np.float32(0.37)
    with pytest.raises(PathloreError, match="raw counts"):
        simulate_cells(network, paths, config, scaled)
    with pytest.raises(PathloreError, match="a gene occurs twice"):
        simulate_cells(network, paths, config, background[:, [0, 1, 1]])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"n_planted": 60}, r"of the 80 listed paths .* 60 wanted: lower `n_planted`"),
        ({"n_planted": 60, "theme": 1.0}, r"named pathways .* lower `n_planted`, `theme`"),
        ({"n_axes": 9}, r"of 4 planted paths .* 9 wanted: lower `n_axes`"),
        ({"n_hubs": 500}, r"500 wanted: lower `n_hubs`"),
        ({"n_decoy_edges": 500}, r"500 wanted: lower `n_decoy_edges`"),
        ({"decoy_genes_per_planted": 50.0}, r"lower `decoy_genes_per_planted`"),
    ],
)
def test_more_than_there_is(network, paths, changes, said):
    with pytest.raises(PathloreError, match=said):
        simulate_cells(network, paths, SimulationConfig(**SMALL | changes))


def test_decoys_are_as_many_as_the_list_offers(network, paths, caplog):
    """More than it offers, and less than twice as many; a tenth of that is had whole and in silence."""
    offered = SimulationConfig(**SMALL | {"decoy_genes_per_planted": 7.0})
    truth = draw_truth(network, paths, offered, np.random.default_rng(0))
    planted = {gene for path in truth.planted_paths for gene in path.split(">")}
    assert 3.5 * len(planted) <= len(truth.decoy_genes) < 7 * len(planted)
    assert f"{len(truth.decoy_genes)} decoy genes can be shifted" in caplog.text
    assert f"{7 * len(planted)} wanted" in caplog.text
    shifted = set(truth.shift["receiver"])
    for gene in {gene for path in listed(paths) for gene in path} - shifted - set(truth.axes["ligand"]):
        silent = gene in truth.unexpressed_path.split(">")
        assert silent or any((shifted | {gene}).issuperset(path) and gene in path for path in listed(paths))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"n_batches": 7}, "each batch needs a donor of each class"),
        ({"populations": ["one"]}, "n_axes 2 needs two populations"),
        ({"populations": ["one", "one"]}, "each name once"),
        ({"dropouts": 1}, "Extra inputs"),
    ],
)
def test_designs_that_cannot_be(changes, said):
    with pytest.raises(ValidationError, match=said):
        SimulationConfig(**changes)
