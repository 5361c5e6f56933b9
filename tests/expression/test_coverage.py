import pandas as pd
import pytest

from pathlore.config import GeneFilterConfig
from pathlore.errors import PathloreError
from pathlore.expression.coverage import coverage
from pathlore.expression.prepare import prepare_cells
from pathlore.expression.splits import split_cells
from pathlore.expression.statistics import training_statistics

ANNOTATIONS = pd.DataFrame(
    {"symbol": ["G0", "G1", "Z"], "name": ["zero", "one", "z"], "description": ["what it does", "", ""]}
)


@pytest.fixture
def inputs(raw_cells, cells_config, quality, split_config):
    def make(names=None):
        if names is not None:
            raw_cells.var_names = names
        cells = prepare_cells(raw_cells, cells_config(), quality())
        splits = split_cells(cells.obs, split_config(), paired_donors=False, population="all")
        return (
            cells,
            splits,
            training_statistics(
                cells, splits, GeneFilterConfig(min_fraction=0.05, silent_fraction=0.5), ["control", "case"]
            ),
        )

    return make


def network(*genes):
    return pd.DataFrame({"source": genes[:-1], "target": genes[1:]})


def test_counts(inputs, caplog):
    cells, splits, statistics = inputs()
    statistics.loc[statistics["gene"] == "G2", "passes"] = False
    table = coverage(cells, splits, ANNOTATIONS, network("G0", "G1", "G2", "Z"), statistics)
    found = dict(zip(table["measure"], zip(table["count"], table["total"], strict=True), strict=True))
    assert found["cells"] == (60, 60)
    assert found["cells of class case"] == (30, 60)
    assert found["cells in train"][0] + found["cells in test"][0] + found["cells in validation"][0] == 60
    assert found["donors"] == (6, 6)
    assert found["donors of class control"] == (3, 6)
    assert found["genes that pass the filter"] == (11, 12)
    assert found["network genes that are measured"] == (3, 4)
    assert found["network genes that pass the filter"] == (2, 4)
    assert found["passing network genes with a name"] == (2, 2)
    assert found["passing network genes with a description"] == (1, 2)
    assert set(table["population"]) == {"all"}
    assert not [record for record in caplog.records if record.levelname != "INFO"]


def test_no_gene_on_the_network(inputs):
    cells, splits, statistics = inputs([f"ENSG{i:011d}" for i in range(12)])
    with pytest.raises(PathloreError) as caught:
        coverage(cells, splits, ANNOTATIONS, network("TP53", "MYC", "EGFR", "KIT"), statistics)
    for word in ("ENSG00000000000", "Ensembl ids", "EGFR, KIT, MYC", "`ingestion.cells.gene_column`"):
        assert word in str(caught.value)


def test_low_coverage_warns(inputs, caplog):
    cells, splits, statistics = inputs()
    coverage(cells, splits, ANNOTATIONS, network("G0", *(f"Z{i}" for i in range(9))), statistics)
    assert "have only 1 genes in common (10 % of the smaller list" in caplog.text


def test_mouse_symbols_warn(inputs, caplog):
    cells, splits, statistics = inputs(["TP53", *(f"Gene{i}" for i in range(11))])
    coverage(cells, splits, ANNOTATIONS, network("TP53", "MYC"), statistics)
    assert "mouse symbols" in caplog.text
