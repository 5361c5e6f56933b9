"""Nodes of the resources pipeline."""

from pathlib import Path

from pathlore.config import ResourcesConfig
from pathlore.pipelines.types import DataFrame


def download(config: ResourcesConfig) -> DataFrame:
    """Fetch the resources that are named, and report what is there."""
    from pathlore.resources.download import fetch

    return fetch(config.download, Path(config.folder), config)
