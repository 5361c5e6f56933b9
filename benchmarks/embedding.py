"""Embed real gene texts with a language model of PubMedBERT's size: ours, a plain padded loop, sentence-transformers.

    python benchmarks/embedding.py --data ../shared/data [--texts 5000] [--quick] [--threads 2]

The model has BERT-base's shape and random weights (speed does not depend on them), the tokenizer is trained on the
texts. All read the same texts, cut at 256 tokens, mean pooling. The plain loop pads every batch of 32 to 256 tokens.
sentence-transformers is `pip install sentence-transformers`, and is left out where it is not installed. ``--quick``
takes 160 texts and also compares the vectors. The last lines are the ratios.
"""

import argparse
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import yaml
from measure import interleaved
from tokenizers import BertWordPieceTokenizer
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel, BertTokenizerFast

from pathlore.config import EncoderConfig
from pathlore.text.transformers_encoder import TransformersEncoder

CONF = Path(__file__).parents[1] / "conf" / "base" / "text_embedding" / "parameters.yml"
MAX_TOKENS = 256
BATCH = 32


def gene_texts(data: Path, n: int) -> list[str]:
    """Texts of n genes that have a summary, drawn once and for all."""
    table = pd.read_parquet(data / "genes" / "gene_text.parquet", columns=["text", "text_source"])
    return table.loc[table["text_source"] == "refseq_summary", "text"].sample(n, random_state=0).tolist()


def random_bert(folder: Path, texts: list[str]) -> None:
    """Save a model of BERT-base's shape with random weights, and a tokenizer trained on the texts."""
    trained = BertWordPieceTokenizer(lowercase=True)
    trained.train_from_iterator(texts, vocab_size=30_522, show_progress=False)
    trained.save_model(str(folder))
    tokenizer = BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=512)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=len(tokenizer))).save_pretrained(folder)


def ours(folder: Path, texts: list[str], precision: str) -> Callable[[], np.ndarray]:
    """Our encoder with the base configuration."""
    block = yaml.safe_load(CONF.read_text())["text_embedding"]["encoder"]
    changes = {"model": str(folder), "revision": None, "precision": precision, "cache": None, "device": "cpu"}
    encoder = TransformersEncoder(EncoderConfig.model_validate(block | changes))
    return lambda: encoder.encode(texts)


def plain_loop(folder: Path, texts: list[str]) -> Callable[[], np.ndarray]:
    """Batches in the given order, each padded to the maximum."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()

    @torch.inference_mode()
    def encode() -> np.ndarray:
        parts = []
        for start in range(0, len(texts), BATCH):
            batch = tokenizer(
                texts[start : start + BATCH],
                padding="max_length",
                truncation=True,
                max_length=MAX_TOKENS,
                return_tensors="pt",
            )
            hidden = model(**batch).last_hidden_state
            weights = batch["attention_mask"].unsqueeze(-1).float()
            parts.append(((hidden * weights).sum(1) / weights.sum(1)).numpy())
        return np.concatenate(parts)

    return encode


def sentence_transformers(folder: Path, texts: list[str], precision: str) -> Callable[[], np.ndarray]:
    """The library's own encode, at its default batch size."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer

    word = Transformer(str(folder), max_seq_length=MAX_TOKENS)
    model = SentenceTransformer(modules=[word, Pooling(768, "mean")], device="cpu")
    if precision == "bf16":
        model = model.bfloat16()
    return lambda: model.encode(texts, show_progress_bar=False, convert_to_tensor=True).float().numpy()


def main(data: Path, n_texts: int, *, quick: bool, threads: int) -> None:
    """Print the table and the ratios."""
    torch.set_num_threads(threads)
    texts = gene_texts(data, 160 if quick else n_texts)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        random_bert(folder, texts)
        lengths = [
            len(ids)
            for ids in AutoTokenizer.from_pretrained(folder)(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"]
        ]
        calls = {
            "plain loop, fp32": plain_loop(folder, texts),
            "pathlore, fp32": ours(folder, texts, "fp32"),
            "pathlore, bf16": ours(folder, texts, "bf16"),
        }
        if find_spec("sentence_transformers"):
            for precision in ("fp32", "bf16"):
                calls[f"sentence-transformers, {precision}"] = sentence_transformers(folder, texts, precision)
        vectors = {name: call() for name, call in calls.items()} if quick else {}
        seconds = interleaved(calls, 3 if quick else 1)
    tokens = sum(lengths)
    print(f"{len(texts)} texts, {tokens} tokens ({np.mean(lengths):.0f} a text), {threads} threads\n")
    print("encoder | seconds | tokens / s")
    for name, value in seconds.items():
        print(f"{name} | {value:.1f} | {tokens / value:.0f}")
    for name, found in vectors.items():
        print(f"least cosine with the plain loop, {name}: {least_cosine(found, vectors['plain loop, fp32']):.6f}")
    for mine in ("pathlore, fp32", "pathlore, bf16"):
        print(f"{mine} / plain loop, fp32: {seconds['plain loop, fp32'] / seconds[mine]:.1f}x")
        other = mine.replace("pathlore", "sentence-transformers")
        if other in seconds:
            print(f"{mine} / {other}: {seconds[other] / seconds[mine]:.2f}x")


def least_cosine(a: np.ndarray, b: np.ndarray) -> float:
    """Of each text's two vectors."""
    return float(((a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)).min())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real data")
    parser.add_argument("--texts", type=int, default=5000, help="how many texts")
    parser.add_argument("--quick", action="store_true", help="160 texts, vectors compared")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch")
    arguments = parser.parse_args()
    main(arguments.data, arguments.texts, quick=arguments.quick, threads=arguments.threads)
