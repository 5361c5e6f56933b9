from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from blocks import base
from scipy import sparse
from sklearn.metrics import roc_auc_score

from pathlore.config import ModelConfig
from pathlore.errors import PathloreError
from pathlore.explain import importance
from pathlore.explain.importance import (
    activity_auroc,
    donors_expressing,
    families,
    path_importance,
    select_paths,
    with_affinity,
)
from pathlore.explain.path_changes import gene_effects, path_directions
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.model import TextNumericGraphTransformer, graph_tensors
from pathlore.schemas import PathImportance
from pathlore.training.data import CellSet
from pathlore.training.paths import fit_paths
from pathlore.training.trained_model import TrainedModel

CONFIG = ModelConfig.model_validate(
    base(
        "modeling", "model", width=4, aggregation_heads=2, feed_forward=4, expander=2, dropout=0.0, importance_start=0.0
    )
)
SCORES = [0.5, -1.0, 2.0, 0.5, -3.0, 0.5, 0.0]
"""M of the seven paths of the small world; three of them are equal."""


def cells(graph, n, classes, seed):
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    x = rng.gamma(2.0, 0.5, (n, len(graph.genes))) + 0.5 * labels[:, None] * rng.normal(size=len(graph.genes))
    return CellSet(
        sparse.csr_matrix(x, dtype=np.float32), labels.astype(np.int64), [f"c{i}" for i in range(n)], [None] * n
    )


@pytest.fixture(params=[2, 3], ids=["two classes", "three classes"])
def classes(request):
    return request.param


@pytest.fixture
def data(small_graph, classes):
    return {"train": cells(small_graph, 30, classes, 0), "test": cells(small_graph, 20, classes, 1)}


@pytest.fixture
def model(small_graph, gene_vectors, path_vectors, data, classes):
    torch.manual_seed(0)
    module = TextNumericGraphTransformer(CONFIG, graph_tensors(small_graph, gene_vectors, path_vectors), classes)
    activity = module.path_activity(torch.from_numpy(data["train"].x.toarray()))
    module.activity.fit([(activity, torch.from_numpy(data["train"].labels))])
    state = {**module.state_dict(), "importance.logits": torch.tensor(SCORES)}
    names = ["healthy", "ill", "worse"][:classes]
    return TrainedModel(CONFIG, names, small_graph.genes, list(small_graph.paths["path"]), 1, state)


def activity(graph, x):
    """(n, P): mean over a path of the signed, standardised expression of its genes, in plain loops."""
    genes = graph.entities.set_index("gene")
    signs = graph.associations.set_index(["source", "target", "kind"])["sign"]
    columns = []
    for path in graph.path_genes:
        sign, parts = 1, []
        for place, gene in enumerate(path):
            if place:
                kind = "tf_target" if place == len(path) - 1 else "signaling"
                sign *= signs[path[place - 1], gene, kind] or 1
            sd = genes.loc[gene, "sd"]
            value = (x[:, graph.position[gene]] - genes.loc[gene, "mean"]) / sd if sd else np.zeros(len(x))
            parts.append(sign * value)
        columns.append(np.mean(parts, axis=0))
    return np.column_stack(columns)


def test_the_table_is_of_its_schema(model, small_graph, data):
    table = path_importance(model, small_graph, data, "deg")
    PathImportance.validate(table)
    assert list(table.columns)[:2] == ["rank", "path"]
    assert set(table.columns) == set(PathImportance.to_schema().columns)


def test_best_first_and_equal_scores_by_name(model, small_graph, data):
    table = path_importance(model, small_graph, data, "deg")
    assert list(table["rank"]) == [1, 2, 3, 4, 5, 6, 7]
    scores = dict(zip(small_graph.paths["path"], SCORES, strict=True))
    assert list(table["path"]) == sorted(scores, key=lambda path: (-scores[path], path))
    np.testing.assert_allclose(table["importance"], [1 / (1 + np.exp(-scores[path])) for path in table["path"]])


