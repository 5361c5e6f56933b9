"""What a user is told."""

import errno
import os
import pickle
import sqlite3

import h5py
import numpy as np
import pytest

from pathlore.errors import PathloreError, user_error

resource = pytest.importorskip("resource")


@pytest.fixture
def full_disk():
    """No file can grow beyond a kilobyte: the system itself refuses."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_message_is_one_line_of_names_of_a_length():
    error = PathloreError(f"cells called a\nb\r\x85c and {'x' * 3000}")
    assert str(error).startswith(r"cells called a\nb\r\x85c and xxx")
    assert len(str(error)) < 400
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_ours_is_found_behind_others():
    outer = RuntimeError("outer")
    outer.__cause__ = PathloreError("2 cells")
    assert str(user_error(outer)) == "2 cells"
    assert user_error(RuntimeError("a fault of the program")) is None


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_by_its_number(code):
    said = str(user_error(OSError(code, os.strerror(code), "/data/cells.h5ad")))
    assert said.startswith("/data/cells.h5ad could not be written")
    assert "--only-missing-outputs" in said


def test_a_full_disk_as_libraries_say_it(tmp_path, full_disk):
    def table():
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file["x"] = np.arange(10_000)

    def tensors():
        from safetensors.numpy import save_file

        save_file({"x": np.arange(10_000)}, tmp_path / "a.safetensors")

    def database():
        with sqlite3.connect(tmp_path / "a.db") as connection:
            connection.execute("CREATE TABLE t (x TEXT)")
            connection.execute("INSERT INTO t VALUES (?)", ("x" * 100_000,))

    def checkpoint():
        import torch

        torch.save({"x": torch.zeros(10_000)}, tmp_path / "a.pt")

    told = {}
    for write in (table, tensors, database, checkpoint):
        try:
            write()
        except Exception as error:
            told[write.__name__] = user_error(error) is not None
    assert told == {"table": True, "tensors": True, "database": True, "checkpoint": True}


def test_a_file_that_must_not_be_opened():
    said = str(user_error(PermissionError(errno.EACCES, "Permission denied", "/data/cells.h5ad")))
    assert said.startswith("/data/cells.h5ad cannot be opened or written (Permission denied)")
