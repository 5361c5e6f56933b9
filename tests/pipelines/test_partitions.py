import inspect
from typing import get_type_hints

import pandas as pd
import pytest
import torch

from pathlore.config import EngineConfig
from pathlore.engine import Lost
from pathlore.errors import PathloreError
from pathlore.pipelines import partitions
from pathlore.pipelines.partitions import Each, Population, by_name, on_workers, per_population, with_names


def lazily(parts):
    return {name: lambda part=part: part for name, part in parts.items()}


NAMES = lazily(
    {
        "t_cells": Population(name="T cells", file="t_cells", classes=["well", "ill"]),
        "b_cells": Population(name="B cells (CD19+)", file="b_cells", classes=["well", "ill"]),
    }
)


@per_population
def weighed(population: Each[Population], value: Each[float], factor: float) -> str:
    """Weigh it."""
    return f"{population['name']}: {value * factor}"


def test_a_node_for_one_population_runs_for_all_in_the_order_of_their_files():
    found = weighed(NAMES, lazily({"t_cells": 2.0, "b_cells": 3.0}), factor=10.0)
    assert list(found.items()) == [("b_cells", "B cells (CD19+): 30.0"), ("t_cells", "T cells: 20.0")]


def test_each_partition_is_loaded_when_its_population_is_at_hand():
    held = []

    @per_population
    def seen(value: Each[str]) -> tuple[int, str]:
        return len(held), value

    parts = {name: lambda name=name: held.append(name) or name for name in ("b", "a")}
    assert seen(parts) == ({"a": 1, "b": 2}, {"a": "a", "b": "b"})


def with_threads(value: int, factor: int) -> tuple[int, int]:
    return value * factor, torch.get_num_threads()


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize(("files", "threads"), [(["a"], 2), (["b", "a"], 1)])
def test_one_population_has_all_threads_and_several_have_one_each(files, threads):
    values = {"a": 1, "b": 2}
    products, seen = on_workers(with_threads, files, lambda name: (values[name], 10), EngineConfig(workers=1))
    assert list(products.items()) == [(name, values[name] * 10) for name in sorted(files)]
    assert set(seen.values()) == {threads}


def test_a_population_whose_worker_was_killed_is_named(monkeypatch):
    def lose(make, tasks, *given, **named):
        yield tasks[0], make()((2, 10), print)
        yield tasks[1], Lost("its worker ended")

    monkeypatch.setattr(partitions, "run_many", lose)
    with pytest.raises(PathloreError, match="b was lost: its worker ended"):
        on_workers(with_threads, ["a", "b"], lambda name: (1, 1), EngineConfig())


def test_kedro_sees_the_function_itself():
    assert weighed.__name__ == "weighed"
    assert weighed.__doc__ == "Weigh it."
    assert list(inspect.signature(weighed).parameters) == ["population", "value", "factor"]
    assert get_type_hints(weighed)["factor"] is float


def test_names_of_the_cells_take_the_place_of_those_of_files():
    assert by_name(NAMES, lazily({"t_cells": 1, "b_cells": 2})) == {"B cells (CD19+)": 2, "T cells": 1}
    table = pd.DataFrame({"population": ["t_cells", "b_cells", "pooled"], "value": [1, 2, 3]})
    assert list(with_names(table, NAMES)["population"]) == ["T cells", "B cells (CD19+)", "pooled"]
