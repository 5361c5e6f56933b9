from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from sklearn.metrics import roc_auc_score
from small_bundles import CELLS

from pathlore.scoring import score
from pathlore.scoring.labels import known_labels, metrics_against_labels
from pathlore.scoring.report import scoring_report


def test_it_judges_cells_and_donors_where_classes_are_known(bundle, cells):
    scores = score(bundle, cells)
    table = metrics_against_labels(scores.labels, scores.probabilities, scores.class_names)
    metrics = table.set_index(["level", "metric"])["value"]
    truth = (cells.obs["condition"] == "ill").to_numpy()
    assert metrics["cell", "auroc"] == pytest.approx(roc_auc_score(truth, scores.probabilities[:, 1]))
    assert set(table["n"]) == {60, 6}
    donors = pd.Series(scores.probabilities[:, 1]).groupby(cells.obs["donor"].to_numpy()).mean()
    ill = pd.Series(truth).groupby(cells.obs["donor"].to_numpy()).first()
    assert metrics["donor", "auroc"] == pytest.approx(roc_auc_score(ill, donors))
    text = scoring_report(bundle, scores)
    assert f"{metrics['cell', 'auroc']:.3f}" in text


def test_the_paths_that_contribute_most_are_listed(bundle_of, cells):
    bundle = bundle_of(branches=[])
    text = scoring_report(bundle, score(bundle, cells))
    assert "the 5 paths that contribute most" in text
    assert "in control" in text


def test_it_says_nothing_of_what_is_not_known(bundle, cells):
    bare = AnnData(cells.X, pd.DataFrame(index=cells.obs_names), cells.var)
    text = scoring_report(bundle, score(bundle, bare))
    assert "the scores cannot be evaluated" in text
    assert "auroc" not in text
    one = cells[(cells.obs["condition"] == "ill").to_numpy()].copy()
    assert "the scores cannot be evaluated" in scoring_report(bundle, score(bundle, one))


def test_warnings_are_in_it(bundle, cells):
    gone = bundle.model.genes[0]
    text = scoring_report(bundle, score(bundle, cells[:, cells.var_names != gone].copy(), min_coverage=0))
    assert f"({gone})" in text
    assert text.index("warnings:") < text.index("against the classes")
    assert max(map(len, text.splitlines())) <= 140


def test_the_papers_readout_has_no_paths_to_name(bundle_of, cells):
    bundle = bundle_of(readout="paper", branches=[])
    assert "paths that contribute most" not in scoring_report(bundle, score(bundle, cells))


def test_paths_without_weight_are_not_listed(bundle_of, cells):
    bundle = bundle_of(branches=[])
    scores = score(bundle, cells)
    none = replace(scores, parts=replace(scores.parts, paths=np.zeros_like(scores.parts.paths)))
    text = scoring_report(bundle, none)
    assert text.endswith("the paths have weight 0 in this model: only its branches on genes predict the class\n")
    assert "contribute most" not in text


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["ill", "healthy", "other", None], ["case", "control", None, None]),
        ([1.0, 2.0, float("nan"), 1.0], ["control", "case", None, "control"]),
    ],
)
def test_labels_are_read_as_far_as_they_go(values, expected):
    classes = {"control": ["healthy", "1"], "case": ["ill", "2"]}
    obs = pd.DataFrame({"condition": values, "donor": ["a", "unknown", "", np.nan]}, index=list("wxyz"))
    table = known_labels(obs, CELLS.model_copy(update={"classes": classes}), ["control", "case"])
    assert list(table["condition"]) == expected
    assert list(table["donor"]) == ["a", None, None, None]
    assert table["cell_type"].isna().all()


def test_classes_of_other_names_are_not_used():
    obs = pd.DataFrame({"condition": ["healthy", "ill"]}, index=["a", "b"])
    assert known_labels(obs, CELLS, ["young", "old"])["condition"].isna().all()
