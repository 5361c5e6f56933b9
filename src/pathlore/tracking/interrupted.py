"""Runs in MLflow whose process was killed before it could close them."""

import logging
import platform
from typing import Any

logger = logging.getLogger(__name__)

PROCESS = "pathlore.process"
"""Tag of a run: host, process id and the second in which the process began."""


def process_tag() -> str:
    """What tells this process from every other, a later one with the same id included."""
    import psutil

    own = psutil.Process()
    return f"{platform.node()} {own.pid} {own.create_time():.0f}"


def close_interrupted(client: Any, experiment_id: str) -> int:
    """Close as KILLED what processes of this machine have left open that are there no longer.

    Parameters
    ----------
    client
        `mlflow.MlflowClient`.
    experiment_id
        Its runs are looked through; one of another machine, or without the tag `PROCESS`, is left alone.

    Returns
    -------
    Runs closed.
    """
    closed, token = 0, None
    own = platform.node()
    while True:
        page = client.search_runs([experiment_id], "attributes.status = 'RUNNING'", max_results=1000, page_token=token)
        for run in page:
            host, _, process = run.data.tags.get(PROCESS, "").rpartition(" ")[0].rpartition(" ")
            began = run.data.tags.get(PROCESS, "").rpartition(" ")[2]
            if host == own and process.isdigit() and not _lives(int(process), began):
                client.set_terminated(run.info.run_id, "KILLED")
                closed += 1
        token = page.token
        if not token:
            break
    if closed:
        logger.info("MLflow: %d runs of processes that were killed are closed as KILLED", closed)
    return closed


def _lives(process: int, began: str) -> bool:
    import psutil

    try:
        return f"{psutil.Process(process).create_time():.0f}" == began
    except psutil.Error:
        return False
