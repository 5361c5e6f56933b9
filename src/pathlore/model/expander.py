"""Step 1: from one number and one text per gene to one vector per gene."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class Expander(nn.Module):
    r"""Expand the number, join the text, reduce both.

    .. math::
        e_g = W_2\,\phi(W_1 n_g + b_1) + b_2 \in \mathbb{R}^{T},\qquad
        z_g = V_2\,\phi(V_e e_g + V_t t_g + c_1) + c_2 \in \mathbb{R}^{D},\qquad
        n_g = \alpha_g x_g + \delta_g

    with :math:`\phi` the GELU and :math:`V [e; t] = V_e e + V_t t`. Three things are computed once instead of for every
    cell and gene, exactly: the text's half :math:`V_t t_g`, which all cells share; the product :math:`V_e W_2`, since
    nothing stands between the two, so that no vector of T entries is made; and, on the processor, the vector of a
    gene that is not expressed (x = 0), which all cells share.

    Without a hidden width the number is not expanded: it is joined to the text as the one number that it is,

    .. math:: z_g = V_2\,\phi(w\,n_g + V_t t_g + c_1) + c_2,\qquad w \in \mathbb{R}^{D}

    Parameters
    ----------
    text_width
        T.
    hidden
        Width of the first network; None: there is none.
    width
        D.

    Source: arXiv 2501.16361, numeric-to-text expansion.
    """

    def __init__(self, text_width: int, hidden: int | None, width: int) -> None:
        super().__init__()
        self.expand = nn.Sequential(nn.Linear(1, hidden), nn.GELU(), nn.Linear(hidden, text_width)) if hidden else None
        self.from_number = nn.Linear(text_width if hidden else 1, width)
        self.from_text = nn.Linear(text_width, width, bias=False)
        self.reduce = nn.Sequential(nn.GELU(), nn.Linear(width, width))

    def forward(self, x: Tensor, gene_text: Tensor, slope: Tensor, offset: Tensor) -> Tensor:
        r"""Embed the genes of every cell.

        Parameters
        ----------
        x
            (B, G) expression.
        gene_text
            (G, T) frozen text embeddings.
        slope, offset
            (G,): :math:`\alpha` and :math:`\delta`, the scale on which the numbers are read.

        Returns
        -------
        (B, G, D).
        """
        features, product, shift = self._of_numbers()
        text = self.from_text(gene_text) + shift  # (G, D)

        def embed(numbers: Tensor, texts: Tensor) -> Tensor:
            return self.reduce(functional.linear(features(numbers.unsqueeze(-1)), product) + texts)

        if not shares_silent(x):
            return embed(slope * x + offset, text)
        silent = embed(offset, text)  # (G, D)
        cells, genes = x.nonzero(as_tuple=True)
        expressed = embed(slope[genes] * x[cells, genes] + offset[genes], text.index_select(0, genes))
        z = silent.expand(len(x), -1, -1)
        return z.index_put((cells, genes), expressed)

    def _of_numbers(self) -> tuple[nn.Module, Tensor, Tensor]:
        """What is made of a number, the matrix (D, features) that it goes through, and the constant (D,) beside it."""
        if self.expand is None:
            return nn.Identity(), self.from_number.weight, self.from_number.bias  # w, c_1
        inner, shift = self.expand[2].parameters()  # W_2, b_2
        return self.expand[:2], functional.linear(self.from_number.weight, inner.T), self.from_number(shift)  # V_e W_2


def shares_silent(x: Tensor) -> bool:
    """Whether genes that are not expressed are found: on a GPU it would wait for them, and shapes would vary."""
    return x.device.type == "cpu"


def standardise(x: Tensor, mean: Tensor, sd: Tensor) -> Tensor:
    """Standardise by the training cells: ``(x - mean) / sd``, zero where a gene does not vary."""
    return torch.where(sd > 0, (x - mean) / sd.clamp_min(torch.finfo(sd.dtype).tiny), torch.zeros_like(x))
