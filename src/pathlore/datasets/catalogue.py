"""The catalogue of a run: each dataset is saved whole or not at all, and read as it was saved or not at all."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset, DataCatalog

from pathlore.datasets.checksums import SavedChecksums
from pathlore.errors import PathloreError, user_error
from pathlore.files import beside, put

PLACES = ("_path", "_filepath", "_folder")
"""Where datasets, Kedro's and ours, keep the path that they write to."""


class WholeCatalog(DataCatalog):
    """Kedro's catalogue, in which no save can be seen half done.

    A dataset writes into an empty folder beside its place. What it left there takes the place of what was there before,
    in one move for a file, in two for a folder; killed between these two, the dataset counts as not there. A checksum
    is kept of each dataset below the folder of all data (`pathlore.datasets.checksums`) and compared when it is read.

    Attributes
    ----------
    checksums
        None: none are kept.
    makers
        Dataset -> the pipeline that saves it, for messages.
    environment
        Of the run, for messages.
    """

    checksums: SavedChecksums | None = None
    makers: Mapping[str, str] = {}
    environment: str = "local"

    def save(self, ds_name: str, data: Any) -> None:
        """Save a dataset whole; an old one stays as it is if that fails.

        Raises
        ------
        PathloreError
            A folder lies where a file belongs, a file where a folder belongs, or a user's file among partitions.
        """
        dataset = self[ds_name]
        place = place_of(dataset)
        if place is None:
            super().save(ds_name, data)
            return
        with _written_whole(place, self.checksums, getattr(dataset, "_filename_suffix", None)) as temporary:
            attribute = _attribute(dataset)
            before = getattr(dataset, attribute)
            setattr(dataset, attribute, type(before)(temporary))
            try:
                super().save(ds_name, data)
            finally:
                setattr(dataset, attribute, before)

    def load(self, ds_name: str, version: str | None = None) -> Any:
        """Load a dataset.

        Raises
        ------
        PathloreError
            It is damaged, was changed since it was saved, or cannot be read.
        """
        place = place_of(self[ds_name]) if ds_name in self else None
        if place is None:
            return super().load(ds_name, version)
        self.check(ds_name)
        with self._explained(ds_name, place):
            data = super().load(ds_name, version)
        if isinstance(data, dict) and data and all(callable(part) for part in data.values()):
            return {name: _Later(self, ds_name, place, part) for name, part in data.items()}
        return data

    def check(self, name: str) -> None:
        """Compare a dataset, if it is there, with the checksum of when it was saved.

        Raises
        ------
        PathloreError
            It is another one.
        """
        place = place_of(self[name])
        if place is not None and self.checksums is not None and self.checksums.differs(place):
            raise PathloreError(
                f"`{name}` in {place} is not as it was saved, it is damaged or was changed by hand: "
                f"{self._remedy(name, place)}; to keep a change of your own, delete its line in {self.checksums.file}"
            )

    @contextmanager
    def _explained(self, name: str, place: Path) -> Iterator[None]:
        """Say of any error what cannot be read, and what to do."""
        try:
            yield
        except Exception as error:  # each format has errors of its own
            if name not in self.makers or user_error(error) is not None:
                raise
            cause = error.__cause__ or error
            reason = " ".join(f"{type(cause).__name__}: {cause}".split())[:300]
            raise PathloreError(
                f"`{name}` in {place} cannot be read ({reason}), what the pipeline `{self.makers[name]}` saves was "
                f"expected: {self._remedy(name, place)}"
            ) from error

    def _remedy(self, name: str, place: Path) -> str:
        maker = self.makers.get(name)
        again = f" and run `kedro run --env {self.environment} --pipeline {maker}` again" if maker else ""
        return f"delete {place}{again}"


class _Later:
    """One partition that is loaded when a node asks for it."""

    def __init__(self, catalog: WholeCatalog, name: str, place: Path, load: Callable[[], Any]) -> None:
        self._catalog, self._name, self._place, self._load = catalog, name, place, load

    def __call__(self) -> Any:
        with self._catalog._explained(self._name, self._place):
            return self._load()


def place_of(dataset: AbstractDataset[Any, Any]) -> Path | None:
    """File or folder on this machine that a dataset writes to; None: it has none."""
    attribute = _attribute(dataset)
    if not attribute or getattr(dataset, "_protocol", "file") != "file":
        return None
    return Path(str(getattr(dataset, attribute)))


def _attribute(dataset: AbstractDataset[Any, Any]) -> str:
    return next((name for name in PLACES if hasattr(dataset, name)), "")


@contextmanager
def _written_whole(place: Path, checksums: SavedChecksums | None, reads: str | None) -> Iterator[Path]:
    """Yield where to write; what was written then takes its place."""
    with beside(place) as temporary:
        yield temporary / place.name
        if checksums is not None:
            checksums.forget(place)
        put(temporary / place.name, place, reads)
    if checksums is not None and place.exists():
        checksums.record(place)
