"""Samples put together: shared genes, names of cells, what is refused."""

import gzip
from pathlib import Path

import pytest
from miniature_series import KNOWLEDGE, cohort_block, flat_archive, recipe_in, tar
from pandas import DataFrame, read_csv

from pathlore.cohorts.assemble import assemble_series
from pathlore.cohorts.samples import named_genes
from pathlore.config import RecipeConfig
from pathlore.datasets.raw_tables import RawTablesDataset
from pathlore.errors import PathloreError
from pathlore.resources.names import read_gene_names

FIRST, SECOND = "GSM4041150_healthy1_cd45+", "GSM4041161_cirrhotic1_cd45+"


def changed(miniature, **changes):
    return RecipeConfig(**(miniature.recipe.model_dump() | changes))


def two_samples(liver, rename):
    """Two samples, of which the second names its genes by ``rename``."""
    files = {f"{name}_{file}": text for name in (FIRST, SECOND) for file, text in liver.triplet(name).items()}
    key = f"{SECOND}_genes.tsv.gz"
    lines = gzip.decompress(files[key]).decode().splitlines()
    files[key] = gzip.compress("\n".join(rename(i, line) for i, line in enumerate(lines)).encode())
    return {"GSE136103_RAW.tar": tar(files)}


def test_only_genes_that_every_sample_counts(assemble, liver):
    other = two_samples(liver, lambda i, line: line.replace("ENSG0", "ENSG9") if i < 5 else line)
    cells, report = assemble(changed(liver, expected=[FIRST, SECOND]), other)
    assert set(cells.var_names) == set(liver.genes[5:])
    assert report["genes"].tolist() == [len(liver.genes)] * 2


def test_samples_of_another_reference_are_refused(assemble, liver):
    other = two_samples(liver, lambda i, line: line.replace("ENSG0", "ENSG9") if i < 0.7 * len(liver.genes) else line)
    with pytest.raises(PathloreError, match=r"genes are counted in GSM4041161_cirrhotic1_cd45\+.*recipe\.samples`"):
        assemble(changed(liver, expected=[FIRST, SECOND]), other)


def test_all_samples_left_out(assemble, liver):
    recipe = changed(liver, samples=[{"pattern": ".", "leave_out": "not wanted"}])
    with pytest.raises(PathloreError, match=r"no sample is left of 20.*`cohort\.recipe\.samples`"):
        assemble(recipe, {"GSE136103_RAW.tar": flat_archive(liver, "genes")})


def test_files_that_are_gone(liver, tmp_path, assemble):
    archive = {"GSE136103_RAW.tar": flat_archive(liver, "genes")}
    assemble(liver.recipe, archive)
    (tmp_path / "GSE136103_RAW.tar").unlink()
    report = DataFrame({"file": [str(tmp_path / "GSE136103_RAW.tar")], "sha256": ["0" * 64]})
    with pytest.raises(PathloreError, match=r"GSE136103_RAW\.tar not found: run the whole pipeline"):
        assemble_series(report, cohort_block(liver.recipe, tmp_path))


def test_a_report_of_other_files(liver, assemble):
    with pytest.raises(PathloreError, match=r"GSE136103_RAW\.tar not found"):
        assemble(liver.recipe, {"another.tar": tar({})})


def test_a_correction_reaches_the_cells(assemble, liver):
    name = liver.recipe.expected[-1]
    recipe = changed(liver, corrections={name: {"donor": "moved", "condition": "healthy"}})
    cells, _ = assemble(recipe, {"GSE136103_RAW.tar": flat_archive(liver, "genes")})
    own = cells.obs[cells.obs["sample"] == name]
    assert set(own["donor"]) == {"moved"}
    assert set(own["condition"]) == {"healthy"}


FORMER = {"CXCL8": "IL8", "CCN2": "CTGF", "CCN1": "CYR61", "ACKR1": "DARC", "NECTIN2": "PVRL2"}


@pytest.fixture(scope="module")
def names():
    return read_gene_names(RawTablesDataset(files=str(KNOWLEDGE / "genes.csv"), parameter="gene_names").load())


