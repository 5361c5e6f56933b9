import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from pathlore.config import CellMapConfig
from pathlore.explain.cell_map import cell_map
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.schemas import CellMap


@pytest.fixture(scope="module")
def case():
    """60 cells of two far groups, which are the classes; G0 and G1 rise in the second, G2 falls."""
    rng = np.random.default_rng(0)
    label = np.repeat([0, 1], 30)
    x = rng.normal(2, 0.3, (60, 12)) + 2.0 * label[:, None] * np.array([1, 1, -0.8, *[0.5] * 9])
    cells = AnnData(sparse.csr_matrix(np.clip(x, 0, None).astype(np.float32)))
    cells.obs_names = [f"c{i}" for i in range(60)]
    cells.var_names = [f"G{i}" for i in range(12)]
    splits = pd.DataFrame(
        {"cell": cells.obs_names, "donor": np.tile(["a", "b", None], 20), "condition": np.array(["x", "y"])[label],
         "label": label, "split": np.tile(["train", "train", "test"], 20)}
    ).sample(frac=1, random_state=1)  # fmt: skip
    entities = pd.DataFrame({"gene": ["G2", "G0", "G1"]})
    steps = {"source": ["G0", "G1"], "target": ["G1", "G2"], "kind": ["signaling", "tf_target"], "sign": [1, -1]}
    graph = TextNumericGraph(entities, pd.DataFrame(steps).assign(type=[5, 9]), pd.DataFrame({"path": ["G0>G1>G2"]}))
    ranking = pd.DataFrame({"rank": [1], "path": ["G0>G1>G2"]})
    test = splits[splits["split"] == "test"]
    predictions = pd.DataFrame(
        {"cell": test["cell"], "method": "pathlore", "probability_of_x": 0.3, "probability_of_y": 0.7}
    )
    return cells, splits, graph, ranking, predictions


def test_groups_lie_apart_and_paths_are_measured(case):
    cells, splits, graph, ranking, predictions = case
    table = cell_map(cells, splits, graph, ranking, predictions, CellMapConfig(perplexity=8, components=5))
    assert list(table["cell"]) == list(cells.obs_names)  # in the order of the cells
    place = table[["tsne_1", "tsne_2"]].to_numpy()
    label = (table["condition"] == "y").to_numpy()
    middles = place[label].mean(axis=0), place[~label].mean(axis=0)
    nearest = [np.linalg.norm(place - middle, axis=1) for middle in middles]
    assert ((nearest[0] < nearest[1]) == label).all()
    train = (table["split"] == "train").to_numpy()
    assert table.loc[train, "score"].isna().all()
    assert (table.loc[~train, "score"] == 0.7).all()
    x = cells.to_df()[["G0", "G1", "G2"]].to_numpy()
    z = (x - x[train].mean(axis=0)) / x[train].std(axis=0)
    # G2 lies behind an inhibiting step
    assert table["activity_1"].tolist() == pytest.approx((z @ [1, 1, -1]) / 3, abs=1e-4)


def test_no_cells_no_map(case):
    table = cell_map(*case, CellMapConfig(cells=0))
    assert table.empty
    assert list(CellMap.validate(table).columns)[-1] == "activity_1"


def test_the_sample_is_even_and_the_same_each_time(case):
    one, other = (cell_map(*case, CellMapConfig(cells=24, components=5, seed=3)) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)
    assert set(one.groupby(["donor", "condition"], dropna=False).size()) == {4}
