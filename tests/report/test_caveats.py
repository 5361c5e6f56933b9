from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pathlore.report import PopulationContents, write_caveats

NO_SIGNS = pd.DataFrame(columns=["population", "name", "found", "look_at"])


@pytest.fixture
def sound(contents):
    """Two populations whose tables leave little to say."""
    return contents.metrics.assign(n=40), contents.populations


def texts(*caveats):
    return [f"{one.level} {one.text}" for one in caveats]


def test_a_sound_run_has_none(sound):
    assert write_caveats(*sound, NO_SIGNS, "donor", 12) == ()
    (stated,) = write_caveats(*sound, NO_SIGNS, "donor", 12, "condition and library are confounded.")
    assert (stated.level, stated.text) == ("caution", "Condition and library are confounded.")


def test_what_was_found_about_the_design_is_said(sound):
    design = pd.DataFrame(
        {"level": ["warning", "problem"], "text": ["few donors", "condition and batch are confounded"]}
    )
    said = texts(*write_caveats(*sound, NO_SIGNS, "donor", 12, design=design))
    assert said == ["stop Condition and batch are confounded.", "caution Few donors."]


@pytest.mark.parametrize(
    ("split_by", "donors", "said"),
    [
        ("cell", 12, "Split by cell: "),
        ("donor", 1, "A single donor: there is no p-value"),
        ("cell", None, "Donors are not known: "),
    ],
)
def test_design(sound, split_by, donors, said):
    assert any(one.text.startswith(said) for one in write_caveats(*sound, NO_SIGNS, split_by, donors))


def test_signs_of_failure_come_first_and_grave_ones_stop(sound):
    signs = pd.DataFrame(
        [("T cells", "few texts", "12 of 100", "gene_text"), ("B cells", "chance", "test AUROC 0.51", "epochs")],
        columns=NO_SIGNS.columns,
    )
    said = texts(*write_caveats(*sound, signs, "donor", 12))
    assert said == [
        "stop B cells (chance): test AUROC 0.51. Look at: epochs",
        "caution T cells (few texts): 12 of 100. Look at: gene_text",
    ]


def test_what_holds_for_several_is_said_once(sound):
    metrics, populations = sound
    one_fit = tuple(replace(one, path_importance=one.path_importance.assign(refits=0)) for one in populations)
    said = texts(*write_caveats(metrics.assign(n=4), one_fit, NO_SIGNS, "donor", 12))
    assert said == [
        "caution T cells (4), B cells (4): few donors in the test set; a single one changes the metrics considerably.",
        "caution T cells, B cells: importance comes from one fit: how much the ranking depends on the donors is not "
        "known.",
    ]


def test_prediction(sound):
    metrics, populations = sound
    worse = metrics.assign(value=metrics["value"].where(metrics["method"] != "pathlore", 0.6), low=0.45, high=0.8)
    said = " ".join(texts(*write_caveats(worse, populations, NO_SIGNS, "donor", 12)))
    assert "stop T cells (0.45 to 0.80), B cells (0.45 to 0.80): the interval of the test AUROC includes 0.5" in said
    assert "caution T cells (0.880 against 0.600), B cells (0.860 against 0.600): logistic regression" in said
    without = write_caveats(metrics.drop(columns=["low", "high"]), populations, NO_SIGNS, "donor", 12)
    assert texts(*without) == ["note T cells, B cells: the test AUROC has no interval."]


def test_importance_below_one_half_supports_no_path(sound):
    metrics, populations = sound
    table = populations[0].path_importance
    low = replace(populations[0], path_importance=table.assign(importance=table["importance"] * 0.3))
    highest = f"{low.path_importance['importance'].max():.2f}"
    assert texts(*write_caveats(metrics, (low,), NO_SIGNS, "donor", 12)) == [
        f"caution T cells (highest {highest}): no path has an importance above 0.5: over the training donors the best "
        "path is no better than the best paths under permuted labels."
    ]
    unknown = replace(populations[0], path_importance=table.assign(p=np.nan))
    assert texts(*write_caveats(metrics, (unknown,), NO_SIGNS, "donor", 12)) == [
        "note T cells: importance is not calibrated, because donors are unknown or too few: the first paths have a "
        "high importance in any run, even without a signal."
    ]


def test_a_ranking_like_the_prior(sound):
    metrics, populations = sound
    table = populations[0].path_importance
    alike = replace(populations[0], path_importance=table.assign(prior=table["importance"] / 2))
    assert (
        "(Spearman 1.00): the ranking is close to that by fold change"
        in write_caveats(metrics, (alike,), NO_SIGNS, "donor", 12)[0].text
    )


def test_tests_over_donors(sound):
    metrics, populations = sound
    tests = populations[0].donor_tests
    few = replace(
        populations[0], donor_tests=tests.assign(p=np.nan, q=np.nan, note="too few donors for a test: 2 and 3")
    )
    assert texts(*write_caveats(metrics, (few,), NO_SIGNS, "donor", 5)) == [
        "caution T cells: too few donors for a test: 2 and 3."
    ]
    nothing = replace(populations[0], donor_tests=tests.assign(q=0.4))
    assert texts(*write_caveats(metrics, (nothing,), NO_SIGNS, "donor", 12)) == [
        "stop T cells (lowest q 0.4, p of the whole run 0.002): no path is supported: none has q below 0.05 over "
        "donors. Any run has first paths, even without a signal."
    ]


def test_no_ranking(sound):
    said = texts(*write_caveats(sound[0], (PopulationContents("T cells"),), None, "donor", 12))
    assert said == ["stop T cells: no path was ranked.", "note The fit was not checked for signs of failure."]
