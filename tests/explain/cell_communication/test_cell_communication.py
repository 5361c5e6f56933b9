import logging
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
import scanpy as sc
from blocks import built_in_network, network_block, path_block

from pathlore.errors import PathloreError
from pathlore.evaluation.cohort import scenario
from pathlore.explain.cell_communication import cell_communication, communication_pairs
from pathlore.expression.simulate import simulate_cells, simulation_truth
from pathlore.graph.interactions import ligand_receptor_pairs
from pathlore.graph.paths import find_paths
from pathlore.resources.interactions import read_interactions
from pathlore.schemas import CellCommunication, CommunicationPairs

CLASSES = ["control", "case"]
FOUND = 0.75
"""Fraction of the planted axes that must be among the first ten interactions."""


@pytest.fixture(scope="module")
def interactions(cohort, pairs, importance, config):
    return cell_communication(cohort(), pairs, {"B": importance}, CLASSES, config())


def test_the_signal_that_rises_is_first_and_reads_to_its_targets(interactions):
    first = interactions.iloc[0]
    assert first[["sender", "receiver", "ligand", "receptor"]].tolist() == ["A", "B", "L1", "R1"]
    assert first["route"] == "L1 (A) -> R1 -> S1 -> T1 -> X1 (B)"
    assert first[["tfs", "targets", "path", "direction"]].tolist() == ["T1", "X1;X2", "R1>S1>T1>X1", "case"]
    assert first["n_paths"] == 2
    assert first["concordant"]
    assert first["ligand_log_fold_change"] == pytest.approx(np.log2(3), abs=0.4)
    assert first["ligand_q"] < 0.05
    assert first["q"] < 0.05
    assert first["importance"] == 0.8
    assert first["evidence_score"] == 0.8
    assert not interactions.loc[interactions["ligand"] != "L1", "q"].lt(0.05).any()


def test_lines_are_those_that_are_expressed_and_measured(interactions):
    assert interactions["rank"].tolist() == list(range(1, len(interactions) + 1))
    assert interactions["score"].is_monotonic_decreasing
    assert set(interactions["receiver"]) == {"B"}
    assert set(interactions["sender"]) == {"A", "B", "C"}
    assert set(interactions["receptor"]) == {"R1", "R2", "R2_R3"}  # not R1_ABSENT
    assert (interactions["autocrine"] == (interactions["sender"] == "B")).all()
    complexes = interactions[interactions["receptor"] == "R2_R3"].iloc[0]
    assert complexes["importance"] == 0.4  # of the best path of any member
    assert complexes["n_paths"] == 2
    assert "-> R2_R3 -> S1 ->" in complexes["route"]


def test_pooled_paths_make_a_receiver_of_each_cell_type_that_has_the_receptor(cohort, pairs, importance, config):
    found = cell_communication(cohort(), pairs, {"pooled": importance}, CLASSES, config(min_fraction=0.4))
    assert set(found["receiver"]) == {"A", "B", "C"}
    assert set(found.loc[found["receptor"] == "R1", "receiver"]) == {"B"}


def test_bounds_of_the_table(cohort, pairs, importance, config):
    few = cell_communication(cohort(), pairs, {"B": importance}, CLASSES, config(max_interactions=3, top_paths=1))
    assert len(few) == 3
    assert set(few["receptor"]) == {"R1"}


def test_why_there_is_no_network(cohort, pairs, importance, config, caplog):
    cells = cohort(donors=3, cells=4)
    alone = cells[(cells.obs["cell_type"] == "B").to_numpy()]
    absent = pairs.assign(ligand="NOBODY")
    cases = [
        (alone, pairs, "B", "1 cell type(s)"),
        (cells, absent, "B", "no measured ligand has a receptor"),
        (cells, pairs[pairs["receptor"] == "R1"], "A", "`interpretation.cell_communication.min_fraction`"),
    ]
    for given, table, receiver, said in cases:
        found = cell_communication(given, table, {receiver: importance}, CLASSES, config(min_fraction=0.8))
        assert found.empty
        assert list(found.columns) == list(CellCommunication.to_schema().columns)
        assert said in caplog.messages[-1]
        assert communication_pairs(found).empty
    with pytest.raises(PathloreError, match=r"path_importance is of other, .*cell_communication.min_cells"):
        cell_communication(cells, pairs, {"other": importance}, CLASSES, config())


def test_the_log_says_how_changes_were_tested(cohort, pairs, importance, config, caplog):
    caplog.set_level(logging.INFO)
    cell_communication(cohort(donors=3), pairs, {"B": importance}, CLASSES, config())
    assert any("only 20 relabellings" in message for message in caplog.messages)
    found = cell_communication(cohort(donors=2), pairs, {"B": importance}, CLASSES, config())
    assert any("3 of 3 senders with fewer than 3 donors" in message for message in caplog.messages)
    assert found["ligand_p"].isna().all()
    assert found["p"].notna().all()


def test_only_senders_without_donors_are_tested_over_cells(cohort, pairs, importance, config):
    cells = cohort()
    cells.obs.loc[cells.obs["cell_type"] == "C", "donor"] = None
    found = cell_communication(cells, pairs, {"B": importance}, CLASSES, config())
    assert found.loc[found["sender"] == "C", "ligand_p"].isna().all()
    assert found.loc[found["sender"] != "C", "ligand_p"].notna().all()
    assert found["p"].between(0, 1).all()
    assert found.iloc[0][["sender", "ligand", "receptor"]].tolist() == ["A", "L1", "R1"]


