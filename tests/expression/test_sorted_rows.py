"""Rows that come in one order and are wanted in another, through files."""

import gc

import numpy as np
import pytest
from scipy import sparse

from pathlore.expression import streaming
from pathlore.expression.streaming import SortedRows, scratch_folder


@pytest.fixture
def rows():
    return sparse.random(50, 9, density=0.3, format="csr", dtype=np.float32, random_state=0)


@pytest.mark.parametrize("per_bucket", [1, 7, 50])
@pytest.mark.parametrize("order", ["as they are", "turned"])
def test_they_are_sorted_to_the_bit_and_their_files_go_with_them(rows, tmp_path, per_bucket, order):
    places = np.arange(50) if order == "as they are" else np.random.default_rng(1).permutation(50)
    came = np.flatnonzero(places % 5)  # every fifth place stays empty
    store = SortedRows(scratch_folder(str(tmp_path / "scratch")), 50, 9, per_bucket)
    for some in np.array_split(came, 4):
        store.add(rows[some], places[some])
    found = store.close()
    del store
    expected = rows[came[np.argsort(places[came])]]
    for part in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(found, part), getattr(expected, part))
    assert not found.data.flags.writeable, "it is mapped from the file"
    (folder,) = (tmp_path / "scratch").glob("pathlore-cells-*")
    assert len([path for path in folder.iterdir() if path.suffix == ".data"]) == 1, "the buckets are gone"
    del found
    gc.collect()
    assert not (tmp_path / "scratch").exists()


def test_many_rows_have_few_files(rows, tmp_path, monkeypatch):
    monkeypatch.setattr(streaming, "MOST_BUCKETS", 4)
    store = SortedRows(scratch_folder(str(tmp_path)), 50, 9, 1)
    store.add(rows, np.arange(50)[::-1].copy())
    assert len(list(tmp_path.rglob("*.data"))) == 4
    np.testing.assert_array_equal(store.close().toarray(), rows.toarray()[::-1])
