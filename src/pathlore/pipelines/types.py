"""Classes that nodes pass to each other and that are slow to import, by name.

Kedro imports every node for every command, and before a run it resolves the annotations of all of them, to find the
models of the parameters. Neither needs these classes, which bring torch, anndata, matplotlib and even pandas: a type
checker sees them, the interpreter sees ``Any``. For the same reason nodes import what uses these libraries in their
bodies.
"""

from typing import TYPE_CHECKING, Any

__all__ = [
    "AnnData",
    "Bundle",
    "BundleKnowledge",
    "BundleOrigin",
    "Checks",
    "Communication",
    "DataFrame",
    "DiGraph",
    "Figure",
    "FoundPaths",
    "GeneVectors",
    "InteractiveFigure",
    "PopulationContents",
    "RawTables",
    "TextEmbedding",
    "TextNumericGraph",
    "TrainedModel",
]

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.figure import Figure
    from networkx import DiGraph
    from pandas import DataFrame
    from plotly.graph_objects import Figure as InteractiveFigure

    from pathlore.graph.text_numeric_graph import TextNumericGraph
    from pathlore.report.contents import Checks, Communication, PopulationContents
    from pathlore.resources.raw import RawTables
    from pathlore.scoring.bundle import Bundle
    from pathlore.scoring.make import BundleKnowledge
    from pathlore.scoring.make import Origin as BundleOrigin
    from pathlore.study.graphs import FoundPaths
    from pathlore.text.embedding import TextEmbedding
    from pathlore.text.vectors_file import GeneVectors
    from pathlore.training.trained_model import TrainedModel
else:
    AnnData = Bundle = BundleKnowledge = BundleOrigin = Checks = Communication = DataFrame = DiGraph = Any
    Figure = FoundPaths = GeneVectors = InteractiveFigure = PopulationContents = RawTables = Any
    TextEmbedding = TextNumericGraph = TrainedModel = Any
