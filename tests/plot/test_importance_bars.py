from io import BytesIO
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from pathlore.errors import PathloreError
from pathlore.plot.importance import importance_bars
from pathlore.plot.style import BLUE, GREY, class_colours


def draw(table, n=5):
    return importance_bars(table, n, "T cells", ["healthy", "cirrhotic", "NASH"])


def test_bars_hold_the_top_paths_in_order(importance):
    axes = draw(importance.sample(frac=1, random_state=0)).axes[0]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(list(importance["importance"][:5]))
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == [path.replace(">", " → ") for path in importance["path"][:5]]
    assert axes.yaxis_inverted()


def test_colours_are_the_directions(importance):
    colours = class_colours(["healthy", "cirrhotic"])
    drawn = [to_hex(bar.get_facecolor()).upper() for bar in draw(importance, 99).axes[0].patches]
    assert drawn == [colours[direction].upper() for direction in importance["direction"]]


def test_prior_is_drawn_as_value_and_rank(importance):
    importance.loc[1, ["prior", "prior_rank"]] = np.nan
    axes = draw(importance, 3).axes[0]
    np.testing.assert_allclose(axes.lines[0].get_xdata(), importance["prior"][:3])
    ranks = [text.get_text() for text in axes.texts][:3]
    assert ranks == [f"{importance['prior_rank'][0]:.0f}", "-", f"{importance['prior_rank'][2]:.0f}"]


def test_title_says_population_and_numbers(importance):
    assert draw(importance).get_suptitle() == f"T cells: the top 5 of {len(importance)} paths"


def test_a_long_path_is_not_cut(importance):
    importance.loc[0, "path"] = ">".join(["HLA-DRB1"] * 11)
    figure = draw(importance, 2)
    figure.draw_without_rendering()
    for text in figure.axes[0].get_yticklabels():
        assert text.get_window_extent().x0 >= 0


@pytest.mark.parametrize("n", [1, 1000])
def test_any_number_of_paths(importance, n):
    assert len(draw(importance, n).axes[0].patches) == min(n, len(importance))


def test_three_classes_have_three_colours(importance):
    importance["direction"] = ["healthy", "cirrhotic", "NASH"] * (len(importance) // 3) + ["NASH"] * (
        len(importance) % 3
    )
    assert len({bar.get_facecolor() for bar in draw(importance, 9).axes[0].patches}) == 3


def test_a_path_without_a_direction_is_grey_and_says_so(importance):
    figure = draw(importance.assign(direction=["mixed", "healthy"] + ["mixed"] * (len(importance) - 2)), 3)
    assert [to_hex(bar.get_facecolor()).upper() for bar in figure.axes[0].patches] == [GREY, BLUE, GREY]
    assert [text.get_text() for text in figure.legends[0].get_texts()][:2] == [
        "more active in healthy", "mixed: its genes disagree",
    ]  # fmt: skip


def test_no_path_gives_a_note(importance):
    assert "no path" in draw(importance.head(0)).texts[0].get_text()


def test_no_bar_is_an_error(importance):
    with pytest.raises(PathloreError, match="bar_paths"):
        draw(importance, 0)


def test_same_data_give_the_same_picture(importance):
    pictures = []
    for _ in range(2):
        buffer = BytesIO()
        draw(importance).savefig(buffer, format="png", dpi=50)
        pictures.append(buffer.getvalue())
    assert pictures[0] == pictures[1]


@pytest.fixture
def refitted(importance):
    n = len(importance)
    return importance.assign(
        importance_mean=0.5, importance_sd=np.linspace(0, 0.9, n), refits=5, selection_frequency=0.4,
        in_top_10="2 of 5",
        q=[0.0004, 0.2, np.nan, *[0.03] * (n - 3)],
    )  # fmt: skip


def test_the_spread_over_refits_is_a_whisker_within_what_an_importance_can_be(refitted):
    axes = draw(refitted, 999).axes[0]
    lines = [line for line in axes.lines if line.get_gid() == "mean of refits"]
    assert list(lines[0].get_xdata()) == [0.5] * len(refitted)
    whiskers = np.array([segment[:, 0] for segment in axes.collections[-1].get_segments()])
    sd = refitted["importance_sd"].to_numpy()
    np.testing.assert_allclose(whiskers, np.stack([np.clip(0.5 - sd, 0, 1), np.clip(0.5 + sd, 0, 1)], 1))
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(list(refitted["importance"]))


def test_columns_give_the_selection_and_q(refitted):
    texts = [text.get_text() for text in draw(refitted, 3).axes[0].texts]
    assert texts[4:] == ["in top 10", "2 of 5", "2 of 5", "2 of 5", "q", "< 0.001", "0.200", "-"]


def test_small_q_are_dark(refitted):
    texts = draw(refitted, 2).axes[0].texts[-2:]
    assert [text.get_weight() for text in texts] == ["bold", "normal"]


def test_columns_that_know_nothing_change_nothing(importance, refitted):
    empty = refitted.assign(importance_mean=np.nan, importance_sd=np.nan, refits=pd.NA, in_top_10="",
                            q=np.nan)  # fmt: skip
    pictures = []
    for table in (importance, empty):
        buffer = BytesIO()
        draw(table).savefig(buffer, format="png", dpi=50)
        pictures.append(buffer.getvalue())
    assert pictures[0] == pictures[1]


def test_columns_do_not_touch_each_other_or_the_edge(refitted):
    figure = draw(refitted)
    figure.draw_without_rendering()
    headings = [t for t in figure.axes[0].texts if t.get_text() in {"prior rank", "in top 10", "q"}]
    extents = [text.get_window_extent() for text in headings]
    assert len(extents) == 3
    assert all(left.x1 < right.x0 for left, right in pairwise(extents))
    assert extents[-1].x1 <= figure.bbox.width
