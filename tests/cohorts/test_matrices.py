"""Matrices of 10x Genomics as the series have them."""

import gzip
import io
import tarfile

import numpy as np
import pytest
from miniature_series import flat_archive, nested_archive, tar

from pathlore.cohorts.matrices import Member, read_members, unpacked
from pathlore.config import RecipeConfig
from pathlore.errors import PathloreError

LEFT_OUT = ("GSM4041170_blood1", "GSM4041174_mouse_healthy")


def of_sample(cells, name):
    return cells[cells.obs["sample"] == name]


def assert_same_counts(cells, miniature):
    for name, counts in miniature.counts.items():
        found = of_sample(cells, name)
        assert list(found.obs_names) == [f"{name}:{barcode}" for barcode in miniature.barcodes(name)]
        np.testing.assert_array_equal(found[:, miniature.genes].X.toarray(), counts.toarray())


def small(miniature, *names, **changes):
    """The recipe, expecting some samples alone."""
    return RecipeConfig(**(miniature.recipe.model_dump() | {"expected": list(names)} | changes))


def files_of(miniature, name, genes="genes"):
    return {f"{name}_{file}": content for file, content in miniature.triplet(name, genes=genes).items()}


@pytest.mark.parametrize("genes", ["genes", "features"])
def test_files_side_by_side(assemble, liver, genes):
    cells, report = assemble(liver.recipe, {"GSE136103_RAW.tar": flat_archive(liver, genes, LEFT_OUT)})
    assert_same_counts(cells, liver)
    assert cells.obs["donor"].nunique() == 10
    assert set(cells.obs["condition"]) == {"healthy", "cirrhotic"}
    assert set(report.loc[report["left_out"] != "", "sample"]) == set(LEFT_OUT)
    assert (report["cells_kept"] == 0).sum() == 2


def test_an_archive_per_sample(assemble, pancreas):
    """With .h5, with uncompressed files of an older version, with raw matrices and litter beside."""
    cells, report = assemble(pancreas.recipe, {"GSE155698_RAW.tar": nested_archive(pancreas)})
    assert_same_counts(cells, pancreas)
    assert cells.obs.groupby("condition", observed=True)["donor"].nunique().to_dict() == {
        "adjacent_normal": 3,
        "pdac": 16,
    }
    eleventh = of_sample(cells, "GSM4710699_PDAC_TISSUE_11A").obs["donor"].iloc[0]
    assert eleventh == of_sample(cells, "GSM4710700_PDAC_TISSUE_11B").obs["donor"].iloc[0] == "11"
    assert report.set_index("sample").loc["GSM4710709_PDAC_PBMC_1", "left_out"].startswith("blood")


def test_single_files_without_an_archive(assemble, liver):
    name = "GSM4041154_healthy2_cd45-"  # ends in a sign that is no separator
    files = files_of(liver, name)
    listed = [{"name": file, "url": "https://example.org/x"} for file in files]
    cells, report = assemble(small(liver, name, files=listed), files)
    assert list(cells.obs["sample"].unique()) == [name]
    np.testing.assert_array_equal(cells[:, liver.genes].X.toarray(), liver.counts[name].toarray())
    assert report.loc[0, "file"] in files


def test_antibodies_are_left_out(assemble, liver):
    name = liver.recipe.expected[0]
    files = files_of(liver, name, "features")
    key = f"{name}_features.tsv.gz"
    lines = gzip.decompress(files[key]).decode().splitlines()
    lines[0] = lines[0].replace("Gene Expression", "Antibody Capture")
    files[key] = gzip.compress("\n".join(lines).encode())
    cells, _ = assemble(small(liver, name), {"GSE136103_RAW.tar": tar(files)})
    assert liver.genes[0] not in cells.var_names
    assert cells.n_vars == len(liver.genes) - 1


def test_a_symbol_that_is_there_twice_is_added_up(assemble, liver):
    name = liver.recipe.expected[0]
    files = files_of(liver, name)
    key = f"{name}_genes.tsv.gz"
    text = gzip.decompress(files[key]).decode().replace(f"\t{liver.genes[1]}\n", f"\t{liver.genes[0]}\n")
    files[key] = gzip.compress(text.encode())
    cells, _ = assemble(small(liver, name), {"GSE136103_RAW.tar": tar(files)})
    expected = np.asarray(liver.counts[name][:, :2].sum(axis=1)).ravel()
    np.testing.assert_array_equal(cells[:, liver.genes[0]].X.toarray().ravel(), expected)


