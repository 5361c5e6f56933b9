"""The list of what an evaluation runs: populations x repeats x methods, and scenarios x simulations x methods."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pathlore.config import EvaluationParameters, Parameters
from pathlore.config.blocks import meant
from pathlore.errors import PathloreError, shorten
from pathlore.evaluation.baselines import BASELINES, RANKINGS
from pathlore.evaluation.cohort import SCENARIO_PARAMETERS, SCENARIOS, scenario
from pathlore.evaluation.variants import DISCOVERY, NULLS, Variant, every_variant, on_axes, seeded

PERMUTED: Final = "permuted_labels"
DETERMINISTIC: Final = "deterministic"
WITHHELD: Final = "withheld"
START: Final = "start"
"""Kind of a task that ranks the paths by their importance before any training."""
MAIN: Final = "main"
"""The scenario in which planted paths are taken off the list."""

OF_THE_MACHINE: Final = {
    "modeling": {"training": {"checkpoints", "threads", "workers", "scratch", "devices", "nodes", "strategy"}},
    "text_embedding": {"encoder": {"cache", "device", "batch_tokens"}, "encoders": True},
}
"""Parameters of which no result depends."""


@dataclass(frozen=True)
class Task:
    """One method on one case.

    Attributes
    ----------
    scenario
        Scenario of the simulation that the case is made of; None: the cohort's own cells.
    population, fold, seed
        Of the case; in a scenario ``seed`` is also that of the simulation.
    variant, kind, axis
        Labels of the method: ``model``, ``ablation``, ``baseline``, ``ranking``, ``null``,
        ``discovery`` or ``start``.
    changes
        What a variant changes, dotted parameter -> value.
    """

    scenario: str | None
    population: str
    fold: int
    seed: int
    variant: str
    kind: str
    axis: str
    changes: tuple[tuple[str, Any], ...] = field(default=(), hash=False)

    def __str__(self) -> str:
        """Name it in a log line."""
        where = f"{self.scenario}, " if self.scenario else ""
        return f"{self.variant}: {where}{self.population}, fold {self.fold}, seed {self.seed}"


def plan(parameters: Parameters, populations: Sequence[str], scenario_population: str) -> list[Task]:
    """List all tasks of an evaluation.

    Repeat r of ``repeats`` holds out fold r and draws from seed r. The methods of ``stability`` are fitted from
    ``seeds`` further seeds with fold 0 held out, so that what the seed changes and what the donors change can be told
    apart. Labels are permuted anew in each of ``permutations`` fits, which go round the folds. New paths are looked for
    with fold 0 held out, and, where the scenario `main` is run, in ``withheld`` simulations of it for a planted path
    that is not on the list. Each scenario has ``simulations``; the methods that ``confirmed`` names for it are run on
    ``further_simulations`` beyond them.

    Parameters
    ----------
    parameters
        With the block `evaluation`.
    populations
        Those of the cohort.
    scenario_population
        The population of a simulated cohort in which paths are planted.

    Raises
    ------
    PathloreError
        A name in `evaluation` is no variant, baseline, axis or scenario.
    """
    config, size = parameters.evaluation, parameters.evaluation.chosen
    methods = [*(_labels(variant) for variant in on_axes(config)), *map(_baseline, config.baselines)]
    steady = _chosen(config, config.stability, "stability")
    tasks = []
    for population in populations:
        for repeat in range(size.repeats):
            tasks += [Task(None, population, repeat, repeat, **labels) for labels in methods]
        for seed in range(size.repeats, size.repeats + size.seeds) if size.repeats else ():
            tasks += [Task(None, population, 0, seed, **labels) for labels in steady]
        if NULLS in size.axes and size.repeats:
            tasks += permuted(population, size.permutations, size.repeats)
            tasks += [
                Task(None, population, repeat, repeat, DETERMINISTIC, "null", NULLS) for repeat in range(size.repeats)
            ]
        if DISCOVERY in size.axes and size.repeats:
            tasks.append(Task(None, population, 0, 0, DISCOVERY, DISCOVERY, DISCOVERY))
    for key in ("scenario_extras", "confirmed"):
        unknown = set(getattr(config, key)) - set(SCENARIOS)
        if unknown:
            raise PathloreError(
                f"`evaluation.{key}` names {shorten(unknown)}; expected scenarios ({', '.join(SCENARIOS)}): change it"
            )
    for name in config.scenarios:
        simulated = _chosen(config, config.scenario_variants, "scenario_variants")
        simulated += _chosen(config, config.scenario_extras.get(name, []), f"scenario_extras.{name}")
        for seed in range(size.simulations):
            tasks += [Task(name, scenario_population, 0, seed, **labels) for labels in simulated]
        confirmed = _chosen(config, config.confirmed.get(name, []), f"confirmed.{name}")
        for seed in range(size.simulations, size.simulations + size.further_simulations):
            tasks += [Task(name, scenario_population, 0, seed, **labels) for labels in confirmed]
        if name == MAIN and DISCOVERY in size.axes:
            tasks += [
                Task(name, scenario_population, 0, seed, WITHHELD, DISCOVERY, DISCOVERY)
                for seed in range(size.withheld)
            ]
    if not tasks:
        raise PathloreError(
            f"nothing is to be run: `evaluation.{config.size}.repeats` is 0, and no scenario or no simulation is asked "
            "for: raise it, or name `evaluation.scenarios`"
        )
    return tasks


def permuted(population: str, permutations: int, repeats: int) -> list[Task]:
    """Fits to permuted labels, which go round the folds."""
    return [Task(None, population, number % repeats, number, PERMUTED, "null", NULLS) for number in range(permutations)]


def task_parameters(task: Task, base: Parameters) -> Parameters:
    """The parameters of one task: its scenario's, the variant's changes, and its seed wherever something is drawn."""
    changes = {**SCENARIO_PARAMETERS.get(task.scenario or "", {}), **dict(task.changes)}
    return seeded(base.changed(changes, f"evaluation, {task.variant}"), task.seed)


def case_key(task: Task, parameters: Parameters) -> str:
    """What decides the case: tasks of one key share the preparation."""
    blocks = parameters.model_dump(include={"ingestion", "graph_construction", "text_embedding"})
    data = task.seed if task.scenario else None
    return _digest([task.scenario, data, task.fold, _without(blocks, OF_THE_MACHINE)])


def task_key(task: Task, parameters: Parameters, base: Parameters, data: str) -> str:
    """Fingerprint of everything that decides a task's result; names are not part of it.

    Parameters
    ----------
    task
        Which one.
    parameters
        Those of the task, see `task_parameters`.
    base
        Those of the default, whose list of paths decides how large a simulated world is.
    data
        SHA-256 of the inputs.
    """
    plain = task.kind in ("baseline", "ranking")
    blocks = {"ingestion", "graph_construction", "text_embedding", *(() if plain else ("modeling",))}
    tree = _without(parameters.model_dump(include=blocks), OF_THE_MACHINE)
    evaluation = parameters.evaluation
    sizes = [evaluation.chosen.folds, evaluation.chosen.max_cells, parameters.modeling.model.wide_genes]
    method = task.variant if plain or task.kind in ("null", DISCOVERY) else START if task.kind == START else "model"
    world = None
    if task.scenario is not None:
        world = [scenario(task.scenario, task.seed).model_dump(), base.graph_construction.paths.model_dump()]
    search = [parameters.interpretation.discovery.model_dump()] if task.kind == DISCOVERY else []
    return _digest([data, world, task.population, task.fold, task.seed, method, sizes, tree, *search])


def _labels(variant: Variant) -> dict[str, Any]:
    changes = tuple(sorted(variant.changes.items()))
    return {"variant": variant.name, "kind": variant.kind, "axis": variant.axis, "changes": changes}


def _baseline(name: str) -> dict[str, Any]:
    if name not in BASELINES:
        raise PathloreError(
            f"`evaluation.baselines`: {name} is not known, there are {shorten(BASELINES, 40)}: change it"
        )
    return {"variant": name, "kind": "ranking" if name in RANKINGS else "baseline", "axis": "baselines"}


def _chosen(config: EvaluationParameters, names: Sequence[str], key: str) -> list[dict[str, Any]]:
    variants = every_variant(config)
    unknown = set(names) - set(variants) - set(BASELINES)
    if unknown:
        found = shorten(f"{name}{meant(name, [*variants, *BASELINES])}" for name in unknown)
        raise PathloreError(
            f"`evaluation.{key}` names {found}; expected variants ({shorten(variants, 60)}) or baselines "
            f"({shorten(BASELINES, 40)}): change it"
        )
    return [_labels(variants[name]) if name in variants else _baseline(name) for name in names]


def _without(tree: Mapping[str, Any], dropped: Mapping[str, Any]) -> dict[str, Any]:
    """A tree without some of its leaves."""
    result = {}
    for key, value in tree.items():
        rule = dropped.get(key)
        if rule is True:
            continue
        if isinstance(rule, set):
            result[key] = {name: leaf for name, leaf in value.items() if name not in rule}
        else:
            result[key] = _without(value, rule) if rule else value
    return result


def _digest(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]
