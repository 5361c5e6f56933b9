"""Tasks for the engine, in a module that its workers can import."""

import os
import signal
import time

import torch

from pathlore.evaluation.execution import Execution


def make():
    """What does a task in this process."""
    return do


def do(task, report):
    """Say who does it, after what the task asks for."""
    kind, number = task
    report([number, os.getpid(), *map(os.environ.get, ("CUDA_VISIBLE_DEVICES", "MALLOC_TRIM_THRESHOLD_"))])
    if kind == "kill":
        time.sleep(0.5)  # what it reports is on its way
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "fail":
        raise KeyError(number)
    if kind == "slow":
        time.sleep(1)
    return number * 2, os.getpid(), torch.get_num_threads()


class DyingExecution(Execution):
    """Tasks of an evaluation; one of the second seed kills its process in the middle."""

    def __call__(self, task, report=lambda message: None):
        if task.seed == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(task, report)
