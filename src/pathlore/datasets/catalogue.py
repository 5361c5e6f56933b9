"""The catalogue of a run: each dataset is saved whole or not at all, and read as it was saved or not at all."""

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset, AbstractVersionedDataset, DataCatalog, Version
from kedro.io.core import VersionNotFoundError

from pathlore.datasets.checksums import EMPTY, Line, SavedChecksums, State
from pathlore.datasets.origins import Origins
from pathlore.errors import PathloreError, user_error
from pathlore.files import beside, put

PLACES = ("_path", "_filepath", "_folder")
"""Where datasets, Kedro's and ours, keep the path that they write to."""

SMALL = 3_000_000
"""Bytes of a table's or cells' files up to which they are kept in memory, since several nodes read them."""


class AtomicCatalog(DataCatalog):
    """Kedro's catalogue, in which no save can be seen half done.

    A dataset writes into an empty folder beside its place. What it left there takes the place of what was there before,
    in one move for a file, in two for a folder; killed between these two, the dataset counts as not there. A dataset
    that adds to what is there finds a copy of it in that folder; of a versioned one, the new version is moved beside
    the earlier ones. The checksum and the origin of each dataset are kept (`pathlore.datasets.checksums`,
    `pathlore.datasets.origins`); the checksum is compared when it is read. Small tables and cells are read and
    validated once while their files stay the same; each node has a copy.

    Attributes
    ----------
    checksums
        None: none are kept.
    origins
        None: none are kept.
    outdated
        Datasets that count as not there, since they would come out otherwise now -> why.
    makers
        Dataset -> the pipeline that saves it, for messages.
    environment
        Of the run, for messages.
    """

    checksums: SavedChecksums | None = None
    origins: Origins | None = None
    outdated: Mapping[str, str] = {}
    makers: Mapping[str, str] = {}
    environment: str = "local"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._read: dict[tuple[Path, str], tuple[State, Any]] = {}

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
        target = _target(dataset, place)
        with beside(place) as folder:
            new = folder / place.name
            if _adds(dataset, target):
                _copy(target, new)
            attribute = _attribute(dataset)
            before = getattr(dataset, attribute)
            setattr(dataset, attribute, type(before)(new))
            try:
                super().save(ds_name, data)
            finally:
                setattr(dataset, attribute, before)
            if _is_versioned(dataset):
                target = _version_moved_up(dataset, new)
            if self.checksums is not None:
                self.checksums.forget(target)
            put(new, target, getattr(dataset, "_filename_suffix", None))
        self.outdated = {name: why for name, why in self.outdated.items() if name != ds_name}
        if self.checksums is not None:
            self.checksums.record(target, self.origins.now(ds_name) if self.origins is not None else None)

    def load(self, ds_name: str, version: str | None = None) -> Any:
        """Load a dataset.

        Raises
        ------
        PathloreError
            It is damaged, was changed since it was saved, or cannot be read.
        """
        place = self._file(ds_name, version) if ds_name in self else None
        if place is None:
            return super().load(ds_name, version)
        self.check(ds_name, version)
        state = None if self.checksums is None else self.checksums.state(place)
        with self._explained(ds_name, place):
            data = self._once((place, ""), state, lambda: super(AtomicCatalog, self).load(ds_name, version))
        if isinstance(data, dict) and data and all(callable(part) for part in data.values()):
            return {name: _Later(self, ds_name, place, name, state, part) for name, part in data.items()}
        return data

    def _once(self, part: tuple[Path, str], state: State | None, load: Callable[[], Any]) -> Any:
        """Read a table unless it was read in this state of its files."""
        known = self._read.get(part)
        if known is not None and known[0] == state:
            return known[1].copy()
        data = load()
        if state is not None and sum(size for _, size, *_ in state) <= SMALL and _is_table(data):
            self._read[part] = state, data.copy()
        return data

    def release(self, ds_name: str) -> None:
        """Let go what no node of the run reads any more."""
        super().release(ds_name)
        place = self._file(ds_name)
        self._read = {part: kept for part, kept in self._read.items() if part[0] != place}

    def exists(self, ds_name: str) -> bool:
        """Whether a dataset is there, or was made and has no parts, and is the one that would be made now."""
        if ds_name in self.outdated:
            return False
        line = self.line(ds_name)
        return super().exists(ds_name) or (line is not None and line.sha256 == EMPTY)

    def check(self, name: str, version: str | None = None) -> None:
        """Compare a dataset, if it is there, with the checksum of when it was saved.

        Raises
        ------
        PathloreError
            It is another one.
        """
        place, sums = self._file(name, version), self.checksums
        if place is not None and sums is not None and sums.is_within(place) and sums.differs(place):
            raise PathloreError(
                f"`{name}` in {place} is not as it was saved, it is damaged or was changed by hand: "
                f'{self._remedy(name, place)}; to keep a change of your own, write "keep" in place of its line in '
                f"{sums.file}"
            )

    def line(self, name: str) -> Line | None:
        """What is kept of a dataset; None: it lies on no disk of this machine."""
        dataset = self.get(name)
        if dataset is None or self.checksums is None or place_of(dataset) is None:
            return None
        place = self._file(name)
        return Line() if place is None else self.checksums.line(place)

    def content(self, name: str) -> str | None:
        """Checksum of a dataset, as it was saved or, where it is the user's own, as it is; None as for `line`."""
        line, place = self.line(name), self._file(name)
        if line is None or self.checksums is None:
            return None
        if not line.sha256 and place is not None and place.exists():
            return self.checksums.of_raw(place)
        return line.sha256

    def is_foreign(self, name: str) -> bool:
        """Whether a dataset outside the folder of all data is another one than this project has saved there."""
        place, sums = self._file(name), self.checksums
        return place is not None and sums is not None and not sums.is_within(place) and sums.differs(place)

    def _file(self, name: str, version: str | None = None) -> Path | None:
        """File or folder that a dataset is read from; None: it has none, or no version is there."""
        dataset = self.get(name, version=Version(version, None) if version else None)
        if dataset is None or place_of(dataset) is None:
            return None
        if not _is_versioned(dataset):
            return place_of(dataset)
        try:
            return Path(str(dataset._get_load_path()))  # type: ignore[attr-defined]
        except VersionNotFoundError:
            return None

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

    def __init__(
        self, catalog: AtomicCatalog, name: str, place: Path, part: str, state: State | None, load: Callable[[], Any]
    ) -> None:
        self._catalog, self._name, self._part, self._state, self._load = catalog, name, (place, part), state, load

    def __call__(self) -> Any:
        with self._catalog._explained(self._name, self._part[0]):
            return self._catalog._once(self._part, self._state, self._load)


