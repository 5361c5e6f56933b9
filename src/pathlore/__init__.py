"""pathlore: which signaling paths tell two conditions apart, and what the written lore says about them.

An implementation of text-numeric graphs for single-cell RNA-seq (arXiv 2501.16361) as a Kedro project.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlore.api import InspectionReport, Scorer, Study, inspect, load
    from pathlore.signals import rank_ligands, rank_receptors

__version__ = "0.1.0"

__all__ = ["InspectionReport", "Scorer", "Study", "inspect", "load", "rank_ligands", "rank_receptors"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that importing pathlore stays instant."""
    if name in __all__:
        return getattr(import_module("pathlore.signals" if name.startswith("rank_") else "pathlore.api"), name)
    raise AttributeError(f"module 'pathlore' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
