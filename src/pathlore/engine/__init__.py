"""Work that is many tasks: done in this process, or by Dask's workers here or elsewhere, with the same results."""

import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pathlore.config import EngineConfig

__all__ = ["Lost", "Report", "Work", "cores", "kept_workers", "one_thread", "run_many"]

T = TypeVar("T")
R = TypeVar("R")

Report = Callable[[Any], None]
"""Sends a message of plain numbers and texts from a task to the process that started it."""

Work = Callable[[T, Report], R]
"""Does one task."""

STARTING: Final = 15.0
"""Seconds that workers take to start: with ``workers: 0`` they are started once more work than this is left."""


kept: ExitStack | None = None
"""Ends the workers that serve all that is done within `kept_workers`; None outside of it."""


@contextmanager
def kept_workers() -> Iterator[None]:
    """Let workers that are started within serve all that follows within, and end them afterwards."""
    global kept
    before = kept
    with ExitStack() as stack:
        kept = stack
        try:
            yield
        finally:
            kept = before


@dataclass(frozen=True)
class Lost:
    """What becomes of a task whose worker ended before it did."""

    message: str


def run_many(
    make: Callable[[], Work[Any, R]],
    tasks: Sequence[T],
    config: EngineConfig,
    *,
    load: Callable[[T], Any] = lambda task: task,
    group: Callable[[T], Hashable] = lambda task: None,
    on_report: Callable[[T, Any], None] = lambda task, message: None,
    at_once: bool = False,
    logs: bool = False,
) -> Iterator[tuple[T, R | Lost]]:
    """Do all tasks, and give each result as it comes.

    A worker does one task at a time, with one thread of BLAS and torch, so that results depend neither on the number
    of workers nor on the machine's cores. One that is free goes on with a task of the same group as its last, for which
    it has prepared the case; else it begins a group that no other worker is at. An error of a task is raised here.

    Parameters
    ----------
    make
        Called once in each process; what it returns does the tasks there. It, what is loaded and what comes of it can
        be pickled.
    tasks
        In the order in which groups are to be begun.
    config
        How many workers, and whose. With one, and no cluster, everything is done in this process.
    load
        Called in this process when a task's turn comes: what is handed to the worker in its place.
    group
        What tasks have in common that share a preparation.
    on_report
        Called in this process with each message that a task reports.
    at_once
        With ``workers: 0``, start workers before a first task has shown that they pay. Workers that `kept_workers` has
        are used at once.
    logs
        Pass on what tasks log; else they log errors alone.

    Yields
    ------
    task, result
        `Lost` for a task whose worker was killed; the others go on.

    Raises
    ------
    PathloreError
        The workers cannot be started or found.
    """
    left = list(tasks)
    workers = config.workers or cores()
    if config.address is None and config.cluster == "local":
        workers = min(workers, len(left))
        work: Work[Any, R] | None = None
        while left and (workers == 1 or not (config.workers or at_once or _started(config))):
            start, task = time.monotonic(), left.pop(0)
            with one_thread(logs=logs):
                work = work or make()
                result = work(load(task), lambda message, task=task: on_report(task, message))  # type: ignore[misc]
            yield task, result
            if workers > 1 and (time.monotonic() - start) * (len(left) - 1) > STARTING:
                break
        work = None  # and the cases that it keeps
    if left:
        from pathlore.engine.workers import Dispatcher, client_of

        with client_of(config, min(workers, len(left))) as client:
            yield from Dispatcher(client, make, left, load, group, on_report, config, logs=logs).results()


def _started(config: EngineConfig) -> bool:
    """Whether workers are there already."""
    dask = sys.modules.get("pathlore.engine.workers")
    return dask is not None and dask.is_kept(config)


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def one_thread(*, logs: bool) -> Iterator[None]:
    """One thread of BLAS and torch, so that sums have one order; without ``logs`` silence but for errors."""
    import torch
    from threadpoolctl import threadpool_limits

    threads, silenced = torch.get_num_threads(), logging.root.manager.disable
    with ExitStack() as stack:
        stack.enter_context(threadpool_limits(1))
        torch.set_num_threads(1)
        stack.callback(torch.set_num_threads, threads)
        if not logs:
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
            logging.disable(max(silenced, logging.WARNING))
            stack.callback(logging.disable, silenced)
        yield
