"""Files as people have them: what the doctor says of each, and that no control is refused."""

import pytest
from kedro.io import DatasetError

from pathlore.datasets.raw_cells import RawCellsDataset

pytestmark = pytest.mark.shared

RUNS = {  # file: cells, genes of the network, classes, donors of each class
    "base.h5ad": (320, 335, ["ctrl", "stim"], 4),
    "donor_trailing_space.h5ad": (320, 335, ["ctrl", "stim"], 4),
    "write_csv2_soupx_cells_rows.csv": (120, 297, ["ctrl", "stim"], 4),
    "write_csv_soupx_control.csv": (120, 297, ["ctrl", "stim"], 4),
    "csv_with_seurat_meta.csv": (120, 297, ["ctrl", "stim"], 4),
    "csv_with_text_meta_control.csv": (120, 297, ["ctrl", "stim"], 4),
    "citeseq_one_matrix.h5ad": (320, 335, ["ctrl", "stim"], 4),
    "r_checknames.csv": (120, 1093, ["ctrl", "stim"], 0),
    "plus_minus_greek.h5ad": (320, 335, ["hiv_neg", "hiv_pos"], 4),
    "seuratdisk_AD0_control1.h5ad": (320, 335, ["diagnosis_0", "diagnosis_1"], 4),
    "replicate_reused.h5ad": (320, 335, ["ctrl", "stim"], 4),
    "x_none_counts_layer.h5ad": (320, 335, ["ctrl", "stim"], 4),
    "long_labels.h5ad": (320, 335, ["ctrl", "stim"], 4),
    "cellxgene_raw_without_feature_name.h5ad": (320, 335, ["normal", "systemic_lupus_erythematosus"], 4),
}
SAID = {  # file: level, words
    "donor_trailing_space.h5ad": ("warning", "values of `donor` have white space around them"),
    "write_csv2_soupx_cells_rows.csv": ("note", "numbers are read with a decimal comma"),
    "csv_with_seurat_meta.csv": ("note", "nCount_RNA, nFeature_RNA, patient, percent.mt, seurat_clusters are no genes"),
    "citeseq_one_matrix.h5ad": ("note", "8 measured features are no genes and left out"),
    "seuratdisk_AD0_control1.h5ad": ("warning", "numbers do not show which class is the control"),
    "replicate_reused.h5ad": ("warning", "taken as different donors that are numbered alike"),
    "mixed_counts_and_log_shallow.h5ad": ("problem", "the cells are not on one scale: by `condition`"),
    "zebrafish.h5ad": ("problem", "as those of zebrafish and frog are"),
}
REFUSED = {
    "counts_latin1.csv": "not in UTF-8.*in Latin-1 it would be 'Sjögren'.*encoding=latin-1",
    "broken/ptr_big.h5ad": "offsets that do not rise from 0",
    "broken/ptr_back.h5ad": "offsets that do not rise from 0",
}


@pytest.fixture
def inspected(look, shared_data):
    return lambda file, **what: look(RawCellsDataset(filepath=shared_data / "field" / file, **what).load())


@pytest.mark.parametrize("file", RUNS)
def test_files_that_run(inspected, file):
    inspection = inspected(file)
    n_cells, on_network, classes, donors = RUNS[file]
    assert [one.text for one in inspection.findings if one.level == "problem"] == []
    assert inspection.n_cells == n_cells
    assert max(genes.on_network for genes in inspection.genes) == on_network
    assert inspection.cells is not None
    assert list(inspection.choices["ingestion.cells.classes"].value) == classes
    assert inspection.donors.donors == dict.fromkeys(classes, donors)
    assert {facts.scale for facts in inspection.matrices if facts.name == inspection.layer} == {"counts"}


@pytest.mark.parametrize("file", SAID)
def test_what_is_found_is_said(inspected, file):
    level, words = SAID[file]
    assert any(words in one.text for one in inspected(file).findings if one.level == level)


@pytest.mark.parametrize("file", REFUSED)
def test_files_that_cannot_be_read(inspected, file):
    with pytest.raises(DatasetError, match=REFUSED[file]):
        inspected(file)


def test_tables_of_r_without_a_corner(inspected, shared_data):
    inspection = inspected("r_write_table_counts.txt", annotations=str(shared_data / "field/r_write_table_meta.txt"))
    assert (inspection.n_cells, inspection.n_genes) == (120, 1267)
    assert inspection.donors.donors == {"ctrl": 4, "stim": 4}
    (library,) = [one for one in inspection.findings if one.level == "problem"]
    assert "condition and library are confounded" in library.text  # orig.ident is so in this file


def test_a_named_encoding_is_read(inspected):
    assert inspected("counts_latin1.csv", encoding="latin-1").n_cells == inspected("counts_utf16.txt").n_cells
