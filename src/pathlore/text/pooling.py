"""From token states to one vector per text, and which texts go through the model together."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def pool(hidden: "torch.Tensor", mask: "torch.Tensor", pooling: Sequence[str] | str) -> "torch.Tensor":
    """Pool the last hidden states of each text, in float32.

    ====================  =============================================================================================
    ``mean``              sum_t m_t h_t / n, n = sum_t m_t: all pooled tokens, [CLS] and [SEP] too, without padding
    ``cls``, ``last``     the first and the last pooled token
    ``max``               max_t h_t of each dimension, over the same tokens as the mean
    mean_sqrt_len_tokens  sum_t m_t h_t / sqrt(n)
    weightedmean          sum_t t m_t h_t / sum_t t m_t, places t counted from 1
    ====================  =============================================================================================

    Parameters
    ----------
    hidden
        (rows, tokens, T), padded at the right.
    mask
        (rows, tokens), 1 for a token that is pooled and 0 for padding (and for a prompt that is not pooled).
    pooling
        One of these, or several, whose vectors are joined end to end.

    Returns
    -------
    torch.Tensor
        (rows, T) for each pooling, float32.
    """
    import torch

    states = hidden.float()
    weights = mask.unsqueeze(-1).to(states.dtype)  # (rows, tokens, 1)
    rows = torch.arange(len(states), device=states.device)
    place = torch.arange(1, states.shape[1] + 1, device=states.device, dtype=states.dtype).view(1, -1, 1)

    def one(kind: str) -> "torch.Tensor":
        if kind == "cls":
            return states[rows, mask.int().argmax(1)]
        if kind == "last":
            return states[rows, (mask * place[:, :, 0]).argmax(1)]
        if kind == "max":
            return states.masked_fill(weights == 0, float("-inf")).amax(1)
        if kind == "weightedmean":
            return (states * weights * place).sum(1) / (weights * place).sum(1).clamp(min=1e-9)
        n = weights.sum(1).clamp(min=1e-9)
        return (states * weights).sum(1) / (n.sqrt() if kind == "mean_sqrt_len_tokens" else n)

    return torch.cat([one(kind) for kind in ([pooling] if isinstance(pooling, str) else pooling)], dim=1)


def join_windows(
    pooled: np.ndarray, owner: np.ndarray, sizes: np.ndarray, n_texts: int, pooling: Sequence[str]
) -> np.ndarray:
    """Bring the windows of each text together: the mean weighted by their tokens, and the largest for ``max``.

    With mean pooling that is the mean over all tokens of the text.

    Parameters
    ----------
    pooled
        (W, T) of the windows, T for each pooling.
    owner
        (W,) text that each belongs to; a text without a window has the zero vector.
    sizes
        (W,) tokens.
    n_texts
        N.
    pooling
        As in `pool`.

    Returns
    -------
    (N, T) float32.
    """
    total = np.zeros(n_texts)
    np.add.at(total, owner, sizes)
    parts = []
    for kind, own in zip(pooling, np.split(pooled, len(pooling), axis=1), strict=True):
        joined = np.zeros((n_texts, own.shape[1]), dtype=np.float32)
        if kind == "max":
            joined[np.unique(owner)] = -np.inf
            np.maximum.at(joined, owner, own)
        else:
            np.add.at(joined, owner, own * (sizes / total[owner])[:, None].astype(np.float32))
        parts.append(joined)
    return np.concatenate(parts, axis=1)


def token_batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[list[int]]:
    """Group texts of like length, the longest first, so that little is padded.

    Parameters
    ----------
    lengths
        Tokens of each text.
    batch_tokens
        Most tokens of a batch, padding included; a longer text is a batch of its own.

    Examples
    --------
    >>> list(token_batches([2, 9, 3, 2], batch_tokens=6))
    [[1], [2, 0], [3]]
    """
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if batch and lengths[batch[0]] * (len(batch) + 1) > batch_tokens:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
