"""The command `pathlore`, run for real in a copy of the project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_file_is_inspected_and_the_next_command_named(tmp_path, small_cells):
    """No part is replaced: a session of Kedro is opened, and the environment that `pathlore run` reads is written."""
    for name in ("pyproject.toml", "conf", "src"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "local", "zz_*"))
        else:
            shutil.copy2(ROOT / name, tmp_path / name)
    small_cells.write_h5ad(tmp_path / "mine.h5ad")
    done = subprocess.run(
        [sys.executable, "-m", "pathlore", "inspect", "mine.h5ad"],
        cwd=tmp_path, env=os.environ | {"COLUMNS": "200"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "kedro run --env mine" in done.stdout
    assert (tmp_path / "conf" / "mine" / "parameters.yml").is_file()
