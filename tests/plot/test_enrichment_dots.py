import numpy as np
import pytest
from drawn import outside, overlapping, texts_of, written
from matplotlib.colors import to_hex
from readings import enrichment

from pathlore.errors import PathloreError
from pathlore.plot.enrichment import LOOKS, enrichment_dots, readable_set


@pytest.fixture
def table():
    return enrichment()


def dots(axes):
    return {line.get_label(): line for line in axes.lines if line.get_label() in LOOKS}


@pytest.mark.parametrize("method", ["over_representation", "ranked"])
def test_dots_hold_scores_and_q_of_the_top_sets(table, method):
    figure = enrichment_dots(table.sample(frac=1, random_state=0), "T cells", method, n=10)
    own = table[table["method"] == method].set_index(["ranking", "set_name"])
    order = own.loc["importance"].sort_values("q").head(10).index
    score, significance = figure.axes[:2]
    assert set(dots(score)) == set(LOOKS)
    assert set(dots(significance)) == {"importance", "prior"}
    for ranking in LOOKS:
        np.testing.assert_allclose(dots(score)[ranking].get_xdata(), own.loc[ranking].loc[order, "score"])
    np.testing.assert_allclose(dots(significance)["prior"].get_xdata(), -np.log10(own.loc["prior"].loc[order, "q"]))
    assert len({to_hex(line.get_color()) for line in dots(score).values()}) == 3


def test_the_share_of_random_rankings_is_written(table):
    texts = [text.get_text() for text in enrichment_dots(table, "T", "ranked", n=4).axes[1].texts]
    assert texts == ["10%"] * 4 + ["random\nq < 0.05"]


def test_q_of_zero_stands_at_the_margin(table):
    table["q"] = table["q"].where(table["ranking"] != "importance", 0.0)
    values = dots(enrichment_dots(table, "T", "ranked").axes[1])["importance"].get_xdata()
    assert (values == 10).all()


def test_without_prior_and_random(table):
    figure = enrichment_dots(table[table["ranking"] == "importance"], "T", "ranked", n=3)
    assert np.isnan(dots(figure.axes[0])["prior"].get_xdata()).all()
    assert [text.get_text() for text in figure.axes[1].texts][:3] == ["-"] * 3


@pytest.mark.parametrize("n", [1, 15, 100])
def test_texts_do_not_overlap(table, n):
    table.loc[table["set_name"].str.endswith("_1"), "set_name"] = "GOBP_" + "A_VERY_LONG_NAME_" * 9
    figure = enrichment_dots(table, "T cells", "over_representation", n=n)
    assert not overlapping(texts_of(figure))
    assert not outside(figure)
    assert any("n = 60 genes" in text for text in written(figure))


@pytest.mark.parametrize(("name", "collection", "shown"), [
    ("HALLMARK_IL2_STAT5_SIGNALING", "HALLMARK", "IL2 STAT5 signaling"), ("My own set", "mine", "My own set"),
    ("apoptosis", "KEGG", "apoptosis"), ("KEGG_MEDICUS_DNA_REPAIR", "REACTOME", "KEGG: Medicus DNA repair"),
])  # fmt: skip
def test_names_of_sets(name, collection, shown):
    assert readable_set(name, collection) == shown


def test_no_set_gives_a_note(table):
    assert "no gene set" in enrichment_dots(table.head(0), "T cells", "ranked").texts[0].get_text()


def test_no_row_or_another_method_is_an_error(table):
    with pytest.raises(PathloreError, match="at least 1"):
        enrichment_dots(table, "T", "ranked", n=0)
    with pytest.raises(PathloreError, match="over_representation"):
        enrichment_dots(table, "T", "other")
