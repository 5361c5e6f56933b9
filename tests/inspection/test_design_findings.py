import anndata
import numpy as np
import pytest

from pathlore.config import GeneFilterConfig
from pathlore.expression.prepare import prepare_cells
from pathlore.inspection.design import design_findings, gravest


@pytest.fixture
def judged(parameters):
    """Prepare cells and judge their design: ``judged(cells)``."""
    ingestion = parameters().ingestion
    config = ingestion.cells.model_copy(
        update={"classes": {"control": ["control"], "case": ["case"]}, "cell_type": "cell_type"}
    )

    def judge(cells, **changes):
        own = config.model_copy(update=changes)
        prepared = prepare_cells(cells, own, ingestion.quality.model_copy(update={"min_genes": 0}))
        return design_findings(cells.obs, prepared, own, GeneFilterConfig(min_fraction=0.05, silent_fraction=0.5))

    return judge


def test_of_good_cells_nothing_is_said(judged, cells):
    assert judged(cells).empty


def same_as_condition(cells):
    return cells.obs["condition"].map({"control": "one", "case": "two"}).astype(str).to_numpy()


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("cell_type", "Condition and cell type are confounded"),
        ("library", "Condition and library are confounded"),
        ("batch", "Condition and batch are confounded"),
        ("donor", "Condition and donor are confounded"),
    ],
)
def test_what_goes_along_with_the_condition_comes_first(judged, cells, column, words):
    cells.obs[column] = same_as_condition(cells)
    found = judged(cells)
    assert found["level"].iloc[0] == "problem"
    assert gravest(found).startswith(words)


def test_genes_that_one_class_lacks_are_named(judged, cells):
    case = np.flatnonzero(cells.obs["condition"] == "case")
    common = np.asarray((cells.X > 0).mean(axis=0)).ravel().argsort()[-5:]
    X = cells.X.tolil()
    for gene in common:
        X[case, gene] = 0
    cells.X = X.tocsr()
    assert judged(cells).empty  # regulation may hide them in 120 cells
    many = anndata.concat({str(i): cells for i in range(12)}, index_unique="-")
    found = judged(many)
    assert found["level"].tolist() == ["warning"]
    assert "5 genes are silent in every sample of 'case'" in found["text"].iloc[0]


def test_cells_of_no_class_do_not_count(judged, cells):
    """A batch that divides the classes is one, whatever other cells it has."""
    batch = same_as_condition(cells)
    cells.obs["condition"] = cells.obs["condition"].astype(str)
    cells.obs.loc[cells.obs_names[:20], "condition"] = "other"
    batch[:20] = ["one", "two"] * 10
    cells.obs["batch"] = batch
    assert gravest(judged(cells)).startswith("Condition and batch are confounded")


def test_batches_in_two_writings_are_named(judged, cells):
    cells.obs["batch"] = np.where(np.arange(cells.n_obs) % 2, "run 1", "Run_1")
    assert judged(cells)["level"].tolist() == ["warning"]
    assert gravest(judged(cells)).startswith(
        "Values of `batch` differ only by case or separators ('Run_1' and 'run 1')"
    )


@pytest.mark.parametrize(
    ("column", "persons", "named"),
    [
        ("run", ["P1", "P2", "P3", "P4"], True),  # each person was measured in both runs
        ("condition", ["P1", "P2", "P3", "P4"], True),  # and in both classes
        ("condition", ["1", "2", "3", "4"], False),  # counted anew in each class
        ("condition", ["rep1", "rep2", "rep3", "rep4"], False),
        ("run", [f"P{i}" for i in range(8)], False),  # each in one run
    ],
)
def test_persons_with_several_names_are_named(judged, cells, column, persons, named):
    place = np.arange(cells.n_obs) // 2 % len(persons)
    if column == "run":
        cells.obs["run"] = np.where(np.arange(cells.n_obs) % 2 if len(persons) == 4 else place % 2, "x", "y")
        cells.obs["condition"] = np.where(place % 4 < 2, "control", "case")
    values = cells.obs[column].astype(str).to_numpy()
    cells.obs["donor"] = [f"{persons[at]}_{value}" for at, value in zip(place, values, strict=True)]
    said = [text for text in judged(cells)["text"] if "hold the value of" in text]
    assert len(said) == named
    if named:
        assert f"names of `donor` hold the value of `{column}` ('P1_" in said[0]
        assert "without it the 8 donors are 4" in said[0]


def test_a_control_that_is_not_the_first_class_is_named(judged, cells):
    found = judged(cells, classes={"case": ["case"], "control": ["control"]})
    assert found["level"].tolist() == ["warning"]
    assert "'control' sounds like the control, but the first class" in found["text"].iloc[0]
