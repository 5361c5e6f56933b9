import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from pathlore.config import DonorTestConfig
from pathlore.explain.donor_activity import donor_activity
from pathlore.schemas import PathActivityByDonor
from pathlore.training.data import CellSet

CONFIG = DonorTestConfig(min_cells=2, sd_floor=0.05)
NAMES = ["healthy", "ill"]


def cells(x, labels, donors):
    rows = sparse.csr_matrix(np.asarray(x, dtype=np.float32))
    return CellSet(rows, np.array(labels), [f"c{i}" for i in range(len(labels))], list(donors))


@pytest.fixture
def data(small_graph):
    rng = np.random.default_rng(3)
    n = 60
    donors = [f"d{i}" for i in rng.integers(0, 6, n)]
    donors[0] = None
    labels = rng.integers(0, 2, n)
    x = rng.gamma(1.0, 0.5, (n, len(small_graph.genes)))
    x[:, 2] = 0.7  # a constant gene
    parts = np.split(np.arange(n), [25, 40])
    return {
        split: cells(x[rows], labels[rows], [donors[i] for i in rows])
        for split, rows in zip(("train", "validation", "test"), parts, strict=True)
    }


def slow(graph, data, min_cells, floor):
    """Plain loops over donors, classes, paths and genes."""
    rows = [
        (donor, int(label), x)
        for part in data.values()
        for donor, label, x in zip(part.donors, part.labels, part.x.toarray().astype(float), strict=True)
        if donor
    ]
    units = {}
    for donor, label, x in rows:
        units.setdefault((donor, label), []).append(x)
    units = {unit: found for unit, found in units.items() if len(found) >= min_cells}
    means = {unit: np.mean(found, axis=0) for unit, found in units.items()}
    centre, sd = np.mean(list(means.values()), axis=0), np.std(list(means.values()), axis=0)
    signs = graph.associations.set_index(["source", "target", "kind"])["sign"]
    result = []
    for (donor, label), mean in means.items():
        z = {gene: (mean[i] - centre[i]) / max(sd[i], floor) for i, gene in enumerate(graph.genes)}
        for path in graph.path_genes:
            sign, signed = 1, [z[path[0]]]
            for place in range(1, len(path)):
                kind = "tf_target" if place == len(path) - 1 else "signaling"
                sign *= signs[path[place - 1], path[place], kind] or 1
                signed.append(sign * z[path[place]])
            plain = np.mean([z[gene] for gene in path])
            result.append((">".join(path), donor, NAMES[label], len(units[donor, label]), plain, np.mean(signed)))
    return pd.DataFrame(result, columns=list(PathActivityByDonor.to_schema().columns))


@pytest.mark.parametrize(("min_cells", "floor"), [(1, 0.05), (5, 0.05), (2, 0.4)])
def test_activity_by_slow_loops(small_graph, data, min_cells, floor):
    config = DonorTestConfig(min_cells=min_cells, sd_floor=floor)
    found = donor_activity(small_graph, data, NAMES, config)
    PathActivityByDonor.validate(found)
    keys = ["path", "donor", "condition"]
    expected = slow(small_graph, data, min_cells, floor)
    assert len(found) == len(expected) > 0
    pd.testing.assert_frame_equal(
        found.sort_values(keys, ignore_index=True), expected.sort_values(keys, ignore_index=True), rtol=1e-5, atol=1e-6
    )


def test_labels_change_names_but_no_value(small_graph, data):
    """Swapping the classes as a whole leaves each donor's activities as they are."""
    swapped = {s: cells(part.x.toarray(), 1 - part.labels, part.donors) for s, part in data.items()}
    one = donor_activity(small_graph, data, NAMES, CONFIG)
    two = donor_activity(small_graph, swapped, NAMES[::-1], CONFIG)
    keys = ["path", "donor", "condition"]
    pd.testing.assert_frame_equal(one.sort_values(keys, ignore_index=True), two.sort_values(keys, ignore_index=True))


def test_one_donor_has_no_variance(small_graph, data):
    part = data["train"]
    one = {"train": cells(part.x.toarray(), np.zeros(len(part), dtype=int), ["only"] * len(part))}
    found = donor_activity(small_graph, one, NAMES, CONFIG)
    assert set(found["donor"]) == {"only"}
    np.testing.assert_allclose(found[["coherent", "edge_signs"]], 0, atol=1e-9)


def test_without_donors_or_cells_the_table_is_empty(small_graph, data):
    part = data["train"]
    unknown = {"train": cells(part.x.toarray(), part.labels, [None] * len(part))}
    for given, config in ((unknown, CONFIG), (data, DonorTestConfig(min_cells=1000, sd_floor=0.05))):
        found = donor_activity(small_graph, given, NAMES, config)
        assert found.empty
        assert list(found.columns) == list(PathActivityByDonor.to_schema().columns)
