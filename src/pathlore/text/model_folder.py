"""Where a pretrained language model lies on this machine, what identifies it, and how it is read."""

import hashlib
import json
import logging
import os
import re
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from pathlore.errors import PathloreError, shorten
from pathlore.files import sha256
from pathlore.text.presets import PRESETS, package_folder, preset_of, unknown_model

logger = logging.getLogger(__name__)

SAFETENSORS = ("*.safetensors", "*.safetensors.index.json")
TENSORS_ONLY = ("pytorch_model*.bin", "pytorch_model.bin.index.json")
"""Weights in PyTorch's own format, used where a model has no others: torch's weights-only loader reads tensors from
them and refuses anything that would run code."""

DESCRIPTION = (
    "config.json",
    "tokenizer*",
    "vocab*",
    "merges.txt",
    "*.model",
    "special_tokens_map.json",
    "added_tokens.json",
    "modules.json",
    "*sentence_*.json",
    "[0-9]*_*/*.json",
    "[0-9]*_*/vocab.txt",
)
"""What is read of a model beside its weights: configuration and tokenizer, also in the numbered folders of the layers
that sentence-transformers puts on top."""

TRUE = {"1", "on", "yes", "true"}
HUB_TIMEOUT = 5.0
"""Seconds to wait for the Hugging Face hub's answer before the machine counts as offline."""


