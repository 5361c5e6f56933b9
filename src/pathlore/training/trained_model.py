"""A finished fit: weights, and everything needed to use them again without the data they came from."""

from dataclasses import dataclass, fields

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from pathlore.config import ModelConfig
from pathlore.model import GraphTensors, TextNumericGraphTransformer
from pathlore.training.data import blocks


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
    """

    config: ModelConfig
    class_names: list[str]
    genes: list[str]
    paths: list[str]
    best_epoch: int
    state: dict[str, Tensor]
    device: str = "cpu"

    def module(self, device: str | None = None) -> TextNumericGraphTransformer:
        """Build the module, in evaluation mode, on a device; None: that of the fit, or the CPU where it is absent."""
        graph = GraphTensors(**{field.name: self.state[field.name] for field in fields(GraphTensors)})
        with torch.random.fork_rng(devices=[]):  # its first weights are drawn, and then replaced
            module = TextNumericGraphTransformer(self.config, graph, len(self.class_names))
        module.load_state_dict(self.state)
        here = self.device if self.device != "cuda" or torch.cuda.is_available() else "cpu"
        return module.eval().to(device or here)

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


@torch.inference_mode()
def predict(
    module: TextNumericGraphTransformer,
    x: sparse.csr_matrix | np.ndarray,
    batch_size: int,
    *,
    paths_alone: bool = False,
) -> np.ndarray:
    """Class probabilities, or those without the linear branch; x (n, G) log1p expression, any form -> (n, C)."""
    module.eval()
    device = next(module.parameters()).device
    answer = module.path_logits if paths_alone else module
    batches = (torch.from_numpy(batch).to(device) for batch in blocks(x, batch_size))
    return torch.cat([answer(batch).float().softmax(dim=1).cpu() for batch in batches]).numpy()
