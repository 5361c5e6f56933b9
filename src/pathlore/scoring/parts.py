"""The logit of a cell, taken apart: paths, the branches on genes and a bias, which add up to it."""

from dataclasses import dataclass

import numpy as np
import torch

from pathlore.keys import Method
from pathlore.model.readout import AdditiveReadout
from pathlore.progress import following
from pathlore.training.data import CellSet, blocks
from pathlore.training.stacking import Mixture, path_logits
from pathlore.training.trained_model import TrainedModel

BESIDE = (Method.GRAPH_GENES, Method.WIDE)
"""Branches that have a part beside the paths."""


@dataclass(frozen=True)
class Parts:
    """What adds up to the logits; S is 1 for two classes, else C.

    Attributes
    ----------
    logits
        (n, C) float64, the model's own.
    paths
        (n, P, S) float32: the part of each path; None where the read-out has none or they are not wanted.
    branches
        Name -> (n, S) float64: the part of each regression on genes; 0 where there is none.
    bias
        (S,) float64; None where the read-out has no parts.
    """

    logits: np.ndarray
    paths: np.ndarray | None
    branches: dict[str, np.ndarray]
    bias: np.ndarray | None


@torch.inference_mode()
def logit_parts(model: TrainedModel, cells: CellSet, batch_size: int, *, keep: bool) -> Parts:
    r"""Take the logits apart.

    .. math:: \ell = w_1 \Bigl( \frac{\tau}{\sqrt P} \sum_p I_p c_p + b \Bigr) + \sum_{b > 1} w_b \ell_b + c

    with the weights w of `pathlore.training.stacking.Stack` (1 for the paths where there is none). With two classes
    :math:`\ell` is the logit of the case less that of the control; with more, each class has its own. The paper's
    read-out mixes the paths before it classifies: its parts are those of the branches alone.

    Parameters
    ----------
    model
        Trained.
    cells
        Over the genes of the model, those that were not measured at the mean of the training cells.
    batch_size
        Cells at a time.
    keep
        Whether the parts of the paths are wanted; n x P numbers.
    """
    module = model.module()
    classes, readout = len(model.class_names), module.readout
    answers = {Method.PATHS: path_logits(module, cells.x, batch_size) if len(cells) else np.zeros((0, classes))}
    mixture = Mixture({Method.PATHS: 1.0}, np.zeros(classes))
    if model.stack is not None:
        answers = model.stack.answers(answers[Method.PATHS], cells)
        mixture = model.stack.mixtures[Method.MODEL]
    logits = mixture.logits(answers)
    if not isinstance(readout, AdditiveReadout) or not len(cells):
        return Parts(logits, None, {}, None)
    size, none = (1 if classes == 2 else classes), np.zeros((len(cells), classes))
    beside = {name: _sided(mixture.weights.get(name, 0.0) * answers.get(name, none)) for name in BESIDE}
    share = mixture.weights.get(Method.PATHS, 0.0)
    own = readout.bias.double().cpu().numpy()
    bias = share * (own if size == 1 or model.stack is None else own - own.mean()) + _sided(mixture.bias[None])[0]
    if not keep:
        return Parts(logits, None, beside, bias)
    device, paths = module.gene_mean.device, []
    for block in following(blocks(cells.x, batch_size), "Scoring cells", len(cells), sizes=True):
        paths.append(module.contributions(torch.from_numpy(block).to(device)).cpu().numpy())
    joined = np.concatenate(paths)
    if size > 1 and model.stack is not None:
        joined = joined - joined.mean(axis=2, keepdims=True)
    return Parts(logits, (share * joined).astype(np.float32), beside, bias)


def _sided(answers: np.ndarray) -> np.ndarray:
    """Case less control where there are two classes; (n, C) -> (n, S)."""
    return answers[:, 1:] - answers[:, :1] if answers.shape[1] == 2 else answers
