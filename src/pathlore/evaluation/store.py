"""Finished tasks on disk, each whole or not there, so that an evaluation that was stopped goes on where it was."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pathlore.errors import PathloreError
from pathlore.evaluation.results import METRIC_COLUMNS, Failure, Result
from pathlore.evaluation.tasks import Task
from pathlore.files import PARTIAL, atomic_folder, remove_leftovers, sha256

logger = logging.getLogger(__name__)

RECORD = "record.json"
FAILURE = "failure.json"
CHECKSUMS = "checksums.json"
"""SHA-256 of every other file of a result."""
TABLES = ("predictions", "rankings")
NEW_PATHS = ("discovered", "withheld")
"""Tables that a search for new paths alone leaves behind."""


@dataclass(frozen=True)
class Store:
    """A folder of results by fingerprint: ``<key>/record.json`` with the metrics, and its tables as parquet.

    A result appears whole or not at all, and one that cannot be read whole counts as not there. Results of other
    parameters or other data lie beside and are left alone.
    """

    folder: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second evaluation out for the length of the block.

        Raises
        ------
        PathloreError
            The folder cannot be made, or another evaluation writes there.
        """
        from filelock import FileLock, Timeout

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise PathloreError(
                f"the folder {self.folder} cannot be made ({error.strerror}): change `evaluation.store`"
            ) from error
        try:
            with FileLock(self.folder / ".lock", timeout=0):
                self._clear()
                yield
        except Timeout as error:
            raise PathloreError(
                f"another evaluation writes into {self.folder}: wait for it, or change `evaluation.store`"
            ) from error

    def load(self, key: str) -> Result | None:
        """Read a result; None where there is none, or none that is whole."""
        place = self.folder / key
        if not (place / RECORD).is_file():
            return None
        try:
            sums = json.loads((place / CHECKSUMS).read_text(encoding="utf8"))
            for name, expected in sums.items():
                if sha256(place / name) != expected:
                    raise ValueError(f"{name} is not as it was written")
            record = json.loads((place / RECORD).read_text(encoding="utf8"))
            tables = {
                name: pd.read_parquet(place / f"{name}.parquet")
                for name in (*TABLES, *(name for name in NEW_PATHS if f"{name}.parquet" in sums))
            }
            metrics = pd.DataFrame(record["metrics"], columns=METRIC_COLUMNS).astype({"value": float, "n": int})
            return Result(metrics, **tables, **{name: record[name] for name in ("notes", "split_by", "seconds")})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            logger.warning("The result in %s is damaged and recomputed: %s", place, " ".join(str(error).split()))
            return None

    def save(self, key: str, task: Task, result: Result) -> None:
        """Write a result, and forget that the task ever failed."""
        with atomic_folder(self.folder / key) as place:
            for name in (*TABLES, *(name for name in NEW_PATHS if len(getattr(result, name)))):
                getattr(result, name).to_parquet(place / f"{name}.parquet")
            metrics = result.metrics.astype(object).where(result.metrics.notna(), None)
            record = {
                "task": _described(task),
                "metrics": metrics.to_numpy().tolist(),
                "notes": {name: value for name, value in result.notes.items() if np.isfinite(value)},
                "split_by": result.split_by,
                "seconds": result.seconds,
            }
            (place / RECORD).write_text(json.dumps(record, indent=1, default=_plain), encoding="utf8")
            sums = {file.name: sha256(file) for file in sorted(place.iterdir())}
            (place / CHECKSUMS).write_text(json.dumps(sums, indent=1), encoding="utf8")

    def fail(self, key: str, task: Task, failure: Failure) -> None:
        """Write down why a task failed; it is tried again at the next start."""
        record = {"task": _described(task), "message": failure.message, "trace": failure.trace}
        with atomic_folder(self.folder / key) as place:
            (place / FAILURE).write_text(json.dumps(record, indent=1, default=_plain), encoding="utf8")

    def _clear(self) -> None:
        """Remove what a killed evaluation left half written."""
        for key in {path.name[1:].partition(".")[0] for path in self.folder.glob(f".*{PARTIAL}")}:
            remove_leftovers(self.folder / key)


def _described(task: Task) -> dict[str, Any]:
    return {**vars(task), "changes": dict(task.changes)}


def _plain(value: object) -> object:
    """What JSON does not know, as numbers of Python or as text."""
    return value.item() if isinstance(value, np.generic) else str(value)
