import numpy as np
import pandas as pd
import pytest

from pathlore.plot.training import training_curves


@pytest.fixture
def history():
    epochs = np.arange(1, 7)
    return pd.DataFrame({
        "epoch": epochs, "train_loss": 1 / epochs, "validation_loss": 1.1 / epochs,
        "validation_auroc": [0.6, 0.7, 0.9, 0.8, 0.9, 0.7],
        "learning_rate": 1e-3, "mean_importance": 0.3, "seconds": 2.0,
    })  # fmt: skip


def test_curves_hold_the_history(history):
    losses, ranking = training_curves(history, "T cells").axes
    np.testing.assert_array_equal(losses.lines[0].get_ydata(), history["train_loss"])
    np.testing.assert_array_equal(losses.lines[1].get_ydata(), history["validation_loss"])
    np.testing.assert_array_equal(ranking.lines[0].get_ydata(), history["validation_auroc"])


def test_the_best_epoch_is_the_one_that_the_fit_keeps(history):
    figure = training_curves(history.sample(frac=1, random_state=1), "T cells")  # 0.9 twice, then the loss
    assert [text.get_text() for text in figure.axes[1].texts] == ["best: epoch 5, 0.900"]
    assert figure.get_suptitle() == "T cells: 6 epochs, 12 s"


@pytest.mark.parametrize("rows", [0, 1])
def test_few_epochs(history, rows):
    figure = training_curves(history.head(rows), "T cells")
    figure.draw_without_rendering()
    assert bool(figure.axes) == bool(rows)


def test_auroc_that_is_not_defined(history):
    figure = training_curves(history.assign(validation_auroc=np.nan), "T cells")
    figure.draw_without_rendering()
    assert not figure.axes[1].texts