def test_a_sample_that_is_missing(assemble, liver):
    others = liver.recipe.expected[1:]
    files = {key: content for name in others for key, content in files_of(liver, name).items()}
    with pytest.raises(PathloreError, match=r"1 of 20 samples are missing in GSE136103_RAW\.tar: GSM4041150_healthy1"):
        assemble(liver.recipe, {"GSE136103_RAW.tar": tar(files)})


@pytest.mark.parametrize("part", ["barcodes.tsv.gz", "genes.tsv.gz", "matrix.mtx.gz"])
def test_a_sample_that_lacks_a_file(assemble, liver, part):
    name = liver.recipe.expected[0]
    files = files_of(liver, name)
    del files[f"{name}_{part}"]
    with pytest.raises(PathloreError, match=r"GSE136103_RAW\.tar: GSM4041150_healthy1_cd45\+ has .* alone.*`cohort"):
        assemble(small(liver, name), {"GSE136103_RAW.tar": tar(files)})


def test_a_sample_that_is_there_twice(assemble, pancreas):
    """Raw matrices beside the filtered ones, and a recipe that does not choose."""
    recipe = small(pancreas, *pancreas.recipe.expected, layout={"kind": "10x"})
    with pytest.raises(PathloreError, match=r"more than one file .*raw_feature.*recipe\.layout\.members`"):
        assemble(recipe, {"GSE155698_RAW.tar": nested_archive(pancreas)})


def test_a_sample_without_a_rule(assemble, liver):
    files = {**files_of(liver, liver.recipe.expected[0]), "GSM9_kidney_barcodes.tsv.gz": gzip.compress(b"A\n")}
    with pytest.raises(PathloreError, match="no rule matches GSM9_kidney"):
        assemble(small(liver), {"GSE136103_RAW.tar": tar(files)})


@pytest.mark.parametrize(
    ("part", "content", "said"),
    [
        ("matrix.mtx.gz", gzip.compress(b"not a matrix\n"), "cannot be read as a matrix"),
        ("matrix.mtx.gz", b"not compressed", "cannot be decompressed"),
        ("barcodes.tsv.gz", gzip.compress(b"ACGT-1\n"), "the matrix of .* is 6 x .*, but there are 1 barcodes"),
        ("barcodes.tsv.gz", gzip.compress(b""), "cannot be read as a table"),
        ("genes.tsv.gz", gzip.compress(b"ENSG1\tTP53\n"), "and 1 genes"),
    ],
    ids=["no matrix", "not compressed", "one barcode", "no barcode", "one gene"],
)
def test_files_that_are_damaged(assemble, liver, part, content, said):
    name = liver.recipe.expected[0]
    files = files_of(liver, name) | {f"{name}_{part}": content}
    with pytest.raises(PathloreError, match=said) as caught:
        assemble(small(liver, name), {"GSE136103_RAW.tar": tar(files)})
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_h5_file_that_is_damaged(assemble, pancreas):
    name = "GSM4710703_PDAC_TISSUE_14"
    inner = tar({"PDAC_TISSUE_14/filtered_feature_bc_matrix.h5": b"no HDF5"}, "w:gz")
    with pytest.raises(PathloreError, match=f"{name}.*cannot be read as a matrix of Cell Ranger"):
        assemble(small(pancreas, name), {"GSE155698_RAW.tar": tar({f"{name}.tar.gz": inner})})


def test_values_that_are_no_counts(assemble, liver):
    name = liver.recipe.expected[0]
    files = files_of(liver, name)
    key = f"{name}_matrix.mtx.gz"
    text = gzip.decompress(files[key]).decode().replace("integer", "real")
    files[key] = gzip.compress(text.rstrip().encode() + b".5\n")
    with pytest.raises(PathloreError, match="whole counts were expected"):
        assemble(small(liver, name), {"GSE136103_RAW.tar": tar(files)})


