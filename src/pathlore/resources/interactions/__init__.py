"""Associations between genes, from the tables and pathway files in which the field publishes them."""

from pathlore.resources.interactions.read_interactions import read_interactions
from pathlore.resources.interactions.reader import Reader
from pathlore.resources.interactions.registry import READERS

__all__ = ["READERS", "Reader", "read_interactions"]
