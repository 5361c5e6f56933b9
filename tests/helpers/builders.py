"""Small models for the tests of this folder."""

from dataclasses import fields, replace

import numpy as np
import torch
from blocks import base
from reference import Graph
from torch import Tensor, nn

from pathlore.config import ModelConfig
from pathlore.model.graph_tensors import GraphTensors
from pathlore.model.transformer import TextNumericGraphTransformer


def model_config(**changes: object) -> ModelConfig:
    """D 8, H 2, K 2, R 4, no dropout; else the base configuration."""
    sizes = {"width": 8, "layers": 2, "feed_forward": 6, "expander": 3, "dropout": 0.0}
    return ModelConfig.model_validate(base("modeling", "model", **({"expression": "zscore"} | sizes | changes)))


def randomise(module: nn.Module, seed: int, spread: float = 0.5) -> nn.Module:
    """Float64, evaluation mode, and every parameter and statistic drawn anew, so that nothing is zero by accident."""
    generator = torch.Generator().manual_seed(seed)
    module.double().eval()
    with torch.no_grad():
        for name, tensor in module.named_parameters():
            centre = 1.0 if "norm.weight" in name or name.endswith("scale") else 0.0
            tensor.copy_(centre + spread * torch.randn(tensor.shape, generator=generator, dtype=torch.float64))
        for name, buffer in module.named_buffers():
            draw = torch.rand(buffer.shape, generator=generator, dtype=torch.float64)
            if name.endswith(("running_mean", "activity.mean")):
                buffer.copy_(draw - 0.5)
            elif name.endswith(("running_var", "activity.sd")):
                buffer.copy_(draw + 0.5)
            elif name.endswith("orientation"):
                buffer.copy_(torch.where(draw < 0.5, -1.0, 1.0))
            elif name.endswith("activity.weights"):
                buffer.mul_(draw + 0.5)  # zero stays where no gene is
            elif "linear." in name:
                buffer.copy_(draw - 0.3)
    return module


def exact(tensors: GraphTensors, graph: Graph) -> GraphTensors:
    """The same tensors, with the floats of the reference: not rounded to float32."""
    signs = np.zeros(tensors.path_signs.shape)
    for p, own in enumerate(graph.path_signs):
        signs[p, : len(own)] = np.array(own) / len(own)
    return replace(
        tensors,
        gene_text=torch.from_numpy(graph.gene_text),
        path_text=torch.from_numpy(graph.path_text),
        path_signs=torch.from_numpy(signs),
        gene_mean=torch.tensor(graph.mean, dtype=torch.float64),
        gene_sd=torch.tensor(graph.sd, dtype=torch.float64),
    )


def clone(tensors: GraphTensors) -> GraphTensors:
    """Tensors that share no memory with the given ones."""
    return GraphTensors(**{field.name: getattr(tensors, field.name).clone() for field in fields(tensors)})


def build(tensors: GraphTensors, *, classes: int = 2, seed: int = 0, **changes: object) -> TextNumericGraphTransformer:
    """A randomised float64 model on a graph."""
    return randomise(TextNumericGraphTransformer(model_config(**changes), clone(tensors), classes), seed)


def with_parameters_of(
    model: TextNumericGraphTransformer, tensors: GraphTensors, *, classes: int = 2, **changes: object
) -> TextNumericGraphTransformer:
    """A model on another graph of the same sizes, with the parameters and fitted statistics of ``model``."""
    other = TextNumericGraphTransformer(model_config(**changes), clone(tensors), classes).double().eval()
    own = {field.name for field in fields(tensors)}
    state = {name: value for name, value in model.state_dict().items() if name not in own}
    missing, unexpected = other.load_state_dict(state, strict=False)
    assert set(missing) == own
    assert not unexpected
    return other


def random_cells(n: int, genes: int, seed: int = 3) -> Tensor:
    """(B, G) non-negative numbers like log1p expression, a third of them zero."""
    rng = np.random.default_rng(seed)
    x = rng.gamma(2.0, 0.6, (n, genes))
    x[rng.random((n, genes)) < 1 / 3] = 0.0
    return torch.from_numpy(x)
