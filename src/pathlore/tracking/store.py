"""The server or database of runs: reached within a limit, shown without its secrets, with an experiment in it."""

import logging
import os
import re
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pathlore.config import TrackingConfig
from pathlore.errors import PathloreError, user_error, without_logins

logger = logging.getLogger(__name__)

ADDRESS = "MLFLOW_TRACKING_URI"
"""Variable in which a user may name the store of runs."""

LOCK = ".mlflow.lock"
"""File by which runs that start together wait for each other while the first makes database and experiment."""
EXPERIMENT_KIND = "mlflow.experimentKind"
"""Tag by which MLflow's pages show an experiment as model training."""
REMEDY = (
    "check PATHLORE_TRACKING_URI, MLFLOW_TRACKING_URI or `tracking_uri` in mlflow.yml, or set `enabled: false` there"
)
PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "mssql": 1433}
PATIENCE = 2.0
"""Seconds without an answer after which a line says what is waited for."""

PATH = re.compile(r"(file:)?[\w./~ -]*")
HOST = re.compile(r"[\w.-]+|[0-9a-fA-F:]*:[0-9a-fA-F:]*")
PLACES = {"experiments": "artifact_location", "runs": "artifact_uri", "logged_models": "artifact_location"}
"""Tables and columns of MLflow's database that hold where artifacts lie."""


def open_experiment(config: TrackingConfig) -> str:
    """Reach the store, and make the experiment or restore it if it was deleted.

    Returns
    -------
    The experiment's id.

    Raises
    ------
    PathloreError
        The store cannot be reached within ``config.wait`` seconds, is no store, or refuses.
    """
    import mlflow

    address = absolute(config.tracking_uri)
    _reach(address, config.wait)
    before = os.environ.get(ADDRESS)
    mlflow.set_tracking_uri(address)
    # MLflow leaves its address in the environment, where the next project would take it for the user's.
    os.environ.pop(ADDRESS, None)
    if before is not None:
        os.environ[ADDRESS] = before
    with _alone(config.wait), _patiently(address, config.wait):
        try:
            experiment_id = _experiment(config)
        except Exception as error:  # a damaged database raises what the library below MLflow raises
            if user_error(error) is not None:
                raise
            raise PathloreError(
                f"{shown(address)} did not give the experiment {config.experiment} ({reason(error, address)}), a "
                f"server or database of runs was expected there: {REMEDY} (a damaged file of runs: move it away)"
            ) from error
        if config.artifact_location is None:
            _rebase(address)
    return experiment_id


def shown(address: str) -> str:
    """Write an address without logins and options; what is not understood is not shown.

    Examples
    --------
    >>> shown("postgresql://mlflow:se/cret@127.0.0.1:5432/mlflow"), shown("sqlite:///mlflow.db")
    ('postgresql://***@127.0.0.1:5432/mlflow', 'sqlite:///mlflow.db')
    >>> shown("https://example.org/a?password=b"), shown("postgresql://u:p@ss/word@host/x"), shown("u:p@host")
    ('https://example.org/...?...', 'postgresql://...', 'an address that is not understood')
    """
    from sqlalchemy.engine import make_url

    if PATH.fullmatch(address):
        return address
    try:
        url = make_url(address)
        port = f":{int(url.port)}" if url.port else ""
    except Exception:  # of several kinds, and some repeat the address
        return "an address that is not understood"
    database, host = url.database or "", url.host or ""
    if url.drivername.startswith("sqlite"):
        return f"{url.drivername}:///{database}"
    if (host and not HOST.fullmatch(host)) or not PATH.fullmatch(database):
        return f"{url.drivername}://..."
    host = f"[{host}]" if ":" in host else host
    login = "***@" if url.username or url.password else ""
    place = "/..." if database and url.drivername in ("http", "https") else f"/{database}" if database else ""
    return f"{url.drivername}://{login}{host}{port}{place}{'?...' if url.query else ''}"


