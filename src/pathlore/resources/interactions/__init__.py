"""Associations between genes, from the tables and pathway files in which the field publishes them."""

from pathlore.resources.interactions.formats import READERS, Reader
from pathlore.resources.interactions.read_interactions import read_interactions

__all__ = ["READERS", "Reader", "read_interactions"]
