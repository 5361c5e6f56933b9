"""The same eight cells in every format, and what is no cells at all."""

import gzip
import shutil
from contextlib import suppress

import h5py
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import io, sparse

from pathlore.errors import PathloreError
from pathlore.expression.formats import join_annotations, read_cells
from pathlore.expression.formats.notes import notes

GENES = ["STAT1", "IFNAR1", "TYK2", "ISG15", "MYC"]
BARCODES = [f"AAACCTGAGAAACC{a}{b}-1" for a in "ACGT" for b in "AC"]


@pytest.fixture
def counts():
    return np.random.default_rng(0).poisson(1.0, (len(BARCODES), len(GENES))).astype(np.float32)


@pytest.fixture
def frame(counts):
    return pd.DataFrame(counts, index=BARCODES, columns=GENES)


def packed(path):
    with path.open("rb") as plain, gzip.open(f"{path}.gz", "wb") as file:
        shutil.copyfileobj(plain, file)
    path.unlink()
    return path.with_name(f"{path.name}.gz")


def h5ad(folder, frame):
    AnnData(frame).write_h5ad(folder / "c.h5ad")
    return folder / "c.h5ad"


def zarr(folder, frame):
    AnnData(frame).write_zarr(folder / "c.zarr")
    return folder / "c.zarr"


def anndata_h5(folder, frame):
    return h5ad(folder, frame).rename(folder / "c.h5")


def ten_x_h5(folder, frame):
    X = sparse.csc_matrix(frame.T.to_numpy().astype(np.int32))  # genes x cells, by columns
    with h5py.File(folder / "c.h5", "w") as file:
        group = file.create_group("matrix")
        for name, values in (("data", X.data), ("indices", X.indices), ("indptr", X.indptr), ("shape", X.shape)):
            group.create_dataset(name, data=np.asarray(values))
        group.create_dataset("barcodes", data=np.array(BARCODES, dtype="S"))
        features = group.create_group("features")
        features.create_dataset("name", data=np.array(GENES, dtype="S"))
        features.create_dataset("id", data=np.array([f"ENSG{i:011d}" for i in range(len(GENES))], dtype="S"))
        for name, value in (("feature_type", "Gene Expression"), ("genome", "GRCh38")):
            features.create_dataset(name, data=np.array([value] * len(GENES), dtype="S"))
    return folder / "c.h5"


def ten_x_folder(folder, frame, *, prefix="", features="features", more=()):
    where = folder / "sample"
    where.mkdir()
    X = sparse.coo_matrix(np.vstack([frame.T.to_numpy(), *more]).astype(np.int32))
    io.mmwrite(where / f"{prefix}matrix.mtx", X)
    (where / f"{prefix}barcodes.tsv").write_text("".join(f"{name}\n" for name in BARCODES))
    kinds = ["Gene Expression"] * len(GENES) + ["Antibody Capture"] * len(more)
    names = [*GENES, *(f"CD{i}" for i in range(len(more)))]
    rows = [f"ENSG{i:011d}\t{name}\t{kind}\n" for i, (name, kind) in enumerate(zip(names, kinds, strict=True))]
    (where / f"{prefix}{features}.tsv").write_text("".join(rows))
    return where


def old_ten_x_folder(folder, frame):
    return ten_x_folder(folder, frame, prefix="GSM1_healthy_", features="genes")


def packed_ten_x_folder(folder, frame):
    where = ten_x_folder(folder, frame, more=[np.ones(len(BARCODES))])
    for file in list(where.iterdir()):
        packed(file)
    return where


def matrix_in_a_folder(folder, frame):
    return ten_x_folder(folder, frame) / "matrix.mtx"


def loom(folder, frame):
    with h5py.File(folder / "c.loom", "w") as file:
        file["matrix"] = frame.T.to_numpy()
        file["layers/spliced"] = frame.T.to_numpy() * 2
        file["row_attrs/Gene"] = np.array(GENES, dtype="S")
        file["col_attrs/CellID"] = np.array(BARCODES, dtype="S")
        file["col_attrs/group"] = np.array(["a", "b"] * 4, dtype="S")
    return folder / "c.loom"


def csv_of_cells(folder, frame):
    frame.assign(group=["a", "b"] * 4).to_csv(folder / "c.csv")
    return folder / "c.csv"


def tsv_of_genes(folder, frame):
    frame.T.to_csv(folder / "c.tsv", sep="\t")
    return packed(folder / "c.tsv")


