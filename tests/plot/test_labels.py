import numpy as np
import pytest
from drawn import outside, overlapping, texts_of
from matplotlib.figure import Figure

from pathlore.plot.labels import Box, label_points, spread_apart


def axes_of(points):
    axes = Figure(figsize=(6, 4), dpi=100).add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_axis_off()
    axes.plot(*points.T, "o", ms=4)
    return axes


def test_labels_never_overlap_or_leave():
    points = np.random.default_rng(0).uniform(0.3, 0.6, (60, 2))
    axes = axes_of(points)
    texts = [f"LABEL{i} OF A PATH" for i in range(60)]
    chosen = label_points(axes, points, texts, [2.0] * 60)
    assert 8 < len(chosen) < 60
    drawn = texts_of(axes.figure)
    assert {text.get_text() for text in drawn} == {texts[i] for i in chosen}
    assert not overlapping(drawn)
    assert not outside(axes.figure)


def test_labels_keep_clear_of_points_where_there_is_room():
    points = np.array([[0.5, 0.5], [0.56, 0.5], [0.44, 0.5]])
    axes = axes_of(points)
    assert label_points(axes, points, ["LABEL", "", ""], [2.0] * 3) == [0]
    (text,) = texts_of(axes.figure)
    assert text.get_position()[0] == pytest.approx(0)  # above or below, not beside
    assert text.get_position()[1] != 0


def test_a_near_label_has_no_line_and_taken_boxes_stay_free():
    points = np.array([[0.5, 0.5]])
    taken = [Box(0, 0, 432, 288)]
    assert label_points(axes_of(points), points, ["LABEL"], [2.0], taken) == []
    axes = axes_of(points)
    label_points(axes, points, ["LABEL"], [2.0])
    assert axes.texts[0].arrow_patch is None


def test_heights_are_spread_and_keep_their_order():
    rng = np.random.default_rng(1)
    wanted = rng.uniform(0, 1, 30)
    heights = spread_apart(wanted, 0.1)
    assert (np.argsort(heights) == np.argsort(wanted)).all()
    assert np.diff(np.sort(heights)).min() >= 0.1 - 1e-9
    assert spread_apart([], 0.1).tolist() == []
