"""The runner: what fails, what is done before, and which changes of the code make results another version's."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from small_evaluation import parameters_of, small_sources

from pathlore.engine import Lost
from pathlore.errors import PathloreError
from pathlore.evaluation import runner
from pathlore.evaluation.results import Failure, Result
from pathlore.evaluation.runner import evaluate
from pathlore.evaluation.tasks import START, Task
from pathlore.keys import Obs

QUICK = {"repeats": 2, "seeds": 0, "permutations": 0, "axes": []}


def small(tmp_path, **changes):
    return parameters_of(**{"quick": QUICK, "store": str(tmp_path / "tasks")} | changes)


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


def test_a_task_whose_worker_was_killed_is_a_failure_of_its_own(tmp_path, monkeypatch):
    """It is written down, the others count, and the next start tries it alone."""
    parameters = small(tmp_path, baselines=["majority"], quick=QUICK | {"repeats": 1})
    sources, made = small_sources(), runner.run_many

    def lose_one(*given, **named):
        for task, result in made(*given, **named):
            yield task, Lost("its worker ended") if task.variant == "majority" else result

    monkeypatch.setattr(runner, "run_many", lose_one)
    found = evaluate(sources, parameters)
    assert found.failures[["variant", "message"]].to_numpy().tolist() == [["majority", "its worker ended"]]
    assert set(found.runs["variant"]) == {"pathlore"}
    monkeypatch.setattr(runner, "run_many", made)
    again = []
    evaluate(sources, parameters, lambda key, task, result: again.append((task.variant, type(result))))
    assert sorted(again, key=str) == [("majority", Result), ("pathlore", Result)]


@pytest.mark.parametrize(("kind", "expected"), [("model", 2), (START, 0)])
def test_fits_on_gpus_have_one_worker_for_each(tmp_path, monkeypatch, kind, expected):
    parameters = small(tmp_path, baselines=[]).changed(
        {"modeling.training.accelerator": "cuda", "engine.workers": 0}, "test"
    )
    asked = []
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setattr(runner, "run_many", lambda make, tasks, engine, **_: asked.append(engine.workers) or iter([]))
    with pytest.raises(KeyError):
        runner.run_tasks(small_sources(), parameters, [Task(None, "pooled", 0, 0, "pathlore", kind, "")])
    assert asked == [expected]


@pytest.fixture
def package(monkeypatch, tmp_path):
    """A small package of three files, one of which decides results."""
    folder = tmp_path / "pathlore"
    for file in ("training/fit.py", "evaluation/runner.py", "evaluation/report/page.py"):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("def rate(x):\n    return x / 2\n")
    monkeypatch.setattr(runner, "__file__", str(folder / "evaluation/runner.py"))
    return folder


SAME = {
    "comment": "# half of it\ndef rate(x):\n    return x / 2  # by two\n",
    "docstring": '"""Rates."""\ndef rate(x):\n    """Half of it."""\n    return x / 2\nLIMIT: int\n"""Of rates."""\n',
    "form": "def rate(\n    x,\n):\n    return (x / 2)\n",
}


@pytest.mark.parametrize("text", [SAME["comment"], SAME["form"]], ids=["comment", "form"])
def test_comments_and_the_form_of_the_text_keep_results(package, text):
    before = runner.source_checksum()
    (package / "training/fit.py").write_text(text)
    assert runner.source_checksum() == before


def test_docstrings_keep_results(package):
    (package / "training/fit.py").write_text(SAME["docstring"])
    before = runner.source_checksum()
    (package / "training/fit.py").write_text(SAME["docstring"].replace("Half of it", "One in two").replace("Of r", "R"))
    assert runner.source_checksum() == before


def test_other_code_of_the_methods_is_another_version(package):
    """A changed number in what is fitted makes old results another version's; one in what is shown does not."""
    before = runner.source_checksum()
    (package / "evaluation/report/page.py").write_text("def rate(x):\n    return x / 3\n")
    assert runner.source_checksum() == before
    (package / "training/fit.py").write_text("def rate(x):\n    return x / 3\n")
    assert runner.source_checksum() != before


def test_every_pattern_of_what_decides_finds_files():
    folder = Path(runner.__file__).parents[1]
    assert all(list(folder.glob(pattern)) for pattern in runner.DECIDING)
