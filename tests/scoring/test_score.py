"""The numbers of `score`: those of the module itself, whatever way the cells come."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from anndata import AnnData
from scipy import sparse
from small_bundles import CELLS, OTHERS, QUALITY, counts

from pathlore.errors import PathloreError
from pathlore.expression.prepare import prepare_cells
from pathlore.schemas import CellScores, PathContributions
from pathlore.scoring import score
from pathlore.scoring.familiarity import LEVEL, UNLIKE, fit_familiarity
from pathlore.training.data import CellSet
from pathlore.training.regression import donor_folds


def own_logits(bundle, cells, x=None):
    """Through the code of a run: prepare_cells, the module, and the branches by hand."""
    prepared = prepare_cells(cells, CELLS, QUALITY)[cells.obs_names]
    x = prepared[:, bundle.model.genes].X.toarray() if x is None else x
    with torch.inference_mode():
        of_paths = bundle.model.module()(torch.from_numpy(x)).double().numpy()
    stack = bundle.model.stack
    if stack is None:
        return of_paths
    weights, regressions = stack.mixtures["pathlore"].weights, stack.regressions
    total = weights["paths"] * (of_paths - of_paths.mean(axis=1, keepdims=True)) + stack.mixtures["pathlore"].bias
    wide = regressions["wide"]
    measured = [gene in prepared.var_names for gene in wide.genes]
    beyond = np.tile(wide.mean, (len(x), 1))
    beyond[:, measured] = prepared[:, [g for g, there in zip(wide.genes, measured, strict=True) if there]].X.toarray()
    for name, values in {"graph_genes": x, "wide": beyond}.items():
        own = regressions[name]
        total = total + weights[name] * (values @ own.coefficients + own.intercept)
    return total


def test_logits_are_those_of_the_model(bundle, cells):
    assert min(bundle.model.stack.mixtures["without_paths"].weights.values()) >= 0
    assert set(bundle.model.wide_genes) > set(bundle.model.genes)
    scores = score(bundle, cells)
    np.testing.assert_allclose(scores.parts.logits, own_logits(bundle, cells), atol=1e-5)
    assert scores.cells == list(cells.obs_names)
    assert np.ptp(scores.parts.logits[:, 1]) > 0.1


@pytest.mark.parametrize("options", [{}, {"branches": []}, {"classes": 3}], ids=str)
def test_the_parts_of_a_cell_add_up_to_its_logit(bundle_of, small_graph, options):
    bundle = bundle_of(**options)
    scores = score(bundle, counts(small_graph.genes, 6, seed=9, classes=options.get("classes", 2)))
    table = PathContributions.validate(scores.contributions()).set_index("cell")
    logits = scores.parts.logits
    if len(bundle.class_names) == 2:
        np.testing.assert_allclose(table.sum(axis=1), logits[:, 1] - logits[:, 0], rtol=1e-6, atol=1e-5)
    else:
        for number, name in enumerate(bundle.class_names):
            own = table[[column for column in table if column.endswith(f"[{name}]")]]
            assert own.shape[1] == len(bundle.model.paths) + 3
            np.testing.assert_allclose(own.sum(axis=1), logits[:, number], atol=1e-5)
    beside = table[[column for column in table if column.startswith(("graph_genes", "wide"))]]
    assert (beside.to_numpy() != 0).any() == bool(bundle.facts.model.branches)


def test_the_papers_readout_has_probabilities_and_no_parts(bundle_of, cells):
    bundle = bundle_of(readout="paper", branches=[])
    scores = score(bundle, cells)
    np.testing.assert_allclose(scores.parts.logits, own_logits(bundle, cells), atol=1e-5)
    assert scores.contributions().empty


def test_order_of_the_genes_and_scale_do_not_matter(bundle, cells):
    expected = score(bundle, cells).probabilities
    shuffled = cells[:, np.random.default_rng(0).permutation(cells.n_vars)].copy()
    np.testing.assert_allclose(score(bundle, shuffled).probabilities, expected, atol=1e-6)
    log = cells.copy()
    log.X = sparse.csr_matrix(np.log1p(10000 * cells.X.toarray() / cells.X.sum(axis=1)), dtype=np.float32)
    logged = score(bundle, log)
    np.testing.assert_allclose(logged.probabilities, expected, atol=1e-5)
    assert any("log scale" in text for text in logged.warnings)


def test_cells_with_one_matrix_need_not_have_the_layer_of_training(bundle, cells, caplog):
    facts = bundle.facts.model_copy(update={"cells": bundle.facts.cells.model_copy(update={"layer": "raw"})})
    scores = score(replace(bundle, facts=facts), cells)
    np.testing.assert_array_equal(scores.parts.logits, score(bundle, cells).parts.logits)
    assert "there is no matrix 'raw' as in training: X, the only one, is taken" in caplog.text
    cells.layers["counts"] = cells.X
    with pytest.raises(PathloreError, match="matrix 'raw' not found"):
        score(replace(bundle, facts=facts), cells)


def test_genes_are_known_by_their_ids_too(bundle, cells):
    ids = dict(zip(bundle.gene_names["symbol"], bundle.gene_names["ensembl"], strict=True))
    named = cells.copy()
    named.var_names = [ids[name] for name in cells.var_names]
    np.testing.assert_array_equal(score(bundle, named).probabilities, score(bundle, cells).probabilities)


def test_mouse_cells_need_orthologs_and_then_say_the_same(bundle, cells):
    mouse = cells.copy()
    symbols = list(cells.var_names)
    mouse.var_names = [f"Gene{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(len(symbols))]
    with pytest.raises(PathloreError, match="orthologs"):
        score(bundle, mouse)
    pairs = pd.DataFrame({"mouse": list(mouse.var_names), "human": symbols})
    found = score(bundle, mouse, orthologs=pairs)
    np.testing.assert_allclose(found.probabilities, score(bundle, cells).probabilities, atol=1e-6)


def test_backed_cells_say_the_same(bundle, cells, tmp_path):
    import anndata

    cells.write_h5ad(tmp_path / "cells.h5ad")
    backed = anndata.read_h5ad(tmp_path / "cells.h5ad", backed="r")
    np.testing.assert_array_equal(score(bundle, backed).probabilities, score(bundle, cells).probabilities)


def test_the_mean_of_training_stands_for_a_missing_gene(bundle, cells):
    gone = bundle.model.genes[3]
    scores = score(bundle, cells[:, cells.var_names != gone].copy(), min_coverage=0.0)
    assert scores.coverage.missing == [gone]
    assert any(gone in text and "mean of the training cells" in text for text in scores.warnings)
    prepared = prepare_cells(cells[:, cells.var_names != gone].copy(), CELLS, QUALITY)[cells.obs_names]
    x = np.zeros((cells.n_obs, len(bundle.model.genes)), dtype=np.float32)
    for place, gene in enumerate(bundle.model.genes):
        x[:, place] = bundle.gene_mean[place] if gene == gone else prepared[:, gene].X.toarray().ravel()
    kept = cells[:, cells.var_names != gone].copy()
    np.testing.assert_allclose(scores.parts.logits, own_logits(bundle, kept, x), atol=1e-5)


def test_too_few_genes_are_refused_and_the_parameter_is_named(bundle, cells):
    few = cells[:, OTHERS + bundle.model.genes[:4]].copy()
    with pytest.raises(PathloreError, match=r"at least 60% wanted.*scoring\.score\.min_coverage"):
        score(bundle, few)
    assert score(bundle, few, min_coverage=0.0).coverage.genes == pytest.approx(4 / len(bundle.model.genes))


def test_cells_of_another_world_are_out_of_range(bundle, cells):
    at_home = score(bundle, cells)
    assert at_home.out_of_range.mean() < 0.2
    odd = cells.copy()
    x = odd.X.toarray()
    x[:, : len(bundle.model.genes)] = x[:, : len(bundle.model.genes)] ** 3
    odd.X = sparse.csr_matrix(x)
    found = score(bundle, odd)
    assert found.out_of_range.mean() > 0.9
    assert any("outside the range" in text for text in found.warnings)


def test_cells_of_another_type_are_called_no_class_whatever_their_probability(bundle, cells):
    """Genes that no training cell expresses so: the order of the others' means is turned round."""
    other = cells.copy()
    x = other.X.toarray()
    other.X = sparse.csr_matrix(x[:, ::-1].copy() + 20 * (np.arange(x.shape[1]) % 7 == 0))
    found = score(bundle, other)
    assert set(found.predicted) == {UNLIKE}
    at_home = score(bundle, cells)
    assert at_home.unlike.mean() < 0.1
    assert (np.array(at_home.predicted)[~at_home.unlike] != UNLIKE).all()


