"""Kedro hooks that record runs of the modeling, interpretation and evaluation pipelines in MLflow.

Every command of Kedro imports this file: what brings pandas, anndata or torch is imported where it is used.
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from pathlore.config import TrackingConfig, check
from pathlore.errors import user_error
from pathlore.files import sha256
from pathlore.hooks import place_in
from pathlore.pipelines.partitions import load_all

if TYPE_CHECKING:
    from pathlore.tracking import OpenRun

logger = logging.getLogger(__name__)

RAW_CELLS = "cells_raw"


class TrackingHooks:
    """Record runs in MLflow.

    The store of runs is reached with the first node that is really run, so that a wrong address stops a run at once;
    the run opens with the first node of a recorded pipeline, so that neither a failure before it nor
    ``--only-missing-outputs`` with nothing to do leaves an empty run. An evaluation that was stopped goes on in the run
    that it had. What is recorded of a dataset is said in the catalogue: ``metadata.mlflow.artifact`` names a folder
    among the artifacts, ``metadata.mlflow.checksum`` asks for the file's SHA-256, ``metadata.mlflow.model`` names the
    models that its bundles become.
    """

    def __init__(self) -> None:
        self.config: TrackingConfig | None = None
        self.params: Mapping[str, Any] = {}
        self.run_params: Mapping[str, Any] = {}
        self.pipeline = Pipeline([])
        self.wanted = self.reached = False
        self.used: dict[str, Any] = {}
        self.saved: list[str] = []

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Read mlflow.yml and the parameters."""
        self.config = check(TrackingConfig, context.config_loader["mlflow"], "mlflow.yml")
        self.params = context.config_loader["parameters"]

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline) -> None:
        """Decide whether this run is one to record."""
        config = self.config
        self.run_params, self.pipeline, self.saved, self.reached = run_params, pipeline, [], False
        self.wanted = config is not None and config.enabled and bool(_tags(pipeline) & set(config.pipelines))

    @hook_impl
    def before_node_run(self, node: Node, catalog: CatalogProtocol) -> None:
        """Reach the store with the first node, open the run with the first that is recorded."""
        if not self.wanted or self.config is None:
            return
        if not self.reached:
            from pathlore.tracking.store import open_experiment

            open_experiment(self.config)
            self.reached = True
        if not node.tags & set(self.config.pipelines):
            return
        self.wanted = False
        try:
            self._open(catalog)
        except Exception as error:  # of the store, which was there a moment ago
            logger.warning("MLflow: this run is not recorded (%s); it goes on, its results are in data/", _line(error))

    def _open(self, catalog: CatalogProtocol) -> None:
        from pathlore.tracking import contents, open_run

        assert self.config is not None
        environment = self.run_params.get("env") or "base"
        names = self.run_params.get("pipeline_names") or ["__default__"]
        pipelines = ", ".join(names)
        checksums = _checksums(catalog)
        tags = {"kedro.env": environment, "kedro.pipelines": pipelines, "kedro.run_id": self.run_params["run_id"]}
        tags |= {f"sha256.{name}": value for name, value in checksums.items()} | _given_vectors(self.params)
        evaluates = "evaluation" in _tags(self.pipeline)
        inputs = [name for one in self.pipeline.nodes for name in one.inputs]
        self.used = contents.used_parameters(self.params, inputs, evaluates=evaluates)
        shown = "" if names == ["__default__"] else pipelines
        name = contents.run_name(self.cohort, self.classes, shown, datetime.now())
        key = f"{environment}: {pipelines}" if evaluates else None
        run = open_run(self.config, self.used, tags, name, key=key)
        if "splits" in self.pipeline.datasets() and catalog.exists("splits"):
            splits = contents.split_inputs(load_all(catalog.load("splits")), checksums.get(RAW_CELLS, ""))
            run.log_inputs(self.cohort, place_in(catalog, RAW_CELLS), splits)
            if catalog.exists("splits_published"):
                from pathlore.expression.splits import digest

                run.tag("splits.sha256", digest(catalog.load("splits_published")))

    @property
    def cohort(self) -> str:
        """Name of the cohort."""
        return str(self.params["evaluation"]["cohort"])

    @property
    def classes(self) -> list[str]:
        """Names of the classes, the control first."""
        return list(self.params["ingestion"]["cells"]["classes"])

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:
        """Note what was written, before the run opened too, and its metrics."""
        from pathlore.tracking import contents, current

        run = current()
        if self.wanted or run is not None:
            self.saved.append(dataset_name)
        if run is None:
            return
        if dataset_name == "metrics":
            run.add_final(contents.final_metrics(data))
        elif dataset_name == "splits_published":
            from pathlore.expression.splits import digest

            run.tag("splits.sha256", digest(data))
        elif dataset_name == "evaluation_summary":
            run.add(contents.evaluation_metrics(data))

    @hook_impl
    def after_pipeline_run(self, catalog: CatalogProtocol) -> None:
        """Record each file that was written, once, describe the run and close it."""
        from pathlore.tracking import close_killed, current

        if self.wanted and self.config is not None:  # nothing was recorded
            close_killed(self.config)
        run = current()
        if run is None:
            return
        run.try_again()
        for name in self.saved:
            metadata = _metadata(catalog, name)
            for path in _paths(catalog, name):
                if metadata.get("model"):
                    from pathlore.tracking.models import log_bundles

                    log_bundles(run, path, metadata["model"])
                if folder := metadata.get("artifact"):
                    run.log_file(path, f"{folder}/{name}" if path.is_dir() else folder)
        run.attempt("the description", self._describe, run, catalog)
        run.close("FINISHED")

    def _describe(self, run: "OpenRun", catalog: CatalogProtocol) -> None:
        """Load what the run made or read, and describe it."""
        from pathlore.inspection.design import gravest
        from pathlore.tracking import contents

        known = self.pipeline.datasets() | {"design_findings"}
        there = {name for name in known if catalog.exists(name)}
        single = {
            field: catalog.load(name)
            for field, name in (
                ("design", "design_findings"),
                ("metrics", "metrics"),
                ("diagnostics", "diagnostics"),
                ("evaluation", "evaluation_summary"),
            )
            if name in there
        }
        several = {
            field: load_all(catalog.load(name))
            for field, name in (
                ("splits", "splits"),
                ("predictions", "held_out_predictions"),
                ("importance", "path_importance"),
                ("receptors", "active_receptors"),
            )
            if name in there
        }
        tables = contents.Tables(**single, **several)
        for name, table in tables.importance.items():
            if "path_importance" in self.saved:
                run.log_paths(name, table)
            run.add_final({name: contents.path_metrics(table)})
        changed = contents.changed_parameters(self.used)
        caveat = str(self.params["evaluation"].get("caveat", ""))
        text = contents.description(self.cohort, self.classes, tables, changed, caveat)
        run.describe(text, gravest(tables.design) if tables.design is not None else "")

    @hook_impl
    def on_pipeline_error(self, error: Exception) -> None:
        """Mark the run as failed, with the reason."""
        from pathlore.tracking import current

        run = current()
        if run is not None:
            run.close("FAILED", _line(error))


