"""What the training cells fix of the paths, against slow loops; and the scores that similar sentences share."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from scipy import sparse
from small_fits import model_config, small_cells, training_config

from pathlore.model import TextNumericGraphTransformer, graph_tensors
from pathlore.training.batches import path_activities
from pathlore.training.data import CellSet
from pathlore.training.effects import effects
from pathlore.training.path_log_odds import SIGN_MODELS, explain_changes, likelihoods, weigh_sign_models
from pathlore.training.paths import fit_paths, share_scores, stable_log_odds
from pathlore.training.replicates import DonorMeans, log_means
from pathlore.training.text_sharing import shared_parts

CLOSE = {"rtol": 1e-4, "atol": 1e-5}


@pytest.fixture
def fitted(small_graph, gene_vectors, path_vectors):
    """A module whose paths are fitted on cells, in a form; and its configuration."""

    def fitted(cells: CellSet, **form: object) -> TextNumericGraphTransformer:
        config = model_config(**form)
        tensors = graph_tensors(small_graph, gene_vectors, path_vectors)
        module = TextNumericGraphTransformer(config, tensors, int(cells.labels.max()) + 1)
        fit_paths(module, cells, config)
        return module

    return fitted


def lists(module: TextNumericGraphTransformer) -> tuple[list[list[int]], list[list[int]]]:
    """Genes of each path, and the product of the steps' signs up to each of them."""
    lengths = module.path_mask.sum(dim=1).tolist()
    nodes = [row[:n] for row, n in zip(module.path_nodes.tolist(), lengths, strict=True)]
    signs = [[1 if s > 0 else -1 for s in row[:n]] for row, n in zip(module.path_signs.tolist(), lengths, strict=True)]
    return nodes, signs


def z_scores(module: TextNumericGraphTransformer, x: np.ndarray) -> np.ndarray:
    mean, sd = module.gene_mean.numpy(), module.gene_sd.numpy()
    return np.array([[(c[g] - mean[g]) / sd[g] if sd[g] else 0.0 for g in range(len(mean))] for c in x])


def activity_by_loops(module: TextNumericGraphTransformer, cells: CellSet, sign_model: np.ndarray) -> np.ndarray:
    """Oriented mixture of the sign models, standardised at the end; two classes -> (n, P)."""
    x, labels = cells.x.toarray(), cells.labels
    z, change = z_scores(module, x), effects(*log_means(cells), 1)
    result = []
    for nodes, signs in zip(*lists(module), strict=True):
        mixture = np.zeros(len(x))
        directions = [[1] * len(nodes), signs, [-1 if change[g] < 0 else 1 for g in nodes]]
        for weight, direction in zip(sign_model, directions, strict=True):
            values = np.array([sum(s * cell[g] for s, g in zip(direction, nodes, strict=True)) for cell in z])
            higher = values[labels == 1].mean() >= values[labels == 0].mean()
            mixture += weight * (1 if higher else -1) * values / values.std()
        mixture *= 1 if mixture[labels == 1].mean() >= mixture[labels == 0].mean() else -1
        result.append((mixture - mixture.mean()) / mixture.std())
    return np.array(result).T


def oriented(module: TextNumericGraphTransformer, cells: CellSet) -> np.ndarray:
    return module.activity(path_activities(module, cells.x)).numpy()


@pytest.mark.parametrize("sign_model", ["auto", *SIGN_MODELS])
def test_activity_agrees_with_loops(fitted, data, sign_model):
    module = fitted(data["train"], sign_model=sign_model)
    weights = module.activity.sign_model_weights.numpy()
    assert_allclose(weights.sum(), 1.0, rtol=1e-6)
    if sign_model != "auto":
        assert weights.tolist() == [float(name == sign_model) for name in SIGN_MODELS]
    expected = activity_by_loops(module, data["train"], weights)
    assert_allclose(oriented(module, data["train"])[:, :, 0], expected, **CLOSE)


@pytest.mark.parametrize("sign_model", ["auto", *SIGN_MODELS])
def test_activity_is_higher_in_the_case(fitted, data, sign_model):
    """Of the cells that it was fitted on; and each path is standardised over them."""
    activity = oriented(fitted(data["train"], sign_model=sign_model), data["train"])[:, :, 0]
    case = data["train"].labels == 1
    assert (activity[case].mean(axis=0) > activity[~case].mean(axis=0)).all()
    assert_allclose(activity.mean(axis=0), 0.0, atol=1e-5)
    assert_allclose(activity.std(axis=0), 1.0, rtol=1e-5)