def model_folder(model: str, revision: str | None) -> Path:
    """Find the folder of a model: a local folder, a package, the local Hugging Face cache, or the hub, asked once.

    Parameters
    ----------
    model
        Path of a folder, name of a preset (`pathlore.text.presets`), or an identifier such as
        ``microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext``.
    revision
        Commit, tag or branch on the hub; None: the preset's, or else the main branch. A local folder has none.

    Returns
    -------
    pathlib.Path
        A folder with ``config.json`` and weights.

    Raises
    ------
    PathloreError
        There is no such folder or model, it has no weights, or the hub cannot be reached.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        _require(_names(folder), f"the folder {folder}")
        return folder
    preset = preset_of(model)
    if preset and preset.restricted:
        logger.warning("The model %s: %s (licence: %s)", model, preset.restricted, preset.licence)
    if preset and model in PRESETS:
        shipped = package_folder(preset)
        if shipped:
            return shipped
        model = preset.hub
    revision = revision or (preset.revision if preset else None)
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", model) or model.startswith((".", "/")):
        raise unknown_model(model)
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(model, "config.json", revision=revision)
    if isinstance(found, str) and _weights(_names(Path(found).parent)):
        return Path(found).parent
    return _download(model, revision)


def folder_hash(folder: Path) -> str:
    """Identify a model by the contents of its files, whatever its path: 16 hexadecimal digits of a SHA-256."""
    digest = hashlib.sha256()
    patterns = (*DESCRIPTION, *_weights(_names(folder)))
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{sha256(path)}\n".encode())
    return digest.hexdigest()[:16]


def _download(model: str, revision: str | None) -> Path:
    """Fetch a model from the hub, unless the environment says that there is none."""
    offline = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    switches = [name for name in offline if os.environ.get(name, "").strip().lower() in TRUE]
    if switches:
        raise _offline(model, f"{switches[0]} is set")
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    try:
        info = HfApi().model_info(model, revision=revision, timeout=HUB_TIMEOUT)
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise PathloreError(
            f"the Hugging Face hub has no model {model} with revision {revision or 'main'}, or not for you: change "
            "`text_embedding.encoder.model` or `text_embedding.encoder.revision`"
        ) from error
    except Exception as error:  # any failure of the network
        raise _offline(model, f"the hub did not answer: {type(error).__name__}") from error
    every = [file.rfilename for file in info.siblings or []]
    names = [name for name in every if "/" not in name or re.match(r"\d+_[^/]+/[^/]+$", name)]
    _require(names, f"the model {model}, revision {info.sha},")
    logger.info("Text encoder: fetching %s, revision %s, from the Hugging Face hub", model, info.sha)
    try:
        return Path(snapshot_download(model, revision=revision, allow_patterns=[*DESCRIPTION, *_weights(names)]))
    except Exception as error:
        raise _offline(model, f"the download stopped: {type(error).__name__}") from error


def _require(names: list[str], what: str) -> None:
    """Refuse a model without a configuration or without weights."""
    if not {"config.json", "modules.json"} & set(names):
        raise PathloreError(
            f"{what} has no config.json (found: {shorten(names, limit=5) or 'nothing'}): put the folder of a saved "
            "model into `text_embedding.encoder.model`"
        )
    if not _weights(names):
        weights = [name for name in names if name.endswith((".h5", ".msgpack", ".pt", ".ckpt"))]
        raise PathloreError(
            f"{what} has no *.safetensors or pytorch_model*.bin weights (found: {shorten(weights) or 'no weights'}): "
            "set `text_embedding.encoder.revision` to one that has them, or convert the model once with "
            "transformers' save_pretrained and put that folder into `text_embedding.encoder.model`"
        )


def _weights(names: list[str]) -> tuple[str, ...]:
    """Patterns of the weights to read: safetensors where there are any, else PyTorch's own; none: no weights.

    The layers on top lie in numbered folders, each with weights of its own.
    """
    found: list[str] = []
    for place in sorted({name.rpartition("/")[0] for name in names}):
        start = f"{place}/" if place else ""
        here = [name.removeprefix(start) for name in names if name.rpartition("/")[0] == place]
        for patterns in (SAFETENSORS, TENSORS_ONLY):
            if any(fnmatch(name, patterns[0]) for name in here):
                found += [start + pattern for pattern in patterns]
                break
    return tuple(found)


def _names(folder: Path) -> list[str]:
    """Names in the folder, and those in its numbered folders."""
    inside = [path for part in folder.glob("[0-9]*_*") for path in part.iterdir()]
    return [path.relative_to(folder).as_posix() for path in [*folder.iterdir(), *inside]]


def _offline(model: str, reason: str) -> PathloreError:
    preset = preset_of(model)
    fetch = f"; `{preset.download()}` fetches it" if preset else ""
    return PathloreError(
        f"cannot load encoder {model} offline ({reason}), and it is not in the local Hugging Face cache{fetch}: put "
        "the model's folder path into `text_embedding.encoder.model` or use `kind: lsa` (`text_embedding.encoder.kind`)"
    )


POOLINGS = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "last")
LAYERS = ("Dense", "LayerNorm")
STATIC = "StaticEmbedding"
MODULES = ("Transformer", "Pooling", "Normalize", "Dropout", STATIC, *LAYERS)


@dataclass(frozen=True)
class Layout:
    """How the vectors of a folder are made; a plain transformers folder says nothing of it.

    Attributes
    ----------
    body
        Folder of the language model (or of the static embeddings) itself.
    pooling
        Some of `POOLINGS`, joined end to end; empty: not said.
    layers
        Folders of the layers after pooling, with their kinds, in order.
    normalised
        Whether vectors have unit length; None: not said.
    lowercase
        Whether texts are lowercased before the tokenizer sees them.
    max_tokens
        Tokens of a text that the model was trained for; None: not said.
    prompt
        Words before each text.
    prompt_pooled
        Whether the tokens of the prompt are pooled too.
    static
        Whether the body is a table of token embeddings, without a network.
    """

    body: Path
    pooling: tuple[str, ...] = ()
    layers: tuple[tuple[str, Path], ...] = ()
    normalised: bool | None = None
    lowercase: bool = False
    max_tokens: int | None = None
    prompt: str = ""
    prompt_pooled: bool = True
    static: bool = False


def read_layout(folder: Path) -> Layout:
    """Read ``modules.json`` and what it names, as sentence-transformers writes them.

    Raises
    ------
    PathloreError
        A module is not known here, or is code of the model's own, which is not run.
    """
    if not (folder / "modules.json").is_file():
        config = _json(folder / "config.json")
        model2vec = config.get("model_type") == "model2vec"
        return Layout(folder, static=model2vec, normalised=bool(config.get("normalize")) if model2vec else None)
    modules = [(str(own["type"]), folder / own.get("path", "")) for own in _json(folder / "modules.json")]
    foreign = [kind for kind, _ in modules if not kind.startswith("sentence_transformers.")]
    unknown = [kind for kind, _ in modules if kind.rpartition(".")[2] not in MODULES]
    if foreign or unknown:
        raise PathloreError(
            f"the model in {folder} has the module(s) {shorten(foreign or unknown)}; "
            f"{shorten(MODULES)} of sentence-transformers are read, and no code of a model is run: change "
            "`text_embedding.encoder.model`, or give its vectors as a file (`text_embedding.encoder.kind: vectors`)"
        )
    parts = [(kind.rpartition(".")[2], place) for kind, place in modules]
    body = next((place for kind, place in parts if kind in ("Transformer", STATIC)), folder)
    pooling: dict[str, Any] = next((_json(place / "config.json") for kind, place in parts if kind == "Pooling"), {})
    about = _json(body / "sentence_bert_config.json") or _json(folder / "sentence_bert_config.json")
    prompts = _json(folder / "config_sentence_transformers.json")
    return Layout(
        body=body,
        pooling=_poolings(pooling),
        layers=tuple((kind, place) for kind, place in parts if kind in LAYERS),
        normalised=any(kind == "Normalize" for kind, _ in parts),
        lowercase=bool(about.get("do_lower_case")),
        max_tokens=about.get("max_seq_length"),
        prompt=(prompts.get("prompts") or {}).get(prompts.get("default_prompt_name") or "", ""),
        prompt_pooled=bool(pooling.get("include_prompt", True)),
        static=any(kind == STATIC for kind, _ in parts),
    )


def _poolings(config: dict[str, Any]) -> tuple[str, ...]:
    """Modes of a pooling layer: newer versions name them, older ones have a switch for each."""
    if not config:
        return ()
    named = config.get("pooling_mode")
    if named is None:
        switches = [
            (mode, f"pooling_mode_{mode}{end}") for mode in POOLINGS for end in ("", "_tokens", "_token", "token")
        ]
        named = [mode for mode, name in switches if config.get(name)] or ["mean"]
    modes = [named] if isinstance(named, str) else list(named)
    found = tuple("last" if mode == "lasttoken" else mode for mode in modes)
    wrong = set(found) - set(POOLINGS)
    if wrong:
        raise PathloreError(
            f"the pooling {shorten(wrong)} of the model is not known; expected {shorten(POOLINGS)}: set "
            "`text_embedding.encoder.pooling`"
        )
    return found


def _json(file: Path) -> Any:
    """Contents of a file; nothing where there is none."""
    try:
        return json.loads(file.read_text(encoding="utf8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise PathloreError(
            f"{file} cannot be read ({' '.join(str(error).split())}): fetch the model again, or change "
            "`text_embedding.encoder.model`"
        ) from error
