import numpy as np
import pandas as pd
import pytest
from evaluations import predictions_of
from sklearn.metrics import roc_auc_score

from pathlore.training.intervals import donor_weights, mean_interval, pair_counts, paths_add, percentiles, repeat_counts


def slow_auroc(cells, draws, by="probability_of_case"):
    """Pairs one by one, each donor's cells as often as it was drawn; repeats weighted by the pairs drawn."""
    above = below = 0.0
    for _, rows in cells.groupby(["fold", "seed"]):
        cases, controls = rows[rows["label"] == 1], rows[rows["label"] == 0]
        pairs = len(cases) * len(controls)
        for case in cases.itertuples():
            for control in controls.itertuples():
                weight = draws[case.donor] * draws[control.donor] / pairs
                one, other = getattr(case, by), getattr(control, by)
                above += weight * ((one > other) + 0.5 * (one == other))
                below += weight
    return above / below


def total(counts):
    first, *others = counts.values()
    for other in others:
        first = first + other
    return first


@pytest.mark.parametrize("paired", [False, True])
def test_weighted_auroc_is_that_of_repeated_pairs(paired):
    cells = predictions_of({"pathlore": 0.4}, n_donors=6, n_cells=7, folds=3, paired=paired)
    cells["probability_of_case"] = cells["probability_of_case"].round(1)  # ties
    donors = sorted(cells["donor"].unique())
    weights = np.array([[1, 1, 1, 1, 1, 1], [2, 0, 1, 3, 0, 1], [0, 2, 2, 1, 1, 0]], float)
    found = total(repeat_counts(cells, donors, "cell")).auroc(weights)
    expected = [slow_auroc(cells, dict(zip(donors, row, strict=True))) for row in weights]
    assert found == pytest.approx(expected)


def test_without_drawing_it_is_the_mean_of_the_repeats():
    cells = predictions_of({"pathlore": 0.4})
    donors = sorted(cells["donor"].unique())
    each = [roc_auc_score(rows["label"], rows["probability_of_case"]) for _, rows in cells.groupby("fold")]
    assert total(repeat_counts(cells, donors, "cell")).auroc(np.ones((1, 10))) == pytest.approx(np.mean(each))


def test_levels_of_donors_and_types():
    cells = predictions_of({"pathlore": 0.4}, folds=1)
    donors = sorted(cells["donor"].unique())
    one = np.ones((1, len(donors)))
    means = cells.groupby(["donor", "label"])["probability_of_case"].mean().reset_index()
    expected = roc_auc_score(means["label"], means["probability_of_case"])
    assert total(repeat_counts(cells, donors, "donor")).auroc(one) == pytest.approx(expected)
    cells.loc[cells["cell"].str.endswith("c3"), "cell_type"] = "t0"  # types of unequal size
    by_type = [
        (roc_auc_score(rows["label"], rows["probability_of_case"]), len(rows)) for _, rows in cells.groupby("cell_type")
    ]
    expected = np.average([value for value, _ in by_type], weights=[n for _, n in by_type])
    assert total(repeat_counts(cells, donors, "cell_within_type")).auroc(one) == pytest.approx(expected)


def test_a_type_with_few_cells_of_a_class_is_not_judged():
    cells = predictions_of({"pathlore": 0.4}, folds=1)
    cells.loc[(cells["cell_type"] == "t1") & (cells["label"] == 1) & ~cells["donor"].eq("d1"), "cell_type"] = "t0"
    cells.loc[cells["cell_type"].eq("t1") & cells["donor"].eq("d1") & ~cells["cell"].isin(["d1c1", "d1c3"]),
              "cell_type"] = "t0"  # fmt: skip
    rows = cells[cells["cell_type"] == "t0"]
    donors = sorted(cells["donor"].unique())
    found = total(repeat_counts(cells, donors, "cell_within_type")).auroc(np.ones((1, 10)))
    assert found == pytest.approx(roc_auc_score(rows["label"], rows["probability_of_case"]))


def test_three_classes_are_a_mean_against_the_rest():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 60)
    probabilities = rng.dirichlet(np.ones(3), 60)
    found = pair_counts(labels, probabilities, rng.integers(0, 4, 60), 4).auroc(np.ones((1, 4)))
    expected = roc_auc_score(labels, probabilities, multi_class="ovr", average="macro")
    assert found == pytest.approx(expected)