@pytest.mark.parametrize("mode", ["deg", "up", "down"])
def test_the_prior_and_its_rank_stand_beside(model, small_graph, data, mode):
    table = path_importance(model, small_graph, data, mode)
    change = small_graph.entities.set_index("gene")["log_fold_change"]
    strength = {"deg": abs, "up": lambda v: max(v, 0), "down": lambda v: max(-v, 0)}[mode]
    means = {path: np.mean([strength(change[g]) for g in path.split(">")]) for path in table["path"]}
    low, high = min(means.values()), max(means.values())
    np.testing.assert_allclose(table["prior"], [(means[path] - low) / (high - low) for path in table["path"]])
    assert sorted(table["prior_rank"]) == list(range(1, 8))
    assert list(table.sort_values("prior_rank")["path"]) == sorted(means, key=lambda path: (-means[path], path))


def test_equal_priors_are_ranked_by_name(model, small_graph, data):
    flat = replace(small_graph, entities=small_graph.entities.assign(log_fold_change=1.5))
    table = path_importance(model, flat, data, "deg")
    assert (table["prior"] == 0).all()
    assert list(table.sort_values("prior_rank")["path"]) == sorted(table["path"])


def test_activity_auroc_by_hand(model, small_graph, data, classes):
    train, test = (activity(small_graph, data[split].x.toarray()) for split in ("train", "test"))
    expected = []
    for p in range(7):
        areas = []
        for c in [1] if classes == 2 else range(classes):
            inside = data["train"].labels == c
            up = train[inside, p].mean() >= train[~inside, p].mean()
            areas.append(roc_auc_score(data["test"].labels == c, test[:, p] if up else -test[:, p]))
        expected.append(np.mean(areas))
    np.testing.assert_allclose(activity_auroc(model.module(), data["test"]), expected, atol=1e-6)
    table = path_importance(model, small_graph, data, "deg").set_index("path")
    np.testing.assert_allclose(table.loc[small_graph.paths["path"], "activity_auroc"], expected, atol=1e-6)


@pytest.mark.parametrize("classes", [2], indirect=True)
def test_a_path_that_behaves_the_other_way_round_falls_below_a_half(model, data):
    effect = activity_auroc(model.module(), data["test"])
    reversed_ = replace(data["test"], labels=1 - data["test"].labels)
    np.testing.assert_allclose(activity_auroc(model.module(), reversed_), 1 - effect)


def test_without_all_classes_there_is_no_activity_auroc(model, small_graph, data):
    one = replace(data["test"], labels=np.zeros_like(data["test"].labels))
    assert np.isnan(activity_auroc(model.module(), one)).all()
    PathImportance.validate(path_importance(model, small_graph, {**data, "test": one}, "deg"))


def test_directions_are_those_of_the_one_definition(model, small_graph, data, classes):
    table = path_importance(model, small_graph, data, "deg").set_index("path")
    effects = gene_effects(data, classes)
    assert effects.over == "cells"
    directions, arrows, _ = path_directions(effects, small_graph, model.class_names)
    assert list(table.loc[small_graph.paths["path"], "direction"]) == directions
    assert list(table.loc[small_graph.paths["path"], "gene_effects"]) == arrows
    assert set(directions) <= {*model.class_names, "mixed"}
    assert set(table["effects_over"]) == {"cells"}


def test_families_are_those_of_the_ranking_without_a_test(model, small_graph, data):
    table = path_importance(model, small_graph, data, "deg")
    paths = [path.split(">") for path in table["path"]]
    assert list(table["family"]) == families(paths, np.arange(7)).tolist()
    assert table.groupby("family")["best_of_family"].sum().eq(1).all()
    assert table.loc[table["best_of_family"], "rank"].tolist() == table.groupby("family")["rank"].min().tolist()


