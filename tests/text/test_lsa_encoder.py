import numpy as np
import pytest

from pathlore.errors import PathloreError
from pathlore.text.lsa_encoder import LsaEncoder

TEXTS = [
    "interferon receptor signaling kinase",
    "interferon receptor of the membrane",
    "collagen fibre matrix",
    "collagen matrix protein kinase",
    "the of and",
]


def test_unit_rows_of_the_width_asked_for():
    vectors = LsaEncoder(16, seed=0).encode(TEXTS)
    assert vectors.shape == (5, 16)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 1, 1, 1, 0], atol=1e-6)
    assert not vectors[:, 4:].any()  # min(N, V) - 1 = 4 dimensions, the others are padding


def test_like_texts_are_near():
    vectors = LsaEncoder(3, seed=0).encode(TEXTS)
    likeness = vectors @ vectors.T
    assert likeness[0, 1] > likeness[0, 2]
    assert likeness[2, 3] > likeness[1, 2]


def test_deterministic_whatever_the_global_seed():
    texts = [f"word{i} word{i % 7} gene{i % 5} protein{i % 3}" for i in range(200)]
    np.random.seed(1)  # noqa: NPY002
    first = LsaEncoder(20, seed=3).encode(texts)
    np.random.seed(2)  # noqa: NPY002
    np.testing.assert_array_equal(first, LsaEncoder(20, seed=3).encode(texts))


def test_matches_an_exact_decomposition():
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(TEXTS).toarray()
    u, s, _ = np.linalg.svd(words, full_matrices=False)
    expected = (u * s)[:, :3]
    lengths = np.linalg.norm(expected, axis=1, keepdims=True)
    expected = np.divide(expected, lengths, where=lengths > 0, out=np.zeros_like(expected))
    vectors = LsaEncoder(3, seed=0).encode(TEXTS)
    np.testing.assert_allclose(vectors @ vectors.T, expected @ expected.T, atol=1e-5)


@pytest.mark.parametrize("texts", [["one text only"], ["the", "of"], ["kinase", "kinase"]])
def test_too_little_to_decompose(texts):
    with pytest.raises(PathloreError, match=r"cannot be decomposed.*text_embedding\.encoder\.kind"):
        LsaEncoder(4, seed=0).encode(texts)
