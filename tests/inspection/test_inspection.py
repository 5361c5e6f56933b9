"""The whole inspection: of good cells, of spoilt ones, of real ones, and of anything."""

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData, read_h5ad
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from pathlore.errors import PathloreError
from pathlore.inspection.findings import Inspection, worst


def said(inspection, level):
    return [finding.text for finding in inspection.findings if finding.level == level]


def value(inspection, name):
    return inspection.choices[f"ingestion.cells.{name}"].value


def test_of_good_cells_nothing_is_wrong(look, cells):
    inspection = look(cells)
    assert worst(inspection.findings) in ("ok", "note")
    assert inspection.roles == {"condition": "condition", "donor": "donor", "cell_type": "cell_type"}
    assert value(inspection, "classes") == {"control": ["control"], "case": ["case"]}
    assert value(inspection, "layer") == "X"
    assert value(inspection, "gene_column") is None
    assert inspection.donors.donors == {"control": 4, "case": 4}
    assert inspection.donors.split == "donor"
    assert inspection.genes[0].species == "human"
    assert inspection.cost.paths == 600
    assert 0.5 < inspection.cost.gigabytes < 10
    assert Inspection(**inspection.model_dump()) == inspection


def test_the_file_is_left_as_it_is(look, cells):
    before = cells.copy()
    look(cells)
    pd.testing.assert_frame_equal(cells.obs, before.obs)
    assert (cells.X != before.X).nnz == 0


def test_one_library_for_each_class_is_confounded(look, cells):
    cells.obs["sample"] = cells.obs["condition"].map({"control": "run1", "case": "run2"}).astype(str)
    problems = said(look(cells), "problem")
    assert any(text.startswith("condition and library are confounded") for text in problems)


def test_the_library_may_stand_in_the_names_of_the_cells(look, cells):
    rng = np.random.default_rng(0)
    barcodes = ["".join(rng.choice(list("ACGT"), 16)) for _ in range(cells.n_obs)]
    cells.obs_names = [
        f"{barcode}-{1 + (c == 'case')}" for barcode, c in zip(barcodes, cells.obs["condition"], strict=True)
    ]
    problems = said(look(cells), "problem")
    assert any(text.startswith("condition and library are confounded") for text in problems)


def test_scaled_values_are_passed_over_for_raw(look, cells):
    cells.raw = cells.copy()
    cells.X = sparse.csr_matrix(cells.X.toarray() - 1)
    inspection = look(cells)
    assert value(inspection, "layer") == "raw"
    assert any(text.startswith("X cannot be used") for text in said(inspection, "note"))


def test_log_values_give_way_to_a_layer_of_counts(look, cells):
    cells.layers["counts"] = cells.X.copy()
    cells.X = cells.X.log1p()
    inspection = look(cells)
    assert value(inspection, "layer") == "counts"
    assert [(facts.name, facts.scale) for facts in inspection.matrices] == [("X", "log"), ("counts", "counts")]


def test_without_a_condition_the_place_is_marked(look, cells):
    del cells.obs["condition"]
    cells.obs["donor"] = [f"d{i % 4}" for i in range(cells.n_obs)]
    inspection = look(cells)
    assert any("no column of obs looks like a condition" in text for text in said(inspection, "problem"))
    assert value(inspection, "condition") == "FILL_IN"
    assert value(inspection, "classes") == {}