def test_ranks_prior_and_direction_do_not_depend_on_test_cells(model, small_graph, data):
    first = path_importance(model, small_graph, data, "deg")
    other = replace(data["test"], x=data["test"].x[::-1] * 3)
    second = path_importance(model, small_graph, {**data, "test": other}, "deg")
    assert (first["activity_auroc"] != second["activity_auroc"]).any()
    same = [name for name in first.columns if name not in ("activity_auroc", "mean_rank")]
    pd.testing.assert_frame_equal(first[same], second[same])


def test_evidence_is_in_the_order_of_the_path(model, small_graph, data):
    resources = [f"DB{i};Other" for i in range(len(small_graph.associations))]
    graph = TextNumericGraph(
        small_graph.entities, small_graph.associations.assign(resources=resources), small_graph.paths
    )
    row = path_importance(model, graph, data, "deg").set_index("path").loc["R1>T2>X3"]
    genes = graph.entities.set_index("gene")
    assert row["log_fold_change"] == "; ".join(
        f"{g} {genes.loc[g, 'log_fold_change']:+.2f}" for g in ("R1", "T2", "X3")
    )
    assert row["fraction_expressed"] == "; ".join(
        f"{g} {genes.loc[g, 'fraction_expressed']:.2f}" for g in ("R1", "T2", "X3")
    )
    names = graph.associations.set_index(["source", "target", "kind"])["resources"]
    assert row["sources"] == f"{names['R1', 'T2', 'signaling']} | {names['T2', 'X3', 'tf_target']}"
    assert (row["receptor"], row["tf"], row["target"]) == ("R1", "T2", "X3")
    assert (row["sign"], row["pathway"], row["sentence"]) == (0, "a pathway", "What is known about R1>T2>X3.")


def test_a_step_with_two_kinds_names_the_sources_of_the_one_on_the_path(model, small_graph, data):
    """T2 acts on X2 by a signaling edge too; the path's last step is the regulation."""
    kinds = small_graph.associations["kind"]
    graph = replace(small_graph, associations=small_graph.associations.assign(resources=kinds))
    table = path_importance(model, graph, data, "deg").set_index("path")
    assert table.loc["R1>S1>T2>X2", "sources"] == "signaling | signaling | tf_target"
    for path, sources in table["sources"].items():
        assert sources.count(" | ") == path.count(">") - 1


def test_mean_rank_is_that_of_importance_and_activity_auroc(model, small_graph, data):
    table = path_importance(model, small_graph, data, "deg")
    for _, row in table.iterrows():
        ranks = [
            (table[name] < row[name]).sum() + ((table[name] == row[name]).sum() + 1) / 2
            for name in ("importance", "activity_auroc")
        ]
        assert row["mean_rank"] == pytest.approx(sum(ranks) / 2 / len(table))


def test_one_fit_says_nothing_of_stability(model, small_graph, data):
    table = path_importance(model, small_graph, data, "deg")
    assert table[["importance_sd", "selection_frequency", "p", "q", "p_family"]].isna().all().all()
    assert (table["refits"] == 0).all()
    assert (table["in_top_10"] == "").all()


def test_evidence_is_what_the_fit_began_with(model, small_graph, data):
    """The log odds before the first step, whatever the scores became."""
    module = model.module()
    fit_paths(module, data["train"], CONFIG)
    begun = module.importance.logits.detach().numpy()
    table = path_importance(model, small_graph, data, "deg").set_index("path")["log_odds"][model.paths]
    wanted = (begun - CONFIG.importance_start) * float(module.importance.unit) + np.median(table)
    np.testing.assert_allclose(table, wanted, rtol=1e-4, atol=1e-4)
    assert table.std() > 0


