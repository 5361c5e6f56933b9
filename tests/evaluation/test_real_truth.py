"""Experiments with a known ligand: how they are read, judged and drawn."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from toy_truth import toy_world

from pathlore.config import SemiRealConfig, StudyConfig, TruthConfig
from pathlore.errors import PathloreError
from pathlore.evaluation.real_truth.rivals import univariate_linear_model
from pathlore.evaluation.real_truth.studies import semi_real, study
from pathlore.signals.truth.experiments import Experiments


def test_activities_of_factors_are_the_published_t():
    """Slope over its standard error of an ordinary least squares fit with intercept."""
    rng = np.random.default_rng(0)
    effects, weights = rng.normal(size=(50, 2)), rng.choice([-1.0, 0, 0, 0, 1], size=(4, 50))
    weights[3] = 0
    weights[3, :2] = 1
    found = univariate_linear_model(effects, weights)
    for f in range(3):
        for s in range(2):
            design = np.column_stack([np.ones(50), weights[f]])
            beta, residual, *_ = np.linalg.lstsq(design, effects[:, s], rcond=None)
            error = np.sqrt(residual[0] / 48 * np.linalg.inv(design.T @ design)[1, 1])
            assert found[f, s] == pytest.approx(beta[1] / error)
    assert (found[3] == 0).all(), "two targets are too few"


def samples(n, genes, shift, rng):
    counts = rng.poisson(20, size=(2 * n, genes)).astype(float)
    counts[n:, :5] = rng.poisson(20 * 2**shift, size=(n, 5))
    obs = pd.DataFrame({"group": ["c"] * n + ["t"] * n}, index=[f"s{i}" for i in range(2 * n)])
    return AnnData(counts, obs=obs, var=pd.DataFrame(index=[f"GENE{i}" for i in range(genes)]))


def test_effects_of_a_study_find_what_rose():
    config = StudyConfig(
        file="x",
        condition="group",
        control="c",
        ligands={"t": "TNF"},
        part=None,
        donor=None,
        scale="counts",
        min_rows=3,
    )
    found = study("s", samples(4, 200, 1.5, np.random.default_rng(0)), config)
    effect = found.effects["t"]
    assert set(effect.nlargest(5).index) == {f"GENE{i}" for i in range(5)}
    assert effect.abs().max() <= 8
    assert found.families["t"] == "TNF"
    with pytest.raises(PathloreError, match=r"evaluation\.truth\.studies"):
        study("s", samples(4, 9, 1, np.random.default_rng(0)), config.model_copy(update={"condition": "what"}))


def test_signatures_put_on_control_cells_come_back():
    rng = np.random.default_rng(0)
    n, genes = 240, 300
    cells = AnnData(
        rng.poisson(1.0, size=(n, genes)).astype(float),
        obs=pd.DataFrame(
            {"state": ["ctrl"] * (n - 40) + ["stim"] * 40, "donor": [f"d{i % 4}" for i in range(n)]},
            index=[f"c{i}" for i in range(n)],
        ),
        var=pd.DataFrame(index=[f"GENE{i}" for i in range(genes)]),
    )
    shift = pd.Series(0.0, index=cells.var_names)
    shift.iloc[:10], shift.iloc[10:20] = 3.0, -3.0
    source = Experiments("x", shift.to_frame("sig"), pd.Series({"sig": "TNF"}), pd.Series({"sig": "TNF"}))
    config = SemiRealConfig(
        file="x", condition="state", control=["ctrl"], donor="donor", scale="counts", effect=1.5, donor_sd=0.1, seed=0
    )
    effect = semi_real("y", cells, source, config).effects["sig"]
    assert effect.iloc[:10].min() > effect.iloc[20:].mean()
    assert effect.iloc[10:20].max() < effect.iloc[20:].mean()
    assert set(effect.nlargest(10).index) == set(cells.var_names[:10])
    again = semi_real("y", cells, source, config).effects["sig"]
    pd.testing.assert_series_equal(effect, again)
    with pytest.raises(PathloreError, match="donors have 20 control cells"):
        semi_real("y", cells, source, config.model_copy(update={"control": ["stim"]}))


def test_the_whole_evaluation_finds_what_was_given():
    from pathlore.config import PathConfig
    from pathlore.evaluation.real_truth.run import COLUMNS, evaluate_truth, make_graphs
    from pathlore.plot.evaluation import truth_dots
    from pathlore.schemas import RealTruth, RealTruthSignatures
    from pathlore.signals.profiles import GeneTexts

    network, experiments = toy_world()
    genes = list(experiments.effects.index)
    texts = GeneTexts(genes, np.random.default_rng(0).normal(size=(len(genes), 8)).astype(np.float32))
    config = TruthConfig(
        draws=2, resamples=200, seed=0, studies={}, semi_real={}, put_on="", transcriptomes=["toy", "absent"]
    )
    paths = PathConfig(
        mode="k_shortest", random_seed=0, min_nodes=3, max_edges=5, step_cost=0.2, labels_per_gene=3, bridge=0,
        receptors_per_target=2, tfs_per_receptor=10, paths_per_pair=1, max_per_receptor=None, max_paths=60,
        enumeration_limit=1000, receptors=[], tfs=[], genes=[], pathways=[],
    )  # fmt: skip
    found = evaluate_truth([experiments], make_graphs(network, [texts], config), paths, config)
    RealTruth.validate(found.results)
    RealTruthSignatures.validate(found.signatures)
    assert list(found.results) == COLUMNS
    table = found.results.set_index(["scorer", "unit"])["auroc"]
    assert table["no_text", "receptor"] == 1.0
    assert table["walk", "receptor"] == table["network", "receptor"] == table["tf_activity_ulm", "receptor"] == 1.0
    assert table["pathlore", "path"] > 0.9
    assert table["rewired_network_no_text", "receptor"] < 0.8
    assert table["permuted_text_alone", "receptor"] < 0.8
    assert table["one_ranking", "receptor"] < 0.4, "what the others have on top is wrong for each"
    difference = found.results.set_index(["scorer", "unit"]).loc[("no_text minus rewired_network_no_text", "receptor")]
    assert difference["low"] > 0
    figure = truth_dots(found.results)
    assert len(figure.axes) == 1


def test_without_experiments_the_tables_are_empty_and_nothing_is_drawn(tmp_path):
    from pathlore.evaluation.real_truth.run import assess
    from pathlore.pipelines.evaluation.nodes import draw_real_truth
    from pathlore.schemas import RealTruth

    config = TruthConfig(draws=1, resamples=100, seed=0, studies={}, semi_real={}, put_on="", transcriptomes=[])
    found = assess({}, {}, pd.DataFrame(), [], config, None)
    found.results.to_csv(tmp_path / "real_truth.csv", index=False)
    again = RealTruth.validate(pd.read_csv(tmp_path / "real_truth.csv"))
    assert draw_real_truth(again) == {}
    missing = config.model_copy(update={"studies": {"x": StudyConfig(
        file="x.h5ad", condition="c", control="c", ligands={"t": "TNF"}, part=None, donor=None, scale="counts",
        min_rows=3,
    )}})  # fmt: skip
    with pytest.raises(PathloreError, match="truth_cells"):
        assess({}, {}, pd.DataFrame(), [], missing, None)
