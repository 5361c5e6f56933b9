"""An environment for the data that were inspected: two small files, with a reason above each choice."""

import re
import textwrap
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from pathlore.config import InspectionConfig
from pathlore.errors import PathloreError
from pathlore.expression.populations import slug
from pathlore.files import atomic_file, atomic_folder
from pathlore.inspection.findings import CAVEAT, Choice, Fact, Inspection

RESERVED = ("base", "local")
SUFFIXES = re.compile(r"(\.gz|\.h5ad|\.h5|\.hdf5|\.loom|\.zarr|\.csv|\.tsv|\.tab|\.txt|\.mtx)+$", re.IGNORECASE)
OF_NO_SAMPLE = {"matrix", "cells", "data", "counts", *(f"{kind}_feature_bc_matrix" for kind in ("filtered", "raw"))}
"""Names that say nothing: the folder's is taken."""
LARGE = 4000
"""Megabytes of a matrix from which cells stay on disk."""
WIDTH = 116
INTERPOLATION = re.compile(r"(\\*)\$\{")
"""What OmegaConf reads: a backslash before ``${`` escapes it, and of two one escapes the other."""
WORD = re.compile(r"[^\W\d]\w*( [^\W\d]\w*)*", re.ASCII)
"""Texts that need no quotes."""

GLOBALS = {
    "cells": "the file that was inspected",
    "cell_annotations": "what is known about each cell, joined by its name",
    "network": "who signals to whom, in place of the built-in network",
    "gene_text": "what is written about each gene, in place of the built-in texts",
    "gene_names": "symbols, aliases and ids of genes, in place of the built-in ones",
    "orthologs": "pairs of mouse and human genes",
    "gene_sets": "gene sets to read the paths by",
    "gene_lists": "genes that you look for",
    "decimal": "the sign before the fraction in the table of cells",
    "encoding": "the encoding of the table of cells",
}
HINTS = {
    "orthologs": "for mouse genes: pairs of mouse and human genes",
    "gene_sets": "gene sets (GMT, or a table set_name, gene): are the top paths enriched in them?",
    "gene_lists": "genes you look for, such as a disease's (a table list_name, gene): do the top paths hold them?",
    "network": "another network; one with complexes (CellChatDB, CellPhoneDB) serves the signals between cells best",
}
"""Files that are not given, and what they would be good for."""
LSA = Choice(
    value="lsa",
    reason="texts become vectors by latent semantic analysis: offline. `transformers` takes PubMedBERT instead, whose "
    "weights are fetched once (docs/your-own-data.md)",
)


class Written(Fact):
    """What became of the environment."""

    name: str
    folder: str
    files: list[str]  # empty: the folder was there already, and is as it was


def write_environment(inspection: Inspection, config: InspectionConfig) -> Written:
    """Write ``globals.yml`` and ``parameters.yml`` below ``config.folder``, both or neither.

    A folder that is there already is left as it is, unless ``config.overwrite``; then these two files are replaced.

    Raises
    ------
    PathloreError
        The name is that of a folder that every run reads.
    """
    name = config.name or name_of(config.files.cells)
    if name in RESERVED:
        raise PathloreError(f"'{name}' is read by every run and is no name of an environment: change `inspection.name`")
    folder = Path(config.folder) / name
    if folder.exists() and not config.overwrite:
        return Written(name=name, folder=str(folder), files=[])
    texts = {"globals.yml": globals_text(inspection, config), "parameters.yml": parameters_text(inspection)}
    with ExitStack() as both:
        if folder.exists():
            partial = {file: both.enter_context(atomic_file(folder / file)) for file in texts}
        else:
            new = both.enter_context(atomic_folder(folder, marked=False))
            partial = {file: new / file for file in texts}
        for file, text in texts.items():
            partial[file].write_text(text, encoding="utf8")
    return Written(name=name, folder=str(folder), files=list(texts))


def name_of(file: str) -> str:
    """Name an environment by a file.

    Examples
    --------
    >>> name_of("a/Lung 1.h5ad"), name_of("a/GSM1_x/filtered_feature_bc_matrix"), name_of("a/b/matrix.mtx.gz")
    ('lung_1', 'gsm1_x', 'b')
    """
    path = Path(file)
    while slug(SUFFIXES.sub("", path.name)) in OF_NO_SAMPLE and len(path.parts) > 1 and path.parent.name:
        path = path.parent
    name = slug(SUFFIXES.sub("", path.name))
    return name if name not in RESERVED else f"{name}_cells"


