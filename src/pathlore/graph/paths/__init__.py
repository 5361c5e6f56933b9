"""Typed, bounded, de-duplicated paths receptor -> (signal)* -> transcription factor -> target.

Full enumeration is hopeless on a real network (29 million simple paths at eight steps among 1,700 genes), so the
default search keeps the cheapest ways only, and paths are then chosen so that they cover the network.
"""

from pathlore.graph.paths.find import find_paths

__all__ = ["find_paths"]