def txt_from_r(folder, frame):
    lines = frame.T.to_csv(sep=" ", header=True).splitlines()
    lines[0] = lines[0].lstrip(" ")  # write.table leaves the corner out
    (folder / "c.txt").write_text("\n".join(lines))
    return folder / "c.txt"


def csv_without_names(folder, frame):
    frame.to_csv(folder / "c.csv", index=False)
    return folder / "c.csv"


def packed_h5ad(folder, frame):
    return packed(h5ad(folder, frame))


WRITERS = [
    h5ad, zarr, anndata_h5, packed_h5ad, ten_x_h5, ten_x_folder, old_ten_x_folder, packed_ten_x_folder,
    matrix_in_a_folder, loom, csv_of_cells, tsv_of_genes, txt_from_r, csv_without_names,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITERS)
def test_each_format_gives_the_same_cells(write, frame, tmp_path):
    cells = read_cells(write(tmp_path, frame))
    assert list(cells.var_names) == GENES
    if write is not csv_without_names:
        assert list(cells.obs_names) == BARCODES
    X = cells.X.toarray() if sparse.issparse(cells.X) else cells.X
    np.testing.assert_array_equal(X, frame.to_numpy())
    if write in (csv_of_cells, loom):
        assert list(cells.obs["group"]) == ["a", "b"] * 4
    if write is loom:
        np.testing.assert_array_equal(cells.layers["spliced"].toarray(), 2 * frame.to_numpy())


def test_features_of_other_types_are_counted(frame, tmp_path):
    cells = read_cells(packed_ten_x_folder(tmp_path, frame))
    assert notes(cells) == ["matrix.mtx.gz: 1 features that are no genes (Antibody Capture) are left out"]
    path = ten_x_h5(tmp_path, frame)
    with h5py.File(path, "r+") as file:
        file["matrix/features/feature_type"][1] = b"Antibody Captur"
    cells = read_cells(path)
    assert list(cells.var_names) == [GENES[0], *GENES[2:]]
    assert notes(cells) == ["c.h5: 1 features that are no genes (Antibody Captur) are left out"]


def test_features_of_other_types_alone_are_refused(frame, tmp_path):
    path = ten_x_h5(tmp_path, frame)
    with h5py.File(path, "r+") as file:
        file["matrix/features/feature_type"][:] = b"Peaks"
    with pytest.raises(PathloreError, match=r"c\.h5 has features of the type Peaks alone"):
        read_cells(path)


