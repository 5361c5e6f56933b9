"""Damaged structure of HDF5 and zarr: one line for the user or sound matrices, and no process that dies of it.

pytest tests/project/test_fuzz_structure.py                                  # some of each kind, always the same
pytest tests/project/test_fuzz_structure.py --hypothesis-profile=thousand    # more of each, other ones each time
"""

import re
import shutil
from pathlib import Path
from uuid import uuid4

import h5py
import numpy as np
import pandas as pd
import pytest
import zarr
from anndata import AnnData
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from reading_worker import Reader
from scipy import io, sparse

MANY = settings.get_current_profile_name() == "thousand"
fuzz = settings(
    max_examples=400 if MANY else 30, derandomize=not MANY, deadline=None, suppress_health_check=list(HealthCheck)
)
fewer = settings(fuzz, max_examples=400 if MANY else 12)  # a folder of many files is slow to copy and to read
N, G = 30, 12
GENES = ["STAT1", "IFNAR1", "TYK2", "ISG15", "MYC", "JUN", "FOS", "TP53", "EGFR", "MET", "IRF7", "MX1"]
VALUES = st.sampled_from([-(2**31), -2, -1, 0, 1, G - 1, G, N, N + 1, 200, 2**31 - 1])
KINDS = ["<i4", "<i8", "<u8", "<f4", "<f8", "S4", "?", "<c8"]
WORDS = st.sampled_from(
    ["csr_matrix", "csc_matrix", "array", "dict", "dataframe", "null", "raw", "categorical", "x", ""]
)


@pytest.fixture(scope="module")
def reader():
    made = Reader()
    yield made
    made.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("structure")


