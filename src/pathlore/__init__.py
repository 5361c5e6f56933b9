"""pathlore: which signaling paths tell two conditions apart, and what the written lore says about them.

An implementation of text-numeric graphs for single-cell RNA-seq (arXiv 2501.16361) as a Kedro project.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlore.api import InspectionReport, Scorer, Study, inspect, load

__version__ = "0.1.0"

_PUBLIC = dict.fromkeys(("InspectionReport", "Scorer", "Study", "inspect", "load"), "pathlore.api")
"""Public name -> its module, imported when the name is first asked for, so that importing pathlore stays instant."""

__all__ = ["InspectionReport", "Scorer", "Study", "inspect", "load"]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'pathlore' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
