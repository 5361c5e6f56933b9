"""The server or database of runs: what of its address is shown, how long it is waited for, what becomes of folders."""

import logging
import os
import re
import shutil
import socket
import sqlite3
import threading
import time

import mlflow
import pytest
from filelock import FileLock

from pathlore.config import TrackingConfig, check
from pathlore.errors import PathloreError, without_logins
from pathlore.tracking.store import LOCK, absolute, open_experiment, shown

SECRET = "s3cr3t"
ADDRESSES = [
    f"postgresql://mlflow:{SECRET}@db.example.org:5432/runs",
    f"postgresql://mlflow:a/{SECRET}@db.example.org/runs",
    f"postgresql://mlflow:a@{SECRET}@db.example.org/runs",
    f"postgresql://mlflow:a@{SECRET}/b@db.example.org/runs",
    f"postgresql://mlflow:a@b/{SECRET}@db.example.org/runs",
    f"postgresql://mlflow:a?{SECRET}@db.example.org/runs",
    f"postgresql://mlflow:a#{SECRET}@db.example.org/runs",
    f"postgresql://mlflow:a:{SECRET}@db.example.org/runs",
    f"postgresql://mlflow:{SECRET}/runs",
    f"postgresql://mlflow:%40{SECRET}@db.example.org/runs",
    f"postgresql+psycopg2:///runs?host=/run&user=a&password={SECRET}",
    f"mysql+pymysql://db.example.org/runs?ssl_key=/{SECRET}",
    f"https://{SECRET}@mlflow.example.org",
    f"https://mlflow.example.org/?token={SECRET}",
    f"https://mlflow.example.org/{SECRET}/api",
    f"mlflow:{SECRET}@db.example.org/runs",
    f"postgresql//mlflow:{SECRET}@db.example.org",
    f" postgresql://mlflow:{SECRET}@db.example.org",
    f"postgresql:/mlflow:{SECRET}@db.example.org",
]


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = mlflow.get_tracking_uri()

    def make(**changes):
        values = {
            **{"enabled": True, "tracking_uri": "sqlite:///mlflow.db", "artifact_location": None, "experiment": "e"},
            **{"run_name": None, "pipelines": [], "system_metrics": False, "system_metrics_interval": 5, "wait": 1},
        }
        return TrackingConfig(**values | changes)

    yield make
    mlflow.set_tracking_uri(before)


def test_the_sha_of_an_address_has_no_secret():
    for address in ADDRESSES:
        assert SECRET not in shown(address), address
    assert shown(ADDRESSES[0]) == "postgresql://***@db.example.org:5432/runs"
    assert shown("http://127.0.0.1:5000") == "http://127.0.0.1:5000"
    assert shown("https://[::1]:5000") == "https://[::1]:5000"
    assert shown("sqlite:////a b/runs@home.db") == "sqlite:////a b/runs@home.db"
    assert (shown("file:./mlruns"), shown("mlruns")) == ("file:./mlruns", "mlruns")


@pytest.mark.parametrize("address", [a for a in ADDRESSES if "://" in a])
def test_no_error_shows_a_secret(config, address, caplog, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: (_ for _ in ()).throw(OSError("refused")))
    for action in (
        lambda: open_experiment(config(tracking_uri=address, wait=0)),
        lambda: check(TrackingConfig, config().model_dump() | {"tracking_url": address}, "mlflow.yml"),
    ):
        with pytest.raises(PathloreError) as caught:
            action()
        if not address.endswith("/api"):  # the second shows a path of an address, not a login
            assert SECRET not in str(caught.value) + caplog.text


def test_texts_lose_logins_and_keys():
    assert without_logins(f"at https://a:b@c/{SECRET}@h.org/x?key={SECRET}&format=tsv") == (
        "at https://***@h.org/x?key=***&format=tsv"
    )
    assert without_logins("https://example.org/a?format=tsv and me@example.org") == (
        "https://example.org/a?format=tsv and me@example.org"
    )


def test_a_lock_that_is_held_is_said_at_once_and_ends_in_an_error(config, caplog):
    with FileLock(LOCK):
        began = time.monotonic()
        with pytest.raises(PathloreError, match=r"another run has held .*\.mlflow\.lock for 1 s"):
            open_experiment(config())
        assert time.monotonic() - began < 10
    assert "waiting for another run, which holds" in caplog.text


