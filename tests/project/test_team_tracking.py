"""Two people record at once, by a tracking server before a PostgreSQL of its own, and a third reads what they did."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

PEOPLE = ("anna", "bert")
TOOLS = {
    name: shutil.which(name) or next((str(path) for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), None)
    for name in ("initdb", "pg_ctl")
}
START = """
import sys
from pathlib import Path

import pandas as pd

from pathlore import tracking
from pathlore.config import TrackingConfig, check
from pathlore.settings import CONFIG_LOADER_ARGS, CONFIG_LOADER_CLASS
from pathlore.tracking import contents

who, settings = sys.argv[1:]
loader = CONFIG_LOADER_CLASS(conf_source=settings, env="team", **CONFIG_LOADER_ARGS)
config = check(TrackingConfig, {**loader["mlflow"], "system_metrics": False}, "mlflow.yml")
run = tracking.open_run(config, {"modeling": {"model": {"width": 32}}}, {"kedro.env": who}, who)
tracking.log_epoch("pooled", {"epoch": 1, "train_loss": 0.5})
tracking.log_epoch("pooled", {"epoch": 2, "train_loss": 0.25})
row = {"population": "pooled", "split": "test", "level": "cell", "method": "pathlore", "metric": "auroc", "value": 0.75}
run.add_final(contents.final_metrics(pd.DataFrame([row])))
runs = tracking.NestedRuns()
for fold in range(2):
    runs.add(f"fold {fold}", f"{who} {fold}", {"fold": str(fold)}, {"fold": fold}, {"auroc": 0.5 + fold / 10})
Path(f"{who}.csv").write_text("path,importance\\nA>B>C,0.5\\n")
run.log_file(Path(f"{who}.csv"), "tables")
run.close("FINISHED")
"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """Address of an empty database on this machine alone; PostgreSQL does not start as root."""
    if None in TOOLS.values():
        pytest.skip("no PostgreSQL server (initdb, pg_ctl) on this machine")
    psycopg2 = pytest.importorskip("psycopg2", reason="psycopg2 is not installed")
    folder, port, password = Path(tempfile.mkdtemp()), free_port(), secrets.token_hex(8)
    runs_as = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "timeout": 180, "text": True}
    if os.getuid() == 0:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
        runs_as["user"] = "nobody"
    (folder / "password").write_text(password)
    (folder / "password").chmod(0o644)  # the folder itself is closed to others
    command = [TOOLS["initdb"], "-D", "data", "-U", "pathlore", "--auth=scram-sha-256", "--pwfile=password", "-N"]
    done = subprocess.run(command, check=False, **runs_as)
    assert done.returncode == 0, done.stderr
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
    control = [TOOLS["pg_ctl"], "-D", "data", "-w", "-t", "120", "-l", "log", "-o", options]
    started = subprocess.run([*control, "start"], check=False, **runs_as)
    assert started.returncode == 0, (folder / "log").read_text()
    address = f"postgresql://pathlore:{password}@127.0.0.1:{port}"
    try:
        connection = psycopg2.connect(f"{address}/postgres")
        connection.autocommit = True
        connection.cursor().execute("create database mlflow")
        connection.close()
        yield f"{address}/mlflow"
    finally:
        subprocess.run([TOOLS["pg_ctl"], "-D", "data", "-m", "immediate", "stop"], check=False, **runs_as)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Address of a tracking server before that database, and the folder where it keeps artifacts."""
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += [
        "--backend-store-uri",
        database.replace("postgresql", "postgresql+psycopg2"),
        "--artifacts-destination",
        str(folder / "artifacts"),
    ]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    try:
        until = time.monotonic() + 240
        while not answers(f"http://127.0.0.1:{port}/health"):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}", folder / "artifacts"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # it ends itself after ten seconds only
        process.wait(20)


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.mark.slow
def test_people_record_at_once_and_read_each_other(server, database, tmp_path, root):
    import psycopg2
    from mlflow import MlflowClient

    address, artifacts = server
    for who in PEOPLE:  # two machines, as far as files go
        (tmp_path / who).mkdir()
    started = [
        subprocess.Popen(
            [sys.executable, "-c", START, who, str(root / "conf")],
            cwd=tmp_path / who,
            env={**os.environ, "PATHLORE_TRACKING_URI": address},
            stderr=subprocess.PIPE,
            text=True,
        )
        for who in PEOPLE
    ]
    errors = [process.communicate(timeout=240)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0], errors

    client = MlflowClient(tracking_uri=address)
    experiment = client.get_experiment_by_name("pathlore/team")
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert set(runs) == {*PEOPLE, *(f"{who} {fold}" for who in PEOPLE for fold in range(2))}
    assert {run.info.status for run in runs.values()} == {"FINISHED"}
    for who in PEOPLE:
        run = runs[who]
        assert run.data.params["modeling.model.width"] == "32"
        assert run.data.tags["kedro.env"] == who
        assert run.data.metrics["auroc"] == 0.75
        curve = client.get_metric_history(run.info.run_id, "epoch/train_loss")
        assert [(point.step, point.value) for point in curve] == [(1, 0.5), (2, 0.25)]
        assert runs[f"{who} 1"].data.tags["mlflow.parentRunId"] == run.info.run_id
        fetched = client.download_artifacts(run.info.run_id, f"tables/{who}.csv", str(tmp_path))
        assert Path(fetched).read_text() == "path,importance\nA>B>C,0.5\n"
        assert [path.name for path in artifacts.rglob("*.csv") if run.info.run_id in path.parts] == [f"{who}.csv"]
        assert not list((tmp_path / who).glob("mlflow.db")), "the run stayed on the machine"
        assert not list((tmp_path / who).glob("mlruns"))

    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from runs where status = 'FINISHED'")
        assert cursor.fetchone() == (6,)
        cursor.execute("select value from params where key = 'modeling.model.width'")
        assert cursor.fetchall() == [("32",), ("32",)]


def test_the_environment_asks_for_an_address(load, monkeypatch):
    from pathlore.errors import PathloreError, user_error

    monkeypatch.delenv("PATHLORE_TRACKING_URI", raising=False)
    with pytest.raises(Exception, match="PATHLORE_TRACKING_URI") as caught:
        load("team")["mlflow"]
    assert isinstance(user_error(caught.value), PathloreError)
    assert load("test")["mlflow"]["tracking_uri"] == "sqlite:///mlflow.db"
    assert load("test")["mlflow"]["artifact_location"] is None
    monkeypatch.setenv("PATHLORE_TRACKING_URI", "http://127.0.0.1:5000")
    for environment in ("team", "test"):
        assert load(environment)["mlflow"]["tracking_uri"] == "http://127.0.0.1:5000"
