"""Partitioned datasets: one table, graph or model per population."""

from collections.abc import Callable, Mapping
from typing import TypeVar

T = TypeVar("T")

Partitions = Mapping[str, Callable[[], T]]
"""What Kedro gives a node for a partitioned dataset: partition name -> a function that loads it."""


def load_all(partitions: Partitions[T]) -> dict[str, T]:
    """Load every partition, in the order of their names."""
    return {name: partitions[name]() for name in sorted(partitions)}
