"""Time callables in turn, so that what the machine does beside it falls on all of them alike."""

import time
import tracemalloc
from collections.abc import Callable, Mapping


def interleaved(calls: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Call each in turn, ``rounds`` times over, and give the least seconds of each."""
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def peak_megabytes(call: Callable[[], object]) -> float:
    """Most memory that Python held at once during a call, in MB (10^6 bytes), beside what it held before."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
