"""Kedro hooks: parameters checked as a whole, errors in one line, the result shown, runs recorded in MLflow."""

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from glob import glob
from pathlib import Path
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from pathlore import tracking
from pathlore.config import Parameters, TrackingConfig, check
from pathlore.datasets.catalogue import AtomicCatalog, place_of
from pathlore.datasets.checksums import SavedChecksums
from pathlore.datasets.locks import DataLocks
from pathlore.datasets.origins import Origins
from pathlore.errors import PathloreError, user_error
from pathlore.files import remove_leftovers, sha256
from pathlore.session import show_errors_in_one_line
from pathlore.training.process_rank import current_rank as of_this_process

logger = logging.getLogger(__name__)

DESIGN = "design_findings"
"""Dataset whose findings stand first in the description of a run."""


class ParameterHooks:
    """Refuse unknown parameters before anything runs."""

    def __init__(self) -> None:
        self.parameters: Parameters | None = None

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Check the whole tree of parameters."""
        self.parameters = check(Parameters, context.config_loader["parameters"], "parameters")

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline) -> None:
        """Ask for the classes, which only the user can name, if the run reads cells."""
        inspects = {tag for node in pipeline.nodes for tag in node.tags} == {"inspection"}  # it finds the classes
        if inspects or not {"cells_raw", "cells"} & pipeline.inputs():
            return
        if self.parameters is not None and not self.parameters.ingestion.cells.classes:
            raise PathloreError(
                "`ingestion.cells.classes` is empty, a control and a case were expected: name them in conf/"
                f"{run_params.get('env') or 'local'}/parameters.yml, or choose an environment that does (--env demo)"
            )


class InputHooks:
    """Refuse to run a pipeline before the one whose results it reads."""

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Look for every dataset that the run reads and some pipeline makes."""
        from pathlore.pipeline_registry import register_pipelines  # not above: every command reads the settings

        environment = run_params.get("env") or "local"
        no_cells = "cells_raw" in pipeline.inputs() and not catalog.exists("cells_raw")
        if no_cells and _place(catalog, "cells_raw") == _place(catalog, "cohort_cells"):
            raise PathloreError(
                f"no file at {_place(catalog, 'cells_raw')}, the cells of a published cohort were expected there: run "
                f"`kedro run --env {environment} --pipeline cohort` first"
            )
        everything = register_pipelines()["__default__"]  # Kedro itself registers only what was asked for
        makers = {name: str(node.namespace) for node in everything.nodes for name in node.outputs}
        absent = [name for name in makers if name in pipeline.inputs() and not catalog.exists(name)]
        if not absent:
            return
        needed = {
            makers[name]
            for node in everything.to_outputs(*absent).nodes
            for name in node.outputs
            if name in absent or not catalog.exists(name)
        }
        wanted = [name for name in dict.fromkeys(makers.values()) if name in needed]  # in the order of the work
        command = f"kedro run --env {environment}"
        several = f", or all that is missing: `{command} --pipelines {','.join(wanted)}`" if len(wanted) > 1 else ""
        raise PathloreError(
            f"`{absent[0]}` is not there yet ({_place(catalog, absent[0])}), the pipeline `{wanted[0]}` comes first: "
            f"run `{command} --pipeline {wanted[0]}` first{several}"
        )


