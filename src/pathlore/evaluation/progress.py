"""What is said of each finished task of an evaluation."""

import logging

from pathlore.evaluation.results import Failure, Result
from pathlore.evaluation.tasks import Task
from pathlore.keys import Split
from pathlore.progress import Progress

logger = logging.getLogger(__name__)


def log_finished(progress: Progress, task: Task, result: Result | Failure) -> None:
    """Count one more, and log it with the time that the others will take."""
    progress.advance(note=task.variant)
    done, total, left = int(progress.done), int(progress.total), progress.left()
    if isinstance(result, Failure):
        logger.warning("%s, %d of %d FAILED: %s: %s; %s left", progress.what, done, total, task, result.message, left)
        return
    said = f"{task}: {headline(result)}{result.seconds:.1f} s"
    logger.info("%s, %d of %d: %s; %s left", progress.what, done, total, said, left)


def headline(result: Result) -> str:
    """The one figure that tells most, where there is one: of the test cells, else of the planted paths."""
    metrics = result.metrics[(result.metrics["split"] == Split.TEST) & (result.metrics["metric"] == "auroc")]
    for level, name in (("cell", "test AUROC"), ("path", "planted paths found with AUROC")):
        found = metrics.loc[metrics["level"] == level, "value"].dropna()
        if len(found):
            return f"{name} {found.iloc[0]:.3f}, "
    return ""
