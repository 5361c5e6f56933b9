"""Time callables in turn, so that what the machine does beside it falls on all of them alike."""

import subprocess
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


def interleaved(
    calls: Mapping[str, Callable[[], object]], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """Call each in turn, ``rounds`` times over, and give the least seconds of each."""
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            start = clock()
            call()
            best[name] = min(best[name], clock() - start)
    return best


class Cost(NamedTuple):
    """Seconds on the clock, and those of the processor: user and system, all threads."""

    wall: float
    cpu: float


def interleaved_processes(
    commands: Mapping[str, tuple[Sequence[str], Path]], rounds: int, environment: Mapping[str, str]
) -> dict[str, Cost]:
    """Run each command in its folder, in turn, ``rounds`` times over, and give the least of each; POSIX alone."""
    best = dict.fromkeys(commands, Cost(float("inf"), float("inf")))
    for _ in range(rounds):
        for name, (command, folder) in commands.items():
            before, start = _processor_seconds(), time.perf_counter()
            subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, check=True)
            wall, cpu = time.perf_counter() - start, _processor_seconds() - before
            best[name] = Cost(min(best[name].wall, wall), min(best[name].cpu, cpu))
    return best


def _processor_seconds() -> float:
    """What the processes that were started and have ended took."""
    import resource  # only POSIX has it

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def peak_megabytes(call: Callable[[], object]) -> float:
    """Most memory that Python held at once during a call, in MB (10^6 bytes), beside what it held before."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
