import numpy as np
import pytest
import reference
import torch
from numpy.testing import assert_allclose

from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.model.loss import path_prior, total_loss

CLOSE = {"rtol": 1e-9, "atol": 1e-9}


def random_case(classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    logits, labels = 3 * rng.normal(size=(7, classes)), rng.integers(0, classes, 7)
    return (
        logits,
        labels,
        rng.uniform(0.01, 0.99, 6),
        rng.uniform(0.2, 4.0, classes),
        np.array([0, 0.2, 0.4, 0.6, 0.8, 1]),
    )


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize(("prior_weight", "sparsity"), [(0.0, 0.0), (0.1, 0.0), (0.0, 1.0), (0.7, 0.3)])
def test_loss_agrees_with_numpy(classes: int, weighted: bool, prior_weight: float, sparsity: float) -> None:
    logits, labels, importance, class_weights, prior = random_case(classes)
    found = total_loss(
        torch.from_numpy(logits),
        torch.from_numpy(labels),
        torch.from_numpy(importance),
        class_weights=torch.from_numpy(class_weights) if weighted else None,
        prior=torch.from_numpy(prior),
        prior_weight=prior_weight,
        sparsity=sparsity,
    )
    weights = class_weights if weighted else None
    expected = reference.loss(logits, labels, importance, weights, prior, prior_weight, sparsity)
    assert_allclose(found.item(), expected, **CLOSE)


@pytest.mark.parametrize("weighted", [True, False])
def test_lambda_and_gamma_zero_leave_plain_cross_entropy(weighted: bool) -> None:
    logits, labels, importance, class_weights, prior = (torch.from_numpy(a) for a in random_case(3))
    weights = class_weights if weighted else None
    importance.requires_grad_()
    found = total_loss(logits, labels, importance, class_weights=weights, prior=prior, prior_weight=0.0, sparsity=0.0)
    torch.testing.assert_close(found, torch.nn.functional.cross_entropy(logits, labels, weight=weights))
    assert not found.requires_grad  # the scores are asked for nothing


def test_a_float64_prior_and_float64_class_weights_suit_a_float32_model() -> None:
    """`path_prior` returns float64; the loss must take it, forward and backward."""
    logits, labels, importance, class_weights, prior = (torch.from_numpy(a) for a in random_case(2))
    scores, answers = importance.float().requires_grad_(), logits.float().requires_grad_()
    loss = total_loss(answers, labels, scores, class_weights=class_weights, prior=prior, prior_weight=0.1, sparsity=1.0)
    loss.backward()
    assert scores.grad is not None
    assert scores.grad.dtype == torch.float32


def test_half_precision_logits_are_judged_in_single_precision() -> None:
    logits, labels, importance, _, prior = (torch.from_numpy(a) for a in random_case(2))
    loss = total_loss(
        logits.bfloat16(),
        labels,
        importance.bfloat16(),
        class_weights=None,
        prior=prior,
        prior_weight=0.1,
        sparsity=0.0,
    )
    assert loss.dtype == torch.float32


def test_the_two_bce_terms_alone_drive_importance_to_half_the_prior() -> None:
    """The known weakness of the published loss, kept as a fact: without a class signal I -> w / 2."""
    prior = torch.tensor([0.0, 0.3, 1.0], dtype=torch.float64)
    scores = torch.full((3,), 0.5, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([scores], lr=0.05)
    for _ in range(3000):
        optimizer.zero_grad()
        total_loss(
            torch.zeros(1, 2, dtype=torch.float64),
            torch.tensor([0]),
            scores.clamp(1e-6, 1 - 1e-6),
            class_weights=None,
            prior=prior,
            prior_weight=1.0,
            sparsity=0.0,
        ).backward()
        optimizer.step()
    assert_allclose(scores.detach().numpy(), prior.numpy() / 2, atol=0.02)


@pytest.mark.gpu
def test_loss_inside_autocast_on_cuda() -> None:
    logits, labels, importance, _, prior = (torch.from_numpy(a).cuda() for a in random_case(2))
    with torch.autocast("cuda", dtype=torch.bfloat16):
        loss = total_loss(
            logits.float(),
            labels,
            importance.float(),
            class_weights=None,
            prior=prior.float(),
            prior_weight=0.1,
            sparsity=0.0,
        )
    assert torch.isfinite(loss)


@pytest.mark.parametrize("mode", ["deg", "up", "down"])
def test_path_prior_agrees_with_numpy(mode: str, small_graph: TextNumericGraph, plain: reference.Graph) -> None:
    found = path_prior(small_graph, mode)
    assert found.dtype == np.float64
    assert (found.min(), found.max()) == (0.0, 1.0)
    assert_allclose(found, reference.path_prior(plain.paths, plain.log_fold_change, mode), **CLOSE)


def test_path_prior_is_zero_where_no_path_differs(small_graph: TextNumericGraph) -> None:
    flat = TextNumericGraph(
        small_graph.entities.assign(log_fold_change=0.25), small_graph.associations, small_graph.paths
    )
    assert path_prior(flat, "deg").tolist() == [0.0] * 7
    assert path_prior(flat, "down").tolist() == [0.0] * 7


@pytest.mark.parametrize("value", [0.1, 0.3, 1 / 3, 0.7, 1.1])
def test_path_prior_does_not_blow_up_rounding(small_graph: TextNumericGraph, value: float) -> None:
    """Paths of 3 to 6 equal genes have means that differ by rounding alone; min-max must not make that 0 and 1."""
    flat = TextNumericGraph(
        small_graph.entities.assign(log_fold_change=value), small_graph.associations, small_graph.paths
    )
    assert path_prior(flat, "deg").tolist() == [0.0] * 7


@pytest.mark.parametrize("weighted", [True, False])
def test_the_losses_of_parts_add_up_to_that_of_the_whole(weighted: bool) -> None:
    logits, labels, importance, class_weights, prior = (torch.from_numpy(part) for part in random_case(3))
    weights = class_weights if weighted else None
    settings = {"class_weights": weights, "prior": prior, "prior_weight": 0.7, "sparsity": 0.3}
    whole = total_loss(logits, labels, importance, **settings)
    total = float(class_weights[labels].sum()) if weighted else 7.0
    parts = [
        total_loss(logits[rows], labels[rows], importance, **settings, total_weight=total, share=1 / 2)
        for rows in (slice(0, 2), slice(2, 7))
    ]
    torch.testing.assert_close(sum(parts), whole)
