r"""Vectors of texts tuned to a network: genes that signal to each other are brought together.

For pairs (a, b) of genes of which a signals to b, with unit vectors u of the tuned encoder, a batch of n pairs and the
temperature tau, the loss is the symmetric contrastive one,

.. math:: L = -\frac{1}{2n} \sum_i \Big[\log \frac{e^{s_{ii} / \tau}}{\sum_j e^{s_{ij} / \tau}}
              + \log \frac{e^{s_{ii} / \tau}}{\sum_j e^{s_{ji} / \tau}}\Big],\qquad s_{ij} = u_{a_i} \cdot u_{b_j},

in which pairs that are themselves known are no negatives. Tuned is a residual projection of finished vectors,
:math:`u = \mathrm{unit}(v + v A)` with A = 0 at the start (``linear``), or the language model by low-rank adapters
(``lora``). A tenth of the pairs is held out; the epoch with the least loss there counts, the frozen encoder (epoch 0)
among them.

Source: van den Oord et al. 2018, arXiv:1807.03748; Hu et al. 2021, arXiv:2106.09685.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pathlore.config import EncoderConfig, TuningConfig
from pathlore.errors import PathloreError
from pathlore.files import atomic_file
from pathlore.text.embedding import TextEmbedding
from pathlore.text.pooling import pool
from pathlore.text.transformers_encoder import TransformersEncoder

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

LEAST_PAIRS = 20
"""Pairs from which anything is trained."""
TEXTS = 32
"""Texts that a language model reads at a time."""


@dataclass(frozen=True)
class Tuned:
    """What training reached.

    Attributes
    ----------
    losses
        Held-out loss before training and after each epoch.
    best
        Epoch whose weights are kept; 0: the frozen encoder.
    seconds
        Of the training.
    """

    losses: tuple[float, ...]
    best: int
    seconds: float


def path_pairs(paths: Iterable[str]) -> list[tuple[str, str]]:
    """The steps of paths, each once.

    Examples
    --------
    >>> path_pairs(["A>B>C", "A>B>D"])
    [('A', 'B'), ('B', 'C'), ('B', 'D')]
    """
    return sorted({step for path in paths for step in pairwise(path.split(">"))})


def tune_embeddings(
    genes: TextEmbedding, paths: TextEmbedding, encoder: EncoderConfig, tuning: TuningConfig
) -> tuple[TextEmbedding, TextEmbedding]:
    """Tune the vectors of genes and paths to the steps of the paths.

    Parameters
    ----------
    genes, paths
        Vectors of the frozen encoder.
    encoder
        What made them.
    tuning
        How; ``none`` returns them as they are.

    Raises
    ------
    PathloreError
        There are too few pairs, or low-rank adapters are wanted without a language model or without their package.
    """
    if tuning.kind == "none":
        return genes, paths
    pairs = path_pairs(paths.keys)
    if tuning.kind == "linear":
        told = [key for key, known in zip(genes.keys, genes.has_text, strict=True) if known]
        project, done = tune_linear(told, genes.rows(told), pairs, tuning)
        made = [project(genes.vectors), project(paths.vectors)]
    else:
        texts = dict(zip(genes.keys, genes.texts, strict=True))
        known = {key: texts[key] for key, flag in zip(genes.keys, genes.has_text, strict=True) if flag}
        tuned, done = tune_lora(known, pairs, encoder, tuning)
        made = []
        for part in (genes, paths):
            vectors = np.zeros((len(part.keys), part.width), dtype=np.float32)
            own = np.flatnonzero(part.has_text)
            vectors[own] = tuned.encode([part.texts[row] for row in own])
            made.append(vectors)
    name = f":tuned={tuning.kind}:{hashlib.sha256(made[0].tobytes()).hexdigest()[:12]}"
    logger.info(
        "Text vectors tuned (%s) to %d steps: held-out loss %.3f -> %.3f, epoch %d, %.0f s",
        tuning.kind, len(pairs), done.losses[0], done.losses[done.best], done.best, done.seconds,
    )  # fmt: skip
    both = [
        replace(part, vectors=vectors, encoder=part.encoder + name)
        for part, vectors in zip((genes, paths), made, strict=True)
    ]
    return both[0], both[1]


def tune_linear(
    genes: Sequence[str], vectors: np.ndarray, pairs: Sequence[tuple[str, str]], tuning: TuningConfig
) -> tuple[Callable[[np.ndarray], np.ndarray], Tuned]:
    """Train a residual projection of finished vectors.

    Parameters
    ----------
    genes, vectors
        N genes and their (N, T) vectors.
    pairs
        Genes that belong together; those without a vector are left out.
    tuning
        Epochs, rates and seed.

    Returns
    -------
    project, done
        A function of (n, T) vectors, which leaves zero vectors zero; and what training reached.
    """
    import torch

    table = torch.from_numpy(np.ascontiguousarray(vectors, dtype=np.float32))
    matrix = torch.zeros(table.shape[1], table.shape[1], requires_grad=True)

    def embed(rows: np.ndarray) -> "torch.Tensor":
        return table[rows] + table[rows] @ matrix

    done = _train(embed, [matrix], _rows(genes, pairs), tuning)
    final = matrix.detach().numpy()
    return (lambda own: np.asarray(own + own @ final, dtype=np.float32)), done


def tune_lora(
    texts: dict[str, str], pairs: Sequence[tuple[str, str]], encoder: EncoderConfig, tuning: TuningConfig
) -> tuple["TunedEncoder", Tuned]:
    """Train low-rank adapters of a language model.

    Parameters
    ----------
    texts
        Gene -> text.
    pairs
        Genes that belong together; those without a text are left out.
    encoder
        The language model. Finished adapters are kept in its cache folder, and not trained again.
    tuning
        Epochs, rates, rank and seed.

    Raises
    ------
    PathloreError
        The encoder is no language model, or peft is not installed.
    """
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise PathloreError(
            "low-rank adapters need the package peft, which is not installed: `pip install 'pathlore[tuning]'`, or set "
            "`text_embedding.tuning.kind` to linear"
        ) from error
    import torch
    from safetensors.torch import load_file, save_file

    if encoder.kind != "transformers" or encoder.mask_diseases:
        raise PathloreError(
            f"low-rank adapters belong to a language model, and the encoder is of kind {encoder.kind}"
            f"{' with masked texts' if encoder.mask_diseases else ''}: set `text_embedding.tuning.kind` to linear"
        )
    base = TransformersEncoder(encoder.model_copy(update={"precision": "fp32"}))
    model, layers, device = base._loaded
    with torch.random.fork_rng():
        torch.manual_seed(tuning.seed)
        adapted = get_peft_model(
            model, LoraConfig(r=tuning.rank, lora_alpha=2 * tuning.rank, target_modules="all-linear", bias="none")
        )
    trained = {name: own for name, own in adapted.named_parameters() if own.requires_grad}
    genes = sorted(texts)
    tuned = TunedEncoder(base, "")
    tokens = [next(iter(windows), []) for windows in base._windows([texts[gene] for gene in genes])]

    def embed(rows: np.ndarray) -> "torch.Tensor":
        order = np.argsort([len(tokens[row]) for row in rows], kind="stable")  # texts of like lengths are read together
        parts = []
        for part in np.array_split(rows[order], -(-len(rows) // TEXTS)):
            padded = base._tokenizer.pad({"input_ids": [tokens[row] for row in part]}, return_tensors="pt").to(device)
            hidden = adapted(**padded).last_hidden_state
            parts.append(layers(pool(hidden, padded["attention_mask"], base._pooling)))
        return torch.cat(parts)[np.argsort(order)]

    key = [base.version(), tuning.model_dump_json(), *genes, *(texts[gene] for gene in genes), *map(">".join, pairs)]
    digest = hashlib.sha256("\0".join(key).encode()).hexdigest()[:16]
    file = Path(encoder.cache).expanduser() / f"tuned_{digest}.safetensors" if encoder.cache else None
    if file and file.is_file():
        with torch.no_grad():
            for name, own in load_file(file).items():
                trained[name].copy_(own)
        done = Tuned((float("nan"),), 0, 0.0)
    else:
        done = _train(embed, list(trained.values()), _rows(genes, pairs), tuning)
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            with atomic_file(file) as partial:
                save_file({name: own.detach().cpu().contiguous() for name, own in trained.items()}, partial)
    return replace(tuned, name=digest), done


@dataclass(frozen=True)
class TunedEncoder:
    """A language model with adapters.

    Attributes
    ----------
    base
        Whose model carries the adapters.
    name
        Digest of everything that they were trained on.
    """

    base: TransformersEncoder
    name: str
    cacheable = True

    def version(self) -> str:
        """That of the model, and of its adapters."""
        return f"{self.base.version()}:lora={self.name}"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Encode texts as vectors, (N, T) float32."""
        return self.base.encode(texts)

    def truncated(self, texts: Sequence[str]) -> int:
        """As of the model."""
        return self.base.truncated(texts)


