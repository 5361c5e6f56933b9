import numpy as np
import pandas as pd
import pytest

from pathlore.errors import PathloreError
from pathlore.text import embedding
from pathlore.text.embedding import TextEmbedding, embed_sentences

GENES = pd.DataFrame(
    {
        "key": ["A", "B", "C"],
        "text": ["interferon receptor of the cell", "B.", "kinase of the membrane"],
        "has_text": [True, False, True],
    }
)
PATHS = pd.DataFrame(
    {
        "key": ["A>B>C", "C>B>A"],
        "text": ["the receptor activates the kinase", "kinase of the membrane"],
        "has_text": [True, True],
    }
)


@pytest.mark.parametrize("kind", ["lsa", "random", "zero", "transformers"])
def test_each_kind(encoder_config, bert_folder, kind, tmp_path):
    config = encoder_config(kind=kind, model=str(bert_folder), cache=str(tmp_path / "cache"), revision="abc")
    genes, paths = embed_sentences(GENES, PATHS, config)
    width = 32 if kind == "transformers" else 16
    assert (genes.vectors.shape, paths.vectors.shape) == ((3, width), (2, width))
    assert genes.vectors.dtype == np.float32
    assert genes.keys == ("A", "B", "C")
    assert genes.texts == tuple(GENES["text"])
    assert genes.has_text.tolist() == [True, False, True]
    assert not genes.vectors[1].any()
    assert genes.vectors[0].any() == (kind != "zero")
    np.testing.assert_array_equal(genes.rows(["C"]), paths.rows(["C>B>A"]))
    assert genes.encoder == paths.encoder
    assert genes.encoder.startswith(kind)
    assert genes.model == (str(bert_folder) if kind == "transformers" else kind)
    assert genes.revision is None
    assert (tmp_path / "cache").exists() == (kind == "transformers")


def test_distinct_texts_are_encoded_once_together(encoder_config, monkeypatch):
    calls = []

    class Spy:
        cacheable = False

        def version(self):
            return "spy"

        def encode(self, texts):
            calls.append(list(texts))
            return np.ones((len(texts), 2), dtype=np.float32)

        def truncated(self, texts):
            return sum(len(text) > 30 for text in texts)

    monkeypatch.setattr(embedding, "make_encoder", lambda config: Spy())
    genes, paths = embed_sentences(GENES, PATHS, encoder_config(kind="lsa"))
    assert (genes.truncated, paths.truncated) == (1, 1)
    assert calls == [[GENES["text"][0], GENES["text"][2], PATHS["text"][0]]]


def test_missing_texts_are_counted(encoder_config, caplog):
    caplog.set_level("INFO")
    embed_sentences(GENES, PATHS, encoder_config(kind="zero"))
    assert "3 genes (1 without a text: zero vector), 2 paths" in caplog.text


def test_no_text_at_all(encoder_config):
    with pytest.raises(PathloreError, match=r"none of 3 sentences.*gene_text"):
        embed_sentences(GENES.assign(has_text=False), PATHS[:0], encoder_config(kind="lsa"))


def test_what_is_in_the_cache_needs_no_model(encoder_config, bert_folder, tmp_path, monkeypatch):
    import transformers

    where = {"model": str(bert_folder), "cache": str(tmp_path)}
    config = encoder_config(kind="transformers", max_tokens=6, long_texts="cut", **where)
    first = embed_sentences(GENES, PATHS, config)

    def refuse(*args, **kwargs):
        raise AssertionError("the model was loaded")

    monkeypatch.setattr(transformers.AutoModel, "from_pretrained", refuse)
    again = embed_sentences(GENES, PATHS, config)
    for before, after in zip(first, again, strict=True):
        np.testing.assert_array_equal(before.vectors, after.vectors)
        assert before.truncated == after.truncated
    assert sum(part.truncated for part in again) > 0


def make(**changes):
    parts = {
        "keys": ("A", "B"),
        "texts": ("a", "b"),
        "has_text": np.array([True, True]),
        "vectors": np.eye(2, 3, dtype=np.float32),
        "encoder": "e",
        "model": "m",
        "revision": None,
        "truncated": 0,
    }
    return TextEmbedding(**(parts | changes))


def test_rows():
    assert make().rows(["B", "A", "B"]).tolist() == [[0, 1, 0], [1, 0, 0], [0, 1, 0]]
    assert make().rows([]).shape == (0, 3)
    assert make().width == 3
    with pytest.raises(PathloreError, match=r"1 of 2 keys have no embedding \(X\)"):
        make().rows(["X", "A"])


@pytest.mark.parametrize(
    "changes", [{"keys": ("A", "A")}, {"keys": ("A",)}, {"vectors": np.ones((3, 2))}, {"vectors": np.ones(2)}]
)
def test_parts_that_do_not_fit(changes):
    with pytest.raises(PathloreError, match="do not fit together"):
        make(**changes)