@pytest.mark.parametrize("name", ["mlflow.db", LOCK])
def test_a_folder_in_the_place_of_a_file(config, tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(PathloreError, match=rf"{re.escape(name)} is a folder"):
        open_experiment(config())


def test_a_folder_that_is_not_there(config, tmp_path):
    with pytest.raises(PathloreError, match="there is no folder"):
        open_experiment(config(tracking_uri=f"sqlite:///{tmp_path}/nowhere/mlflow.db"))


def test_a_server_that_is_away_is_waited_for(config, caplog):
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    began = time.monotonic()
    with pytest.raises(PathloreError, match=rf"127\.0\.0\.1:{port} cannot be reached .* tried for 1 s"):
        open_experiment(config(tracking_uri=f"http://127.0.0.1:{port}"))
    assert 1 <= time.monotonic() - began < 10
    assert f"waiting for http://127.0.0.1:{port}" in caplog.text


def test_a_silent_server_is_named_and_given_up(config, caplog, monkeypatch):
    monkeypatch.setattr("pathlore.tracking.store.PATIENCE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(PathloreError, match="did not give the experiment"):
            open_experiment(config(tracking_uri=address))
    assert f"waiting for the answer of {address}" in caplog.text
    assert "MLFLOW_HTTP_REQUEST_TIMEOUT" not in os.environ


def test_a_server_that_comes_back_is_taken(config, monkeypatch):
    """Only the connection is tried here: what is behind it is MLflow's."""
    from pathlore.tracking import store

    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    servers = []
    timer = threading.Timer(0.5, lambda: servers.append(socket.create_server(("127.0.0.1", port))))
    timer.start()
    try:
        store._reach(f"http://127.0.0.1:{port}", 20)
    finally:
        timer.join()
        servers[0].close()


def test_a_deleted_experiment_is_restored(config, caplog, tmp_path, empty_database):
    shutil.copy(empty_database, tmp_path)
    first = open_experiment(config())
    mlflow.MlflowClient().delete_experiment(first)
    assert open_experiment(config()) == first
    assert "the experiment e was deleted and is restored" in caplog.text
    assert mlflow.get_experiment(first).lifecycle_stage == "active"


def test_a_copied_project_records_in_its_own_folder(config, tmp_path, monkeypatch, caplog, empty_database):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    shutil.copy(empty_database, old)
    monkeypatch.chdir(old)
    open_experiment(config())
    with mlflow.start_run() as run:
        mlflow.log_text("old", "a.txt")
    shutil.copytree(old, new)
    monkeypatch.chdir(new)
    with caplog.at_level(logging.WARNING, "pathlore"):
        open_experiment(config())
    assert "this project was copied or moved" in caplog.text
    with mlflow.start_run() as second:
        mlflow.log_text("new", "b.txt")
    assert not list(old.rglob("b.txt"))
    assert [path.is_relative_to(new / "mlruns") for path in tmp_path.rglob("b.txt")] == [True]
    assert mlflow.get_run(run.info.run_id).info.artifact_uri.startswith(str(new))
    assert mlflow.get_run(second.info.run_id).info.artifact_uri.startswith(str(new))
    with sqlite3.connect(old / "mlflow.db") as store:
        assert str(new) not in str(store.execute("select artifact_uri from runs").fetchall())
    caplog.clear()
    open_experiment(config())
    assert "copied" not in caplog.text


def test_a_place_for_artifacts_that_was_chosen_stays(config, tmp_path, empty_database):
    shutil.copy(empty_database, tmp_path)
    open_experiment(config(artifact_location=str(tmp_path / "else" / "mlruns" / "e")))
    open_experiment(config(artifact_location=str(tmp_path / "else" / "mlruns" / "e")))
    assert mlflow.get_experiment_by_name("e").artifact_location.endswith("else/mlruns/e")


def test_a_file_of_runs_starts_at_the_folder_of_the_process(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert absolute("sqlite:///mlflow.db") == f"sqlite:///{tmp_path}/mlflow.db"
