"""What single genes say beside the paths: a ridge regression whose logit is averaged with that of the paths."""

import torch
from torch import Tensor, nn

from pathlore.model.path_activity import n_contrasts


class LinearBranch(nn.Module):
    r"""Average the paths' logits with those of a logistic regression on the graph's genes.

    .. math:: \ell = \frac{t}{2} \left( \frac{\ell_{paths}}{s_{paths}} + \frac{x W + b}{s_{genes}} \right)

    Everything here is fixed after the paths were trained, see `pathlore.training.linear_branch.fit_linear_branch`, so
    that the branch takes nothing from the path scores: W and b come from the training cells, the sizes s and the
    temperature t from the validation cells. Before that, :math:`\ell = \ell_{paths}`.

    Parameters
    ----------
    n_genes
        G.
    classes
        C.
    """

    weights: Tensor
    bias: Tensor
    share: Tensor

    def __init__(self, n_genes: int, classes: int) -> None:
        super().__init__()
        contrasts = n_contrasts(classes)
        self.register_buffer("weights", torch.zeros(n_genes, contrasts))
        self.register_buffer("bias", torch.zeros(contrasts))
        self.register_buffer("share", torch.tensor([1.0, 0.0]))  # t / (2 s_paths), t / (2 s_genes)

    def of_genes(self, x: Tensor) -> Tensor:
        """Logits by the genes alone; x (B, G) log1p expression -> (B, C)."""
        logits = x @ self.weights + self.bias
        return logits if logits.shape[1] > 1 else torch.cat([-logits, logits], dim=1) / 2

    def forward(self, path_logits: Tensor, x: Tensor) -> Tensor:
        """Average; path_logits (B, C), x (B, G) -> (B, C)."""
        with torch.autocast(x.device.type, enabled=False):
            wide = path_logits.to(torch.promote_types(path_logits.dtype, torch.float32))
            return self.share[0] * wide + self.share[1] * self.of_genes(x)
