"""The command `pathlore`, run for real in a copy of the project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[2]


def test_a_file_is_inspected_and_the_next_command_named(tmp_path):
    """No part is replaced: a session of Kedro is opened, and the environment that `pathlore run` reads is written."""
    for name in ("pyproject.toml", "conf", "src"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "local", "zz_*"))
        else:
            shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / "conf" / "local").mkdir(exist_ok=True)
    genes = pd.read_csv(ROOT / "src/pathlore/knowledge/interactions.csv")["source"].unique()[:300]
    counts = np.random.default_rng(0).poisson(2.0, (120, len(genes))).astype(np.float32)
    about = {"condition": ["ctrl", "stim"] * 60, "donor": [f"d{i // 20}" for i in range(120)]}
    cells = anndata.AnnData(counts, obs=pd.DataFrame(about, index=[f"c{i}" for i in range(120)]))
    cells.var_names = list(genes)
    cells.write_h5ad(tmp_path / "mine.h5ad")
    done = subprocess.run(
        [sys.executable, "-m", "pathlore", "inspect", "mine.h5ad"],
        cwd=tmp_path, env=os.environ | {"COLUMNS": "200"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "kedro run --env mine" in done.stdout
    assert (tmp_path / "conf" / "mine" / "parameters.yml").is_file()
