"""Bundles, finished models as one folder each, as a Kedro dataset."""

from pathlore.datasets.atomic_folder import FolderDataset
from pathlore.scoring.bundle import Bundle
from pathlore.scoring.folder import INDEX, read_bundle, write_bundle


class BundleDataset(FolderDataset[Bundle]):
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

    index = INDEX

    def load(self) -> Bundle:
        """Read the bundle, each file checked against its checksum."""
        return read_bundle(self._folder)

    def save(self, data: Bundle) -> None:
        """Write the bundle whole, in place of one that is there."""
        write_bundle(data, self._folder)
