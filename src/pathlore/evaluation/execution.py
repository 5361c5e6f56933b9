"""One task of an evaluation from its sources to its result; cases are kept for the next task that needs them."""

import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Final, Generic, TypeVar

from pathlore.config import CellsConfig, Parameters, PopulationConfig, SimulationConfig
from pathlore.engine import Report
from pathlore.errors import PathloreError
from pathlore.evaluation.cohort import scenario, simulated_cohort
from pathlore.evaluation.discovery_results import look_for_paths
from pathlore.evaluation.methods import run_method
from pathlore.evaluation.results import Failure, Result, judged
from pathlore.evaluation.tasks import Task, case_key, task_parameters
from pathlore.evaluation.variants import DISCOVERY
from pathlore.expression.prepare import prepare_cells
from pathlore.study.case import Case
from pathlore.study.prepare import prepare
from pathlore.study.sources import Sources, limited

T = TypeVar("T")

SIMULATED: Final = CellsConfig(
    layer="X",
    gene_column=None,
    condition="condition",
    classes={"control": ["control"], "case": ["case"]},
    donor="donor",
    paired_donors=False,
    donor_names="global",
    similar_donors="refuse",
    cell_type="cell_type",
    missing=[],
)
"""Where a simulated cohort has its labels."""


class Execution:
    """Do tasks on shared sources, in one process.

    Parameters
    ----------
    sources
        Cells and knowledge.
    parameters
        Those of the default model at the evaluation's size, see `pathlore.evaluation.variants.sized`.
    """

    def __init__(self, sources: Sources, parameters: Parameters) -> None:
        self.sources, self.parameters = sources, parameters
        self._cases: LRUCache[Mapping[str, Case]] = LRUCache(3)
        self._cohorts: LRUCache[Sources] = LRUCache(1)

    def __call__(self, task: Task, report: Report = lambda message: None) -> Result | Failure:
        """Do one task; an error is the result of that task alone."""
        start = time.perf_counter()
        try:
            parameters = task_parameters(task, self.parameters)
            if task.kind == DISCOVERY:
                found = look_for_paths(task, *self._world(task, parameters))
                return replace(found, seconds=time.perf_counter() - start)
            case = self._case(task, parameters)
            return judged(*run_method(task, case, parameters), time.perf_counter() - start)
        except PathloreError as error:
            return Failure(str(error), traceback.format_exc())
        except Exception as error:
            return Failure(f"{type(error).__name__}: {' '.join(str(error).split())}", traceback.format_exc())

    def _case(self, task: Task, parameters: Parameters) -> Case:
        def make() -> Mapping[str, Case]:
            sources, changed = self._world(task, parameters)
            return prepare(sources, changed, task.fold, changed.evaluation.chosen.folds, task.seed)

        cases = self._cases.get(case_key(task, parameters), make)
        if task.population not in cases:
            raise PathloreError(
                f"{task.population} is no population of {', '.join(cases)}: check `evaluation.scenarios`"
            )
        return replace(cases[task.population], seed=task.seed)

    def _world(self, task: Task, parameters: Parameters) -> tuple[Sources, Parameters]:
        """The cohort's own cells, or those of the task's scenario."""
        if task.scenario is None:
            return self.sources, parameters
        return self._simulated(task.scenario, task.seed), simulated_parameters(parameters)

    def _simulated(self, name: str, seed: int) -> Sources:
        """The cohort of a scenario; the default's list of paths decides its genes, whatever the variant."""

        def make() -> Sources:
            network = self.sources.network
            config = scenario(name, seed)
            cohort = simulated_cohort(network, self.parameters.graph_construction.paths, config)
            quality = self.parameters.ingestion.quality.model_copy(
                update={"min_genes": 0, "max_mitochondrial_percent": 100.0, "scale": "counts"}
            )
            cells = prepare_cells(cohort, SIMULATED, quality)
            truth = {config.populations[0]: frozenset(str(path) for path in cohort.uns["planted_paths"])}
            whole = Sources(cells, network, self.sources.annotations, self.sources.given, truth)
            changed = simulated_parameters(self.parameters)
            return limited(whole, changed.ingestion.population, changed.evaluation.chosen.max_cells, seed)[0]

        return self._cohorts.get((name, seed), make)


def simulated_parameters(parameters: Parameters) -> Parameters:
    """The parameters with the labels, and the one population, of a simulated cohort."""
    population = PopulationConfig(
        mode="per_cell_type", include=[scenario_population()], exclude=[], min_cells_per_class=1
    )
    ingestion = parameters.ingestion.model_copy(update={"cells": SIMULATED, "population": population})
    return parameters.model_copy(update={"ingestion": ingestion})


def scenario_population() -> str:
    """The population of a simulated cohort in which paths are planted."""
    return SimulationConfig().populations[0]


class LRUCache(Generic[T]):
    """The last few things that were made, by key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._things: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Look up, or make and keep; the one that was not used for longest goes."""
        if key not in self._things:
            while len(self._things) >= self._most:
                self._things.popitem(last=False)
            self._things[key] = make()
        self._things.move_to_end(key)
        return self._things[key]