def test_empty_barcodes_are_dropped(assemble, liver):
    name = liver.recipe.expected[0]
    genes = np.diff(liver.counts[name].indptr)
    bound = int(np.sort(genes)[2]) + 1
    cells, report = assemble(small(liver, name), {"GSE136103_RAW.tar": tar(files_of(liver, name))}, min_genes=bound)
    assert cells.n_obs == (genes >= bound).sum() < len(genes)
    assert report.loc[0, ["cells_read", "cells_kept"]].tolist() == [len(genes), cells.n_obs]
    with pytest.raises(PathloreError, match=r"none of the 6 barcodes of .* has 99999 genes: lower `cohort\.min_genes`"):
        assemble(small(liver, name), {"GSE136103_RAW.tar": tar(files_of(liver, name))}, min_genes=99999)


LIMIT = 10_000


@pytest.fixture
def read_of_archive(tmp_path):
    """Members of an archive, path -> content; the archive lies alone in a folder."""

    def run(content, name="series.tar", limit=LIMIT):
        folder = tmp_path / "archive"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        try:
            return {member.path: member.content for member in read_members(folder / name, limit)}
        finally:
            assert [path.name for path in folder.iterdir()] == [name]
            assert [path.name for path in tmp_path.iterdir()] == ["archive"]

    return run


def entry(name, **fields):
    """An archive with one entry of any kind."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        info = tarfile.TarInfo(name)
        for field, value in fields.items():
            setattr(info, field, value)
        archive.addfile(info, io.BytesIO(b"x" * info.size))
    return whole.getvalue()


def test_plain_members(read_of_archive):
    assert read_of_archive(tar({"a.tsv": b"1", "./b/c.tsv": b"2"})) == {"a.tsv": b"1", "b/c.tsv": b"2"}


def test_archives_inside(read_of_archive):
    inner = tar({"s/matrix.mtx": b"m", "s/._matrix.mtx": b"litter", "__MACOSX/x": b"litter"}, "w:gz")
    assert read_of_archive(tar({"GSM1_s.tar.gz": inner, "readme.txt": b"r"})) == {
        "GSM1_s.tar.gz/s/matrix.mtx": b"m",
        "readme.txt": b"r",
    }


def test_a_file_that_is_no_archive(read_of_archive):
    assert read_of_archive(b"1,2", "counts.csv") == {"counts.csv": b"1,2"}


@pytest.mark.parametrize(
    "name", ["../out.tsv", "a/../../out.tsv", "/etc/out.tsv", "..\\out.tsv", "a/..", "/out.tsv"], ids=str
)
def test_names_that_lead_out(read_of_archive, name):
    with pytest.raises(PathloreError, match="leads out of the archive"):
        read_of_archive(entry(name, size=1))


def test_names_that_lead_out_of_an_archive_inside(read_of_archive):
    with pytest.raises(PathloreError, match=r"series\.tar: GSM1\.tar holds '\.\./out\.tsv'"):
        read_of_archive(tar({"GSM1.tar": entry("../out.tsv", size=1)}), limit=2 * LIMIT)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices(read_of_archive, kind):
    with pytest.raises(PathloreError, match="a link or a device"):
        read_of_archive(entry("matrix.mtx", type=kind, linkname="/etc/passwd"))


def test_too_large_a_member(read_of_archive):
    with pytest.raises(PathloreError, match=r"series\.tar: a\.tsv holds more than .* GB: raise `cohort\.max_unpacked`"):
        read_of_archive(tar({"a.tsv": b"x" * (LIMIT + 1)}))
    assert len(read_of_archive(tar({"a.tsv": b"x" * LIMIT}))["a.tsv"]) == LIMIT


def test_a_bomb():
    bomb = Member("matrix.mtx.gz", gzip.compress(b"0" * 1_000_000))
    assert len(bomb.content) < 2000
    with pytest.raises(PathloreError, match=r"matrix\.mtx\.gz holds more than"):
        unpacked(bomb, LIMIT)


def test_decompression():
    assert unpacked(Member("a.gz", gzip.compress(b"1")), LIMIT) == b"1"
    assert unpacked(Member("a.tsv", b"1"), LIMIT) == b"1"
    with pytest.raises(PathloreError, match="cannot be decompressed"):
        unpacked(Member("a.gz", gzip.compress(b"1" * 999)[:-9]), LIMIT)


@pytest.mark.parametrize("damage", [lambda whole: whole[:700], lambda whole: b"<html>" * 200])
def test_a_damaged_archive(read_of_archive, damage):
    with pytest.raises(PathloreError, match=r"series\.tar cannot be read as a tar archive.*fetch it again"):
        read_of_archive(damage(tar({"a.tsv": b"1" * 4000})))
