"""Step 4: one global score per path, and from the paths to the classes.

Two read-outs: `AdditiveReadout` (the default, built so that the scores are identifiable) and `PaperReadout`.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from pathlore.model.layer_norms import ProjectedMaximum, WeightedMean
from pathlore.model.over_cells import StandardiseOverCells
from pathlore.model.path_activity import n_contrasts
from pathlore.model.path_encoder import PathLayer


class PathAttention(nn.Module):
    r"""Attention of each cell over its paths, one shared score.

    .. math:: I_{bp} = P\,\mathrm{softmax}_p(w \cdot \mathrm{path}_{bp}),\qquad
              \frac{1}{P} \sum_p I_{bp} = 1

    The score has no bias, which the softmax would ignore. It starts at w = 0: all paths alike, each of weight 1.

    Parameters
    ----------
    width
        D.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1, bias=False)
        nn.init.zeros_(self.score.weight)

    def forward(self, paths: Tensor) -> Tensor:
        """Weigh; vectors of the paths (B, P, D) -> (B, P), positive, of mean 1 over the paths of a cell."""
        return weights_of(self.score(paths).squeeze(-1))

    def over_layers(self, layers: list[PathLayer]) -> Tensor:
        r"""Weigh :math:`\max_k \mathrm{path}^k_{bp}`, without keeping it; K layers -> (B, P)."""
        scores = ProjectedMaximum.apply(self.score.weight, *(part for layer in layers for part in layer))
        return weights_of(scores.squeeze(-1))


def weights_of(scores: Tensor) -> Tensor:
    """Softmax over the paths, times their number; (B, P), any precision -> (B, P), single precision or better."""
    wide = scores.to(torch.promote_types(scores.dtype, torch.float32))
    return wide.softmax(dim=-1) * scores.shape[-1]


class PathScores(nn.Module):
    r"""One trainable score per path, :math:`I_p = \sigma(M_p)`, shared by all cells and layers.

    Attributes
    ----------
    logits
        M, (P,).
    unit
        Log odds of the training cells that one unit of M stands for; 1 where M does not begin there.
    """

    unit: Tensor

    def __init__(self, n_paths: int, start: float) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.full((n_paths,), float(start)))
        self.register_buffer("unit", torch.ones(()))

    def forward(self) -> Tensor:
        """Return I, (P,)."""
        return self.logits.sigmoid()


class PaperReadout(nn.Module):
    r"""The published graph encoder.

    .. math:: g^k = \frac{1}{P} \sum_p I_p\, \mathrm{path}^k_p,\qquad
              \mathrm{logits} = \mathrm{MLP}\big(\max_k g^k\big)

    Source: arXiv 2501.16361; the maximum over layers is Jumping Knowledge (arXiv 1806.03536).
    """

    def __init__(self, width: int, classes: int, dropout: float) -> None:
        super().__init__()
        from torch_geometric.nn import JumpingKnowledge  # here, because it takes a second to import

        self.jump = JumpingKnowledge("max")
        self.head = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, classes))

    def forward(self, activity: Tensor, paths: list[PathLayer], importance: Tensor) -> Tensor:
        """Classify; paths of K layers, importance (P,) or (B, P) -> logits (B, C). The path activity is not used."""
        if importance.dim() == 1:
            means = [WeightedMean.apply(importance, *layer) for layer in paths]
        else:
            means = [(importance.unsqueeze(-1) * layer.normalised()).mean(dim=1) for layer in paths]
        return self.head(self.jump(means))  # K x (B, D)


class AdditiveReadout(nn.Module):
    r"""Each path adds its own, readable part to the logit.

    .. math::
        c_p = o_p\,\hat a_p + \sigma(\mu)\,\mathrm{BN}\big(v \cdot \max_k \mathrm{path}^k_p\big),\qquad
        \ell = \frac{\tau}{\sqrt P} \sum_p I_p\, c_p + b

    :math:`o_p \hat a_p` is the standardised, oriented `pathlore.model.path_activity.PathActivity`. BN standardises each
    path over cells (no affine part; in evaluation by the training cells, see `calibrate`), so that I_p is the only
    scale a path has; nothing follows the sum, so that :math:`I_p c_p` is the explanation of a cell. Two classes share
    one logit (:math:`\pm \ell / 2`); with more, each class has its own contrast against the rest.
    """

    def __init__(self, width: int, n_paths: int, classes: int) -> None:
        super().__init__()
        self.contrasts = n_contrasts(classes)
        self.direction = nn.Linear(width, self.contrasts, bias=False)  # v
        self.standardise = StandardiseOverCells(n_paths * self.contrasts)
        self.mix = nn.Parameter(torch.zeros(()))  # mu
        self.scale = nn.Parameter(torch.ones(()))  # tau
        self.bias = nn.Parameter(torch.zeros(self.contrasts))

    @contextmanager
    def calibrate(self) -> Iterator[None]:
        """Take BN's mean and variance anew from all cells that pass through the read-out within the block.

        The running averages of training lag behind the weights; since all P residuals would be off in the same
        direction, the logit would be off by far.
        """
        momentum, training = self.standardise.momentum, self.standardise.training
        self.standardise.reset_running_stats()
        self.standardise.momentum = None  # cumulative average
        self.standardise.train()
        try:
            yield
        finally:
            self.standardise.momentum = momentum
            self.standardise.train(training)

    def residual(self, paths: list[PathLayer]) -> Tensor:
        r""":math:`v \cdot \max_k \mathrm{path}^k_p`, the neural part before it is standardised -> (B, P, contrasts)."""
        return ProjectedMaximum.apply(self.direction.weight, *(part for layer in paths for part in layer))

    def contributions(self, activity: Tensor, paths: list[PathLayer], importance: Tensor) -> Tensor:
        """What each path adds to the logit of each contrast; importance (P,) or (B, P) -> (B, P, contrasts)."""
        residual = self.residual(paths)
        residual = self.standardise(residual.flatten(1)).unflatten(1, residual.shape[1:])
        parts = activity + self.mix.sigmoid() * residual
        return self.scale / math.sqrt(importance.shape[-1]) * importance.unsqueeze(-1) * parts

    def forward(self, activity: Tensor, paths: list[PathLayer], importance: Tensor) -> Tensor:
        """Classify; activity (B, P, contrasts), paths of K layers, importance (P,) -> logits (B, C)."""
        logits = self.contributions(activity, paths, importance).sum(dim=1) + self.bias
        return logits if self.contrasts > 1 else torch.cat([-logits, logits], dim=1) / 2
