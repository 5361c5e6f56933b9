"""From token states to one vector per text, and which texts go through the model together."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def pool(hidden: "torch.Tensor", mask: "torch.Tensor", pooling: str) -> "torch.Tensor":
    """Pool the last hidden states of each text, in float32.

    ``mean``: sum_t m_t h_t / sum_t m_t over all attended tokens, [CLS] and [SEP] included, padding excluded.
    ``cls``: the first token.
    ``max``: max_t h_t of each dimension, over the same tokens as the mean.

    Parameters
    ----------
    hidden
        (rows, tokens, T).
    mask
        Attention mask, (rows, tokens), 1 for a token and 0 for padding.
    pooling
        ``mean``, ``cls`` or ``max``.

    Returns
    -------
    torch.Tensor
        (rows, T), float32.
    """
    states = hidden.float()
    if pooling == "cls":
        return states[:, 0]
    if pooling == "max":
        return states.masked_fill(mask.unsqueeze(-1) == 0, float("-inf")).amax(1)
    weights = mask.unsqueeze(-1).to(states.dtype)  # (rows, tokens, 1)
    return (states * weights).sum(1) / weights.sum(1)


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