def triplet(genes, counts, cell):
    """One cell as Cell Ranger 2 writes it; ``genes`` are ids and symbols."""
    rows = "".join(f"{i + 1} 1 {count}\n" for i, count in enumerate(counts) if count)
    matrix = f"%%MatrixMarket matrix coordinate integer general\n{len(genes)} 1 {rows.count(chr(10))}\n{rows}"
    texts = {
        "barcodes.tsv": f"{cell}-1\n",
        "genes.tsv": "".join("\t".join(gene).rstrip() + "\n" for gene in genes),
        "matrix.mtx": matrix,
    }
    return {file: text.encode() for file, text in texts.items()}


def two_references(liver, first, second):
    """Two samples of two references: lists of (id, symbol), which count 1, 2, 3, ..."""
    files = {}
    for name, genes in ((FIRST, first), (SECOND, second)):
        files |= {f"{name}_{file}": text for file, text in triplet(genes, range(1, len(genes) + 1), "ACGT").items()}
    return changed(liver, expected=[FIRST, SECOND]), {"GSE136103_RAW.tar": tar(files)}


def with_names(recipe, files, folder, names):
    for name, content in files.items():
        (folder / name).write_bytes(content)
    report = DataFrame({"file": [str(folder / name) for name in files], "sha256": "0" * 64})
    return assemble_series(report, cohort_block(recipe, folder, min_genes=1), names)


def test_references_with_other_symbols_are_joined_by_ensembl_id(liver, tmp_path, names):
    now = [(f"ENSG{i:011d}.1", symbol) for i, symbol in enumerate([*FORMER, "TP53", "NEW1"])]
    then = [(f"ENSG{i:011d}", symbol) for i, symbol in enumerate([*FORMER.values(), "TP53"])]
    for order in ((then, now), (now, then)):
        cells, report = with_names(*two_references(liver, *order), tmp_path, names)
        assert list(cells.var_names) == [*FORMER, "TP53"]
        assert list(cells.var["gene_ids"]) == [f"ENSG{i:011d}" for i in range(6)]
        assert cells.X.toarray().tolist() == [[1, 2, 3, 4, 5, 6]] * 2
        assert sorted(report["genes"]) == [6, 7]


def test_without_a_table_of_names_the_first_sample_names_the_genes(liver, tmp_path):
    now = [(f"ENSG{i:011d}", symbol) for i, symbol in enumerate(FORMER)]
    then = [(f"ENSG{i:011d}", symbol) for i, symbol in enumerate(FORMER.values())]
    cells, _ = with_names(*two_references(liver, then, now), tmp_path, None)
    assert list(cells.var_names) == list(FORMER.values())


def test_samples_without_ids_are_joined_by_approved_symbols(liver, tmp_path, names):
    now, then = [(symbol, "") for symbol in FORMER], [(symbol, "") for symbol in FORMER.values()]
    cells, _ = with_names(*two_references(liver, then, now), tmp_path, names)
    assert list(cells.var_names) == list(FORMER)
    assert "gene_ids" not in cells.var
    assert cells.X.toarray().tolist() == [[1, 2, 3, 4, 5]] * 2


def test_ids_of_one_symbol_are_added_up_and_all_named(liver, tmp_path, names):
    genes = [
        ("ENSG00000000001", "TP53"),
        ("ENSG00000000002", "TP53"),
        ("ENSG00000000003_PAR_Y", "CD99"),
        ("GFP", "GFP"),
    ]
    cells, _ = with_names(*two_references(liver, genes, genes), tmp_path, names)
    assert list(cells.var_names) == ["TP53", "CD99", "GFP"]
    assert list(cells.var["gene_ids"]) == ["ENSG00000000001;ENSG00000000002", "ENSG00000000003", ""]
    assert cells.X.toarray().tolist() == [[3, 3, 4]] * 2


