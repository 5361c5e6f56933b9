"""What holds for every file."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"tests/[\w/]+\.py")


def test_importing_the_package_does_nothing(tmp_path):
    """No device is chosen, nothing heavy is loaded and nothing is written by an import."""
    import sys

    code = (
        "import sys, pathlore, pathlore.config, pathlore.errors, pathlore.keys\n"
        "assert not {'torch', 'mlflow', 'kedro', 'transformers', 'scanpy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def ours():
    """Content of every file in git."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    return {path: path.read_bytes() for path in paths}


@pytest.mark.parametrize("machine", ["/wo" + "rk/", "pypi" + ".org", "file:" + "///", "/ho" + "me/", "/ro" + "ot/"])
def test_no_file_knows_the_machine_it_was_written_on(ours, machine):
    found = [path.relative_to(ROOT).as_posix() for path, content in ours.items() if machine.encode() in content]
    assert found == []


def test_no_large_or_secret_file_is_kept(ours):
    assert {path.name: len(content) for path, content in ours.items() if len(content) > 1_000_000} == {}
    assert not [path for path in ours if path.suffix in (".h5ad", ".pt", ".ckpt", ".pkl", ".db", ".env", ".pem")]
    assert not [path for path in ours if "local" in path.parts and path.name != ".gitkeep"]


def test_files_that_are_named_are_there():
    """Those that `make check` runs, and those that conftest.py puts first."""
    named = [name for file in ("Makefile", "conftest.py") for name in NAMED.findall((ROOT / file).read_text())]
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_environments_of_tests_have_no_name_twice():
    """Without __init__.py, pytest takes the name of a test file as the name of its module."""
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert sorted(names) == sorted(set(names))
    assert not list((ROOT / "tests").rglob("__init__.py"))
