"""Fetch resources once; after that everything runs from their files, offline.

The files lie in ``<folder>/<resource>/<file>``. The checksum of each is the one that is known beforehand, else that of
the file as it was first seen, and is enforced ever after.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from pathlore.config import ResourcesConfig
from pathlore.errors import PathloreError, without_logins
from pathlore.resources.catalogue import File, Resource, choose
from pathlore.resources.transfer import Remedies, obtain

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


def _fetch_one(resource: Resource, folder: Path, config: ResourcesConfig) -> Iterator[tuple[object, ...]]:
    """Rows of the report for one resource; one log line."""
    place = folder / resource.name
    source = f"resources.sources.{resource.name}"
    failed = f"try again later, give another address by `{source}.url`"
    remedies = Remedies("resources", f"`{source}.sha256`", failed)
    n_files = n_fetched = 0
    for file in resource.files or _by_hand(resource, place):
        path = place / file.name
        if n_fetched and not path.exists():
            time.sleep(BETWEEN)
        found, fetched = obtain(file, f"{resource.name}/{file.name}", folder, config, remedies)
        n_files, n_fetched = n_files + 1, n_fetched + fetched
        size, url = path.stat().st_size, without_logins(file.url)
        yield resource.name, str(path), size, found, url, resource.licence, fetched
    step = f"; before it can be read, {resource.by_hand}" if resource.files and resource.by_hand else ""
    logger.info(
        "%s: %d files fetched, %d were there in %s; licence: %s%s",
        resource.name, n_fetched, n_files - n_fetched, place, resource.licence, step,
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
