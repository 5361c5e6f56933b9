"""Partitioned datasets: one table, graph, model or plot per population; and nodes that are written for one of them."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any, TypedDict, TypeVar, get_type_hints

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
        results = {
            key: function(**given | {name: given[name][key]() for name in each}) for key in sorted(given[each[0]])
        }
        first = next(iter(results.values()), None)
        if not isinstance(first, tuple):
            return results
        return tuple({key: parts[place] for key, parts in results.items()} for place in range(len(first)))

    return for_all


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
