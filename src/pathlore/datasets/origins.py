"""What each dataset was made from, so that one that would come out otherwise today is made anew."""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from pydantic import ValidationError

from pathlore.config import Parameters
from pathlore.config.blocks import block_in
from pathlore.files import sha256
from pathlore.text.model_folder import folder_hash

if TYPE_CHECKING:
    from pathlore.datasets.catalogue import AtomicCatalog

logger = logging.getLogger(__name__)

Origin = dict[str, str]
"""The node and the program under ``NODE`` and ``PROGRAM``, each parameter by its dotted name with ``params:`` before
it, each dataset that was read by its name with the checksum of its files."""

NODE, PROGRAM = "node", "program"
ANEW = "what it is made from is recomputed"
PARAMETER = "params:"

IRRELEVANT = (
    "modeling.training.checkpoints",
    "modeling.training.threads",
    "modeling.training.workers",
    "modeling.training.scratch",
    "modeling.training.accelerator",
    "modeling.training.devices",
    "modeling.training.nodes",
    "modeling.training.strategy",
    "text_embedding.encoder.cache",
    "text_embedding.encoder.device",
    "text_embedding.encoder.batch_tokens",
    "interpretation.refits.store",
    "evaluation.store",
    "engine",
    "resources.timeout",
    "resources.retries",
    "cohort.timeout",
    "cohort.retries",
)
"""Parameters that say where and how fast something is computed, not what comes out."""

ENCODER_MODEL = "text_embedding.encoder.model"
"""A path counts by what lies there."""

FITS = ("ingestion", "graph_construction", "text_embedding", "modeling", "evaluation")

READS = {
    "refit_models": (*FITS, "interpretation.refits", "interpretation.discovery"),
    "run_methods": (*FITS, "interpretation.discovery"),
}
"""Node that is given the whole tree of parameters -> what it reads of it; nodes that are not named here: all blocks."""

BLOCKS = tuple(name for name, field in Parameters.model_fields.items() if block_in(field.annotation))
"""All blocks of parameters. What else the tree holds are paths of raw files, whose content counts instead."""

HOLD_TIMES = ("training_history",)
"""Datasets that hold times, and so are others after each run: what is made from them knows them by their origin."""

OWN_PLACES = {"metadata", "credentials", "backed", "truth_path", "fs_args"}
"""Settings of a raw dataset on which what it holds does not depend."""

LONGEST = 40
"""Characters of a value that is kept as it is; longer ones, and texts, are kept as a checksum."""


