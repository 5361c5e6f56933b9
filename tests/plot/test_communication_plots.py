from itertools import pairwise

import numpy as np
import pytest
from drawn import by_gid, outside, overlapping, texts_of, written
from matplotlib.colors import to_hex
from readings import POPULATIONS, interactions_between, pairs_between

from pathlore.errors import PathloreError
from pathlore.plot.cell_communication import communication_circle, communication_interactions, communication_matrix
from pathlore.plot.cell_communication.circle import COLOURS, arrange
from pathlore.plot.cell_communication.interactions import _between, _listed
from pathlore.plot.style import AMOUNTS, CONTRAST
from pathlore.schemas import CellCommunication, CommunicationPairs

TWELVE = [f"Population number {i} of the tissue" if i % 3 == 0 else f"Type {i}" for i in range(12)]


@pytest.fixture(scope="module")
def interactions():
    return interactions_between()


@pytest.fixture(scope="module")
def pairs(interactions):
    return pairs_between(interactions)


def test_the_tables_are_those_of_the_schemas(interactions, pairs):
    CellCommunication.validate(interactions)
    CommunicationPairs.validate(pairs)


# the heat map


def test_a_field_holds_the_score_and_the_number_of_significant_lines(pairs):
    figure = communication_matrix(pairs)
    axes, names = figure.axes[0], sorted(POPULATIONS)
    drawn = axes.collections[0].get_array()
    places = {(text.get_position()[1] - 0.5, text.get_position()[0] - 0.5): text.get_text() for text in axes.texts}
    assert len(places) == len(pairs)
    for row in pairs.itertuples():
        at = names.index(row.sender), names.index(row.receiver)
        assert drawn[at] == pytest.approx(row.score)
        assert places[at] == str(row.n_significant)
    assert np.ma.count_masked(drawn) == len(names) ** 2 - len(pairs)
    assert to_hex(axes.collections[0].cmap(1.0)) == to_hex(AMOUNTS(1.0))


def test_the_heat_map_names_senders_receivers_and_amounts(pairs):
    figure = communication_matrix(pairs)
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == sorted(POPULATIONS)
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("sender", "receiver")
    assert "Cell communication: 60 ligand-receptor interactions" in written(figure)
    assert any(f"({pairs['n_significant'].sum()} in all)" in text for text in written(figure))


@pytest.mark.parametrize("names", [["NK cells"], POPULATIONS, TWELVE, ["A" * 90, "B"]])
def test_the_heat_map_fits_any_populations(names):
    figure = communication_matrix(pairs_between(interactions_between(200, names)))
    assert not outside(figure)
    assert not overlapping(texts_of(figure))


# the circle


def test_ribbons_and_arcs_are_as_wide_as_the_scores(pairs):
    arcs, ribbons = arrange(pairs, sorted(POPULATIONS))
    degree = {(own.leaves[1] - own.leaves[0]) / own.score for own in ribbons}
    degree |= {(own.arrives[1] - own.arrives[0]) / own.score for own in ribbons}
    assert max(degree) == pytest.approx(min(degree))
    assert len(ribbons) == len(pairs)
    for name, (start, stop) in arcs.items():
        own = pairs.loc[pairs["sender"] == name, "score"].sum() + pairs.loc[pairs["receiver"] == name, "score"].sum()
        assert (stop - start) / own == pytest.approx(max(degree))
        ends = sorted(
            [r.leaves for r in ribbons if r.sender == name] + [r.arrives for r in ribbons if r.receiver == name]
        )
        assert ends[0][0] == pytest.approx(start)
        assert ends[-1][1] == pytest.approx(stop)
        assert all(left[1] == pytest.approx(right[0]) for left, right in pairwise(ends))


def test_the_listed_lines_are_numbered_on_their_ribbons(interactions, pairs):
    figure = communication_circle(interactions, pairs, n=5)
    ribbons = by_gid(figure, "ribbon ")
    assert len(ribbons) == len(pairs)
    top = interactions.head(5)
    strong = {f"{a} > {b}" for a, b in zip(top["sender"], top["receiver"], strict=True)}
    assert {name for name, ribbon in ribbons.items() if ribbon.get_alpha() > 0.5} == strong
    numbers = [text.get_text() for text in texts_of(figure) if text.get_gid() == "number"]
    assert sorted(int(one) for text in numbers for one in text.split(", ")) == [1, 2, 3, 4, 5]
    first = interactions.iloc[0]
    assert any(text.startswith(f"{first['ligand']} → {first['receptor']}") for text in written(figure))


def test_colours_are_the_senders(interactions, pairs):
    figure = communication_circle(interactions, pairs)
    names = sorted(POPULATIONS)
    for name, ribbon in by_gid(figure, "ribbon ").items():
        sender = name.split(" > ")[0]
        assert to_hex(ribbon.get_facecolor()).upper() == COLOURS[names.index(sender)].upper()
    assert len(set(COLOURS)) == len(COLOURS)


