"""Metacells: means of cells that belong together, whatever their order."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from pathlore.expression.metacells import metacells


@pytest.fixture
def cells():
    rng = np.random.default_rng(0)
    n = 200
    obs = pd.DataFrame(
        {
            "condition": pd.Categorical(["control", "case"] * (n // 2)),
            "label": [0, 1] * (n // 2),
            "donor": pd.Categorical(rng.choice(["a", "b", None], n)),
            "cell_type": pd.Categorical(rng.choice(["T", "B"], n)),
        },
        index=[f"c{i:03d}" for i in range(n)],
    )
    x = sparse.csr_matrix(np.log1p(rng.poisson(0.5, (n, 30)).astype(float)))
    return AnnData(x, obs=obs, var=pd.DataFrame(index=[f"g{i}" for i in range(30)]), uns={"pathlore": {"scale": "log"}})


def keys(obs):
    return obs[["condition", "donor", "cell_type"]].astype(str).agg("|".join, axis=1)


def test_one_of_each_donor_class_and_type_is_the_pseudobulk(cells):
    made = metacells(cells, "donor")
    expected = pd.DataFrame(np.expm1(cells.X.toarray())).groupby(keys(cells.obs).to_numpy()).mean()
    assert made.n_obs == len(expected)
    np.testing.assert_allclose(made.X.toarray(), np.log1p(expected.loc[keys(made.obs)].to_numpy()), rtol=1e-5)
    assert made.obs["n_cells"].sum() == cells.n_obs
    assert made.uns["pathlore"] == {"scale": "log"}
    assert made.obs_names.isin(cells.obs_names).all()


def test_a_size_gives_so_many_and_nothing_is_mixed_or_lost(cells):
    made = metacells(cells, 4)
    wanted = keys(cells.obs).value_counts().map(lambda n: max(1, round(n / 4)))
    assert keys(made.obs).value_counts().to_dict() == wanted.to_dict()
    assert made.obs["n_cells"].sum() == cells.n_obs
    total = (np.expm1(made.X.toarray()) * made.obs["n_cells"].to_numpy()[:, None]).sum(axis=0)
    np.testing.assert_allclose(total, np.expm1(cells.X.toarray()).sum(axis=0), rtol=1e-5)


def test_cells_that_are_alike_are_together(cells):
    x = cells.X.toarray()
    x[:] = 0.1
    side = np.arange(cells.n_obs) // 2 % 2  # as many of each class
    x[side == 0, :10], x[side == 1, 10:20] = 3.0, 3.0
    cells.X = sparse.csr_matrix(x)
    cells.obs["donor"], cells.obs["cell_type"] = "a", "T"
    made = metacells(cells, 50)
    assert made.n_obs == 4
    assert sorted(np.ptp(np.round(made.X.toarray(), 4), axis=1).tolist()) == pytest.approx([2.9] * 4, abs=0.01)
