"""Many tasks in one process, in workers of our own, and in those of a scheduler that somebody else has started."""

import logging
import os
import re
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import ClassVar

import pandas as pd
import psutil
import pytest
import torch
from engine_tasks import DyingExecution, make
from small_evaluation import parameters_of, small_sources
from small_fits import model_config, small_cells, training_config

from pathlore import engine
from pathlore.config import EngineConfig
from pathlore.engine import Lost, kept_workers, run_many
from pathlore.engine import workers as dask_workers
from pathlore.errors import PathloreError
from pathlore.evaluation.execution import Execution
from pathlore.evaluation.results import Result
from pathlore.evaluation.tasks import Task
from pathlore.study.fit import FitInputs, fit_populations

HELPERS = Path(__file__).parents[1] / "helpers"


def tasks(*kinds):
    return [(kind, number) for number, kind in enumerate(kinds)]


# ----------------------------------------------------------------------------------- in this process


@pytest.mark.usefixtures("two_threads")
def test_one_worker_is_this_process_with_one_thread(monkeypatch):
    monkeypatch.setattr(dask_workers, "client_of", None)
    heard = []
    given = tasks("quick", "quick", "quick")
    done = list(run_many(make, given, EngineConfig(workers=1), on_report=lambda task, message: heard.append(message)))
    assert done == [(task, (task[1] * 2, os.getpid(), 1)) for task in given]
    assert [message[:2] for message in heard] == [[number, os.getpid()] for number in range(3)]
    assert torch.get_num_threads() == 2
    assert not logging.root.manager.disable


@pytest.mark.usefixtures("two_threads")
def test_an_error_of_a_task_is_raised_and_nothing_stays_changed():
    with pytest.raises(KeyError, match="1"):
        list(run_many(make, tasks("quick", "fail"), EngineConfig(workers=1)))
    assert torch.get_num_threads() == 2
    assert not logging.root.manager.disable


@pytest.mark.parametrize(("starting", "expected"), [(60.0, "here"), (-1.0, "workers")])
def test_workers_are_started_once_that_pays(monkeypatch, starting, expected):
    monkeypatch.setattr(engine, "STARTING", starting)
    monkeypatch.setattr(engine, "cores", lambda: 4)
    asked = []

    def refuse(config, workers):
        asked.append(workers)
        raise PathloreError("workers are wanted")

    monkeypatch.setattr(dask_workers, "client_of", refuse)
    made = run_many(make, tasks("quick", "quick", "quick"), EngineConfig())
    assert next(made)[1][0] == 0, "the first task shows how long one takes"
    if expected == "here":
        assert len(list(made)) == 2
    else:
        with pytest.raises(PathloreError, match="wanted"):
            list(made)
    assert asked == ([] if expected == "here" else [2])


def test_without_tasks_nothing_is_done():
    assert list(run_many(make, [], EngineConfig(address="tcp://127.0.0.1:1"))) == []


def test_the_library_is_not_imported_for_one_process():
    code = "import sys, pathlore.engine, pathlore.evaluation.runner; sys.exit('distributed' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ----------------------------------------------------------------------------------- workers of our own


def test_a_killed_worker_takes_one_task_with_it_and_all_are_heard_on_loopback_alone(caplog, monkeypatch):
    """Two workers; the one that is killed is replaced, and every other task is done, with one thread."""
    given, heard, sockets, kept = tasks("slow", "kill", "quick", "quick", "quick"), {}, set(), set()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")  # as if there were two GPUs
    environment = dict(os.environ)

    def hear(task, message):
        heard[message[0]] = message[2]
        kept.add(message[3])
        for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                sockets.update(one.laddr.ip for one in process.net_connections("inet") if one.status == "LISTEN")

    done = dict(run_many(make, given, EngineConfig(workers=2), on_report=hear))
    assert set(done) == set(given)
    lost = {task for task, result in done.items() if isinstance(result, Lost)}
    assert lost == {("kill", 1)}
    assert "lower `engine.workers`" in done["kill", 1].message
    others = [done[task] for task in given if task not in lost]
    assert [(number, threads) for number, _, threads in others] == [(0, 1), (4, 1), (6, 1), (8, 1)]
    assert os.getpid() not in {pid for _, pid, _ in others}
    assert set(heard) == {0, 1, 2, 3, 4}
    assert {heard[0], heard[1]} == {"4", "7"}, "both were at work at once, each on a GPU of its own"
    assert kept == {str(dask_workers.MALLOC["MALLOC_TRIM_THRESHOLD_"])}
    assert sockets == {"127.0.0.1"}
    assert dict(os.environ) == environment
    assert not [record for record in caplog.records if record.name.startswith("distributed")]
    assert not [one for one in psutil.Process().children() if "resource_tracker" not in " ".join(one.cmdline())]