@pytest.mark.parametrize("cohort", ["data", "three_classes"])
def test_with_edge_signs_it_is_the_signed_mean(fitted, cohort, small_graph, gene_vectors, path_vectors, request):
    """Up to its unit, which standardising takes away."""
    cells = request.getfixturevalue(cohort)["train"]
    classes = int(cells.labels.max()) + 1
    module = fitted(cells, sign_model="edge_signs")
    tensors = graph_tensors(small_graph, gene_vectors, path_vectors)
    plain = TextNumericGraphTransformer(model_config(), tensors, classes)
    plain.activity.fit([(path_activities(plain, cells.x), torch.from_numpy(cells.labels))])
    assert_allclose(oriented(module, cells), oriented(plain, cells), **CLOSE)


def test_with_more_classes_there_is_one_way_with_directions(fitted, three_classes):
    module = fitted(three_classes["train"])
    assert module.activity.sign_model_weights.tolist() in ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    activity, labels = oriented(module, three_classes["train"]), three_classes["train"].labels
    for c in range(3):
        assert (activity[labels == c, :, c].mean(axis=0) >= activity[labels != c, :, c].mean(axis=0)).all()


def left_out_in_turn(classes: np.ndarray) -> list[list[int]]:
    """Replicates dealt to ten groups, class after class."""
    order = sorted(range(len(classes)), key=lambda i: classes[i])
    groups: list[list[int]] = [[] for _ in range(min(10, len(classes)))]
    for place, replicate in enumerate(order):
        groups[place % len(groups)].append(replicate)
    return groups


def test_one_replicate_of_a_class_is_never_left_alone():
    """Two replicates of a class: nothing can be left out, and the log odds are those of all."""

    def of(means, classes):
        return DonorMeans(means, classes, [f"donor {i}" for i in range(len(classes))])

    rng = np.random.default_rng(0)
    means, classes = rng.normal(size=(6, 5)), np.array([0, 0, 0, 0, 1, 1])
    nodes, signs = np.array([[0, 1, 2], [2, 3, 4]]), np.ones((2, 3))
    whole = [
        explain_changes(likelihoods(effects(means, classes, 1)), nodes, signs, sign_model) for sign_model in SIGN_MODELS
    ]
    assert_allclose(stable_log_odds(of(means, classes), 1, nodes, signs), weigh_sign_models(whole)[1])
    more, kinds = np.vstack([means, means[4:] + 0.1]), np.array([0, 0, 0, 0, 1, 1, 1, 1])
    one = [
        explain_changes(likelihoods(effects(more, kinds, 1)), nodes, signs, sign_model) for sign_model in SIGN_MODELS
    ]
    assert not np.allclose(stable_log_odds(of(more, kinds), 1, nodes, signs), weigh_sign_models(one)[1])


@pytest.mark.parametrize("cohort", ["data", "three_classes"])
@pytest.mark.parametrize("rise", [0.7, 4.0])
def test_scores_begin_where_the_evidence_is(fitted, cohort, rise, request):
    """With more than two classes, that of a path's best contrast."""
    cells = request.getfixturevalue(cohort)["train"]
    module = fitted(cells, importance_start=-2.5, log_odds_weight=rise)
    nodes, signs = np.full((7, 6), -1), np.zeros((7, 6))
    for p, (genes, products) in enumerate(zip(*lists(module), strict=True)):
        nodes[p, : len(genes)], signs[p, : len(genes)] = genes, products
    classes = int(cells.labels.max()) + 1
    means, kinds = log_means(cells)
    best = np.full(7, -np.inf)
    for c in [1] if classes == 2 else range(classes):
        parts = []
        for left_out in left_out_in_turn(kinds):
            kept = [i for i in range(len(kinds)) if i not in left_out]
            change = effects(means[kept], kinds[kept], c)
            parts.append(
                weigh_sign_models(
                    [explain_changes(likelihoods(change), nodes, signs, sign_model) for sign_model in SIGN_MODELS]
                )[1]
            )
        best = np.maximum(best, sum(parts) / len(parts))
    middle, spread = sorted(best)[3], math.sqrt(sum((e - sum(best) / 7) ** 2 for e in best) / 7)
    expected = [-2.5 + rise * (e - middle) / spread for e in best]
    assert float(module.importance.unit) == pytest.approx(spread / rise, rel=1e-3)
    assert_allclose(module.importance.logits.detach().numpy(), expected, rtol=1e-3, atol=1e-3)


def test_without_evidence_all_scores_start_alike(fitted, data):
    module = fitted(data["train"], importance_start=-2.5, log_odds_weight=0.0)
    assert module.importance.logits.tolist() == [-2.5] * 7


def test_a_path_that_does_not_vary_stays_out(fitted, data, small_graph):
    """All genes of a path without a count: no division by zero, no activity."""
    genes = small_graph.paths["path"].iloc[0].split(">")
    x = data["train"].x.toarray()
    x[:, [small_graph.genes.index(gene) for gene in genes]] = 0.0
    module = fitted(replace(data["train"], x=sparse.csr_matrix(x)))
    activity = oriented(module, replace(data["train"], x=sparse.csr_matrix(x)))
    assert not activity[:, 0].any()
    assert np.isfinite(activity).all()
    assert np.isfinite(module.importance.logits.detach().numpy()).all()