def globals_text(inspection: Inspection, config: InspectionConfig) -> str:
    """Write where the files lie, but for those that come with the package, and what limits the cohort."""
    built_in = str(files("pathlore"))
    given = {key: getattr(config.files, key) for key in GLOBALS}
    given = {key: value for key, value in given.items() if value not in ("", "auto") and not value.startswith(built_in)}
    lines = [f"# Where the data lie. Written by the pipeline `inspection`, from {_flat(inspection.file)}."]
    for key, value in given.items():
        lines += [*_comment(GLOBALS[key]), f"{key}: {_scalar(value)}"]
    chosen = next((facts for facts in inspection.matrices if facts.name == inspection.layer), None)
    if chosen is not None and chosen.megabytes > LARGE:
        lines += [
            *_comment(f"the matrix takes {chosen.megabytes / 1000:.1f} GB: cells stay on disk"),
            "stream_cells: true",
        ]
    limit = inspection.choices.get(CAVEAT)
    if limit is not None:
        lines += [*_comment(limit.reason), f"{CAVEAT}: {_scalar(limit.value)}"]
    missing = {key: text for key, text in HINTS.items() if key not in given}
    return "\n".join([*lines, "", *(f"# {key}:  # {text}" for key, text in missing.items()), ""])


def parameters_text(inspection: Inspection) -> str:
    """Write each choice below its reason, but that of globals.yml; a dotted name is a place in the tree."""
    choices = {**inspection.choices, "text_embedding.encoder.kind": LSA}
    choices.pop(CAVEAT, None)
    lines = [
        "# Settings for these cells. Written by the pipeline `inspection`; yours from now on, change what is wrong.",
        "# What does not stand here keeps the value of conf/base, where each parameter has a comment.",
    ]
    open_: list[str] = []
    for key in _ordered(choices):
        *path, last = key.split(".")
        shared = next(
            (i for i, (a, b) in enumerate(zip(open_, path, strict=False)) if a != b), min(len(open_), len(path))
        )
        lines += [f"{'  ' * depth}{path[depth]}:" for depth in range(shared, len(path))]
        open_, indent = path, "  " * len(path)
        lines += [indent + line for line in _comment(choices[key].reason)]
        lines += [indent + line for line in _entry(last, choices[key].value)]
    return "\n".join([*lines, ""])


def _ordered(keys: dict[str, Choice]) -> list[str]:
    """Keys of one block beside each other, blocks in the order of their first key."""
    first: dict[str, int] = {}
    for i, key in enumerate(keys):
        parts = key.split(".")
        for depth in range(1, len(parts) + 1):
            first.setdefault(".".join(parts[:depth]), i)
    return sorted(keys, key=lambda key: [first[key.rsplit(".", n)[0]] for n in range(key.count("."), -1, -1)])


def _entry(key: str, value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        return [f"{key}:", *(f"  {_text(str(name))}: {_scalar(item)}" for name, item in value.items())]
    return [f"{key}: {_scalar(value)}"]


def _scalar(value: Any) -> str:
    """One line of YAML that is read back as it is, by OmegaConf too.

    Words without any sign stand bare; other texts stand in double quotes, because OmegaConf takes more texts for
    numbers (``1e5``) than YAML does. A key is never interpolated, a value is, unless its ``${`` is escaped.
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(str(key))}: {_scalar(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_scalar(item) for item in value) + "]"
    if isinstance(value, str):
        return _text(INTERPOLATION.sub(lambda found: f"{found[1] * 2}\\${{", value))
    return str(yaml.safe_dump(value)).removesuffix("\n").removesuffix("\n...")


def _text(text: str) -> str:
    if WORD.fullmatch(text) and yaml.safe_load(text) == text:
        return text
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**9)).removesuffix("\n")


def _comment(reason: str) -> list[str]:
    paragraphs = [textwrap.wrap(_flat(part), WIDTH - 2, break_long_words=False) for part in reason.split("\n")]
    return [f"# {line}" for lines in paragraphs for line in lines]


def _flat(text: str) -> str:
    """Without line breaks and other signs that end a comment."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