def test_the_user_knows_better(look, cells):
    cells.obs["arm"] = ["a", "b"] * (cells.n_obs // 2)
    inspection = look(cells, condition="arm", donor="none")
    assert value(inspection, "classes") == {"a": ["a"], "b": ["b"]}
    assert value(inspection, "donor") is None
    assert any("comes first" in text for text in said(inspection, "warning"))
    with pytest.raises(PathloreError, match=r"column 'absent' not found.*`inspection\.condition`"):
        look(cells, condition="absent")


def test_a_sample_stands_for_a_donor_that_no_column_names(look, cells):
    cells.obs["sample"] = cells.obs.pop("donor")
    inspection = look(cells)
    assert value(inspection, "donor") == "sample"
    assert any("taken for them" in text for text in said(inspection, "warning"))


def test_donors_with_both_classes_are_paired(look, cells):
    cells.obs["donor"] = [f"d{i % 6}" for i in range(cells.n_obs)]
    inspection = look(cells)
    assert value(inspection, "paired_donors") is True
    assert inspection.donors.shared == 6


def test_unknown_donors_are_counted_and_named(look, cells):
    cells.obs["donor"] = cells.obs["donor"].astype(str).where(np.arange(cells.n_obs) % 2 == 0, "N/A")
    inspection = look(cells)
    assert inspection.donors.without == cells.n_obs / 2
    assert "N/A" in value(inspection, "missing")
    assert inspection.donors.split == "cell"


def test_copies_empty_cells_and_names_twice_are_found(look, cells):
    X = cells.X.tolil()
    X[1], X[2] = X[0], 0
    cells.X = X.tocsr()
    inspection = look(cells)
    assert (inspection.cells.repeated, inspection.cells.empty) == (1, 1)
    cells.obs_names = ["twice", "twice", *cells.obs_names[2:]]
    assert any("name" in text and "once" in text for text in said(look(cells), "problem"))


def test_a_table_of_few_genes_gets_a_lower_bound_and_bridges(look, cells):
    few = cells[:, ::12].copy()
    inspection = look(few)
    assert inspection.choices["ingestion.quality.min_genes"].value < 200
    assert inspection.choices["graph_construction.paths.bridge"].value in (2, 4)


def test_ids_without_a_table_name_the_download(look, cells):
    cells.var_names = [f"ENSG{i:011d}" for i in range(cells.n_vars)]
    inspection = look(cells)
    assert any("resources.download=hgnc" in text for text in said(inspection, "warning"))
    assert said(inspection, "problem")


def test_other_species_are_said_once(look, cells):
    cells.var_names = [f"{name.lower()}" for name in cells.var_names]
    inspection = look(cells)
    problems = said(inspection, "problem")
    assert any("zebrafish" in text for text in problems)
    assert not set(problems) & set(said(inspection, "warning"))


@pytest.mark.parametrize(
    ("name", "words"),
    [("ENSSSCG{:011d}", "Ensembl ids of another species"), ("{}", "which count the rows")],
)
def test_a_table_that_would_not_help_is_not_advised(look, cells, name, words):
    cells.var_names = [name.format(i) for i in range(cells.n_vars)]
    inspection = look(cells)
    assert any(words in text for text in said(inspection, "problem"))
    assert not any("resources.download" in text for text in said(inspection, "warning"))


def test_names_that_a_spreadsheet_made_dates_are_a_warning(look, cells):
    cells.var_names = ["1-Mar", "1-Dec", *cells.var_names[2:]]
    assert any("made dates of names of genes, which are lost: 1-Dec, 1-Mar" in t for t in said(look(cells), "warning"))


def test_a_column_with_symbols_takes_the_place_of_ids(look, cells):
    cells.var["gene_name"] = cells.var_names
    cells.var_names = [f"ENSG{i:011d}" for i in range(cells.n_vars)]
    inspection = look(cells)
    assert value(inspection, "gene_column") == "gene_name"
    assert not said(inspection, "problem")


@pytest.mark.parametrize("shape", [(0, 5), (5, 0)])
def test_nothing_to_look_at(look, shape):
    assert said(look(AnnData(np.zeros(shape, dtype=np.float32))), "problem")


NAMES = st.text(max_size=8) | st.sampled_from(["condition", "donor", "sample", "cell_type", "sex", "TP53", "Trp53"])
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(width=32),
    st.text(max_size=6),
    st.sampled_from(["ctrl", "stim", "WT", "unknown", "T cell", "nan"]),
    st.lists(st.integers(), max_size=2),
)


@st.composite
def odd_cells(draw):
    n, g = draw(st.integers(1, 9)), draw(st.integers(1, 6))
    numbers = st.floats(width=32) | st.integers(-2, 40) | st.just(0)
    X = np.array(draw(st.lists(numbers, min_size=n * g, max_size=n * g)), dtype=np.float32).reshape(n, g)
    names = draw(st.lists(NAMES, max_size=4))
    columns = [pd.Series(draw(st.lists(VALUES, min_size=n, max_size=n)), dtype=object) for _ in names]
    obs = pd.concat(columns, axis=1) if columns else pd.DataFrame(index=range(n))
    cells = AnnData(sparse.csr_matrix(X) if draw(st.booleans()) else X)
    obs.index, obs.columns = cells.obs_names, names
    cells.obs = obs
    cells.var_names = draw(st.lists(NAMES, min_size=g, max_size=g))
    if draw(st.booleans()):
        cells.obs_names = draw(st.lists(NAMES, min_size=n, max_size=n))
    return cells


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(odd_cells())
def test_whatever_is_handed_in_there_is_a_finding_and_no_traceback(look, cells):
    inspection = look(cells)
    assert inspection.findings
    assert all(finding.text for finding in inspection.findings)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "control", "layer", "split", "species"),
    [
        ("kang2018_pbmc_ifnb_2donors_1267genes", "ctrl", "counts", "pair", "human"),
        ("sadefeldman2018_melanoma_icb_tcells_lognorm", "Non-responder", "log", "donor", "human"),
        ("nugent2020_microglia_trem2ko_cuprizone_mouse", "WT", "counts", "cell", "mouse"),
    ],
)
def test_real_cohorts(look, shared_data, file, control, layer, split, species):
    inspection = look(read_h5ad(shared_data / "expression" / f"{file}.h5ad", backed="r"))
    assert inspection.roles["condition"] == "condition"
    assert inspection.roles["donor"] == "donor"
    assert inspection.roles["cell_type"] == "cell_type"
    assert next(iter(value(inspection, "classes").values())) == [control]
    assert inspection.matrices[0].scale == layer
    assert inspection.donors.split == split
    assert inspection.genes[0].species == species
    assert inspection.cost.paths > 50
    confounded = [text for text in said(inspection, "problem") if "condition and library are confounded" in text]
    assert bool(confounded) == (species == "mouse")