def test_pairs_of_populations_are_sums(interactions):
    found = communication_pairs(interactions)
    assert list(found.columns) == list(CommunicationPairs.to_schema().columns)
    own = interactions[interactions["sender"] == "A"]
    row = found.set_index(["sender", "receiver"]).loc["A", "B"]
    assert row["n_interactions"] == len(own)
    assert row["score"] == pytest.approx(own["score"].sum())
    assert row["n_significant"] == (own["q"] < 0.05).sum() >= 1
    assert row["top_interactions"].split("; ") == (own["ligand"] + ">" + own["receptor"]).head(3).tolist()


@pytest.fixture(scope="module")
def atlas():
    """The built-in network, the list that paths are planted from, and the pairs of ligands and receptors."""
    with files("pathlore").joinpath("knowledge/interactions.csv").open() as file:
        raw = pd.read_csv(file, dtype=str, keep_default_na=False)
    network = built_in_network()
    genes = set(network["source"]) | set(network["target"])
    paths, _ = find_paths(network, genes, path_block(max_paths=240), "receiver")
    return network, paths, ligand_receptor_pairs(read_interactions({"interactions.csv": raw}, None, network_block()))


def simulated(network, listed, seed):
    """Prepared cells of a simulated cohort, the list with the true paths as the important ones, and the axes."""
    cells = simulate_cells(network, listed, scenario("main", seed).model_copy(update={"cells_per_donor": 40}))
    truth = simulation_truth(cells)
    sc.pp.normalize_total(cells, target_sum=1e4)
    sc.pp.log1p(cells)
    planted = listed["path"].isin(truth["planted_paths"])
    noise = np.random.default_rng(seed).uniform(0.02, 0.3, len(listed))
    paths = listed.assign(importance=np.where(planted, 0.6, noise), direction="case")
    paths = paths.sort_values("importance", ascending=False, ignore_index=True)
    paths["rank"] = range(1, len(paths) + 1)
    return cells, paths, {(axis["ligand"], axis["receptor"]) for axis in truth["axes"]}


def exchanged(cells, seed):
    """The same cells with the classes dealt anew to the donors."""
    donors = sorted(cells.obs["donor"].unique())
    labels = np.random.default_rng(seed).permutation([name.split("_")[0] for name in donors])
    cells = cells.copy()
    cells.obs["condition"] = cells.obs["donor"].astype(str).map(dict(zip(donors, labels, strict=True)))
    return cells


def test_planted_axes_are_found_and_permuted_ones_are_not(config, atlas):
    """On ten cohorts that nobody chose; an axis that is in no interaction counts as not found."""
    network, listed, pairs = atlas
    block = config(min_fraction=0.1, top_paths=100, permutations=200)
    true, null, false = [], [], []
    for seed in range(10):
        cells, paths, axes = simulated(network, listed, seed)
        for own, found in ((cells, true), (exchanged(cells, seed), null)):
            table = cell_communication(own, pairs, {"receiver": paths}, CLASSES, block)
            is_axis = [(row.ligand, row.receptor) in axes and row.sender == "sender" for row in table.itertuples()]
            found.append(table[is_axis].assign(seed=seed))
        false.append((table["q"] < 0.05).any())
    true, null = pd.concat(true), pd.concat(null)
    planted = 2 * len(false)
    found, by_chance = ((table["rank"] <= 10).sum() / planted for table in (true, null))
    assert found >= FOUND
    assert by_chance <= found - 0.3, "what is left with exchanged labels is the importance of their paths"
    assert true["concordant"].mean() >= 0.9
    assert (null["ligand_p"] < 0.05).mean() <= 0.2, "a binomial of 0.05 is above in one of 100 series"
    assert np.mean(false) <= 0.3
    gain = true.groupby("seed")["score"].sum() - null.groupby("seed")["score"].sum()
    assert (gain > 0).mean() >= 0.9


@pytest.mark.shared
def test_interferon_cells_speak_by_interferon_ligands(shared_data, config):
    """Real cells: two thousand, eight cell types, their donors left out."""
    from anndata import read_h5ad

    cells = read_h5ad(shared_data / "expression" / "kang2018_pbmc_ifnb.h5ad")
    sc.pp.normalize_total(cells, target_sum=1e4)
    sc.pp.log1p(cells)
    cells.obs["condition"] = cells.obs["condition"].astype(str).map({"ctrl": "control", "stim": "case"})
    cells.obs["donor"] = None
    raw = pd.read_csv(shared_data / "network" / "interactions_curated.csv.gz", dtype=str, keep_default_na=False)
    pairs = ligand_receptor_pairs(
        read_interactions({"curated": raw[raw["kind"] == "ligand_receptor"]}, None, network_block())
    )
    heads = sorted(set(pairs["receptor"]) & set(cells.var_names))
    paths = pd.DataFrame({"path": [f"{head}>STAT1>IRF1" for head in heads], "receptor": heads})
    paths = paths.assign(
        route=paths["path"].str.replace(">", " > "), tf="STAT1", target="IRF1", direction="case", importance=0.5
    )
    paths["rank"] = range(1, len(paths) + 1)
    block = config(min_fraction=0.1, min_cells=20, top_paths=1000, permutations=100, max_interactions=5000)
    found = cell_communication(cells, pairs, {"pooled": paths}, CLASSES, block)
    changed = found.drop_duplicates(["sender", "ligand"])
    rise = changed[(changed["q"] < 0.05) & (changed["ligand_log_fold_change"] > 1)]
    assert {"CXCL10", "CXCL11", "CCL8"} <= set(rise["ligand"])
    assert set(changed.nlargest(5, "ligand_log_fold_change")["ligand"]) <= {"CXCL10", "CXCL11", "CCL8"}
    assert found["sender"].nunique() >= 5
    assert (found["q_specific"] < 0.05).mean() > 0.1
