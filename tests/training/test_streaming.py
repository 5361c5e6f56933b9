import os
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from pathlore.datasets.anndata import AnnDataDataset
from pathlore.expression import streaming
from pathlore.expression.streaming import SparseWriter, scratch_folder
from pathlore.schemas import Splits
from pathlore.training import data, replicates
from pathlore.training.data import CellSet, cell_sets, cells_to_sum
from pathlore.training.replicates import donor_means, training_replicates

GENES = ["G7", "G0", "G11", "G3"]


@pytest.fixture
def cells():
    x = sparse.random(60, 12, density=0.3, format="csr", dtype=np.float32, random_state=1)
    return AnnData(
        x, obs=pd.DataFrame(index=[f"c{i}" for i in range(60)]), var=pd.DataFrame(index=[f"G{i}" for i in range(12)])
    )


@pytest.fixture(params=["in the order of the file", "in another order"])
def splits(request):
    table = pd.DataFrame({"cell": [f"c{i}" for i in range(3, 58)]})
    table["label"] = np.arange(55) % 2
    table["condition"] = np.where(table["label"], "case", "control")
    table["split"] = np.resize(["train", "train", "validation", "test", "train"], 55)
    table[["donor", "cell_type", "population"]] = None, None, "pooled"
    return Splits.validate(table if "file" in request.param else table.sample(frac=1.0, random_state=0))


@pytest.fixture
def stored(cells, tmp_path):
    """The cells in a file, opened without reading them."""

    def stored(suffix):
        dataset = AnnDataDataset(filepath=tmp_path / f"cells{suffix}", backed=True)
        dataset.save(cells)
        return dataset.load()

    return stored


@pytest.mark.parametrize("suffix", [".h5ad", ".zarr"])
def test_from_disk_they_are_the_same_as_in_memory(cells, splits, stored, suffix, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "CELLS_PER_BLOCK", 7)
    scratch = tmp_path / "deep" / "scratch"
    data.STREAMS.clear()
    expected, found = cell_sets(cells, splits, GENES), cell_sets(stored(suffix), splits, GENES, str(scratch))
    assert list(found) == list(expected)
    for split, part in found.items():
        other = expected[split]
        assert (part.cells, part.donors) == (other.cells, other.donors)
        np.testing.assert_array_equal(part.labels, other.labels)
        for name in ("data", "indices", "indptr"):
            mine, theirs = getattr(part.x, name), getattr(other.x, name)
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)
        assert part.stored is not None
    (folder,) = scratch.glob("[!.]*")
    again = cell_sets(
        AnnDataDataset(filepath=tmp_path / f"cells{suffix}", backed=True).load(), splits, GENES, str(scratch)
    )
    shared = again["train"].stored.folder is found["train"].stored.folder
    assert shared == (suffix == ".h5ad"), "a file is read once in a run"
    del again
    copy = pickle.loads(pickle.dumps(found["train"]))
    assert isinstance(copy, CellSet)
    assert (copy.x != found["train"].x).nnz == 0
    assert len(pickle.dumps(found["train"])) < len(pickle.dumps(expected["train"]))
    del copy
    assert folder.is_dir(), "the copy does not own the files"
    data.STREAMS.clear()
    del found, part
    assert not scratch.exists()


def test_prepared_cells_that_map_a_file_are_streamed_too(cells, splits, tmp_path, monkeypatch):
    """`prepare_cells` gives such ones: as rows of all genes in memory they would be as large as the file."""
    monkeypatch.setattr(data, "CELLS_PER_BLOCK", 7)
    writer = SparseWriter(scratch_folder(str(tmp_path)), "cells", cells.n_vars)
    writer.add(cells.X)
    rows, mapped = writer.close(), cells.copy()
    mapped.X = rows.open()
    expected, found = (cell_sets(one, splits, GENES, str(tmp_path), GENES[:2]) for one in (cells, mapped))
    for split, part in found.items():
        assert (part.x != expected[split].x).nnz == 0
        assert (part.wide.x != expected[split].wide.x).nnz == 0
        assert (part.stored is not None, expected[split].stored is None) == (True, True)


@pytest.mark.parametrize("suffix", [".h5ad", ".zarr"])
def test_both_sets_of_genes_are_read_in_one_pass(cells, splits, stored, suffix, tmp_path, monkeypatch):
    wide = [*GENES, "G1", "G2"]
    expected, read = cell_sets(cells, splits, GENES, wide=wide), []
    look = data.in_memory
    monkeypatch.setattr(data, "in_memory", lambda rows: read.append(rows.shape) or look(rows))
    monkeypatch.setattr(data, "CELLS_PER_BLOCK", 20)
    opened = stored(suffix)
    found = cell_sets(opened, splits, GENES, str(tmp_path / "scratch"), wide)
    assert len(read) == 3
    for split, part in found.items():
        assert part.wide.genes == wide
        assert (part.x != expected[split].x).nnz == 0
        assert (part.wide.x != expected[split].wide.x).nnz == 0
    if suffix == ".h5ad":
        cell_sets(opened, splits, GENES, str(tmp_path / "scratch"))
        assert len(read) == 3, "what was written is there"
        cell_sets(opened, splits, GENES[:2], str(tmp_path / "scratch"))
        cell_sets(opened, splits.iloc[1:], GENES, str(tmp_path / "scratch"))
        assert len(read) == 9, "of other genes and cells it is not"
    data.STREAMS.clear()


