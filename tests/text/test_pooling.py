import numpy as np
import pytest

from pathlore.text.pooling import pool, token_batches


def test_token_batches_hold_every_text_once_within_the_budget():
    lengths = np.random.default_rng(0).integers(1, 50, 200).tolist()
    batches = list(token_batches(lengths, 120))
    assert sorted(row for batch in batches for row in batch) == list(range(200))
    assert all(len(batch) * max(lengths[row] for row in batch) <= 120 for batch in batches)


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_padding_does_not_count(pooling):
    import torch

    hidden = torch.tensor([[[1.0], [3.0], [99.0]], [[2.0], [4.0], [6.0]]])
    mask = torch.tensor([[1, 1, 0], [1, 1, 1]])
    expected = {"mean": [[2.0], [4.0]], "cls": [[1.0], [2.0]], "max": [[3.0], [6.0]]}[pooling]
    assert pool(hidden.bfloat16(), mask, pooling).tolist() == expected
