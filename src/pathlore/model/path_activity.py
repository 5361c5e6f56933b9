"""The coherent activity of each path: the channel that has to use a path as a whole."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from pathlore.model.expander import standardise

ALL = slice(None)


class PathActivity(nn.Module):
    r"""Activity of each path in each cell, standardised over the training cells and oriented.

    .. math:: a_p = \sum_l W_{pl}\, \frac{x_{p_l} - \mu_{p_l}}{\sigma_{p_l}},\qquad
              \hat a_p = o_p\, \frac{a_p - \bar a_p}{\mathrm{sd}(a_p)}

    The weights W are fixed by the training cells, see `pathlore.training.paths.fit_paths`; they begin as
    :math:`s_{pl} / L_p`, with :math:`s_{pl}` the product of the steps' signs from the receptor to place l (an unknown
    sign counts as +1). A path with one changed gene scores low, a path that changes as a whole scores high.

    Parameters
    ----------
    path_signs
        (P, L), see `pathlore.model.graph_tensors.GraphTensors`.
    classes
        C. Two classes share one contrast (case against control); with more, each has its own against the rest.
    """

    weights: Tensor
    sign_model_weights: Tensor
    mean: Tensor
    sd: Tensor
    orientation: Tensor

    def __init__(self, path_signs: Tensor, classes: int) -> None:
        super().__init__()
        self.contrasts = n_contrasts(classes)
        n_paths = len(path_signs)
        self.register_buffer("weights", path_signs.clone())
        # in the order of pathlore.training.path_log_odds.SIGN_MODELS
        self.register_buffer("sign_model_weights", torch.tensor([0.0, 1.0, 0.0]))
        self.register_buffer("mean", torch.zeros(n_paths))
        self.register_buffer("sd", torch.ones(n_paths))
        self.register_buffer("orientation", torch.ones(n_paths, self.contrasts))

    def of(self, z: Tensor, path_nodes: Tensor, part: slice = ALL) -> Tensor:
        """Add up; standardised expression z (B, G), path_nodes (P, L) -> a (B, P), or those of some paths."""
        return torch.einsum("bpl,pl->bp", z[:, path_nodes[part]], self.weights[part])

    def likeliest(self, path_signs: Tensor) -> Tensor:
        """Weights (P, L), not yet oriented, of the likeliest sign model.

        Where genes change in directions of their own, that is the plain mean over the path.
        """
        return path_signs if int(self.sign_model_weights.argmax()) == 1 else path_signs.abs()

    @torch.no_grad()
    def fit(self, blocks: Iterable[tuple[Tensor, Tensor]]) -> None:
        """Take mean, standard deviation and orientation from the training cells, which come in blocks.

        The orientation of a path is +1 if its mean activity is higher in the case (with more than two classes: in each
        class against the rest), else -1.

        Parameters
        ----------
        blocks
            (n, P) activities :math:`a_p` of some training cells, and their classes (n,) int64. Means and squared
            distances from them are joined in double precision, so that no block has to stay.

        Source: Chan, Golub and LeVeque 1983 (10.1080/00031305.1983.10483115).
        """
        n, classes = 0, [1] if self.contrasts == 1 else range(self.contrasts)
        mean, squares = torch.zeros(2, *self.mean.shape, dtype=torch.float64, device=self.mean.device)
        total = mean.new_zeros(2, self.contrasts, len(mean))  # over the cells of a class, and over the others
        sizes = mean.new_zeros(2, self.contrasts, 1)
        for activity, labels in blocks:
            m = len(activity)
            shift = activity.mean(dim=0).double() - mean
            squares += activity.std(dim=0, correction=0).double().square() * m + shift.square() * (n * m / (n + m))
            mean += shift * (m / (n + m))
            n += m
            for contrast, label in enumerate(classes):
                for side, rows in enumerate((labels == label, labels != label)):
                    if count := int(rows.sum()):
                        total[side, contrast] += activity[rows].mean(dim=0).double() * count
                        sizes[side, contrast] += count
        self.mean.copy_(mean)
        self.sd.copy_((squares / n).sqrt())
        inside, outside = total / sizes
        self.orientation.copy_(torch.where(inside < outside, -1.0, 1.0).T)

    def forward(self, activity: Tensor, part: slice = ALL) -> Tensor:
        """Standardise and orient; activity (B, P), or of some paths -> (B, P, contrasts)."""
        return standardise(activity, self.mean[part], self.sd[part]).unsqueeze(-1) * self.orientation[part]


def n_contrasts(classes: int) -> int:
    """Logits that the additive read-out needs: one for two classes, else one per class."""
    return 1 if classes == 2 else classes