@pytest.mark.parametrize("suffix", [None, ".h5ad", ".zarr"])
def test_sums_over_all_genes_read_the_file_once_and_copy_nothing(cells, splits, stored, suffix, tmp_path, monkeypatch):
    splits = splits.assign(donor=[f"donor {int(cell[1:]) % 3}" for cell in splits["cell"]])
    expected = donor_means(cell_sets(cells, splits, cells.var_names).values(), 1)
    monkeypatch.setattr(replicates, "CELLS_PER_BLOCK", 13)
    read, look = [], replicates.in_memory
    monkeypatch.setattr(replicates, "in_memory", lambda rows: read.append(rows.shape) or look(rows))
    sets = cells_to_sum(cells if suffix is None else stored(suffix), splits)
    found = donor_means(sets.values(), 1)
    assert len(read) == 5  # 60 cells
    np.testing.assert_allclose(found.log_means, expected.log_means, rtol=1e-12)
    assert found.donors == expected.donors
    np.testing.assert_array_equal(found.classes, expected.classes)
    alone = training_replicates(sets["train"])
    np.testing.assert_allclose(
        alone.log_means, training_replicates(cell_sets(cells, splits, cells.var_names)["train"]).log_means, rtol=1e-12
    )


def test_cells_in_memory_leave_no_files(cells, splits, tmp_path):
    cell_sets(cells, splits, GENES, str(tmp_path / "scratch"))
    assert not (tmp_path / "scratch").exists()


def test_what_killed_runs_have_left_is_removed(tmp_path):
    script = "import os, sys; from pathlore.expression.streaming import scratch_folder\n"
    script += "folder = scratch_folder(sys.argv[1]); os._exit(0)"
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    (left,) = tmp_path.iterdir()
    (tmp_path / "thesis.docx").touch()
    mine = scratch_folder(str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {mine.path.name, "thesis.docx"}
    again = scratch_folder(str(tmp_path))
    assert mine.path.is_dir() and again.path.is_dir() and not left.exists()  # noqa: PT018


def test_a_forked_process_does_not_remove_the_files(tmp_path):
    folder = scratch_folder(str(tmp_path))
    process = os.fork()
    if not process:
        folder._remove()
        os._exit(0)
    os.waitpid(process, 0)
    assert folder.path.is_dir()


def test_more_values_than_a_short_index_can_count(tmp_path, monkeypatch):
    x = sparse.random(9, 5, density=0.5, format="csr", dtype=np.float32, random_state=2)
    writer = SparseWriter(scratch_folder(str(tmp_path)), "train", 5)
    writer.add(x[:4])
    writer.add(x[4:])
    monkeypatch.setattr(streaming, "MOST_SHORT", x.nnz - 1)
    rows = writer.close()
    assert rows.index == "int64"
    assert (rows.folder.path / "train.indices").stat().st_size == 8 * x.nnz
    assert (rows.open() != x).nnz == 0


def test_an_empty_split(tmp_path):
    rows = SparseWriter(scratch_folder(str(tmp_path)), "test", 3).close()
    assert rows.open().shape == (0, 3)


@pytest.mark.parametrize("suffix", [".h5ad", pytest.param(".zarr", marks=pytest.mark.slow)])
def test_a_cohort_larger_than_memory(tmp_path, suffix):
    """100,000 cells and 1,500 genes of the graph: 572 MiB dense, 114 MiB sparse, of which the process holds little."""
    n, measured, wanted = 100_000, 3000, 1500
    rng = np.random.default_rng(0)
    tenth = sparse.random(n // 10, measured, density=0.1, format="csr", dtype=np.float32, random_state=rng)
    cells, genes = (pd.DataFrame(index=[f"{letter}{i}" for i in range(k)]) for letter, k in (("c", n), ("G", measured)))
    adata = AnnData(sparse.vstack([tenth] * 10, format="csr"), obs=cells, var=genes)
    path = tmp_path / f"cells{suffix}"
    AnnDataDataset(filepath=path, compression=None).save(adata)
    script = f"""
import numpy as np, pandas as pd
from pathlore.datasets.anndata import AnnDataDataset
from pathlore.training.batches import Batches, loader
from pathlore.training.data import cell_sets
import torch

def resident():  # memory of its own, without pages of files
    fields = dict(line.split(":") for line in open("/proc/self/status") if line.startswith("RssAnon"))
    return int(fields["RssAnon"].split()[0]) / 1024

splits = pd.DataFrame({{"cell": [f"c{{i}}" for i in range({n})], "label": np.arange({n}) % 2, "donor": None}})
splits["split"] = np.resize(["train"] * 8 + ["validation", "test"], {n})
cells = AnnDataDataset(filepath={str(path)!r}, backed=True).load()
before, most = resident(), 0
data = cell_sets(cells, splits, [f"G{{i}}" for i in range({wanted})], {str(tmp_path)!r})
most = resident()
batches = Batches(len(data["train"]), 64, 0, 1)
batches.draw(torch.default_generator)
for x, labels in loader(data["train"], batches, 0, pin_memory=False):
    most = max(most, resident())
assert x.shape == (64, {wanted})
print(most - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[-1]) < 90, "MiB above what the process had with the file open"
