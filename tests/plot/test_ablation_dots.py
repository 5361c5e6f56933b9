import numpy as np
import pandas as pd
import pytest
from drawn import outside, overlapping, texts_of, written
from scipy.stats import spearmanr

from pathlore.plot.ablation import ablation_dots


@pytest.fixture
def ablation():
    rng = np.random.default_rng(0)
    importance = rng.uniform(size=50)
    return pd.DataFrame({
        "path": [f"R{i}>T{i}>G{i}" for i in range(50)], "importance": importance, "contribution": 0.1,
        "loss_increase": 0.004 * importance**2 + rng.normal(0, 0.0005, 50), "rank_ablation": range(1, 51),
    })  # fmt: skip


def test_dots_hold_the_table(ablation):
    x, y = ablation_dots(ablation, "T cells").axes[0].lines[1].get_data()
    order = ablation.sort_values("loss_increase", ascending=False)
    np.testing.assert_allclose(x, order["importance"])
    np.testing.assert_allclose(y, 1000 * order["loss_increase"])


def test_the_rank_correlation_is_told(ablation):
    rho = spearmanr(ablation["importance"], ablation["loss_increase"]).statistic
    assert f"Spearman's rho {rho:.2f} over 50 paths" in written(ablation_dots(ablation, "T cells"))


def test_the_first_by_need_and_by_importance_are_named(ablation):
    figure = ablation_dots(ablation, "T cells")
    for column in ("importance", "loss_increase"):
        path = ablation.loc[ablation[column].idxmax(), "path"]
        assert path.replace(">", " → ") in written(figure)
    assert not overlapping(texts_of(figure))
    assert not outside(figure)


def test_equal_values_have_no_correlation(ablation):
    figure = ablation_dots(ablation.assign(loss_increase=0.0), "T cells")
    assert "Spearman's rho not defined over 50 paths" in written(figure)


def test_no_path_gives_a_note(ablation):
    assert "no path" in ablation_dots(ablation.head(0), "T cells").texts[0].get_text()
