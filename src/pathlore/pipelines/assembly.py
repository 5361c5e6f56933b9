"""Nodes and pipelines as this project names them."""

from collections.abc import Callable, Sequence
from typing import Any

from kedro.pipeline import Node, Pipeline


def node(func: Callable[..., Any], inputs: str | list[str], outputs: str | list[str]) -> Node:
    """A node that is called like its function."""
    return Node(func=func, inputs=inputs, outputs=outputs, name=func.__name__)


def pipeline(name: str, nodes: Sequence[Node]) -> Pipeline:
    """A pipeline whose name stands before that of each node, and tags it; datasets keep their names."""
    return Pipeline(nodes, tags=name, namespace=name, prefix_datasets_with_namespace=False)
