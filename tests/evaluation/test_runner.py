"""The runner with real processes: what fails, what dies, what is done before."""

import logging
import os
import signal
from dataclasses import replace

import pytest
from small_evaluation import parameters_of, small_sources

from pathlore.errors import PathloreError
from pathlore.evaluation import runner, workers
from pathlore.evaluation.results import Failure, Result
from pathlore.evaluation.runner import evaluate
from pathlore.evaluation.tasks import Task
from pathlore.keys import Obs

QUICK = {"repeats": 2, "seeds": 0, "permutations": 0, "axes": []}


def small(tmp_path, **changes):
    return parameters_of(**{"quick": QUICK, "store": str(tmp_path / "tasks"), "workers": 1} | changes)


def test_what_fails_is_said_and_tried_again(tmp_path, caplog):
    """A path filter that leaves nothing fails in its variant alone."""
    broken = {"path_list": {"nothing": {"graph_construction.paths.pathways": ["Hedgehog signaling"]}}}
    parameters = small(tmp_path, quick=QUICK | {"axes": ["path_list"]}, variants=broken, baselines=["majority"])
    sources = small_sources()
    seen = []
    with caplog.at_level(logging.INFO):
        made = evaluate(sources, parameters, lambda key, task, result: seen.append((task.variant, type(result))))
    assert set(made.failures["variant"]) == {"nothing"}
    assert made.failures["message"].str.contains("not in the network").all()
    assert set(made.runs["variant"]) == {"pathlore", "majority"}
    assert "2 of 6 tasks FAILED (nothing 2)" in caplog.text
    assert seen.count(("nothing", Failure)) == 2
    assert len(seen) == 6
    caplog.clear()
    again = []
    with caplog.at_level(logging.INFO):
        evaluate(sources, parameters, lambda key, task, result: again.append((task.variant, type(result))))
    assert "6 tasks, 4 of them finished before" in caplog.text
    assert sorted(map(str, again)) == sorted(map(str, seen)), "the record hears of all, old and new"


def test_when_everything_fails(tmp_path):
    sources = small_sources()
    parameters = small(tmp_path, quick=QUICK | {"repeats": 1}, baselines=[])
    empty = replace(sources, network=sources.network[sources.network["kind"] != "tf_target"])
    with pytest.raises(PathloreError, match="Evaluation: all 1 tasks failed: 1 x population pooled"):
        evaluate(empty, parameters)


def test_the_populations_that_are_asked_for(tmp_path):
    sources = small_sources()
    chosen = {"quick": QUICK | {"repeats": 1}, "baselines": ["majority"]}
    cell_types = {"ingestion.population.mode": "per_cell_type"}
    typed = sources.cells.obs[Obs.CELL_TYPE].astype(str).unique().tolist()
    parameters = small(tmp_path, populations=typed[-1:], **chosen).changed(cell_types, "test")
    assert set(evaluate(sources, parameters).runs["population"]) == set(typed[-1:])
    own = {"axes": ["models"], "repeats": 1}
    variant = {"models": {"short": {"modeling.training.epochs": 1}}}
    whole = small(tmp_path, populations=["pooled"], quick=QUICK | own, baselines=[], variants=variant)
    population = whole.ingestion.population.model_copy(update={"mode": "per_cell_type"})
    typed_cells = whole.model_copy(update={"ingestion": whole.ingestion.model_copy(update={"population": population})})
    runs = evaluate(sources, typed_cells).runs
    assert set(runs["population"]) == {"pooled"}
    assert set(runs["variant"]) == {"pathlore", "short"}
    unknown = small(tmp_path, populations=["Kupffer cells"], **chosen).changed(cell_types, "test")
    with pytest.raises(PathloreError, match=r"Kupffer cells not found, there are .* change `evaluation\.populations`"):
        evaluate(sources, unknown)


def test_a_process_that_dies_takes_one_task_with_it():
    """The first task is never finished: its process is killed from outside."""
    tasks = [Task(None, "pooled", 0, seed, "majority", "baseline", "baselines") for seed in range(3)]
    parameters = parameters_of(quick=QUICK)
    results = {}
    hands, made = [], workers.Hand.__init__

    def watch(self, *given):
        made(self, *given)
        hands.append(self)
        if len(hands) == 1:
            os.kill(self._process.pid, signal.SIGKILL)

    workers.Hand.__init__ = watch
    try:
        for task, result in workers.work(tasks, str, 1, small_sources(), parameters):
            results[task] = result
    finally:
        workers.Hand.__init__ = made
    assert [type(results[task]) for task in tasks] == [Failure, Result, Result]
    assert "exit code -9 (out of memory?)" in results[tasks[0]].message
    assert len(hands) == 2
    assert not any(hand._process.is_alive() for hand in hands)


def test_processes_share_out_the_groups():
    """A process stays with the case that it has; another begins the next one, and helps when none is left."""

    class Free:
        def __init__(self, group):
            self.group = group

    waiting = ["b1", "a2", "b2", "c1"]
    group = {"b1": "b", "a2": "a", "b2": "b", "c1": "c"}.__getitem__
    first, second = Free("a"), Free("b")
    assert workers._next(waiting, group, first, [first, second]) == 1
    assert workers._next(waiting, group, second, [first, second]) == 0
    assert workers._next(["b1", "c1"], group, first, [first, second]) == 1
    assert workers._next(["b1", "b2"], group, first, [first, second]) == 0


def test_the_source_of_the_methods_is_part_of_the_fingerprint(monkeypatch, tmp_path):
    """A changed line in what is fitted makes old results another version's; one in what is shown does not."""
    package = tmp_path / "pathlore"
    for file in ("training/fit.py", "evaluation/runner.py", "evaluation/report/page.py"):
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text("1")
    monkeypatch.setattr(runner, "__file__", str(package / "evaluation/runner.py"))
    before = runner.source_checksum()
    (package / "evaluation/report/page.py").write_text("2")
    assert runner.source_checksum() == before
    (package / "training/fit.py").write_text("2")
    assert runner.source_checksum() != before
