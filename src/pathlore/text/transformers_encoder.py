"""Sentence vectors of a frozen, pretrained language model."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pathlore.config import EncoderConfig
from pathlore.errors import PathloreError, shorten
from pathlore.progress import following
from pathlore.text.model_folder import Layout, folder_hash, model_folder, read_layout
from pathlore.text.pooling import join_windows, pool, token_batches
from pathlore.text.presets import preset_of

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)


class TransformersEncoder:
    """The last hidden states of a language model, pooled to one vector per text.

    The model is frozen: evaluation mode, no gradients, no code from the model's repository. Pooling, layers on top,
    unit length, prompt and the longest text are those that the model's folder names as sentence-transformers does,
    or its preset, where the configuration does not say otherwise. Texts are batched by length, at most
    ``batch_tokens`` tokens with padding per batch; a longer text than ``max_tokens`` is read in windows of equal
    length, whose vectors are averaged by their tokens, or cut. Nothing is loaded before `version` or `encode` is
    called.

    Parameters
    ----------
    config
        Model, revision, pooling, lengths, precision and device.
    """

    cacheable = True

    def __init__(self, config: EncoderConfig) -> None:
        self.config = config

    def version(self) -> str:
        """Name kind, contents of the model's files, pooling, maximal length, precision and what else was chosen."""
        c = self.config
        parts = [
            "transformers", self._identity, "+".join(self._pooling), f"max_tokens={self._max_tokens}", self._precision,
            c.long_texts, *(["unit"] if self._normalised else []),
            *([f"prompt={self._prompt}"] if self._prompt else []),
            *([f"random={c.seed}"] if c.weights == "random" else []),
        ]  # fmt: skip
        return ":".join(parts)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Encode texts as vectors of shape (N, T), float32; a text without a token has the zero vector.

        Raises
        ------
        PathloreError
            The model cannot be found or loaded, ``max_tokens`` does not fit it, or there is no CUDA device.
        """
        import torch

        model, layers, device = self._loaded
        windows = [(row, place, ids) for row, own in enumerate(self._windows(texts)) for place, ids in enumerate(own)]
        pooled: np.ndarray = np.zeros((len(windows), model.config.hidden_size * len(self._pooling)), dtype=np.float32)
        batches = token_batches([len(ids) for _, _, ids in windows], self.config.batch_tokens)
        for batch in following(batches, "Encoding texts", len(windows), sizes=True):
            ids = {"input_ids": [windows[i][2] for i in batch]}
            padded = self._tokenizer.pad(ids, return_tensors="pt").to(device)
            mask = padded["attention_mask"].clone()
            if not self._layout.prompt_pooled and self._prompt:
                first = torch.tensor([windows[i][1] == 0 for i in batch], device=device)
                mask[first, : self._prompt_tokens] = 0
            with torch.inference_mode():
                hidden = model(**padded).last_hidden_state  # (rows, tokens, T)
                pooled[batch] = pool(hidden, mask, self._pooling).cpu().numpy()
        owner = np.array([row for row, _, _ in windows], dtype=int)
        sizes = np.array([len(ids) for _, _, ids in windows])
        return self._finish(join_windows(pooled, owner, sizes, len(texts), self._pooling), layers)

    def truncated(self, texts: Sequence[str]) -> int:
        """Count the texts whose ends are dropped; the model itself is not loaded for that."""
        if self.config.long_texts == "windows":
            return 0
        return sum(len(ids) > self._max_tokens for ids in self._tokens(texts))

    def n_tokens(self, texts: Sequence[str]) -> int:
        """Tokens that the model reads of some texts."""
        return sum(len(ids) for own in self._windows(texts) for ids in own)

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, prompt, [CLS] and [SEP] included."""
        if not texts:
            return []
        read = [self._prompt + text for text in texts]
        if self._layout.lowercase:
            read = [text.lower() for text in read]
        return list(self._tokenizer(read, verbose=False, truncation=False, padding=False)["input_ids"])

    def _windows(self, texts: Sequence[str]) -> Iterator[list[list[int]]]:
        """Token ids of each window of each text, at most ``max_tokens``, each between the model's own marks."""
        before, after = self._marks
        room = self._max_tokens - len(before) - len(after)
        for ids in self._tokens(texts):
            words = ids[len(before) : len(ids) - len(after)]
            if len(words) <= room:
                yield [ids] if ids else []
            elif self.config.long_texts == "cut":
                yield [[*before, *words[:room], *after]]
            else:
                pieces = np.array_split(np.array(words), -(-len(words) // room))
                yield [[*before, *piece.tolist(), *after] for piece in pieces]

    def _finish(self, vectors: np.ndarray, layers: "torch.nn.Sequential") -> np.ndarray:
        """Layers on top of the pooled vectors, then unit length."""
        import torch

        if len(layers):
            with torch.inference_mode():
                vectors = layers(torch.from_numpy(vectors)).numpy()
        if self._normalised:
            lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
            vectors = vectors / np.maximum(lengths, 1e-12)
        return np.asarray(vectors, dtype=np.float32)

    @cached_property
    def _folder(self) -> Path:
        return model_folder(self.config.model, self.config.revision)

    @cached_property
    def _identity(self) -> str:
        return folder_hash(self._folder)

    @cached_property
    def _layout(self) -> Layout:
        layout = read_layout(self._folder)
        if layout.static:
            raise PathloreError(
                f"the model {self.config.model} is a table of token embeddings, no network: set "
                "`text_embedding.encoder.kind` to static"
            )
        return layout

    @property
    def _pooling(self) -> tuple[str, ...]:
        preset = preset_of(self.config.model)
        if self.config.pooling != "auto":
            return (self.config.pooling,)
        return self._layout.pooling or ((preset.pooling,) if preset else ("mean",))

    @property
    def _normalised(self) -> bool:
        preset = preset_of(self.config.model)
        if self.config.normalise != "auto":
            return self.config.normalise == "unit"
        said = self._layout.normalised
        return said if said is not None else bool(preset and preset.normalised)

    @property
    def _prompt(self) -> str:
        return self._layout.prompt if self.config.prompt is None else self.config.prompt

    @property
    def _max_tokens(self) -> int:
        return min(self.config.max_tokens, self._layout.max_tokens or self.config.max_tokens)

    @cached_property
    def _precision(self) -> str:
        """``fp32`` or ``bf16``."""
        wanted = self.config.precision
        return ("bf16" if _computes_in_bf16(_device(self.config.device)) else "fp32") if wanted == "auto" else wanted

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        with self._loading():
            tokenizer = AutoTokenizer.from_pretrained(**self._where, padding_side="right", truncation_side="right")
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        return tokenizer

    @cached_property
    def _marks(self) -> tuple[list[int], list[int]]:
        """Ids before and after the words of every text, such as [CLS] and [SEP]."""
        empty, word = (list(self._tokenizer(text)["input_ids"]) for text in ("", "a"))
        same = next((i for i, (one, other) in enumerate(zip(empty, word, strict=False)) if one != other), len(empty))
        return empty[:same], empty[same:]

    @cached_property
    def _prompt_tokens(self) -> int:
        """Tokens of the prompt, with the marks before it."""
        return len(self._tokenizer(self._prompt)["input_ids"]) - len(self._marks[1])

    @property
    def _where(self) -> dict[str, Any]:
        """The folder alone: nothing is fetched, and no code of the model is run."""
        folder = str(self._layout.body)
        return {"pretrained_model_name_or_path": folder, "local_files_only": True, "trust_remote_code": False}

    @contextmanager
    def _loading(self) -> Iterator[None]:
        """Say in one line what a broken folder makes transformers raise."""
        folder = self._layout.body
        try:
            yield
        except Exception as error:
            reason = str(error).strip().split("\n")[0]
            raise PathloreError(
                f"cannot load encoder {self.config.model} from {folder} ({type(error).__name__}: {reason}): "
                "check `text_embedding.encoder.model`"
            ) from error

    @cached_property
    def _loaded(self) -> tuple[Any, "torch.nn.Sequential", str]:
        """Model, layers on top, and device."""
        import torch

        device = _device(self.config.device)
        dtype = torch.bfloat16 if self._precision == "bf16" else torch.float32
        model = self._drawn(dtype) if self.config.weights == "random" else self._read(dtype)
        if getattr(model.config, "is_encoder_decoder", False):
            model = model.get_encoder()
        self._check_length(self._tokenizer, model)
        model.requires_grad_(False).eval().to(device)  # noqa: FBT003  (torch's own signature)
        with self._loading():
            layers = _layers(self._layout)
        logger.info(
            "Text encoder %s (%s), %d dimensions, %s pooling, %s on %s",
            self.config.model,
            self._identity,
            model.config.hidden_size,
            " and ".join(self._pooling),
            self._precision,
            device,
        )
        return model, layers, device

    def _read(self, dtype: "torch.dtype") -> Any:
        """The pretrained model."""
        from transformers import AutoModel

        with self._loading():
            model, report = AutoModel.from_pretrained(
                **self._where, dtype=dtype, weights_only=True, output_loading_info=True
            )
        missing = [name for name in report["missing_keys"] if "pooler" not in name]  # the pooler is not used
        if missing:
            raise PathloreError(
                f"the weights of encoder {self.config.model} lack {len(missing)} tensors "
                f"({shorten(missing, limit=3)}): put the folder of a complete model into `text_embedding.encoder.model`"
            )
        return model

    def _drawn(self, dtype: "torch.dtype") -> Any:
        """A model of the same form whose weights are drawn: what the form and the tokenizer alone are worth."""
        import torch
        from transformers import AutoConfig, AutoModel

        with self._loading(), torch.random.fork_rng():
            torch.manual_seed(self.config.seed)
            config = AutoConfig.from_pretrained(**self._where)
            return AutoModel.from_config(config, trust_remote_code=False).to(dtype)

    def _check_length(self, tokenizer: Any, model: Any) -> None:
        """Refuse a maximal length that the model has no positions for, or that leaves no room for words."""
        most = min(getattr(model.config, "max_position_embeddings", None) or 10**9, tokenizer.model_max_length)
        least = tokenizer.num_special_tokens_to_add() + 1
        if not least <= self._max_tokens <= most:
            raise PathloreError(
                f"max_tokens is {self.config.max_tokens}, but encoder {self.config.model} takes {least} to {most} "
                "tokens: change `text_embedding.encoder.max_tokens`"
            )


def _layers(layout: Layout) -> "torch.nn.Sequential":
    """The layers on top, in evaluation mode and float32; activations are those of torch alone."""
    import json

    import torch

    made: list[torch.nn.Module] = []
    for kind, folder in layout.layers:
        config = json.loads((folder / "config.json").read_text(encoding="utf8"))
        weights = _weights(folder)
        if kind == "LayerNorm":
            layer: torch.nn.Module = torch.nn.LayerNorm(config["dimension"])
            layer.load_state_dict({name.removeprefix("norm."): own for name, own in weights.items()})
            made.append(layer)
            continue
        name = config.get("activation_function", "torch.nn.modules.activation.Tanh")
        activation = getattr(torch.nn, name.rpartition(".")[2], None) if name.startswith("torch.nn.") else None
        plain = config.get("module_input_name", "sentence_embedding") == "sentence_embedding"
        if activation is None or config.get("use_residual") or not plain:
            raise ValueError(f"the dense layer in {folder.name} with the activation {name} is not read here")
        layer = torch.nn.Linear(config["in_features"], config["out_features"], bias=config.get("bias", True))
        layer.load_state_dict({name.removeprefix("linear."): own for name, own in weights.items()})
        made += [layer, activation()]
    return torch.nn.Sequential(*made).requires_grad_(False).eval()  # noqa: FBT003


def _weights(folder: Path) -> "dict[str, torch.Tensor]":
    """Tensors of a layer, from safetensors where there are any."""
    import torch
    from safetensors.torch import load_file

    if (folder / "model.safetensors").is_file():
        found = load_file(folder / "model.safetensors")
    else:
        found = torch.load(folder / "pytorch_model.bin", weights_only=True, map_location="cpu")
    return {name: own.float() for name, own in found.items()}


def _device(wanted: str) -> str:
    import torch

    if wanted == "cuda" and not torch.cuda.is_available():
        raise PathloreError("no CUDA device was found: set `text_embedding.encoder.device` to auto or cpu")
    return ("cuda" if torch.cuda.is_available() else "cpu") if wanted == "auto" else wanted


def _computes_in_bf16(device: str) -> bool:
    """Whether the hardware computes in bfloat16; where it does not, bfloat16 is slower than float32."""
    import torch

    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    tests = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")  # names of torch.cpu that may go
    return any(getattr(torch.cpu, name, lambda: False)() for name in tests)
