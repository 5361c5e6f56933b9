import os
import subprocess
import sys

import pytest

from pathlore.datasets.locks import DataLocks

TAKE = """
import sys
from pathlib import Path
from pathlore.datasets.locks import DataLocks
from pathlore.errors import PathloreError
folder = Path(sys.argv[1])
try:
    DataLocks(folder).take({n: folder / n for n in sys.argv[2].split()}, {n: folder / n for n in sys.argv[3].split()})
    sys.stdout.write("taken")
except PathloreError as error:
    sys.stdout.write(str(error))
"""


def other_run(folder, reads, writes):
    command = [sys.executable, "-c", TAKE, str(folder), reads, writes]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("reads", "writes", "refused"),
    [("cells", "", ""), ("splits", "", "splits"), ("", "cells", "cells"), ("", "splits", "splits"), ("x", "y", "")],
)
def test_many_read_one_writes(tmp_path, reads, writes, refused):
    locks = DataLocks(tmp_path)
    locks.take({"cells": tmp_path / "cells"}, {"splits": tmp_path / "splits"})
    said = other_run(tmp_path, reads, writes)
    assert said == "taken" if not refused else f"another run works with `{refused}`" in said
    locks.release()
    assert other_run(tmp_path, reads, writes) == "taken"


def test_a_killed_run_holds_nothing(tmp_path):
    code = TAKE + "\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path), "", "cells"], capture_output=True, check=False)
    assert done.returncode == -9
    assert other_run(tmp_path, "", "cells") == "taken"


def test_without_locks_the_run_goes_on(tmp_path, caplog, monkeypatch):
    def refuse(*_):
        raise PermissionError("read-only")

    monkeypatch.setattr(os, "open", refuse)
    DataLocks(tmp_path).take({}, {"cells": tmp_path / "cells"})
    assert "not locked against a second run" in caplog.text


def test_the_message_names_both_ways_out(tmp_path):
    locks = DataLocks(tmp_path)
    locks.take({}, {"cells": tmp_path / "cells"})
    said = other_run(tmp_path, "", "cells")
    assert "wait" in said
    assert "globals.yml" in said
    locks.release()
