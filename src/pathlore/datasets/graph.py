"""Text-numeric graphs on disk."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
from kedro.io import AbstractDataset

from pathlore.datasets.whole import index_last
from pathlore.errors import PathloreError
from pathlore.graph.text_numeric_graph import TextNumericGraph

TABLES = ("entities", "associations", "paths")


class TextNumericGraphDataset(AbstractDataset[TextNumericGraph, TextNumericGraph]):
    """A `TextNumericGraph` in a folder: one parquet file per table, and ``graph.json`` with their sizes, written last.

    Parameters
    ----------
    filepath
        Path of ``graph.json``; the tables lie beside it.
    metadata
        For plugins such as Kedro-Viz.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._index = Path(filepath)
        self._folder = self._index.parent
        self.metadata = metadata

    def load(self) -> TextNumericGraph:
        """Load the graph.

        Raises
        ------
        PathloreError
            A file is missing or unreadable, or a table is not as long as it was.
        """
        try:
            sizes = json.loads(self._index.read_text())
            tables = {name: pd.read_parquet(self._folder / f"{name}.parquet") for name in TABLES}
            graph = TextNumericGraph(**tables)
        except Exception as error:  # each format has errors of its own
            raise self._damaged(" ".join(str(error).split())) from error
        found = {name: len(table) for name, table in tables.items()}
        if found != sizes:
            raise self._damaged(f"rows {found}, expected {sizes}")
        return graph

    def save(self, data: TextNumericGraph) -> None:
        """Save the graph, in place of one that is there."""
        sizes = {name: len(getattr(data, name)) for name in TABLES}
        with index_last(self._index, json.dumps(sizes, indent=2) + "\n") as folder:
            for name in TABLES:
                getattr(data, name).to_parquet(folder / f"{name}.parquet", index=False)

    def _exists(self) -> bool:
        return self._index.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._index)}

    def _damaged(self, found: str) -> PathloreError:
        return PathloreError(
            f"the text-numeric graph in {self._folder} is incomplete or damaged ({found}): delete the folder and run "
            "the pipeline `graph_construction` again"
        )
