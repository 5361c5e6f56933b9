"""Nodes of the resources pipeline."""

from pathlib import Path

import pandas as pd

from pathlore.config import ResourcesConfig
from pathlore.resources.download import fetch


def download(config: ResourcesConfig) -> pd.DataFrame:
    """Fetch the resources that are named, and report what is there."""
    return fetch(config.download, Path(config.folder), config)