class DataHooks:
    """Save whole what a run saves, redo what is out of date, and keep a second run out of the data of the first."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.locks: DataLocks | None = None

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Note where all data lie."""
        self.folder = Path(context.project_path) / "data"

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Take the locks, remove what a killed run has left half written, and look for what is out of date.

        Raises
        ------
        PathloreError
            Another run writes what this one reads or writes, or reads what it writes; or what this one reads was made
            from other datasets than are there.
        """
        missing = bool(run_params.get("only_missing_outputs"))
        if missing and of_this_process().processes > 1:  # each of them would decide by itself what to run
            raise PathloreError(
                "--only-missing-outputs was given to processes of torchrun, one process was expected: leave it out"
            )
        if self.folder is None or not isinstance(catalog, AtomicCatalog):
            if missing and self.folder is not None:
                raise PathloreError(
                    "with --runner=ParallelRunner nothing tells which outputs are out of date: leave out "
                    "--only-missing-outputs or --runner"
                )
            return
        keep_account(catalog, self.folder, run_params.get("env") or "local")
        places = {name: place_of(catalog[name]) for name in sorted(pipeline.datasets()) if name in catalog}
        saved = {name: place for name, place in places.items() if place and name in catalog.makers}
        written = {name: place for name, place in saved.items() if name in pipeline.all_outputs()}
        if self.locks is not None:
            self.locks.release()
        self.locks = DataLocks(self.folder)
        self.locks.take({name: place for name, place in saved.items() if name not in written}, written)
        try:
            SavedChecksums(self.folder).clear()
            for name, place in written.items():
                remove_leftovers(place)
                if missing:  # else it is made anew
                    catalog.check(name)
            refuse_mixed(catalog, pipeline)
            if missing:
                redo_outdated(catalog, pipeline)
        except BaseException:
            self._release()
            raise

    @hook_impl
    def after_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Let other runs in; see whether what was missing came out as it was before.

        Raises
        ------
        PathloreError
            It did not, and what was made from it is out of date.
        """
        self._release()
        if not isinstance(catalog, AtomicCatalog) or not run_params.get("only_missing_outputs"):
            return
        assert catalog.origins is not None
        catalog.outdated = {}
        left = catalog.origins.outdated(pipeline)
        if left:
            name, reason = next(iter(left.items()))
            raise PathloreError(
                f"what was missing came out otherwise than before, {len(left)} datasets are out of date (`{name}`: "
                f"{reason}): run again with --only-missing-outputs"
            )

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Let other runs in."""
        self._release()

    def _release(self) -> None:
        if self.locks is not None:
            self.locks.release()
        self.locks = None


def keep_account(catalog: AtomicCatalog, folder: Path, environment: str) -> None:
    """Tell a catalogue which node makes what, and where checksums and origins are kept."""
    from pathlore.pipeline_registry import register_pipelines  # not above: every command reads the settings

    nodes = {name: node for known in register_pipelines().values() for node in known.nodes for name in node.outputs}
    catalog.makers = {name: str(node.namespace) for name, node in nodes.items()}
    catalog.environment = environment
    catalog.checksums = SavedChecksums(folder)
    catalog.origins = Origins(catalog, nodes)


def redo_outdated(catalog: AtomicCatalog, pipeline: Pipeline) -> None:
    """Let Kedro see what is out of date as missing, and say why, each reason once."""
    assert catalog.origins is not None
    catalog.outdated = {}
    outdated = catalog.origins.outdated(pipeline)
    for reason in dict.fromkeys(outdated.values()):
        names = [name for name, found in outdated.items() if found == reason and catalog.exists(name)]
        if names:
            logger.info("%s made anew: %s", _listed(names, "is", "are"), reason)
    catalog.outdated = outdated


def refuse_mixed(catalog: AtomicCatalog, pipeline: Pipeline) -> None:
    """Refuse to read datasets that do not belong together, and warn of those of other parameters or raw files.

    Raises
    ------
    PathloreError
        One was made from another version of a dataset than is there.
    """
    from pathlore.pipeline_registry import register_pipelines

    everything = sum(register_pipelines().values(), Pipeline([]))
    read = sorted(pipeline.inputs() & everything.all_outputs())
    if not read or catalog.origins is None:
        return
    outdated = catalog.origins.outdated(everything.to_outputs(*read))
    mixed = catalog.origins.mixed(outdated)
    again = f"`kedro run --env {catalog.environment} --only-missing-outputs` makes anew what is out of date"
    if mixed:
        raise PathloreError(f"`{mixed[0]}` does not belong to what is there, {outdated[mixed[0]]}: {again}")
    stale = [name for name in read if name in outdated and catalog.exists(name)]
    if stale:
        first = next(iter(outdated))
        logger.warning(
            "%s not what this run would make (`%s`: %s): %s", _listed(stale, "is", "are"), first, outdated[first], again
        )


def _listed(names: Sequence[str], one: str, several: str) -> str:
    """Names in words, with the verb."""
    shown = ", ".join(f"`{name}`" for name in names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    return f"{shown} {one if len(names) == 1 else several}"


class FolderHooks:
    """Let relative paths start at the project during a run, wherever it was started."""

    def __init__(self) -> None:
        self.project: Path | None = None
        self.before: Path | None = None

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Note the project's folder."""
        self.project = Path(context.project_path)

    @hook_impl(trylast=True)
    def before_pipeline_run(self) -> None:
        """Go there when nothing speaks against the run any more."""
        if self.project is not None:
            self.before = Path.cwd()
            os.chdir(self.project)

    @hook_impl(trylast=True)
    def after_pipeline_run(self) -> None:
        """Go back."""
        self._back()

    @hook_impl(trylast=True)
    def on_pipeline_error(self) -> None:
        """Go back."""
        self._back()

    def _back(self) -> None:
        if self.before is not None:
            os.chdir(self.before)
        self.before = None


class ErrorHooks:
    """Show an error that is meant for the user as one line, without a traceback."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Take the place of the interpreter's last resort, for our own errors alone."""
        show_errors_in_one_line()


