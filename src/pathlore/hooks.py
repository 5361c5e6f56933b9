"""Kedro hooks: parameters checked as a whole, errors in one line, data saved whole, the result shown."""

import atexit
import gc
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import AbstractDataset, CatalogProtocol
from kedro.pipeline import Pipeline
from kedro_datasets.partitions import PartitionedDataset

from pathlore.config import Parameters, check
from pathlore.datasets.catalogue import AtomicCatalog, place_of
from pathlore.datasets.checksums import SavedChecksums
from pathlore.datasets.locks import DataLocks
from pathlore.datasets.origins import Origins
from pathlore.engine import kept_workers
from pathlore.errors import PathloreError
from pathlore.files import remove_leftovers
from pathlore.session import show_errors_in_one_line
from pathlore.training.process_rank import current_rank as of_this_process

logger = logging.getLogger(__name__)


RARELY = (50_000, 20, 1000)
"""New objects, and rounds, after which Python looks for objects that only refer to each other; among all that there are
a small run never does, since the imports alone have taken fifty rounds."""
LARGE = 2 * 2**30
"""Bytes of memory from which such objects are looked for after each node: they may hold cells."""


class MemoryHooks:
    """Keep Python from looking through all that was imported again and again, a twelfth of the time of a small run."""

    def __init__(self) -> None:
        self._before = gc.get_threshold()

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self) -> None:
        """Look rarely, and not at all as the process ends: that takes a second, and its memory goes anyway."""
        gc.set_threshold(*RARELY)
        atexit.unregister(gc.freeze)
        atexit.register(gc.freeze)

    @hook_impl
    def after_node_run(self) -> None:
        """Free what a node has left in circles, and give the system what is free, where memory is short of it."""
        import psutil

        if psutil.Process().memory_info().rss > LARGE:
            gc.collect()
            getattr(psutil, "heap_trim", int)()  # not with every C library

    @hook_impl(trylast=True)
    def after_pipeline_run(self) -> None:
        """Look as before."""
        gc.set_threshold(*self._before)

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Look as before."""
        gc.set_threshold(*self._before)


class EngineHooks:
    """Let the workers that a run starts serve all of its nodes."""

    def __init__(self) -> None:
        self._workers = ExitStack()

    @hook_impl(trylast=True)
    def before_pipeline_run(self) -> None:
        """Keep those that are started from now on, when nothing speaks against the run any more."""
        self._workers.enter_context(kept_workers())

    @hook_impl
    def after_pipeline_run(self) -> None:
        """End them."""
        self._workers.close()

    @hook_impl
    def on_pipeline_error(self) -> None:
        """End them."""
        self._workers.close()


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
        if no_cells and place_in(catalog, "cells_raw") == place_in(catalog, "cohort_cells"):
            raise PathloreError(
                f"no file at {place_in(catalog, 'cells_raw')}, the cells of a published cohort were expected there: "
                f"run `kedro run --env {environment} --pipeline cohort` first"
            )
        everything = register_pipelines()["__default__"]  # Kedro itself registers only what was asked for
        makers = {name: str(node.namespace) for node in everything.nodes for name in node.outputs}
        absent = [name for name in makers if name in pipeline.inputs() and not catalog.exists(name)]
        if not absent:
            return
        if any(name not in catalog for name in absent):
            raise PathloreError(_begin_earlier(run_params, pipeline, everything, catalog))
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
            f"`{absent[0]}` is not there yet ({place_in(catalog, absent[0])}), the pipeline `{wanted[0]}` comes first: "
            f"run `{command} --pipeline {wanted[0]}` first{several}"
        )


def _begin_earlier(
    run_params: dict[str, Any], pipeline: Pipeline, everything: Pipeline, catalog: CatalogProtocol
) -> str:
    """Name every node that makes what is needed and kept in memory alone."""
    makers = {name: node for node in everything.nodes for name in node.outputs}
    chosen, first = pipeline, []
    while passing := sorted(name for name in chosen.inputs() if name in makers and name not in catalog):
        first += [makers[name] for name in passing]
        chosen = chosen + Pipeline(first)
    nodes = ",".join([*dict.fromkeys(node.name for node in first), *(run_params.get("from_nodes") or [])])
    name = next(name for name in first[0].outputs if name in pipeline.inputs())
    return f"`{name}` is kept in memory alone, by {first[0].name}: begin with such nodes too, --from-nodes {nodes}"


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
            for place in written.values():
                remove_leftovers(place)
            for name in saved if missing else ():  # else it is made anew, or looked at when it is read
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
        if data := sys.modules.get("pathlore.training.data"):
            data.STREAMS.clear()  # the files of streamed cells
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
            logger.info("%s recomputed: %s", _listed(names, "is", "are"), reason)
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
    again = f"`kedro run --env {catalog.environment} --only-missing-outputs` recomputes what is out of date"
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


class DistributedHooks:
    """Save nothing and log nothing in the processes that torchrun starts beside the first one, which does both.

    Every process of torchrun runs the same nodes; inside a fit they share the work. The outputs of the others stay in
    memory, so that two processes never write one file.
    """

    @hook_impl
    def after_context_created(self) -> None:
        """Be silent but for errors."""
        logging.disable(logging.WARNING)

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Keep in memory what the run would save."""
        for name in pipeline.all_outputs():
            if name in catalog:  # others are kept in memory anyway
                catalog[name] = UnsavedDataset(catalog[name])


class UnsavedDataset(AbstractDataset[Any, Any]):
    """Another dataset that is read but never written: what is saved stays in memory.

    Parameters
    ----------
    original
        What it stands for.
    """

    def __init__(self, original: AbstractDataset[Any, Any]) -> None:
        self._original = original
        self._saved: list[Any] = []

    def load(self) -> Any:
        """Return what was saved in this process, else what the original holds."""
        if not self._saved:
            return self._original.load()
        data = self._saved[-1]
        if isinstance(data, Mapping) and isinstance(self._original, PartitionedDataset):
            return {name: lambda part=part: part for name, part in data.items()}
        return data

    def save(self, data: Any) -> None:
        """Keep it."""
        self._saved = [data]

    def _exists(self) -> bool:
        return bool(self._saved) or self._original.exists()

    def _describe(self) -> dict[str, Any]:
        return self._original._describe()


def place_in(catalog: CatalogProtocol, name: str) -> str:
    """Where a dataset lies, several places with ';' between them; empty if it has none."""
    described = catalog[name]._describe()
    return str(described.get("filepath") or described.get("path") or "")
