"""A finished fit: weights, and everything needed to use them again without the data they came from."""

from dataclasses import dataclass, fields

import numpy as np
import torch
from scipy import sparse
from scipy.special import softmax
from torch import Tensor

from pathlore.config import ModelConfig
from pathlore.keys import Method
from pathlore.model import GraphTensors, TextNumericGraphTransformer
from pathlore.training.data import CellSet
from pathlore.training.stacking import PREFIX, Stack, path_logits


@dataclass(frozen=True)
class TrainedModel:
    """Weights and buffers of a `TextNumericGraphTransformer`, with their meaning.

    Attributes
    ----------
    config
        Sizes and form.
    class_names
        C names, the control first.
    genes, paths
        G and P names, in the order of the weights.
    best_epoch
        The epoch whose weights these are.
    state
        The module's state, graph buffers included, on the CPU.
    device
        Kind of device of the fit, cpu or cuda; what is worked out from the model is worked out there too.
    stack
        The branches beside the paths, and the weights by which all are joined; None: the paths answer alone.
    """

    config: ModelConfig
    class_names: list[str]
    genes: list[str]
    paths: list[str]
    best_epoch: int
    state: dict[str, Tensor]
    device: str = "cpu"
    stack: Stack | None = None

    def module(self, device: str | None = None) -> TextNumericGraphTransformer:
        """Build the module, in evaluation mode, on a device; None: that of the fit, or the CPU where it is absent."""
        graph = GraphTensors(**{field.name: self.state[field.name] for field in fields(GraphTensors)})
        with torch.random.fork_rng(devices=[]):  # its first weights are drawn, and then replaced
            module = TextNumericGraphTransformer(self.config, graph, len(self.class_names))
        module.load_state_dict(self.state)
        here = self.device if self.device != "cuda" or torch.cuda.is_available() else "cpu"
        return module.eval().to(device or here)

    def tensors(self) -> dict[str, Tensor]:
        """Weights of the paths and coefficients of the branches, for one file; `weights_of` parts them again."""
        weights = {name: value.contiguous() for name, value in self.state.items()}
        return weights | (self.stack.tensors() if self.stack else {})

    @property
    def wide_genes(self) -> list[str]:
        """W names of the genes that the wide branch reads; none: it has no such branch."""
        wide = self.stack.regressions.get(Method.WIDE) if self.stack else None
        return wide.genes if wide else []

    @property
    def read_genes(self) -> list[str]:
        """All genes that the model reads: those of its graph, then the others of its wide branch."""
        return list(dict.fromkeys([*self.genes, *self.wide_genes]))

    @property
    def importance(self) -> np.ndarray:
        """I = sigmoid(M), (P,) float64: in single precision all M above 17 would share the first rank."""
        return torch.sigmoid(self.state["importance.logits"].double()).numpy()

    @property
    def strength(self) -> np.ndarray:
        r"""How far M lies above the typical path's start, in the unit of the log odds, (P,) float64.

        M begins at the log odds over its spread, so that the first paths have a high importance in every fit, also
        where labels mean nothing; its unit makes fits comparable again.
        """
        logits, unit = (self.state[f"importance.{name}"].double() for name in ("logits", "unit"))
        return ((logits - self.config.importance_start) * unit).numpy()


def weights_of(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights of the paths among the tensors of a file, aligned in memory: equal to the last bit."""
    return {name: value.clone() for name, value in tensors.items() if not name.startswith(PREFIX)}


@torch.inference_mode()
def predict(
    module: TextNumericGraphTransformer,
    x: sparse.csr_matrix | np.ndarray,
    batch_size: int,
) -> np.ndarray:
    """Class probabilities by the paths; x (n, G) log1p expression, any form -> (n, C)."""
    return torch.from_numpy(path_logits(module, x, batch_size)).float().softmax(dim=1).numpy()


def by_branch(model: TrainedModel, cells: CellSet, batch_size: int) -> dict[str, np.ndarray]:
    """Class probabilities of a model, of its branches alone, and of all but the paths, (n, C) by method.

    Parameters
    ----------
    model
        Of `pathlore.training.fit.fit`.
    cells
        Over the genes of its graph, with ``wide`` over those of its wide branch.
    batch_size
        Cells at a time.
    """
    module, stack = model.module(), model.stack
    if stack is None:
        return {Method.MODEL: predict(module, cells.x, batch_size)}
    answers = stack.answers(path_logits(module, cells.x, batch_size), cells)
    return {method: softmax(mixture.logits(answers), axis=1) for method, mixture in stack.mixtures.items()}