def test_of_held_out_cells_of_the_same_kind_few_are_unlike():
    """Over cohorts that differ by chance alone, the share of further cells is the level at most, but for the draw."""

    def drawn(n, seed):
        rng = np.random.default_rng(seed)
        x = sparse.csr_matrix(rng.gamma(1.0 + np.arange(60) / 20, 0.5, (n, 60)), dtype=np.float32)
        return CellSet(x, np.arange(n) % 2, [f"{seed} {i}" for i in range(n)], [None] * n)

    shares = []
    for seed in range(0, 40, 4):
        data = {split: drawn(200, seed + k) for k, split in enumerate(("train", "validation", "test"))}
        familiar = fit_familiarity(data, {split: ["T"] * 200 for split in data})
        shares.append(familiar.unlike(drawn(500, seed + 3).x).mean())
    assert np.mean(shares) <= LEVEL + 0.01
    assert np.mean(shares) > 0.003


def test_profiles_and_their_limit_are_those_of_whole_matrices(monkeypatch):
    """Cells are summed block by block, and each is compared with the means of the other groups of donors."""
    rng = np.random.default_rng(0)
    x, labels = rng.gamma(1.0 + np.arange(12) / 4, 0.5, (240, 12)), np.arange(240) % 2
    types = np.array(["T", "B", None], dtype=object)[rng.choice(3, 240, p=[0.6, 0.35, 0.05])]
    train = CellSet(sparse.csr_matrix(x, dtype=np.float32), labels, list("c" * 240), [f"d{i % 8}" for i in range(240)])
    empty = CellSet(train.x[:0], labels[:0], [], [])
    monkeypatch.setattr("pathlore.scoring.familiarity.CELLS_PER_BLOCK", 50)
    found = fit_familiarity({"train": train, "validation": empty}, {"train": types, "validation": []})

    def means(kept):
        kinds = [kept & (labels == label) & (types == kind) for label in (0, 1) for kind in ("B", None, "T")]
        kinds = [rows for rows in kinds if rows.sum() >= 20]
        return np.array([x[rows].mean(axis=0) for rows in [*kinds, kept & (labels == 0), kept & (labels == 1)]])

    np.testing.assert_allclose(found.profiles, means(np.full(240, True)), rtol=1e-5)
    fold = donor_folds(train)[0]
    near = [np.corrcoef(x[i], means(fold != fold[i]))[0, 1:].max() for i in range(240)]
    assert found.limit == pytest.approx(np.sort(near)[int(LEVEL * 241) - 1], abs=1e-6)


