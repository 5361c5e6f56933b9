import numpy as np
import pytest
from drawn import overlapping, texts_of, written
from readings import predictions
from sklearn import metrics as sk

from pathlore.errors import PathloreError
from pathlore.plot.curves import GRID, _weighted, curves, held_out_curves, resampled_weights
from pathlore.training.metrics import classification_metrics

NAMES = ["control", "case"]


def test_weighted_curves_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    inside = rng.uniform(size=300) < 0.3
    scores = np.round(rng.normal(size=300) + inside, 1)  # with ties
    weights = rng.integers(0, 4, (5, 300))
    roc, recall = _weighted(inside, scores, weights)
    for row, weight in enumerate(weights):
        assert roc[1][row] == pytest.approx(sk.roc_auc_score(inside, scores, sample_weight=weight))
        assert recall[1][row] == pytest.approx(sk.average_precision_score(inside, scores, sample_weight=weight))
        fpr, tpr, _ = sk.roc_curve(inside, scores, sample_weight=weight)
        for rate, height in zip(GRID, roc[0][row], strict=True):
            below = tpr[fpr <= rate + 1e-12].max()
            above = tpr[fpr >= rate - 1e-12].min()
            assert below - 1e-9 <= height <= max(above, below) + 1e-9


def test_precision_at_a_recall_is_that_of_the_first_threshold_that_reaches_it():
    inside = np.array([True, False, True, False])
    _, (precision, area) = _weighted(inside, np.array([0.9, 0.8, 0.7, 0.1]), np.ones((1, 4), int))
    assert precision[0, [0, 100, 101, 200]] == pytest.approx([1, 1, 2 / 3, 2 / 3])
    assert area[0] == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_areas_are_those_of_the_metrics(n_classes):
    table = predictions(n_classes=n_classes)
    own = table[table["method"] == "logistic_regression"]
    shares = own.filter(like="probability_of_").to_numpy()
    labels = own["label"].to_numpy()
    cases = [1] if n_classes == 2 else [0, 1, 2]
    weights, _ = resampled_weights(own, 50, np.random.default_rng(0))
    both = curves(np.stack([labels == c for c in cases]), shares[:, cases].T, weights)
    wanted = classification_metrics(labels, shares, [f"c{c}" for c in range(n_classes)])
    assert [curve.area for curve in both] == pytest.approx([wanted["auroc"], wanted["auprc"]])
    for curve in both:
        assert (curve.low <= curve.high + 1e-12).all()


def test_whole_donors_are_drawn():
    own = predictions()[lambda table: table["method"] == "pathlore"]
    weights, over_donors = resampled_weights(own, 20, np.random.default_rng(0))
    assert over_donors
    assert weights.shape == (20, len(own))
    for _, places in own.reset_index(drop=True).groupby("donor").groups.items():
        assert (weights[:, places] == weights[:, places[:1]]).all()


def test_bands_over_donors_are_wider_than_over_cells():
    own = predictions(donors=8, cells=60)[lambda table: table["method"] == "logistic_regression"]
    inside, scores = (own["label"] == 1).to_numpy()[None], own["probability_of_case"].to_numpy()[None]
    widths = []
    for table in (own, own.assign(donor=None)):
        weights, _ = resampled_weights(table, 200, np.random.default_rng(0))
        roc, _ = curves(inside, scores, weights)
        widths.append((roc.high - roc.low).mean())
    assert widths[0] > 1.1 * widths[1]


@pytest.mark.parametrize("missing", ["few", "unknown"])
def test_without_enough_donors_cells_are_drawn_and_the_title_says_so(missing):
    table = predictions(donors=4) if missing == "few" else predictions().assign(donor=None)
    said = " ".join(written(held_out_curves(table, NAMES, "T cells", resamples=20)))
    assert "too narrow for new donors" in said
    assert ("too few donors" if missing == "few" else "donors not known") in said


def test_the_figure_names_methods_areas_and_amounts():
    table = predictions()
    figure = held_out_curves(table.sample(frac=1, random_state=0), NAMES, "T cells", resamples=30)
    said = written(figure)
    own = table[table["method"] == "pathlore"]
    auroc = sk.roc_auc_score(own["label"], own["probability_of_case"])
    assert any(text == f"Pathlore  {auroc:.3f}" for text in said)
    assert any("n = 480 cells of 12 donors" in text for text in said)
    assert "chance  0.500" in said
    assert not overlapping(texts_of(figure))
    assert [len(axes.lines) for axes in figure.axes] == [4, 4]


def test_one_class_and_no_cells_give_a_note():
    table = predictions()
    assert "1 of 2 classes" in held_out_curves(table[table["label"] == 0], NAMES, "T").texts[0].get_text()
    assert "validation" in held_out_curves(table, NAMES, "T", split="validation").texts[0].get_text()


def test_no_resample_is_an_error():
    with pytest.raises(PathloreError, match="resamples"):
        held_out_curves(predictions(), NAMES, "T", resamples=0)