@pytest.fixture(scope="module")
def cells():
    X = sparse.random(N, G, 0.4, "csr", np.float32, np.random.default_rng(0))
    X.data = np.ceil(X.data * 9)
    obs = pd.DataFrame({"condition": pd.Categorical(["a", "b"] * (N // 2)), "age": np.arange(N)})
    made = AnnData(X, obs.set_index(pd.Index([f"c{i}" for i in range(N)])), pd.DataFrame(index=GENES))
    made.raw = made.copy()
    made.layers["counts"], made.layers["columns"] = X.copy(), X.tocsc()
    made.layers["dense"] = X.toarray()
    made.obsm["X_pca"], made.obsm["sparse"] = np.ones((N, 2)), X.copy()
    made.obsp["connectivities"] = sparse.identity(N, format="csr")
    made.varm["loadings"] = np.ones((G, 3))
    made.uns["more"] = {"neighbors": sparse.identity(3, format="csc"), "name": "x"}
    return made


@pytest.fixture(scope="module")
def whole(folder, cells):
    """A sound file (or folder) of each format."""
    cells.write_h5ad(folder / "cells.h5ad")
    cells.write_zarr(folder / "cells.zarr")
    X = sparse.csc_matrix(cells.X.T)  # genes x cells
    with h5py.File(folder / "cells.h5", "w") as file:
        for name, values in (("data", X.data.astype(int)), ("indices", X.indices), ("indptr", X.indptr)):
            file[f"matrix/{name}"] = values
        file["matrix/shape"] = np.array(X.shape)
        file["matrix/barcodes"] = np.array(list(cells.obs_names), dtype="S")
        file["matrix/features/name"] = file["matrix/features/id"] = np.array(GENES, dtype="S")
        for name, value in (("feature_type", "Gene Expression"), ("genome", "GRCh38")):
            file[f"matrix/features/{name}"] = np.array([value] * G, dtype="S")
    with h5py.File(folder / "cells.loom", "w") as file:
        file["matrix"] = X.toarray()
        file["layers/spliced"] = X.toarray()
        file["row_attrs/Gene"] = np.array(GENES, dtype="S")
        file["col_attrs/CellID"] = np.array(list(cells.obs_names), dtype="S")
    (folder / "mtx").mkdir()
    io.mmwrite(folder / "mtx" / "matrix.mtx", X.astype(int))
    (folder / "mtx" / "barcodes.tsv").write_text("".join(f"{name}\n" for name in cells.obs_names))
    (folder / "mtx" / "features.tsv").write_text("".join(f"ENSG{i:011d}\t{name}\n" for i, name in enumerate(GENES)))
    return folder


def fresh(whole, name):
    path = whole / f"{uuid4().hex}_{name}"
    (shutil.copytree if (whole / name).is_dir() else shutil.copy)(whole / name, path)
    (path / ".zmetadata").unlink(missing_ok=True) if path.is_dir() else None  # else what it repeats is what is read
    return path


def remove(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def check(result):
    outcome, said = result
    event(outcome)
    assert outcome in ("taken", "refused"), said
    if outcome == "refused":
        assert "\n" not in said
        assert 20 < len(said) < 3000


def change(file, draw, create, names):
    """Change one thing in an open store."""
    name = draw(st.sampled_from(names))
    thing = file[name]
    is_array = hasattr(thing, "shape")
    whats = ["delete", "attribute", "attribute", "swap"]
    whats += ["value"] * 4 + ["length", "kind", "dimensions", "scalar"] if is_array else []
    what = draw(st.sampled_from(whats))
    event(what)
    if what == "attribute" and len(thing.attrs):
        key = draw(st.sampled_from(sorted(thing.attrs)))
        new = draw(st.one_of(st.none(), WORDS, VALUES, st.lists(VALUES, max_size=3)))
        if new is None:
            del thing.attrs[key]
        else:
            thing.attrs[key] = new
    elif what == "value" and thing.size and thing.dtype.kind in "iufb":
        values = thing[:]
        flat = values.reshape(-1)
        with np.errstate(all="ignore"):
            flat[draw(st.integers(0, flat.size - 1))] = np.array(draw(VALUES)).astype(values.dtype)
        thing[...] = values
    elif what in ("length", "kind", "dimensions", "scalar") and thing.dtype.kind in "iufb":
        values, attributes = np.atleast_1d(thing[()]), dict(thing.attrs)
        values = {
            "length": lambda: np.resize(values, draw(st.integers(0, 2 * len(values) + 1))),
            "kind": lambda: values.astype(draw(st.sampled_from(KINDS))),
            "dimensions": lambda: values.reshape(1, -1),
            "scalar": lambda: np.array(7),
        }[what]()
        del file[name]
        create(file, name, values)
        file[name].attrs.update(attributes)
    elif what == "swap":
        del file[name]
        if is_array:
            file.create_group(name)
        else:
            create(file, name, np.arange(3))
    elif what == "delete":
        del file[name]


def in_hdf5(path, draw):
    names = []
    with h5py.File(path, "r+") as file:
        file.visit(names.append)
        for _ in range(draw(st.integers(1, 2))):
            there = [name for name in names if name in file]
            if there:  # else the first change took everything away
                change(file, draw, lambda file, name, values: file.create_dataset(name, data=values), there)


@fuzz
@given(st.data(), st.booleans())
def test_h5ad(reader, whole, data, backed):
    path = fresh(whole, "cells.h5ad")
    in_hdf5(path, data.draw)
    check(reader.read(path, backed))
    remove(path)


@fuzz
@given(st.data(), st.sampled_from(["cells.h5", "cells.loom"]))
def test_ten_x_and_loom(reader, whole, data, name):
    path = fresh(whole, name)
    in_hdf5(path, data.draw)
    check(reader.read(path))
    remove(path)


@fewer
@given(st.data(), st.booleans())
def test_zarr(reader, whole, data, backed):
    path = fresh(whole, "cells.zarr")
    if data.draw(st.booleans()):
        store = zarr.open_group(path, mode="r+")
        names = sorted(name for name, _ in store.members(max_depth=None))
        change(store, data.draw, lambda file, name, values: file.create_array(name, data=np.atleast_1d(values)), names)
    else:
        file = data.draw(st.sampled_from(sorted(part for part in path.rglob("*") if part.is_file())))
        content = file.read_bytes()
        cut = data.draw(st.integers(0, len(content)))
        how = data.draw(st.sampled_from(["gone", "cut", "noise"]))
        file.write_bytes(content[:cut] if how == "cut" else content[:cut] + b"\xff" + content[cut + 1 :])
        if how == "gone":
            file.unlink()
    check(reader.read(path, backed))
    remove(path)


@fuzz
@given(st.data())
def test_matrix_market(reader, whole, data):
    path = fresh(whole, "mtx")
    file = path / data.draw(st.sampled_from(["matrix.mtx"] * 4 + ["barcodes.tsv", "features.tsv"]))
    lines = file.read_text().splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    fields = lines[at].split()
    if fields:
        fields[data.draw(st.integers(0, len(fields) - 1))] = data.draw(
            st.sampled_from(["-1", "0", "13", "31", "99999999999", "x", "1.5", "nan", "", "integer", "real", "array"])
        )
    lines[at : at + 1] = data.draw(st.sampled_from([[" ".join(fields)], [], [lines[at]] * 2]))
    file.write_text("\n".join(lines))
    check(reader.read(path))
    remove(path)


def set_value(name, position, value):
    def spoil(file):
        values = file[name][:]
        values[position] = value
        file[name][...] = values

    return spoil


def set_attribute(name, key, value):
    def spoil(file):
        file[name].attrs[key] = value

    return spoil


def shorten(name, length):
    def spoil(file):
        values, attributes = file[name][:], dict(file[name].attrs)
        del file[name]
        file.create_dataset(name, data=np.resize(values, length)) if isinstance(file, h5py.File) else file.create_array(
            name, data=np.resize(values, length)
        )
        file[name].attrs.update(attributes)

    return spoil


SPOILED = {
    f"{matrix} {what}": (spoil, said)
    for matrix in ("X", "raw/X", "layers/counts", "layers/columns", "obsm/sparse", "obsp/connectivities")
    for what, spoil, said in [
        ("offset too large", set_value(f"{matrix}/indptr", 5, 2**30), "do not rise from 0"),
        ("offset falls", set_value(f"{matrix}/indptr", 5, 0), "do not rise from 0"),
        ("first offset", set_value(f"{matrix}/indptr", 0, 1), "do not rise from 0"),
        ("last offset", set_value(f"{matrix}/indptr", -1, 2**30), "one number was expected"),
        ("index too large", set_value(f"{matrix}/indices", 2, 2**30), "indices from 0 to 1073741824"),
        ("index negative", set_value(f"{matrix}/indices", 2, -1), "indices from -1"),
        ("values cut", shorten(f"{matrix}/data", 7), "has 7 values"),
        ("offsets cut", shorten(f"{matrix}/indptr", 7), "has 7 offsets"),
        ("shape of one", set_attribute(matrix, "shape", [N]), "two whole numbers"),
        ("shape negative", set_attribute(matrix, "shape", [N, -1]), "two whole numbers"),
        ("shape larger", set_attribute(matrix, "shape", [N * 9, G * 9]), "offsets.*expected by its shape"),
    ]
}


@pytest.mark.parametrize("backed", [True, False])
@pytest.mark.parametrize("name", ["cells.h5ad", "cells.zarr"])
def test_each_part_of_a_sparse_matrix_is_checked(reader, whole, name, backed):
    wrong = {}
    for what, (spoil, said) in SPOILED.items():
        if name.endswith("zarr") and not what.startswith("X" if backed else "layers/columns"):
            continue  # the same code, slow to read
        if backed and name.endswith("zarr") and "index" in what:
            said = "indices from"  # seen where rows are read
        path = fresh(whole, name)
        store = h5py.File(path, "r+") if name.endswith("h5ad") else zarr.open_group(path, mode="r+")
        spoil(store)
        if name.endswith("h5ad"):
            store.close()
        outcome, message = reader.read(path, backed)
        if outcome != "refused" or not re.search(said, message):
            wrong[what] = (outcome, message)
        remove(path)
    assert wrong == {}


@pytest.mark.parametrize("matrix", ["X", "raw/X"])
def test_a_matrix_without_its_form_is_refused(reader, whole, matrix):
    path = fresh(whole, "cells.h5ad")
    with h5py.File(path, "r+") as file:
        del file[matrix].attrs["encoding-type"]
    for backed in (True, False):
        outcome, said = reader.read(path, backed)
        assert outcome == "refused"
        assert f"{matrix} of" in said
        assert "whether rows or columns are compressed" in said


def test_complex_numbers_in_a_loom_file_are_refused(reader, whole):
    path = fresh(whole, "cells.loom")
    with h5py.File(path, "r+") as file:
        values = file["matrix"][:].astype("c8")
        del file["matrix"]
        file["matrix"] = values
    assert "holds complex64, numbers were expected" in reader.read(path)[1]


@pytest.mark.parametrize("kind", ["<i1", "<u1", "<u2", "<u4", "<u8"])
def test_indices_of_any_kind_of_whole_number_are_read(reader, whole, kind):
    sound, path = reader.read(whole / "cells.h5ad"), fresh(whole, "cells.h5ad")
    with h5py.File(path, "r+") as file:
        values = file["X/indices"][:].astype(kind)
        del file["X/indices"]
        file["X/indices"] = values
    for backed in (True, False):
        assert reader.read(path, backed) == sound


@pytest.mark.parametrize("name", ["cells.h5ad", "cells.zarr"])
def test_a_piece_that_cannot_be_unpacked_is_refused(reader, whole, name):
    path = fresh(whole, name)
    if name.endswith("zarr"):
        piece = next(part for part in (path / "X" / "data").rglob("*") if part.name in ("0", "c/0"))
        piece.write_bytes(piece.read_bytes()[:20])
    else:
        with h5py.File(path, "r+") as file:
            values = file["X/data"][:]
            del file["X/data"]
            packed = file.create_dataset("X/data", data=values, chunks=values.shape, compression="gzip")
            packed.id.write_direct_chunk((0,), b"no such thing")
    for backed in (True, False):
        outcome, said = reader.read(path, backed)
        assert outcome == "refused"
        assert "cannot be read" in said


def test_a_piece_that_was_never_written_is_missed(reader, whole, cells):
    path = fresh(whole, "cells.h5ad")
    with h5py.File(path, "r+") as file:
        size = len(file["X/data"])
        del file["X/data"]
        file.create_dataset("X/data", (size,), "f4", chunks=(10,))[:10] = 1
    assert "1 of" in reader.read(path)[1]
    path = fresh(whole, "cells.zarr")
    next(part for part in (path / "X" / "data").rglob("*") if part.name in ("0", "c/0")).unlink()
    outcome, said = reader.read(path)
    assert outcome == "refused"
    assert "0 of 1 pieces" in said


def test_sound_files_are_taken(reader, whole):
    for name in ("cells.h5ad", "cells.zarr", "cells.h5", "cells.loom", "mtx"):
        for backed in (True, False):
            outcome, said = reader.read(whole / name, backed)
            assert outcome == "taken", said


@pytest.mark.parametrize("name", ["ptr_big", "ptr_back"])
def test_real_files_with_a_broken_offset(reader, shared_data, name):
    path: Path = shared_data / "field" / "broken" / f"{name}.h5ad"
    for backed in (True, False):
        outcome, said = reader.read(path, backed)
        assert outcome == "refused"
        assert "has offsets that do not rise from 0" in said
