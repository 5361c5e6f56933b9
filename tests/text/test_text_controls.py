import numpy as np
import pytest

from pathlore.text.controls import RandomEncoder, ZeroEncoder, controlled
from pathlore.text.embedding import TextEmbedding


def embedding(n: int = 40, width: int = 12, first: str = "G") -> TextEmbedding:
    """Vectors of different lengths, every fifth text missing."""
    rng = np.random.default_rng(3)
    has_text = np.arange(n) % 5 != 0
    vectors = (rng.normal(2.0, 1.0, (n, width)) * rng.uniform(0.5, 3.0, (n, 1))).astype(np.float32)
    vectors[~has_text] = 0.0
    keys = tuple(f"{first}{i}" for i in range(n))
    return TextEmbedding(keys, keys, has_text, vectors, "lsa:12", "lsa", None, 0)


def test_real_is_the_embedding_itself():
    real = embedding()
    assert controlled(real, "real", 0) is real


@pytest.mark.parametrize("kind", ["zero", "random", "permuted"])
def test_all_but_the_vectors_stays(kind):
    real = embedding()
    before = real.vectors.copy()
    other = controlled(real, kind, 7)
    assert (other.keys, other.texts, other.model, other.width) == (real.keys, real.texts, real.model, real.width)
    assert other.vectors.dtype == np.float32
    assert not other.vectors[~real.has_text].any()  # a missing text is zero, whatever the control
    assert other.encoder == f"lsa:12:control={kind}" + ("" if kind == "zero" else ":seed=7")
    np.testing.assert_array_equal(real.vectors, before)
    np.testing.assert_array_equal(controlled(real, kind, 7).vectors, other.vectors)


def test_zero():
    assert not controlled(embedding(), "zero", 0).vectors.any()


def test_permuted_gives_every_text_the_vector_of_another_one():
    real = embedding()
    told = real.has_text
    other = controlled(real, "permuted", 0)
    assert sorted(map(tuple, other.vectors[told])) == sorted(map(tuple, real.vectors[told]))
    assert (other.vectors[told] != real.vectors[told]).any(axis=1).all()
    assert (controlled(real, "permuted", 1).vectors != other.vectors).any()


def test_random_keeps_the_lengths_and_no_likeness():
    real = embedding(400, 64)
    told = real.has_text
    other, apart = controlled(real, "random", 0), controlled(embedding(400, 64, first="P"), "random", 0)

    def lengths(vectors):
        return np.linalg.norm(vectors[told], axis=1)

    def cosines(one, two):
        return (one[told] / lengths(one)[:, None]) @ (two[told] / lengths(two)[:, None]).T

    np.testing.assert_allclose(np.sort(lengths(other.vectors)), np.sort(lengths(real.vectors)), rtol=1e-5)
    off = ~np.eye(told.sum(), dtype=bool)
    assert cosines(real.vectors, real.vectors)[off].mean() > 0.5
    assert abs(cosines(other.vectors, other.vectors)[off].mean()) < 0.01
    assert abs(np.diag(cosines(other.vectors, real.vectors)).mean()) < 0.05
    assert abs(np.diag(cosines(other.vectors, apart.vectors)).mean()) < 0.05  # genes and paths of one seed


def test_without_a_text_nothing_is_drawn():
    one = embedding(1)
    assert not one.has_text.any()
    for kind in ("zero", "random", "permuted"):
        assert not controlled(one, kind, 0).vectors.any()


def test_random_depends_on_text_and_seed_alone():
    encoder = RandomEncoder(64, seed=1)
    first = encoder.encode(["a", "b"])
    second = RandomEncoder(64, seed=1).encode(["c", "b", "a"])
    np.testing.assert_array_equal(first, second[[2, 1]])
    assert first.dtype == np.float32
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first, RandomEncoder(64, seed=2).encode(["a", "b"]))


def test_random_is_standard_normal():
    vectors = RandomEncoder(128, seed=0).encode([f"text {i}" for i in range(200)])
    assert abs(vectors.mean()) < 0.02
    assert abs(vectors.var() - 1) < 0.02


def test_zero_of_control_encoders():
    assert ZeroEncoder(8).encode(["a", "b"]).tolist() == [[0.0] * 8] * 2


def test_versions_differ():
    versions = {RandomEncoder(8, 0).version(), RandomEncoder(8, 1).version(), RandomEncoder(9, 0).version()}
    assert len(versions | {ZeroEncoder(8).version()}) == 4
