"""Workers: each runs one model in a process of its own, so that its peak of memory and its processor time are its own.

They are forked from a server that has imported torch and nothing else, so that importing is done once. The process that
asks them waits for each turn before it asks for the next, and goes round all workers. A turn begins with a step that is
not counted: after a pause a model has to fetch its memory from the system again, and in training there are no pauses.
"""

import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial, reduce
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from jobs import Cost, Job

COUNTED = {"cpu": 1, "cuda": 5}  # steps of one turn, after one that is not counted


def measure(jobs: Mapping[str, Job], rounds: int) -> tuple[dict[str, Cost], dict[str, str]]:
    """Give each job its turn, ``rounds`` times over.

    Returns
    -------
    costs, failures
        By name: the best of each job; the message of each that could not run.
    """
    context = _fork_server(max(job.threads for job in jobs.values()))
    workers = {name: _Worker(job, context) for name, job in jobs.items()}
    costs: dict[str, Cost] = {}
    failures: dict[str, str] = {}
    for turn in range(1 + rounds):  # first all are made ready
        for name in [name for name in workers if name not in failures]:
            answer = workers[name].ask() if turn else workers[name].wait()
            if isinstance(answer, str):
                failures[name] = answer
                costs.pop(name, None)
            elif turn:
                costs[name] = costs[name].best(answer) if name in costs else answer
    for worker in workers.values():
        worker.close()
    return costs, failures


def _fork_server(threads: int) -> multiprocessing.context.ForkServerContext:
    """Have workers forked from a process that has imported `steps`; its environment is that of now."""
    for library in ("OMP", "MKL", "NUMBA"):
        os.environ[f"{library}_NUM_THREADS"] = str(threads)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["steps"])
    return context


class _Worker:
    """The asking end of a worker."""

    def __init__(self, job: Job, context: multiprocessing.context.ForkServerContext) -> None:
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, job), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self) -> Any:
        self._pipe.send("turn")
        return self.wait()

    def wait(self) -> Any:
        try:
            return self._pipe.recv()
        except (EOFError, ConnectionError):
            return "the process ended without a word: too little memory?"

    def close(self) -> None:
        self._pipe.close()
        self._process.join()


def _serve(pipe: Connection, job: Job) -> None:
    """Build the job's step, answer None; take a turn for each message and answer its `Cost`; or an error's text."""
    try:
        from steps import build

        imported = _resident()
        if job.device == "cpu":
            _limit_memory()
        step = build(job)
        pipe.send(None)
        while True:
            pipe.recv()
            pipe.send(_turn(step, job, imported))
    except EOFError:  # the asking process has closed its end
        pass
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")


def _limit_memory() -> None:
    """Let an allocation fail that the machine has no room for, rather than have the system end some process."""
    import psutil

    limits = [resource.getrlimit(resource.RLIMIT_DATA)[1], int(0.95 * psutil.virtual_memory().available)]
    least = min(limit for limit in limits if limit != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_DATA, (least, least))


def _turn(step: Callable[[], object], job: Job, imported: float) -> Cost:
    """One step that is not counted, and the best of those that are."""
    timed = _on_cuda if job.device == "cuda" else partial(_on_processor, imported=imported)
    step()
    costs = [timed(step) for _ in range(COUNTED[job.device])]
    if job.device == "cuda":
        import torch

        torch.cuda.empty_cache()  # the other workers use the same device
    return reduce(Cost.best, costs)


def _on_processor(step: Callable[[], object], imported: float) -> Cost:
    cpu, wall = time.process_time(), time.perf_counter()
    step()
    cpu, wall, peak = time.process_time() - cpu, time.perf_counter() - wall, _resident()
    return Cost(cpu, wall, peak, peak - imported)


def _on_cuda(step: Callable[[], object]) -> Cost:
    import torch

    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    cpu = time.process_time()
    start.record()
    step()
    end.record()
    torch.cuda.synchronize()
    peak = torch.cuda.max_memory_allocated() / 1e9
    return Cost(time.process_time() - cpu, start.elapsed_time(end) / 1e3, peak, peak)


def _resident() -> float:
    """Most memory that this process has held, GB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e9