def test_only_training_cells_decide(run, data):
    """Validation and test cells of another world leave activity and scores as they begin."""
    still = training_config(learning_rate=1e-30, importance_learning_rate=1e-30, weight_decay=0.0, epochs=1)
    form = model_config(branches=[])
    model, _ = run(data, still, form)
    other = small_cells([f"gene {i}" for i in range(14)], classes=2, effect=-3.0, seed=77)
    again, _ = run({**other, "train": data["train"]}, still, form)
    assert_allclose(again.importance, model.importance, rtol=1e-6)
    assert model.importance.std() > 0.05
    for name in ("weights", "sign_model_weights", "mean", "sd", "orientation"):
        assert torch.equal(again.state[f"activity.{name}"], model.state[f"activity.{name}"])


# ----------------------------------------------------------------------------------------------- after the fit


def clusters(seed: int = 0) -> tuple[torch.Tensor, np.ndarray, np.ndarray]:
    """Learned scores M (P,), vectors and nodes; the first of six clusters was found important, but for one path."""
    rng = np.random.default_rng(seed)
    cluster = np.arange(90) % 6
    scores = -4.0 + 3.0 * (cluster == 0) + rng.normal(0, 0.5, 90)
    scores[0] = -4.0
    vectors = rng.normal(size=(6, 16))[cluster] + 0.4 * rng.normal(size=(90, 16))
    return torch.from_numpy(scores).float(), vectors, np.array([rng.choice(900, 4, replace=False) for _ in range(90)])


def test_learned_scores_are_shared_by_similar_sentences():
    scores, vectors, nodes = clusters()
    values = scores.double().numpy()
    standardised = (values - sum(values) / 90) / math.sqrt(sum((values - sum(values) / 90) ** 2) / 90)
    after = share_scores(scores, vectors, nodes, None, weight=1.5)
    wanted = values + 1.5 * values.std() * shared_parts(standardised, vectors, nodes).text
    found = after.double().numpy()
    assert_allclose(np.corrcoef(found, wanted)[0, 1], 1.0, rtol=1e-6)  # but for unit and zero, which are as they were:
    assert_allclose(found.std(), values.std(), rtol=1e-5)
    assert_allclose(after.sigmoid().mean(), scores.sigmoid().mean(), rtol=1e-5)
    assert after.dtype == scores.dtype
    others = np.arange(90) % 6 != 0
    rise = (after - scores).numpy()
    assert rise[0] > rise[others].max()
    assert np.sum(found > found[0]) < np.sum(values > values[0]) / 2  # it stands far higher in the order


def test_learned_scores_are_shared_by_the_paths_of_a_pathway():
    """By its label alone: the sentences say nothing."""
    scores, vectors, nodes = clusters()
    named = [f"pathway {p % 6}" for p in range(90)]
    after = share_scores(scores, np.zeros_like(vectors), nodes, named, weight=1.5)
    rise = (after - scores).numpy()
    assert rise[0] > rise[np.arange(90) % 6 != 0].max()
    assert torch.equal(after, share_scores(scores, np.zeros_like(vectors), nodes, named, weight=1.5))


def test_nothing_is_shared_where_there_is_nothing_to_share():
    scores, vectors, nodes = clusters()
    assert torch.equal(share_scores(scores, vectors, nodes, None, weight=0.0), scores)
    assert_allclose(share_scores(scores, np.zeros_like(vectors), nodes, None, weight=2.0), scores, rtol=1e-6)
    alike = torch.full((90,), -4.0)
    assert torch.equal(share_scores(alike, vectors, nodes, None, weight=2.0), alike)


def test_a_fit_ends_by_sharing(run, data, path_vectors, small_graph):
    """And by nothing else: the weights without it, and then the shared part."""
    form = {"log_odds_weight": 0.0, "branches": []}  # so that only what is learned can be shared
    plain, _ = run(data, training_config(), model_config(shared_importance=0.0, **form))
    shared, _ = run(data, training_config(), model_config(shared_importance=9.0, **form))
    module = plain.module()
    nodes = torch.where(module.path_mask, module.path_nodes, -1).numpy()
    pathways = [name if isinstance(name, str) else None for name in small_graph.paths["pathway"]]
    expected = share_scores(plain.state["importance.logits"], path_vectors, nodes, pathways, 9.0)
    assert_allclose(shared.state["importance.logits"], expected, rtol=1e-5)
    for name, value in plain.state.items():
        if name != "importance.logits":
            assert torch.equal(shared.state[name], value)
