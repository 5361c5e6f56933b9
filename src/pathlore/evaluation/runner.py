"""The evaluation: every task once, on the engine, and never again once it is finished."""

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import CodeType

from pathlore.config import Parameters
from pathlore.engine import Lost, run_many
from pathlore.errors import PathloreError, shorten
from pathlore.evaluation.execution import Execution, scenario_population
from pathlore.evaluation.network_shape import with_corrected
from pathlore.evaluation.results import Evaluation, Failure, Result, collect
from pathlore.evaluation.store import Store
from pathlore.evaluation.tasks import START, Task, case_key, plan, task_key, task_parameters
from pathlore.evaluation.variants import sized
from pathlore.keys import Split
from pathlore.progress import Progress, duration
from pathlore.study.sources import Sources, limited
from pathlore.training.machine import one_per_gpu

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


DECIDING = (
    *(f"{folder}/**/*.py" for folder in ("expression", "graph", "text", "model", "signals", "study", "training")),
    *(f"explain/{name}.py" for name in ("discovery", "importance", "relevance")),
    "evaluation/baselines/*.py",
    *(
        f"evaluation/{name}.py"
        for name in ("cohort", "discovery", "discovery_results", "execution", "fitted", "methods", "nulls", "results")
    ),
)
"""Source files that decide results; those that judge and show them may change."""

OnResult = Callable[[str, Task, Result | Failure], None]
"""Called in the first process with each task's fingerprint, those that an earlier start has finished included."""


def evaluate(
    sources: Sources, parameters: Parameters, on_result: OnResult = lambda key, task, result: None
) -> Evaluation:
    """Run what `evaluation` in the parameters asks for, and bring all results together.

    Results are kept in the folder ``evaluation.store`` under a fingerprint of all that decides them, the source of the
    methods included, so that a second start, after a kill or with more repeats, runs only what is not there yet. Tasks
    that differ in name alone are run once. A task that fails is written down and left out; the next start tries it
    again.

    Parameters
    ----------
    sources
        Prepared cells and knowledge.
    parameters
        All of them; what a variant does not change is the default model's.
    on_result
        For a record elsewhere.

    Raises
    ------
    PathloreError
        Nothing can be run, all tasks failed, or another evaluation uses the store.
    """
    base = sized(parameters)
    small, names = smaller(sources, base)
    done = run_tasks(small, base, plan(base, names, scenario_population()), on_result)
    made = collect(done)
    return replace(made, rankings=with_corrected(made.rankings))


def smaller(sources: Sources, base: Parameters) -> tuple[Sources, list[str]]:
    """The cells that are fitted, and the names of their populations."""
    ingestion, wanted = base.ingestion, base.evaluation.populations
    small, names = limited(sources, ingestion.population, base.evaluation.chosen.max_cells, ingestion.split.seed)
    unknown = set(wanted) - set(names)
    if unknown:
        raise PathloreError(
            f"population(s) {shorten(unknown)} not found, there are {shorten(names, 30)}: change "
            "`evaluation.populations`"
        )
    return small, wanted or names


def run_tasks(
    sources: Sources,
    base: Parameters,
    tasks: Sequence[Task],
    on_result: OnResult = lambda key, task, result: None,
    name: str = "Evaluation",
) -> dict[Task, Result | Failure]:
    """Do the tasks that no earlier start has done.

    Parameters
    ----------
    sources
        Of as many cells as are to be fitted.
    base
        The parameters at the size of the fits, see `pathlore.evaluation.variants.sized`.
    tasks
        In the order in which they are begun.
    on_result
        For a record elsewhere.
    name
        What all of it is called in the log.

    Raises
    ------
    PathloreError
        All tasks failed, or another process uses the store.
    """
    data = sources.checksum() + source_checksum()
    parameters_of = {task: task_parameters(task, base) for task in tasks}
    keys = {task: task_key(task, parameters_of[task], base, data) for task in tasks}
    groups = {task: case_key(task, parameters_of[task]) for task in tasks}
    store = Store(Path(base.evaluation.store))
    first: dict[str, Task] = {}  # of tasks with one key the first
    for task, key in keys.items():
        first.setdefault(key, task)
    with store.locked():
        results: dict[str, Result | Failure] = {}
        for key, task in first.items():
            found = store.load(key)
            if found is not None:
                results[key] = found
                on_result(key, task, found)
        missing = [task for key, task in first.items() if key not in results]
        logger.info("%s: %d tasks, %d of them finished before; %s", name, len(first), len(results), store.folder)
        trains = any(task.kind != START for task in missing)
        engine = one_per_gpu(base.engine, base.modeling.training) if trains else base.engine
        made = run_many(partial(Execution, sources, base), missing, engine, group=groups.__getitem__)
        with Progress(name, len(first), len(results), lines=False) as progress:
            for task, result in made:
                key, outcome = keys[task], Failure(result.message) if isinstance(result, Lost) else result
                if isinstance(outcome, Result):
                    store.save(key, task, outcome)
                else:
                    store.fail(key, task, outcome)
                results[key] = outcome
                on_result(key, task, outcome)
                log_finished(progress, task, outcome)
    done = {task: results[keys[task]] for task in tasks}
    _summarise(done, name)
    return done


def source_checksum() -> str:
    """SHA-256 of the code that decides what a fit comes to: results of another version are not taken for this one's.

    Of each file its bytecode counts: comments, docstrings and the form of the text do not.
    """
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(file for part in DECIDING for file in package.glob(part)):
        code = compile(path.read_bytes(), path.name, "exec", optimize=2, dont_inherit=True)
        digest.update(f"{path.relative_to(package)}{_instructions(code)}".encode())
    return digest.hexdigest()


def _instructions(code: CodeType) -> list[object]:
    """What a piece of code does, without the places of its lines."""
    constants: list[object] = []
    for one in code.co_consts:
        inner = _instructions(one) if isinstance(one, CodeType) else None
        constants.append(inner or (sorted(map(repr, one)) if isinstance(one, frozenset) else one))
    names = [code.co_name, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars]
    return [code.co_code, code.co_exceptiontable, names, constants]


def _summarise(results: dict[Task, Result | Failure], name: str) -> None:
    """Say once what failed, and refuse to go on with nothing."""
    failed = {task: result for task, result in results.items() if isinstance(result, Failure)}
    spent = sum(result.seconds for result in results.values() if isinstance(result, Result))
    logger.info(
        "%s: %d of %d tasks finished, %s of work", name, len(results) - len(failed), len(results), duration(spent)
    )
    if not failed:
        return
    reasons = Counter(failure.message for failure in failed.values())
    said = "; ".join(f"{n} x {message}" for message, n in reasons.most_common(5))
    if len(failed) == len(results):
        raise PathloreError(f"{name}: all {len(failed)} tasks failed: {said}")
    variants = Counter(task.variant for task in failed)
    logger.warning(
        "%s: %d of %d tasks FAILED (%s) and are tried again at the next start: %s",
        name,
        len(failed),
        len(results),
        ", ".join(f"{name} {n}" for name, n in variants.most_common()),
        said,
    )
