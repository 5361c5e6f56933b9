"""Which of the processes that torchrun has started this one is, by the variables that it sets."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Rank:
    """One process among those that train together.

    Attributes
    ----------
    rank, processes
        Its number, from 0, and that of all.
    local_rank, local_processes
        The same on this machine.
    """

    rank: int = 0
    processes: int = 1
    local_rank: int = 0
    local_processes: int = 1

    @property
    def is_main(self) -> bool:
        """Whether it is the one that writes files, logs, and speaks to the terminal."""
        return self.rank == 0

    @property
    def machines(self) -> int:
        """Number of machines."""
        return self.processes // self.local_processes


def current_rank() -> Rank:
    """Read the environment; a process that nobody started together with others is alone."""
    if "RANK" not in os.environ or "WORLD_SIZE" not in os.environ:
        return Rank()
    processes = int(os.environ["WORLD_SIZE"])
    return Rank(
        int(os.environ["RANK"]),
        processes,
        int(os.environ.get("LOCAL_RANK", os.environ["RANK"])),
        int(os.environ.get("LOCAL_WORLD_SIZE", processes)),
    )
