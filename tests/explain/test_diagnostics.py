"""Each sign is provoked by what it stands for, through a real fit, and is silent after a good one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from blocks import base
from small_fits import model_config, small_cells, training_config

from pathlore.config import BaselineConfig
from pathlore.explain.diagnostics import FitRun, diagnostics, diagnostics_table
from pathlore.explain.importance import path_importance
from pathlore.expression.coverage import coverage
from pathlore.graph.text_numeric_graph import TextNumericGraph
from pathlore.schemas import Diagnostics
from pathlore.training.data import CellSet
from pathlore.training.fit import fit
from pathlore.training.predictions import predictions

BASELINE = BaselineConfig.model_validate(base("modeling", "baseline"))
ALL_ALIKE = {"log_odds_weight": 0.0, "shared_importance": 0.0}
"""Every score begins at the same place, and nothing but training moves it."""
GOOD = {"epochs": 12, "prior_weight": 0.0, "learning_rate": 0.01}


def covered(network, genes, described):
    """The table of coverage where some genes of the network are expressed and some of these described."""
    splits = pd.DataFrame(
        {
            "cell": ["a", "b", "c"],
            "condition": ["x", "y", "x"],
            "label": [0, 1, 0],
            "donor": ["d", "e", "f"],
            "cell_type": None,
            "population": "pooled",
            "split": ["train", "validation", "test"],
        }
    )
    statistics = pd.DataFrame({"gene": genes, "passes": True})
    annotations = pd.DataFrame({"symbol": genes, "name": genes})
    annotations["description"] = ["known" if i < described else "" for i in range(len(genes))]
    return coverage(AnnData(np.zeros((3, 1))), splits, annotations, network, statistics)


@pytest.fixture
def run(small_graph, small_network, gene_vectors, path_vectors):
    """Fit, predict and rank as the pipelines do."""

    def run(data, shown=None, form=None, **settings) -> FitRun:
        config = training_config(**GOOD | settings)
        model, history = fit(
            "pooled", small_graph, gene_vectors, path_vectors, data, ["well", "ill"], model_config(**form or {}), config
        )
        shown = shown or data
        return FitRun(
            model=model,
            graph=small_graph,
            history=history,
            importance=path_importance(model, small_graph, shown, config.prior_mode),
            predictions=predictions(model, shown, BASELINE, config.batch_size, "pooled"),
            coverage=covered(small_network, small_graph.genes, len(small_graph.genes)),
            prior_weight=config.prior_weight,
        )

    return run


@pytest.fixture
def data(small_graph):
    return small_cells(small_graph.genes, classes=2, effect=1.5)


def names(run):
    return [diagnostic.name for diagnostic in diagnostics(run)]


def sign(run, name):
    (found,) = [diagnostic for diagnostic in diagnostics(run) if diagnostic.name == name]
    return found


def test_a_good_run_has_none(run, data):
    assert names(run(data)) == []


def test_chance(run, small_graph):
    """The classes do not differ in any gene."""
    found = sign(run(small_cells(small_graph.genes, classes=2, effect=0.0)), "chance")
    assert "24 cells" in found.found
    assert "ingestion.quality.scale" in found.look_at
    assert "14 of 14 network genes" in found.look_at


def test_chance_where_a_plain_method_finds_a_signal(run, data):
    """The fit was too short; logistic regression knows better."""
    whole = run(data)
    shuffled = whole.predictions.copy()
    columns = [f"probability_of_{name}" for name in ("well", "ill")]
    model = (shuffled["method"] == "pathlore") & (shuffled["split"] == "test")
    shuffled.loc[model, columns] = shuffled.loc[model, columns].sample(frac=1, random_state=4).to_numpy()
    found = sign(replace(whole, predictions=shuffled), "chance")
    assert "logistic regression finds a signal" in found.look_at
    assert "modeling.training.epochs" in found.look_at


def test_one_class_where_one_is_rare_and_nothing_makes_up_for_it(run, data):
    """A sixth of the cells are cases, and without class weights it pays to call none of them so."""
    rare = {}
    for split, cells in data.items():
        rows = np.flatnonzero((cells.labels == 0) | (np.arange(len(cells)) % 10 == 1))
        rare[split] = CellSet(
            cells.x[rows], cells.labels[rows], [cells.cells[i] for i in rows], [cells.donors[i] for i in rows]
        )
    settings = {"sparsity": 20.0, "epochs": 20, "learning_rate": 0.05, "batch_size": 4}
    form = {"branches": [], "log_odds_weight": 0.0}
    found = sign(run(rare, form=form, class_weights="none", **settings), "one class")
    assert "test cells are called 'well', which is true of 80%" in found.found
    assert "modeling.training.class_weights" in found.look_at


def test_the_loss_does_not_fall_without_steps(run, data):
    frozen = run(data, epochs=4, learning_rate=1e-12, importance_learning_rate=1e-12)
    found = sign(frozen, "loss does not fall")
    assert "in the 3 after it (a guess has 0.693)" in found.found
    assert "modeling.training.learning_rate" in found.look_at


def test_one_epoch_says_nothing_of_the_loss(run, data):
    assert "loss does not fall" not in names(run(data, epochs=1, learning_rate=1e-12))


def test_a_gap_where_what_was_learned_does_not_hold(run, data):
    """In the validation donors the genes move the other way round."""
    reversed_ = replace(data["validation"], labels=1 - data["validation"].labels)
    settings = {"learning_rate": 0.1, "importance_learning_rate": 1.0, "batch_size": 4, "sparsity": 0.0, "epochs": 3}
    found = sign(run({**data, "validation": reversed_}, **settings), "train/validation gap")
    assert "modeling.training.sparsity" in found.look_at


def test_importances_alike_where_their_rate_is_too_low(run, data):
    found = sign(run(data, form=ALL_ALIKE, importance_learning_rate=1e-9), "importances alike")
    assert "all 7 paths lie between 0.2689 and 0.2689" in found.found
    assert "importance_learning_rate" in found.look_at


def test_importance_is_the_prior_where_its_weight_is_high(run, data):
    settings = {"epochs": 30, "importance_learning_rate": 0.2, "sparsity": 0.0, "early_stopping": 30}
    pulled = run(data, form=ALL_ALIKE, prior_weight=20.0, **settings)
    found = sign(pulled, "importance is prior")
    assert "(it is 20;" in found.look_at
    assert "importance is prior" not in names(replace(pulled, prior_weight=0.0))


def test_paths_of_another_graph(run, data, small_graph):
    """The graph was built again with other paths first, the model is of before."""
    order = [1, 0, *range(2, len(small_graph.paths))]
    other = TextNumericGraph(
        small_graph.entities, small_graph.associations, small_graph.paths.iloc[order].reset_index(drop=True)
    )
    found = sign(replace(run(data), graph=other), "other paths")
    assert found.found.startswith("2 of 7 paths")
    fewer = replace(small_graph, paths=small_graph.paths.head(5))
    assert sign(replace(run(data), graph=fewer), "other paths").found.startswith("2 of 5 paths")


def test_a_model_whose_genes_stand_in_another_order(run, data):
    """Its path indices point at the genes of before."""
    fitted = run(data)
    genes = sorted(fitted.model.genes, reverse=True)
    assert "other paths" in names(replace(fitted, model=replace(fitted.model, genes=genes)))


def test_few_genes_and_few_texts(run, data, small_network):
    copies = [small_network.assign(source=small_network["source"] + f"_{i}") for i in range(60)]
    large = pd.concat([small_network, *copies], ignore_index=True)
    good = run(data)
    few = replace(good, coverage=covered(large, good.graph.genes, 14))
    assert names(few) == ["few genes"]
    assert "14 of " in sign(few, "few genes").found
    silent = replace(good, coverage=covered(small_network, good.graph.genes, 8))
    assert names(silent) == ["few texts"]
    assert sign(silent, "few texts").found.startswith("8 of the 14 genes")
    assert names(replace(good, coverage=covered(small_network, good.graph.genes, 9))) == []


def test_the_table_of_all_populations(run, data):
    frozen = diagnostics(run(data, epochs=3, learning_rate=1e-12, importance_learning_rate=1e-12))
    table = diagnostics_table({"b_cells": [], "t_cells": frozen})
    assert set(table["population"]) == {"t_cells"}
    assert list(table["name"]) == [diagnostic.name for diagnostic in frozen]
    assert Diagnostics.validate(diagnostics_table({"b_cells": []})).empty