def _line(error: Exception) -> str:
    return " ".join(str(user_error(error) or error).split())


def _tags(pipeline: Pipeline) -> set[str]:
    return {tag for node in pipeline.nodes for tag in node.tags}


def _metadata(catalog: CatalogProtocol, name: str) -> Mapping[str, Any]:
    metadata = getattr(catalog[name], "metadata", None) or {}
    return metadata.get("mlflow") or {}


def _paths(catalog: CatalogProtocol, name: str) -> list[Path]:
    """Files and folders of a dataset; a figure lies there as PNG and, beside it, as SVG."""
    places = filter(None, place_in(catalog, name).split(";"))
    paths = [Path(path) for place in places for path in sorted(glob(place))]
    vectors = [path.with_suffix(".svg") for path in paths if path.suffix == ".png"]
    return [*paths, *(path for path in vectors if path.exists())]


def _given_vectors(params: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of the file of vectors that takes the place of an encoder."""
    encoder = (params.get("text_embedding") or {}).get("encoder") or {}
    file = Path(str(encoder.get("model"))).expanduser()
    return {"sha256.text_vectors": sha256(file)} if encoder.get("kind") == "vectors" and file.is_file() else {}


def _checksums(catalog: CatalogProtocol) -> dict[str, str]:
    """SHA-256 of the raw files that are there."""
    return dict(_checksum_of_each(catalog))


def _checksum_of_each(catalog: CatalogProtocol) -> Iterator[tuple[str, str]]:
    for name in catalog:
        if _metadata(catalog, name).get("checksum"):
            paths = [path for path in _paths(catalog, name) if path.is_file()]
            for path in paths:
                yield (name if len(paths) == 1 else f"{name}.{path.name}"), sha256(path)
