"""The sentences that paths read: each once, and of very many the groups of like ones."""

import numpy as np
import torch
from torch import Tensor

ROUNDS = 10
"""Of k-means, in which groups hardly change any more."""


def distinct_sentences(path_text: Tensor, most: int | None) -> tuple[Tensor, Tensor | None, bool]:
    """Each sentence once, with the number of paths that have it; of more than ``most``, the means of so many groups.

    Equal sentences are one key of attention exactly (see `pathlore.model.attention.operations.shared_attention`). Of
    groups of like ones this is an approximation, with which the time of reading grows with the number of paths, no
    longer with its square.

    Parameters
    ----------
    path_text
        (P, T), see `pathlore.model.graph_tensors.GraphTensors`.
    most
        Sentences, or groups by k-means; None: all sentences.

    Returns
    -------
    sentences, copies, grouped
        (U, T); (U,), or None where each path has a sentence of its own; and whether they are groups.
    """
    sentences, copies = path_text.unique(dim=0, return_counts=True)
    if most is not None and len(sentences) > most:
        return *_groups(sentences, copies, most), True
    if len(sentences) < len(path_text):
        return sentences, copies, False
    return path_text, None, False


def _groups(sentences: Tensor, copies: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """Means of n groups of like sentences, and their numbers of paths."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # several threads would add up in an order of their own
        means = KMeans(n, init="random", n_init=1, max_iter=ROUNDS, random_state=0)
        labels = means.fit_predict(sentences.cpu().numpy(), sample_weight=copies.cpu().numpy())
    group = torch.from_numpy(labels.astype(np.int64)).to(sentences.device)
    numbers = copies.new_zeros(n).index_add_(0, group, copies)
    sums = sentences.new_zeros(n, sentences.shape[1]).index_add_(0, group, sentences * copies.unsqueeze(1))
    found = numbers > 0
    return sums[found] / numbers[found].unsqueeze(1), numbers[found]
