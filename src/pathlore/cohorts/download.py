"""Fetch the files of a series once; after that everything runs from them, offline."""

import logging
from pathlib import Path

import pandas as pd

from pathlore.cohorts.samples import recipe_of
from pathlore.config import CohortConfig
from pathlore.errors import without_logins
from pathlore.resources.catalogue import File
from pathlore.resources.download import COLUMNS
from pathlore.resources.transfer import Remedies, obtain

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
    failed = "run again later, which goes on where this run stopped, correct the address in `cohort.recipe.files`"
    rows = []
    for file in recipe.files:
        path = place / file.name
        remedies = Remedies("cohort", f"the sha256 of {file.name} in `cohort.recipe.files`", failed)
        wanted = File(file.name, file.url, file.sha256)
        key = f"{recipe.series}/{file.name}"
        found, fetched = obtain(wanted, key, place.parent, config, remedies, resume=True)
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
