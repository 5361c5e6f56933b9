"""Experiments with a known ligand: how they are read, judged and drawn."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from sklearn.metrics import roc_auc_score

from pathlore.config import SemiRealConfig, StudyConfig, TruthConfig
from pathlore.errors import PathloreError
from pathlore.evaluation.real_truth.experiments import Experiments, read_experiments
from pathlore.evaluation.real_truth.judge import (
    difference_row,
    family_draws,
    one_ranking,
    per_ligand,
    per_signature,
    specific_scores,
    summary_row,
)
from pathlore.evaluation.real_truth.meter import network_quality
from pathlore.evaluation.real_truth.rivals import univariate_linear_model
from pathlore.evaluation.real_truth.studies import semi_real, study

LIGANDS = pd.Series({"a": "IFNB1", "b": "IFNB1", "c": "TNF", "d": "NEW"})
FAMILIES = pd.Series({"a": "interferon", "b": "interferon", "c": "TNF", "d": "NEW"})


def test_each_signature_is_judged_by_its_own_auroc_and_each_ligand_once():
    rng = np.random.default_rng(0)
    scores, truth = rng.normal(size=(30, 4)), rng.random((30, 4)) < 0.2
    truth[:, 3] = False
    scores[0, 1] = np.nan
    judged = per_signature(scores, truth, LIGANDS, FAMILIES)
    assert judged["signature"].tolist() == ["a", "b", "c"], "d has no true receptor"
    for row, column in zip(judged.itertuples(), range(3), strict=True):
        filled = np.where(np.isnan(scores[:, column]), -99, scores[:, column])
        assert row.auroc == pytest.approx(roc_auc_score(truth[:, column], filled))
        order = np.argsort(-filled)
        assert row.best_rank == 1 + np.flatnonzero(truth[order, column])[0]
    ligands = per_ligand(judged)
    assert ligands.loc["IFNB1", "auroc"] == pytest.approx(judged["auroc"][:2].mean())
    row = summary_row("s", "d", "receptor", judged, 500, 0)
    assert row["auroc"] == pytest.approx(ligands["auroc"].mean())
    assert row["n"] == 2
    assert row["low"] <= row["auroc"] <= row["high"]
    assert difference_row(("s", "s"), "d", "receptor", (judged, judged), 500, 0)["high"] == 0


def test_families_are_drawn_as_a_whole():
    draws = family_draws(pd.Series(["x", "x", "y"]), 400, 0)
    assert (draws[:, 0] == draws[:, 1]).all()
    assert (draws[:, 0] + draws[:, 2] == 2).all()
    assert abs(draws[:, 0].mean() - 1) < 0.1
    single = per_signature(np.eye(3)[:, :1], np.eye(3, dtype=bool)[:, :1], LIGANDS[:1], FAMILIES[:1])
    assert np.isnan(summary_row("s", "d", "receptor", single, 500, 0)["low"]), "one family has no interval"


def test_the_family_tested_is_never_looked_at():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(12, 4))
    before = specific_scores(scores, FAMILIES), one_ranking(scores, FAMILIES)
    changed = scores.copy()
    changed[:, 1] = rng.normal(size=12)  # of the family of the first
    after = specific_scores(changed, FAMILIES), one_ranking(changed, FAMILIES)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one[:, 0], other[:, 0])
        assert not np.allclose(one[:, 2], other[:, 2])
    within = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    others = within[:, 2:]
    np.testing.assert_allclose(before[0][:, 0], (within[:, 0] - others.mean(axis=1)) / others.std(axis=1))


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


def test_three_forms_of_tables_are_read():
    wide = pd.DataFrame({"gene": ["STAT1", "MX1"], "IFN1": ["1.5", "2"], "mine": ["0.1", ""], "NO": ["1", "1"]})
    key = pd.DataFrame({"signature": ["mine"], "ligand": ["TNF"], "family": [""]})
    long = pd.DataFrame(
        [("r1", "receptor:NOTCH1", "HES1", "1"), ("r1", "receptor:NOTCH1", "MYC", "1"),
         ("r1", "receptor:NOTCH1", "MYC", "-1"), ("r2", "NEW1", "MYC", "-1")],
        columns=["signature", "ligand", "gene", "direction"],
    )  # fmt: skip
    found = {e.name: e for e in read_experiments({"cyto_x.csv": wide, "key.csv": key, "msigdb_y.parquet": long})}
    assert list(found["cyto"].effects) == ["IFN1", "mine"]
    assert found["cyto"].ligands["IFN1"] == "IFNA1,IFNA2,IFNB1"
    assert found["cyto"].families.to_dict() == {"IFN1": "interferon", "mine": "TNF"}
    assert not found["cyto"].complete
    assert found["msigdb"].effects.loc["HES1", "r1"] == 1
    assert "MYC" not in found["msigdb"].effects["r1"].dropna().index, "said to rise and to fall"
    assert found["msigdb"].families.to_dict() == {"r1": "NOTCH1", "r2": "NEW1"}
    network = pd.DataFrame({"source": ["IFNB1"], "target": ["IFNAR1"], "kind": ["ligand_receptor"]})
    truth = found["msigdb"].truth(network, ["IFNAR1", "NOTCH1"])
    assert truth.tolist() == [[False, False], [True, False]]
    with pytest.raises(PathloreError, match="signature and ligand"):
        read_experiments({"x.csv": wide[["gene", "NO"]]})


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


@pytest.fixture(scope="module")
def toy_world():
    """Six modules, each a ligand, a receptor, a factor and targets; signatures in which one module's targets rise."""
    rows = []
    for m in range(6):
        rows += [(f"L{m}", f"R{m}", "ligand_receptor", 1), (f"R{m}", f"K{m}", "signaling", 1)]
        rows += [(f"K{m}", f"T{m}", "signaling", 1)]
        rows += [(f"T{m}", f"X{m}{i:02d}", "tf_target", 1) for i in range(20)]
    network = pd.DataFrame(rows, columns=["source", "target", "kind", "sign"])
    network = network.assign(n_evidence=1, resources="r", references="", pathway=None, via="", conflict=False, type=1)
    rng = np.random.default_rng(0)
    genes = sorted(set(network["source"]) | set(network["target"]))
    effects = pd.DataFrame(rng.normal(size=(len(genes), 6)), index=genes, columns=[f"S{m}" for m in range(6)])
    for m in range(6):
        effects.loc[effects.index.str.startswith(f"X{m}"), f"S{m}"] += 2
    ligands = pd.Series({f"S{m}": f"L{m}" for m in range(6)})
    return network, Experiments("toy", effects, ligands, ligands)


def test_the_whole_evaluation_finds_what_was_given(toy_world):
    from pathlore.config import PathConfig
    from pathlore.evaluation.real_truth.run import COLUMNS, evaluate_truth, make_graphs
    from pathlore.plot.evaluation.real_truth import truth_dots
    from pathlore.schemas import RealTruth, RealTruthSignatures
    from pathlore.signals.profiles import GeneTexts

    network, experiments = toy_world
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


def test_the_meter_tells_a_network_from_its_rewiring(toy_world):
    network, experiments = toy_world
    quality = network_quality(network, [], [experiments])
    table = quality.table.set_index("scorer")
    assert table.loc["network", "auroc"] == 1.0
    assert table.loc["gain", "low"] > 0.1
    assert quality.sentence.startswith("this network finds the receptors of 6 ligands with AUROC 1.00")
    strangers = Experiments("toy", experiments.effects, experiments.ligands + "X", experiments.families)
    assert "no ligand of the experiments" in network_quality(network, [], [strangers]).sentence


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
