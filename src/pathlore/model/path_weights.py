"""Weights of the paths that differ from cell to cell, beside the one global score per path."""

import torch
from torch import Tensor, nn

from pathlore.model.layer_norms import ProjectedMaximum
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
