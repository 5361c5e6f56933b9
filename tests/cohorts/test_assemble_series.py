"""Samples put together: shared genes, names of cells, what is refused."""

import gzip

import pytest
from miniature_series import cohort_block, flat_archive, tar
from pandas import DataFrame

from pathlore.cohorts.assemble import assemble_series
from pathlore.config import RecipeConfig
from pathlore.errors import PathloreError

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
    other = two_samples(liver, lambda i, line: f"{line}-other" if i < 5 else line)
    cells, report = assemble(changed(liver, expected=[FIRST, SECOND]), other)
    assert set(cells.var_names) == set(liver.genes[5:])
    assert report["genes"].tolist() == [len(liver.genes)] * 2


def test_samples_of_another_reference_are_refused(assemble, liver):
    other = two_samples(liver, lambda i, line: f"{line}-other" if i < 0.7 * len(liver.genes) else line)
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