class Origins:
    """Compare what datasets were made from with what they would be made from now.

    Parameters
    ----------
    catalog
        Of the run, with its checksums.
    nodes
        Dataset -> the node that makes it.
    """

    def __init__(self, catalog: "AtomicCatalog", nodes: Mapping[str, Node]) -> None:
        self._catalog, self._nodes = catalog, nodes
        self._fixed: dict[str, Origin] = {}

    def now(self, name: str) -> Origin:
        """What a dataset would be made from now; empty if no node makes it."""
        node = self._nodes.get(name)
        if node is None:
            return {}
        datasets = {read: self._content(read) for read in node.inputs if not _is_parameter(read)}
        return self._settings(node) | {read: found for read, found in datasets.items() if found}

    def outdated(self, pipeline: Pipeline) -> dict[str, str]:
        """Datasets of a pipeline that would come out otherwise now, with the reason, in the order of the work.

        What is not there, but was made from the same as it would be now, is expected to come out as before.
        """
        reasons: dict[str, str] = {}
        for node in pipeline.nodes:
            own = [self._why(name, node, reasons) for name in node.outputs if name in self._catalog]
            reason = next((found for found in own if found), "")
            if reason:  # a node saves all that it makes
                reasons |= dict.fromkeys(node.outputs, reason)
        return reasons

    def mixed(self, reasons: Mapping[str, str]) -> list[str]:
        """Those outdated datasets that were made from other datasets than are there, the present ones alone."""
        return [name for name in reasons if self._others(name) and self._catalog.exists(name)]

    def _why(self, name: str, node: Node, reasons: Mapping[str, str]) -> str:
        line = self._catalog.line(name)
        if line is not None and line.kept:
            return ""
        if reasons.keys() & set(node.inputs):
            return ANEW
        if line is None:
            return ""
        if not line.origin:
            return "nothing is known of how it was made"
        if self._catalog.is_foreign(name):
            return "it is another one than was saved"
        return self._lost(name, node) or _difference(line.origin, self.now(name))

    def _others(self, name: str) -> bool:
        line = self._catalog.line(name)
        if line is None or not line.origin:
            return False
        now = self.now(name)
        return any(line.origin[read] != now[read] for read in set(line.origin) & set(now) & set(self._nodes))

    def _content(self, name: str) -> str:
        """Checksum of a dataset that is read.

        Of a raw one: of its files and settings, empty where it is not there; of one that lies on no disk: of what it is
        made from.
        """
        if name in self._nodes:
            known, line = self._catalog.content(name), self._catalog.line(name)
            if name in HOLD_TIMES and line is not None and line.origin:
                return _digest(line.origin)
            return _digest(self.now(name)) if known is None else known
        dataset = self._catalog.get(name)
        if dataset is None or getattr(dataset, "_EPHEMERAL", False) or not dataset.exists():
            return ""
        settings = {key: value for key, value in dataset._init_config().items() if key not in OWN_PLACES}
        return _digest(self._with_content(settings))

    def _with_content(self, value: Any) -> Any:
        """Settings of a raw dataset, in which files stand for what is in them."""
        if isinstance(value, Mapping):
            return {str(key): self._with_content(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [self._with_content(part) for part in value]
        if isinstance(value, bool | int | float | None):
            return value
        if "/" not in str(value):
            return str(value)
        return [self._files(part.strip()) for part in str(value).split(";") if part.strip()]

    def _files(self, pattern: str) -> Any:
        found = [Path(pattern)] if Path(pattern).exists() else [Path(path) for path in sorted(glob(pattern))]
        checksums = self._catalog.checksums
        if not found or checksums is None:
            return pattern
        found += [beside for path in found for beside in _companions(path)]
        return [[path.name, checksums.of_raw(path)] for path in found]

    def _settings(self, node: Node) -> Origin:
        """The node, the program and its parameters, which do not change while a run is under way."""
        if node.name not in self._fixed:
            own = {NODE: node.name, PROGRAM: program()}
            for read in filter(_is_parameter, node.inputs):
                own |= dict(_leaves(read.removeprefix(PARAMETER), self._value(read, node)))
            self._fixed[node.name] = own
        return self._fixed[node.name]

    def _value(self, name: str, node: Node) -> Any:
        if name == "parameters":
            short = node.name.rpartition(".")[2]
            return {block: _within(self._tree, block) for block in READS.get(short, BLOCKS)}
        known = _within(self._tree, name.removeprefix(PARAMETER))
        return _plain(self._catalog[name].load()) if known is None else known

    @cached_property
    def _tree(self) -> Any:
        """All parameters as they are after their check: Kedro gives some of them checked, some as they were written."""
        if "parameters" not in self._catalog:
            return {}
        tree = dict(_plain(self._catalog["parameters"].load()))
        evaluation = dict(_plain(tree.get("evaluation") or {}))
        variants = evaluation.get("variants")
        try:
            checked = Parameters.model_validate({**tree, "evaluation": {**evaluation, "variants": {}}})
        except ValidationError:
            return tree
        found = checked.model_dump(mode="json")
        found["evaluation"]["variants"] = variants
        return found

    def _lost(self, name: str, node: Node) -> str:
        """Say which of the files that a report of fetched files names is not there as it was fetched."""
        checksums = self._catalog.checksums
        if checksums is None or not all(map(_is_parameter, node.inputs)) or not self._catalog.exists(name):
            return ""
        table = self._catalog.load(name)
        if not {"file", "sha256"} <= set(getattr(table, "columns", ())):
            return ""
        for file, expected in zip(table["file"], table["sha256"], strict=True):
            if not Path(file).is_file():
                return f"{file} is not there"
            if checksums.of_raw(Path(file)) != expected:
                return f"{file} is not as it was fetched"
        return ""


def _companions(path: Path) -> list[Path]:
    """Files that are read with a matrix of 10x Genomics: barcodes, and features or genes."""
    if ".mtx" not in path.name.lower() or path.is_dir():
        return []
    words = ("barcodes", "features", "genes")
    return sorted(file for file in path.parent.iterdir() if any(word in file.name.lower() for word in words))


@cache
def program() -> str:
    """Checksum of the source of this package: another version may make something else of the same."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted([*package.rglob("*.py"), *package.rglob("*.yml")]):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _difference(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Say in words what differs; a raw file that is not there any more tells nothing."""
    names = [name for name in before if name in now and before[name] != now[name]]
    names += [name for name in {**before, **now} if name.startswith(PARAMETER) and (name in before) != (name in now)]
    said = []
    for name in names:
        if name == PROGRAM:
            said.append("another version of pathlore made it")
        elif name == NODE:
            said.append(f"the node {before[name]} made it, now {now[name]} does")
        elif name.startswith(PARAMETER):
            said.append(f"`{name.removeprefix(PARAMETER)}` {_change(before.get(name), now.get(name))}")
        else:
            said.append(f"it was made from another `{name}`")
    further = f" and {len(said) - 3} more" if len(said) > 3 else ""
    return ", ".join(said[:3]) + further


def _change(before: str | None, now: str | None) -> str:
    if before is None or now is None or "sha256:" in before + now:
        return "has changed"
    return f"was {before}, is {now}"


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Dotted names of parameters with their values, those left out that do not matter."""
    name = name.removeprefix("parameters").removeprefix(".")
    if name in IRRELEVANT:
        return
    value = _plain(value)
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _leaves(f"{name}.{key}", part)
        return
    text = json.dumps(value, sort_keys=True, default=str)
    if name == ENCODER_MODEL and isinstance(value, str):
        text += _model_content(value)
    shown = isinstance(value, bool | int | float | None) and len(text) <= LONGEST
    yield PARAMETER + name, text if shown else f"sha256:{_digest(text)[:16]}"


@cache
def _model_content(model: str) -> str:
    """Checksum of a language model or a file of vectors on this machine; empty for a name."""
    path = Path(model).expanduser()
    return folder_hash(path) if path.is_dir() else sha256(path) if path.is_file() else ""


def _within(tree: Any, dotted: str) -> Any:
    """A block of the tree of parameters under its dotted name, so that its leaves keep theirs."""
    first, _, rest = dotted.partition(".")
    found = tree.get(first) if isinstance(tree, Mapping) else None
    return _within(found, rest) if rest else found


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def _digest(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _is_parameter(name: str) -> bool:
    return name == "parameters" or name.startswith(PARAMETER)
