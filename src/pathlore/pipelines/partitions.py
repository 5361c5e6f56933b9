"""Partitioned datasets: one table, graph, model or plot per population; and nodes that are written for one of them."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial, wraps
from typing import Annotated, Any, TypedDict, TypeVar, get_type_hints

from pathlore.config import EngineConfig
from pathlore.engine import Lost, Report, run_many
from pathlore.errors import PathloreError
from pathlore.pipelines.types import DataFrame

T = TypeVar("T")

Partitions = Mapping[str, Callable[[], T]]
"""What Kedro gives a node for a partitioned dataset: partition name -> a function that loads it."""

_EACH = "one per population"
Each = Annotated[T, _EACH]
"""Marks an argument of a `per_population` node that is loaded from the partition of the population at hand."""


class Population(TypedDict):
    """A population as its cells have it: its name, that of its partitions, and its classes, the control first."""

    name: str
    file: str
    classes: list[str]


def per_population(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a node that runs for every population of one that is written for a single one.

    Arguments that are annotated as `Each` are partitioned datasets, all others are given to every call as they are. The
    populations are the partitions of the first `Each`, in the order of their names.

    Returns
    -------
    A function of the same name, signature and annotations. It returns the results by partition; where the function
    returns a tuple, a tuple of such dictionaries, one for each dataset of the node.

    Examples
    --------
    >>> @per_population
    ... def scaled(value: Each[float], factor: float) -> tuple[float, str]:
    ...     return value * factor, f"{value}"
    >>> scaled({"t_cells": lambda: 2.0, "b_cells": lambda: 1.0}, 3.0)
    ({'b_cells': 3.0, 't_cells': 6.0}, {'b_cells': '1.0', 't_cells': '2.0'})
    """
    hints = get_type_hints(function, include_extras=True)
    each = [name for name, hint in hints.items() if _EACH in getattr(hint, "__metadata__", ())]
    signature = inspect.signature(function)

    @wraps(function)
    def for_all(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        return _by_dataset(
            {key: function(**given | {name: given[name][key]() for name in each}) for key in sorted(given[each[0]])}
        )

    return for_all


def on_workers(
    function: Callable[..., Any], files: Iterable[str], load: Callable[[str], tuple[Any, ...]], engine: EngineConfig
) -> Any:
    """Do something for every population, several at a time where the engine has workers.

    One population has all threads of this process; several have one each, wherever they are done.

    Parameters
    ----------
    function
        What is done; can be pickled.
    files
        Names of the populations' partitions.
    load
        Called in this process with the name when the population's turn comes: the arguments of the function.
    engine
        Where it is done.

    Returns
    -------
    As a `per_population` node does.

    Raises
    ------
    PathloreError
        A worker was killed.
    """
    names = sorted(files)
    if len(names) == 1:
        return _by_dataset({names[0]: function(*load(names[0]))})
    results = {}
    for name, made in run_many(partial(_Task, function), names, engine, load=load, logs=True):
        if isinstance(made, Lost):
            raise PathloreError(f"{name} was lost: {made.message}")
        results[name] = made
    return _by_dataset({name: results[name] for name in names})


@dataclass(frozen=True)
class _Task:
    """One population in a worker."""

    function: Callable[..., Any]

    def __call__(self, given: tuple[Any, ...], report: Report) -> Any:
        return self.function(*given)


def _by_dataset(results: dict[str, Any]) -> Any:
    """Of tuples by population, a tuple of dictionaries; others as they are."""
    first = next(iter(results.values()), None)
    if not isinstance(first, tuple):
        return results
    return tuple({key: parts[place] for key, parts in results.items()} for place in range(len(first)))


def load_all(partitions: Partitions[T]) -> dict[str, T]:
    """Load every partition, in the order of their names."""
    return {name: partitions[name]() for name in sorted(partitions)}


def by_name(populations: Partitions[Population], partitions: Partitions[T]) -> dict[str, T]:
    """Load every partition; the names are those that the cells have."""
    return {populations[file]()["name"]: part for file, part in load_all(partitions).items()}


def with_names(table: DataFrame, populations: Partitions[Population]) -> DataFrame:
    """The same table, its column ``population`` with the names that the cells have in place of those of files."""
    names = {file: one["name"] for file, one in load_all(populations).items()}
    return table.assign(population=table["population"].map(lambda file: names.get(file, file)))
