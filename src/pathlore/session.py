"""A session of Kedro that says in one line which name of a command is not known, and which is meant."""

import logging
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from kedro.framework.session import KedroSession
from kedro.pipeline import Pipeline

from pathlore.config.blocks import meant
from pathlore.errors import PathloreError, nearest, shorten, user_error

logger = logging.getLogger(__name__)

OF_EVERY_RUN = ("base", "local")
"""Folders of settings that are read by every run."""

LET_GO = "Can't decrement id ref count"
"""Said by h5py after an error was raised, for each part of a file that a full disk left half written."""


class CheckedSession(KedroSession):
    """`kedro.framework.session.KedroSession` that looks up every name of a command before anything is read."""

    def run(self, *args: Any, **options: Any) -> Any:
        """Run as Kedro does.

        Raises
        ------
        PathloreError
            There is no such environment, pipeline, tag, node or dataset, or no node has all that was asked for.
        """
        from pathlore.pipeline_registry import register_pipelines  # not above: every command reads the settings

        show_errors_in_one_line()
        settings = Path(self._conf_source or self._project_path / "conf")
        check_environment(self.store.get("env"), settings)
        names = options.get("pipeline_names") or [options.get("pipeline_name") or "__default__"]
        check_names(register_pipelines(), names, options)
        return super().run(*args, **options)


def check_environment(name: str | None, settings: Path) -> None:
    """Look for an environment's folder."""
    if not name or (settings / name).is_dir() or not settings.is_dir():
        return
    known = sorted(path.name for path in settings.iterdir() if path.is_dir() and path.name not in OF_EVERY_RUN)
    raise PathloreError(
        f"`--env {name}`: there is no folder {settings / name}{nearest(name, known)}; expected one of "
        f"{shorten(known, 30)}, or a new folder there (docs/your-own-data.md)"
    )


def check_names(pipelines: Mapping[str, Pipeline], names: Iterable[str], options: Mapping[str, Any]) -> None:
    """Look up the names of pipelines, tags, nodes and datasets."""
    for name in names:
        _look_up("pipeline", name, [known for known in pipelines if not known.startswith("__")], pipelines)
    chosen = sum((pipelines[name] for name in names), Pipeline([]))
    nodes, datasets = {node.name for node in chosen.nodes}, chosen.datasets()
    known = {
        "tags": {tag for node in chosen.nodes for tag in node.tags},
        "namespaces": {node.namespace for node in chosen.nodes if node.namespace},
        **{
            "node_names": nodes,
            "from_nodes": nodes,
            "to_nodes": nodes,
            "from_inputs": datasets,
            "to_outputs": datasets,
        },
    }
    flags = {"node_names": "nodes"}
    for option, there in known.items():
        for name in options.get(option) or []:
            _look_up(flags.get(option, option.replace("_", "-")), name, there, there)
    filters = {option: options[option] for option in known if options.get(option)}
    renamed = {"namespaces": "node_namespaces"}
    try:
        chosen.filter(**{renamed.get(option, option): value for option, value in filters.items()})
    except ValueError as error:
        said = ", ".join(f"--{flags.get(o, o.replace('_', '-'))} {','.join(v)}" for o, v in filters.items())
        raise PathloreError(f"no node has all of {said}: leave one of them out") from error


def show_errors_in_one_line() -> None:
    """Take the place of the interpreter's last resort, for our own errors alone."""
    previous = sys.excepthook
    if getattr(previous, "of_pathlore", False):
        return

    def show(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if type(error) is RuntimeError and LET_GO in str(error):  # Cython prints it, before it is unraisable
            return
        ours = user_error(error)
        if ours is None:
            previous(kind, error, traceback)
        else:
            logger.debug("Traceback", exc_info=(kind, error, traceback))
            sys.stderr.write(f"pathlore: {ours}\n")

    show.of_pathlore = True  # type: ignore[attr-defined]
    sys.excepthook = show
    unraisable = sys.unraisablehook

    def pass_over(event: "sys.UnraisableHookArgs") -> None:
        if LET_GO not in str(event.exc_value):
            unraisable(event)

    sys.unraisablehook = pass_over


def _look_up(option: str, name: str, known: Iterable[str], there: Iterable[str]) -> None:
    if name not in there:
        raise PathloreError(
            f"`--{option} {name}`: there is no such name{meant(name, known)}; expected of {shorten(known, 20)}"
        )
