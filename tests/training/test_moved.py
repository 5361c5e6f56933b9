"""What training moved, and what it bought: the numbers before the first step, and the sentence."""

import numpy as np
import pandas as pd
import pytest

from pathlore.training.fit import moved


def history(correlation, before, after):
    return pd.DataFrame({"epoch": [1, 2], "start_spearman": [1.0, correlation], "auroc_before": before,
                         "validation_auroc": [0.5, after]})  # fmt: skip


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ((0.999, 0.81, 0.815), "before training and 0.815 after it; training changed almost nothing"),
        ((0.999, 0.81, 0.90), "validation AUROC 0.810 before training and 0.900 after it"),
        ((0.7, 0.81, 0.811), "before training: 0.700; validation AUROC 0.810 before training and 0.811 after it"),
        ((np.nan, 0.5, 0.9), "the scores of all paths began equal; validation AUROC 0.500 before"),
    ],
)  # fmt: skip
def test_the_sentence(row, said):
    text = moved(history(*row), 2)
    assert said in text
    assert ("almost nothing" in text) == ("almost nothing" in said)
