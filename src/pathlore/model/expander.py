"""Step 1: from one number and one text per gene to one vector per gene."""

import torch
from torch import Tensor, nn


class Expander(nn.Module):
    r"""Expand the number, join the text, reduce both.

    .. math::
        e_g = W_2\,\phi(W_1 x_g + b_1) + b_2 \in \mathbb{R}^{T},\qquad
        z_g = V_2\,\phi(V_e e_g + V_t t_g + c_1) + c_2 \in \mathbb{R}^{D}

    with :math:`\phi` the GELU. The first map of the second network is written as two, since
    :math:`V [e; t] = V_e e + V_t t` and the text's half is the same for every cell.

    Parameters
    ----------
    text_width
        T.
    hidden
        Width of the first network.
    width
        D.

    Source: arXiv 2501.16361, numeric-to-text expansion.
    """

    def __init__(self, text_width: int, hidden: int, width: int) -> None:
        super().__init__()
        self.expand = nn.Sequential(nn.Linear(1, hidden), nn.GELU(), nn.Linear(hidden, text_width))
        self.from_number = nn.Linear(text_width, width)
        self.from_text = nn.Linear(text_width, width, bias=False)
        self.reduce = nn.Sequential(nn.GELU(), nn.Linear(width, width))

    def forward(self, x: Tensor, gene_text: Tensor) -> Tensor:
        """Embed the genes of every cell.

        Parameters
        ----------
        x
            (B, G) expression.
        gene_text
            (G, T) frozen text embeddings.

        Returns
        -------
        (B, G, D).
        """
        expanded = self.expand(x.unsqueeze(-1))  # (B, G, T)
        text = self.from_text(gene_text)  # (G, D), once per step
        return self.reduce(self.from_number(expanded) + text)


def standardise(x: Tensor, mean: Tensor, sd: Tensor) -> Tensor:
    """Standardise by the training cells: ``(x - mean) / sd``, zero where a gene does not vary."""
    return torch.where(sd > 0, (x - mean) / sd.clamp_min(torch.finfo(sd.dtype).tiny), torch.zeros_like(x))
