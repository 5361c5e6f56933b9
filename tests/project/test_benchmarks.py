"""The benchmarks start; what they measure is no matter for a test."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


def run(*arguments):
    return subprocess.run([sys.executable, *arguments], cwd=FOLDER, capture_output=True, text=True, check=False)


SCRIPTS = [
    "cell_communication.py",
    "check_atlas.py",
    "cohort_size.py",
    "elsewhere.py",
    "embedding.py",
    "gene_attention.py",
    "fit_settings.py",
    "outside_the_step.py",
    "paths.py",
    "prediction.py",
    "run_profile.py",
    "scaling.py",
    "significance.py",
    "start_up.py",
    "training_step.py",
]


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_says_what_it_wants(name, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(FOLDER / name), run_name="__main__")
    assert not ended.value.code
    assert "usage" in capsys.readouterr().out


def test_the_tables_are_timed(capsys):
    runpy.run_path(str(FOLDER / "tables.py"), run_name="__main__")
    assert capsys.readouterr().out.splitlines()[-1].startswith("in all | ")


@pytest.mark.slow
def test_a_training_step_is_held_against_its_references():
    chosen = ["--only", "ours without text, fp32", "ours, bf16"]  # each is a process with its imports
    done = run("training_step.py", "--sizes", "40,30,2", "--rounds", "1", *chosen)
    assert done.returncode == 0, done.stderr
    assert "not run" not in done.stdout
    ratios = done.stdout.rsplit("\n\n", 1)[-1].splitlines()
    for model in ("predecessor, fp32 / ours without text, fp32", "plain, fp32 / ours, bf16"):
        assert any(re.match(rf"40,30,2: {model}: time \d+\.\dx, memory \d+\.\dx", line) for line in ratios), ratios


def test_seconds_of_a_child_that_has_ended_count(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    sampler_of = runpy.run_path(str(FOLDER / "cohort_size.py"))["Sampler"]
    busy = "import time\nwhile time.process_time() < 0.5: pass"
    parent = f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {busy!r}]); time.sleep(0.5)"
    with subprocess.Popen([sys.executable, "-c", parent]) as process:
        sampler = sampler_of(process.pid)
    sampler.stop()
    assert 0.45 < sampler.cpu < 2