def test_affinity_is_that_of_the_receptor_in_its_best_class(model, small_graph, data):
    """By hand: R1 is higher in the case, R2 in the control; a receptor that no ligand binds has none."""
    rows = [("R1", "ill", 2.0), ("R2", "healthy", 1.5), ("R2", "ill", -1.0), ("R1", "healthy", 0.5)]
    receptors = pd.DataFrame(rows, columns=["receptor", "active_in", "score"])
    receptors = receptors.assign(walk=receptors["score"] + 1, network=receptors["score"] + 2, text=np.nan)
    plain = path_importance(model, small_graph, data, "deg")
    table = with_affinity(plain, receptors)
    PathImportance.validate(table)
    assert list(table["path"]) == list(plain["path"])
    assert set(table["receptor"]) == {"R1", "R2"}
    for receptor, score, where in (("R1", 2.0, "ill"), ("R2", 1.5, "healthy")):
        own = table[table["receptor"] == receptor]
        np.testing.assert_equal(own["affinity"].to_numpy(), np.full(len(own), score))
        np.testing.assert_equal(own["affinity_walk"].to_numpy(), np.full(len(own), score + 1))
        np.testing.assert_equal(own["affinity_network"].to_numpy(), np.full(len(own), score + 2))
        assert set(own["affinity_in"]) == {where}
    assert table["affinity_text"].isna().all()
    alone = with_affinity(plain, receptors[receptors["receptor"] == "R1"]).set_index("receptor")
    assert alone.loc["R2", "affinity"].isna().all()
    assert (alone.loc["R2", "affinity_in"] == "").all()
    assert (alone.loc["R1", "affinity"] == 2.0).all()
    assert plain[["affinity", "affinity_walk"]].isna().all().all()


def test_donors_that_express_a_gene(small_graph):
    """Donor a has the first gene in one of 20 cells (5 %), donor b in none of 10, donor c in both of two splits."""
    x = np.zeros((34, len(small_graph.genes)), dtype=np.float32)
    x[0, 0] = x[30, 0] = 1.0
    donors = ["a"] * 20 + ["b"] * 10 + ["c"] * 3 + [None]
    whole = CellSet(sparse.csr_matrix(x), np.zeros(34, dtype=np.int64), [str(i) for i in range(34)], donors)
    later = CellSet(sparse.csr_matrix(x[30:31]), np.zeros(1, dtype=np.int64), ["later"], ["c"])
    first = small_graph.genes[0]
    texts = donors_expressing(small_graph, [whole, later])
    for genes, text in zip(small_graph.path_genes, texts, strict=True):
        assert text == "; ".join(f"{gene} {2 if gene == first else 0}/3" for gene in genes)
    unknown = replace(whole, donors=[None] * 34)
    assert set(donors_expressing(small_graph, [unknown])) == {""}


def test_paths_are_chosen_by_what_lies_on_them(model, small_graph, data):
    table = path_importance(model, small_graph, data, "deg")
    gene = small_graph.path_genes[0][1]
    chosen = select_paths(table, genes=[gene])
    assert set(chosen["path"]) == {path for path in table["path"] if gene in path.split(">")}
    receptor, tf = chosen.iloc[0][["receptor", "tf"]]
    both = select_paths(table, receptors=[receptor], tfs=[tf])
    assert set(both["path"]) == set(table.loc[(table["receptor"] == receptor) & (table["tf"] == tf), "path"])
    assert list(both["rank"]) == list(table.loc[both.index, "rank"])
    assert len(select_paths(table)) == len(table)
    named = table.assign(pathway=["A;B", "B", *[None] * (len(table) - 2)])
    assert list(select_paths(named, pathways=["A"]).index) == [0]
    with pytest.raises(PathloreError, match="NOWHERE of `genes` is on no listed path"):
        select_paths(table, genes=["NOWHERE"])


def test_paths_and_cells_in_parts_give_the_same(model, data, monkeypatch):
    whole = activity_auroc(model.module(), data["test"])
    monkeypatch.setattr(importance, "MOST_VALUES", 1)  # one path at a time
    monkeypatch.setattr("pathlore.training.batches.CELLS_PER_BLOCK", 7)
    np.testing.assert_allclose(activity_auroc(model.module(), data["test"]), whole, rtol=1e-12)
