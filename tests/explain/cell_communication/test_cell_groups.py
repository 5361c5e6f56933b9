import numpy as np
from anndata import read_h5ad

from pathlore.explain.cell_communication.groups import (
    class_fractions,
    group_cells,
    large_populations,
    population_means,
)
from pathlore.explain.cell_communication.partners import Partners

CLASSES = ["control", "case"]


def test_means_and_fractions_are_those_of_a_slow_loop(cohort):
    cells = cohort(donors=3, cells=4)
    cells = cells[np.random.default_rng(0).permutation(cells.n_obs)]
    genes = ["R2", "L1", "R1"]
    groups = group_cells(cells, ["A", "B"], CLASSES, genes)
    dense = cells[:, genes].X.toarray()
    for s, name in enumerate(["A", "B"]):
        rows = (cells.obs["cell_type"] == name).to_numpy()
        np.testing.assert_allclose(population_means(groups)[s], dense[rows].mean(axis=0), rtol=1e-5)
        for c, condition in enumerate(CLASSES):
            own = rows & (cells.obs["condition"] == condition).to_numpy()
            np.testing.assert_allclose(class_fractions(groups)[s, c], (dense[own] > 0).mean(axis=0), rtol=1e-6)


def test_cells_of_no_population_or_class_are_left_out(cohort):
    cells = cohort(donors=3, cells=4)
    cells.obs.loc[cells.obs_names[:5], "cell_type"] = None
    cells.obs.loc[cells.obs_names[5:7], "condition"] = None
    groups = group_cells(cells, ["A", "B", "C"], CLASSES, ["L1"])
    assert groups.x.shape == (cells.n_obs - 7, 1)
    assert len(groups.donor) == len(groups.label) == len(groups.population) == cells.n_obs - 7


def test_a_population_needs_cells_of_each_class(cohort):
    cells = cohort(donors=3, cells=4)
    few = cells[~((cells.obs["cell_type"] == "B") & (cells.obs["condition"] == "case"))]
    assert large_populations(cells.obs, CLASSES, 12) == ["A", "B", "C"]
    assert large_populations(few.obs, CLASSES, 12) == ["A", "C"]
    assert large_populations(cells.obs, CLASSES, 13) == []
    assert large_populations(cells.obs.assign(cell_type=None), CLASSES, 1) == []


def test_a_complex_is_as_much_as_its_rarest_member():
    values = np.random.default_rng(1).random((2, 3, 4))
    others = np.random.default_rng(2).random((2, 3, 4))
    partners = Partners(["C", "A_D_B", "A"], ["A", "B", "C", "D"])
    least, other = partners.rarest(values, others)
    for i in np.ndindex(2, 3):
        three = {g: values[i][g] for g in (0, 3, 1)}
        rarest = min(three, key=three.get)
        assert least[i].tolist() == [values[i][2], three[rarest], values[i][0]]
        assert other[i].tolist() == [others[i][2], others[i][rarest], others[i][0]]
    assert np.array_equal(partners.least(values), least)
    assert Partners([], ["A"]).least(values).shape == (2, 3, 0)


def test_cells_on_disk_are_read_as_those_in_memory(cohort, tmp_path, monkeypatch):
    monkeypatch.setattr("pathlore.explain.cell_communication.groups.ROWS", 7)
    cells = cohort(donors=3, cells=4)
    cells.write_h5ad(tmp_path / "cells.h5ad")
    whole = group_cells(cells, ["A", "C"], CLASSES, ["R2", "L1"])
    stored = group_cells(read_h5ad(tmp_path / "cells.h5ad", backed="r"), ["A", "C"], CLASSES, ["R2", "L1"])
    assert (whole.x != stored.x).nnz == 0
    assert np.array_equal(whole.donor, stored.donor)
