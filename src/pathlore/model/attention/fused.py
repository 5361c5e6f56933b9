"""The library's fused attention as a pair of functions: forward with its log-sum-exp, backward with any of them.

Public `scaled_dot_product_attention` hides the log-sum-exp of the rows, from which the exact gradient of a sparse bias
is had; these are the operations behind it.
"""

import torch
from torch import Tensor

aten = torch.ops.aten


def forward(q: Tensor, k: Tensor, v: Tensor, scale: float) -> tuple[Tensor, Tensor]:
    """Attend; q, k, v (B, H, G, d) of any strides with a dense last axis -> o (B, H, G, d), lse (B, H, G) float."""
    if q.device.type == "cpu":
        return aten._scaled_dot_product_flash_attention_for_cpu(q, k, v, scale=scale)
    if _flash_on_cuda(q):
        o, lse, *_ = aten._scaled_dot_product_flash_attention(q, k, v, scale=scale)
        return o, lse
    if q.device.type == "cuda" and q.dtype == torch.float32:
        o, lse, *_ = aten._scaled_dot_product_efficient_attention(q, k, v, None, compute_log_sumexp=True, scale=scale)
        return o, lse[..., : q.shape[2]]  # rows are padded to a multiple of 32
    s = scale * q @ k.mT
    return s.softmax(dim=-1) @ v, s.logsumexp(dim=-1)


def backward(
    grad_o: Tensor, q: Tensor, k: Tensor, v: Tensor, o: Tensor, lse: Tensor, scale: float
) -> tuple[Tensor, Tensor, Tensor]:
    r"""Gradients with respect to q, k and v, with probabilities :math:`e^{s - \ell}` and :math:`\Delta = do \cdot o`.

    ``o`` and ``lse`` need not be what `forward` gave.
    """
    if q.device.type == "cpu":
        return aten._scaled_dot_product_flash_attention_for_cpu_backward(
            grad_o, q, k, v, o, lse, dropout_p=0.0, is_causal=False, scale=scale
        )
    if _flash_on_cuda(q):
        genes, none = q.shape[2], torch.empty(0, dtype=torch.int64, device=q.device)
        return aten._scaled_dot_product_flash_attention_backward(
            grad_o,
            q,
            k,
            v,
            o,
            lse,
            cum_seq_q=none,
            cum_seq_k=none,
            max_q=genes,
            max_k=genes,
            dropout_p=0.0,
            is_causal=False,
            philox_seed=none,
            philox_offset=none,
            scale=scale,
        )
    if q.device.type == "cuda" and q.dtype == torch.float32:
        rows = -(-q.shape[2] // 32) * 32
        padded = torch.nn.functional.pad(lse, (0, rows - q.shape[2]), value=float("inf"))
        none = torch.empty((), dtype=torch.int64, device=q.device)
        dq, dk, dv, _ = aten._scaled_dot_product_efficient_attention_backward(
            grad_o, q, k, v, None, o, padded, none, none, 0.0, [True, True, True, False], scale=scale
        )
        return dq, dk, dv
    p = (scale * q @ k.mT - lse.unsqueeze(-1)).exp()
    ds = p * (grad_o @ v.mT - (grad_o * o).sum(dim=-1, keepdim=True))
    return scale * ds @ k, scale * ds.mT @ q, p.mT @ grad_o


def _flash_on_cuda(q: Tensor) -> bool:
    return q.device.type == "cuda" and q.dtype in (torch.bfloat16, torch.float16)
