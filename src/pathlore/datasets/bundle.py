"""Bundles, finished models as one folder each, as a Kedro dataset."""

from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from pathlore.scoring.bundle import Bundle
from pathlore.scoring.folder import INDEX, read_bundle, write_bundle


class BundleDataset(AbstractDataset[Bundle, Bundle]):
    """A `pathlore.scoring.Bundle` in a folder; see `pathlore.scoring.folder.write_bundle`.

    Parameters
    ----------
    filepath
        The folder, or its ``bundle.json``.
    metadata
        For plugins such as Kedro-Viz.

    Examples
    --------
    .. code-block:: yaml

        bundle:
          type: pathlore.datasets.bundle.BundleDataset
          filepath: data/06_models/demo/bundles/pooled
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        path = Path(filepath).expanduser()
        self._folder = path.parent if path.name == INDEX else path
        self.metadata = metadata

    def load(self) -> Bundle:
        """Read the bundle, each file checked against its checksum."""
        return read_bundle(self._folder)

    def save(self, data: Bundle) -> None:
        """Write the bundle whole, in place of one that is there."""
        write_bundle(data, self._folder)

    def _exists(self) -> bool:
        return (self._folder / INDEX).is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._folder / INDEX)}