class SummaryHooks:
    """Show the result of a run at its end."""

    def __init__(self) -> None:
        self.text = ""

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:
        """Note the summary."""
        if dataset_name in ("summary", "scoring_report", "inspection_report"):
            self.text = data

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Write it to the terminal, as wide as it is."""
        if self.text:
            sys.stdout.write(f"\n{self.text}\n")
            self.text = ""


class TrackingHooks:
    """Record runs of the modeling, interpretation and evaluation pipelines in MLflow.

    A run opens with the first node that is really run, so that ``--only-missing-outputs`` with nothing to do leaves no
    empty run. An evaluation that was stopped goes on in the run that it had. What is recorded of a dataset is said in
    the catalogue: ``metadata.mlflow.artifact`` names a folder among the artifacts, ``metadata.mlflow.checksum`` asks
    for the file's SHA-256, ``metadata.mlflow.model`` names the models that its bundles become.
    """

    def __init__(self) -> None:
        self.config: TrackingConfig | None = None
        self.params: Mapping[str, Any] = {}
        self.wanted = self.resumes = False
        self.run_params: Mapping[str, Any] = {}
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
        self.run_params, self.saved = run_params, []
        tags = {tag for node in pipeline.nodes for tag in node.tags}
        self.wanted = config is not None and config.enabled and bool(tags & set(config.pipelines))
        self.resumes = "evaluation" in tags

    @hook_impl
    def before_node_run(self, catalog: CatalogProtocol) -> None:
        """Open the run with the first node."""
        if not self.wanted or self.config is None:
            return
        self.wanted = False
        environment = self.run_params.get("env") or "base"
        pipelines = ", ".join(self.run_params.get("pipeline_names") or ["__default__"])
        tags = {"kedro.env": environment, "kedro.pipelines": pipelines, "kedro.run_id": self.run_params["run_id"]}
        tags |= {f"sha256.{name}": value for name, value in _checksums(catalog).items()} | _given_vectors(self.params)
        name = environment if pipelines == "__default__" else f"{environment}: {pipelines}"
        tracking.start_run(self.config, self.params, tags, name, resume=self.resumes)
        self.saved = ["open"]

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any, node: Node) -> None:
        """Note what was written; record the final metrics at once."""
        if self.saved:
            self.saved.append(dataset_name)
            if dataset_name == "metrics":
                tracking.log_metrics_table(data)
            elif dataset_name == "evaluation_summary":
                tracking.log_evaluation(data)

    @hook_impl
    def after_pipeline_run(self, catalog: CatalogProtocol) -> None:
        """Record each file that was written, once, and close the run."""
        if self.wanted and self.config is not None:  # nothing was run
            tracking.close_killed(self.config)
        if not self.saved:
            return
        if catalog.exists(DESIGN):
            tracking.describe_run(catalog.load(DESIGN))
        for name in self.saved[1:]:
            folder = _metadata(catalog, name).get("artifact")
            if folder:
                for path in _paths(catalog, name):
                    tracking.log_artifact(path, f"{folder}/{name}" if path.is_dir() else folder)
            model = _metadata(catalog, name).get("model")
            if model and self.config is not None:
                for path in _paths(catalog, name):
                    tracking.log_bundles(path, model, self.config.register_as)
        self.saved = []
        tracking.end_run("FINISHED")

    @hook_impl
    def on_pipeline_error(self, error: Exception) -> None:
        """Mark the run as failed, with the reason."""
        if self.saved:
            self.saved = []
            tracking.end_run("FAILED", str(user_error(error) or error))


def _metadata(catalog: CatalogProtocol, name: str) -> Mapping[str, Any]:
    metadata = getattr(catalog[name], "metadata", None) or {}
    return metadata.get("mlflow") or {}


def _paths(catalog: CatalogProtocol, name: str) -> list[Path]:
    """Files and folders of a dataset; a figure lies there as PNG and, beside it, as SVG."""
    places = filter(None, _place(catalog, name).split(";"))
    paths = [Path(path) for place in places for path in sorted(glob(place))]
    vectors = [path.with_suffix(".svg") for path in paths if path.suffix == ".png"]
    return [*paths, *(path for path in vectors if path.exists())]


def _place(catalog: CatalogProtocol, name: str) -> str:
    """Where a dataset lies, several places with ';' between them; empty if it has none."""
    described = catalog[name]._describe()
    return str(described.get("filepath") or described.get("path") or "")


def _given_vectors(params: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of the file of vectors that takes the place of an encoder."""
    encoder = (params.get("text_embedding") or {}).get("encoder") or {}
    file = Path(str(encoder.get("model"))).expanduser()
    return {"sha256.text_vectors": sha256(file)} if encoder.get("kind") == "vectors" and file.is_file() else {}


def _checksums(catalog: CatalogProtocol) -> dict[str, str]:
    """SHA-256 of the raw files that are there."""
    names = [name for name in catalog if _metadata(catalog, name).get("checksum")]
    return {
        name if len(paths) == 1 else f"{name}.{path.name}": sha256(path)
        for name in names
        for paths in [_paths(catalog, name)]
        for path in paths
        if path.is_file()
    }
