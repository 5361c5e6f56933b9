"""A bundle on disk: safetensors, JSON and CSV; written whole or not at all, and every file is checked when read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pandas as pd
import torch
from pydantic import ValidationError

from pathlore.errors import PathloreError, shorten
from pathlore.files import atomic_folder, sha256
from pathlore.scoring.bundle import Bundle
from pathlore.scoring.facts import FORMAT, Facts
from pathlore.scoring.model_card import model_card
from pathlore.spreadsheet import escaped, quoting, unescaped
from pathlore.training.stacking import Stack
from pathlore.training.trained_model import TrainedModel, weights_of

INDEX, CHECKSUMS, CARD = "bundle.json", "checksums.json", "MODEL_CARD.md"
PROFILES = "familiarity.profiles"
WEIGHTS, TEXTS = "weights.safetensors", "text_embeddings.safetensors"
TABLES = ("genes", "paths", "gene_names", "orthologs")
TEXT_TENSORS = ("gene_text", "path_text")
FILES = (WEIGHTS, TEXTS, *(f"{name}.csv" for name in TABLES), CARD, INDEX)

NUMBERS = ("mean", "sd", "fraction_expressed", "log_fold_change", "importance", "prior")
WHOLE_NUMBERS = ("sign", "rank", "prior_rank")

T = TypeVar("T")


def write_bundle(bundle: Bundle, folder: Path) -> None:
    """Write a bundle, in place of one that is there.

    ``bundle.json`` what it is; ``weights.safetensors`` and ``text_embeddings.safetensors`` the tensors (the latter as
    the model reads them, each vector standardised); ``genes.csv``, ``paths.csv``, ``gene_names.csv``,
    ``orthologs.csv``; ``MODEL_CARD.md`` for people; ``checksums.json`` the SHA-256 of every other file. The folder is
    written beside its place and renamed.

    Parameters
    ----------
    bundle
        What to write.
    folder
        Its place.

    Raises
    ------
    PathloreError
        There is a folder in that place that is no bundle.
    """
    from safetensors.torch import save_file

    if folder.exists() and not (folder / INDEX).is_file() and any(folder.iterdir()):
        raise PathloreError(f"{folder} holds something else than a bundle: name another folder, or empty it")
    with atomic_folder(folder) as new:
        state = bundle.model.tensors() | {PROFILES: torch.from_numpy(bundle.profiles)}
        save_file({name: value for name, value in state.items() if name not in TEXT_TENSORS}, new / WEIGHTS)
        save_file({name: state[name] for name in TEXT_TENSORS}, new / TEXTS)
        for name in TABLES:
            table = escaped(getattr(bundle, name))
            table.to_csv(new / f"{name}.csv", index=False, quoting=quoting(table))
        (new / CARD).write_text(model_card(bundle), encoding="utf8")
        (new / INDEX).write_text(bundle.facts.model_dump_json(indent=1) + "\n", encoding="utf8")
        sums = {name: sha256(new / name) for name in FILES}
        (new / CHECKSUMS).write_text(json.dumps(sums, indent=1) + "\n", encoding="utf8")


def read_bundle(folder: Path | str) -> Bundle:
    """Read a bundle; nothing in it is ever unpickled.

    Parameters
    ----------
    folder
        Of the bundle, or its ``bundle.json``.

    Raises
    ------
    PathloreError
        There is no bundle, a file is missing, changed or unreadable, or the layout is of another version.
    """
    from safetensors.torch import load_file

    folder = Path(folder)
    folder = folder.parent if folder.name == INDEX else folder
    if not (folder / INDEX).is_file() and not (folder / CHECKSUMS).is_file():
        raise PathloreError(
            f"no bundle in {folder}, a folder with {INDEX} was expected: run the pipeline `modeling`, or name the "
            "folder in the runtime parameter `bundle`"
        )
    _check_files(folder)
    facts = _facts(folder)
    saved = {name: value for file in (WEIGHTS, TEXTS) for name, value in _read(folder, file, load_file).items()}
    profiles = saved.pop(PROFILES, torch.zeros(0, 0)).numpy().copy()
    state = weights_of(saved)
    try:
        stack = Stack.read(facts.stack, saved) if facts.stack else None
    except (KeyError, ValueError, TypeError) as error:
        raise _damaged(folder, WEIGHTS, error) from error
    tables = {name: _read(folder, f"{name}.csv", _table) for name in TABLES}
    genes, paths = list(tables["genes"]["gene"]), list(tables["paths"]["path"])
    model = TrainedModel(facts.model, facts.class_names, genes, paths, facts.best_epoch, state, facts.device, stack)
    if len(genes) != len(state["gene_mean"]) or len(paths) != len(state["importance.logits"]):
        raise _damaged(folder, WEIGHTS, "weights and names have different lengths")
    if profiles.shape[1:] != (len(model.wide_genes or genes),):
        raise _damaged(folder, WEIGHTS, "profiles and genes have different lengths")
    return Bundle(model=model, facts=facts, profiles=profiles, **tables)


def _facts(folder: Path) -> Facts:
    values = _read(folder, INDEX, lambda path: json.loads(path.read_text(encoding="utf8")))
    version = values.get("format") if isinstance(values, dict) else None
    if version != FORMAT:
        raise PathloreError(
            f"the bundle in {folder} is of format {version!r}, format {FORMAT} was expected: read it with the version "
            "of pathlore that wrote it, or bundle the model again (pipeline `modeling`)"
        )
    try:
        return Facts.model_validate(values)
    except ValidationError as error:
        raise _damaged(folder, INDEX, error) from error


def _check_files(folder: Path) -> None:
    """Compare every file with its checksum."""
    expected = _read(folder, CHECKSUMS, lambda path: json.loads(path.read_text(encoding="utf8")))
    if not isinstance(expected, dict) or set(expected) != set(FILES):
        named = shorten(expected) if isinstance(expected, dict) else "no files"
        raise _damaged(folder, CHECKSUMS, f"it names {named}, expected {shorten(FILES, 20)}")
    for name in FILES:
        found = _read(folder, name, sha256)
        if found != expected[name]:
            raise _damaged(folder, name, f"SHA-256 {found[:12]}..., expected {str(expected[name])[:12]}...")


def _read(folder: Path, name: str, reader: Callable[[Path], T]) -> T:
    """Read one file, or name it in the error."""
    try:
        return reader(folder / name)
    except Exception as error:  # each format has errors of its own
        raise _damaged(folder, name, error) from error


def _table(path: Path) -> pd.DataFrame:
    """A table whose texts are never taken for missing values: NA is a name like others."""
    table = unescaped(pd.read_csv(path, dtype=str, keep_default_na=False))
    for name in table.columns.intersection(NUMBERS):
        table[name] = table[name].replace("", "nan").astype(float)
    for name in table.columns.intersection(WHOLE_NUMBERS):
        table[name] = table[name].astype(int)
    return table


def _damaged(folder: Path, name: str, found: object) -> PathloreError:
    return PathloreError(
        f"{name} of the bundle in {folder} is missing, changed or damaged ({' '.join(str(found).split())[:300]}), the "
        "file as it was written was expected: copy the bundle again, or make it anew (--pipeline modeling)"
    )
