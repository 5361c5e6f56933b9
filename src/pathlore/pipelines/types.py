"""Classes that nodes pass to each other and that are slow to import, by name.

Kedro imports every node for every command, and before a run it resolves the annotations of all of them, to find the
models of the parameters. Neither needs these classes, which bring torch, anndata, matplotlib and plotly: a type checker
sees them, the interpreter sees ``Any``. For the same reason the nodes import what uses these libraries in their bodies.
"""

from typing import TYPE_CHECKING, Any

__all__ = [
    "AnnData",
    "Bundle",
    "BundleKnowledge",
    "BundleOrigin",
    "Checks",
    "Communication",
    "DiGraph",
    "Figure",
    "InteractiveFigure",
    "PopulationContents",
    "TextEmbedding",
    "TrainedModel",
]

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.figure import Figure
    from networkx import DiGraph
    from plotly.graph_objects import Figure as InteractiveFigure

    from pathlore.report.contents import Checks, Communication, PopulationContents
    from pathlore.scoring.bundle import Bundle
    from pathlore.scoring.make import BundleKnowledge
    from pathlore.scoring.make import Origin as BundleOrigin
    from pathlore.text.embedding import TextEmbedding
    from pathlore.training.trained_model import TrainedModel
else:
    AnnData = Bundle = BundleKnowledge = BundleOrigin = Checks = Communication = DiGraph = Figure = Any
    InteractiveFigure = PopulationContents = TextEmbedding = TrainedModel = Any
