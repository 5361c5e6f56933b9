"""How far an evaluation has come: a line for each finished task, and a bar on a terminal."""

import logging
import os
import time
from types import TracebackType

from rich.progress import Progress as Bar

from pathlore.evaluation.results import Failure, Result
from pathlore.evaluation.tasks import Task
from pathlore.keys import Split

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

    def __init__(self, total: int, done: int, name: str = "Evaluation") -> None:
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

    def finished(self, task: Task, result: Result | Failure) -> None:
        """Log one more."""
        self.done += 1
        self._bar.update(self._line, completed=self.done, description=task.variant)
        left = self.left()
        if isinstance(result, Failure):
            said = result.message
            logger.warning("%s, %d of %d FAILED: %s: %s; %s", self.name, self.done, self.total, task, said, left)
        else:
            said = headline(result)
            logger.info(
                "%s, %d of %d: %s: %s%.1f s; %s", self.name, self.done, self.total, task, said, result.seconds, left
            )

    def left(self) -> str:
        """The time that is left, if the other tasks take as long as those so far."""
        elapsed = time.perf_counter() - self._start
        return f"{duration(elapsed / (self.done - self._before) * (self.total - self.done))} left"


def headline(result: Result) -> str:
    """The one figure that tells most, where there is one: of the test cells, else of the planted paths."""
    metrics = result.metrics[(result.metrics["split"] == Split.TEST) & (result.metrics["metric"] == "auroc")]
    for level, name in (("cell", "test AUROC"), ("path", "planted paths found with AUROC")):
        found = metrics.loc[metrics["level"] == level, "value"].dropna()
        if len(found):
            return f"{name} {found.iloc[0]:.3f}, "
    return ""


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