def test_poor_cells_are_scored_and_marked(bundle, cells):
    x = cells.X.toarray()
    x[0, 4:] = 0
    cells.X = sparse.csr_matrix(x)
    scores = score(bundle, cells)
    assert (scores.quality[0], set(scores.quality[1:])) == ("min_genes", {""})
    assert len(scores.table()) == cells.n_obs
    assert any("poor quality" in text for text in scores.warnings)


def test_a_model_that_failed_at_home_comes_with_a_warning(bundle, cells):
    metrics = [f.model_copy(update={"value": 0.51}) if f.metric == "auroc" else f for f in bundle.facts.metrics]
    poor = replace(bundle, facts=bundle.facts.model_copy(update={"metrics": metrics}))
    assert any("AUROC of 0.51" in text for text in score(poor, cells).warnings)
    assert not any("AUROC" in text for text in score(bundle, cells).warnings)


def test_a_model_of_metacells_comes_with_a_warning(bundle, cells):
    quality = bundle.facts.quality.model_copy(update={"metacells": 10})
    averaged = replace(bundle, facts=bundle.facts.model_copy(update={"quality": quality}))
    assert any("trained on metacells" in text for text in score(averaged, cells).warnings)
    assert not any("metacells" in text for text in score(bundle, cells).warnings)


def test_donors_that_trained_are_told(bundle, small_graph):
    assert any("trained the model" in text for text in score(bundle, counts(small_graph.genes, 4)).warnings)


def test_the_table_is_of_its_schema_and_carries_what_is_known(bundle, cells):
    scores = score(bundle, cells)
    table = CellScores.validate(scores.table())
    np.testing.assert_allclose(table["probability_of_case"] + table["probability_of_control"], 1)
    assert set(table["condition"]) == {"control", "case"}
    called = np.where(table["calibrated_probability_of_case"] >= 0.5, "case", "control")
    called = np.where(table["unlike"], UNLIKE, called)
    assert list(called) == list(table["predicted"])
    bare = AnnData(cells.X, pd.DataFrame(index=cells.obs_names), cells.var)
    unknown = CellScores.validate(score(bundle, bare).table())
    assert unknown["condition"].isna().all()
    np.testing.assert_array_equal(unknown["probability_of_case"], table["probability_of_case"])


def test_names_that_repeat_and_empty_matrices_are_refused(bundle, cells):
    twice = cells.copy()
    twice.obs_names = ["same"] * cells.n_obs
    with pytest.raises(PathloreError, match="occur more than once"):
        score(bundle, twice)
    with pytest.raises(PathloreError, match="0 cells"):
        score(bundle, cells[:0].copy())


@pytest.mark.parametrize("part", ["indptr", "indices"])
def test_a_damaged_matrix_ends_in_one_line(bundle, cells, part):
    """An offset or index out of range would end the process, or make up numbers."""
    damaged = cells.copy()
    getattr(damaged.X, part)[5] = 2**30
    with pytest.raises(PathloreError, match=r"do not rise from 0|indices from"):
        score(bundle, damaged)


def test_cells_of_two_scales_are_refused(bundle, cells):
    """A half of the cells as counts, the other as logarithms: no scale is right for both."""
    X = cells.X.toarray().astype(float)
    X[::2] = np.log1p(1e4 * X[::2] / X[::2].sum(axis=1, keepdims=True))
    mixed = AnnData(sparse.csr_matrix(X, dtype=np.float32), obs=cells.obs, var=cells.var)
    with pytest.raises(PathloreError, match="not on one scale"):
        score(bundle, mixed)
