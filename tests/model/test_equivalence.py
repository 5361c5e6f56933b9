"""The model against its plain form: the same logits, the same gradient of every parameter, whatever makes it fast."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
import torch
from builders import model_config, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from plain import PlainTransformer
from synthetic import random_cells, random_graph
from torch import Tensor, nn

from pathlore.model import GraphTensors, TextNumericGraphTransformer, blocks

GENES, PATHS, CELLS = st.integers(8, 40), st.integers(1, 30), st.integers(2, 5)
FORMS = st.fixed_dictionaries(
    {
        "attention": st.sampled_from(["dense", "graph"]),
        "readout": st.sampled_from(["additive", "paper"]),
        "expression": st.sampled_from(["log1p", "zscore"]),
        "layers": st.integers(1, 3),
        "cross_attention": st.sampled_from(["on", "expression", "text"]),
        "numeric_expansion": st.booleans(),
        "centrality": st.booleans(),
        "spatial": st.booleans(),
        "edges": st.booleans(),
        "cross_layers": st.sampled_from(["all", "last"]),
        "cross_heads": st.sampled_from([None, 1, 4]),
        "importance": st.sampled_from(["global", "per_cell", "none"]),
        "global_tokens": st.integers(0, 3),
        "checkpointing": st.booleans(),
    }
)


@pytest.fixture(params=[blocks.ON_PROCESSOR, 1], ids=["at once", "cell by cell"])
def _blocks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Temporary arrays as large as they may be, and as small as they can be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "ON_PROCESSOR", request.param)
        yield


def pair(
    graph: GraphTensors, *, classes: int, seed: int, dtype: torch.dtype, spread: float = 0.5, **form: object
) -> tuple[nn.Module, nn.Module]:
    """The model in a type, and its plain form in float64."""
    config = model_config(**form)
    model = randomise(TextNumericGraphTransformer(config, graph, classes), seed, spread)
    return model.to(dtype).train(), PlainTransformer(model.double(), config).double().train()


def slopes(model: nn.Module, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Logits, and the gradient of a sum over them in which no two count alike."""
    logits = model(x)
    weights = torch.linspace(-1, 2, logits.numel(), dtype=torch.float64).view_as(logits).to(logits.device)
    (logits.double() * weights).sum().backward()
    return logits.detach(), {name: parameter.grad for name, parameter in model.named_parameters()}


def errors(model: nn.Module, plain: nn.Module, x: Tensor) -> dict[str, float]:
    """Length of each tensor's error, relative to its length, or to a hundredth of the longest gradient's."""
    dtype = next(model.parameters()).dtype
    (logits, found), (expected, wanted) = slopes(model, x.to(dtype)), slopes(plain, x.double())
    assert found.keys() == wanted.keys()
    assert [name for name, grad in found.items() if grad is None] == [n for n, grad in wanted.items() if grad is None]
    truth = {"logits": expected} | {name: grad for name, grad in wanted.items() if grad is not None}
    values = {"logits": logits} | found
    length = {name: float(tensor.norm()) for name, tensor in truth.items()}
    floor = 1e-2 * max(length[name] for name in truth if name != "logits")
    return {n: float((values[n].double() - t).norm()) / max(length[n], floor) for n, t in truth.items()}


@pytest.mark.usefixtures("_blocks")
@settings(max_examples=20, deadline=None)
@given(GENES, PATHS, CELLS, FORMS, st.sampled_from([2, 3]), st.integers(0, 999))
def test_float64_agrees_to_nine_digits(
    G: int, P: int, B: int, form: dict[str, object], classes: int, seed: int
) -> None:
    graph = random_graph(G, P, text_width=6, seed=seed)
    model, plain = pair(graph, classes=classes, seed=seed, dtype=torch.float64, **form)
    assert max(errors(model, plain, random_cells(B, G, seed).double()).values()) < 1e-9


@settings(max_examples=15, deadline=None, derandomize=True)  # how near it comes depends on what cancels
@given(GENES, PATHS, CELLS, FORMS, st.integers(0, 999))
def test_float32_agrees_to_five_digits_or_as_the_plain_form_does(
    G: int, P: int, B: int, form: dict[str, object], seed: int
) -> None:
    graph = random_graph(G, P, text_width=6, seed=seed)
    # BatchNorm over a few cells multiplies any error by 1 / sd: it has no part in attention, so it is left to float64
    form = form | {"readout": "paper"}
    model, plain = pair(graph, classes=2, seed=seed, dtype=torch.float32, spread=0.2, **form)
    x, plain_single = random_cells(B, G, seed), deepcopy(plain).float()
    unavoidable = errors(plain_single, plain, x)  # where large terms cancel
    plain.zero_grad()
    for name, error in errors(model.float(), plain, x).items():
        assert error < max(1e-5, 10 * unavoidable[name]), name


@pytest.mark.parametrize("attention", ["dense", "graph"])
def test_a_graph_larger_than_every_tile(attention: str) -> None:
    graph = random_graph(700, 900, text_width=6)
    model, plain = pair(graph, classes=2, seed=1, dtype=torch.float64, attention=attention, max_sentences=None)
    assert max(errors(model, plain, random_cells(3, 700).double()).values()) < 1e-9


def test_repeated_sentences() -> None:
    """Among them the zero vector, which stands for every path without a text."""
    graph = random_graph(20, 12, text_width=6)
    graph.path_text[3:7] = 0.0
    graph.path_text[8] = graph.path_text[11]
    model, plain = pair(graph, classes=2, seed=0, dtype=torch.float64)
    assert len(model.sentences) == 12 - 4
    assert sorted(model.copies.tolist()) == [1] * 6 + [2, 4]
    assert max(errors(model, plain, random_cells(3, 20).double()).values()) < 1e-9


def test_bfloat16_is_near() -> None:
    """Mixed precision is not exact: logits to 3 %, gradients to 10 % of their length, all of them together."""
    graph = random_graph(40, 30, text_width=6)
    model, plain = pair(graph, classes=2, seed=0, dtype=torch.float32, readout="paper")
    x = random_cells(4, 40)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits, found = slopes(model.float(), x)
    expected, wanted = slopes(plain, x.double())
    assert float((logits - expected).norm() / expected.norm()) < 0.03
    error = sum(float((found[name] - truth).square().sum()) for name, truth in wanted.items())
    assert (error / sum(float(truth.square().sum()) for truth in wanted.values())) ** 0.5 < 0.1


@pytest.mark.gpu
@pytest.mark.parametrize("attention", ["dense", "graph"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-4), (torch.bfloat16, 0.1)])
def test_a_gpu_agrees(attention: str, dtype: torch.dtype, tolerance: float) -> None:
    """The library's fused kernels there, with the log-sum-exp that they are given back; all gradients together."""
    graph = random_graph(300, 200, text_width=6)
    model, plain = pair(graph, classes=2, seed=0, dtype=torch.float32, attention=attention, readout="paper")
    x = random_cells(4, 300)
    with torch.autocast("cuda", dtype=torch.bfloat16, enabled=dtype == torch.bfloat16):
        logits, found = slopes(model.float().cuda(), x.cuda())
    expected, wanted = slopes(plain, x.double())
    assert float((logits.cpu() - expected).norm() / expected.norm()) < tolerance
    error = sum(float((found[name].cpu() - truth).square().sum()) for name, truth in wanted.items())
    assert (error / sum(float(truth.square().sum()) for truth in wanted.values())) ** 0.5 < tolerance