def _is_table(data: Any) -> bool:
    """Whether data are a table, or cells in memory."""
    import pandas as pd  # not above: every command reads the settings

    anndata = sys.modules.get("anndata")
    cells = anndata is not None and isinstance(data, anndata.AnnData) and not data.isbacked
    return cells or isinstance(data, pd.DataFrame)


def place_of(dataset: AbstractDataset[Any, Any]) -> Path | None:
    """File or folder on this machine that a dataset writes to; None: it has none."""
    attribute = _attribute(dataset)
    if not attribute or getattr(dataset, "_protocol", "file") != "file":
        return None
    return Path(str(getattr(dataset, attribute)))


def _attribute(dataset: AbstractDataset[Any, Any]) -> str:
    return next((name for name in PLACES if hasattr(dataset, name)), "")


def _is_versioned(dataset: AbstractDataset[Any, Any]) -> bool:
    return isinstance(dataset, AbstractVersionedDataset) and bool(dataset._version)


def _target(dataset: AbstractDataset[Any, Any], place: Path) -> Path:
    """Where the next save goes to: of a versioned dataset a new file, below a folder with the place's name."""
    if not _is_versioned(dataset):
        return place
    if place.is_file():
        raise PathloreError(
            f"a file lies at {place}, a folder of versions belongs there: move it to {place}/<version>/{place.name}, "
            "or take `versioned` off its entry in the catalogue"
        )
    dataset._clear_version_cache()  # type: ignore[attr-defined]
    return Path(str(dataset._get_save_path()))  # type: ignore[attr-defined]


def _adds(dataset: AbstractDataset[Any, Any], target: Path) -> bool:
    """Whether a save adds to what is there, instead of taking its place."""
    if _is_versioned(dataset) or not target.exists():
        return False
    options = (getattr(dataset, name, None) or {} for name in ("_save_args", "_fs_open_args_save"))
    appends = any(str(found.get("mode", "")).startswith("a") for found in options)
    return appends or (target.is_dir() and getattr(dataset, "_overwrite", True) is False)


def _copy(place: Path, target: Path) -> None:
    if place.is_dir():
        shutil.copytree(place, target)
    else:
        shutil.copy2(place, target)


def _version_moved_up(dataset: AbstractDataset[Any, Any], new: Path) -> Path:
    """Move the one version that was written to ``new/<version>/<name>`` to ``new``; return where it belongs."""
    target = Path(str(dataset._get_versioned_path(dataset.resolve_save_version())))  # type: ignore[attr-defined]
    target.parent.mkdir(parents=True, exist_ok=True)
    apart = new.with_name(".version")
    (new / target.parent.name / target.name).replace(apart)
    shutil.rmtree(new)
    apart.replace(new)
    return target
