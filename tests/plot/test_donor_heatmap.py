import numpy as np
import pytest
from drawn import by_gid, outside, overlapping, texts_of, written
from matplotlib.colors import to_hex
from readings import donor_activity, donor_tests

from pathlore.errors import PathloreError
from pathlore.plot.donors import donor_heat_map, donor_table, reason
from pathlore.plot.style import BLUE, GREEN, ORANGE

SIX = {"healthy": 6, "cirrhotic": 6}


@pytest.fixture
def paths(importance):
    return list(importance["path"])


def draw(importance, counts=SIX, tests=None, n=5):
    paths = list(importance["path"])
    tests = donor_tests(paths) if tests is None else tests
    return donor_heat_map(donor_activity(paths, counts), tests, importance, n, "T cells", list(counts))


def test_z_is_over_donors_in_the_way_of_the_test(importance, paths):
    activity = donor_activity(paths, SIX).sample(frac=1, random_state=0)
    table = donor_table(activity, donor_tests(paths), importance, 4, ["healthy", "cirrhotic"])
    assert list(table.paths["path"]) == paths[:4]
    assert list(table.columns["condition"]) == ["healthy"] * 6 + ["cirrhotic"] * 6
    np.testing.assert_allclose(table.z.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(table.z.std(axis=1), 1)
    for row, sign_model in enumerate(["coherent", "edge_signs"]):
        own = activity[activity["path"] == paths[row]].set_index(["donor", "condition"])[sign_model]
        values = np.array([own[donor, condition] for donor, condition in
                           zip(table.columns["donor"], table.columns["condition"], strict=True)])  # fmt: skip
        np.testing.assert_allclose(table.z[row], (values - values.mean()) / values.std())


def test_a_donor_with_both_classes_has_two_columns(importance, paths):
    activity = donor_activity(paths, SIX)
    activity["donor"] = activity["donor"].str[-1]
    table = donor_table(activity, donor_tests(paths), importance, 2, ["healthy", "cirrhotic"])
    assert table.z.shape == (2, 12)
    assert np.isfinite(table.z).all()


def test_equal_activities_and_missing_donors(importance, paths):
    activity = donor_activity(paths, SIX)
    activity.loc[activity["path"] == paths[0], ["coherent", "edge_signs"]] = 0.3
    activity = activity[~((activity["path"] == paths[1]) & (activity["donor"] == "he0"))]
    table = donor_table(activity, donor_tests(paths), importance, 2, ["healthy", "cirrhotic"])
    assert (table.z[0] == 0).all()
    assert np.isnan(table.z[1]).sum() == 1


def test_the_figure_holds_the_table_and_p_and_q(importance, paths):
    figure = draw(importance)
    table = donor_table(donor_activity(paths, SIX), donor_tests(paths), importance, 5, ["healthy", "cirrhotic"])
    np.testing.assert_allclose(figure.axes[0].collections[0].get_array(), table.z)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == [path.replace(">", " → ") for path in paths[:5]]
    said = written(figure)
    assert {"activity", "p", "q", "mean", "by signs", "healthy (6)", "cirrhotic (6)"} <= said
    assert any("all relabellings of the donors (control 6, case 6)" in text for text in said)
    assert "T cells: the top 5 paths in 12 donors" in said


def test_the_strip_has_the_colours_of_the_classes(importance):
    figure = draw(importance, {"healthy": 2, "cirrhotic": 3, "NASH": 4})
    strip = by_gid(figure, "class ")
    colours = {name: to_hex(box.get_facecolor()).upper() for name, box in strip.items()}
    assert colours == {"healthy": BLUE, "cirrhotic": ORANGE, "NASH": GREEN}
    assert [round(box.get_width()) for box in strip.values()] == [2, 3, 4]


def test_too_few_donors_are_told_in_a_sentence(importance, paths):
    note = "2 donors of healthy and 1 of cirrhotic, at least 4 of each are needed for a p-value"
    figure = draw(importance, {"healthy": 2, "cirrhotic": 1}, donor_tests(paths, note))
    assert note in written(figure)
    assert not {"p", "q"} & written(figure)
    assert not outside(figure)


def test_without_tests(importance, paths):
    assert reason(donor_tests([])) == "no test over donors was made"
    figure = draw(importance, tests=donor_tests([]))
    assert "no test over donors was made" in written(figure)


@pytest.mark.parametrize("counts", [SIX, {"healthy": 1, "cirrhotic": 1}, {"healthy": 50, "cirrhotic": 40}])
def test_texts_do_not_overlap(importance, counts):
    figure = draw(importance, counts)
    assert not overlapping(texts_of(figure))
    assert not outside(figure)
    named = bool([label for label in figure.axes[0].get_xticklabels() if label.get_text()])
    assert named == (sum(counts.values()) <= 60)


def test_no_donor_gives_a_note(importance, paths):
    figure = donor_heat_map(
        donor_activity(paths, {}), donor_tests([]), importance, 5, "T cells", ["healthy", "cirrhotic"]
    )
    assert "no donor" in figure.texts[0].get_text()


def test_no_row_is_an_error(importance):
    with pytest.raises(PathloreError, match="bar_paths"):
        draw(importance, n=0)
