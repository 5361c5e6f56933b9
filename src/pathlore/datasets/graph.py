"""Text-numeric graphs on disk."""

import json

import pandas as pd

from pathlore.datasets.atomic_folder import FolderDataset
from pathlore.files import atomic_folder
from pathlore.graph.text_numeric_graph import TextNumericGraph

TABLES = ("entities", "associations", "paths")


class TextNumericGraphDataset(FolderDataset[TextNumericGraph]):
    """A `TextNumericGraph` in a folder: one parquet file per table, and ``graph.json`` with their sizes, written last.

    Parameters
    ----------
    filepath
        Path of ``graph.json``; the tables lie beside it.
    metadata
        For plugins such as Kedro-Viz.
    """

    content = "text-numeric graph"
    pipeline = "graph_construction"

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
            raise self._damaged(error) from error
        found = {name: len(table) for name, table in tables.items()}
        if found != sizes:
            raise self._damaged(f"rows {found}, expected {sizes}")
        return graph

    def save(self, data: TextNumericGraph) -> None:
        """Save the graph, in place of one that is there."""
        sizes = {name: len(getattr(data, name)) for name in TABLES}
        with atomic_folder(self._folder) as folder:
            for name in TABLES:
                getattr(data, name).to_parquet(folder / f"{name}.parquet", index=False)
            (folder / self._index.name).write_text(json.dumps(sizes, indent=2) + "\n", encoding="utf8")
