"""``mlflow models serve`` on loopback, and calls to it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

SECONDS = 240
"""That a server may take to start, or to answer."""


@contextmanager
def served(folder: Path, model: str, uri: str = "sqlite:///mlflow.db") -> Iterator[str]:
    """Serve a model of the store that lies in a folder; yields the address to call."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", model, "--env-manager", "local"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    environment = {**os.environ, "MLFLOW_TRACKING_URI": uri, "OMP_NUM_THREADS": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    said = folder / "serve.log"
    with said.open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        until = time.monotonic() + SECONDS
        while not _answers(f"http://127.0.0.1:{port}/ping"):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server did not start: {said.read_text()[-2000:]}")
            time.sleep(0.3)
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=20)


def call(address: str, frame: pd.DataFrame, **params: object) -> pd.DataFrame:
    """Send a table of cells, and read the answer."""
    body = {"dataframe_split": frame.to_dict("split"), "params": params}
    request = urllib.request.Request(
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return pd.DataFrame(json.loads(answer.read())["predictions"])


def _answers(address: str) -> bool:
    try:
        return bool(urllib.request.urlopen(address, timeout=2).status == 200)
    except (urllib.error.URLError, OSError):
        return False
