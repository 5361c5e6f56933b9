"""Sentence vectors of a frozen, pretrained language model."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pathlore.config import EncoderConfig
from pathlore.errors import PathloreError, shorten
from pathlore.progress import following
from pathlore.text.model_folder import folder_hash, model_folder
from pathlore.text.pooling import pool, token_batches

logger = logging.getLogger(__name__)


class TransformersEncoder:
    """The last hidden states of a language model, pooled to one vector per text.

    The model is frozen: evaluation mode, no gradients, no code from the model's repository.
    Texts are batched by length, at most ``batch_tokens`` tokens with padding per batch, and longer ones than
    ``max_tokens`` are cut. Nothing is loaded before `version` or `encode` is called.

    Parameters
    ----------
    config
        Model, revision, pooling, lengths, precision and device.
    """

    cacheable = True

    def __init__(self, config: EncoderConfig) -> None:
        self.config = config

    def version(self) -> str:
        """Name kind, contents of the model's files, pooling, maximal length and precision."""
        c = self.config
        return f"transformers:{self._identity}:{c.pooling}:max_tokens={c.max_tokens}:{self._precision}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Encode texts as vectors of shape (N, T), float32, T being the hidden width of the model.

        Raises
        ------
        PathloreError
            The model cannot be found or loaded, ``max_tokens`` does not fit it, or there is no CUDA device.
        """
        import torch

        model, device = self._loaded
        tokens = self._tokens(texts, self.config.max_tokens)
        vectors = np.zeros((len(texts), model.config.hidden_size), dtype=np.float32)
        batches = token_batches([len(ids) for ids in tokens], self.config.batch_tokens)
        for rows in following(batches, "Encoding texts", len(texts), sizes=True):
            batch = self._tokenizer.pad({"input_ids": [tokens[row] for row in rows]}, return_tensors="pt").to(device)
            with torch.inference_mode():
                hidden = model(**batch).last_hidden_state  # (rows, tokens, T)
                vectors[rows] = pool(hidden, batch["attention_mask"], self.config.pooling).cpu().numpy()
        return vectors

    def truncated(self, texts: Sequence[str]) -> int:
        """Count the texts of more than ``max_tokens`` tokens; the model itself is not loaded for that."""
        return sum(len(ids) > self.config.max_tokens for ids in self._tokens(texts, None))

    def _tokens(self, texts: Sequence[str], limit: int | None) -> list[list[int]]:
        """Token ids of each text, [CLS] and [SEP] included, the ends of longer ones cut off."""
        if not texts:
            return []
        cut = limit is not None
        return list(self._tokenizer(list(texts), verbose=False, truncation=cut, max_length=limit)["input_ids"])

    @cached_property
    def _folder(self) -> Path:
        return model_folder(self.config.model, self.config.revision)

    @cached_property
    def _identity(self) -> str:
        return folder_hash(self._folder)

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

    @property
    def _where(self) -> dict[str, Any]:
        """The folder alone: nothing is fetched, and no code of the model is run."""
        folder = str(self._folder)
        return {"pretrained_model_name_or_path": folder, "local_files_only": True, "trust_remote_code": False}

    @contextmanager
    def _loading(self) -> Iterator[None]:
        """Say in one line what a broken folder makes transformers raise."""
        folder = self._folder
        try:
            yield
        except Exception as error:
            reason = str(error).strip().split("\n")[0]
            raise PathloreError(
                f"cannot load encoder {self.config.model} from {folder} ({type(error).__name__}: {reason}): "
                "check `text_embedding.encoder.model`"
            ) from error

    @cached_property
    def _loaded(self) -> tuple[Any, str]:
        """Model and device."""
        import torch
        from transformers import AutoModel

        device = _device(self.config.device)
        dtype = torch.bfloat16 if self._precision == "bf16" else torch.float32
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
        self._check_length(self._tokenizer, model)
        model.requires_grad_(False).eval().to(device)  # noqa: FBT003  (torch's own signature)
        logger.info(
            "Text encoder %s (%s), %d dimensions, %s pooling, %s on %s",
            self.config.model,
            self._identity,
            model.config.hidden_size,
            self.config.pooling,
            self._precision,
            device,
        )
        return model, device

    def _check_length(self, tokenizer: Any, model: Any) -> None:
        """Refuse a maximal length that the model has no positions for, or that leaves no room for words."""
        most = min(getattr(model.config, "max_position_embeddings", None) or 10**9, tokenizer.model_max_length)
        least = tokenizer.num_special_tokens_to_add() + 1
        if not least <= self.config.max_tokens <= most:
            raise PathloreError(
                f"max_tokens is {self.config.max_tokens}, but encoder {self.config.model} takes {least} to {most} "
                "tokens: change `text_embedding.encoder.max_tokens`"
            )


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
