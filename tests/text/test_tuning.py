from itertools import pairwise

import numpy as np
import pytest

from pathlore.config import EncoderConfig, TuningConfig
from pathlore.errors import PathloreError
from pathlore.text import tuning
from pathlore.text.embedding import TextEmbedding
from pathlore.text.tuning import path_pairs, tune_embeddings, tune_linear

GENES = [f"G{i}" for i in range(80)]
QUICK = TuningConfig(kind="linear", epochs=60, patience=60, batch=16, learning_rate=0.02)


def table(seed=0):
    """Genes 2i and 2i + 1 share a direction that is small beside one that only disturbs."""
    rng = np.random.default_rng(seed)
    shared = np.repeat(rng.normal(size=(40, 3)), 2, axis=0)
    disturbing = 2 * rng.normal(size=(80, 5))
    return np.hstack([shared, disturbing]).astype(np.float32)


PAIRS = [(f"G{2 * i}", f"G{2 * i + 1}") for i in range(40)]


def margin(vectors, pairs):
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    place = {gene: i for i, gene in enumerate(GENES)}
    own = np.mean([units[place[a]] @ units[place[b]] for a, b in pairs])
    others = np.mean([units[place[a]] @ units[place[c]] for (a, _), (c, _) in pairwise(pairs)])
    return own - others


def test_pairs_that_were_never_seen_come_together():
    vectors = table()
    project, done = tune_linear(GENES, vectors, PAIRS[:30], QUICK)
    unseen = PAIRS[30:]
    assert margin(project(vectors), unseen) > margin(vectors, unseen) + 0.2
    assert done.losses[done.best] < done.losses[0]
    assert not project(np.zeros((1, 8), np.float32)).any()
    again, _ = tune_linear(GENES, vectors, PAIRS[:30], QUICK)
    np.testing.assert_array_equal(again(vectors), project(vectors))


def test_where_nothing_can_be_learnt_the_frozen_vectors_stay():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(80, 12)).astype(np.float32)
    drawn = [(GENES[a], GENES[b]) for a, b in rng.choice(80, size=(40, 2)) if a != b]
    config = QUICK.model_copy(update={"validation": 0.5, "patience": 2, "learning_rate": 3.0})
    project, done = tune_linear(GENES, vectors, drawn, config)
    assert done.best == 0
    assert len(done.losses) == 3, "two epochs without a gain end it"
    np.testing.assert_array_equal(project(vectors), vectors)


def test_known_pairs_are_no_negatives():
    """With one gene paired with all others, a batch has no negative, and so no loss."""
    star = [("G0", gene) for gene in GENES[1:]]
    _, done = tune_linear(GENES, table(), star, QUICK.model_copy(update={"epochs": 1}))
    assert done.losses == (0, 0)


def test_too_few_pairs():
    with pytest.raises(PathloreError, match=r"1 of 2 pairs.*at least 20.*text_embedding\.tuning\.kind"):
        tune_linear(GENES, table(), [("G0", "G1"), ("G0", "ELSEWHERE")], QUICK)


def embeddings():
    vectors = table()
    vectors[79] = 0
    told = np.arange(80) != 79
    genes = TextEmbedding(tuple(GENES), tuple(f"text {g}" for g in GENES), told, vectors, "e", "m", None, 0)
    keys = tuple(f"{a}>{b}" for a, b in PAIRS[:30])
    paths = TextEmbedding(keys, keys, np.ones(30, bool), vectors[:30], "e", "m", None, 0)
    return genes, paths


def test_genes_and_paths_are_tuned_alike_and_say_so():
    genes, paths = embeddings()
    encoder = EncoderConfig(kind="lsa")
    assert tune_embeddings(genes, paths, encoder, TuningConfig()) == (genes, paths)
    tuned, tuned_paths = tune_embeddings(genes, paths, encoder, QUICK)
    np.testing.assert_allclose(tuned.vectors[:30], tuned_paths.vectors, atol=1e-6)
    assert np.abs(tuned.vectors - genes.vectors).max() > 0.01
    assert not tuned.vectors[79].any()
    assert tuned.encoder.startswith("e:tuned=linear:")
    assert tuned.keys == genes.keys


def test_steps_of_paths_are_the_pairs():
    assert path_pairs(["A>B>C", "A>B"]) == [("A", "B"), ("B", "C")]


def test_adapters_need_their_package_and_a_language_model(monkeypatch):
    import sys

    genes, paths = embeddings()
    lora = QUICK.model_copy(update={"kind": "lora"})
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(PathloreError, match=r"pathlore\[tuning\]"):
        tune_embeddings(genes, paths, EncoderConfig(), lora)


def test_adapters_of_a_language_model(bert_folder, tmp_path, monkeypatch):
    """The held-out loss falls, both kinds of vectors change, and finished adapters are read again."""
    pytest.importorskip("peft", reason="the extra `tuning` is not installed")
    words = ["kinase", "receptor", "membrane", "interferon", "signal", "protein", "gene", "cell"]
    texts = tuple(f"{words[i // 2 % 8]} {words[i // 16 % 8]} of the {words[(i * 7) % 8]}" for i in range(80))
    config = EncoderConfig(model=str(bert_folder), max_tokens=32, precision="fp32", device="cpu", cache=str(tmp_path))
    frozen = tuning.TransformersEncoder(config).encode(texts)
    genes = TextEmbedding(tuple(GENES), texts, np.ones(80, bool), frozen, "e", "m", None, 0)
    keys = tuple(">".join(pair) for pair in PAIRS)
    paths = TextEmbedding(keys, texts[:40], np.ones(40, bool), frozen[:40], "e", "m", None, 0)
    lora = QUICK.model_copy(update={"kind": "lora", "epochs": 2})
    tuned, tuned_paths = tune_embeddings(genes, paths, config, lora)
    assert np.abs(tuned.vectors - frozen).max() > 0.01
    np.testing.assert_allclose(tuned.vectors[:40], tuned_paths.vectors, atol=1e-5)
    monkeypatch.setattr(tuning, "_train", None)  # it is not trained again
    again, _ = tune_embeddings(genes, paths, config, lora)
    np.testing.assert_allclose(again.vectors, tuned.vectors, atol=1e-5)
