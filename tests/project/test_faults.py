"""Killed, starved and damaged runs: a few of each kind; `python benchmarks/faults.py --n 1000` does the rest."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "faults.py"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="faults are done to forked processes")
def test_nothing_is_lost():
    command = [sys.executable, str(SCRIPT), "--n", "9", "--seed", "5", "--until", "text_embedding"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    rows = {row.split("|")[1].strip(): [int(n) for n in row.split("|")[2:-1]] for row in done.stdout.splitlines()[2:]}
    times, *went_on, bad = rows["in all"]
    assert times == sum(went_on) == 9
    assert bad == 0
    assert sum(own[0] > 0 for kind, own in rows.items() if kind != "in all") >= 3