def absolute(address: str) -> str:
    """Write a database's file with its whole path: MLflow keeps one connection for each address, in whatever folder.

    Examples
    --------
    >>> absolute("sqlite:////data/runs.db"), absolute("https://127.0.0.1:5000")
    ('sqlite:////data/runs.db', 'https://127.0.0.1:5000')
    """
    scheme, found, place = address.partition("sqlite:///")
    return f"sqlite:///{Path(place).absolute().as_posix()}" if found and not scheme and place else address


def _reach(address: str, wait: float) -> None:
    """Wait for a server to take a connection; a file must not be a folder."""
    file = _file(address)
    if file is not None:
        if file.is_dir() or not file.parent.is_dir():
            found = f"{file} is a folder" if file.is_dir() else f"there is no folder {file.parent}"
            raise PathloreError(f"{found}, a database file of runs was expected: move it away, or {REMEDY}")
        return
    place = _host_and_port(address)
    if place is None:
        _connect(address)
        return
    end, said = time.monotonic() + wait, False
    while True:
        try:
            socket.create_connection(place, timeout=max(0.1, end - time.monotonic())).close()
            return
        except OSError as error:
            reason = error.strerror or str(error) or type(error).__name__
        if time.monotonic() >= end:
            raise PathloreError(
                f"{shown(address)} cannot be reached ({reason}), tried for {wait:g} s (`wait` in mlflow.yml): start "
                f"the server, or {REMEDY}"
            )
        if not said:
            logger.warning("MLflow: waiting for %s (%s), at most %g s", shown(address), reason, wait)
            said = True
        time.sleep(min(1.0, max(0.0, end - time.monotonic())))