@pytest.mark.parametrize("names", [["A", "B"], POPULATIONS, TWELVE])
def test_names_of_the_circle_do_not_overlap_or_leave(names):
    interactions = interactions_between(300, names)
    figure = communication_circle(interactions, pairs_between(interactions))
    assert not outside(figure)
    texts = [text for text in texts_of(figure) if text.get_gid() != "number"]
    assert not overlapping(texts)
    assert len(by_gid(figure, "arc ")) == len(names)


def test_one_population_needs_no_circle():
    interactions = interactions_between(3, ["NK cells"])
    assert "a circle needs two" in communication_circle(interactions, pairs_between(interactions)).texts[0].get_text()


# the interactions


def test_rows_are_the_first_lines_in_order(interactions):
    figure = communication_interactions(interactions.sample(frac=1, random_state=0), "control", "stimulated", n=15)
    assert len(by_gid(figure, "ligand ")) == len(by_gid(figure, "receptor ")) == len(by_gid(figure, "score ")) == 15
    texts = [text.get_text() for text in figure.axes[0].texts if text.get_text() in set(interactions["ligand"])]
    assert texts == list(interactions["ligand"][:15])
    assert "From cell to cell: the first 15 of 60 interactions" in written(figure)


def test_the_ligand_has_the_colour_of_its_fold_change(interactions):
    top = interactions.head(8).copy()
    top.loc[3, "ligand_log_fold_change"] = np.nan
    boxes = by_gid(communication_interactions(top, "control", "stimulated"), "ligand ")
    reach = top["ligand_log_fold_change"].abs().max()
    for row, change in enumerate(top["ligand_log_fold_change"]):
        if row == 3:
            assert to_hex(boxes["3"].get_facecolor()) == "#ffffff"
            assert boxes["3"].get_linestyle() == ":"
        else:
            assert boxes[str(row)].get_facecolor() == pytest.approx(CONTRAST(0.5 + change / (2 * reach)), abs=0.01)


def test_dots_grow_with_the_score_and_small_q_are_dark(interactions):
    figure = communication_interactions(interactions, "control", "stimulated", n=60)
    dots = by_gid(figure, "score ")
    sizes = [dots[str(row)].get_markersize() for row in range(60)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]
    dark = [text for text in figure.axes[0].texts if text.get_weight() == "bold" and text.get_text()[:1] in "<0"]
    assert len(dark) == 3 * (interactions["q"] < 0.05).sum()  # change, specific, donors


def test_dashed_arrows_are_lines_that_do_not_agree(interactions):
    top = interactions.head(10).assign(concordant=[True, False] * 5)
    arrows = [text for text in communication_interactions(top, "control", "stimulated").axes[0].texts if text.get_gid()]
    dashed = {text.get_gid() for text in arrows if text.arrow_patch.get_linestyle() != "-"}
    assert dashed == {f"arrow {row}" for row in range(1, 10, 2)}


def test_without_donors_there_is_no_column_of_donors(interactions):
    assert "q, donors" in written(communication_interactions(interactions, "control", "stimulated"))
    unknown = interactions.assign(ligand_p=np.nan, ligand_q=np.nan)
    assert "q, donors" not in written(communication_interactions(unknown, "control", "stimulated"))


@pytest.mark.parametrize("names", [["NK cells"], TWELVE, ["A" * 80, "B" * 80]])
def test_texts_of_the_lines_do_not_overlap(names):
    interactions = interactions_between(40, names)
    interactions.loc[0, "receptor"] = "_".join(["INTEGRINALPHA"] * 4)
    interactions.loc[1, "path"] = ">".join(f"GENE{i}" for i in range(12))
    interactions.loc[2, "path"] = "CXCR3>STAT1"
    figure = communication_interactions(interactions, "control", "stimulated")
    assert not outside(figure)
    assert not overlapping(texts_of(figure))


@pytest.mark.parametrize(("path", "tfs", "signals"), [("R>TF>G", "TF", ""), ("R>A>TF>G", "TF", "A"), ("R>G", "TF", ""),
                                                     ("R>A>B>TF>TF2>G", "TF;TF2", "A → B")])  # fmt: skip
def test_signals_stand_between_receptor_and_factor(path, tfs, signals):
    assert _between(path, tfs) == signals


def test_long_lists_are_counted():
    assert _listed("A;B;C") == "A, B, C"
    assert _listed("A;B;C;D") == "A, B, C +1"


def test_no_line_gives_a_note(interactions, pairs):
    for figure in (communication_matrix(pairs.head(0)), communication_circle(interactions.head(0), pairs.head(0)),
                   communication_interactions(interactions.head(0), "control", "stimulated")):  # fmt: skip
        assert "no cell-cell interaction" in figure.texts[0].get_text()


def test_no_row_is_an_error(interactions):
    with pytest.raises(PathloreError, match="at least 1"):
        communication_interactions(interactions, "control", "stimulated", n=0)
