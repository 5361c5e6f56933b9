"""Fetch the files of a series once; after that everything runs from them, offline."""

import logging
from pathlib import Path

import pandas as pd

from pathlore.cohorts.recipe import recipe_of
from pathlore.config import CohortConfig, SeriesFileConfig
from pathlore.errors import PathloreError, without_logins
from pathlore.files import sha256
from pathlore.resources import checksums
from pathlore.resources.download import COLUMNS
from pathlore.resources.entry import File
from pathlore.resources.transfer import TransferError, transfer

logger = logging.getLogger(__name__)


def fetch_series(config: CohortConfig) -> pd.DataFrame:
    """Fetch the files of a series that are not there yet, to ``<folder>/<series>/<file>``.

    A transfer that breaks off goes on where it stopped, in this run (``retries``) or in the next. The SHA-256 of each
    file is the one of the recipe, else that of the file as it was first seen, which ``<folder>/checksums.json`` keeps;
    it is enforced ever after.

    Returns
    -------
    Table :class:`~pathlore.schemas.DownloadReport`: one row per file.

    Raises
    ------
    PathloreError
        There is no recipe, the folder cannot be written to, a file could not be fetched, or is another one.
    """
    recipe = recipe_of(config)
    place = Path(config.folder) / recipe.series
    rows = []
    for file in recipe.files:
        path, fetched = place / file.name, False
        key = f"{recipe.series}/{file.name}"
        try:
            place.mkdir(parents=True, exist_ok=True)
            expected = file.sha256 or checksums.recorded(place.parent).get(key)
            if not path.exists():
                _transfer(file, place, expected, config)
                fetched = True
            found = sha256(path)
            if expected and found != expected:
                raise PathloreError(
                    f"{path} has the SHA-256 {found}, but {expected} was expected: {_accept(file, key, place.parent)}; "
                    "or delete the file, to fetch it again"
                )
            if key not in checksums.recorded(place.parent):
                checksums.record(place.parent, key, found)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise PathloreError(
                f"{path} cannot be written ({reason}): choose another folder by `cohort.folder`"
            ) from error
        rows.append(
            (recipe.series, str(path), path.stat().st_size, found, without_logins(file.url), recipe.terms, fetched)
        )
    report = pd.DataFrame(rows, columns=list(COLUMNS))
    logger.info(
        "%s (%s): %d files in %s, %.1f MB, %d fetched now; terms: %s",
        recipe.series, recipe.title, len(report), place, report["bytes"].sum() / 1e6, report["fetched"].sum(),
        recipe.terms,
    )  # fmt: skip
    return report


def _transfer(file: SeriesFileConfig, place: Path, expected: str | None, config: CohortConfig) -> None:
    known = File(file.name, file.url, file.sha256)
    try:
        transfer(known, place, expected, config.timeout, config.retries, resume=True, block="cohort")
    except TransferError as error:
        new = ""
        if expected and "SHA-256" in str(error):
            new = _accept(file, f"{place.name}/{file.name}", place.parent) + "; or "
        raise PathloreError(
            f"{place.name}: {without_logins(file.url)} was not fetched, {error}: {new}run again later, which goes "
            "on where this run stopped, correct the address in `cohort.recipe.files`, or fetch the file by hand and "
            f"put it at {place / file.name}"
        ) from error


def _accept(file: SeriesFileConfig, key: str, folder: Path) -> str:
    """How to say that another file than the expected one is right."""
    if file.sha256:
        return f"correct the sha256 of {file.name} in `cohort.recipe.files` if it is a new version that you want"
    return f"delete the line {key} in {folder / checksums.FILE} if it is a new version that you want"
