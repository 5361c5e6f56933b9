"""Small cases: easy ones, one whose labels mean nothing, one of three classes."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from cases import fabricated_case, with_labels
from scipy import sparse

from pathlore.keys import Split
from pathlore.study.case import Case


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Tiny tensors: more threads only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def case() -> Case:
    """160 training, 80 validation and 80 test cells; G 42, P 30, two of them planted."""
    return fabricated_case(cells=320, effect=2.0, paths=30)


@pytest.fixture(scope="session")
def permuted(case: Case) -> Case:
    """The labels of each split shuffled."""
    rng = np.random.default_rng(8)
    return with_labels(case, {split: rng.permutation(cells.labels) for split, cells in case.data.items()})


@pytest.fixture(scope="session")
def three_classes(case: Case) -> Case:
    """Cells in turn of each class; the second and third lift a third of the genes each."""
    labels = {split: np.arange(len(cells)) % 3 for split, cells in case.data.items()}
    result = with_labels(case, labels, ["control", "first", "second"])

    def lifted(x, own):
        x = x.toarray()
        for label in (1, 2):
            x[own == label, label::3] += 1.5
        return sparse.csr_matrix(x)

    for split, cells in result.data.items():
        wide = replace(cells.wide, x=lifted(cells.wide.x, labels[split]))
        result.data[split] = replace(cells, x=lifted(cells.x, labels[split]), wide=wide)
    return result


@pytest.fixture(scope="session")
def other_test_cells(case: Case) -> Case:
    """The same training and validation cells; expression and labels of the test cells are others."""

    def drawn(shape):
        return sparse.csr_matrix(np.random.default_rng(2).gamma(1.0, 3.0, shape), dtype=np.float32)

    cells = case.data[Split.TEST]
    wide = replace(cells.wide, x=drawn(cells.wide.x.shape))
    changed = replace(cells, x=drawn(cells.x.shape), wide=wide, labels=1 - cells.labels)
    return replace(case, data=case.data | {Split.TEST: changed})