def test_one_class_has_no_pairs():
    assert pair_counts(np.zeros(4, int), np.full((4, 2), 0.5), np.zeros(4, int), 1) is None


def test_donors_are_drawn_within_class():
    cells = predictions_of({"pathlore": 0.4})
    donors, weights, lacking = donor_weights(cells, 50, seed=1)
    case = np.array([int(name[1:]) % 2 == 1 for name in donors])
    assert lacking == ""
    assert (weights[:, case].sum(axis=1) == 5).all()
    assert (weights[:, ~case].sum(axis=1) == 5).all()
    assert (weights == donor_weights(cells, 50, seed=1)[1]).all()


def test_donors_of_paired_designs_are_drawn_together():
    cells = predictions_of({"pathlore": 0.4}, n_donors=4, paired=True)
    _, weights, lacking = donor_weights(cells, 50, seed=1)
    assert lacking == ""
    assert (weights.sum(axis=1) == 4).all()


@pytest.mark.parametrize(("n_donors", "paired"), [(4, False), (2, True)])
def test_too_few_donors_are_said(n_donors, paired):
    lacking = donor_weights(predictions_of({"pathlore": 0.4}, n_donors=n_donors, paired=paired), 10, seed=0)[2]
    assert lacking == "2 donors in a class, 3 needed"


def test_unknown_donors_are_said():
    cells = predictions_of({"pathlore": 0.4}).assign(donor=pd.NA)
    assert donor_weights(cells, 10, seed=0)[2] == "donors are not known"


def test_percentiles_need_most_draws():
    assert percentiles(np.array([np.nan, np.nan, 1.0])) == pytest.approx((np.nan, np.nan), nan_ok=True)
    low, high = percentiles(np.arange(1001.0))
    assert (low, high) == pytest.approx((25, 975))


def test_the_interval_of_one_value_is_not_known():
    assert np.isnan(mean_interval(np.array([0.7]))).all()


def branch_predictions(gain, donors=6, seed=0, types=None):
    """Test cells of donors in turn of two classes; the model's scores tell them apart better than the genes' alone."""
    rng = np.random.default_rng(seed)
    label = np.repeat(np.arange(donors) % 2, 40)
    own = np.repeat(rng.normal(0, 0.3, donors), 40) + rng.normal(0, 1, len(label))
    rows = []
    for method, size in (("pathlore", 0.5 + gain), ("without_paths", 0.5)):
        chance = 1 / (1 + np.exp(-(own + size * (2 * label - 1))))
        table = pd.DataFrame({"cell": [f"c{i}" for i in range(len(label))], "label": label, "method": method})
        table["donor"] = [f"d{i // 40}" for i in range(len(label))]
        rows.append(table.assign(split="test", probability_of_a=1 - chance, probability_of_b=chance))
    whole = pd.concat(rows, ignore_index=True)
    return whole if types is None else whole.assign(cell_type=np.array(types)[np.arange(len(whole)) % len(types)])


def test_what_the_paths_add_is_the_difference_of_the_areas():
    table = branch_predictions(0.6)
    found = {(level, metric): value for level, metric, value, _ in paths_add(table)}
    areas = [roc_auc_score(own["label"], own["probability_of_b"]) for _, own in table.groupby("method", sort=False)]
    assert found["cell", "paths_add"] == pytest.approx(areas[0] - areas[1])
    assert 0 < found["cell", "paths_add_low"] < found["cell", "paths_add"] < found["cell", "paths_add_high"]
    nothing = {metric: value for _, metric, value, _ in paths_add(branch_predictions(0.0))}
    assert nothing == {"paths_add": 0.0, "paths_add_low": 0.0, "paths_add_high": 0.0}


def test_what_the_paths_add_has_no_interval_with_two_donors_of_a_class_and_a_twin_within_types():
    found = {metric: value for _, metric, value, _ in paths_add(branch_predictions(0.6, donors=4))}
    assert found["paths_add"] > 0
    assert np.isnan(found["paths_add_low"])
    unknown = {m: v for _, m, v, _ in paths_add(branch_predictions(0.6).assign(donor=None))}
    assert unknown["paths_add"] == pytest.approx(next(v for _, m, v, _ in paths_add(branch_predictions(0.6))))
    assert {level for level, *_ in paths_add(branch_predictions(0.6, types=["T", "B"]))} == {"cell", "cell_within_type"}
    assert not list(paths_add(branch_predictions(0.6).query("method == 'pathlore'")))
