"""What a user is told."""

import errno
import json
import os
import pickle
import subprocess
import sys

import pytest

from pathlore.errors import PathloreError, user_error


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


WRITES = """
import json, resource, sqlite3, sys
from pathlib import Path

import h5py
import numpy as np
import torch
from safetensors.numpy import save_file

from pathlore.errors import user_error

folder = Path(sys.argv[1])


def table():
    with h5py.File(folder / "a.h5", "w") as file:
        file["x"] = np.arange(10_000)


def tensors():
    save_file({"x": np.arange(10_000)}, folder / "a.safetensors")


def database():
    with sqlite3.connect(folder / "a.db") as connection:
        connection.execute("CREATE TABLE t (x TEXT)")
        connection.execute("INSERT INTO t VALUES (?)", ("x" * 100_000,))


def checkpoint():
    torch.save({"x": torch.zeros(10_000)}, folder / "a.pt")


resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
told = {}
for write in (table, tensors, database, checkpoint):
    try:
        write()
    except Exception as error:
        told[write.__name__] = user_error(error) is not None
print(json.dumps(told))
"""


def test_a_full_disk_as_libraries_say_it(tmp_path):
    """No file can grow beyond a kilobyte, in a process of its own: the system itself refuses."""
    said = subprocess.run([sys.executable, "-c", WRITES, str(tmp_path)], capture_output=True, text=True, check=True)
    assert json.loads(said.stdout) == {"table": True, "tensors": True, "database": True, "checkpoint": True}


def test_a_file_that_must_not_be_opened():
    said = str(user_error(PermissionError(errno.EACCES, "Permission denied", "/data/cells.h5ad")))
    assert said.startswith("/data/cells.h5ad cannot be opened or written (Permission denied)")
