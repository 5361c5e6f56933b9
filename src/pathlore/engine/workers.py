"""Dask's workers: started here, by SLURM, SSH or Kubernetes, or found at an address; and which of them gets a task.

Importing this module takes a second and starts nothing.
"""

import logging
import math
import os
import time
import uuid
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, TypeVar

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, SSHCluster, Worker, WorkerPlugin, get_worker, wait

from pathlore import engine
from pathlore.config import EngineConfig
from pathlore.engine import Lost, Work, one_thread
from pathlore.errors import PathloreError

logger = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

LOOK: Final = 0.5
"""Seconds between two looks at the workers."""
ANSWER = 30.0
"""Seconds in which a scheduler has to answer."""
PATIENCE: Final = 300.0
"""Seconds without any worker after which the work is given up."""
MALLOC: Final = {"MALLOC_TRIM_THRESHOLD_": 2**26, "MALLOC_MMAP_THRESHOLD_": 2**25}
"""Bytes that a worker keeps for its next step, those that glibc comes to by itself; with Dask's 64 KiB each step of
training asks the system for its memory anew and takes 1.4 times as long."""
SETTINGS: Final = {
    "distributed.scheduler.allowed-failures": 0,
    **{f"distributed.nanny.pre-spawn-environ.{name}": size for name, size in MALLOC.items()},
    "distributed.nanny.environ.NUMBA_NUM_THREADS": 1,  # not pre-spawn, which this process would see too
    "distributed.admin.tick.limit": "1h",
}
"""Of own workers: a task that kills its worker is not tried on another; Dask itself sets OMP_NUM_THREADS to 1."""
PACKAGES: Final = {
    "slurm": ("dask_jobqueue", "dask-jobqueue"),
    "ssh": ("asyncssh", "asyncssh"),
    "kubernetes": ("dask_kubernetes", "dask-kubernetes"),
}
"""Module and package that each kind of cluster needs."""
KEPT: dict[str, Client] = {}
"""Clients of the workers that `pathlore.engine.kept_workers` keeps, by the parameters of the engine."""


class Dispatcher(Generic[T, R]):
    """Give each worker one task at a time: where a worker dies, exactly the task at hand is lost.

    See `pathlore.engine.run_many` for the arguments.
    """

    def __init__(
        self,
        client: Client,
        make: Callable[[], Work[Any, R]],
        tasks: Sequence[T],
        load: Callable[[T], Any],
        group: Callable[[T], Hashable],
        on_report: Callable[[T, Any], None],
        config: EngineConfig,
        *,
        logs: bool,
    ) -> None:
        self.client, self.tasks, self.load, self.on_report = client, tasks, load, on_report
        self.most, self.logs = config.workers, logs
        queued = config.address is None and config.cluster in ("slurm", "kubernetes")
        self.patience = math.inf if queued else PATIENCE  # jobs and pods may wait for hours
        gpus = _gpus() if config.address is None and config.cluster == "local" else []
        self.plugin = Tasks(f"pathlore-{uuid.uuid4().hex[:8]}", make, gpus, logs=logs)
        self._groups = [group(task) for task in tasks]
        self._waiting = list(range(len(tasks)))
        self._running: dict[str, tuple[int, Future]] = {}  # worker -> number of its task
        self._last: dict[str, Hashable] = {}  # worker -> group of its last task
        self._messages: SimpleQueue[tuple[int, Any]] = SimpleQueue()

    def results(self) -> Iterator[tuple[T, R | Lost]]:
        """Do all of it."""
        client, name = self.client, self.plugin.name
        client.subscribe_topic(name, lambda event: self._messages.put(event[1]))
        if self.logs:
            client.forward_logging("pathlore", logging.INFO)
        client.register_plugin(self.plugin)
        seen = time.monotonic()
        try:
            while self._waiting or self._running:
                workers = list(client.nthreads())
                seen = time.monotonic() if workers else seen
                if time.monotonic() - seen > self.patience:
                    raise PathloreError(
                        f"no worker came in {PATIENCE:.0f} s: check `engine.address`, `engine.cluster` and its options"
                    )
                yield from self._take(workers)
                self._give(workers)
                if self._running:
                    with client.as_current(), suppress(TimeoutError):
                        wait([future for _, future in self._running.values()], LOOK, "FIRST_COMPLETED")
                elif self._waiting:
                    time.sleep(LOOK)
                self._hear()
        finally:
            client.cancel([future for _, future in self._running.values()], force=True)
            client.unsubscribe_topic(name)
            client.unregister_worker_plugin(name)

    def _give(self, workers: Sequence[str]) -> None:
        """A task for each worker that is free."""
        for worker in workers:
            if not self._waiting or len(self._running) >= (self.most or len(workers)):
                return
            if worker not in self._running:
                number = self._next(worker)
                self._waiting.remove(number)
                self._last[worker] = self._groups[number]
                name, task = self.plugin.name, self.load(self.tasks[number])
                key = f"{name}-{number}"
                self._running[worker] = number, self.client.submit(_do, name, number, task, key=key, workers=[worker])

    def _next(self, worker: str) -> int:
        """Which of the waiting tasks suits a worker best."""
        begun = {group for other, group in self._last.items() if other != worker}
        same = [
            number for number in self._waiting if worker in self._last and self._groups[number] == self._last[worker]
        ]
        new = [number for number in self._waiting if self._groups[number] not in begun]
        return (same or new or self._waiting)[0]

    def _take(self, workers: Sequence[str]) -> Iterator[tuple[T, R | Lost]]:
        """The results that have come, and the tasks whose workers are gone."""
        for worker, (number, future) in list(self._running.items()):
            gone = worker not in workers
            if not (gone or future.done()):
                continue
            result: R | Lost
            try:
                result = future.result(timeout=LOOK if gone else PATIENCE)
            except (KilledWorker, TimeoutError):
                result = Lost(f"its worker {worker} ended (killed, perhaps out of memory): lower `engine.workers`")
            future.cancel(force=True)
            del self._running[worker]
            if gone:
                self._last.pop(worker, None)
            self._hear()
            yield self.tasks[number], result

    def _hear(self) -> None:
        """Hand over the messages that have come."""
        with suppress(Empty):
            while True:
                number, message = self._messages.get_nowait()
                self.on_report(self.tasks[number], message)


