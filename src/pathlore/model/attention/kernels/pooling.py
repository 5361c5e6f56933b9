"""Weighted sums over the stops of each path."""

import torch
from torch import Tensor

from pathlore.model.attention.kernels.common import check, flat, run


def forward(members: Tensor, scores: Tensor, index: Tensor, lengths: Tensor) -> Tensor:
    r"""Sum over the stops of each path, once per head.

    .. math::
        w_{plr} = \mathrm{softmax}_{l < \mathrm{lengths}_p}\, s_{\mathrm{index}_{pl}, r},\qquad
        o_{pr} = \sum_{l < \mathrm{lengths}_p} w_{plr}\, m_{\mathrm{index}_{pl}}

    Parameters
    ----------
    members
        (B, S, n): m, the vectors of the stops.
    scores
        (B, S, R): s.
    index
        (P, L), int64: the stop at each place of each path; any stop where the path has ended.
    lengths
        (P,), int64: how many places of each path count, at least 1.

    Returns
    -------
    o (B, P, R, n).
    """
    from pathlore.model.attention.kernels.pooled import cell_forward

    _check(members, scores, index, lengths)
    (B, S, n), R, P = members.shape, scores.shape[2], len(lengths)
    o = members.new_empty(B, P, R, n)
    m, s, stops, counts, out = flat(members), flat(scores), flat(index), flat(lengths), flat(o)

    def work(unit: tuple[int, ...]) -> None:
        (b,) = unit
        cell_forward(m, b * S * n, n, s, b * S * R, R, stops, counts, out, b * P * R * n)

    run(work, ((b,) for b in range(B)))
    return o


def backward(members: Tensor, scores: Tensor, index: Tensor, lengths: Tensor, grad_o: Tensor) -> tuple[Tensor, Tensor]:
    r"""Give the gradients of :func:`forward`, with the weights computed anew.

    .. math::
        d_{plr} = \nabla o_{pr} \cdot m_{\mathrm{index}_{pl}},\qquad
        \nabla s_{jr} = \sum_{\mathrm{index}_{pl} = j} w_{plr} \Big(d_{plr} - \sum_{l'} w_{pl'r} d_{pl'r}\Big),\qquad
        \nabla m_j = \sum_{\mathrm{index}_{pl} = j} \sum_r w_{plr} \nabla o_{pr}

    Returns
    -------
    Gradients of members (B, S, n) and scores (B, S, R).
    """
    from pathlore.model.attention.kernels.pooled import cell_backward

    _check(members, scores, index, lengths)
    (B, S, n), R, P = members.shape, scores.shape[2], len(lengths)
    check(members.dtype, {"grad_o": (grad_o, (B, P, R, n))})
    grad_members, grad_scores = torch.empty_like(members), torch.empty_like(scores)
    m, s, stops, counts, slopes = flat(members), flat(scores), flat(index), flat(lengths), flat(grad_o)
    grad_m, grad_s = flat(grad_members), flat(grad_scores)

    def work(unit: tuple[int, ...]) -> None:
        (b,) = unit
        grad_m[b * S * n : (b + 1) * S * n] = 0
        grad_s[b * S * R : (b + 1) * S * R] = 0
        cell_backward(m, b * S * n, n, s, b * S * R, R, stops, counts, slopes, b * P * R * n, grad_m, grad_s)

    run(work, ((b,) for b in range(B)))
    return grad_members, grad_scores


def _check(members: Tensor, scores: Tensor, index: Tensor, lengths: Tensor) -> None:
    for name, tensor, form in (("members", members, "BSn"), ("scores", scores, "BSR"), ("index", index, "PL")):
        if tensor.dim() != len(form):
            raise ValueError(f"{name} has shape {tuple(tensor.shape)}, expected ({', '.join(form)}).")
    (B, S, n), R, (P, L) = members.shape, scores.shape[2], index.shape
    tensors = {"members": (members, (B, S, n)), "scores": (scores, (B, S, R)), "index": (index, (P, L))}
    check(members.dtype, tensors | {"lengths": (lengths, (P,))})
    for name, tensor, lowest, highest in (("index", index, 0, S - 1), ("lengths", lengths, 1, L)):
        found = tensor.numpy()
        if found.size and not lowest <= found.min() <= found.max() <= highest:
            raise ValueError(f"{name} must lie in {lowest}..{highest}, found {found.min()}..{found.max()}.")
