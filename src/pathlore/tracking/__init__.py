"""MLflow: what a run records, and nothing about Kedro."""

from pathlore.tracking.nested import NestedRuns
from pathlore.tracking.run import OpenRun, close_killed, current, log_epoch, open_run

__all__ = ["NestedRuns", "OpenRun", "close_killed", "current", "log_epoch", "open_run"]
