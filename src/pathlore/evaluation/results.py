"""What one task leaves behind, as the rows of three tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pathlore.evaluation.fitted import ALONE, STRENGTH, Fitted
from pathlore.evaluation.recovery import recovery
from pathlore.evaluation.tasks import Task
from pathlore.keys import Split
from pathlore.schemas import EvaluationDiscovery, EvaluationWithheld
from pathlore.study.case import Case
from pathlore.training.metrics import metrics_table
from pathlore.training.predictions import prediction_table

LABELS = ["scenario", "population", "fold", "seed", "variant"]
RUNS = [
    "scenario", "population", "split_by", "fold", "seed", "variant", "kind", "axis", "split", "level", "metric",
    "value", "n",
]  # fmt: skip
RANKINGS = [*LABELS, "path", "score", "value", "planted"]
FAILURES = [*LABELS, "kind", "axis", "message"]
METRIC_COLUMNS = ["split", "level", "metric", "value", "n"]


@dataclass(frozen=True)
class Result:
    """A finished task.

    Attributes
    ----------
    metrics
        Columns split, level, metric, value, n.
    predictions
        One row per test cell: cell, donor, cell_type, label and the probability of each class.
    rankings
        One row per path and score: path, score, value, planted.
    notes
        Epochs, number of parameters and so on.
    split_by
        ``donor`` or ``cell``.
    seconds
        That it took, preparation included.
    discovered
        `pathlore.schemas.DiscoveredPaths`, of a search for new paths.
    withheld
        One row of `pathlore.schemas.EvaluationWithheld`, but for scenario and simulation, of a search for a planted
        path.
    """

    metrics: pd.DataFrame
    predictions: pd.DataFrame
    rankings: pd.DataFrame
    notes: Mapping[str, float]
    split_by: str
    seconds: float
    discovered: pd.DataFrame = field(default_factory=pd.DataFrame)
    withheld: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class Failure:
    """A task that could not be finished: what is said to the user, and where it happened."""

    message: str
    trace: str = ""


@dataclass(frozen=True)
class Evaluation:
    """The tables of all tasks, each as `pathlore.schemas` has it: ``EvaluationRuns`` and so on."""

    runs: pd.DataFrame
    predictions: pd.DataFrame
    rankings: pd.DataFrame
    failures: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=FAILURES))
    discovered: pd.DataFrame = field(default_factory=EvaluationDiscovery.empty)
    withheld: pd.DataFrame = field(default_factory=EvaluationWithheld.empty)


def judged(case: Case, fitted: Fitted, seconds: float) -> Result:
    """Turn predictions and rankings of a case to tables, with every figure they are judged by."""
    held = {split: _predictions(case, fitted, split) for split in fitted.probabilities}
    metrics = [*_metrics(case, held), *_recovered(case, fitted)]
    alone = {name: value for name, value in fitted.notes.items() if name.endswith(ALONE)}
    metrics += [(Split.TEST, name, "auroc", value, len(case.data[Split.TEST])) for name, value in alone.items()]
    test = held.get(Split.TEST, pd.DataFrame())
    return Result(
        pd.DataFrame(metrics, columns=METRIC_COLUMNS),
        test.drop(columns=["split", "method", "predicted"], errors="ignore"),
        _rankings(case, fitted),
        {name: note for name, note in fitted.notes.items() if name not in alone} | {"seconds": seconds},
        case.split_by,
        seconds,
    )


def collect(results: Mapping[Task, Result | Failure]) -> Evaluation:
    """Join what all tasks left behind."""
    done = {task: result for task, result in results.items() if isinstance(result, Result)}
    runs = [_run_rows(task, result) for task, result in done.items()]
    predictions = [_labelled(task, result.predictions) for task, result in done.items() if len(result.predictions)]
    rankings = [_labelled(task, result.rankings) for task, result in done.items() if len(result.rankings)]
    failures = [
        (*(getattr(task, name) for name in LABELS), task.kind, task.axis, failure.message)
        for task, failure in results.items()
        if isinstance(failure, Failure)
    ]
    discovered = [
        result.discovered.assign(population=task.population, fold=task.fold, seed=task.seed)
        for task, result in done.items()
        if task.scenario is None and len(result.discovered)
    ]
    withheld = [
        result.withheld.assign(scenario=task.scenario, simulation=task.seed)
        for task, result in done.items()
        if len(result.withheld)
    ]
    ranked = _joined(rankings, RANKINGS)
    return Evaluation(
        _joined(runs, RUNS)[RUNS],
        _joined(predictions, [*LABELS, "cell", "donor", "cell_type", "label"]),
        ranked[RANKINGS].astype({"planted": "boolean"}),
        pd.DataFrame(failures, columns=FAILURES),
        pd.concat(discovered, ignore_index=True) if discovered else EvaluationDiscovery.empty(),
        pd.concat(withheld, ignore_index=True) if withheld else EvaluationWithheld.empty(),
    )


def recorded(
    task: Task, result: Result | Failure
) -> tuple[str, dict[str, str], dict[str, Any], dict[str, float], str | None]:
    """What a record of experiments shows of a task: name, tags, parameters, metrics, and why it failed."""
    tags = {name: str(getattr(task, name) or "") for name in (*LABELS, "kind", "axis")}
    if isinstance(result, Failure):
        return str(task), tags, dict(task.changes), {}, result.message
    rows = result.metrics.itertuples(index=False)
    metrics = {f"{row.split}/{row.level}/{row.metric}": float(row.value) for row in rows}
    return str(task), tags | {"split_by": result.split_by}, dict(task.changes), metrics | dict(result.notes), None


def _predictions(case: Case, fitted: Fitted, split: str) -> pd.DataFrame:
    table = prediction_table(case.data[split], split, "", np.asarray(fitted.probabilities[split]), case.class_names)
    table.insert(2, "cell_type", case.cell_types[split])
    return table


def _metrics(case: Case, held: Mapping[str, pd.DataFrame]) -> Iterator[tuple[object, ...]]:
    if not held:
        return
    trained = {donor for donor in case.data[Split.TRAIN].donors if donor is not None}
    whole = pd.concat(held.values(), ignore_index=True)
    table = metrics_table(whole, case.class_names, case.population, trained, whole["cell_type"])
    yield from table[METRIC_COLUMNS].itertuples(index=False, name=None)


def _rankings(case: Case, fitted: Fitted) -> pd.DataFrame:
    """A planted path that is not listed has a row without a value."""
    paths = list(case.graph.paths["path"])
    missing = sorted((case.truth or frozenset()) - set(paths))
    tables = []
    for name, scores in fitted.rankings.items():
        table = pd.DataFrame({"path": [*paths, *missing], "score": name})
        table["value"] = [*np.asarray(scores, dtype=np.float64), *[np.nan] * len(missing)]
        tables.append(table)
    whole = _joined(tables, ["path", "score", "value"])
    planted = None if case.truth is None else [path in case.truth for path in whole["path"]]
    return whole.assign(planted=pd.array([None] * len(whole) if planted is None else planted, dtype="boolean"))


def _recovered(case: Case, fitted: Fitted) -> Iterator[tuple[object, ...]]:
    """How well each score finds the planted paths; those of `importance` without its name."""
    if case.truth is None:
        return
    table = _rankings(case, fitted)
    for score, rows in table[table["score"] != STRENGTH].groupby("score", sort=False):
        found = recovery(rows["value"].to_numpy(float), rows["planted"].to_numpy(bool))
        for metric, value in found.items():
            name = metric if score == "importance" else f"{score}_{metric}"
            yield Split.TEST, "path", name, value, len(rows)


def _run_rows(task: Task, result: Result) -> pd.DataFrame:
    """The metrics, and what the fit noted about itself as metrics of the training cells."""
    notes = pd.DataFrame(
        [(Split.TRAIN, "fit", name, value, 1) for name, value in result.notes.items() if np.isfinite(value)],
        columns=METRIC_COLUMNS,
    )
    table = _labelled(task, _joined([result.metrics, notes], METRIC_COLUMNS))
    return table.assign(split_by=result.split_by, kind=task.kind, axis=task.axis)


def _labelled(task: Task, table: pd.DataFrame) -> pd.DataFrame:
    labels = pd.DataFrame({name: getattr(task, name) for name in LABELS}, index=table.index)
    return pd.concat([labels.astype({"scenario": object}), table], axis=1)


def _joined(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    full = [table for table in tables if len(table)]
    return pd.concat(full, ignore_index=True) if full else pd.DataFrame(columns=list(columns))
