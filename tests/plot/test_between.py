from itertools import pairwise

import numpy as np
import pytest
from figures import by_gid, outside, overlapping, texts_of, written
from matplotlib.colors import to_hex
from readings import POPULATIONS, lines_between, pairs_between

from pathlore.errors import PathloreError
from pathlore.plot.between import between_circle, between_lines, between_matrix
from pathlore.plot.between.circle import COLOURS, arrange
from pathlore.plot.between.lines import _between, _listed
from pathlore.plot.style import AMOUNTS, CONTRAST
from pathlore.schemas import BetweenCells, BetweenPairs

TWELVE = [f"Population number {i} of the tissue" if i % 3 == 0 else f"Type {i}" for i in range(12)]


@pytest.fixture(scope="module")
def lines():
    return lines_between()


@pytest.fixture(scope="module")
def pairs(lines):
    return pairs_between(lines)


def test_the_tables_are_those_of_the_schemas(lines, pairs):
    BetweenCells.validate(lines)
    BetweenPairs.validate(pairs)


# the heat map


def test_a_field_holds_the_score_and_the_number_of_significant_lines(pairs):
    figure = between_matrix(pairs)
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
    figure = between_matrix(pairs)
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == sorted(POPULATIONS)
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("sender", "receiver")
    assert "Between cells: 60 ligand-receptor lines" in written(figure)
    assert any(f"({pairs['n_significant'].sum()} in all)" in text for text in written(figure))


@pytest.mark.parametrize("names", [["NK cells"], POPULATIONS, TWELVE, ["A" * 90, "B"]])
def test_the_heat_map_fits_any_populations(names):
    figure = between_matrix(pairs_between(lines_between(200, names)))
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


def test_the_listed_lines_are_numbered_on_their_ribbons(lines, pairs):
    figure = between_circle(lines, pairs, n=5)
    ribbons = by_gid(figure, "ribbon ")
    assert len(ribbons) == len(pairs)
    top = lines.head(5)
    strong = {f"{a} > {b}" for a, b in zip(top["sender"], top["receiver"], strict=True)}
    assert {name for name, ribbon in ribbons.items() if ribbon.get_alpha() > 0.5} == strong
    numbers = [text.get_text() for text in texts_of(figure) if text.get_gid() == "number"]
    assert sorted(int(one) for text in numbers for one in text.split(", ")) == [1, 2, 3, 4, 5]
    first = lines.iloc[0]
    assert any(text.startswith(f"{first['ligand']} → {first['receptor']}") for text in written(figure))


def test_colours_are_the_senders(lines, pairs):
    figure = between_circle(lines, pairs)
    names = sorted(POPULATIONS)
    for name, ribbon in by_gid(figure, "ribbon ").items():
        sender = name.split(" > ")[0]
        assert to_hex(ribbon.get_facecolor()).upper() == COLOURS[names.index(sender)].upper()
    assert len(set(COLOURS)) == len(COLOURS)


@pytest.mark.parametrize("names", [["A", "B"], POPULATIONS, TWELVE])
def test_names_of_the_circle_do_not_overlap_or_leave(names):
    lines = lines_between(300, names)
    figure = between_circle(lines, pairs_between(lines))
    assert not outside(figure)
    texts = [text for text in texts_of(figure) if text.get_gid() != "number"]
    assert not overlapping(texts)
    assert len(by_gid(figure, "arc ")) == len(names)


def test_one_population_needs_no_circle():
    lines = lines_between(3, ["NK cells"])
    assert "a circle needs two" in between_circle(lines, pairs_between(lines)).texts[0].get_text()


# the lines


def test_rows_are_the_first_lines_in_order(lines):
    figure = between_lines(lines.sample(frac=1, random_state=0), "control", "stimulated", n=15)
    assert len(by_gid(figure, "ligand ")) == len(by_gid(figure, "receptor ")) == len(by_gid(figure, "score ")) == 15
    texts = [text.get_text() for text in figure.axes[0].texts if text.get_text() in set(lines["ligand"])]
    assert texts == list(lines["ligand"][:15])
    assert "From cell to cell: the first 15 of 60 lines" in written(figure)


def test_the_ligand_has_the_colour_of_its_fold_change(lines):
    top = lines.head(8).copy()
    top.loc[3, "ligand_log_fold_change"] = np.nan
    boxes = by_gid(between_lines(top, "control", "stimulated"), "ligand ")
    reach = top["ligand_log_fold_change"].abs().max()
    for row, change in enumerate(top["ligand_log_fold_change"]):
        if row == 3:
            assert to_hex(boxes["3"].get_facecolor()) == "#ffffff"
            assert boxes["3"].get_linestyle() == ":"
        else:
            assert boxes[str(row)].get_facecolor() == pytest.approx(CONTRAST(0.5 + change / (2 * reach)), abs=0.01)


def test_dots_grow_with_the_score_and_small_q_are_dark(lines):
    figure = between_lines(lines, "control", "stimulated", n=60)
    dots = by_gid(figure, "score ")
    sizes = [dots[str(row)].get_markersize() for row in range(60)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]
    dark = [text for text in figure.axes[0].texts if text.get_weight() == "bold" and text.get_text()[:1] in "<0"]
    assert len(dark) == 3 * (lines["q"] < 0.05).sum()  # change, specific, donors


def test_dashed_arrows_are_lines_that_do_not_agree(lines):
    top = lines.head(10).assign(concordant=[True, False] * 5)
    arrows = [text for text in between_lines(top, "control", "stimulated").axes[0].texts if text.get_gid()]
    dashed = {text.get_gid() for text in arrows if text.arrow_patch.get_linestyle() != "-"}
    assert dashed == {f"arrow {row}" for row in range(1, 10, 2)}


def test_without_donors_there_is_no_column_of_donors(lines):
    assert "q, donors" in written(between_lines(lines, "control", "stimulated"))
    unknown = lines.assign(ligand_p=np.nan, ligand_q=np.nan)
    assert "q, donors" not in written(between_lines(unknown, "control", "stimulated"))


@pytest.mark.parametrize("names", [["NK cells"], TWELVE, ["A" * 80, "B" * 80]])
def test_texts_of_the_lines_do_not_overlap(names):
    lines = lines_between(40, names)
    lines.loc[0, "receptor"] = "_".join(["INTEGRINALPHA"] * 4)
    lines.loc[1, "path"] = ">".join(f"GENE{i}" for i in range(12))
    lines.loc[2, "path"] = "CXCR3>STAT1"
    figure = between_lines(lines, "control", "stimulated")
    assert not outside(figure)
    assert not overlapping(texts_of(figure))


@pytest.mark.parametrize(("path", "tfs", "signals"), [("R>TF>G", "TF", ""), ("R>A>TF>G", "TF", "A"), ("R>G", "TF", ""),
                                                     ("R>A>B>TF>TF2>G", "TF;TF2", "A → B")])  # fmt: skip
def test_signals_stand_between_receptor_and_factor(path, tfs, signals):
    assert _between(path, tfs) == signals


def test_long_lists_are_counted():
    assert _listed("A;B;C") == "A, B, C"
    assert _listed("A;B;C;D") == "A, B, C +1"


def test_no_line_gives_a_note(lines, pairs):
    for figure in (between_matrix(pairs.head(0)), between_circle(lines.head(0), pairs.head(0)),
                   between_lines(lines.head(0), "control", "stimulated")):  # fmt: skip
        assert "no line between cells" in figure.texts[0].get_text()


def test_no_row_is_an_error(lines):
    with pytest.raises(PathloreError, match="at least 1"):
        between_lines(lines, "control", "stimulated", n=0)