def test_workers_that_are_kept_do_all_that_follows_and_end_afterwards():
    """A second lot of tasks finds them, needs no first task to show that workers pay, and may ask for more of them."""
    environment, given = dict(os.environ), tasks("slow", "slow")
    with kept_workers():
        config = EngineConfig(workers=1, cluster="local")
        own = {pid for _, (_, pid, _) in run_many(make, given, config)}
        assert own == {os.getpid()}
        first = {pid for _, (_, pid, _) in run_many(make, given, EngineConfig(), at_once=True)}
        assert dict(os.environ) == environment
        second = {pid for _, (_, pid, _) in run_many(make, given, EngineConfig())}
        if engine.cores() > 1:
            assert first == second
            assert os.getpid() not in first
            assert len(first) == 2
            lost = [result for _, result in run_many(make, tasks("kill", "slow"), EngineConfig())]
            assert sorted(isinstance(result, Lost) for result in lost) == [False, True]
            after = {pid for _, (_, pid, _) in run_many(make, given, EngineConfig())}
            assert os.getpid() not in after, "one has taken the place of the killed one"
    assert dict(os.environ) == environment
    assert not [one for one in psutil.Process().children() if "resource_tracker" not in " ".join(one.cmdline())]


@pytest.mark.parametrize(("cluster", "scaled"), [("local", [3]), ("slurm", [3]), ("ssh", [])])
def test_kept_workers_become_as_many_as_later_tasks_need(monkeypatch, cluster, scaled):
    class Small:
        workers: ClassVar = {0: "the only one that is left"}
        asked: ClassVar = []
        scale = asked.append

    client = type("Client", (), {"cluster": Small})
    monkeypatch.setattr(dask_workers, "_client", lambda config, workers, stack: client)
    config = EngineConfig(cluster=cluster)
    with kept_workers():
        for workers in (1, 3):
            with dask_workers.client_of(config, workers) as found:
                assert found is client
        assert dask_workers.is_kept(config)
        assert not dask_workers.is_kept(EngineConfig(cluster=cluster, workers=7))
    assert not dask_workers.is_kept(config)
    assert Small.asked == scaled
    Small.asked.clear()


# ----------------------------------------------------------------------------------- a scheduler elsewhere