def _connect(address: str) -> None:
    """Ask a database once whose place the address does not name openly: MLflow asks ten times, for 100 seconds."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    try:
        create_engine(address).connect().close()
    except (ArgumentError, NoSuchModuleError, ValueError):
        return  # no address of a database; MLflow decides
    except (DBAPIError, ImportError) as error:
        raise PathloreError(
            f"{shown(address)} cannot be reached ({reason(error, address)}), a database of runs was expected there: "
            f"start the server, or {REMEDY}"
        ) from error


def _file(address: str) -> Path | None:
    """The file of an SQLite address."""
    scheme, found, place = address.partition(":///")
    return Path(place.partition("?")[0]) if found and scheme.startswith("sqlite") and place else None


def _host_and_port(address: str) -> tuple[str, int] | None:
    """Where a server listens; None where nobody can say, or a proxy stands between."""
    from sqlalchemy.engine import make_url

    try:
        url = make_url(address)
    except Exception:  # no address of a server; MLflow decides
        return None
    if shown(address).endswith("://..."):
        return None
    scheme = url.drivername.partition("+")[0]
    port = url.port or PORTS.get(scheme)
    if not url.host or not port or (scheme in getproxies() and not proxy_bypass(url.host)):
        return None
    return url.host, port


@contextmanager
def _alone(wait: float) -> Iterator[None]:
    """Keep other runs of this project from making the database at the same time."""
    from filelock import FileLock, Timeout

    lock, path = FileLock(LOCK), Path(LOCK).absolute()
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            logger.warning("MLflow: waiting for another run, which holds %s, at most %g s", path, wait)
            lock.acquire(timeout=wait)
    except Timeout as error:
        raise PathloreError(
            f"another run has held {path} for {wait:g} s (`wait` in mlflow.yml), a moment was expected: end the run "
            "that stands still, then start again"
        ) from error
    except IsADirectoryError as error:
        raise PathloreError(f"{path} is a folder, a file was expected: move it away") from error
    try:
        yield
    finally:
        lock.release()


def limited(wait: float) -> Callable[[], None]:
    """Limit how long MLflow asks a silent server, but for what the user has set; the answer lifts the limits."""
    limits = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": str(max(1, round(wait / 2)))}
    limits["PGCONNECT_TIMEOUT"] = str(max(2, round(wait)))
    added = {name: value for name, value in limits.items() if name not in os.environ}
    os.environ.update(added)

    def lift() -> None:
        for name in added:
            os.environ.pop(name, None)

    return lift


def answers(client: Any, run_id: str, wait: float = 0.0) -> bool:
    """Whether the store of runs knows a run; a server is waited for."""
    try:
        _reach(absolute(client.tracking_uri), wait)
        client.get_run(run_id)
    except Exception:  # of any library below
        return False
    return True


@contextmanager
def _patiently(address: str, wait: float) -> Iterator[None]:
    """Say what is waited for if there is no answer, and limit how long MLflow asks a silent server."""
    said = ("MLflow: waiting for the answer of %s, at most about %g s", shown(address), wait)
    if _file(address) is not None:
        said = ("MLflow: preparing %s%s", shown(address), "")  # type: ignore[assignment]
    timer = threading.Timer(PATIENCE, logger.warning if _file(address) is None else logger.info, said)
    timer.daemon = True
    timer.start()
    lift = limited(wait)
    try:
        yield
    finally:
        timer.cancel()
        lift()


def _experiment(config: TrackingConfig) -> str:
    """Id of the experiment; on a server, another user may make it in the same moment."""
    import mlflow
    from mlflow.exceptions import MlflowException

    known = mlflow.get_experiment_by_name(config.experiment)
    if known is None:
        tags = {EXPERIMENT_KIND: "custom_model_development"}
        try:
            mlflow.create_experiment(config.experiment, config.artifact_location, tags=tags)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        known = mlflow.get_experiment_by_name(config.experiment)
    if known.lifecycle_stage == "deleted":
        mlflow.MlflowClient().restore_experiment(known.experiment_id)
        logger.warning("MLflow: the experiment %s was deleted and is restored, with its runs", config.experiment)
    mlflow.set_experiment(experiment_id=known.experiment_id)
    return str(known.experiment_id)


def _rebase(address: str) -> None:
    """Let the database of a project that was copied or moved name the artifacts beside it, not those of the old place.

    MLflow keeps whole paths. Where a database in a file names ``<another folder>/mlruns/...``, and no place for
    artifacts was configured, the other folder is where the project was.
    """
    file = _file(address)
    if file is None:
        return
    here = Path("mlruns").absolute().as_posix()
    with closing(sqlite3.connect(file, timeout=10)) as store, store:
        known = {row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table, column in PLACES.items():
            if table not in known:
                continue
            rows = store.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall()
            changes = {value: new for (value,) in rows if value and (new := _moved(value, here)) != value}
            for old, new in changes.items():
                store.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (new, old))
            if changes and table == "experiments":
                logger.warning("MLflow: this project was copied or moved: its runs name the artifacts in %s now", here)


def _moved(place: str, here: str) -> str:
    """Where an artifact of the default folder lies in this project.

    Examples
    --------
    >>> _moved("/old/mlruns/1/abc/artifacts", "/new/mlruns"), _moved("s3://bucket/mlruns/1", "/new/mlruns")
    ('/new/mlruns/1/abc/artifacts', 's3://bucket/mlruns/1')
    """
    parts = urlsplit(place)
    before, found, rest = parts.path.partition("/mlruns/")
    if parts.scheme not in ("", "file") or not found or f"{before}/mlruns" == here:
        return place
    return f"{'file://' if parts.scheme else ''}{here}/{rest}"


def reason(error: Exception, address: str) -> str:
    """The first line of an error, without what the address keeps secret."""
    from sqlalchemy.engine import make_url

    if shown(address).endswith(("understood", "://...")):
        return type(error).__name__
    secrets: list[Any] = [address]
    if not PATH.fullmatch(address):
        url = make_url(address)
        secrets += [url.password, *url.query.values(), *address.partition("?")[2].split("&")]
    text = str(error).strip().partition("\n")[0]
    for secret in secrets:
        for form in (str(secret), re.sub(r"[^\w.~-]", lambda sign: f"%{ord(sign[0]):02X}", str(secret))):
            text = text.replace(form, "***") if secret else text
    return without_logins(text)[:300]
