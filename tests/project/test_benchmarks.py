"""The benchmarks start; what they measure is no matter for a test."""

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


def run(*arguments):
    return subprocess.run([sys.executable, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["check_atlas.py", "embedding.py", "paths.py"])
def test_each_says_what_it_wants(name):
    done = run(name, "--help")
    assert done.returncode == 0, done.stderr
    assert "usage" in done.stdout


def test_the_tables_are_timed():
    done = run("tables.py")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("in all | ")
