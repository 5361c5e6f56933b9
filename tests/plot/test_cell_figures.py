import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from pathlore.plot.cell_map import cell_map_figure
from pathlore.plot.donors import donor_strips
from pathlore.plot.style import class_colours
from pathlore.schemas import CellMap, DonorTests, PathActivityByDonor, ReceptorScoresByDonor

CLASSES = ("healthy", "cirrhotic")
IMPORTANCE = pd.DataFrame({"rank": [1, 2], "path": ["R>T>X", "R>S>T>X"]})


@pytest.fixture
def cells():
    rng = np.random.default_rng(0)
    n = 80
    return pd.DataFrame(
        {"cell": [f"c{i}" for i in range(n)], "donor": np.resize(["a", "b", "c"], n),
         "condition": np.resize(CLASSES, n), "split": np.resize(["train", "test"], n), "tsne_1": rng.normal(size=n),
         "tsne_2": rng.normal(size=n), "score": np.resize([np.nan, 0.5], n), "activity_1": rng.normal(size=n),
         "activity_2": rng.normal(size=n)}
    )  # fmt: skip


def test_a_panel_for_each_property(cells):
    figure = cell_map_figure(cells, IMPORTANCE, "T cells", CLASSES, 80)
    assert figure.texts[0].get_text() == "T cells: 80 cells"
    titles = [axes.get_title(loc="left") for axes in figure.axes if axes.get_title(loc="left")]
    assert titles == ["Class", "Donor", "Score of cirrhotic, held-out cells", "1. R → T → X", "2. R → S → T → X"]
    points = figure.axes[0].collections[0]
    assert {to_hex(colour) for colour in points.get_facecolor()} == {
        colour.lower() for colour in class_colours(CLASSES).values()
    }
    assert len(points.get_offsets()) == len(cells)
    grey, known = figure.axes[2].collections[:2]
    assert (len(grey.get_offsets()), len(known.get_offsets())) == (40, 40)  # training cells have no score


def test_one_donor_has_no_panel_and_no_cells_a_sentence(cells):
    figure = cell_map_figure(cells.assign(donor=None), IMPORTANCE, "T cells", CLASSES, 80)
    assert "Donor" not in [axes.get_title(loc="left") for axes in figure.axes]
    assert (
        "no map of cells"
        in cell_map_figure(CellMap.without_cells(), IMPORTANCE, "T cells", CLASSES, 80).texts[0].get_text()
    )


def test_a_sample_is_called_one(cells):
    (title, *_) = cell_map_figure(cells, IMPORTANCE, "T cells", CLASSES, 1_000_000).texts
    assert title.get_text() == "T cells: 80 of 1,000,000 cells, drawn evenly over donors, classes and splits"


def test_strips_of_paths_and_receptors():
    donors = [(f"d{i}", CLASSES[i % 2]) for i in range(6)]
    rows = [(path, donor, name, 30, float(i), -float(i)) for path in IMPORTANCE["path"]
            for i, (donor, name) in enumerate(donors)]  # fmt: skip
    activity = pd.DataFrame(rows, columns=list(PathActivityByDonor.to_schema().columns))
    scores = [("R", "cirrhotic", donor, name, i / 2) for i, (donor, name) in enumerate(donors)]
    receptors = pd.DataFrame(scores, columns=list(ReceptorScoresByDonor.to_schema().columns))
    figure = donor_strips(activity, DonorTests.empty(), IMPORTANCE, receptors, 10, "T cells", CLASSES)
    left, right = figure.axes
    assert [text.get_text() for text in left.get_yticklabels()] == ["R → T → X", "R → S → T → X"]
    assert [text.get_text() for text in right.get_yticklabels()] == ["R"]
    healthy, cirrhotic = left.collections[:2]
    assert healthy.get_offsets()[:, 0].tolist() == [0, 2, 4]
    assert cirrhotic.get_offsets()[:, 0].tolist() == [1, 3, 5]
    medians = [line.get_xdata()[0] for line in left.lines if len(set(line.get_xdata())) == 1][:2]
    assert medians == [2, 3]
    assert to_hex(healthy.get_facecolor()[0]) == class_colours(CLASSES)["healthy"].lower()


def test_no_donor_no_strips():
    nothing = PathActivityByDonor.empty(), DonorTests.empty(), IMPORTANCE, ReceptorScoresByDonor.empty()
    assert "no donor" in donor_strips(*nothing, 10, "T cells", CLASSES).texts[0].get_text()
