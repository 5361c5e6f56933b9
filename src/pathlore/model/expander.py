"""Step 1: from one number and one text per gene to one vector per gene."""

import torch
from torch import Tensor, nn

from pathlore.model.linear import Linear, linear


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
        self.expand = nn.Sequential(Linear(1, hidden), nn.GELU(), Linear(hidden, text_width))
        self.from_number = Linear(text_width, width)
        self.from_text = Linear(text_width, width, bias=False)
        self.reduce = nn.Sequential(nn.GELU(), Linear(width, width))

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
        first, activate, last = self.expand
        inner, shift = last.parameters()  # W_2, b_2
        text = self.from_text(gene_text) + self.from_number(shift)  # (G, D)
        product = linear(self.from_number.weight, inner.T)  # (D, hidden), V_e W_2

        def embed(numbers: Tensor, texts: Tensor) -> Tensor:
            hidden = activate(first(numbers.unsqueeze(-1)))
            return self.reduce(linear(hidden, product) + texts)

        if x.device.type != "cpu":  # what is expressed has another size in every batch: no fixed graph, and a halt
            return embed(slope * x + offset, text)
        silent = embed(offset, text)  # (G, D)
        cells, genes = x.nonzero(as_tuple=True)
        expressed = embed(slope[genes] * x[cells, genes] + offset[genes], text.index_select(0, genes))
        z = silent.expand(len(x), -1, -1)
        return z.index_put((cells, genes), expressed)


def standardise(x: Tensor, mean: Tensor, sd: Tensor) -> Tensor:
    """Standardise by the training cells: ``(x - mean) / sd``, zero where a gene does not vary."""
    return torch.where(sd > 0, (x - mean) / sd.clamp_min(torch.finfo(sd.dtype).tiny), torch.zeros_like(x))
