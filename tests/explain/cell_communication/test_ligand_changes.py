import numpy as np
import pytest
from scipy import stats

from pathlore.explain.cell_communication.changes import ligand_changes
from pathlore.explain.cell_communication.groups import group_cells
from pathlore.explain.cell_communication.partners import Partners
from pathlore.explain.cell_communication.score import change_part, evidence_score, pooled_p, score

NAMES = ["L1", "L2", "L3", "L4", "L2_L3"]
GENES = ["L1", "L2", "L3", "L4"]


def grouped(cells, classes=("control", "case")):
    return group_cells(cells, ["A", "B", "C"], list(classes), GENES)


def by_donor(cells, kind="A"):
    """Log2 of donors' means as the formula says, (donors x classes, ligands), with the class of each."""
    own = cells[(cells.obs["cell_type"] == kind).to_numpy(), GENES]
    keys = sorted(set(zip(own.obs["condition"], own.obs["donor"], strict=True)))
    means = []
    for condition, donor in keys:
        rows = (own.obs["condition"] == condition) & (own.obs["donor"] == donor)
        means.append(np.expm1(own[rows.to_numpy()].X.toarray()).mean(axis=0))
    means = np.array(means)
    least = np.column_stack([means, np.minimum(means[:, 1], means[:, 2])])
    return np.log2(least + np.median(means[means > 0]) / 2), [condition for condition, _ in keys], keys


def test_over_donors_as_welch(cohort):
    cells = cohort(seed=3)
    y, condition, _ = by_donor(cells)
    case, control = (y[np.array(condition) == name] for name in ("case", "control"))
    found = ligand_changes(grouped(cells), 0, Partners(NAMES, GENES), 50, 0, paired=False)
    np.testing.assert_allclose(found.log_fold_change, case.mean(axis=0) - control.mean(axis=0), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(found.p, stats.ttest_ind(case, control, equal_var=False).pvalue, rtol=1e-3)
    error = np.sqrt(case.var(axis=0, ddof=1) / 5 + control.var(axis=0, ddof=1) / 5)
    expected = np.abs(found.log_fold_change) / (error + np.median(error))
    np.testing.assert_allclose(found.size, expected, rtol=1e-3)
    assert found.highest[0] == 1
    assert found.size.argmax() == 0
    assert found.p[0] < 0.01
    assert found.null.shape == (50, 5)
    assert found.distinct == pytest.approx(252)  # 10 over 5
    assert (found.null[:, 0] >= found.size[0]).mean() < 0.1


def test_donors_with_both_classes_are_compared_with_themselves(cohort):
    cells = cohort(paired=True, seed=4)
    y, condition, _ = by_donor(cells)
    case, control = (y[np.array(condition) == name] for name in ("case", "control"))
    found = ligand_changes(grouped(cells), 0, Partners(NAMES, GENES), 50, 0, paired=True)
    np.testing.assert_allclose(found.p, stats.ttest_rel(case, control).pvalue, rtol=1e-3)
    np.testing.assert_allclose(found.log_fold_change, (case - control).mean(axis=0), rtol=1e-4)
    assert found.distinct == 32
    assert found.highest[0] == 1


def test_of_several_cases_the_one_that_changes_most_is_told(cohort):
    cells = cohort(classes=3, seed=5)
    names = ("control", "case", "other")
    found = ligand_changes(grouped(cells, names), 0, Partners(NAMES, GENES), 20, 0, paired=False)
    y, condition, _ = by_donor(cells)
    case, control = (y[np.array(condition) == name] for name in ("case", "control"))
    expected = 2 * stats.ttest_ind(case[:, 0], control[:, 0], equal_var=False).pvalue
    assert found.p[0] == pytest.approx(expected, rel=1e-3)
    assert found.log_fold_change[0] == pytest.approx(case[:, 0].mean() - control[:, 0].mean(), rel=1e-3)


@pytest.mark.parametrize("paired", [False, True])
def test_each_class_is_compared_with_each_where_asked_for(cohort, paired):
    """By loops over the pairs of classes: the largest size of each ligand, and its p times three."""
    cells, names = cohort(classes=3, paired=paired, seed=7), ("control", "case", "other")
    found = ligand_changes(grouped(cells, names), 0, Partners(NAMES, GENES), 20, 0, paired=paired, all_pairs=True)
    y, condition, _ = by_donor(cells)
    own = [y[np.array(condition) == name] for name in names]
    sizes, changes, p, codes = [], [], [], [(0, 1), (0, 2), (1, 2)]
    for a, b in codes:
        test = stats.ttest_rel(own[b], own[a]) if paired else stats.ttest_ind(own[b], own[a], equal_var=False)
        change = own[b].mean(axis=0) - own[a].mean(axis=0)
        error = np.abs(change / test.statistic)
        sizes.append(np.abs(change) / (error + np.median(error)))
        changes.append(change)
        p.append(np.minimum(3 * test.pvalue, 1))
    best, column = np.argmax(sizes, axis=0), range(len(NAMES))
    assert found.compared.tolist() == [list(codes[k]) for k in best]
    assert found.compared[0].tolist() != [0, 2], "the ligand differs between the case and either other class"
    np.testing.assert_allclose(found.log_fold_change, np.array(changes)[best, column], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(found.p, np.array(p)[best, column], rtol=2e-3)
    assert found.highest[0] == 1


@pytest.mark.parametrize("why", ["too few", "not known"])
def test_without_donors_the_labels_of_cells_are_permuted(cohort, why, monkeypatch):
    monkeypatch.setattr("pathlore.explain.cell_communication.changes.LABELS", 2**14)  # several blocks of permutations
    cells = cohort(donors=2, cells=60)
    if why == "not known":
        cells.obs["donor"] = None
    found = ligand_changes(grouped(cells), 0, Partners(NAMES, GENES), 150, 0, paired=False)
    assert np.isnan(found.p).all()
    assert found.distinct == 0
    own = cells[(cells.obs["cell_type"] == "A").to_numpy(), GENES]
    z = np.expm1(own.X.toarray().astype(float))
    case = (own.obs["condition"] == "case").to_numpy()
    means = np.stack([z[~case].mean(axis=0), z[case].mean(axis=0)])
    offset = np.median(means) / 2
    assert (means > 0).all()
    least = np.column_stack([means, np.minimum(means[:, 1], means[:, 2])])
    expected = np.log2(least[1] + offset) - np.log2(least[0] + offset)
    np.testing.assert_allclose(found.log_fold_change, expected, rtol=1e-4, atol=1e-6)
    assert (found.null[:, 0] < found.size[0]).all()
    assert found.null.shape == (150, 5)


def test_the_score_needs_all_three_parts():
    yes, one = np.array([True]), np.array([1.0])
    assert score(one, one, one, yes) == 1.0
    assert score(one, one, one, ~yes) == 0.5
    parts = np.array([0.0, 1.0, 1.0]), np.array([1.0, 0.0, 1.0]), np.array([1.0, 1.0, 0.0])
    assert score(*parts, yes).tolist() == [0, 0, 0]
    grow = np.linspace(0, 9, 20)
    assert (np.diff(change_part(grow)) > 0).all()
    assert (np.diff(evidence_score(grow)) > 0).all()


def test_p_counts_the_null_changes_of_all_lines():
    rng = np.random.default_rng(0)
    size, null = rng.exponential(size=30), rng.exponential(size=(40, 30))
    size[1] = size[0]
    null[3, 4] = size[2]  # a tie counts
    expected = [(1 + (null >= s).sum()) / (1 + null.size) for s in size]
    np.testing.assert_allclose(pooled_p(size, null), expected)