def test_names_that_are_none_are_left_out_aloud(liver, tmp_path, names, caplog):
    genes = [("TP53", ""), ("1-Mar", ""), ("NA", ""), ("MDM2", "")]
    cells, _ = with_names(*two_references(liver, genes, genes), tmp_path, names)
    assert list(cells.var_names) == ["TP53", "MDM2"]
    assert "1 columns without a gene name (NA) are left out" in caplog.text
    assert "made dates by a spreadsheet (1-Mar)" in caplog.text


@pytest.mark.shared
def test_a_true_series_of_three_references_keeps_its_genes(shared_data, tmp_path, names):
    """GSE154778, the five samples that are there."""
    folder = shared_data / "geo" / "GSE154778"
    samples = sorted(path.name.removesuffix("_matrix.mtx.gz") for path in folder.glob("*_matrix.mtx.gz"))
    files = [path for path in sorted(folder.iterdir()) if path.name.startswith(tuple(samples))]
    listed = [{"name": path.name, "url": f"https://example.org/{path.name}"} for path in files]
    recipe = RecipeConfig(**(recipe_in("pdac_metastases").model_dump() | {"expected": samples, "files": listed}))
    report = DataFrame({"file": [str(path) for path in files], "sha256": "0" * 64})
    cells, _ = assemble_series(report, cohort_block(recipe, tmp_path), names)
    ids = cells.var["gene_ids"].str.split(";").explode()
    assert len(samples) == 5
    assert ids.nunique() == len(ids) == 30_358
    assert cells.n_vars == 30_354
    assert {"CXCL8", "CCN2", "ACKR1", "CCN1", "NECTIN2", "RACK1"} <= set(cells.var_names)
    assert not {"IL8", "CTGF", "DARC", "CYR61", "PVRL2", "GNB2L1"} & set(cells.var_names)
    assert len(cells) == 2053
    mitochondrial = cells[:, cells.var_names.str.startswith("MT-")]
    silent = [sample for sample in samples if not mitochondrial[cells.obs["sample"] == sample].X.sum()]
    assert silent == ["GSM4679544_Y00014", "GSM4679545_Y00016"]  # as the cohort's caveat says


@pytest.mark.shared
def test_all_sixteen_feature_files_share_their_ids(shared_data):
    folder = shared_data / "geo" / "GSE154778"
    paths = [path for part in ("genes", "features") for path in sorted(folder.glob(f"*_{part}.tsv.gz"))]
    tables = [read_csv(path, sep="\t", header=None, dtype=str, quoting=3, keep_default_na=False) for path in paths]
    genes = [named_genes(table[0], table[1]) for table in tables]
    assert len(genes) == 16
    assert all((table["id"] != "").all() and (table["symbol"] != "").all() for table in genes)
    assert len(set.intersection(*(set(table["id"]) for table in genes))) == 30_358


@pytest.mark.shared
def test_a_true_table_of_counts_with_its_covariates(shared_data, tmp_path, names):
    """GSE138852: 48 nuclei in the form of the counts file, and the covariates of all 13,214."""
    folder = shared_data / "geo" / "GSE138852"
    libraries = ["AD1_AD2", "AD3_AD4", "Ct1_Ct2", "Ct3_Ct4", "Ct5_Ct6"]
    recipe = RecipeConfig(**(recipe_in("alzheimers").model_dump() | {"expected": libraries}))
    report = DataFrame({"file": [str(Path(folder / file.name)) for file in recipe.files], "sha256": "0" * 64})
    cells, _ = assemble_series(report, cohort_block(recipe, tmp_path), names)
    assert cells.shape == (48, 1000)
    assert cells.obs["sample"].value_counts().to_dict() == {
        "Ct3_Ct4": 25, "Ct5_Ct6": 9, "AD3_AD4": 7, "AD1_AD2": 4, "Ct1_Ct2": 3,
    }  # fmt: skip
    assert set(cells.obs["condition"]) == {"control", "alzheimers"}
    assert set(cells.obs["cell_type"]) <= {*recipe.cell_types.values()}
    assert cells["AD3_AD4:ACTATCTTCATTATCC_AD3_AD4", "MALAT1"].X.sum() == 301
