"""Results do not depend on the order in which cells, genes, interactions or classes come."""

import numpy as np
import pandas as pd
import pytest
from small_evaluation import parameters_of, small_sources

from pathlore.expression.fabricate import fabricate_cells
from pathlore.expression.prepare import prepare_cells
from pathlore.study.fit import importance_at_start
from pathlore.study.prepare import prepare
from pathlore.study.sources import Sources
from pathlore.training.regression import donor_folds, ridge_regression

PARAMETERS = parameters_of()


def case_of(sources, parameters=PARAMETERS):
    return prepare(sources, parameters, 0, 4, 0)["pooled"]


@pytest.fixture(scope="module")
def case():
    return case_of(small_sources())


def wide_answers(case):
    train = case.data["train"]
    fold, unit = donor_folds(train)
    regression, _ = ridge_regression(train.wide.x, train.wide.genes, train, fold, unit)
    test = case.data["test"]
    return pd.Series(regression.logits(test.wide.x)[:, 1], index=test.cells).sort_index()


def same(one, other):
    assert list(one.graph.paths["path"]) == list(other.graph.paths["path"])
    assert one.graph.genes == other.graph.genes
    for split, cells in one.data.items():
        assert cells.cells == other.data[split].cells
        np.testing.assert_array_equal(cells.x.toarray(), other.data[split].x.toarray())
    np.testing.assert_allclose(importance_at_start(one, PARAMETERS), importance_at_start(other, PARAMETERS), rtol=1e-6)
    np.testing.assert_allclose(wide_answers(one), wide_answers(other), atol=1e-9)


def test_cells_and_genes():
    """As the file has them: what is prepared is sorted."""
    sources = small_sources()
    raw = fabricate_cells(sources.network, n_cells=240, effect=1.5)
    rng = np.random.default_rng(0)
    shuffled = raw[rng.permutation(raw.n_obs)][:, rng.permutation(raw.n_vars)].copy()
    ingestion = PARAMETERS.ingestion
    cells = [prepare_cells(own, ingestion.cells, ingestion.quality) for own in (raw, shuffled)]
    one, other = (case_of(Sources(own, sources.network, sources.annotations)) for own in cells)
    same(one, other)


def test_interactions_and_texts(case):
    sources = small_sources()
    network = sources.network.sample(frac=1, random_state=1).reset_index(drop=True)
    texts = sources.annotations.sample(frac=1, random_state=2).reset_index(drop=True)
    same(case, case_of(Sources(sources.cells, network, texts)))


def test_the_control_may_be_either_class(case):
    """Answers turn round, and the wide branch says the same of each cell."""
    cells = small_sources().cells.copy()
    cells.obs["label"] = 1 - cells.obs["label"].to_numpy()
    ingestion = PARAMETERS.ingestion
    classes = dict(reversed(ingestion.cells.classes.items()))
    turned_round = ingestion.cells.model_copy(update={"classes": classes})
    parameters = PARAMETERS.model_copy(update={"ingestion": ingestion.model_copy(update={"cells": turned_round})})
    sources = small_sources()
    turned = case_of(Sources(cells, sources.network, sources.annotations), parameters)
    assert turned.class_names == case.class_names[::-1]
    assert {split: own.cells for split, own in turned.data.items()} == {s: own.cells for s, own in case.data.items()}
    np.testing.assert_allclose(wide_answers(turned), -wide_answers(case), atol=1e-9)