@pytest.fixture
def address(tmp_path):
    """A scheduler and two workers, each a process of its own that nothing restarts."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(HELPERS), *filter(None, sys.path)])}
    started = []

    def start(*arguments):
        command = [sys.executable, "-m", "dask", *arguments]
        log = (tmp_path / f"{len(started)}.log").open("w")
        started.append(subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=tmp_path))
        return Path(log.name)

    try:
        log = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        while not (found := re.search(r"Scheduler at:\s+(tcp://\S+)", log.read_text())):
            assert started[0].poll() is None, log.read_text()
        for _ in range(2):
            start("worker", found[1], "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard")
        yield found[1]
    finally:
        for process in started:
            process.kill()
            process.wait()


def test_two_workers_one_of_them_killed_give_the_bits_of_one_process(address, small_graph, gene_vectors, path_vectors):
    """Fits of two populations, then an evaluation that loses one of its three tasks."""
    config, rows = EngineConfig(address=address), []

    def load(name):
        data = small_cells(small_graph.genes, classes=2, seed=ord(name))
        return FitInputs(name, small_graph, gene_vectors, path_vectors, data, ["control", "case"])

    form = ["a", "b"], load, model_config(), training_config(epochs=2)
    fits = fit_populations(*form, config, lambda name, row: rows.append((name, row["epoch"])))
    for name, (model, _) in fit_populations(*form, EngineConfig(workers=1)).items():
        torch.testing.assert_close(fits[name][0].state, model.state, rtol=0, atol=0)
    assert sorted(rows) == [("a", 1.0), ("a", 2.0), ("b", 1.0), ("b", 2.0)]
    parameters, sources = parameters_of(), small_sources()
    given = [Task(None, "pooled", 0, seed, "pathlore", "model", "") for seed in range(3)]
    alone = dict(run_many(partial(Execution, sources, parameters), given, EngineConfig(workers=1)))
    done = dict(run_many(partial(DyingExecution, sources, parameters), given, config))
    assert isinstance(done[given[1]], Lost)
    for task in (given[0], given[2]):
        assert isinstance(alone[task], Result), alone[task]
        for table in ("metrics", "predictions", "rankings"):
            pd.testing.assert_frame_equal(getattr(done[task], table), getattr(alone[task], table), check_exact=True)
    with pytest.raises(KeyError, match="0"):
        list(run_many(make, tasks("fail"), config))


# ----------------------------------------------------------------------------------- what cannot be had


def test_no_scheduler_answers(monkeypatch):
    monkeypatch.setattr(dask_workers, "ANSWER", 0.5)
    with pytest.raises(PathloreError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9 .*`engine\.address`"):
        list(run_many(make, tasks("quick"), EngineConfig(address="tcp://127.0.0.1:9")))


@pytest.mark.parametrize(
    ("cluster", "package"), [("slurm", "dask_jobqueue"), ("ssh", "asyncssh"), ("kubernetes", "dask_kubernetes")]
)
def test_a_package_that_is_missing(monkeypatch, cluster, package):
    monkeypatch.setitem(sys.modules, package, None)
    said = rf"engine\.cluster: {cluster}` needs the package {package.replace('_', '-')}"
    with pytest.raises(PathloreError, match=said):
        list(run_many(make, tasks("quick"), EngineConfig(cluster=cluster, workers=1)))


def test_options_that_do_not_suit(monkeypatch):
    monkeypatch.setattr(dask_workers, "find_spec", lambda name: name)
    with pytest.raises(PathloreError, match=r"`engine\.cluster: ssh` cannot be started .*hosts.* change them"):
        list(run_many(make, tasks("quick"), EngineConfig(cluster="ssh", options={"hosts": []})))


# ----------------------------------------------------------------------------------- jobs and pods


class Asked:
    """A kind of cluster that notes what it is given."""

    def __init__(self, **given):
        self.given, self.jobs = given, None

    def scale(self, *, jobs):
        self.jobs = jobs


@pytest.fixture
def packages(monkeypatch):
    """Both packages, as far as the engine uses them."""
    monkeypatch.setattr(dask_workers, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "dask_jobqueue", type(sys)("dask_jobqueue"))
    monkeypatch.setattr(sys.modules["dask_jobqueue"], "SLURMCluster", Asked, raising=False)
    for name in ("dask_kubernetes", "dask_kubernetes.operator"):
        monkeypatch.setitem(sys.modules, name, type(sys)(name))
    monkeypatch.setattr(sys.modules["dask_kubernetes.operator"], "KubeCluster", Asked, raising=False)


@pytest.mark.usefixtures("packages")
def test_slurm_is_asked_for_one_job_of_one_core_for_each_worker():
    made = dask_workers._cluster(EngineConfig(cluster="slurm", options={"queue": "short", "cores": 2}), 40)
    assert made.given.pop("job_script_prologue")[0] == "export MALLOC_TRIM_THRESHOLD_=67108864"
    assert made.given == {"cores": 2, "processes": 1, "queue": "short"}
    assert made.jobs == 40


@pytest.mark.usefixtures("packages")
def test_kubernetes_is_asked_for_one_pod_for_each_worker():
    made = dask_workers._cluster(EngineConfig(cluster="kubernetes", options={"image": "here/pathlore"}), 12).given
    assert made.pop("name").startswith("pathlore-")
    expected = {"n_workers": 12, "image": "here/pathlore", "quiet": True, "env": dask_workers.MALLOC}
    assert made == expected | {"worker_command": ["dask", "worker", "--nthreads", "1"]}
    chosen = {"name": "mine", "n_workers": 3}
    made = dask_workers._cluster(EngineConfig(cluster="kubernetes", options=chosen), 12).given
    assert (made["name"], made["n_workers"]) == ("mine", 3)


@pytest.mark.usefixtures("packages")
def test_an_error_of_a_package_names_the_options(monkeypatch):
    class Refuses:
        def __init__(self, **given):
            raise LookupError("no such namespace")

    monkeypatch.setattr(sys.modules["dask_kubernetes.operator"], "KubeCluster", Refuses)
    said = r"`engine\.cluster: kubernetes` cannot be started with `engine\.options` \(no such namespace\): change them"
    with pytest.raises(PathloreError, match=said):
        list(run_many(make, tasks("quick"), EngineConfig(cluster="kubernetes")))


# ----------------------------------------------------------------------------------- who gets which task


def test_workers_share_out_the_groups():
    """A worker stays with the case that it has; another begins the next one, and helps when none is left."""
    given = ["a1", "a2", "b1", "b2", "c1"]
    dispatcher = dask_workers.Dispatcher(
        None, make, given, str, lambda name: name[0], print, EngineConfig(workers=2), logs=False
    )
    dispatcher._waiting, dispatcher._last = [2, 1, 3, 4], {"first": "a"}
    assert dispatcher._next("first") == 1
    assert dispatcher._next("second") == 2
    dispatcher._last["second"], dispatcher._waiting = "b", [3, 4]
    assert dispatcher._next("first") == 4
    dispatcher._waiting = [3]
    assert dispatcher._next("first") == 3


class NobodyComes:
    """A client of a scheduler without workers."""

    def __getattr__(self, name):
        return lambda *given, **named: {}


@pytest.mark.parametrize(("cluster", "waits"), [("local", False), ("slurm", True), ("kubernetes", True)])
def test_work_is_given_up_where_no_worker_comes_but_for_jobs_in_a_queue(monkeypatch, cluster, waits):
    monkeypatch.setattr(dask_workers, "PATIENCE", 0.1)
    monkeypatch.setattr(dask_workers, "LOOK", 0.05)
    config = EngineConfig(cluster=cluster, workers=1)
    dispatcher = dask_workers.Dispatcher(NobodyComes(), make, [1], str, str, print, config, logs=False)
    assert (dispatcher.patience > 1000) == waits
    if not waits:
        with pytest.raises(PathloreError, match=r"no worker came in 0 s: check `engine\.address`"):
            list(dispatcher.results())


def test_gpus_are_dealt_out_one_per_worker(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    assert dask_workers._gpus() == ["4", "7"]
    for name, expected in ((0, "4"), (1, "7"), (2, "4")):
        dask_workers.Tasks("x", make, ["4", "7"], logs=False).setup(type("Worker", (), {"name": name}))
        assert os.environ["CUDA_VISIBLE_DEVICES"] == expected
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    assert dask_workers._gpus() == ["0", "1"]


@pytest.mark.parametrize("own", [True, False])
def test_a_line_of_a_worker_is_shown_by_the_process_of_the_run_alone(monkeypatch, own):
    logger = logging.getLogger("pathlore")
    monkeypatch.setattr(logger, "propagate", True)
    monkeypatch.setattr(logger, "level", logger.level)
    tasks = dask_workers.Tasks("x", make, [], logs=True)
    tasks.process = os.getpid() if own else -1
    tasks.setup(None)
    assert logger.propagate is own