def _rows(genes: Sequence[str], pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """(P, 2) places of the pairs that have both ends, none of them a gene with itself."""
    place = {gene: i for i, gene in enumerate(genes)}
    rows = [(place[a], place[b]) for a, b in pairs if a in place and b in place and a != b]
    if len(rows) < LEAST_PAIRS:
        raise PathloreError(
            f"{len(rows)} of {len(pairs)} pairs of genes have a text at both ends, at least {LEAST_PAIRS} are needed "
            "to tune vectors: set `text_embedding.tuning.kind` to none, or check `gene_text`"
        )
    return np.array(rows)


def _train(
    embed: Callable[[np.ndarray], "torch.Tensor"], weights: list[Any], pairs: np.ndarray, tuning: TuningConfig
) -> Tuned:
    """Minimise the contrastive loss; the weights of the best epoch are put back at the end."""
    import torch

    begin = time.perf_counter()
    rng = np.random.default_rng(tuning.seed)
    pairs = pairs[rng.permutation(len(pairs))]
    n_held = max(1, round(tuning.validation * len(pairs)))
    held, own = pairs[:n_held], pairs[n_held:]
    n = int(pairs.max()) + 1
    known = np.unique(np.concatenate([pairs[:, 0] * n + pairs[:, 1], pairs[:, 1] * n + pairs[:, 0]]))
    optimizer = torch.optim.AdamW(weights, lr=tuning.learning_rate, weight_decay=tuning.weight_decay)

    def loss(batch: np.ndarray) -> "torch.Tensor":
        genes, places = np.unique(batch, return_inverse=True)  # each is embedded once, in however many pairs it is
        places = places.reshape(batch.shape)
        units = torch.nn.functional.normalize(embed(genes), dim=1)
        one, other = units[places[:, 0]], units[places[:, 1]]
        likeness = one @ other.T / tuning.temperature
        one_end, other_end = batch[:, 0][:, None], batch[:, 1][None]
        positive = np.isin(one_end * n + other_end, known) | (one_end == other_end)
        positive |= (one_end == batch[:, 0][None]) | (batch[:, 1][:, None] == other_end)
        np.fill_diagonal(positive, val=False)
        left_out = torch.from_numpy(positive).to(likeness.device)
        likeness = likeness.masked_fill(left_out, float("-inf"))
        right = torch.arange(len(batch), device=likeness.device)
        both = torch.nn.functional.cross_entropy
        return (both(likeness, right) + both(likeness.T, right)) / 2

    def held_out() -> float:
        with torch.no_grad():
            parts = np.array_split(held, -(-len(held) // tuning.batch))
            return float(np.average([float(loss(part)) for part in parts], weights=[len(part) for part in parts]))

    losses, best, kept = [held_out()], 0, [own_.detach().clone() for own_ in weights]
    for epoch in range(1, tuning.epochs + 1):
        order = own[rng.permutation(len(own))]
        for batch in np.array_split(order, -(-len(order) // tuning.batch)):
            optimizer.zero_grad()
            loss(batch).backward()
            optimizer.step()
        losses.append(held_out())
        spent = time.perf_counter() - begin
        logger.info("Tuning: epoch %d of %d, held-out loss %.4f, %.0f s", epoch, tuning.epochs, losses[-1], spent)
        if losses[-1] < losses[best]:
            best, kept = epoch, [own_.detach().clone() for own_ in weights]
        if epoch - best >= tuning.patience:
            break
    with torch.no_grad():
        for weight, value in zip(weights, kept, strict=True):
            weight.copy_(value)
    return Tuned(tuple(losses), best, time.perf_counter() - begin)
