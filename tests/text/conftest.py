"""A tiny language model, made here and saved as a folder, and configurations of encoders."""

from pathlib import Path

import pytest

from pathlore.config import EncoderConfig

WORDS = (
    "a gene protein kinase receptor binds activates inhibits the of cell membrane interferon signal "
    "stat1 jak1 ##s ( ) ."
)


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch")
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("bert")
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS.split()]
    tokenizer = BertTokenizerFast(vocab={token: i for i, token in enumerate(tokens)})
    tokenizer.save_pretrained(folder)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=len(tokens),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=48,
            max_position_embeddings=40,
        )
        BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def encoder_config():
    def make(**changes: object) -> EncoderConfig:
        values: dict[str, object] = {
            "kind": "transformers",
            "model": "nobody/nothing",
            "revision": None,
            "pooling": "mean",
            "max_tokens": 32,
            "batch_tokens": 64,
            "precision": "fp32",
            "device": "cpu",
            "dimension": 16,
            "seed": 0,
            "cache": None,
        }
        return EncoderConfig(**(values | changes))

    return make
