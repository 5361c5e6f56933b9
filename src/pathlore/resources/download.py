"""Fetch resources once; after that everything runs from their files, offline.

The files lie in ``<folder>/<resource>/<file>``. The checksum of each is the one that is known beforehand, else that of
the file as it was first seen, and is enforced ever after.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from pathlore.config import ResourcesConfig
from pathlore.errors import PathloreError, without_logins
from pathlore.files import sha256
from pathlore.resources import checksums
from pathlore.resources.catalogue import choose
from pathlore.resources.entry import File, Resource
from pathlore.resources.transfer import TransferError, transfer

logger = logging.getLogger(__name__)

COLUMNS = ("resource", "file", "bytes", "sha256", "url", "licence", "fetched")
BETWEEN = 0.4
"""Seconds between two files of one server; KEGG asks for at most three requests a second."""


def fetch(names: Sequence[str], folder: Path, config: ResourcesConfig) -> pd.DataFrame:
    """Fetch the files of resources that are not there yet.

    A failure stops its own resource alone; the others are fetched, and the failures are reported at the end.

    Parameters
    ----------
    names
        Names of `pathlore.resources.catalogue.RESOURCES` or of ``config.sources``; none fetches nothing.
    folder
        Where the files go.
    config
        Addresses of the user's own, timeout in seconds, retries.

    Returns
    -------
    Table :class:`~pathlore.schemas.DownloadReport`: one row per file.

    Raises
    ------
    PathloreError
        A name is not known, the folder cannot be written to, or a resource could not be fetched.
    """
    wanted = choose(names, config.sources)
    rows, failures = [], []
    for resource in wanted:
        try:
            for row in _fetch_one(resource, folder, config):
                rows.append(row)
        except PathloreError as error:
            logger.error("%s", error)
            failures.append(str(error))
    report = pd.DataFrame(rows, columns=list(COLUMNS))
    logger.info(
        "Resources: %d of %d complete, %d files fetched (%.1f MB), %d were there",
        len(wanted) - len(failures),
        len(wanted),
        int(report["fetched"].sum()),
        report.loc[report["fetched"].astype(bool), "bytes"].sum() / 1e6,
        int((~report["fetched"].astype(bool)).sum()),
    )
    if failures:
        kept = ", the others are kept" if len(failures) < len(wanted) else ""
        summary = f"{len(failures)} of {len(wanted)} resources failed{kept}: " if len(wanted) > 1 else ""
        raise PathloreError(summary + "; ".join(failures))
    return report


def _fetch_one(resource: Resource, folder: Path, config: ResourcesConfig) -> Iterator[dict[str, object]]:
    """Rows of the report for one resource; one log line."""
    place = folder / resource.name
    files = resource.files or _by_hand(resource, place)
    with _writing(place):
        place.mkdir(parents=True, exist_ok=True)
    fetched: list[bool] = []
    for file in files:
        path = place / file.name
        key = f"{resource.name}/{file.name}"
        accepted = checksums.recorded(folder).get(key)
        expected = file.sha256 or accepted
        missing = not path.exists()
        if missing:
            time.sleep(BETWEEN if any(fetched) else 0.0)
            _transfer(resource, file, path, expected, config)
        found = sha256(path)
        if expected and found != expected:
            raise PathloreError(
                f"{path} has the SHA-256 {found}, but {expected} was expected: {_accept(resource, file, folder)}; "
                "or delete the file, to fetch it again"
            )
        if accepted is None:
            with _writing(folder / checksums.FILE):
                checksums.record(folder, key, found)
        fetched.append(missing)
        yield dict(
            zip(
                COLUMNS,
                (
                    resource.name,
                    str(path),
                    path.stat().st_size,
                    found,
                    without_logins(file.url),
                    resource.licence,
                    missing,
                ),
                strict=True,
            )
        )
    step = f"; before it can be read, {resource.by_hand}" if resource.files and resource.by_hand else ""
    logger.info(
        "%s: %d files fetched, %d were there in %s; licence: %s%s",
        resource.name, sum(fetched), len(fetched) - sum(fetched), place, resource.licence, step,
    )  # fmt: skip


def _by_hand(resource: Resource, place: Path) -> tuple[File, ...]:
    """What a user has put into the folder of a resource that no program can fetch."""
    found = sorted(path.name for path in place.glob("*") if path.is_file()) if place.is_dir() else []
    if not found:
        raise PathloreError(
            f"{resource.name} has to be fetched by hand: {resource.by_hand}, and put the files into {place}; or leave "
            "it out of `resources.download`"
        )
    return tuple(File(name, "") for name in found)


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Say in one line what cannot be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PathloreError(
            f"{place} cannot be written ({reason}): choose another folder by `resources.folder`"
        ) from error


def _transfer(resource: Resource, file: File, path: Path, expected: str | None, config: ResourcesConfig) -> None:
    try:
        with _writing(path):
            transfer(file, path.parent, expected, config.timeout, config.retries)
    except TransferError as error:
        new = _accept(resource, file, path.parents[1]) + "; or " if expected and "SHA-256" in str(error) else ""
        raise PathloreError(
            f"{resource.name}: {without_logins(file.url)} was not fetched, {error}: {new}try again later, give "
            f"another address by `resources.sources.{resource.name}.url`, or fetch the file by hand and put it "
            f"at {path}"
        ) from error


def _accept(resource: Resource, file: File, folder: Path) -> str:
    """How to say that another file than the expected one is right."""
    if file.sha256:
        return f"correct `resources.sources.{resource.name}.sha256` if it is a new release that you want"
    line = f"{resource.name}/{file.name}"
    return f"delete the line {line} in {folder / checksums.FILE} if it is a new release that you want"
