"""Processes that do tasks beside each other; one that dies takes its own task with it and no other."""

import logging
import multiprocessing
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from pathlore.config import Parameters
from pathlore.evaluation.results import Failure, Result
from pathlore.evaluation.tasks import Task
from pathlore.study.sources import Sources

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


def work(
    tasks: Sequence[Task], group: Callable[[Task], str], n: int, sources: Sources, parameters: Parameters
) -> Iterator[tuple[Task, Result | Failure]]:
    """Do all tasks in n processes, and hand over each result as it comes.

    A process that is free goes on with a task of the same group as its last, since it has the case at hand; else it
    begins a group that no other process is at; else it helps. Sources are sent to each process once.

    Parameters
    ----------
    tasks
        In the order in which groups are to be begun.
    group
        What tasks have in common whose preparation is the same.
    n
        Processes.
    sources, parameters
        See `pathlore.evaluation.workshop.Workshop`.
    """
    waiting = list(tasks)
    hands: list[Hand] = []
    try:
        hands = [Hand(sources, parameters) for _ in range(min(n, len(waiting)))]
        for hand in hands:
            hand.give(waiting.pop(_next(waiting, group, hand, hands)), group)
        while busy := {hand.connection: hand for hand in hands if hand.task is not None}:
            for connection in wait(list(busy)):
                hand = busy[connection]  # type: ignore[index]
                task, answer, alive = hand.take()
                if not alive:
                    hand.stop()
                    hands.remove(hand)
                    if waiting:
                        hand = Hand(sources, parameters)
                        hands.append(hand)
                if waiting:
                    hand.give(waiting.pop(_next(waiting, group, hand, hands)), group)
                yield task, answer
    finally:
        for hand in hands:
            hand.stop()


class Hand:
    """One process, and the task that it is at."""

    def __init__(self, sources: Sources, parameters: Parameters) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.task: Task | None = None
        self.group = ""
        self._process = context.Process(target=_serve, args=(theirs, sources, parameters), daemon=True)
        before = {name: os.environ.get(name) for name in THREADS}
        os.environ.update(dict.fromkeys(THREADS, "1"))
        try:
            self._process.start()
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
        theirs.close()

    def give(self, task: Task, group: Callable[[Task], str]) -> None:
        """Begin a task."""
        self.task, self.group = task, group(task)
        with suppress(OSError):  # it is dead: `take` will find out
            self.connection.send(task)

    def take(self) -> tuple[Task, Result | Failure, bool]:
        """The task that was done, what came of it, and whether the process is alive."""
        task, self.task = self.task, None
        assert task is not None
        try:
            return task, self.connection.recv(), True
        except (EOFError, OSError):
            self._process.join(timeout=10)
            code = self._process.exitcode
            why = "out of memory?" if code == -signal.SIGKILL else "see the messages above"
            message = f"its process ended with exit code {code} ({why}): lower `evaluation.workers` or max_cells"
            return task, Failure(message), False

    def stop(self) -> None:
        """End the process, whatever it is at."""
        self.connection.close()
        self._process.terminate()
        self._process.join(timeout=10)


def _next(waiting: Sequence[Task], group: Callable[[Task], str], hand: Hand, hands: Sequence[Hand]) -> int:
    """Which of the waiting tasks suits a process best."""
    begun = {other.group for other in hands if other is not hand}
    groups = [group(task) for task in waiting]
    if hand.group in groups:
        return groups.index(hand.group)
    return next((place for place, name in enumerate(groups) if name not in begun), 0)


def _serve(connection: Connection, sources: Sources, parameters: Parameters) -> None:
    """Run tasks until the queue is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    import torch
    from threadpoolctl import threadpool_limits

    from pathlore.evaluation.workshop import Workshop

    torch.set_num_threads(1)
    with threadpool_limits(1):
        workshop = Workshop(sources, parameters)
        while True:
            try:
                task: Any = connection.recv()
            except (EOFError, OSError):
                return
            connection.send(workshop.do(task))


def _end_with_parent() -> None:
    """End at once when the first process is gone, killed perhaps."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
