"""A disk that is full while cells are saved: one line, though HDF5 complains of every part of the file."""

import subprocess
import sys

CODE = """
import os, resource, sys
import anndata, numpy as np, pandas as pd
from pathlore.datasets.anndata import AnnDataDataset
from pathlore.session import show_errors_in_one_line
show_errors_in_one_line()
cells = anndata.AnnData(np.random.default_rng(0).random((300, 200)), obs=pd.DataFrame({"a": range(300)}).astype(str))
AnnDataDataset(filepath=sys.argv[1]).save(cells)
most = os.path.getsize(sys.argv[1]) - 16000  # all but what is written as the file is closed
os.unlink(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
AnnDataDataset(filepath=sys.argv[1]).save(cells)
"""


def test_one_line_is_written(tmp_path):
    command = [sys.executable, "-W", "ignore", "-c", CODE, str(tmp_path / "cells.h5ad")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    said = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(said) == 1, done.stderr
    assert said[0].startswith("pathlore: a file could not be written")
    assert not list(tmp_path.glob("**/*.h5ad"))
