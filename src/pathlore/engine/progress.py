"""How far many tasks have come: a line for each finished one with the time left, and a bar on a terminal."""

import logging
import os
import time
from types import TracebackType

from rich.progress import Progress as Bar

logger = logging.getLogger(__name__)


class Progress:
    """Count finished tasks, and estimate the time that the others will take.

    Parameters
    ----------
    total
        All tasks.
    done
        Those that an earlier start has finished.
    name
        What they belong to.
    """

    def __init__(self, total: int, done: int, name: str) -> None:
        self.total, self.done, self.name, self._before = total, done, name, done
        self._start = time.perf_counter()
        self._bar = Bar(transient=True, disable=not os.isatty(2))
        self._line = self._bar.add_task(name, total=total, completed=done)

    def __enter__(self) -> "Progress":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def finished(self, said: str, *, failed: bool = False) -> None:
        """Log one more, and what there is to say of it."""
        self.done += 1
        self._bar.update(self._line, completed=self.done)
        level, mark = (logging.WARNING, " FAILED") if failed else (logging.INFO, "")
        logger.log(level, "%s, %d of %d%s: %s; %s", self.name, self.done, self.total, mark, said, self.left())

    def left(self) -> str:
        """The time that is left, if the other tasks take as long as those so far."""
        elapsed = time.perf_counter() - self._start
        return f"{duration(elapsed / (self.done - self._before) * (self.total - self.done))} left"


def duration(seconds: float) -> str:
    """Write a time as a reader would say it.

    Examples
    --------
    >>> duration(7), duration(150), duration(5400)
    ('7 s', '2 min', '1.5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"
