"""What a folder says of how its language model is read: pooling, layers on top, length, prompt."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pathlore.errors import PathloreError, shorten

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
