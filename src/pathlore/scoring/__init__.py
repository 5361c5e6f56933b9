"""A finished model as one folder, and new cells scored by it."""

from pathlore.scoring.bundle import Bundle
from pathlore.scoring.folder import read_bundle, write_bundle
from pathlore.scoring.score import Scores, score

__all__ = ["Bundle", "Scores", "read_bundle", "score", "write_bundle"]