def test_white_space_around_labels_of_a_table_is_left_to_be_named(frame, tmp_path):
    frame.assign(donor=["C1", "C1 "] * (len(frame) // 2)).to_csv(tmp_path / "c.csv")
    assert set(read_cells(tmp_path / "c.csv").obs["donor"]) == {"C1", "C1 "}


def test_genes_are_found_on_their_axis_where_the_table_of_genes_knows_none(frame, tmp_path):
    table = frame.set_axis([f"Zzq{i}" for i in range(len(GENES))], axis=1)
    table.T.to_csv(tmp_path / "c.csv")
    assert list(read_cells(tmp_path / "c.csv").obs_names) == BARCODES


def test_a_large_table_is_read_in_pieces(frame, tmp_path, monkeypatch):
    monkeypatch.setattr("pathlore.expression.formats.table.BLOCK_VALUES", 14)
    np.testing.assert_array_equal(read_cells(csv_of_cells(tmp_path, frame)).X.toarray(), frame.to_numpy())


def no_file(folder, frame):
    return folder / "absent.csv"


def two_matrices(folder, frame):
    where = ten_x_folder(folder, frame)
    shutil.copy(where / "matrix.mtx", where / "b_matrix.mtx")
    return where


def no_barcodes(folder, frame):
    where = ten_x_folder(folder, frame)
    (where / "barcodes.tsv").unlink()
    return where


def lists_of_another_sample(folder, frame):
    where = ten_x_folder(folder, frame)
    (where / "barcodes.tsv").write_text("AAA\n")
    return where


def text_named_loom(folder, frame):
    (folder / "c.loom").write_text("no HDF5")
    return folder / "c.loom"


def hdf5_without_a_matrix(folder, frame):
    with h5py.File(folder / "c.loom", "w") as file:
        file["other"] = 1
    return folder / "c.loom"


def no_gzip(folder, frame):
    (folder / "c.csv.gz").write_text("a,b")
    return folder / "c.csv.gz"


def header_alone(folder, frame):
    (folder / "c.csv").write_text(",STAT1\n")
    return folder / "c.csv"


def no_names_of_genes(folder, frame):
    frame.set_axis(list("12345"), axis=1).to_csv(folder / "c.csv")
    return folder / "c.csv"


def text_alone(folder, frame):
    pd.DataFrame({"a": ["x"], "b": ["y"]}).to_csv(folder / "c.csv")
    return folder / "c.csv"


def rds(folder, frame):
    (folder / "c.rds").write_bytes(b"x")
    return folder / "c.rds"


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (no_file, "no file at"),
        (two_matrices, "2 file.s. named"),
        (no_barcodes, "barcodes.tsv.*expected beside"),
        (lists_of_another_sample, "5 genes x 8 cells.*5 genes and 1 cells"),
        (text_named_loom, "cannot be read"),
        (hdf5_without_a_matrix, "no dataset /matrix"),
        (no_gzip, "cannot be read.*gzip"),
        (header_alone, "no header line with a row below it"),
        (no_names_of_genes, "does not tell whether genes are rows or columns"),
        (text_alone, "does not tell|no column of numbers"),
        (rds, "suffix that is not known"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(write, said, frame, tmp_path):
    with pytest.raises(PathloreError, match=said) as caught:
        read_cells(write(tmp_path, frame))
    assert "\n" not in str(caught.value)
    assert "`cells`" in str(caught.value)


@settings(max_examples=40, deadline=None)
@given(
    st.binary(max_size=60) | st.text(max_size=60).map(str.encode),
    st.sampled_from([".csv", ".tsv.gz", ".h5", ".loom", ".h5ad"]),
)
def test_no_file_ends_in_a_traceback(tmp_path_factory, content, suffix):
    path = tmp_path_factory.mktemp("any") / f"c{suffix}"
    path.write_bytes(gzip.compress(content) if suffix.endswith("gz") else content)
    with suppress(PathloreError):
        assert isinstance(read_cells(path), AnnData)


@pytest.fixture
def annotations():
    return pd.DataFrame({"cell": BARCODES, "condition": ["a", "b"] * 4, "age": ["61", ""] * 4})


def test_annotations_are_joined_by_the_cells_names(frame, annotations):
    cells = join_annotations(AnnData(frame), annotations[::-1])
    assert list(cells.obs["condition"]) == ["a", "b"] * 4
    assert cells.obs["age"].isna().sum() == 4


def test_annotations_without_the_suffix_of_the_barcode(frame, annotations):
    annotations["cell"] = annotations["cell"].str.removesuffix("-1")
    assert list(join_annotations(AnnData(frame), annotations).obs["condition"]) == ["a", "b"] * 4


def test_cells_that_the_annotations_do_not_know_have_no_value(frame, annotations, caplog):
    cells = join_annotations(AnnData(frame), annotations.head(3))
    assert cells.obs["condition"].isna().sum() == 5
    assert "3 of 8 cells known" in caplog.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table[["cell"]], "at least one other"),
        (lambda table: pd.concat([table, table]), "8 cells more than once"),
        (lambda table: table.assign(cell="elsewhere"), "knows none of the 8 cells.*AAACC.*elsewhere"),
    ],
)
def test_annotations_of_other_cells_are_refused(frame, annotations, change, said):
    with pytest.raises(PathloreError, match=said):
        join_annotations(AnnData(frame), change(annotations))


def test_annotations_of_r_name_the_cells_in_their_index(frame, annotations):
    cells = join_annotations(AnnData(frame), annotations.set_index("cell"))
    assert list(cells.obs["condition"]) == ["a", "b"] * 4


def test_words_for_missing_are_no_annotations(frame, annotations):
    annotations["donor"] = ["D1 ", "NA", "D2", "NULL", "D1", "None", "<NA>", "D2"]
    cells = join_annotations(AnnData(frame), annotations)
    assert list(cells.obs["donor"].cat.categories) == ["D1", "D1 ", "D2"]  # labels are made bare where they are used
    assert cells.obs["donor"].isna().sum() == 4


def test_rows_of_more_fields_than_names_are_refused():
    cells = AnnData(np.ones((1, 2)))
    table = pd.DataFrame({"cell": ["c0"], "donor": ["d0"]}, index=pd.MultiIndex.from_tuples([("old", "cell")]))
    with pytest.raises(PathloreError, match="2 names of columns and rows of 4 fields"):
        join_annotations(cells, table)
