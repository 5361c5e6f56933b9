"""The models of a run: recorded, registered, and the best of them named the champion."""

import logging
from pathlib import Path

from pathlore.keys import POOLED
from pathlore.scoring.folder import CARD
from pathlore.tracking.run import OpenRun

logger = logging.getLogger(__name__)

CHAMPION = "champion"
"""Alias of the version with the highest held-out AUROC."""

JUDGED_BY = "test_auroc"
TEST_CELLS = "test_cells"
"""Tags of a version: its AUROC on the test cells, and the fingerprint of these."""


def log_bundles(run: OpenRun, folder: Path, name: str) -> None:
    """Record the bundles in a folder, one per population, as models of a run; see `pathlore.serving`.

    Parameters
    ----------
    run
        Its settings say whether models are registered, and whether the best is named the champion.
    folder
        ``<population>/bundle.json`` and the rest of each bundle.
    name
        The models are called ``<name>_<population>``.
    """
    for index in sorted(folder.glob("[!.]*/bundle.json")):
        run.attempt(f"the model of {index.parent.name}", _log_one, run, index.parent, name)


def _log_one(run: OpenRun, folder: Path, name: str) -> None:
    from pathlore.serving.log import log_bundle

    population, wanted = folder.name, run.config.register_as
    registered = wanted if population == POOLED or wanted is None else f"{wanted}_{population}"
    logged = log_bundle(folder, f"{name}_{population}", registered)
    run.models[population] = logged.model_id
    run.add_final({population: logged.metrics})
    said = ""
    if registered and logged.version:
        said = f", registered as {registered}, version {logged.version}"
        _describe(run, registered, logged.version, folder, logged.metrics.get("auroc"))
    logger.info("MLflow model %s%s", logged.address, said)


def _describe(run: OpenRun, name: str, version: str, folder: Path, auroc: float | None) -> None:
    """Give a version its card and what it is judged by, and move the alias where that is wanted."""
    client, population = run.client, folder.name
    client.update_model_version(name, version, (folder / CARD).read_text())
    if auroc is not None:
        client.set_model_version_tag(name, version, JUDGED_BY, f"{auroc:.6g}")
    if population in run.inputs:
        client.set_model_version_tag(name, version, TEST_CELLS, run.inputs[population].digest)
    if run.config.champion and auroc is not None:
        choose_champion(run, name, version, auroc)


def choose_champion(run: OpenRun, name: str, version: str, auroc: float) -> None:
    """Move the alias to a version if its AUROC is higher than that of the champion on the same test cells."""
    from mlflow.exceptions import MlflowException

    client = run.client
    try:
        before = client.get_model_version_by_alias(name, CHAMPION)
    except MlflowException as error:
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise
        before = None
    if before is not None:
        cells = client.get_model_version(name, version).tags.get(TEST_CELLS)
        best = before.tags.get(JUDGED_BY)
        if best is None or before.tags.get(TEST_CELLS) != cells:
            logger.warning(
                "%s: version %s stays the champion: version %s was judged on other test cells (AUROC %.3f), so that "
                "the two are not comparable; move the alias in MLflow's pages if that is intended",
                *(name, before.version, version, auroc),
            )
            return
        if auroc <= float(best):
            logger.info(
                "%s: version %s stays the champion (test AUROC %.3f, version %s has %.3f)",
                *(name, before.version, float(best), version, auroc),
            )
            return
    client.set_registered_model_alias(name, CHAMPION, version)
    logger.info("%s: version %s is the champion (test AUROC %.3f)", name, version, auroc)