class Tasks(WorkerPlugin, Generic[R]):
    """What each worker is sent once, also one that takes the place of another: how tasks are done."""

    def __init__(self, name: str, make: Callable[[], Work[Any, R]], gpus: Sequence[str], *, logs: bool) -> None:
        self.name, self.make, self.gpus, self.logs = name, make, gpus, logs
        self.process = os.getpid()
        self._work: Work[Any, R] | None = None

    def setup(self, worker: Worker) -> None:
        """Take the GPU with the number of the worker, before anything has looked for one."""
        if self.gpus:
            os.environ["CUDA_VISIBLE_DEVICES"] = self.gpus[int(worker.name) % len(self.gpus)]
        if self.logs:
            logger = logging.getLogger("pathlore")
            logger.setLevel(logging.INFO)
            logger.propagate = os.getpid() == self.process  # the process of the run shows what is forwarded to it

    def work(self) -> Work[Any, R]:
        """Make what does tasks at the first of them."""
        self._work = self._work or self.make()
        return self._work


def _do(name: str, number: int, task: Any) -> Any:
    """One task, in its worker."""
    worker = get_worker()
    tasks = worker.plugins[name]
    with one_thread(logs=tasks.logs):
        return tasks.work()(task, lambda message: worker.log_event(name, (number, message)))


def _gpus() -> list[str]:
    """The names by which CUDA knows this machine's GPUs; own workers get one each."""
    import torch

    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    return named.split(",") if named else [str(number) for number in range(torch.cuda.device_count())]


# ------------------------------------------------------------------------------------------ whose workers


@contextmanager
def client_of(config: EngineConfig, workers: int) -> Iterator[Client]:
    """Speak to the scheduler that the parameters name, or to one of our own with so many workers.

    Within `pathlore.engine.kept_workers` its own workers stay for whoever asks next with the same parameters.

    Raises
    ------
    PathloreError
        There is no scheduler at the address, a package for the kind of cluster is missing, or its options are refused.
    """
    key, kept = config.model_dump_json(), engine.kept
    if kept is None:
        with ExitStack() as stack:
            yield _client(config, workers, stack)
        return
    if key not in KEPT:
        KEPT[key] = _client(config, workers, kept)
        kept.callback(KEPT.pop, key)
    cluster = KEPT[key].cluster
    if cluster is not None and config.cluster in ("local", "slurm") and len(cluster.workers) < workers:
        cluster.scale(workers)  # for more tasks than the first, or where jobs have come to the end of their time
    yield KEPT[key]


def is_kept(config: EngineConfig) -> bool:
    """Whether workers for these parameters are there already."""
    return config.model_dump_json() in KEPT


def _client(config: EngineConfig, workers: int, stack: ExitStack) -> Client:
    """A client, whose workers the stack ends."""
    for dasks in (logging.getLogger("distributed"), logging.getLogger("distributed.client")):
        stack.callback(dasks.setLevel, dasks.level)
        dasks.setLevel(logging.CRITICAL)  # what matters of it comes back as `Lost`
    if config.address is not None:
        target: Any = config.address
    else:
        stack.enter_context(dask.config.set(SETTINGS))
        stack.enter_context(_kept_environment())  # also where a worker takes the place of a killed one
        with _kept_environment():
            target = stack.enter_context(_cluster(config, workers))
    try:
        client = stack.enter_context(Client(target, timeout=ANSWER, set_as_default=False))
    except (OSError, ValueError) as error:  # a TimeoutError is an OSError
        raise PathloreError(
            f"no Dask scheduler answers at {config.address} ({' '.join(str(error).split())}): change "
            "`engine.address`, or set it to null"
        ) from error
    whose = f"{workers} worker(s) of its own" if config.address is None else f"the workers of {config.address}"
    dashboard = f", dashboard {client.dashboard_link}" if find_spec("bokeh") else ""
    logger.info("Engine: %s%s", whose, dashboard)
    return client


@contextmanager
def _kept_environment() -> Iterator[None]:
    """Take back the variables that Dask sets for the processes that it starts and leaves in this one."""
    names = ["PYTHONHASHSEED", "__DASK_PARENT_PID", *dask.config.get("distributed.nanny.pre-spawn-environ")]
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _cluster(config: EngineConfig, workers: int) -> Any:
    """Start workers, one thread in each; Dask's manager that ends them."""
    if config.cluster == "local":
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            security=True,  # others on this machine cannot speak to it
            memory_limit=0,
            dashboard_address="127.0.0.1:0" if find_spec("bokeh") else None,
            silence_logs=logging.CRITICAL,
        )
    module, package = PACKAGES[config.cluster]
    if find_spec(module) is None:
        raise PathloreError(
            f"`engine.cluster: {config.cluster}` needs the package {package}, which is not installed: install it, or "
            "set `engine.cluster: local`"
        )
    try:
        return {"slurm": _slurm, "ssh": _ssh, "kubernetes": _kubernetes}[config.cluster](config.options, workers)
    except Exception as error:  # each package has errors of its own
        why = " ".join(str(error).split())
        raise PathloreError(
            f"`engine.cluster: {config.cluster}` cannot be started with `engine.options` ({why}): change them"
        ) from error


def _slurm(options: dict[str, Any], workers: int) -> Any:
    """One job for each worker."""
    from dask_jobqueue import SLURMCluster

    prologue = [f"export {name}={size}" for name, size in MALLOC.items()]
    cluster = SLURMCluster(**{"cores": 1, "processes": 1, "job_script_prologue": prologue, **options})
    cluster.scale(jobs=workers)
    return cluster


def _ssh(options: dict[str, Any], workers: int) -> Any:
    """As many workers as the hosts and their options say."""
    return SSHCluster(**{"worker_options": {"nthreads": 1}, **options})


def _kubernetes(options: dict[str, Any], workers: int) -> Any:
    """One pod for each worker, made by Dask's operator."""
    from dask_kubernetes.operator import KubeCluster

    name = f"pathlore-{uuid.uuid4().hex[:8]}"
    command = ["dask", "worker", "--nthreads", "1"]
    given = {"name": name, "n_workers": workers, "worker_command": command, "env": dict(MALLOC), "quiet": True}
    return KubeCluster(**given | options)
